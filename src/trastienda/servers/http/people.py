"""``/register``, ``/login``, ``/token/refresco``, ``/logout`` and ``/users``."""

from typing import Annotated

from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from trastienda.actions import people
from trastienda.domain import people as rules
from trastienda.domain.errors import (
    Invalid,
    MustChangePassword,
    NotAuthenticated,
)
from trastienda.domain.passwords import check_password
from trastienda.domain.people import STRANGER, Permission, Role, User, UserChange
from trastienda.domain.sessions import Origin
from trastienda.servers.auth import Opened
from trastienda.servers.http.answers import (
    Answer,
    etag,
    json_answer,
    snapshot_answer,
)
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.parameters import option
from trastienda.servers.http.paths import UserPath
from trastienda.servers.http.proof import prove
from trastienda.wire import people as wire

MAX_PROGRAM_LENGTH = 200
"""Bytes of a User-Agent that are kept; browsers say some 120."""


async def register(exchange: Exchange) -> Answer:
    """Register a user."""
    desk, site, identity = exchange.desk, exchange.site, exchange.identity
    actor = STRANGER if identity is None else identity.actor
    draft = await exchange.read(wire.decode_draft)
    rules.check_may_register(actor, draft.role, is_open=site.is_registration_open)
    draft = rules.check_draft(draft, desk.shop().name)  # before the slow hashing
    if not rules.may(actor, Permission.MANAGE_PEOPLE):
        site.reserved_names.check_own_username(draft.username)
    if identity is None:
        desk.auth.throttle_registration(exchange.address)
        actor = replace(actor, origin=exchange.origin)

    password_hash = await desk.auth.passwords.hash(draft.password, exchange.turn)
    user = await desk.writer.run(
        people.register,
        actor,
        draft,
        password_hash,
    )
    return _user_answer(exchange, user, 201)


def _user_answer(
    exchange: Exchange,
    user: User,
    status: int = 200,
) -> Answer:
    """Return the answer to a write: the user as they are now, with their version."""
    time_zone = exchange.desk.time_zone()
    shape = wire.user_out(user, time_zone)
    headers = [etag(user.revision)]
    return json_answer(shape, status, headers)


async def login(exchange: Exchange) -> Answer:
    """Open a session."""
    credentials = await exchange.read(wire.decode_credentials)
    code = credentials.codigo
    opened = await exchange.desk.auth.login(
        credentials.usuario,
        credentials.clave,
        None if code is UNSET else code,
        _came_from(exchange),
    )
    return _session_answer(exchange, opened)


async def refresh(exchange: Exchange) -> Answer:
    """Prolong a session."""
    refresh = await exchange.read(wire.decode_refresh)
    opened = await exchange.desk.auth.refresh(
        refresh.token_refresco,
        _came_from(exchange),
    )
    return _session_answer(exchange, opened)


def _came_from(exchange: Exchange) -> Origin:
    """Return from where and with which program the call comes."""
    header = exchange.headers.get(b"user-agent", b"")[:MAX_PROGRAM_LENGTH]
    said = header.decode("latin-1")
    program = "".join(character for character in said if character.isprintable())
    return Origin(exchange.address, program.strip())


def _session_answer(
    exchange: Exchange,
    opened: Opened,
) -> Answer:
    """Return the answer with a session's tokens."""
    time_zone = exchange.desk.time_zone()
    user = wire.user_out(opened.user, time_zone)
    session = wire.Sesion(
        opened.token,
        opened.refresh_token,
        opened.expires_in_s,
        user,
        opened.user.must_change_password,
    )
    return json_answer(session)


async def logout(exchange: Exchange) -> Answer:
    """End a session: that of the refresh token in the body, or of whoever calls."""
    auth = exchange.desk.auth
    ended = await exchange.read(wire.decode_logout)
    if ended.token_refresco is not UNSET:
        # The access token is not looked at: it may have expired long ago.
        await auth.logout(ended.token_refresco, exchange.address)
        return Answer(204)

    await exchange.identify()
    if exchange.identity is None:
        raise NotAuthenticated
    await auth.end(exchange.identity)
    return Answer(204)


class UsersQuery(Struct, frozen=True, kw_only=True):
    """Which users are listed."""

    role: Annotated[
        Role | None, option(wire.ROLES, "Solo las personas de este tipo")
    ] = field(default=None, name="tipo")


async def listed(exchange: Exchange) -> Answer:
    """Return a page of users."""
    role = exchange.query(UsersQuery).role
    reading = await exchange.desk.reader.read(
        people.listed,
        exchange.actor,
        exchange.window(),
        role=role,
    )
    time_zone = exchange.desk.time_zone()
    return await exchange.page_answer(
        reading,
        lambda user: wire.user_out(user, time_zone),
    )


async def get(exchange: Exchange) -> Answer:
    """Return a user."""
    desk = exchange.desk
    rut = exchange.path(UserPath).rut
    reading = await desk.reader.read(people.get, exchange.actor, rut)
    user = reading.value
    shape = wire.user_out(user, desk.time_zone())
    headers = [etag(user.revision)]
    return snapshot_answer(shape, reading.n, headers)


