"""Whoever changes what leads into their account proves once more who they are."""

from msgspec import UNSET, UnsetType

from trastienda.domain.errors import BadCredentials, Invalid, SecondFactorRequired
from trastienda.servers.http.exchange import Exchange


async def prove(
    exchange: Exchange,
    current_password: str,
    code: str | UnsetType = UNSET,
) -> None:
    """Raise Invalid where this is not the password of whoever calls, with a code of theirs.

    The code is asked for where they have a second factor.
    """
    code_or_none = None if code is UNSET else code
    try:
        await exchange.desk.auth.check_password(
            exchange.actor.rut or "",
            current_password,
            code_or_none,
            exchange.address,
        )
    except SecondFactorRequired as error:
        raise Invalid("one_time_code", "code_required") from error
    except BadCredentials as error:
        reason = "password_wrong" if code_or_none is None else "password_or_code_wrong"
        raise Invalid("current_password", reason) from error
