"""Claim: the window stands within half a second, and scrolls a long talk as a short one.

    python benchmarks/window.py [--quick]

Fresh processes, the disk's cache warm, on a screen that nobody sees: from the start of
the interpreter to the window drawn, and to the terminal client's prompt loaded; in turn
with them the bare interpreter, and an empty window of Tk. Then a page up and a page down
in a talk of a few messages and in one of ten thousand, each drawn.
"""

import shutil
import subprocess
import sys
import time
import tkinter as tk
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import options
import servers
from tables import failed_row, spread, table
from trastienda.clients.window.styles import Styles
from trastienda.clients.window.talk_view import TalkView
from trastienda.clients.window.talks import Message, Talk
from trastienda.clients.window.theme import Theme
from trials import Trials, run

FULL = {"rounds": 10, "messages": 10_000, "pages": 100}
QUICK = {"rounds": 3, "messages": 10_000, "pages": 20}
FEW = 100
SIZE = "1180x720"
WARM_UP_PAGES = 10
STARTS = {
    "bare interpreter": "pass",
    "an empty window of Tk": (
        "import tkinter; root = tkinter.Tk(screenName=sys.argv[1]); root.update()"
    ),
    "trastienda gui, drawn": (
        "import pathlib, trastienda.cli\n"
        "from trastienda.clients.lines import Address\n"
        "from trastienda.clients.window.running import Program\n"
        "memory = pathlib.Path('nothing.json')\n"
        "program = Program(Address('127.0.0.1', 1), memory, screen=sys.argv[1])\n"
        "program.root.update()"
    ),
    "trastienda chat, its prompt loaded": (
        "import trastienda.cli, trastienda.clients.terminal.running\n"
        "import trastienda.clients.terminal.prompt"
    ),
}
COLUMNS = ("", "median ms", "least", "most")


def main() -> int:
    """Run the rounds and print what they came to; return 1 where there is no screen."""
    arguments = options.parse(__doc__, FULL, QUICK)
    servers.on_client_core()
    times: Trials[str, float] = Trials()
    with screen() as name:
        for code in STARTS.values():
            start(code, name)  # what is compiled once only
        for _ in range(arguments.rounds):
            for what, code in STARTS.items():
                times.attempt(what, partial(start, code, name))
        scrolls = {
            count: scroll(name, count, arguments.pages)
            for count in (FEW, arguments.messages)
        }
    rows = []
    for what in STARTS:
        if what in times.failures:
            rows.append(failed_row(what, reason=times.failures[what], columns=COLUMNS))
            continue
        runs_ms = [seconds * 1e3 for seconds in times.measured(what)]
        rows.append((what, *spread(runs_ms)))
    table(f"Start, {arguments.rounds} fresh processes each", COLUMNS, rows)
    paged = [
        (f"a talk of {count}", *spread(runs_ms)) for count, runs_ms in scrolls.items()
    ]
    table(f"A page of a talk, {arguments.pages} up and down", COLUMNS, paged)
    return 1 if times.failures else 0


@contextmanager
def screen() -> Iterator[str]:
    """Start a screen and yield its name."""
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        sys.exit("This benchmark needs Xvfb (Debian: xvfb).")
    command = [
        xvfb,
        "-displayfd",
        "1",
        "-screen",
        "0",
        f"{SIZE}x24",
        "-nolisten",
        "tcp",
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        yield f":{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.communicate()


def start(code: str, name: str) -> float:
    """Return the seconds that an interpreter takes for ``code``; tidying up is no start."""
    began = time.perf_counter()
    whole = f"import os, sys\n{code}\nos._exit(0)"
    subprocess.run([sys.executable, "-c", whole, name], check=True)
    return time.perf_counter() - began


def scroll(name: str, count: int, pages: int) -> list[float]:
    """Return the milliseconds of each page, up and down in a talk."""
    root = tk.Tk(screenName=name)
    root.geometry(f"{SIZE}+0+0")
    theme = Theme(root, is_dark=False, zoom=1.0)
    Styles(root, theme)
    talk = Talk("general", is_private=False)
    view = TalkView(root, theme, want_older=lambda: None, open_menu=lambda *_: None)
    view.pack(fill="both", expand=True)
    view.show(talk, "ana")
    root.update()
    for seq in range(1, count + 1):
        text = f"mensaje número {seq} de una conversación larga en la tienda"
        message = Message(
            author=f"a{seq % 7}", text=text, at=datetime.now(UTC), seq=seq
        )
        view.note_added(talk.add(message))
    root.update()

    runs_ms = []
    for page in range(pages + WARM_UP_PAGES):
        began = time.perf_counter()
        view.text.yview_scroll(-1 if page % 8 < 4 else 1, "pages")
        root.update()
        if page >= WARM_UP_PAGES:
            runs_ms.append((time.perf_counter() - began) * 1e3)
    root.destroy()
    return runs_ms


if __name__ == "__main__":
    run(main)
