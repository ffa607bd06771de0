"""How many files, and so connections, this process may have open."""

import contextlib

PLENTY = 100_000
"""Stands for a system without such a limit."""


def open_files() -> int:
    """Return how many files this process may have open now; at least a thousand are assumed."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return PLENTY
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return PLENTY if soft == resource.RLIM_INFINITY else max(soft, 1024)


def raise_open_files() -> None:
    """Let this process have as many files open as the system allows it to."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
