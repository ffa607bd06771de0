"""Keeping order in the chat: sending out, silencing, shutting out. It outlives a restart and leaves a registro."""

import ipaddress
from collections.abc import Collection

from trastienda.domain import chat as rules
from trastienda.domain.audit import Action
from trastienda.domain.chat import Member, Sanction, SanctionKind
from trastienda.domain.errors import Forbidden, NotFound
from trastienda.domain.events import NOBODY, Kind
from trastienda.storage import moderation
from trastienda.storage.transactions import Snapshot, Tx

_ACTIONS = {
    SanctionKind.KICK: Action.MEMBER_KICKED,
    SanctionKind.MUTE: Action.MEMBER_MUTED,
    SanctionKind.BAN: Action.MEMBER_BANNED,
    SanctionKind.UNBAN: Action.MEMBER_UNBANNED,
}
_MINUTE_MS = 60_000


def kick(tx: Tx, member: Member, targets: Collection[str], label: str) -> Sanction:
    """Send somebody out; nothing keeps them from coming back."""
    return _sanction(tx, member, Sanction(SanctionKind.KICK, tuple(targets), label))


def mute(
    tx: Tx, member: Member, targets: Collection[str], label: str, minutes: int
) -> Sanction:
    """Have somebody listen only, for so many minutes."""
    until_ms = tx.now_ms + rules.check_mute(minutes) * _MINUTE_MS
    return _sanction(
        tx, member, Sanction(SanctionKind.MUTE, tuple(targets), label, until_ms)
    )


def ban(tx: Tx, member: Member, targets: Collection[str], label: str) -> Sanction:
    """Shut somebody out, by account or by the address that guests come from, until it is lifted."""
    return _sanction(tx, member, Sanction(SanctionKind.BAN, tuple(targets), label))


def _sanction(tx: Tx, member: Member, sanction: Sanction) -> Sanction:
    actor = rules.require_moderator(member)
    if member.key in sanction.targets:
        raise Forbidden
    if sanction.kind is not SanctionKind.KICK:
        moderation.impose(tx, sanction, actor)
    detail = _detail(sanction.label, sanction.targets)
    if sanction.until_ms is not None:
        detail["until_ms"] = sanction.until_ms
    tx.audit(actor, _ACTIONS[sanction.kind], detail)
    tx.emit(Kind.SANCTION, NOBODY, sanction)
    return sanction


def _detail(label: str, targets: Collection[str]) -> dict[str, object]:
    """Return what the audit trail keeps: the name, and the addresses meant by it."""
    addresses = [key.removeprefix("a") for key in targets if key.startswith("a")]
    return {"alias": label} | ({"addresses": addresses} if addresses else {})


def lift(tx: Tx, member: Member, label: str, targets: Collection[str] = ()) -> Sanction:
    """Lift what was imposed under this name, on this address or on these members; raise NotFound where nothing was."""
    actor = rules.require_moderator(member)
    found = moderation.lift(tx, label, targets)
    if not found:
        raise NotFound
    lifted = Sanction(SanctionKind.UNBAN, tuple(found), label)
    tx.audit(actor, _ACTIONS[lifted.kind], _detail(label, found))
    tx.emit(Kind.SANCTION, NOBODY, lifted)
    return lifted


def sanctions_on(snapshot: Snapshot, keys: Collection[str]) -> dict[str, Sanction]:
    """Return the sanctions in force on these keys."""
    found = moderation.on(snapshot.connection, keys)
    return {key: one for key, one in found.items() if one.holds(snapshot.now_ms)}


def listed(snapshot: Snapshot, member: Member) -> list[Sanction]:
    """Return every sanction in force, to whoever moderates."""
    rules.require_moderator(member)
    return [
        one
        for one in moderation.listed(snapshot.connection)
        if one.holds(snapshot.now_ms)
    ]


def is_local(address: str) -> bool:
    """Tell whether an address is this machine's own, which says nothing of who is there: all that a proxy lets in."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback


def address_in(text: str) -> str | None:
    """Return the address that somebody wrote or comes from, spelled the one way; None for what is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return str(getattr(address, "ipv4_mapped", None) or address)
