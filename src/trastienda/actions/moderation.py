"""Moderation of the chat: kick, mute, ban and lift. It survives a restart and is recorded."""

from collections.abc import Collection

from trastienda.domain.audit import Action
from trastienda.domain.chat import Member, address_of
from trastienda.domain.errors import Forbidden, NotFound
from trastienda.domain.events import NOBODY, Kind
from trastienda.domain.moderation import (
    Sanction,
    SanctionKind,
    check_mute,
    require_moderator,
)
from trastienda.domain.networks import is_loopback, network_of
from trastienda.storage import moderation
from trastienda.storage.transactions import Snapshot, Tx, lookup

_ACTIONS = {
    SanctionKind.KICK: Action.MEMBER_KICKED,
    SanctionKind.MUTE: Action.MEMBER_MUTED,
    SanctionKind.BAN: Action.MEMBER_BANNED,
    SanctionKind.UNBAN: Action.MEMBER_UNBANNED,
}
_MINUTE_MS = 60_000


def kick(
    transaction: Tx,
    member: Member,
    targets: Collection[str],
    label: str,
) -> Sanction:
    """Send somebody out of the chat; they may come back at once."""
    sanction = Sanction(SanctionKind.KICK, tuple(targets), label)
    return _impose(transaction, member, sanction)


def mute(
    transaction: Tx,
    member: Member,
    targets: Collection[str],
    label: str,
    minutes: int,
) -> Sanction:
    """Keep somebody from speaking for so many minutes."""
    until_ms = transaction.now_ms + check_mute(minutes) * _MINUTE_MS
    sanction = Sanction(SanctionKind.MUTE, tuple(targets), label, until_ms)
    return _impose(transaction, member, sanction)


def ban(
    transaction: Tx,
    member: Member,
    targets: Collection[str],
    label: str,
) -> Sanction:
    """Keep an account, or guests from a network, out of the chat until it is lifted."""
    sanction = Sanction(SanctionKind.BAN, tuple(targets), label)
    return _impose(transaction, member, sanction)


def _impose(
    transaction: Tx,
    member: Member,
    sanction: Sanction,
) -> Sanction:
    """Store, record and emit a sanction.

    Raises Forbidden for one on the moderator's own self.
    """
    actor = require_moderator(member)
    if member.key in sanction.targets:
        raise Forbidden
    if sanction.kind is not SanctionKind.KICK:
        moderation.add(transaction, sanction, actor)

    detail = _detail(sanction.label, sanction.targets)
    if sanction.until_ms is not None:
        detail["until_ms"] = sanction.until_ms
    transaction.audit(actor, _ACTIONS[sanction.kind], detail)
    transaction.emit(Kind.SANCTION, NOBODY, sanction)
    return sanction


def _detail(label: str, targets: Collection[str]) -> dict[str, object]:
    """Return what the audit trail records.

    It is the name, and the addresses among the targets.
    """
    detail: dict[str, object] = {"alias": label}
    named = [address_of(target) for target in targets]
    addresses = [address for address in named if address is not None]
    if addresses:
        detail["addresses"] = addresses
    return detail


def lift(
    transaction: Tx,
    member: Member,
    label: str,
    targets: Collection[str] = (),
) -> Sanction:
    """Lift the sanctions under this label or on these keys.

    Raises NotFound where there are none.
    """
    actor = require_moderator(member)
    lifted_targets = moderation.delete(transaction, label, targets)
    if not lifted_targets:
        raise NotFound

    lifted = Sanction(SanctionKind.UNBAN, tuple(lifted_targets), label)
    detail = _detail(label, lifted_targets)
    transaction.audit(actor, _ACTIONS[lifted.kind], detail)
    transaction.emit(Kind.SANCTION, NOBODY, lifted)
    return lifted


@lookup
def in_force(snapshot: Snapshot, keys: Collection[str]) -> dict[str, Sanction]:
    """Return the sanctions in force on these keys of members and addresses."""
    sanctions = moderation.by_target(snapshot.connection, keys)
    return {
        key: sanction
        for key, sanction in sanctions.items()
        if sanction.holds(snapshot.now_ms)
    }


@lookup
def list_(snapshot: Snapshot, member: Member) -> list[Sanction]:
    """Return every sanction in force, to a moderator."""
    require_moderator(member)
    sanctions = moderation.list_(snapshot.connection)
    return [sanction for sanction in sanctions if sanction.holds(snapshot.now_ms)]


def is_local(address: str) -> bool:
    """Tell whether an address is this machine's own.

    It identifies nobody: everybody whom a proxy on this machine lets in comes from there.
    """
    return is_loopback(network_of(address))
