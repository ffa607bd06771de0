"""Moderation, by administrators: kick, mute, ban and lift."""

from msgspec import Struct

from trastienda.actions import moderation
from trastienda.domain.chat import address_key
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import NotFound
from trastienda.domain.moderation import require_moderator
from trastienda.domain.networks import network_in
from trastienda.servers.sessions.session import Answer, Session
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.shapes import Moderado, Nada, Silencio


class Target(Struct, frozen=True):
    """Whom a moderator means: their name, and the keys that a sanction is put on."""

    alias: str
    keys: tuple[str, ...]
    is_present: bool


async def _get_target(
    session: Session,
    alias: str,
) -> Target:
    """Return whom an alias means; raise NotFound for nobody."""
    require_moderator(session.require_member())
    person = await session.hub.names.find(alias)
    if person is None:
        raise NotFound

    member = session.hub.seats.find_member(person.key)
    if member is None:
        return Target(person.alias, (person.key,), is_present=False)

    # A guest may come back under another alias, so their address is a key as well; but
    # this machine's own address identifies nobody.
    keys = member.keys
    if moderation.is_local(member.address):
        keys = member.own_keys
    return Target(person.alias, keys, is_present=True)


async def kick(
    session: Session,
    arguments: Moderado,
) -> Answer:
    """Send somebody out of the chat."""
    target = await _get_target(session, arguments.alias)
    if not target.is_present:
        raise NotFound

    moderator = session.require_member()
    keys = target.keys[:1]
    await session.desk.writer.run(
        moderation.kick,
        moderator,
        keys,
        target.alias,
    )

    session.log(EntryKind.KICKED, other=target.alias)
    data = answers.alias(target.alias)
    text = sentences.kicked(target.alias)
    return Answer(data, text)


async def mute(
    session: Session,
    arguments: Silencio,
) -> Answer:
    """Keep somebody from speaking for some minutes."""
    target = await _get_target(session, arguments.alias)
    moderator = session.require_member()
    minutes = arguments.minutos
    await session.desk.writer.run(
        moderation.mute,
        moderator,
        target.keys,
        target.alias,
        minutes,
    )

    session.log(EntryKind.MUTED, other=target.alias)
    data = answers.muted(target.alias, minutes)
    text = sentences.muted(target.alias, minutes)
    return Answer(data, text)


async def ban(
    session: Session,
    arguments: Moderado,
) -> Answer:
    """Keep somebody out: an account, a guest with their network, or a network."""
    moderator = session.require_member()
    require_moderator(moderator)

    network = network_in(arguments.alias)
    if network is not None:
        key = address_key(network)
        target = Target(network, (key,), is_present=False)
    else:
        target = await _get_target(session, arguments.alias)
    await session.desk.writer.run(
        moderation.ban,
        session.require_member(),
        target.keys,
        target.alias,
    )

    session.log(EntryKind.BANNED, other=target.alias)
    data = answers.alias(target.alias)
    text = sentences.banned(target.alias)
    return Answer(data, text)


async def lift(
    session: Session,
    arguments: Moderado,
) -> Answer:
    """Lift bans and mutes of somebody, or of a network."""
    alias = arguments.alias
    require_moderator(session.require_member())

    keys: list[str] = []
    network = network_in(alias)
    if network is not None:
        keys.append(address_key(network))
    person = await session.hub.names.find(alias)
    if person is not None:
        keys.append(person.key)
    await session.desk.writer.run(
        moderation.lift,
        session.require_member(),
        alias,
        keys,
    )

    session.log(EntryKind.UNBANNED, other=alias)
    data = answers.alias(alias)
    text = sentences.lifted(alias)
    return Answer(data, text)


async def list_sanctions(
    session: Session,
    arguments: Nada,
) -> Answer:
    """List who is muted or banned."""
    moderator = session.require_member()
    reading = await session.desk.reader.read(moderation.list_, moderator)

    in_force = reading.value
    now_ms = session.desk.clock()
    data = answers.sanctions(in_force, now_ms)
    text = sentences.sanctions(in_force, now_ms)
    return Answer(data, text)
