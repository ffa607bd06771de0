"""Coming in: an alias, a user and a password, another alias."""

from msgspec import Struct

from trastienda.actions import people
from trastienda.actions.moderation import in_force, is_local
from trastienda.domain.aliases import check_alias
from trastienda.domain.chat import GENERAL, Member
from trastienda.domain.chat_entries import EntryKind
from trastienda.domain.errors import BadCredentials, NeedsTls, NotAuthenticated
from trastienda.domain.moderation import require_voice
from trastienda.domain.people import Actor
from trastienda.servers.auth import actor_of
from trastienda.servers.tcp.conversation import Answer, Conversation, Mode
from trastienda.wire.chat import page_out, past_line, private_out, waited_line
from trastienda.wire.people import TIPOS

PROMPT = "Ingresa tu alias: "
WELCOME = "Escribe ayuda para ver los comandos."


class Naming(Struct, forbid_unknown_fields=True):
    """El alias que se quiere."""

    alias: str


class Login(Struct, forbid_unknown_fields=True):
    """Usuario y clave."""

    usuario: str
    clave: str


async def name(talk: Conversation, given: Naming) -> Answer:
    """Take an alias, or another one."""
    desk, alias = talk.desk, check_alias(given.alias)
    if talk.member is None:
        if not desk.rules.guests:
            raise NotAuthenticated
        talk.sit(Member(alias=alias, address=talk.address, since_ms=desk.clock()))
        return await welcome(talk)
    await talk.settle()
    before = talk.known
    if alias == before.alias:
        return Answer({"alias": alias}, f"Ya eres {alias}.")
    require_voice(
        desk.reader.now(in_force, [before.key]), before, desk.clock()
    )  # silence is not shed with a name
    desk.presence.rename(talk, alias, desk.clock())
    talk.note(EntryKind.RENAMED, other=before.alias)
    return Answer({"alias": alias}, f"Ahora eres {alias}.")


async def login(talk: Conversation, given: Login) -> Answer:
    """Become a registered user."""
    desk = talk.desk
    if not (talk.secure or is_local(talk.address) or desk.rules.plain_login):
        raise NeedsTls
    await talk.settle()
    _, password_hash = await desk.auth.check_password(
        given.usuario, given.clave, talk.address
    )
    room = talk.place
    await talk.leave_read()
    # Looked at again, with nothing in between: while the password was compared, the account may have changed.
    found = desk.reader.now(people.with_password, given.usuario)
    if found is None or not found[0].active or found[1] != password_hash:
        raise BadCredentials
    user = found[0]
    member = Member(
        alias=user.username,
        actor=actor_of(user, talk.origin),
        address=talk.address,
        since_ms=desk.clock(),
    )
    talk.sit(member)
    if talk.mode is Mode.INVENTORY:
        return Answer(_who(member.actor), f"Hola, {user.name}.")
    talk.note(EntryKind.LOGGED_IN)
    answer = await welcome(talk, room if member.is_staff else GENERAL)
    return Answer(answer.data | _who(member.actor), answer.text)


def _who(actor: Actor | None) -> dict[str, str]:
    return {} if actor is None else {"nombre": actor.name, "tipo": TIPOS[actor.role]}


async def welcome(talk: Conversation, room: str = GENERAL) -> Answer:
    """Take whoever has just come into a room, and show what they find there."""
    shown, more = await talk.enter(room)
    waited = talk.take_waiting()
    zone = talk.desk.zone()
    member = talk.known
    lines = [f"Hola, {member.alias}. Estás en #{room}; /ayuda muestra los comandos."]
    lines += [past_line(one, zone) for one in shown]
    lines += [waited_line(one, zone) for one in waited]
    data = {
        "alias": member.alias,
        **page_out(room, shown, zone, more=more),
        "privados": [private_out(one, zone) for one in waited],
    }
    return Answer(data, "\n".join(lines))
