"""A large export: it takes little memory, and a killed one leaves no file."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.harness.books import OPENING_DAY_MS, TestShop
from tests.harness.shell import environment
from tests.harness.waiting import PATIENCE_S

from trastienda.actions import past_sales
from trastienda.domain.past_sales import PastDocument, PastGood, PastLine, in_chunks
from trastienda.domain.people import SHELL

SALES, LINES = 12_500, 8
CEILING_MB = 75
"""What the process may come to hold. The command by itself comes to 47 MB, with this
shop to 55; all of these sales held at once make it 95."""
MEASURED = """
import re, resource, sys
from pathlib import Path
from trastienda.cli import main
try:
    main(sys.argv[1:])
finally:
    status = Path("/proc/self/status")
    if status.exists():  # what rusage tells there begins with what the parent held
        peak = int(re.search(r"VmHWM:\\s+([0-9]+) kB", status.read_text())[1])
    else:
        unit = 1024 if sys.platform == "darwin" else 1
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // unit
    print("peak", peak // 1024)
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hundred thousand lines sold."""
    folder = tmp_path_factory.mktemp("long")
    shop = TestShop(folder / "trastienda.db")
    goods = {
        str(number): PastGood(str(number), f"Cosa {number}", 1990)
        for number in range(LINES)
    }
    lines = tuple(
        PastLine(code, good.name, 1000, 1990, 1990) for code, good in goods.items()
    )
    documents = (
        PastDocument(
            number=str(sale_number),
            is_return=False,
            at_ms=OPENING_DAY_MS + sale_number * 1000,
            lines=lines,
        )
        for sale_number in range(1, SALES + 1)
    )
    for chunk in in_chunks(documents):
        shop.do(
            lambda transaction, chunk=chunk: past_sales.import_documents(
                transaction, SHELL, chunk, goods
            )  # type: ignore[misc]
        )
    return folder


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_a_hundred_thousand_lines_need_little_memory(
    data: Path, tmp_path: Path, form: str
) -> None:
    file = tmp_path / f"ventas.{form}"
    command = [
        sys.executable,
        "-c",
        MEASURED,
        "export",
        str(file),
        "--what",
        "ventas",
        "--data",
        str(data),
    ]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
        env=environment(),
        cwd=tmp_path,
    )
    assert file.stat().st_size > 1_000_000
    peak_mb = int(done.stdout.split("peak")[1])
    assert peak_mb < CEILING_MB


@pytest.mark.parametrize("before", [None, "lo de antes"])
def test_a_killed_export_leaves_no_half_file(
    data: Path, tmp_path: Path, before: str | None
) -> None:
    file = tmp_path / "ventas.csv"
    if before is not None:
        file.write_text(before)
    command = [
        sys.executable,
        "-m",
        "trastienda",
        "export",
        str(file),
        "--what",
        "ventas",
        "--data",
        str(data),
    ]
    with subprocess.Popen(
        [*command, "--force"], env=environment(), cwd=tmp_path, stdout=subprocess.PIPE
    ) as process:
        until = time.monotonic() + PATIENCE_S
        while not any(path.stat().st_size for path in tmp_path.glob(".ventas.csv.*")):
            assert time.monotonic() < until
            assert process.poll() is None, "too fast to be killed"
            time.sleep(0.001)
        process.kill()
        process.wait(PATIENCE_S)
    assert (file.read_text() if file.exists() else None) == before
