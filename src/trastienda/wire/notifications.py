"""Notifications on the wire, and the words for what the shop noticed."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from trastienda.domain.chat import Alert
from trastienda.domain.notifications import (
    LargeReturn,
    LowProducts,
    Notification,
    NotificationSeen,
    RefusedLogins,
    Topic,
)
from trastienda.domain.products import Unit
from trastienda.domain.shop import Shop
from trastienda.wire import bodies
from trastienda.wire.values import time_out
from trastienda.wire.written import counted, money, quantity


class NotificacionNueva(Struct, forbid_unknown_fields=True):
    """Una notificación para una persona."""

    rut: str
    titulo: str
    texto: str


class Notificacion(Struct):
    """Una notificación; ``visto`` es cuándo la vio su persona, o null."""

    id: int
    titulo: str
    texto: str
    fecha: str
    visto: str | None


class NotificacionAnunciada(Struct):
    """Una notificación como se anuncia: nadie la ha visto todavía."""

    id: int
    titulo: str
    texto: str
    fecha: str


class NotificacionVista(Struct):
    """Una notificación que su persona vio, y cuándo."""

    id: int
    visto: str


class Words(NamedTuple):
    """What a notification says."""

    title: str
    text: str


_NEW = msgspec.json.Decoder(NotificacionNueva)


def decode_new(body: bytes) -> NotificacionNueva:
    """Decode a notification to be sent; raise UnreadableError or Invalid."""
    return bodies.decode(_NEW, body)


def words_of(notification: Notification) -> Words:
    """Return what a notification says, in words."""
    if notification.topic is Topic.WRITTEN:
        return Words(notification.title, notification.text)

    facts = notification.facts
    if isinstance(facts, LowProducts):
        return _low_products(facts)
    if isinstance(facts, RefusedLogins):
        return _refused_logins(facts)
    if isinstance(facts, LargeReturn):
        amount = money(facts.total_minor, Shop(currency=facts.currency))
        text = (
            f"Devolución {facts.return_id} de la venta {facts.sale_id}, por {amount}; "
            f"la hizo {facts.by}."
        )
        return Words("Devolución grande", text)
    return Words("No se hizo la copia programada", f"{facts.reason}.")


def _low_products(facts: LowProducts) -> Words:
    count = len(facts.products) + facts.more
    texts = [_low_product(alert) for alert in facts.products]
    if facts.more:
        texts.append(f"Y {facts.more} más.")
    noun = facts.products[0].name if count == 1 else f"{count} productos"
    return Words(f"Queda poco de {noun}", " ".join(texts))


def _low_product(alert: Alert) -> str:
    unit = Unit(alert.unit)
    left = quantity(alert.stock_milli, unit)
    minimum = quantity(alert.min_stock_milli, unit)
    return f"{alert.name} ({alert.code}): {left}; el mínimo es {minimum}."


def _refused_logins(facts: RefusedLogins) -> Words:
    attempts = counted(facts.count, "intento", "intentos")
    text = f"{attempts} con clave o código equivocado en {facts.minutes} minutos"
    if facts.rut is not None:
        text += f", para la cuenta de {facts.rut}"
    if facts.network is not None:
        text += f", desde {facts.network}"
    return Words("Alguien prueba claves", f"{text}.")


def notification_out(
    notification: Notification,
    time_zone: ZoneInfo,
) -> Notificacion:
    """Return a notification as it is listed."""
    words = words_of(notification)
    seen_at_ms = notification.seen_at_ms
    return Notificacion(
        id=notification.id,
        titulo=words.title,
        texto=words.text,
        fecha=time_out(notification.at_ms, time_zone),
        visto=None if seen_at_ms is None else time_out(seen_at_ms, time_zone),
    )


def announced_out(
    notification: Notification,
    time_zone: ZoneInfo,
) -> NotificacionAnunciada:
    """Return a notification as it is announced to its user."""
    words = words_of(notification)
    fecha = time_out(notification.at_ms, time_zone)
    return NotificacionAnunciada(notification.id, words.title, words.text, fecha)


def seen_out(
    seen: NotificationSeen,
    time_zone: ZoneInfo,
) -> NotificacionVista:
    """Return that a notification was seen, as it is announced."""
    return NotificacionVista(seen.id, time_out(seen.seen_at_ms, time_zone))
