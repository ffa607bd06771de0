"""Announcements: events by their Spanish names, with subjects as HTTP shows them."""

from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from trastienda.domain.events import Event, Kind
from trastienda.domain.webhooks import Off
from trastienda.wire.announced import (
    AvisoApagado,
    CodigoDeProducto,
    CopiaFallida,
    Hueco,
    RutLiberado,
    StockBajo,
)
from trastienda.wire.chat import message_out, private_out
from trastienda.wire.event_names import MOTIVOS
from trastienda.wire.notifications import announced_out, seen_out
from trastienda.wire.people import user_out
from trastienda.wire.products import ProductoFuera, product_out, stock_out
from trastienda.wire.purchases import purchase_out
from trastienda.wire.returns import return_out
from trastienda.wire.sales import sale_out
from trastienda.wire.shop import shop_out
from trastienda.wire.values import quantity_out

PRESENCE = "presencia"
SILENCE = "silencio"
CLOSING = "cierre"
SCAN, LINK, TYPING = "escaneo", "vinculo", "escribiendo"
"""Announcements of the moment, which have no number; the last three by Socket.IO only."""
OF_THE_MOMENT = (PRESENCE, TYPING, SCAN, LINK, SILENCE, CLOSING)


def body(
    event: Event,
    time_zone: ZoneInfo,
    *,
    staff: bool,
) -> Any:
    """Return what an announcement holds beside its name and number.

    ``staff`` see more.
    """
    # What the subject is goes with the kind: see SUBJECT_OF.
    subject: Any = event.subject

    match event.kind:
        case Kind.STOCK:
            return stock_out(subject)
        case Kind.SALE:
            return sale_out(subject, time_zone)
        case Kind.PRODUCT if not staff and not subject.active:
            return ProductoFuera(subject.code)
        case Kind.PRODUCT:
            return product_out(subject, event.at_ms, time_zone, staff=staff)
        case Kind.MESSAGE:
            return message_out(subject, time_zone)
        case Kind.PRIVATE_MESSAGE:
            return private_out(subject, time_zone)
        case Kind.NOTIFICATION:
            return announced_out(subject, time_zone)
        case Kind.NOTIFICATION_SEEN:
            return seen_out(subject, time_zone)
        case Kind.RETURN:
            return return_out(subject, time_zone)
        case Kind.PURCHASE:
            return purchase_out(subject, time_zone)
        case Kind.USER:
            return user_out(subject, time_zone)
        case Kind.RIGHTS_CHANGED:
            return Hueco()
        case Kind.RUT_RELEASED:
            return RutLiberado(subject.rut)
        case Kind.COPY_FAILED:
            return CopiaFallida(subject.reason)
        case Kind.WEBHOOK_OFF:
            reason = MOTIVOS[Off(subject.reason)]
            return AvisoApagado(subject.webhook_id, subject.origin, reason)
        case Kind.SHOP:
            return shop_out(subject)
        case Kind.DISCOUNT_EXPIRED | Kind.PRODUCT_DELETED:
            return CodigoDeProducto(subject.code)
        case Kind.LOW_STOCK:
            return StockBajo(
                subject.code,
                quantity_out(subject.stock_milli),
                quantity_out(subject.min_stock_milli),
            )
        case _:
            raise KeyError(event.kind)


def encode(
    body: Any,
    n: int | None = None,
) -> bytes:
    """Return what an announcement holds as JSON, with its number first, where it has one."""
    encoded = msgspec.json.encode(body)
    if n is None:
        return encoded
    rest = encoded[1:] if encoded == b"{}" else b"," + encoded[1:]
    return b'{"n":%d' % n + rest


def silence_out(left_s: int | None) -> dict[str, int]:
    """Return what is announced to somebody who is muted.

    They may not speak for ``left_s`` more; None and 0 mean that they may again.
    """
    return {"segundos": left_s or 0}


def closing_out(code: str) -> dict[str, str]:
    """Return what is announced last: the code of the reason for closing."""
    return {"motivo": code}
