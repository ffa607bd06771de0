"""The page about the SDK: its examples run in order against a sample shop."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.harness.server import ServerProcess
from tests.harness.shell import COMMAND, LINES_OFF

from trastienda.clients.sdk import Client, errors
from trastienda.clients.sdk.client import Methods

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE, ROUTES_PAGE = DOCS / "sdk.md", DOCS / "http-api.md"
PRINTED_ADDRESS = "http://127.0.0.1:5000"
_FENCED = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[str]:
    """The address of a sample shop."""
    command = [*COMMAND, "demo", "--port", "0", *LINES_OFF]
    with ServerProcess(command, files=tmp_path / "demo", cwd=tmp_path) as process:
        url = re.search(r"http://127\.0\.0\.1:\d+", process.wait_until_ready().output)
        assert url is not None
        yield url[0]
        assert process.stop() == 0


def test_the_examples_of_the_page_run(
    demo: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text("utf-8")
    known: dict[str, Any] = {"__name__": "sdk"}
    for block in _FENCED.finditer(text):
        line = text.count("\n", 0, block.start(1))
        code = "\n" * line + block[1].replace(PRINTED_ADDRESS, demo)
        exec(compile(code, str(PAGE), "exec"), known)
    printed = capsys.readouterr().out
    assert " 9980 20\n" in printed
    assert "7804567000014 100 " in printed
    assert "['no-such-code']" in printed
    assert "{'precio': " in printed
    assert printed.count("True\n") == 1
    assert "heard venta 4990" in printed
    assert "count again" not in printed
    assert "nobody knows" not in printed
    assert Path("boleta.pdf").read_bytes().startswith(b"%PDF")


def test_the_page_and_that_of_the_routes_name_every_method_and_every_error() -> None:
    text = PAGE.read_text("utf-8") + ROUTES_PAGE.read_text("utf-8")
    words = set(re.findall(r"`(\w+)`", text))
    methods = {name for name in dir(Methods) if not name.startswith("_")}
    methods |= {"log_in", "log_out"}
    assert methods <= words
    kinds = {name for name in vars(errors) if isinstance(getattr(errors, name), type)}
    assert {
        name for name in kinds if issubclass(getattr(errors, name), errors.ShopError)
    } <= words
    assert all(hasattr(Client, name) for name in methods)
