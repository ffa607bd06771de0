"""The desktop program on a screen that nobody sees, with real keys and a real pointer."""

import importlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import pytest
from tests.harness.waiting import PATIENCE_S

TOOLS = ("Xvfb", "xdotool")


def has_tk() -> bool:
    """Whether this Python has Tk, and the system its library."""
    try:
        importlib.import_module("tkinter")
    except ImportError:
        return False
    return True


NEEDS_SCREEN = pytest.mark.skipif(
    not (all(map(shutil.which, TOOLS)) and has_tk()),
    reason="needs Xvfb, xdotool and Tk (Debian: xvfb xdotool python3-tk)",
)
SIZE = "1366x768"


class Screen:
    """A screen of its own, without a window manager."""

    def __init__(self, size: str = SIZE) -> None:
        command = [
            "Xvfb",
            "-displayfd",
            "1",
            "-screen",
            "0",
            f"{size}x24",
            "-nolisten",
            "tcp",
            "-r",  # a key that is held for long on a busy machine is still one
        ]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self.name = f":{self._process.stdout.readline().strip()}"

    def keys(self, *what: str) -> None:
        """Do what xdotool does."""
        subprocess.run(
            ["xdotool", *what],
            check=True,
            timeout=PATIENCE_S,
            env={"DISPLAY": self.name},
            capture_output=True,
        )

    def close(self) -> None:
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE_S)


class Desk:
    """The program, with its first window; whatever fails in it fails the test."""

    def __init__(self, screen: Screen, to: str, memory: Path) -> None:
        host, _, port = to.rpartition(":")
        self._screen = screen
        command = [sys.executable, "-m", "tests.harness.window_host"]
        self._process = subprocess.Popen(
            [*command, screen.name, host, port, str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        self.window = 0
        """Which window is meant."""

    def __enter__(self) -> Self:
        self.until("windows[0].is_asked")
        self.see("windows[0].geometry('1180x720+0+0')")
        self.look_here()
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        is_over = self._process.poll() is not None
        faults = [] if kind or is_over else self.see("faults")
        assert self._process.stdin is not None
        self._process.communicate(timeout=PATIENCE_S)
        assert faults == []

    def ended(self) -> None:
        """Wait until the program has ended by itself."""
        assert self._process.wait(PATIENCE_S) == 0

    def see(self, expression: str) -> Any:
        """The value of an expression in the program, of the ``window`` and the ``chat`` meant."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([self.window, expression]) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        assert "error" not in answer, (expression, answer["error"])
        return answer["value"]

    def until(self, expression: str) -> Any:
        """Wait until an expression is true; return its value."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := self.see(expression)):
            assert time.monotonic() < deadline, expression
            assert self.see("faults") == []
            time.sleep(0.02)
        return value

    def look_here(self) -> None:
        """Have the keyboard go to the window that is meant."""
        self.until("window.winfo_viewable()")
        self.see("window.lift()")
        self.see("(window.focus_lastfor() or window).focus_force()")
        self.until("window.focus_displayof() is not None")

    def press(self, *keys: str) -> None:
        """Press keys, as xdotool names them."""
        self._screen.keys("key", "--delay", "5", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._screen.keys("type", "--delay", "2", "--", text)

    def enter(self, text: str) -> None:
        """Type a line."""
        self.type(text)
        self.press("Return")

    def click(self, widget: str, button: int = 1) -> None:
        """Click in the middle of a widget."""
        x = self.see(f"{widget}.winfo_rootx() + {widget}.winfo_width() // 2")
        y = self.see(f"{widget}.winfo_rooty() + {widget}.winfo_height() // 2")
        self._screen.keys("mousemove", str(x), str(y), "click", str(button))

    # What people do

    def log_in(self, username: str, password: str) -> None:
        """Come in with an account, by the keyboard."""
        self.enter_names(username, password)
        self._until_one_may_write()

    def enter_names(self, username: str, password: str) -> None:
        """Fill in the fields of an account, and press Enter."""
        self.type(username)
        self.until(f"window.entry.value('username') == {username!r}")
        self.press("Tab")
        self.enter(password)

    def come_in(self, alias: str) -> None:
        """Come in under an alias, by the keyboard."""
        self.click("window.entry.switch")
        self.enter(alias)
        self._until_one_may_write()

    def _until_one_may_write(self) -> None:
        self.until("not window.is_asked")
        self.until("chat.model.commands")
        self.until("window.focus_get() is chat.composer.text")

    def talk(self) -> str:
        """What is drawn of the talk."""
        return str(self.see("chat.view.text.get('1.0', 'end')"))

    def until_said(self, text: str) -> None:
        """Wait until a text is drawn in the talk."""
        self.until(f"{text!r} in chat.view.text.get('1.0', 'end')")
