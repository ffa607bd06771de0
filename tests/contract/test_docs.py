"""The reference pages against the tables that they describe.

Between ``<!-- table: … -->`` and ``<!-- end -->`` a page shows what the code says; all else on
it is written by hand, and so are the last column of the tables that explain and who may call a
route. ``python -m tests.contract.test_docs`` writes those parts anew after a table has
changed; then the places that still say ``…`` are to be filled in.
"""

import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.contract import line_tables, route_tables
from tests.contract.route_tables import UNWRITTEN

from trastienda import config
from trastienda.cli import main
from trastienda.domain.events import SUBJECT_OF
from trastienda.files.imports import past_sales
from trastienda.files.imports import products as product_files
from trastienda.files.imports.detection import detect_kind
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables import column_names
from trastienda.servers.http.app import ROUTES
from trastienda.wire import (
    audit,
    names,
    people,
    products,
    sales,
    verification,
)

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
VENDORED = ROOT / "src" / "trastienda" / "servers" / "http" / "static" / "VENDORED.md"

_BLOCK = re.compile(
    r"(<!-- (table|route|shape): ([^>]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL
)
_LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)

# Named in the prose of pages, and not there yet.
COMMANDS_TO_COME: set[str] = set()


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), VENDORED])


# What the code says, as rows whose last cell is written by hand where the heading ends with ``*``.


def _settings() -> Iterator[tuple[str, ...]]:
    flags = {parameter.name for parameter in main.commands["serve"].params}
    yield "variable", "flag", "default", "meaning*"
    for setting in config.SETTINGS:
        default = (
            "—"
            if setting.default in {None, ()}
            else f"`{setting.default}`".replace(str(Path.home()), "~")
        )
        flag = f"`--{setting.name.replace('_', '-')}`" if setting.name in flags else "—"
        yield f"`{setting.variable}`", flag, default, ""


def _events() -> Iterator[tuple[str, ...]]:
    yield "kind", "subject", "what has happened, and who may hear of it*"
    for kind, subject in SUBJECT_OF.items():
        yield f"`{kind}`", f"`{subject.__name__}`", ""


def _dictionary(
    heading: tuple[str, str], words: dict[Any, Any]
) -> Callable[[], Iterator[tuple[str, ...]]]:
    def rows() -> Iterator[tuple[str, ...]]:
        yield heading
        for house, wire in words.items():
            yield f"`{house}`", f"`{wire}`"

    return rows


def _nouns() -> Iterator[tuple[str, ...]]:
    yield "table", "a row is"
    for table, noun in verification.TABLES.items():
        yield f"`{table}`", noun


TABLES: dict[str, Callable[[], Iterator[tuple[str, ...]]]] = {
    "settings": _settings,
    "events": _events,
    "dictionary": _dictionary(("in the house", "on the wire"), names.FIELDS),
    "roles": _dictionary(("role", "`tipo`"), people.TIPOS),
    "methods": _dictionary(("method", "`medio`"), sales.MEDIOS),
    "causes": _dictionary(("cause", "`causa`"), products._CAUSES),
    "units": _dictionary(
        ("unit", "`unidad`"),
        {unit.name.lower(): name for unit, name in products._UNIDADES.items()},
    ),
    "actions": _dictionary(("action", "`accion`"), audit.ACTIONS),
    "details": _dictionary(("in the trail", "in `detalle`"), audit.DETAIL_WORDS),
    "nouns": _nouns,
    **line_tables.TABLES,
    **route_tables.TABLES,
}


def _by_hand(block: str) -> dict[str, str]:
    """The last cells of the table that stands there, by their first."""
    rows = (
        re.split(r"(?<!\\)\|", line.strip().strip("|"))
        for line in block.splitlines()
        if line.startswith("|")
    )
    return {cells[0].strip(): cells[-1].strip() for cells in rows}


