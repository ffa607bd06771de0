"""Commands where the system gives little memory: they serve, or end in a sentence."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from tests.harness.shell import COMMAND, LINES_OFF, environment
from tests.harness.waiting import PATIENCE_S

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere the limit means something else"
)
LIMITS_MB = [200, 300, 400]
NOT_ENOUGH = "no hay memoria suficiente"


def run(
    limit_mb: int,
    *arguments: str,
    folder: Path,
) -> subprocess.CompletedProcess[str]:
    """Run a command in so much address space; a server ends at once, as it is told to."""

    def limit() -> None:
        limit_bytes = limit_mb << 20
        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))

    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        env=environment(),
        input="salir\n",
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
        preexec_fn=limit,
    )


@pytest.mark.parametrize("limit_mb", LIMITS_MB)
@pytest.mark.parametrize("command", ["serve", "demo", "verify", "import"])
def test_little_memory_ends_in_a_sentence(
    tmp_path: Path, command: str, limit_mb: int
) -> None:
    if command in {"serve", "demo"}:
        arguments = [command, "--port", "0", *LINES_OFF]
    elif command == "import":
        file = tmp_path / "lista.csv"
        file.write_text("codigo;nombre;precio\nA1;Miel;990\n")
        arguments = [command, "--dry-run", str(file)]
    else:
        arguments = [command]

    ended = run(limit_mb, *arguments, folder=tmp_path)

    said = ended.stdout + ended.stderr
    has_served = "Para detener" in ended.stdout
    # A shop that serves may log what found no memory, and goes on.
    assert has_served or "Traceback" not in said
    if ended.returncode != 0:
        assert ended.returncode == 1, said
        sentence = ended.stderr.strip().splitlines()[-1]
        assert sentence.startswith("trastienda: "), said
