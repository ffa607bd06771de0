"""Second factors: one-time codes of a telephone (TOTP, RFC 6238), and the codes that one
keeps on paper in case it is lost.
"""

import base64
import hashlib
import hmac
import re

from msgspec import Struct

SECRET_BYTES = 20
"""As long as the digest of the HMAC, as RFC 4226 recommends."""
STEP_S = 30
DIGITS = 6
"""What every authenticator app takes without being told."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 15
"""Of a recovery code: 120 bits, too many to be guessed even from a copy of the shop. So a
plain hash of it is enough, and one finds it by its hash."""

_RECOVERY = re.compile(r"[A-Z2-7]{24}", re.ASCII)
_GROUP = 4


class SecondFactor(Struct, frozen=True, kw_only=True):
    """What a user's telephone makes codes of."""

    user_id: int
    secret: str
    """In base32, as people type it into an app."""
    confirmed_at_ms: int | None
    """Since when it is asked for; None until its user has shown that the telephone has it."""
    last_step: int
    """The step of the last code that was used: none of before it is good any more."""


class State(Struct, frozen=True):
    """Since when a user's second factor is asked for, and the recovery codes left."""

    since_ms: int | None
    """None where there is none, or none that was confirmed."""
    codes_left: int


def secret_of(random: bytes) -> str:
    """Return the secret that these random bytes make."""
    return base64.b32encode(random).decode()


def step_at(now_ms: int) -> int:
    """Return the number of the step of time that a moment is in."""
    return now_ms // (STEP_S * 1000)


def code_of(
    secret: str,
    step: int,
) -> str:
    """Return the code of a step."""
    key = base64.b32decode(secret)
    digest = hmac.digest(key, step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def bare(code: str) -> str:
    """Return a code without what people write into it to read it better."""
    return "".join(code.replace("-", "").split()).upper()


def is_of_telephone(code: str) -> bool:
    """Tell whether this looks like a code of a telephone."""
    digits = bare(code)
    return len(digits) == DIGITS and digits.isascii() and digits.isdigit()


def is_code(text: str) -> bool:
    """Tell whether this looks like a code, of a telephone or a recovery code."""
    return is_of_telephone(text) or _RECOVERY.fullmatch(bare(text)) is not None


def step_of(
    factor: SecondFactor,
    code: str,
    now_ms: int,
) -> int | None:
    """Return the step whose code this is; None where it is not good, or not any more.

    The clock of a telephone may be one step off, and typing takes a while.
    """
    step_now = step_at(now_ms)
    typed = bare(code).encode()
    for step in (step_now - 1, step_now, step_now + 1):
        is_code = hmac.compare_digest(code_of(factor.secret, step).encode(), typed)
        if is_code and step > factor.last_step:
            return step
    return None


def recovery_code_of(random: bytes) -> str:
    """Return the recovery code that these random bytes make, in groups of four."""
    letters = base64.b32encode(random).decode().lower()
    groups = [letters[i : i + _GROUP] for i in range(0, len(letters), _GROUP)]
    return "-".join(groups)


def recovery_hash_of(code: str) -> str:
    """Return the hash by which a recovery code is kept, however it is written."""
    return hashlib.sha256(bare(code).encode()).hexdigest()
