"""A real terminal: a program under tmux, typed into and looked at."""

import itertools
import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable
from typing import Self

import pytest
from tests.harness.waiting import PATIENCE_S

NEEDS_TMUX = pytest.mark.skipif(
    not shutil.which("tmux"), reason="needs tmux (Debian: tmux)"
)
PAST_LINES = 3000
_sockets = itertools.count(1)


class Terminal:
    """A terminal of a size, with a program in it, closed with the block."""

    def __init__(self, *command: str, columns: int = 80, lines: int = 24) -> None:
        self._socket = f"trastienda-{os.getpid()}-{next(_sockets)}"
        self._command = command
        self._size = (columns, lines)

    def __enter__(self) -> Self:
        columns, lines = self._size
        size = ["-x", str(columns), "-y", str(lines)]
        # The pane stays when the program has ended, to be looked at.
        shown = f"{shlex.join(self._command)}; echo FIN=$?; sleep 600"
        self._tmux("-f", "/dev/null", "new-session", "-d", *size, shown)
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server")

    def type(self, *keys: str) -> None:
        """Press keys, as tmux names them; a text is typed as it is."""
        self._tmux("send-keys", *keys)

    def enter(self, text: str) -> None:
        """Type a line."""
        self._tmux("send-keys", "-l", text)
        self._tmux("send-keys", "Enter")

    def text(self, *, past: bool = False, colours: bool = False) -> str:
        """What is to be seen; with what has scrolled away as well, or with its colours."""
        start = ["-S", f"-{PAST_LINES}"] if past else []
        escapes = ["-e"] if colours else []
        return self._tmux("capture-pane", "-p", *start, *escapes)

    def wait_for(
        self, wanted: str | Callable[[str], bool], *, past: bool = False
    ) -> str:
        """Wait until it is to be seen; return all that is."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            text = self.text(past=past)
            # No blanks at the end of a line are to be seen.
            if wanted.rstrip(" ") in text if isinstance(wanted, str) else wanted(text):
                return text
            assert time.monotonic() < deadline, text
            time.sleep(0.05)

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-u", "-L", self._socket, *arguments]
        environment = os.environ | {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=True
        )
        return done.stdout