def _table(name: str, before: str) -> str:
    heading, *rows = TABLES[name]()
    by_hand = _by_hand(before)
    lines = [heading, tuple("---" for _ in heading), *rows]
    if heading[-1].endswith("*"):
        written = [(*row[:-1], by_hand.get(row[0]) or UNWRITTEN) for row in rows]
        lines = [
            (*heading[:-1], heading[-1].rstrip("*")),
            tuple("---" for _ in heading),
            *written,
        ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


_RENDER: dict[str, Callable[[str, str], str]] = {
    "table": _table,
    "route": route_tables.route_line,
    "shape": lambda name, before: route_tables.shape_table(name),
}


def rendered(text: str) -> str:
    """The page as it should be."""
    return _BLOCK.sub(
        lambda block: block[1] + _RENDER[block[2]](block[3], block[4]) + block[5], text
    )


def blocks(kind: str) -> list[str]:
    return [
        block[3]
        for page in pages()
        for block in _BLOCK.finditer(page.read_text("utf-8"))
        if block[2] == kind
    ]


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """The names under which a page's headings can be linked."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_a_page_shows_what_the_code_says(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text == rendered(text), "run: python -m tests.contract.test_docs"


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_no_cell_is_left_to_be_filled_in(page: Path) -> None:
    assert [
        line
        for line in page.read_text("utf-8").splitlines()
        if line.endswith(f"| {UNWRITTEN} |") or line.startswith(f"**for** {UNWRITTEN}")
    ] == []


def test_every_route_has_a_section() -> None:
    assert sorted(blocks("route")) == sorted(
        f"{route.method} {route.path}" for route in ROUTES
    )


def test_every_shape_has_a_table() -> None:
    assert sorted(blocks("shape")) == sorted(route_tables.SHAPES)


def test_every_table_stands_on_one_page() -> None:
    assert sorted(blocks("table")) == sorted(TABLES)


def test_every_setting_that_a_page_names_exists() -> None:
    known = {setting.variable for setting in config.SETTINGS}
    named = {
        (page.name, word)
        for page in pages()
        for word in re.findall(r"TRASTIENDA_[A-Z_]+\b", page.read_text())
    }
    assert {(page, word) for page, word in named if word not in known} == set()


def test_every_route_that_a_page_names_exists() -> None:
    known = {f"{route.method} {route.path}" for route in ROUTES}
    named = {
        (page.name, call)
        for page in pages()
        for call in re.findall(r"`((?:GET|POST|PUT|DELETE) /[^\s`?]*)", prose(page))
    }
    before = {
        f"{route.method} {route.path}".replace("{", "<").replace("}", ">")
        for route in ROUTES
    }
    assert {(page, call) for page, call in named if call not in known | before} == set()


def test_every_command_that_a_page_names_exists() -> None:
    shells = [
        (page.name, block)
        for page in pages()
        for block in re.findall(
            r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
    ]
    command = re.compile(r"^(?:\S*bin/)?trastienda ([a-z]+)", re.MULTILINE)
    typed = {(page, word) for page, block in shells for word in command.findall(block)}
    assert {(page, word) for page, word in typed if word not in main.commands} == set()


def test_the_files_on_the_import_page_can_be_imported(tmp_path: Path) -> None:
    page = (DOCS / "import.md").read_text("utf-8")
    options = ImportOptions(
        exponent=0, time_zone=ZoneInfo("America/Santiago"), date_order="dmy"
    )
    readers: dict[str, Callable[[Path, ImportOptions], Any]] = {
        column_names.PRODUCTS: product_files.read,
        column_names.PAST_SALES: past_sales.read,
    }
    kinds = []
    for number, block in enumerate(
        re.findall(r"^```csv\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    ):
        file = tmp_path / f"{number}.csv"
        file.write_text(block, "utf-8")
        kinds.append(detect_kind(file, options))
        with readers[kinds[-1]](file, options) as read:
            assert [row.reason for row in read.refused] == []
            assert read.total_rows == len(block.splitlines()) - 1
    assert kinds == [column_names.PRODUCTS, column_names.PAST_SALES]


def test_commands_announced_for_later_do_not_exist_yet() -> None:
    assert COMMANDS_TO_COME & main.commands.keys() == set(), (
        "say on its page that it is there, and take it off"
    )


def test_every_link_leads_somewhere() -> None:
    broken = []
    for page in pages():
        for target in _LINK.findall(prose(page)):
            if "://" in target:
                continue
            file, _, anchor = target.partition("#")
            there = (page.parent / file).resolve() if file else page
            if not there.exists() or (anchor and anchor not in anchors(there)):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        links = (
            target.partition("#")[0]
            for target in _LINK.findall(prose(page))
            if "://" not in target
        )
        waiting += [(page.parent / link).resolve() for link in links if link]
    assert [page.name for page in pages() if page not in reached] == []


def test_decisions_are_numbered_without_gaps_and_have_the_same_parts() -> None:
    records = sorted((DOCS / "decisions").glob("[0-9]*.md"))
    assert [record.name[:4] for record in records] == [
        f"{number:04}" for number in range(1, len(records) + 1)
    ]
    parts = ["Context", "Options", "Decision", "Consequences"]
    strange = {
        record.name: found
        for record in records
        if (found := re.findall(r"^## (.+)$", record.read_text("utf-8"), re.MULTILINE))
        != parts
    }
    assert strange == {}


def test_vendored_files_have_the_listed_hashes() -> None:
    listed = dict(
        re.findall(
            r"^\| `([^`]+)` \| `([0-9a-f]{64})` \|",
            VENDORED.read_text("utf-8"),
            re.MULTILINE,
        )
    )
    own = {"VENDORED.md", "docs.html", "docs.js", "home.html"}
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDORED.parent.iterdir()
    }
    assert listed == {name: digest for name, digest in there.items() if name not in own}


def test_vendored_files_have_the_listed_version() -> None:
    version = re.search(r"swagger-ui-dist ([0-9.]+[0-9])", VENDORED.read_text("utf-8"))
    assert version is not None
    assert f'PACKAGE_VERSION:"{version[1]}"' in (
        VENDORED.parent / "swagger-ui-bundle.js"
    ).read_text("utf-8")


def write() -> None:
    """Write the tables of every page anew."""
    for page in pages():
        before = page.read_text("utf-8")
        after = rendered(before)
        if after != before:
            page.write_text(after, "utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")


if __name__ == "__main__":
    write()
