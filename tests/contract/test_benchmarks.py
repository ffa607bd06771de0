"""The benchmarks: each has a quick form, and a server that fails does not end them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BENCHMARKS = ROOT / "benchmarks"
RUN_S = 60
"""Far more than the smallest run of a benchmark takes."""

NGIRCD_THAT_DIES = f"""#!{sys.executable}
import pathlib, re, socket, sys
settings = pathlib.Path(sys.argv[-1]).read_text()
port = int(re.search(r"Ports = (\\d+)", settings)[1])
listener = socket.create_server(("127.0.0.1", port))
members = [listener.accept() for _ in range(9)]
sys.exit("out of memory")
"""


def test_make_bench_runs_benchmarks_that_all_have_a_quick_form() -> None:
    makefile = (ROOT / "Makefile").read_text()
    listed = re.search(r"^BENCHMARKS := (.+)$", makefile, re.MULTILINE)
    assert listed is not None
    for name in listed[1].split():
        source = (BENCHMARKS / f"{name}.py").read_text()
        assert "\nQUICK = {" in source, name


@pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks read /proc")
def test_a_benchmark_names_the_server_that_died_and_measures_the_others(
    tmp_path: Path,
) -> None:
    ngircd = tmp_path / "ngircd"
    ngircd.write_text(NGIRCD_THAT_DIES)
    ngircd.chmod(0o755)
    amounts = "--rounds 1 --seconds 0.1 --sizes 12 --settling 0".split()
    amounts += ["--rooms", "trastienda", "ngircd"]
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "chat.py", *amounts],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=RUN_S,
        check=False,
    )
    evenly_paced = run.stdout.partition("200 messages at once")[0]
    failed = re.search(
        r"^\| ngircd .*\| +failed: (.+?) +\|", evenly_paced, re.MULTILINE
    )
    assert failed is not None
    assert failed[1].startswith("ngircd: ")
    assert failed[1].endswith("it ended with status 1; out of memory")
    measured = re.search(
        r"^\| Trastienda +\| +12 \| +[\d,]+ \|", evenly_paced, re.MULTILINE
    )
    assert measured is not None
    assert run.returncode == 1
