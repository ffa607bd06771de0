"""The commands: a table of words, arguments, and who may use them.

The help, the reference page, and what each wire can do are made of it.
"""

from trastienda.domain.people import STRANGER
from trastienda.servers.sessions import (
    catching_up,
    chat,
    login,
    moderation,
    private_messages,
    products,
    rooms,
)
from trastienda.servers.sessions.command import Command, Who, may_use, slash
from trastienda.servers.sessions.session import Answer, Mode, Session
from trastienda.wire.lines import answers, sentences, shapes
from trastienda.wire.lines.shapes import Nada
from trastienda.wire.live_shapes import Desde

CHAT, INVENTORY = frozenset({Mode.CHAT}), frozenset({Mode.INVENTORY})
BOTH = CHAT | INVENTORY


async def show_help(
    session: Session,
    arguments: Nada,
) -> Answer:
    """List the commands that one may use.

    Who has not logged in is shown how one buys, too, and what it takes.
    """
    buyers = session.hub.rules.buyers
    is_stranger = session.viewer is STRANGER
    may_buy = products.may_buy(session)

    for_programs: list[tuple[str, str, str]] = []
    for_people: list[str] = []
    for command in COMMANDS:
        if session.mode not in command.modes:
            continue

        help_text = command.help
        if command.keyed:
            if is_stranger:
                help_text = f"{help_text} ({sentences.BUYING_TAKES[buyers]})"
            elif not may_buy:
                continue
        elif not may_use(command, session.member):
            continue

        for_programs.append((command.word, command.usage, help_text))
        if not command.for_programs:
            help_line = sentences.help_line(
                command.word,
                command.usage,
                command.aliases,
                help_text,
                slash(session.mode),
            )
            for_people.append(help_line)

    if not is_stranger and not may_buy:
        for_people.append(sentences.NO_BUYING[buyers])
    data = answers.commands(for_programs)
    return Answer(data, "\n".join(for_people))


async def say_goodbye(
    session: Session,
    arguments: Nada,
) -> Answer:
    """End the session, once what was said is stored."""
    await session.in_flight.wait()
    return Answer(text=sentences.GOODBYE, goodbye=True)


async def ping(
    session: Session,
    arguments: Nada,
) -> Answer:
    """Answer, so that a program knows that the connection is alive."""
    return Answer()


