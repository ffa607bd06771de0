"""Keeping order, for administrators."""

from msgspec import Struct

from trastienda.actions import moderation
from trastienda.domain.chat import (
    Member,
    address_key,
)
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import NotFound
from trastienda.domain.moderation import SanctionKind, require_moderator
from trastienda.servers.tcp.conversation import Answer, Conversation
from trastienda.servers.tcp.rooms import Nothing
from trastienda.wire.written import span

MUTE_MINUTES = 10
"""For how long somebody is silent where nothing else is said: long enough to calm down."""


class Naming(Struct, forbid_unknown_fields=True):
    """A quién."""

    alias: str


class Muting(Struct, forbid_unknown_fields=True):
    """A quién, y por cuántos minutos."""

    alias: str
    minutos: int = MUTE_MINUTES


def _meant(
    talk: Conversation, alias: str
) -> tuple[Member | None, tuple[str, ...], str]:
    """Return the member present, the keys and the name that a moderator means; raise NotFound for nobody."""
    require_moderator(talk.known)
    found = talk.desk.presence.find(alias)
    if found is None:
        raise NotFound
    keys = (found.key,) if found.member is None else _keys(found.member)
    return found.member, keys, found.alias


def _keys(member: Member) -> tuple[str, ...]:
    """Return what is meant by somebody present: a guest, who may come back as another, by their address as well.

    This machine's own address says nothing of who is there.
    """
    return (member.key,) if moderation.is_local(member.address) else member.keys


async def kick(talk: Conversation, given: Naming) -> Answer:
    """Send somebody out."""
    member, targets, label = _meant(talk, given.alias)
    if member is None:
        raise NotFound
    await talk.desk.writer.run(moderation.kick, talk.known, targets[:1], label)
    talk.note(EntryKind.KICKED, other=label)
    return Answer({"alias": label}, f"{label} fue expulsado.")


async def mute(talk: Conversation, given: Muting) -> Answer:
    """Have somebody listen only."""
    _, targets, label = _meant(talk, given.alias)
    await talk.desk.writer.run(
        moderation.mute, talk.known, targets, label, given.minutos
    )
    talk.note(EntryKind.MUTED, other=label)
    return Answer(
        {"alias": label, "minutos": given.minutos},
        f"{label} queda en silencio por {given.minutos} min.",
    )


async def ban(talk: Conversation, given: Naming) -> Answer:
    """Shut somebody out: an account, a guest with the address they come from (of another machine), or an address."""
    require_moderator(talk.known)
    address = moderation.address_in(given.alias)
    targets: tuple[str, ...]
    if address is not None:
        targets, label = (address_key(address),), address
    else:
        _, targets, label = _meant(talk, given.alias)
    await talk.desk.writer.run(moderation.ban, talk.known, targets, label)
    talk.note(EntryKind.BANNED, other=label)
    return Answer({"alias": label}, f"{label} queda bloqueado.")


async def lift(talk: Conversation, given: Naming) -> Answer:
    """Lift what was imposed on somebody, silence too."""
    require_moderator(talk.known)
    address = moderation.address_in(given.alias)
    targets = [] if address is None else [address_key(address)]
    found = talk.desk.presence.find(given.alias)
    if found is not None:
        targets.append(found.key)
    await talk.desk.writer.run(moderation.lift, talk.known, given.alias, targets)
    talk.note(EntryKind.UNBANNED, other=given.alias)
    return Answer(
        {"alias": given.alias}, f"{given.alias} ya no está bloqueado ni en silencio."
    )


async def listed(talk: Conversation, given: Nothing) -> Answer:
    """List who is silenced or shut out."""
    found = talk.desk.reader.now(moderation.list_, talk.known)
    now_ms = talk.desk.clock()
    rows, lines = [], []
    for one in found:
        word = "bloqueado" if one.kind is SanctionKind.BAN else "en silencio"
        left_s = one.seconds_left(now_ms)
        rows.append({"alias": one.label, "estado": word, "segundos": left_s})
        lines.append(
            f"{one.label}: {word}" + ("" if left_s is None else f", {span(left_s)} más")
        )
    return Answer({"sanciones": rows}, "\n".join(dict.fromkeys(lines)) or "Nadie.")
