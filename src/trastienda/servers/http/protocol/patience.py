"""How long the server waits for a client, and for which of its steps. Free of I/O."""

HEAD_S = 20
"""How long a connection may take to send a whole head, over bad internet too."""
GRACE_S = 20
"""How long a body or an answer may take, whatever its size."""
MIN_BYTES_A_SECOND = 1024
"""What has to come or go in a second from then on, on average since the beginning. A phone
on the edge of its network does some five times as much."""
MAX_BODY_S = 300
"""How long a body may take at most. The largest one, at the least rate, takes as long."""
LINGER_S = 2
"""How long a client may take to read its last answer and to hang up."""
STOP_S = 3
"""How long clients may take when the shop stops, of the ten seconds of a stop."""


def is_too_slow(
    elapsed_s: float,
    moved_bytes: int,
) -> bool:
    """Tell whether so few bytes in so much time are no progress."""
    return elapsed_s > GRACE_S + moved_bytes / MIN_BYTES_A_SECOND
