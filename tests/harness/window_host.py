"""The desktop program as it is, with a hole to look through: each line of its input is the
number of a window and an expression, in JSON, and is answered with its value.

``python -m tests.harness.window_host SCREEN HOST PORT MEMORY``
"""

import json
import queue
import sys
import threading
import tkinter as tk
import traceback
from pathlib import Path
from tkinter import ttk
from types import TracebackType
from typing import Any

from trastienda.clients.lines import Address
from trastienda.clients.window.running import Program

LOOK_MS = 5


class Hole:
    """What is asked of the program from outside, answered in Tk's thread."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._faults: list[str] = []
        self._asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        program.root.report_callback_exception = self._note
        threading.Thread(target=self._read, daemon=True).start()
        self._look()

    def _note(
        self,
        kind: type[BaseException],
        error: BaseException,
        where: TracebackType | None,
    ) -> None:
        self._faults.append("".join(traceback.format_exception(kind, error, where)))

    def _read(self) -> None:
        for line in sys.stdin:
            self._asked.put(line)
        self._asked.put("")

    def _look(self) -> None:
        self._program.root.after(LOOK_MS, self._look)
        while not self._asked.empty():
            line = self._asked.get()
            if not line:
                self._program.root.quit()
                return
            number, expression = json.loads(line)
            try:
                answer = {"value": self._value(number, expression)}
            except Exception as error:
                answer = {"error": repr(error)}
            print(json.dumps(answer, default=str), flush=True)  # noqa: T201

    def _value(self, number: int, expression: str) -> Any:
        window = self._program.windows[number]
        names = {
            "program": self._program,
            "windows": self._program.windows,
            "window": window,
            "chat": window.pages and window.pages.chat,
            "faults": self._faults,
            "cut": cut,
        }
        return eval(expression, names)


def cut(widget: tk.Misc) -> list[str]:
    """The words that have less room than they take."""
    short = [
        str(child.cget("text"))
        for child in widget.winfo_children()
        if isinstance(child, ttk.Label | ttk.Button)
        and child.winfo_ismapped()
        and child.winfo_width() < child.winfo_reqwidth()
    ]
    inner = [child for child in widget.winfo_children() if child.winfo_ismapped()]
    return short + [words for child in inner for words in cut(child)]


def main() -> None:
    screen, host, port, memory = sys.argv[1:]
    program = Program(Address(host, int(port)), Path(memory), screen=screen)
    Hole(program)
    program.root.mainloop()
    program.end()


if __name__ == "__main__":
    main()
