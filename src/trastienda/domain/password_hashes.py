"""What it may take to compute a password's hash again, which the hash itself says."""

import re

MAX_MEMORY_KIB = 4 * 65_536
MAX_PASSES = 4 * 3
MAX_LANES = 4 * 4
"""Four times what hashes are made with here: enough for ones of a later day. A copy may
bring any, and whoever then tries a wrong password would take that much from the shop."""

_ARGON2ID = re.compile(
    r"\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})"
    r"\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{16,96}",
    re.ASCII,
)


def is_bounded(password_hash: str) -> bool:
    """Tell whether this is a hash by argon2id that takes no more than there is to spare."""
    match = _ARGON2ID.fullmatch(password_hash)
    if match is None:
        return False
    memory_kib, passes, lanes = map(int, match.groups())
    return memory_kib <= MAX_MEMORY_KIB and passes <= MAX_PASSES and lanes <= MAX_LANES
