"""The commands: a table of words, arguments, and who may; the reference page and the help are made of it."""

import enum
from collections.abc import Awaitable, Callable
from typing import Any

from msgspec import Struct

from trastienda.domain.chat import Member
from trastienda.domain.errors import Forbidden, NotAuthenticated
from trastienda.domain.people import Role
from trastienda.servers.tcp import counter, entrance, moderating, rooms, talking
from trastienda.servers.tcp.conversation import Answer, Conversation, Mode
from trastienda.servers.tcp.rooms import Nothing

CHAT, INVENTORY = frozenset({Mode.CHAT}), frozenset({Mode.INVENTORY})
BOTH = CHAT | INVENTORY


class Who(enum.Enum):
    """Who may use a command."""

    ANYBODY = "cualquiera"
    MEMBER = "quien tiene alias"
    USER = "quien tiene cuenta"
    ADMINISTRATOR = "Administrador"


class Command(Struct, frozen=True, kw_only=True):
    """A row of the public table.

    ``words`` are the fields that people fill in, in order, the last with the rest of the line; ``also`` are other names
    that a field goes by. A command without ``usage`` and with ``for_programs`` is not for people.
    """

    word: str
    aliases: tuple[str, ...] = ()
    modes: frozenset[Mode]
    usage: str = ""
    help: str
    who: Who
    arguments: type[Struct] = Nothing
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    also: dict[str, str] = {}
    handler: Callable[..., Awaitable[Answer]]
    keyed: bool = False
    for_programs: bool = False


async def show_help(talk: Conversation, given: Nothing) -> Answer:
    """List the commands that whoever asks may use."""
    slash = "/" if talk.mode is Mode.CHAT else ""
    rows, lines = [], []
    for command in COMMANDS:
        if talk.mode not in command.modes or not may_use(command, talk.member):
            continue
        if command.keyed and talk.desk.rules.staff_only and not talk.onlooker.is_staff:
            continue
        rows.append(
            {"accion": command.word, "uso": command.usage, "ayuda": command.help}
        )
        if not command.for_programs:
            others = (
                f" ({', '.join(slash + one for one in command.aliases)})"
                if command.aliases
                else ""
            )
            lines.append(
                f"{slash}{command.word} {command.usage}".rstrip()
                + f"{others}: {command.help}"
            )
    return Answer({"comandos": rows}, "\n".join(lines))


async def leave(talk: Conversation, given: Nothing) -> Answer:
    """Say goodbye."""
    await talk.settle()
    return Answer({}, "Hasta luego.", goodbye=True)


async def ping(talk: Conversation, given: Nothing) -> Answer:
    """Answer, which tells a program that the line is alive."""
    return Answer()