COMMANDS: tuple[Command, ...] = (
    Command(
        word="ver",
        modes=BOTH,
        usage="[TEXTO|CODIGO]",
        help="los productos con su precio y lo que queda",
        who=Who.ANYBODY,
        arguments=shapes.VerProductos,
        fields=("q",),
        handler=products.look,
    ),
    Command(
        word="comprar",
        modes=BOTH,
        usage="CODIGO [CANTIDAD]",
        help="compra; sirve también el nombre exacto",
        who=Who.USER,
        arguments=shapes.ProductoYCantidad,
        fields=("codigo_barras",),
        handler=products.buy,
        keyed=True,
    ),
    Command(
        word="devolver",
        modes=BOTH,
        usage="CODIGO [CANTIDAD]",
        help="devuelve lo que compraste aquí",
        who=Who.USER,
        arguments=shapes.ProductoYCantidad,
        fields=("codigo_barras",),
        handler=products.give_back,
        keyed=True,
    ),
    Command(
        word="entrar",
        aliases=("login",),
        modes=BOTH,
        usage="USUARIO CLAVE [CODIGO]",
        help="entra con tu cuenta",
        who=Who.ANYBODY,
        arguments=shapes.Entrada,
        fields=("usuario", "clave", "codigo"),
        is_quoted=True,
        handler=login.log_in,
    ),
    Command(
        word="nombre",
        aliases=("nick",),
        modes=CHAT,
        usage="NUEVO",
        help="toma un alias, o cámbialo",
        who=Who.ANYBODY,
        arguments=shapes.NuevoAlias,
        fields=("alias",),
        field_aliases={"nombre": "alias", "nuevo": "alias"},
        handler=login.take_alias,
    ),
    Command(
        word="usuarios",
        aliases=("users",),
        modes=CHAT,
        help="quiénes están conectados",
        who=Who.MEMBER,
        handler=rooms.list_people,
    ),
    Command(
        word="mensaje",
        modes=CHAT,
        help="habla en una sala, o con una persona (para)",
        who=Who.MEMBER,
        arguments=shapes.NuevoMensaje,
        handler=chat.say,
        begin=chat.begin_message,
        for_programs=True,
    ),
    Command(
        word="privado",
        aliases=("msg",),
        modes=CHAT,
        usage="ALIAS TEXTO",
        help="habla con una sola persona; si tiene cuenta y no está, lo lee al volver",
        who=Who.MEMBER,
        arguments=shapes.MensajePrivado,
        fields=("para", "texto"),
        field_aliases={"alias": "para"},
        handler=private_messages.whisper,
    ),
    Command(
        word="sala",
        aliases=("join",),
        modes=CHAT,
        usage="NOMBRE",
        help="cambia de sala; si no existe, el personal la crea",
        who=Who.MEMBER,
        arguments=shapes.NombreDeSala,
        fields=("sala",),
        field_aliases={"nombre": "sala"},
        handler=rooms.enter,
    ),
    Command(
        word="salas",
        modes=CHAT,
        help="las salas, con lo que falta por leer",
        who=Who.MEMBER,
        handler=rooms.list_rooms,
    ),
    Command(
        word="archivar",
        modes=CHAT,
        usage="SALA",
        help="deja una sala solo para leer",
        who=Who.ADMINISTRATOR,
        arguments=shapes.NombreDeSala,
        fields=("sala",),
        field_aliases={"nombre": "sala"},
        handler=rooms.archive,
    ),
    Command(
        word="desarchivar",
        modes=CHAT,
        usage="SALA",
        help="abre otra vez una sala archivada",
        who=Who.ADMINISTRATOR,
        arguments=shapes.NombreDeSala,
        fields=("sala",),
        field_aliases={"nombre": "sala"},
        handler=rooms.reopen,
    ),
    Command(
        word="historial",
        modes=CHAT,
        usage="[N]",
        help="los últimos mensajes de la sala",
        who=Who.MEMBER,
        arguments=shapes.Historial,
        fields=("limite",),
        number_fields=("limite",),
        handler=chat.history,
    ),
    Command(
        word="buscar",
        modes=CHAT,
        usage="TEXTO",
        help="busca en lo que se ha dicho; los acentos no importan",
        who=Who.MEMBER,
        arguments=shapes.Busqueda,
        fields=("q",),
        field_aliases={"texto": "q"},
        handler=chat.search,
    ),
    Command(
        word="editar",
        modes=CHAT,
        usage="SEQ TEXTO",
        help="corrige un mensaje tuyo, por su número",
        who=Who.MEMBER,
        arguments=shapes.Correccion,
        fields=("seq", "texto"),
        number_fields=("seq",),
        handler=chat.edit,
    ),
    Command(
        word="borrar",
        modes=CHAT,
        usage="SEQ",
        help="retira un mensaje tuyo, por su número",
        who=Who.MEMBER,
        arguments=shapes.Borrado,
        fields=("seq",),
        number_fields=("seq",),
        handler=chat.delete,
    ),
    Command(
        word="leido",
        modes=CHAT,
        help="hasta qué mensaje leíste",
        who=Who.USER,
        arguments=shapes.MarcaDeLectura,
        handler=chat.mark_read,
        for_programs=True,
    ),
    Command(
        word="stock",
        modes=BOTH,
        usage="CODIGO|TEXTO",
        help="cuánto queda",
        who=Who.ANYBODY,
        arguments=shapes.ConsultaProducto,
        fields=("codigo_barras",),
        field_aliases={"q": "codigo_barras", "texto": "codigo_barras"},
        handler=products.stock,
    ),
    Command(
        word="producto",
        modes=BOTH,
        usage="CODIGO|TEXTO",
        help="precio y descuento",
        who=Who.ANYBODY,
        arguments=shapes.ConsultaProducto,
        fields=("codigo_barras",),
        field_aliases={"q": "codigo_barras", "texto": "codigo_barras"},
        handler=products.price,
    ),
    Command(
        word="expulsar",
        modes=CHAT,
        usage="ALIAS",
        help="saca a alguien del chat",
        who=Who.ADMINISTRATOR,
        arguments=shapes.Moderado,
        fields=("alias",),
        handler=moderation.kick,
    ),
    Command(
        word="silenciar",
        modes=CHAT,
        usage="ALIAS [MIN]",
        help="alguien escucha y no habla, por unos minutos (10 si no se dice)",
        who=Who.ADMINISTRATOR,
        arguments=shapes.Silencio,
        fields=("alias", "minutos"),
        number_fields=("minutos",),
        handler=moderation.mute,
    ),
    Command(
        word="bloquear",
        modes=CHAT,
        usage="ALIAS|RED",
        help="cierra el chat a una cuenta, a un invitado con su red, o a una red (10.1.0.0/16)",
        who=Who.ADMINISTRATOR,
        arguments=shapes.Moderado,
        fields=("alias",),
        handler=moderation.ban,
    ),
    Command(
        word="desbloquear",
        modes=CHAT,
        usage="ALIAS|RED",
        help="deshace un bloqueo o un silencio",
        who=Who.ADMINISTRATOR,
        arguments=shapes.Moderado,
        fields=("alias",),
        handler=moderation.lift,
    ),
    Command(
        word="sanciones",
        modes=CHAT,
        help="quién está bloqueado o en silencio",
        who=Who.ADMINISTRATOR,
        handler=moderation.list_sanctions,
    ),
    Command(
        word="reanudar",
        modes=BOTH,
        help="cuenta todo lo anunciado desde un número, y sigue en vivo",
        who=Who.USER,
        arguments=Desde,
        handler=catching_up.resume,
        for_programs=True,
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
        help="despídete y cierra",
        who=Who.ANYBODY,
        handler=say_goodbye,
    ),
)
"""Every command there is."""

BY_WORD: dict[tuple[Mode, str], Command] = {
    (mode, word): command
    for command in COMMANDS
    for mode in command.modes
    for word in (command.word, *command.aliases)
}
LOGIN = BY_WORD[Mode.CHAT, "entrar"]
MESSAGE = BY_WORD[Mode.CHAT, "mensaje"]
NAME = BY_WORD[Mode.CHAT, "nombre"]


def find(
    mode: Mode,
    word: str,
) -> Command | None:
    """Return the command that a word means, whatever its case."""
    folded_word = word.casefold()
    return BY_WORD.get((mode, folded_word))
