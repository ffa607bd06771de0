"""The event loop of a server, and the interpreter tuned for it."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any

from trastienda.operations.file_limit import raise_file_limit

COLLECT_AT = 100_000, 50, 100
"""Objects before the cycle collector looks.

With Python's own thresholds it takes a tenth of the time and holds answers up.
"""
SWITCH_S = 0.001
"""How long a thread may keep the interpreter while another waits.

The writer must not hold up an answer for long.
"""


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run the event loop, the fast one where it is installed."""
    raise_file_limit()
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()  # modules stay: the collector need not look at them again and again
    gc.set_threshold(*COLLECT_AT)
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)
