"""The house itself: its sizes, its names, who imports whom, and what no file of it may say."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.contract.source import PACKAGE, ROOT, committed, functions, modules, name_of

MODULE_LINES_MAX = 400  # what one can still hold in the head; the aim is 200
FUNCTION_LINES_MAX = 70  # a screen; the aim is 25

# Modules that may be longer than others, each with its reason: tables of data, and nothing else.
LONG_TABLES: dict[str, str] = {
    "src/trastienda/storage/schema.py": "the tables of the database, and nothing else",
    "src/trastienda/wire/refusals.py": "the words of each refusal, and nothing else",
}

# Names that say nothing about what is inside.
EMPTY_NAMES = {
    "base",
    "common",
    "helper",
    "helpers",
    "manager",
    "managers",
    "misc",
    "util",
    "utils",
}

# The composition root may import late what is heavy and not always needed. Anything
# else stands here with its reason.
COMPOSITION_ROOT = {"app", "cli", "operations"}
LATE_IMPORTS = {
    "clients/emoji.py": "a large table, and few texts name one",
    "clients/window/emoji_picker.py": "a large table, which only who searches waits for",
    "clients/terminal/running.py": "the prompt, half of a start and of no use to a pipe",
    "servers/http/reports.py": "spreadsheets, which only who asks for one has to wait for",
    "wire/receipts/media.py": "PDF and QR codes, which only who prints has to wait for",
    "storage/database.py": "Alembic takes longer to import than all the rest",
}

# What only one kind of database understands, and the room in which it may be said.
DIALECTS = "src/trastienda/storage/dialects/"
ONE_DATABASE = re.compile(
    r"\bsqlite3\b|\bPRAGMA\b|\bsqlite_\w+|\bjson_each\b|\bfts5\b|BEGIN IMMEDIATE"
)
PLACEHOLDER_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE)\b[^;]*\?", re.DOTALL)

# Pieces are joined here, so that this file itself does not hold what it looks for.
MACHINE_PATHS = ["/" + name + "/" for name in ("work", "root", "Users")]
DOWNLOAD_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("esm", "sh"),
        ("debian", "org"),
        ("ubuntu", "com"),
        ("docker", "io"),
        ("ghcr", "io"),
    )
]

LOCKED = re.compile(
    r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.+!]*( ; [a-z_]+ [!=<>]=? '[^']+'( and .+| or .+)?)? \\"
)
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")


def late_imports(tree: ast.AST) -> list[int]:
    """The lines of imports that stand inside a function."""
    inside = (node for function in functions(tree) for node in ast.walk(function))
    return sorted(
        {
            node.lineno
            for node in inside
            if isinstance(node, ast.Import | ast.ImportFrom)
        }
    )


def texts() -> Iterator[tuple[Path, str]]:
    for path in committed():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path, content.decode("utf-8", errors="replace")


def lines_with(words: list[str]) -> list[str]:
    return [
        f"{name_of(path)}:{number}: {word}"
        for path, text in texts()
        for word in words
        if word in text
        for number, line in enumerate(text.splitlines(), start=1)
        if word in line
    ]


def locks() -> list[Path]:
    return [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]


def pins(lock: Path) -> set[str]:
    return {
        line.rstrip(" \\")
        for line in lock.read_text("utf-8").splitlines()
        if not line.startswith(" ")
    }


def test_no_module_is_longer_than_four_hundred_lines() -> None:
    sizes = {
        name_of(path): len(path.read_text("utf-8").splitlines())
        for path, _ in modules()
    }
    assert {
        name: size
        for name, size in sizes.items()
        if size > MODULE_LINES_MAX and name not in LONG_TABLES
    } == {}


def test_no_function_is_longer_than_seventy_lines() -> None:
    sizes = {
        f"{name_of(path)}:{function.lineno} {function.name}": (function.end_lineno or 0)
        - function.lineno
        + 1
        for path, tree in modules()
        for function in functions(tree)
    }
    assert {
        name: size for name, size in sizes.items() if size > FUNCTION_LINES_MAX
    } == {}


def test_a_module_excused_for_its_length_needs_the_excuse() -> None:
    sizes = {
        name: len((ROOT / name).read_text("utf-8").splitlines()) for name in LONG_TABLES
    }
    assert {
        name: size for name, size in sizes.items() if size <= MODULE_LINES_MAX
    } == {}


def test_every_module_is_named_for_what_is_in_it() -> None:
    named = {
        name_of(path): {path.stem, *path.relative_to(ROOT).parts}
        for path, _ in modules()
    }
    assert [name for name, words in named.items() if words & EMPTY_NAMES] == []


def test_imports_stand_at_the_top_but_at_the_composition_root() -> None:
    hidden = {
        path.relative_to(PACKAGE).as_posix(): lines
        for path, tree in modules()
        if path.is_relative_to(PACKAGE) and (lines := late_imports(tree))
    }
    elsewhere = {
        name: lines
        for name, lines in hidden.items()
        if Path(name).parts[0].partition(".")[0] not in COMPOSITION_ROOT
    }
    assert {
        name: lines for name, lines in elsewhere.items() if name not in LATE_IMPORTS
    } == {}
    assert [name for name in LATE_IMPORTS if name not in elsewhere] == [], (
        "no longer needed here"
    )


def one_database_only(text: str) -> list[str]:
    """What is said in the words of one kind of database, each with its line."""
    found = [
        f"{number}: {match[0]}"
        for number, line in enumerate(text.splitlines(), start=1)
        for match in ONE_DATABASE.finditer(line)
    ]
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if PLACEHOLDER_SQL.search(node.value):
            found.append(f"{node.lineno}: SQL with placeholders")
    return found


def test_only_the_dialects_speak_to_one_kind_of_database() -> None:
    strays = {
        name_of(path): found
        for path, text in texts()
        if path.suffix == ".py"
        and path.is_relative_to(PACKAGE)
        and not name_of(path).startswith(DIALECTS)
        and (found := one_database_only(text))
    }
    assert strays == {}


def test_what_only_one_database_understands_is_recognised() -> None:
    assert one_database_only("import sqlite3") == ["1: sqlite3"]
    assert one_database_only("Index('i', sqlite_where=None)") == ["1: sqlite_where"]
    assert one_database_only("run('PRAGMA user_version')") == ["1: PRAGMA"]
    assert one_database_only("run('UPDATE a SET b = ?')") == [
        "1: SQL with placeholders"
    ]
    assert one_database_only("ask('SELECT', 'why?')") == []


def test_imports_run_one_way() -> None:
    command = [
        str(Path(sys.executable).with_name("lint-imports")),
        "--no-cache",
        "--config",
        "pyproject.toml",
    ]
    checked = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    assert lines_with(MACHINE_PATHS) == []


def test_no_file_names_an_address_to_download_from() -> None:
    assert lines_with(DOWNLOAD_HOSTS) == []


def test_the_locks_hold_versions_markers_and_hashes_only() -> None:
    strange = [
        f"{lock.name}:{number}: {line}"
        for lock in locks()
        for number, line in enumerate(lock.read_text("utf-8").splitlines(), start=1)
        if not (LOCKED.fullmatch(line) or HASH.fullmatch(line))
    ]
    assert strange == []


def test_tests_run_on_the_versions_that_the_shop_runs_on() -> None:
    runtime, development = map(pins, locks())
    assert runtime <= development
