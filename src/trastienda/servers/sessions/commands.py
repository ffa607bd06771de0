"""The commands: a table of words, arguments, and who may use them.

The help, the reference page, and what each wire can do are made of it.
"""

from trastienda.domain.errors import NotFound
from trastienda.servers.sessions import (
    basics,
    buying,
    catching_up,
    chat,
    dispatch,
    login,
    moderation,
    private_messages,
    products,
    rooms,
)
from trastienda.servers.sessions.buying import RepeatKey
from trastienda.servers.sessions.command import Command, Who
from trastienda.servers.sessions.session import Answer, Mode, Session
from trastienda.wire.lines import answers, shapes
from trastienda.wire.lines.cleaning import clean
from trastienda.wire.lines.shapes import LineaEscrita, Nada
from trastienda.wire.live_shapes import Desde

CHAT, INVENTORY = frozenset({Mode.CHAT}), frozenset({Mode.INVENTORY})
BOTH = CHAT | INVENTORY


async def show_help(
    session: Session,
    arguments: Nada,
) -> Answer:
    """List the commands that one may use."""
    return basics.help_on(session, COMMANDS)


async def type_line(
    session: Session,
    arguments: LineaEscrita,
    repeat: RepeatKey | None,
) -> Answer:
    """Do a command as a person types it, and answer in the words that people get.

    Raises NotFound for a word that is no command.
    """
    typed = arguments.texto.strip().removeprefix("/")
    word, *_ = clean(typed).split(maxsplit=1) or [""]
    command = find_typed(session.mode, word)
    if command is None:
        raise NotFound

    answer = await dispatch.perform_typed(session, command, typed, repeat)
    return Answer(answers.words(answer.text), goodbye=answer.goodbye)


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
        handler=buying.buy,
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
        handler=buying.give_back,
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
        word="linea",
        modes=BOTH,
        help="hace un comando como lo escribe una persona, y responde en palabras",
        who=Who.ANYBODY,
        arguments=LineaEscrita,
        handler=type_line,
        keyed=True,
        for_programs=True,
    ),
    Command(
        word="tienda",
        modes=BOTH,
        help="cómo se llama la tienda, y cómo escribe dinero y horas",
        who=Who.ANYBODY,
        handler=basics.show_shop,
        for_programs=True,
    ),
    Command(
        word="ping",
        modes=BOTH,
        help="responde",
        who=Who.ANYBODY,
        handler=basics.ping,
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
        handler=basics.say_goodbye,
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


def find_typed(
    mode: Mode,
    word: str,
) -> Command | None:
    """Return the command that a person means by a word: none that is for programs."""
    command = find(mode, word)
    return None if command is None or command.for_programs else command