COMMANDS: tuple[Command, ...] = (
    Command(
        word="ver",
        modes=BOTH,
        usage="[TEXTO|CODIGO]",
        help="los productos con su precio y lo que queda",
        who=Who.ANYBODY,
        arguments=counter.Looking,
        words=("q",),
        handler=counter.look,
    ),
    Command(
        word="comprar",
        modes=BOTH,
        usage="CODIGO [CANTIDAD]",
        help="compra; sirve también el nombre exacto",
        who=Who.USER,
        arguments=counter.Taking,
        words=("codigo_barras",),
        handler=counter.buy,
        keyed=True,
    ),
    Command(
        word="devolver",
        modes=BOTH,
        usage="CODIGO [CANTIDAD]",
        help="devuelve lo que compró aquí",
        who=Who.USER,
        arguments=counter.Taking,
        words=("codigo_barras",),
        handler=counter.give_back,
        keyed=True,
    ),
    Command(
        word="entrar",
        aliases=("login",),
        modes=BOTH,
        usage="USUARIO CLAVE",
        help="entra con su cuenta",
        who=Who.ANYBODY,
        arguments=entrance.Login,
        words=("usuario", "clave"),
        handler=entrance.login,
    ),
    Command(
        word="nombre",
        aliases=("nick",),
        modes=CHAT,
        usage="NUEVO",
        help="toma un alias, o lo cambia",
        who=Who.ANYBODY,
        arguments=entrance.Naming,
        words=("alias",),
        also={"nombre": "alias", "nuevo": "alias"},
        handler=entrance.name,
    ),
    Command(
        word="usuarios",
        aliases=("users",),
        modes=CHAT,
        help="quiénes están conectados",
        who=Who.MEMBER,
        handler=rooms.people_here,
    ),
    Command(
        word="mensaje",
        modes=CHAT,
        help="habla en una sala, o con una persona (para)",
        who=Who.MEMBER,
        arguments=talking.Speaking,
        handler=talking.say,
        for_programs=True,
    ),
    Command(
        word="privado",
        aliases=("msg",),
        modes=CHAT,
        usage="ALIAS TEXTO",
        help="habla con una sola persona; si tiene cuenta y no está, lo lee al volver",
        who=Who.MEMBER,
        arguments=talking.Whispering,
        words=("para", "texto"),
        also={"alias": "para"},
        handler=talking.whisper,
    ),
    Command(
        word="sala",
        aliases=("join",),
        modes=CHAT,
        usage="NOMBRE",
        help="cambia de sala; si no existe, el personal la crea",
        who=Who.MEMBER,
        arguments=rooms.Entering,
        words=("sala",),
        also={"nombre": "sala"},
        handler=rooms.enter,
    ),
    Command(
        word="salas",
        modes=CHAT,
        help="las salas, con lo que falta por leer",
        who=Who.MEMBER,
        handler=rooms.rooms,
    ),
    Command(
        word="historial",
        modes=CHAT,
        usage="[N]",
        help="los últimos mensajes de la sala",
        who=Who.MEMBER,
        arguments=talking.Looking,
        words=("limite",),
        numbers=("limite",),
        handler=talking.history,
    ),
    Command(
        word="buscar",
        modes=CHAT,
        usage="TEXTO",
        help="busca en lo que se ha dicho; los acentos no importan",
        who=Who.MEMBER,
        arguments=talking.Searching,
        words=("q",),
        also={"texto": "q"},
        handler=talking.search,
    ),
    Command(
        word="editar",
        modes=CHAT,
        usage="SEQ TEXTO",
        help="corrige un mensaje propio, por su número",
        who=Who.MEMBER,
        arguments=talking.Editing,
        words=("seq", "texto"),
        numbers=("seq",),
        handler=talking.edit,
    ),
    Command(
        word="borrar",
        modes=CHAT,
        usage="SEQ",
        help="retira un mensaje propio, por su número",
        who=Who.MEMBER,
        arguments=talking.Deleting,
        words=("seq",),
        numbers=("seq",),
        handler=talking.delete,
    ),
    Command(
        word="leido",
        modes=CHAT,
        help="hasta qué mensaje se leyó",
        who=Who.USER,
        arguments=talking.ReadMark,
        handler=talking.read,
        for_programs=True,
    ),
    Command(
        word="stock",
        modes=BOTH,
        usage="CODIGO|TEXTO",
        help="cuánto queda",
        who=Who.ANYBODY,
        arguments=counter.Asking,
        words=("codigo_barras",),
        also={"q": "codigo_barras", "texto": "codigo_barras"},
        handler=counter.stock,
    ),
    Command(
        word="producto",
        modes=BOTH,
        usage="CODIGO|TEXTO",
        help="precio y descuento",
        who=Who.ANYBODY,
        arguments=counter.Asking,
        words=("codigo_barras",),
        also={"q": "codigo_barras", "texto": "codigo_barras"},
        handler=counter.price,
    ),
    Command(
        word="expulsar",
        modes=CHAT,
        usage="ALIAS",
        help="saca a alguien del chat",
        who=Who.ADMINISTRATOR,
        arguments=moderating.Naming,
        words=("alias",),
        handler=moderating.kick,
    ),
    Command(
        word="silenciar",
        modes=CHAT,
        usage="ALIAS [MIN]",
        help="alguien escucha y no habla, por unos minutos (10 si no se dice)",
        who=Who.ADMINISTRATOR,
        arguments=moderating.Muting,
        words=("alias", "minutos"),
        numbers=("minutos",),
        handler=moderating.mute,
    ),
    Command(
        word="bloquear",
        modes=CHAT,
        usage="ALIAS|DIRECCION",
        help="cierra el chat a una cuenta, a un invitado con su dirección, o a una dirección",
        who=Who.ADMINISTRATOR,
        arguments=moderating.Naming,
        words=("alias",),
        handler=moderating.ban,
    ),
    Command(
        word="desbloquear",
        modes=CHAT,
        usage="ALIAS|DIRECCION",
        help="deshace un bloqueo o un silencio",
        who=Who.ADMINISTRATOR,
        arguments=moderating.Naming,
        words=("alias",),
        handler=moderating.lift,
    ),
    Command(
        word="sanciones",
        modes=CHAT,
        help="quién está bloqueado o en silencio",
        who=Who.ADMINISTRATOR,
        handler=moderating.listed,
    ),
    Command(
        word="ping",
        modes=BOTH,
        help="responde",
        who=Who.ANYBODY,
        handler=ping,
        for_programs=True,
    ),
    Command(
        word="ayuda",
        aliases=("help",),
        modes=BOTH,
        help="esta lista",
        who=Who.ANYBODY,
        handler=show_help,
    ),
    Command(
        word="salir",
        aliases=("exit", "quit"),
        modes=BOTH,
        help="se despide y cierra",
        who=Who.ANYBODY,
        handler=leave,
    ),
)
"""Every command there is."""

BY_WORD: dict[tuple[Mode, str], Command] = {
    (mode, word): command
    for command in COMMANDS
    for mode in command.modes
    for word in (command.word, *command.aliases)
}


def may_use(command: Command, member: Member | None) -> bool:
    """Tell whether somebody may use a command."""
    try:
        check_who(command, member)
    except (NotAuthenticated, Forbidden):
        return False
    return True


def check_who(command: Command, member: Member | None) -> None:
    """Raise NotAuthenticated or Forbidden where whoever is there may not use the command."""
    who = command.who
    if who is Who.ANYBODY:
        return
    if member is None or (who is not Who.MEMBER and member.actor is None):
        raise NotAuthenticated
    if who is Who.ADMINISTRATOR and (
        member.actor is None or member.actor.role is not Role.ADMINISTRATOR
    ):
        raise Forbidden


def named_fields(command: Command, given: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a program under the names that the command has for them."""
    return {command.also.get(name, name): value for name, value in given.items()}