async def change(exchange: Exchange) -> Answer:
    """Change a user."""
    desk, actor = exchange.desk, exchange.actor
    rut = exchange.path(UserPath).rut
    reading = await desk.reader.read(people.get, actor, rut)
    user = reading.value

    wanted, current_password, code = await exchange.read(wire.decode_change)
    _check_first_change(exchange, user, wanted, current_password)
    rules.check_may_change(actor, user, wanted.fields)
    if wanted.password is not UNSET:
        future_user = replace(user, **wanted.values)
        names = rules.names_known(future_user, desk.shop().name)
        check_password(wanted.password, names)

    if current_password is not UNSET:
        await prove(exchange, current_password, code)
    elif rules.needs_current_password(actor, user, wanted):
        raise Invalid("current_password", "current_password_required")

    password_hash = None
    if wanted.password is not UNSET:
        password_hash = await desk.auth.passwords.hash(wanted.password, exchange.turn)
    changed_user = await desk.writer.run(
        people.change,
        actor,
        user.rut,
        wanted,
        password_hash,
        exchange.revisions(),
    )
    return _user_answer(exchange, changed_user)


def _check_first_change(
    exchange: Exchange,
    user: User,
    wanted: UserChange,
    current_password: str | UnsetType,
) -> None:
    """Raise MustChangePassword where the caller still has to, and this is something else.

    Raises Invalid where the password would stay the same.
    """
    identity = exchange.identity
    if identity is None or not identity.must_change_password:
        return
    if identity.actor.user_id != user.id or wanted.password is UNSET:
        raise MustChangePassword
    if wanted.password == current_password:
        raise Invalid("password", "password_same")


async def deactivate(exchange: Exchange) -> Answer:
    """Lock a user out."""
    rut = exchange.path(UserPath).rut
    user = await exchange.desk.writer.run(
        people.deactivate,
        exchange.actor,
        rut,
        exchange.revisions(),
    )
    return _user_answer(exchange, user)


async def free_rut(exchange: Exchange) -> Answer:
    """Give a RUT free for its holder."""
    rut = exchange.path(UserPath).rut
    user = await exchange.desk.writer.run(people.free_rut, exchange.actor, rut)
    return _user_answer(exchange, user)


_BY_RUT = "/users/{rut}"

ROUTES = (
    Route(
        method="POST",
        path="/register",
        handler=register,
        summary=(
            "Registra a alguien: un Cliente cualquiera a sí mismo, "
            "un Administrador a quien sea"
        ),
        body=wire.Registro,
        example={
            "rut": "12.345.678-5",
            "nombre": "Elena",
            "usuario": "elena",
            "clave": "una-clave-larga",
        },
        answer=wire.Usuario,
        status=201,
        refusals=(401, 403, 409, 429),
        tag="Personas",
    ),
    Route(
        method="POST",
        path="/login",
        handler=login,
        bearer="never",
        summary="Abre una sesión",
        body=wire.Credenciales,
        example={"usuario": "ana", "clave": "trastienda"},
        answer=wire.Sesion,
        refusals=(401, 429),
        tag="Personas",
    ),
    Route(
        method="POST",
        path="/token/refresco",
        handler=refresh,
        bearer="never",
        summary="Sigue una sesión con tokens nuevos",
        body=wire.Refresco,
        example={"token_refresco": "el-de-la-sesion"},
        answer=wire.Sesion,
        refusals=(401, 429),
        tag="Personas",
    ),
    Route(
        method="POST",
        path="/logout",
        handler=logout,
        bearer="late",
        changes_password=True,
        summary="Cierra la sesión del token de refresco o de quien llama",
        body=wire.Salida,
        example={},
        status=204,
        refusals=(401,),
        tag="Personas",
    ),
    Route(
        method="GET",
        path="/users",
        handler=listed,
        summary="Las personas con cuenta",
        permission=Permission.MANAGE_PEOPLE,
        answer=wire.Usuario,
        listed=True,
        query=UsersQuery,
        snapshot=True,
        tag="Personas",
    ),
    Route(
        method="GET",
        path=_BY_RUT,
        path_parameters=UserPath,
        handler=get,
        summary="Una persona",
        permission=Permission.LOOK,
        answer=wire.Usuario,
        snapshot=True,
        refusals=(404,),
        tag="Personas",
    ),
    Route(
        method="PUT",
        path=_BY_RUT,
        path_parameters=UserPath,
        handler=change,
        summary="Cambia una persona; quien cambia su clave o su correo da la clave actual",
        permission=Permission.KEEP_ACCOUNT,
        body=wire.UsuarioCambio,
        changes_password=True,
        example={"correo": "elena@ejemplo.cl"},
        answer=wire.Usuario,
        versioned=True,
        refusals=(404, 409, 429),
        tag="Personas",
    ),
    Route(
        method="DELETE",
        path=_BY_RUT,
        path_parameters=UserPath,
        handler=deactivate,
        summary="Desactiva a una persona: sus sesiones terminan, su historia queda",
        permission=Permission.MANAGE_PEOPLE,
        answer=wire.Usuario,
        versioned=True,
        refusals=(404, 409),
        tag="Personas",
    ),
    Route(
        method="POST",
        path=f"{_BY_RUT}/liberacion",
        path_parameters=UserPath,
        handler=free_rut,
        summary="Libera el RUT que tomó alguien que no es su titular",
        permission=Permission.CONFIRM_IDENTITY,
        answer=wire.Usuario,
        refusals=(404, 409),
        tag="Personas",
    ),
)
