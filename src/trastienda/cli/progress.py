"""Progress bars on a terminal. rich takes a tenth of a start, so it is imported when there is something to show."""

import contextlib
import sys
from collections.abc import Callable, Iterator

Tell = Callable[..., None]
"""Told ``(done, in all)`` and, where that says something, what is done now."""


@contextlib.contextmanager
def bar(text: str) -> Iterator[Tell]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total, now="": None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(text, total=None)

        def tell(done: int, total: int, now: str = "") -> None:
            shown.update(
                task,
                completed=done,
                total=total,
                description=f"{text}: {now}" if now else text,
            )

        yield tell
