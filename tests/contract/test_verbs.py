"""The words of the code: a verb means one thing, and names are nouns of the field."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.contract.source import PACKAGE, ROOT, functions, modules

NOWHERE = "nowhere"
RIDDLES = {"found", "given", "it", "kept", "meant", "one", "shown", "told"}
"""Names that leave the reader to guess what is meant."""

OTHER_WORDS = {
    "log_in",
    "log_out",
    "report_days",
    "report_out",
    "report_sheets",
}
"""Functions that begin like a verb of the table and are another word: the log-in, a report of
sales."""


def rooms_by_verb() -> dict[str, set[str]]:
    """The table of verbs in CONTRIBUTING: in which rooms a function may be named so."""
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    table = page.partition("<!-- verbs -->")[2].partition("<!-- end -->")[0]
    rooms: dict[str, set[str]] = {}
    for row in re.findall(r"^\| (.+?) \| .+? \| (.*?) ?\|$", table, re.MULTILINE):
        verbs, places = row
        for verb in verbs.split(" · "):
            rooms[verb] = set(places.split(", ")) if places else set()
    return {verb: places for verb, places in rooms.items() if verb.isalpha()}


def room_of(path: Path) -> str:
    """The folder of the package that a module stands in, or the module's own name."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def source() -> Iterator[tuple[Path, ast.Module]]:
    for path, tree in modules():
        if path.is_relative_to(PACKAGE):
            yield path, tree


def verb_of(name: str) -> str:
    """The first word of a function's name; empty for a name that Python gives a meaning."""
    return "" if name.startswith("__") else name.strip("_").partition("_")[0]


def names_stored(tree: ast.AST) -> Iterator[str]:
    """The variables and parameters of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def test_the_table_of_verbs_is_read() -> None:
    rooms = rooms_by_verb()
    assert rooms["settle"] >= {"actions", "domain"}
    assert rooms["close"] == set()
    assert rooms["tell"] == {NOWHERE}


def test_a_function_is_named_with_a_verb_only_where_the_verb_belongs() -> None:
    rooms = rooms_by_verb()
    strays = set()
    for path, tree in source():
        for function in functions(tree):
            allowed = rooms.get(verb_of(function.name), set())
            if (
                allowed
                and room_of(path) not in allowed
                and function.name not in OTHER_WORDS
            ):
                strays.add(f"{room_of(path)}: {function.name}")
    assert strays == set()


def test_only_actions_emit() -> None:
    callers = {
        room_of(path)
        for path, tree in source()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "emit"
    }
    assert callers == {"actions"}


def test_no_variable_and_no_parameter_is_a_riddle() -> None:
    counts = Counter(
        name for _, tree in source() for name in names_stored(tree) if name in RIDDLES
    )
    assert counts == Counter()
