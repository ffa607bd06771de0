"""Waiting for what another process or thread does."""

import asyncio
import time
from collections.abc import Callable

PATIENCE_S = 60.0
"""Far more than anything takes, on a busy machine too: a test that waits this long has failed,
and must not hang."""
POLL_S = 0.01


def eventually(
    condition: Callable[[], object], what: str, patience_s: float = PATIENCE_S
) -> None:
    """Wait until a condition holds; fail saying what never came."""
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {patience_s:.0f} s for: {what}"
        time.sleep(POLL_S)


async def eventually_async(condition: Callable[[], object], what: str) -> None:
    """Wait as :func:`eventually` does, and let the event loop run meanwhile."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:.0f} s for: {what}"
        await asyncio.sleep(POLL_S)
