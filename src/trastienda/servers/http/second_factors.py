"""``/users/{rut}/segundo-factor``: a second factor is set up, confirmed and taken off."""

import secrets

from msgspec import UNSET

from trastienda.actions import second_factors
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Permission
from trastienda.domain.second_factors import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    SECRET_BYTES,
    recovery_code_of,
    recovery_hash_of,
    secret_of,
)
from trastienda.servers.http.answers import Answer, json_answer, snapshot_answer
from trastienda.servers.http.exchange import Exchange, Route
from trastienda.servers.http.paths import UserPath
from trastienda.servers.http.proof import prove
from trastienda.wire import second_factors as wire


async def get(exchange: Exchange) -> Answer:
    """Return whether somebody has a second factor."""
    desk = exchange.desk
    rut = exchange.path(UserPath).rut
    reading = await desk.reader.read(second_factors.state, exchange.actor, rut)
    shape = wire.state_out(reading.value, desk.time_zone())
    return snapshot_answer(shape, reading.n)


async def begin(exchange: Exchange) -> Answer:
    """Set up a second factor."""
    desk, actor = exchange.desk, exchange.actor
    rut = exchange.path(UserPath).rut
    await desk.reader.read(second_factors.owner, actor, rut)
    wanted = await exchange.read(wire.decode_beginning)
    await prove(exchange, wanted.clave_actual)

    secret = secret_of(secrets.token_bytes(SECRET_BYTES))
    user = await desk.writer.run(second_factors.begin, actor, rut, secret)
    shape = wire.secret_out(secret, user.username, desk.shop().name)
    return json_answer(shape, 201)


async def confirm(exchange: Exchange) -> Answer:
    """Have a second factor be asked for from now on, and return the recovery codes."""
    desk, actor = exchange.desk, exchange.actor
    rut = exchange.path(UserPath).rut
    await desk.reader.read(second_factors.owner, actor, rut)
    confirmation = await exchange.read(wire.decode_confirmation)

    codes = [
        recovery_code_of(secrets.token_bytes(RECOVERY_BYTES))
        for _ in range(RECOVERY_CODES)
    ]
    await desk.writer.run(
        second_factors.confirm,
        actor,
        rut,
        confirmation.codigo,
        [recovery_hash_of(code) for code in codes],
    )
    return json_answer(wire.CodigosDeRecuperacion(codes))


async def remove(exchange: Exchange) -> Answer:
    """Take a second factor off."""
    desk, actor = exchange.desk, exchange.actor
    rut = exchange.path(UserPath).rut
    await desk.reader.read(second_factors.state, actor, rut)
    proof = await exchange.read(wire.decode_end)
    if rut == actor.rut:
        if proof.clave_actual is UNSET:
            raise Invalid("current_password", "missing_value")
        await prove(exchange, proof.clave_actual, proof.codigo)

    await desk.writer.run(second_factors.remove, actor, rut)
    return Answer(204)


_PATH = "/users/{rut}/segundo-factor"

ROUTES = (
    Route(
        method="GET",
        path=_PATH,
        path_parameters=UserPath,
        handler=get,
        summary="Si alguien entra con un segundo factor",
        permission=Permission.KEEP_ACCOUNT,
        answer=wire.SegundoFactor,
        snapshot=True,
        refusals=(404,),
        tag="Personas",
    ),
    Route(
        method="POST",
        path=_PATH,
        path_parameters=UserPath,
        handler=begin,
        summary="Prepara el segundo factor de quien llama",
        permission=Permission.ADD_SECOND_FACTOR,
        body=wire.SegundoFactorPedido,
        example={"clave_actual": "una-clave-larga"},
        answer=wire.SegundoFactorNuevo,
        status=201,
        refusals=(404, 409, 429),
        tag="Personas",
    ),
    Route(
        method="PUT",
        path=_PATH,
        path_parameters=UserPath,
        handler=confirm,
        summary="Confirma el segundo factor y da los códigos de recuperación",
        permission=Permission.ADD_SECOND_FACTOR,
        body=wire.SegundoFactorConfirmado,
        example={"codigo": "123456"},
        answer=wire.CodigosDeRecuperacion,
        refusals=(404, 409),
        tag="Personas",
    ),
    Route(
        method="DELETE",
        path=_PATH,
        path_parameters=UserPath,
        handler=remove,
        summary="Quita un segundo factor: el propio, o un Administrador el de otra persona",
        permission=Permission.KEEP_ACCOUNT,
        body=wire.SegundoFactorFin,
        status=204,
        refusals=(404, 429),
        tag="Personas",
    ),
)
