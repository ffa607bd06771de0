"""The pages of a shopkeeper, in Spanish: what they tell to type works, in their order."""

import re
import shutil
from pathlib import Path

import pytest
from tests.contract.test_readme import Block, blocks, serving, typed

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "es"
ORDER = (
    "instalar",
    "primer-dia",
    "importar",
    "imprimir",
    "copias",
    "telefono",
    "terminal",
    "ventana",
)
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")

pytestmark = pytest.mark.skipif(not shutil.which("sh"), reason="needs sh")


def steps(mark: str) -> list[Block]:
    """The blocks of a mark on all pages, in the order in which they are read."""
    return [
        step
        for name in ORDER
        for step in blocks(PAGES / f"{name}.md")
        if step.mark == mark
    ]


def test_the_pages_are_all_in_order() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(ORDER)


def test_a_shopkeeper_can_type_what_the_pages_say(tmp_path: Path) -> None:
    (serve,) = steps("serve")
    with serving(serve.text.split(), tmp_path):
        for step in steps("run"):
            typed([step], tmp_path)
    assert (tmp_path / "mitienda").is_dir()
    assert "tcp://192.168.1.50:9100" in (tmp_path / "ajustes.txt").read_text("utf-8")
    for step in steps("stopped"):
        typed([step], tmp_path)


@pytest.mark.parametrize("name", ORDER)
def test_every_link_of_a_page_leads_somewhere(name: str) -> None:
    page = PAGES / f"{name}.md"
    for target in _LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("readme", ["README.md", "README.es.md"])
def test_every_page_is_linked_from_the_readme(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")
    for name in ORDER:
        assert f"docs/es/{name}.md" in text
