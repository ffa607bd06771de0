"""A shell: commands of ``trastienda``, run to their end."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.harness import prefork
from tests.harness.waiting import PATIENCE_S

COMMAND = (sys.executable, "-m", "trastienda")
LINES_OFF = ("--inventory-port", "0", "--chat-port", "0")
"""Arguments of a server that leaves the usual line ports alone: it takes any that are free."""


def environment(settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of a shop: this one without its settings, and ``settings``
    (without their prefix)."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TRASTIENDA_", "SECRET_KEY"))
    }
    own = {
        f"TRASTIENDA_{name.upper()}": value for name, value in (settings or {}).items()
    }
    return clean | own


def shell(
    *arguments: str | Path,
    cwd: Path,
    typed: str = "",
    settings: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run one command of ``trastienda`` to its end; a server among them leaves the usual line
    ports alone."""
    words = [*map(str, arguments)]
    if words[:1] == ["serve"] and "--inventory-port" not in words:
        words += LINES_OFF
    return prefork.run(
        words, cwd=cwd, env=environment(settings), typed=typed, timeout_s=PATIENCE_S
    )
