"""The limit of open files of this process, and so of its connections."""

import contextlib

UNLIMITED = 100_000
"""Stands for a system without such a limit."""


def file_limit() -> int:
    """Return how many files this process may have open; at least a thousand."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return UNLIMITED

    soft_limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft_limit == resource.RLIM_INFINITY:
        return UNLIMITED
    return max(soft_limit, 1024)


def raise_file_limit() -> None:
    """Let this process have as many files open as the system allows it to."""
    try:
        import resource
    except ImportError:
        return

    _, hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard_limit, hard_limit))
