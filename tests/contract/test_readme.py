"""The README as a newcomer uses it: what it tells to type is typed, and what it shows is
compared with what comes."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.harness.server import ServerProcess, free_port

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
INTEGRITY = ROOT / "docs" / "integrity.md"
EVENTS = ROOT / "docs" / "events.md"

PRINTED_ADDRESS = "http://127.0.0.1:5000"
TYPED_PASSWORD = "una clave de Ana"
BLOCK_S = 60

# What differs from run to run: its kind is compared, not its value.
VOLATILE = {
    "canonico",
    "desde",
    "fecha",
    "folio",
    "hash",
    "hash_anterior",
    "hasta",
    "id",
    "id_devolucion",
    "id_venta",
    "referencia",
    "sha256",
    "siguiente",
}

_FENCED = re.compile(
    r"(?:^<!-- (run|serve|stopped) -->\n)?^```(\w+)\n(.*?)^```$",
    re.DOTALL | re.MULTILINE,
)

pytestmark = pytest.mark.skipif(
    not (shutil.which("sh") and shutil.which("curl")), reason="needs sh and curl"
)


class Block(NamedTuple):
    """Something to type, and what is shown to come of it."""

    mark: str
    language: str
    text: str
    shown_as: str = ""
    shown: str = ""


def blocks(page: Path) -> list[Block]:
    """The marked blocks of a page, each with the block of output behind it."""
    found: list[Block] = []
    before: Block | None = None
    for mark, language, text in _FENCED.findall(page.read_text("utf-8")):
        if mark:
            found.append(Block(mark, language, text))
        elif before is not None and before.mark and language in {"json", "text"}:
            found[-1] = before._replace(shown_as=language, shown=text)
        before = found[-1] if mark else None
    return found


@contextmanager
def serving(command: list[str], folder: Path) -> Iterator[str]:
    """Run a server as it is typed, on a free port, and give its address."""
    port = free_port()
    with ServerProcess(
        command,
        files=folder / f"server-{port}",
        cwd=folder,
        variables=environment(port),
    ) as server:
        server.wait_until_ready()
        address = f"http://127.0.0.1:{port}"
        assert address in server.output
        yield address
        assert server.stop() == 0


def environment(port: int) -> dict[str, str]:
    """That of somebody who has activated the environment, with another port."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TRASTIENDA_")
    }
    here = str(Path(sys.executable).parent)
    return plain | {
        "PATH": os.pathsep.join((here, plain.get("PATH", os.defpath))),
        "PYTHONUTF8": "1",
        "TRASTIENDA_PORT": str(port),
        "TRASTIENDA_INVENTORY_PORT": "0",
        "TRASTIENDA_CHAT_PORT": "0",
    }


def typed(steps: list[Block], folder: Path, address: str = "") -> list[str]:
    """Type the blocks into one shell; return what each printed."""
    script = "".join(
        f"{{\n{step.text.replace(PRINTED_ADDRESS, address)}}} >out-{number} "
        f"2>err-{number}; echo $? >status-{number}\n"
        for number, step in enumerate(steps)
    )
    # T and TOKEN are for whoever goes on from here with another program
    script += 'printf "%s\\n%s" "$T" "$TOKEN" >last\n'
    subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env=environment(0),
        input=TYPED_PASSWORD + "\n",
        text=True,
        timeout=BLOCK_S,
        check=True,
    )
    for number, step in enumerate(steps):
        told = (folder / f"err-{number}").read_text("utf-8")
        assert (folder / f"status-{number}").read_text() == "0\n", step.text + told
    return [
        (folder / f"out-{number}").read_text("utf-8") for number in range(len(steps))
    ]


def alike(shown: Any, found: Any, name: str = "") -> bool:
    """Tell whether what came is what is shown, but for what differs from run to run."""
    if isinstance(shown, dict) and isinstance(found, dict):
        return list(shown) == list(found) and all(
            alike(shown[key], found[key], key) for key in shown
        )
    if isinstance(shown, list) and isinstance(found, list):
        return len(shown) == len(found) and all(map(alike, shown, found))
    return type(shown) is type(found) if name in VOLATILE else shown == found


def compare(step: Block, found: str) -> None:
    if step.shown_as == "json":
        assert alike(json.loads(step.shown), json.loads(found)), (
            f"{step.text}\nshown:\n{step.shown}\ncame:\n{found}"
        )
    elif step.shown_as:
        assert step.shown.strip() == found.strip(), step.text


def test_every_example_of_the_readme_works_as_printed(tmp_path: Path) -> None:
    steps = blocks(README)
    at = next(number for number, step in enumerate(steps) if step.mark == "serve")
    first, serve = steps[:at], steps[at]
    after = [step for step in steps[at + 1 :] if step.mark == "run"]
    stopped = [step for step in steps[at + 1 :] if step.mark == "stopped"]
    with serving(["trastienda", "demo"], tmp_path) as address:
        for step, found in zip(first, typed(first, tmp_path, address), strict=True):
            compare(step, found)
        _check_chain(tmp_path)
    with serving(serve.text.split(), tmp_path) as address:
        for step, found in zip(after, typed(after, tmp_path, address), strict=True):
            compare(step, found)
        replayed = python(EVENTS, tmp_path).splitlines()
        assert [line.split()[0] for line in replayed] == [
            str(n) for n in range(1, len(replayed) + 1)
        ]
    for step, found in zip(stopped, typed(stopped, tmp_path), strict=True):
        compare(step, found)


def test_the_page_in_spanish_has_the_same_examples() -> None:
    assert blocks(README.with_name("README.es.md")) == blocks(README)


def _check_chain(folder: Path) -> None:
    """The check of one's own, from the page about what always holds."""
    address, token = (folder / "last").read_text("utf-8").split("\n")
    assert re.fullmatch(
        r"[0-9]+ registros, unbroken\n",
        python(INTEGRITY, folder, T=address, TOKEN=token),
    )


def python(page: Path, folder: Path, **variables: str) -> str:
    """Run the one example in Python of a page; return what it printed."""
    (step,) = blocks(page)
    run = subprocess.run(
        [sys.executable, "-c", step.text],
        cwd=folder,
        env=environment(0) | variables,
        capture_output=True,
        text=True,
        timeout=BLOCK_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_outputs_are_compared_by_shape_and_by_what_stays() -> None:
    assert alike({"id": 1, "saldo": 8}, {"id": 2, "saldo": 8})
    assert not alike({"id": 1, "saldo": 8}, {"id": 1, "saldo": 9})
    assert not alike({"id": 1}, {"id": None})
    assert not alike({"saldo": 8}, {"saldo": 8, "motivo": None})
    assert not alike([1], [1, 2])
