"""``/register``, ``/login``, ``/token/refresco``, ``/logout`` and ``/users``."""

import msgspec
from msgspec import UNSET

from trastienda.actions import people
from trastienda.domain import people as rules
from trastienda.domain.errors import (
    BadCredentials,
    Forbidden,
    Invalid,
    NotAuthenticated,
    NotFound,
)
from trastienda.domain.people import STRANGER, Actor, Permission, Role, User, UserChange
from trastienda.domain.rut import normalise
from trastienda.servers.auth import Opened
from trastienda.servers.http.exchange import (
    Answer,
    Exchange,
    Route,
    etag,
    json_answer,
    page_answer,
    snapshot_answer,
    window,
)
from trastienda.storage.transactions import Snapshot
from trastienda.wire import bodies
from trastienda.wire import people as wire


async def register(exchange: Exchange) -> Answer:
    """Register somebody."""
    desk, identity = exchange.desk, exchange.identity
    draft = wire.draft_in(await exchange.decoded(wire.decode_registration))
    actor = STRANGER if identity is None else identity.actor
    rules.check_may_register(actor, draft.role)
    draft = rules.check_draft(draft)
    if identity is None:
        desk.auth.throttle_registration(exchange.address)
        actor = msgspec.structs.replace(actor, origin=exchange.origin)
    password_hash = await desk.auth.hash(draft.password)
    user = await desk.writer.run(people.register, actor, draft, password_hash)
    return json_answer(wire.user_out(user, desk.zone()), 201, [etag(user.revision)])


def _opened(exchange: Exchange, opened: Opened) -> Answer:
    user = wire.user_out(opened.user, exchange.desk.zone())
    session = wire.Sesion(opened.token, opened.refresh_token, opened.expires_in_s, user)
    return json_answer(session, headers=[(b"cache-control", b"no-store")])


async def login(exchange: Exchange) -> Answer:
    """Open a session."""
    given = await exchange.decoded(wire.decode_credentials)
    return _opened(
        exchange,
        await exchange.desk.auth.login(given.usuario, given.clave, exchange.address),
    )


async def refresh(exchange: Exchange) -> Answer:
    """Go on with a session."""
    given = await exchange.decoded(wire.decode_refresh)
    return _opened(
        exchange,
        await exchange.desk.auth.refresh(given.token_refresco, exchange.address),
    )


async def logout(exchange: Exchange) -> Answer:
    """End a session: that of the refresh token in the body, or of whoever calls."""
    body = await exchange.body()
    given = bodies.decode(wire.decode_leave, body) if body else wire.Salida()
    if given.token_refresco is not UNSET:
        await exchange.desk.auth.logout(given.token_refresco)
        return Answer(204)
    exchange.identify()  # only now: who gives a refresh token may carry an access token long expired
    if exchange.identity is None:
        raise NotAuthenticated
    await exchange.desk.auth.end(exchange.identity)
    return Answer(204)


async def listed(exchange: Exchange) -> Answer:
    """Return a page of users."""
    query = exchange.query()
    role = None
    if "tipo" in query:
        role = next(
            (role for tipo, role in wire.ROLES.items() if tipo == query["tipo"]), None
        )
        if role is None:
            raise Invalid("role", "not_an_option", options=", ".join(wire.ROLES))

    def read(snapshot: Snapshot) -> Answer:
        page = people.listed(
            snapshot, exchange.actor, window(query, snapshot), role=role
        )
        zone = snapshot.shop.zone
        return page_answer(page, lambda user: wire.user_out(user, zone), snapshot)

    return await exchange.desk.reader.run(read)


def _rut(exchange: Exchange) -> str:
    """Return the RUT of the path; one that is none belongs to nobody."""
    try:
        return normalise(exchange.parameter("rut"))
    except Invalid as error:
        if exchange.actor.role is Role.CUSTOMER:
            raise Forbidden from error
        raise NotFound from error


async def get(exchange: Exchange) -> Answer:
    """Return a user."""

    def read(snapshot: Snapshot) -> Answer:
        user = people.get(snapshot, exchange.actor, _rut(exchange))
        return snapshot_answer(
            wire.user_out(user, snapshot.shop.zone), snapshot, [etag(user.revision)]
        )

    return exchange.desk.reader.now(read)


async def change(exchange: Exchange) -> Answer:
    """Change a user."""
    desk, actor = exchange.desk, exchange.actor
    user = desk.reader.now(people.get, actor, _rut(exchange))
    given = await exchange.decoded(wire.decode_change)
    password_hash = (
        UNSET
        if given.clave is UNSET
        else await _new_password(exchange, user, actor, given)
    )
    wanted = UserChange(
        name=given.nombre,
        email=given.correo,
        username=given.usuario,
        role=UNSET if given.tipo is UNSET else wire.ROLES[given.tipo],
        active=UNSET if given.estado is UNSET else given.estado == "Activo",
        verified=given.verificado,
        password_hash=password_hash,
    )
    changed = await desk.writer.run(
        people.change, actor, user.rut, wanted, exchange.revisions()
    )
    return json_answer(
        wire.user_out(changed, desk.zone()), headers=[etag(changed.revision)]
    )


async def _new_password(
    exchange: Exchange, user: User, actor: Actor, given: wire.UsuarioCambio
) -> str:
    """Check and hash a new password; whoever is no administrator proves the old one."""
    rules.check_may_change(actor, user, {"password_hash"})
    password = str(given.clave)
    rules.check_password(password)
    if (
        not rules.may(actor, Permission.MANAGE_PEOPLE)
        or given.clave_actual is not UNSET
    ):
        if given.clave_actual is UNSET:
            raise Invalid("current_password", "required")
        try:
            await exchange.desk.auth.check_password(
                actor.rut or "", given.clave_actual, exchange.address
            )
        except BadCredentials as error:
            raise Invalid("current_password", "password_wrong") from error
    return await exchange.desk.auth.hash(password)


async def deactivate(exchange: Exchange) -> Answer:
    """Let somebody in no longer."""
    user = await exchange.desk.writer.run(
        people.deactivate, exchange.actor, _rut(exchange), exchange.revisions()
    )
    return json_answer(
        wire.user_out(user, exchange.desk.zone()), headers=[etag(user.revision)]
    )


_BY_RUT = "/users/{rut}"

ROUTES = (
    Route(
        method="POST",
        path="/register",
        handler=register,
        summary="Registra a alguien: un Cliente cualquiera a sí mismo, un Administrador a quien sea",
        body=wire.Registro,
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
        answer=wire.Sesion,
        refusals=(401, 429),
        tag="Personas",
    ),
    Route(
        method="POST",
        path="/logout",
        handler=logout,
        bearer="late",
        summary="Cierra la sesión del token de refresco o de quien llama",
        body=wire.Salida,
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
        filters=("tipo",),
        snapshot=True,
        tag="Personas",
    ),
    Route(
        method="GET",
        path=_BY_RUT,
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
        handler=change,
        summary="Cambia una persona; quien cambia su clave da la actual",
        permission=Permission.LOOK,
        body=wire.UsuarioCambio,
        answer=wire.Usuario,
        versioned=True,
        refusals=(404, 409, 429),
        tag="Personas",
    ),
    Route(
        method="DELETE",
        path=_BY_RUT,
        handler=deactivate,
        summary="Desactiva a una persona: sus sesiones terminan, su historia queda",
        permission=Permission.MANAGE_PEOPLE,
        answer=wire.Usuario,
        versioned=True,
        refusals=(404, 409),
        tag="Personas",
    ),
)
