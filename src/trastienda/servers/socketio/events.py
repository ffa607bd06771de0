"""The events that clients send: a table of names, arguments and what is done.

The reference page is compared with it, and those of the chat are the commands of lines.
"""

from trastienda.domain.chat import check_room, may_enter
from trastienda.domain.errors import Forbidden
from trastienda.servers.sessions import chat, rooms
from trastienda.servers.sessions.catching_up import resume
from trastienda.servers.sessions.command import Command, Who
from trastienda.servers.sessions.commands import CHAT
from trastienda.servers.sessions.session import Answer, Session
from trastienda.servers.socketio import notifications, scanning
from trastienda.servers.socketio.seat import SocketSeat
from trastienda.wire.announcements import TYPING
from trastienda.wire.lines import answers, shapes
from trastienda.wire.live_shapes import (
    Desde,
    Escaneo,
    SalaEscribiendo,
    Vinculo,
    Visto,
)
from trastienda.wire.notifications import NotificacionNueva


async def leave_room(
    session: Session,
    arguments: shapes.NombreDeSala,
) -> Answer:
    """Leave a room: what is said in it is no longer heard here."""
    room = check_room(arguments.sala)
    session.require_member()
    session.hub.seats.leave(session.seat, room)
    session.seat.deaf_to.add(room)
    return Answer(answers.room(room))


async def type_text(
    session: Session,
    arguments: SalaEscribiendo,
) -> Answer:
    """Let the others in a room know that somebody is typing; nothing of it is stored."""
    session.meter.check()
    member = session.require_member()
    room = session.room if arguments.sala is None else check_room(arguments.sala)
    if not may_enter(member, room):
        raise Forbidden
    body = {"sala": room, "de": member.alias}
    for seat in session.hub.seats.in_room(room):
        is_own = seat.member is not None and seat.member.key == member.key
        if not is_own and isinstance(seat, SocketSeat):
            seat.push(TYPING, body)
    return Answer()


EVENTS: tuple[Command, ...] = (
    Command(
        word="escanear",
        modes=CHAT,
        help="lee un código: el producto, y lo oye la caja vinculada",
        who=Who.USER,
        arguments=Escaneo,
        handler=scanning.scan,
    ),
    Command(
        word="vincular",
        modes=CHAT,
        help="pide un código para un teléfono, o se une con uno",
        who=Who.USER,
        arguments=Vinculo,
        handler=scanning.link,
    ),
    Command(
        word="reanudar",
        modes=CHAT,
        help="cuenta todo lo anunciado desde un número, y sigue en vivo",
        who=Who.USER,
        arguments=Desde,
        handler=resume,
    ),
    Command(
        word="notificar",
        modes=CHAT,
        help="avisa algo a una persona, y se guarda hasta que lo vea",
        who=Who.ADMINISTRATOR,
        arguments=NotificacionNueva,
        handler=notifications.notify,
    ),
    Command(
        word="visto",
        modes=CHAT,
        help="una notificación propia ya se vio",
        who=Who.USER,
        arguments=Visto,
        handler=notifications.see,
    ),
    Command(
        word="entrar_sala",
        modes=CHAT,
        help="entra a una sala",
        who=Who.USER,
        arguments=shapes.NombreDeSala,
        handler=rooms.enter,
    ),
    Command(
        word="salir_sala",
        modes=CHAT,
        help="sale de una sala, y deja de oírla",
        who=Who.USER,
        arguments=shapes.NombreDeSala,
        handler=leave_room,
    ),
    Command(
        word="mensaje",
        modes=CHAT,
        help="habla en una sala, o con una persona",
        who=Who.USER,
        arguments=shapes.NuevoMensaje,
        handler=chat.say,
        begin=chat.begin_message,
    ),
    Command(
        word="editar",
        modes=CHAT,
        help="corrige un mensaje propio",
        who=Who.USER,
        arguments=shapes.Correccion,
        handler=chat.edit,
    ),
    Command(
        word="borrar",
        modes=CHAT,
        help="retira un mensaje propio; un Administrador, cualquiera",
        who=Who.USER,
        arguments=shapes.Borrado,
        handler=chat.delete,
    ),
    Command(
        word="historial",
        modes=CHAT,
        help="los mensajes de una sala, antes de uno",
        who=Who.USER,
        arguments=shapes.Historial,
        handler=chat.history,
    ),
    Command(
        word="buscar",
        modes=CHAT,
        help="busca en lo que se ha dicho en una sala",
        who=Who.USER,
        arguments=shapes.Busqueda,
        handler=chat.search,
    ),
    Command(
        word="escribiendo",
        modes=CHAT,
        help="avisa en la sala que se está escribiendo",
        who=Who.USER,
        arguments=SalaEscribiendo,
        handler=type_text,
    ),
    Command(
        word="leido",
        modes=CHAT,
        help="hasta qué mensaje se leyó",
        who=Who.USER,
        arguments=shapes.MarcaDeLectura,
        handler=chat.mark_read,
    ),
    Command(
        word="salas",
        modes=CHAT,
        help="las salas, con lo que falta por leer",
        who=Who.USER,
        handler=rooms.list_rooms,
    ),
    Command(
        word="usuarios",
        modes=CHAT,
        help="quiénes están conectados",
        who=Who.USER,
        handler=rooms.list_people,
    ),
)
"""Every event that a client may send."""

RESUME = next(event for event in EVENTS if event.handler is resume)
BY_NAME: dict[str, Command] = {event.word: event for event in EVENTS}
OF_THE_SHOP = frozenset({"escanear", "vincular", "reanudar", "notificar", "visto"})
"""Events that are no talk: somebody who is shut out of the chat still sends them."""
