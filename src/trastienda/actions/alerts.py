"""What the shop itself says in the room of alerts."""

from collections.abc import Sequence

from trastienda.actions.notifications import notify_administrators
from trastienda.domain.chat import ALERTS, HOUSE_KEY, Alert, Message, MessageKind
from trastienda.domain.events import ADMINISTRATORS, CopyFailed, Kind, WebhookOff
from trastienda.domain.notifications import CopyFault
from trastienda.domain.products import Product
from trastienda.domain.visibility import audience_of_room
from trastienda.domain.webhooks import Off
from trastienda.storage import chat
from trastienda.storage.transactions import Tx


def post_alerts(
    transaction: Tx,
    kind: MessageKind,
    products: Sequence[Product],
) -> None:
    """Say in the room of alerts, as the shop itself, what is left of each product."""
    _post(transaction, kind, [Alert.of(product).text for product in products])


def announce_copy_fault(
    transaction: Tx,
    reason: str,
) -> None:
    """Say to Administradores, and in the room of alerts, why a copy was not made."""
    transaction.emit(Kind.COPY_FAILED, ADMINISTRATORS, CopyFailed(reason))
    notify_administrators(transaction, CopyFault(reason))
    _post(transaction, MessageKind.COPY_FAILED, [reason])


def announce_webhook_off(
    transaction: Tx,
    webhook_id: str,
    origin: str,
    reason: Off,
) -> None:
    """Say to Administradores, and in the room of alerts, that nothing is sent to an address
    any more."""
    subject = WebhookOff(webhook_id, origin, reason.value)
    transaction.emit(Kind.WEBHOOK_OFF, ADMINISTRATORS, subject)
    _post(transaction, MessageKind.WEBHOOK_OFF, [origin])


def _post(
    transaction: Tx,
    kind: MessageKind,
    texts: Sequence[str],
) -> None:
    if not texts:
        return

    room = chat.rooms_by_name(transaction.connection, [ALERTS]).get(ALERTS)
    if room is None:
        room = chat.add_room(transaction, ALERTS)

    messages = []
    for seq, text in enumerate(texts, start=room.last_seq + 1):
        message = Message(
            room=ALERTS,
            seq=seq,
            at_ms=transaction.now_ms,
            sender=HOUSE_KEY,
            alias="",
            text=text,
            kind=kind,
        )
        messages.append(message)

    chat.add(transaction, [room], [(room.id, message) for message in messages])
    for message in messages:
        transaction.emit(Kind.MESSAGE, audience_of_room(ALERTS), message)
