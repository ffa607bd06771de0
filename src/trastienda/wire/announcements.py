"""Announcements: each kind of event by its Spanish name, with its subject as HTTP shows it."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from trastienda.domain.chat import Notice
from trastienda.domain.events import Event, Kind
from trastienda.wire.chat import Presencia, message_out, notice_out, private_out
from trastienda.wire.people import user_out
from trastienda.wire.products import product_out, stock_out
from trastienda.wire.purchases import purchase_out
from trastienda.wire.returns import return_out
from trastienda.wire.sales import sale_out
from trastienda.wire.values import quantity_out

NAMES: dict[Kind, str] = {
    Kind.STOCK: "stock",
    Kind.LOW_STOCK: "stock_bajo",
    Kind.PRODUCT: "producto",
    Kind.DISCOUNT_EXPIRED: "descuento_vencido",
    Kind.SALE: "venta",
    Kind.RETURN: "devolucion",
    Kind.PURCHASE: "compra",
    Kind.USER: "usuario",
    Kind.MESSAGE: "mensaje",
    Kind.PRIVATE_MESSAGE: "mensaje",
}
"""What is announced, and how it is called; the other kinds concern the server alone."""

PRESENCE = "presencia"
SILENCE = "silencio"
CLOSING = "cierre"
"""Announcements of the moment, which have no number: who comes and goes, a mute, the end."""

_OUT: dict[Kind, Callable[[Any, int, ZoneInfo, bool], Any]] = {
    Kind.STOCK: lambda subject, at_ms, time_zone, staff: stock_out(subject),
    Kind.LOW_STOCK: lambda subject, at_ms, time_zone, staff: {
        "codigo_barras": subject.code,
        "stock": quantity_out(subject.stock_milli),
        "stock_minimo": quantity_out(subject.min_stock_milli),
    },
    Kind.PRODUCT: lambda subject, at_ms, time_zone, staff: product_out(
        subject, at_ms, time_zone, staff=staff
    ),
    Kind.DISCOUNT_EXPIRED: lambda subject, at_ms, time_zone, staff: {
        "codigo_barras": subject.code
    },
    Kind.SALE: lambda subject, at_ms, time_zone, staff: sale_out(subject, time_zone),
    Kind.RETURN: lambda subject, at_ms, time_zone, staff: return_out(
        subject, time_zone
    ),
    Kind.PURCHASE: lambda subject, at_ms, time_zone, staff: purchase_out(
        subject, time_zone
    ),
    Kind.USER: lambda subject, at_ms, time_zone, staff: user_out(subject, time_zone),
    Kind.MESSAGE: lambda subject, at_ms, time_zone, staff: message_out(
        subject, time_zone
    ),
    Kind.PRIVATE_MESSAGE: lambda subject, at_ms, time_zone, staff: private_out(
        subject, time_zone
    ),
}


def body(event: Event, time_zone: ZoneInfo, *, staff: bool) -> Any:
    """Return what an announcement holds beside its name and number; ``staff`` see more."""
    return _OUT[event.kind](event.subject, event.at_ms, time_zone, staff)


def presence_out(notice: Notice) -> Presencia:
    """Return what is announced of somebody who comes, leaves or changes their alias."""
    return notice_out(notice)


def silence_out(left_s: int | None) -> dict[str, int]:
    """Return what is announced to somebody who is muted for so long, or for None not any more."""
    return {"segundos": left_s or 0}


def closing_out(code: str) -> dict[str, str]:
    """Return what is announced last: the code of the reason why the connection is closed."""
    return {"motivo": code}
