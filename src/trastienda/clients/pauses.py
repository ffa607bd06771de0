"""How long a client waits before it tries again."""

import random

DOUBLINGS = 10
"""How often a pause doubles at most, whatever the longest one is."""


def pause_s(
    failures: int,
    first_s: float,
    most_s: float,
) -> float:
    """Return the pause behind so many failures in a row and one more.

    Each is twice as long as the one before, less a random part of at most half: those who
    were cut off together do not come back together.
    """
    longest_s = min(most_s, first_s * 2 ** min(failures, DOUBLINGS))
    return random.uniform(longest_s / 2, longest_s)  # noqa: S311 - no secret
