"""The files of the project, and its Python taken apart."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "trastienda"

MIGRATIONS = "src/trastienda/storage/migrations/versions/"
"""A migration stays as it was written on its day."""


@cache
def committed() -> list[Path]:
    """What git keeps or is about to keep; every file, where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        files = [path for path in ROOT.rglob("*") if not _is_hidden(path)]
    return sorted(path for path in files if path.is_file())


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(ROOT).parts)


def name_of(path: Path) -> str:
    """The path from the top of the project."""
    return path.relative_to(ROOT).as_posix()


@cache
def modules() -> list[tuple[Path, ast.Module]]:
    """Every module but the migrations, with its syntax tree."""
    code = [
        path
        for path in committed()
        if path.suffix == ".py" and not name_of(path).startswith(MIGRATIONS)
    ]
    return [(path, ast.parse(path.read_text("utf-8"))) for path in code]


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module, methods too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
