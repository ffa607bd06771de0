"""What a shop announces, as a program hears it; nothing here touches a network."""

from collections.abc import Iterable, Iterator
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct

from trastienda.clients.sdk.calls import Answer, Call
from trastienda.clients.sdk.errors import UnexpectedAnswer
from trastienda.wire.announced import (
    SHAPES,
    CodigoDeProducto,
    CopiaFallida,
    RutLiberado,
    StockBajo,
)
from trastienda.wire.chat import Mensaje
from trastienda.wire.notifications import NotificacionAnunciada, NotificacionVista
from trastienda.wire.people import Usuario
from trastienda.wire.products import Producto, ProductoFuera, Stock
from trastienda.wire.purchases import Compra
from trastienda.wire.returns import Devolucion
from trastienda.wire.sales import Venta

EVENT_STREAM = "text/event-stream"
MAX_EVENT_BYTES = 4 * 1024 * 1024
"""Of one event: some hundred times a sale of 500 lines. What is longer is from no shop."""

Kind = Literal[
    "stock",
    "stock_bajo",
    "producto",
    "producto_eliminado",
    "descuento_vencido",
    "venta",
    "devolucion",
    "compra",
    "usuario",
    "rut_liberado",
    "copia_fallida",
    "mensaje",
    "notificacion",
    "notificacion_vista",
]
"""What is announced."""
Body = (
    Stock
    | StockBajo
    | Producto
    | ProductoFuera
    | CodigoDeProducto
    | Venta
    | Devolucion
    | Compra
    | Usuario
    | RutLiberado
    | CopiaFallida
    | Mensaje
    | NotificacionAnunciada
    | NotificacionVista
    | dict[str, Any]
)
"""What an announcement holds. A mapping for a kind that is newer than this program."""


class Event(Struct, frozen=True):
    """Something that happened in the shop."""

    n: int
    """Its number: all that was announced before has a smaller one."""
    kind: str
    """How it is called on the wire: ``venta``, ``stock`` …"""
    body: Body
    """The thing as it is after that."""


class SnapshotNeeded(Struct, frozen=True):
    """Not all that was announced is known any more: read afresh what is kept a copy of.

    What is announced after ``n`` follows.
    """

    n: int


Heard = Event | SnapshotNeeded


class Told(Struct, frozen=True):
    """Everything up to ``n`` was told, whether or not it was for the caller."""

    n: int


class Feed(Struct, frozen=True):
    """What is listened to: from which number on, and which kinds of it."""

    since: int | None
    kinds: frozenset[str] | None = None

    @property
    def first(self) -> Call[None]:
        """The call with which it begins."""
        return self.after(self.since)

    def after(self, n: int | None) -> Call[None]:
        """Return the call that begins, or goes on, behind number ``n``."""
        return Call(
            method="GET",
            path="/eventos",
            query={} if n is None else {"desde": n},
            accept=EVENT_STREAM,
            read=lambda _: None,
        )

    def wants(self, heard: Heard) -> bool:
        """Tell whether the program asked for it."""
        if self.kinds is None or isinstance(heard, SnapshotNeeded):
            return True
        return heard.kind in self.kinds


def feed(
    since: int | None,
    kinds: Iterable[Kind] | None,
) -> Feed:
    """Return what is listened to; raise ValueError for a kind that there is not."""
    if kinds is None:
        return Feed(since)
    wanted = frozenset(kinds)
    unknown = wanted - set(get_args(Kind))
    if unknown:
        raise ValueError(f"no kind of event: {', '.join(sorted(unknown))}")
    return Feed(since, wanted)


class Reader:
    """Takes a stream apart into events, as the standard says (HTML, 9.2)."""

    def __init__(self) -> None:
        self._rest = b""
        self._name = ""
        self._id: int | None = None
        self._data: list[bytes] = []

    def read(self, piece: bytes) -> Iterator[Heard | Told]:
        """Yield what has come whole with one more piece.

        Raises UnexpectedAnswer for what no shop sends.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > MAX_EVENT_BYTES:
            raise _not_understood(self._rest, "un evento sin fin")
        for line in lines:
            if line.strip():
                self._take(line)
            else:
                yield from self._whole()

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.strip()
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value.decode()
        elif field == b"id" and value.isdigit():
            self._id = int(value)

    def _whole(self) -> Iterator[Heard | Told]:
        name, n, data = self._name, self._id, b"\n".join(self._data)
        self._name, self._id, self._data = "", None, []
        if n is None:  # of the moment only, or nothing
            return
        if not data:
            yield Told(n)
        elif name == "hueco":
            yield SnapshotNeeded(n)
        else:
            yield Event(n, name, _body(name, data))


def _body(
    name: str,
    data: bytes,
) -> Any:
    """Return what an announcement holds; raise UnexpectedAnswer."""
    failure: msgspec.DecodeError | None = None
    for shape in SHAPES.get(name, (dict[str, Any],)):
        try:
            return msgspec.json.decode(data, type=shape)
        except msgspec.DecodeError as error:
            failure = failure or error
    raise _not_understood(data, f"no se entiende: {failure}") from failure


def _not_understood(
    data: bytes,
    because: str,
) -> UnexpectedAnswer:
    answer = Answer(200, {"content-type": EVENT_STREAM}, data)
    return UnexpectedAnswer(answer, because)
