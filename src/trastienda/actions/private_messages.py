"""Private messages: said to one person alone, who may be here or away."""

from collections.abc import Collection

from msgspec import Struct

from trastienda.domain import chat as rules
from trastienda.domain.chat import (
    MailboxShare,
    Member,
    PrivateMessage,
    mailbox_share,
)
from trastienda.domain.errors import KeyReused, MailboxFull, NotFound
from trastienda.domain.events import Kind
from trastienda.domain.moderation import require_voice
from trastienda.domain.visibility import audience_of_private
from trastienda.storage import moderation, private_messages
from trastienda.storage.transactions import Snapshot, Tx, lookup


class Addressee(Struct, frozen=True):
    """The person a message is for: their key, their alias, and whether they are here now."""

    key: str
    alias: str
    present: bool

    @property
    def has_account(self) -> bool:
        """Whether messages may wait for them: a guest is somebody only while they are here."""
        return self.key.startswith("u")


def whisper(
    transaction: Tx,
    member: Member,
    addressee: Addressee,
    text: str,
    client_id: str | None = None,
    source: int | None = None,
) -> PrivateMessage:
    """Say something to one person; for an account it waits until :func:`mark_delivered`.

    Raises NotFound where they are away and either of the two is a guest, and MailboxFull
    where too much waits for them already.
    """
    rules.check_text(text)
    rules.check_client_id(client_id)
    if client_id is not None:
        earlier = private_messages.find_by_client_id(
            transaction.connection,
            member.key,
            client_id,
        )
        if earlier is not None:
            if (earlier.recipient, earlier.text) != (addressee.key, text):
                raise KeyReused
            return earlier

    sanctions = moderation.by_target(transaction.connection, member.keys)
    require_voice(sanctions, member, transaction.now_ms)
    if not addressee.present:
        if member.actor is None or not addressee.has_account:
            raise NotFound
        share = mailbox_share(member.actor)
        _check_mailbox(transaction, member, addressee, text, share)

    message = PrivateMessage(
        id=private_messages.next_id(transaction.connection),
        at_ms=transaction.now_ms,
        sender=member.key,
        alias=member.alias,
        recipient=addressee.key,
        recipient_alias=addressee.alias,
        text=text,
        client_id=client_id,
    )
    # Somebody who is here now may be gone before they get it, so an account's message waits.
    private_messages.add(transaction, message, delivered=not addressee.has_account)
    audience = audience_of_private(message)
    transaction.emit(Kind.PRIVATE_MESSAGE, audience, message, source)
    return message


def _check_mailbox(
    transaction: Tx,
    member: Member,
    addressee: Addressee,
    text: str,
    share: MailboxShare,
) -> None:
    """Raise MailboxFull where too much waits for this sender, of everybody's or of their own."""
    mailbox = private_messages.mailbox(
        transaction.connection,
        addressee.key,
        member.key,
    )
    if mailbox.messages >= share.messages:
        raise MailboxFull
    if mailbox.from_sender >= share.from_one:
        raise MailboxFull
    if mailbox.chars + len(text) > share.chars:
        raise MailboxFull


@lookup
def list_waiting(snapshot: Snapshot, member: Member) -> list[PrivateMessage]:
    """Return what was said to a member while they were away, oldest first."""
    return private_messages.list_waiting(snapshot.connection, member.key)


def mark_delivered(transaction: Tx, message_ids: Collection[int]) -> None:
    """Store that these messages have reached their recipient."""
    private_messages.mark_delivered(transaction, message_ids)
