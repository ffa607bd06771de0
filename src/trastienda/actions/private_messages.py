"""Saying something to one person alone, at once or when they are back."""

from collections.abc import Collection

from msgspec import Struct

from trastienda.domain import chat as rules
from trastienda.domain.chat import (
    MAX_PRIVATE_CHARS,
    MAX_PRIVATE_FROM_ONE,
    MAX_PRIVATE_WAITING,
    Member,
    PrivateMessage,
)
from trastienda.domain.errors import KeyReused, MailboxFull, NotFound
from trastienda.domain.events import Kind, audience_of_private
from trastienda.storage import moderation, private_messages
from trastienda.storage.transactions import Snapshot, Tx


class Addressee(Struct, frozen=True):
    """Whom a message is for: their key, how they are called, and whether they are there to get it now."""

    key: str
    alias: str
    present: bool


def whisper(
    tx: Tx,
    member: Member,
    to: Addressee,
    text: str,
    client_id: str | None = None,
    source: int | None = None,
) -> PrivateMessage:
    """Say something to one person; for an account it waits until :func:`deliver` says that it was handed over.

    Raises NotFound where the other is away and either is a guest, MailboxFull where too much waits for them already.
    """
    rules.check_text(text)
    rules.check_client_id(client_id)
    if client_id is not None:
        earlier = private_messages.told_before(tx.connection, member.key, client_id)
        if earlier is not None:
            if (earlier.recipient, earlier.text) != (to.key, text):
                raise KeyReused
            return earlier
    rules.require_voice(moderation.on(tx.connection, member.keys), member, tx.now_ms)
    if not to.present:
        if member.actor is None or not to.key.startswith("u"):
            raise NotFound
        _check_mailbox(tx, member, to, text)
    one = PrivateMessage(
        id=private_messages.next_id(tx.connection),
        at_ms=tx.now_ms,
        sender=member.key,
        alias=member.alias,
        recipient=to.key,
        recipient_alias=to.alias,
        text=text,
        client_id=client_id,
    )
    # Only once it was handed over does it wait no longer: whoever is here now may be gone by then.
    private_messages.add(tx, one, delivered=not to.key.startswith("u"))
    tx.emit(Kind.PRIVATE_MESSAGE, audience_of_private(one), one, source)
    return one


def _check_mailbox(tx: Tx, member: Member, to: Addressee, text: str) -> None:
    box = private_messages.mailbox(tx.connection, to.key, member.key)
    full = (
        box.messages >= MAX_PRIVATE_WAITING or box.chars + len(text) > MAX_PRIVATE_CHARS
    )
    if full or box.from_sender >= MAX_PRIVATE_FROM_ONE:
        raise MailboxFull


def waiting(snapshot: Snapshot, member: Member) -> list[PrivateMessage]:
    """Return what was said to a member while they were away, oldest first."""
    return private_messages.waiting(snapshot.connection, member.key)


def deliver(tx: Tx, ids: Collection[int]) -> None:
    """Keep that these messages have been handed over."""
    private_messages.deliver(tx, ids)
