"""Which of several media an ``Accept`` header prefers."""

from collections.abc import Sequence


def choose_media(
    accept: bytes,
    offered: Sequence[str],
) -> str | None:
    """Return the medium that an ``Accept`` header prefers, the earlier of equals.

    None where the header admits none of them.
    """
    weights = {}
    for media in offered:
        weights[media] = accept_weight(accept, media.encode())

    best = max(offered, key=weights.__getitem__)
    if weights[best] > 0:
        return best
    return None


def accept_weight(
    accept: bytes,
    media: bytes,
) -> float:
    """Return the weight of ``media`` in an ``Accept`` header.

    Of several ranges that admit it, the most specific one decides (RFC 9110, 12.5.1).
    """
    kind = media.partition(b"/")[0]
    ranks = {b"*/*": 0, kind + b"/*": 1, media: 2}

    best_rank, best_weight = -1, 0.0
    for part in accept.lower().split(b","):
        media_range, *parameters = (piece.strip() for piece in part.split(b";"))
        if media_range not in ranks:
            continue

        weight = 1.0
        for parameter in parameters:
            if parameter.startswith(b"q="):
                try:
                    weight = float(parameter[2:])
                except ValueError:
                    weight = 0.0

        rank = ranks[media_range]
        best_rank, best_weight = max((best_rank, best_weight), (rank, weight))

    return best_weight
