"""Progress bars on a terminal.

rich takes a tenth of a start, so it is imported when there is something to show.
"""

import contextlib
import sys
from collections.abc import Callable, Iterator

Report = Callable[..., None]
"""Called with what is done, how much it is in all and, if that helps, with a word for
what is done now."""


@contextlib.contextmanager
def bar(text: str) -> Iterator[Report]:
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
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(text, total=None)

        def report(
            done: int,
            total: int,
            now: str = "",
        ) -> None:
            description = f"{text}: {now}" if now else text
            progress.update(
                task,
                completed=done,
                total=total,
                description=description,
            )

        yield report
