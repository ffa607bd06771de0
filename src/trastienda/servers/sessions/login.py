"""Coming in: an alias, a user name and a password, another alias."""

import secrets

from msgspec.structs import replace

from trastienda.actions import moderation, people
from trastienda.domain.aliases import check_alias
from trastienda.domain.chat import Member, address_key, landing_room
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import (
    BadCredentials,
    Banned,
    Invalid,
    MustChangePassword,
    NeedsTls,
    NotAuthenticated,
)
from trastienda.domain.moderation import SanctionKind, require_voice
from trastienda.domain.networks import networks_around
from trastienda.domain.second_factors import is_code
from trastienda.servers.access_tokens import actor_of
from trastienda.servers.incidents import Incident
from trastienda.servers.sessions import rooms
from trastienda.servers.sessions.session import Answer, Mode, Session
from trastienda.wire.lines import answers, sentences
from trastienda.wire.lines.shapes import Entrada, NuevoAlias

GUEST_ID_BYTES = 8
"""What nobody guesses, and no two guests of one shop ever have in common."""


async def take_alias(
    session: Session,
    arguments: NuevoAlias,
) -> Answer:
    """Take an alias, or another one."""
    hub = session.hub
    alias = check_alias(arguments.alias)
    if session.member is None:
        if not hub.rules.guests:
            raise NotAuthenticated

        guest = Member(
            alias=alias,
            guest_id=secrets.token_hex(GUEST_ID_BYTES),
            address=session.address,
            since_ms=hub.desk.clock(),
            reads_past=hub.rules.guests_read_past,
        )
        await sit_down(session, guest)
        return await _welcome(session, landing_room(guest))

    await session.in_flight.wait()
    member = session.require_member()
    data = answers.alias(alias)
    if alias == member.alias:
        return Answer(data, sentences.same_alias(alias))

    # A mute must not be shed with the name.
    sanctions = await hub.read_current(moderation.in_force, [member.key])
    require_voice(sanctions, member, hub.desk.clock())

    await hub.names.rename(member, alias)
    if session.seat.member is None:
        # It ended meanwhile, and released the name of before.
        if member.user_id is None:
            await hub.names.release(member.key)
        raise NotAuthenticated

    hub.seats.rename(member.key, alias, session.number)
    session.log(EntryKind.RENAMED, other=member.alias)
    return Answer(data, sentences.new_alias(alias))


async def log_in(
    session: Session,
    arguments: Entrada,
) -> Answer:
    """Become a registered user."""
    hub, desk = session.hub, session.desk
    is_private = session.is_secure or moderation.is_local(session.address)
    if not is_private and not hub.rules.plain_login:
        raise NeedsTls

    await session.in_flight.wait()
    username, code = arguments.usuario, arguments.codigo
    if session.asks_in_words and code is not None and not is_code(code):
        # More likely the password has blanks, and no quotes.
        raise Invalid("password", "quotes_missing")

    _, password_hash = await desk.auth.check_password(
        username,
        arguments.clave,
        code,
        session.address,
    )
    await rooms.mark_room_read(session)

    # The account may have changed while its password was compared: read it once more.
    account_now = await hub.read_current(people.with_password, username)
    if account_now is None:
        raise BadCredentials
    user, hash_now = account_now
    if not user.active or hash_now != password_hash:
        raise BadCredentials
    if user.must_change_password:
        raise MustChangePassword

    before = session.member
    room = session.room
    member = Member(
        alias=user.username,
        actor=actor_of(user, session.origin),
        address=session.address,
        since_ms=desk.clock(),
    )
    await sit_down(session, member)
    desk.auth.incidents.log(Incident.LOGGED_IN, session.address, rut=user.rut)
    account = answers.account(member.actor)
    if session.mode is Mode.INVENTORY:
        return Answer(account, sentences.greeting(user.name))

    session.log(EntryKind.LOGGED_IN)
    # Staff go on in the room where they were as staff. Whether they are may have changed.
    member = session.require_member()
    stays = member.is_staff and before is not None and before.is_staff
    next_room = room if stays else landing_room(member)
    welcome = await _welcome(session, next_room)
    return Answer(welcome.data | account, welcome.text)


async def sit_down(
    session: Session,
    member: Member,
) -> None:
    """Let a member in, in place of whoever was here; raise what keeps them out.

    From here on sanctions and changes of the account concern them, though they are not
    in yet: what is read before they sit down may be of a moment ago.
    """
    session.require_open()
    seat = session.seat
    hub = session.hub
    if session.mode is Mode.INVENTORY:
        seat.set_member(member)
        return

    session.arriving = member
    try:
        keys = [*member.own_keys]
        if member.actor is None:  # a guest's network may be banned, too
            networks = networks_around(session.address)
            keys += [address_key(network) for network in networks]
        sanctions = await hub.read_current(moderation.in_force, keys)
        for sanction in sanctions.values():
            if sanction.kind is SanctionKind.BAN:
                raise Banned

        before = session.member
        if before is not None:
            hub.seats.stand_up(seat)
            await hub.names.release(before.key)

        claim = await hub.names.claim(member)
        for renamed in claim.renamed:
            hub.seats.rename(renamed.key, renamed.alias)

        if session.is_over:
            await hub.names.release(member.key)
            raise NotAuthenticated

        # Not the member of above: their account may have changed meanwhile.
        arrived = replace(session.arriving, alias=claim.alias)
        hub.seats.sit(seat, arrived)
    finally:
        session.arriving = None


async def _welcome(
    session: Session,
    room: str,
) -> Answer:
    """Take somebody who has just come in to a room, and show what they find there."""
    entered = await rooms.enter_room(session, room, takes_waiting=True)
    shop = session.desk.shop()
    member = session.require_member()
    page = answers.room_page(
        room,
        entered.messages,
        shop.time_zone,
        more=entered.has_more,
    )
    data = answers.welcome(
        member,
        page,
        entered.waiting,
        shop.time_zone,
    )
    text = sentences.welcome(
        member,
        entered.room,
        entered.messages,
        entered.waiting,
        shop,
    )
    return Answer(data, text)
