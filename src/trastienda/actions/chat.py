"""Speaking in rooms, and reading what was said."""

import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions.chat_rooms import get_room, rooms_for
from trastienda.domain import chat as rules
from trastienda.domain.audit import Action
from trastienda.domain.chat import STANDING, Member, Message, Room
from trastienda.domain.errors import (
    Forbidden,
    Invalid,
    KeyReused,
    NotFound,
    Refusal,
    RoomArchived,
)
from trastienda.domain.events import Kind
from trastienda.domain.moderation import require_voice
from trastienda.domain.people import Role
from trastienda.domain.visibility import audience_of_room
from trastienda.storage import chat, moderation
from trastienda.storage.transactions import Snapshot, Tx, lookup

MAX_HISTORY = 200
"""Messages of a history at once, as in other lists."""
MAX_HISTORY_CHARS = 200_000
"""Characters of these: the answer has to fit into what may wait for one connection."""
MAX_FOUND = 20
"""Messages that a search returns.

People look for the last ones, and search again for others.
"""
MAX_SEARCH_WORDS = 16
"""Words of a search that count.

Each is a walk through the index, and nobody remembers more.
"""
_WORD = re.compile(r"\w+")


class Speaking(Struct, frozen=True, kw_only=True):
    """One call of :func:`speak`: who says what in which room.

    ``client_id`` is the sender's own name for the message, under which it may come again.
    ``source`` is the session that it comes from.
    """

    member: Member
    room: str
    text: str
    client_id: str | None = None
    source: int | None = None


def speak(transaction: Tx, calls: Sequence[Speaking]) -> list[Message | Refusal]:
    """Say something for many callers at once: decide each call in turn, write all in sets.

    The answers stand in the order of the calls. A message that its sender has said before
    under the same client id is answered with the earlier one. Raises OverlappingError
    where another node spoke meanwhile.
    """
    batch = _MessageBatch(transaction, calls)
    answers = [batch.speak(call) for call in calls]
    batch.write()
    return answers


class _MessageBatch:
    """One run of calls: rooms and sanctions as they were read, and what is said in the run."""

    def __init__(self, transaction: Tx, calls: Sequence[Speaking]) -> None:
        self._tx = transaction
        room_names = {call.room for call in calls}
        self._rooms = chat.rooms_by_name(transaction.connection, room_names)
        self._last_seqs = {
            room_name: room.last_seq for room_name, room in self._rooms.items()
        }

        member_keys: set[str] = set()
        for call in calls:
            member_keys.update(call.member.keys)
        self._sanctions = moderation.by_target(transaction.connection, member_keys)
        self._earlier = self._read_earlier(calls)
        self._said: list[tuple[Speaking, Message]] = []

    def _read_earlier(
        self,
        calls: Sequence[Speaking],
    ) -> dict[tuple[str, str], Message]:
        """Return the messages that may be said again in this run.

        They stand by sender and client id.
        """
        repeatable = [call for call in calls if call.client_id is not None]
        if not repeatable:
            return {}

        senders = {call.member.key for call in repeatable}
        client_ids = {call.client_id for call in repeatable if call.client_id}
        return chat.by_client_id(self._tx.connection, senders, client_ids)

    def speak(self, call: Speaking) -> Message | Refusal:
        """Return the message of a call, or its refusal."""
        try:
            rules.require_speaker(call.member, call.room)
            rules.check_client_id(call.client_id)
            if call.client_id is not None:
                earlier = self._earlier.get((call.member.key, call.client_id))
                if earlier is not None:
                    return _repeat(earlier, call)

            require_voice(self._sanctions, call.member, self._tx.now_ms)
            rules.check_text(call.text)
            return self._add(call)
        except Refusal as refusal:
            return refusal

    def _add(self, call: Speaking) -> Message:
        room = self._rooms.get(call.room)
        if room is None:
            if call.room not in STANDING:
                raise NotFound
            self._rooms[call.room] = chat.add_room(self._tx, call.room)
            self._last_seqs[call.room] = 0
        elif room.is_archived:
            raise RoomArchived
        self._last_seqs[call.room] += 1

        message = Message(
            room=call.room,
            seq=self._last_seqs[call.room],
            at_ms=self._tx.now_ms,
            sender=call.member.key,
            alias=call.member.alias,
            text=call.text,
            client_id=call.client_id,
        )
        self._said.append((call, message))
        if call.client_id is not None:
            self._earlier[message.sender, call.client_id] = message
        return message

    def write(self) -> None:
        """Write and emit what was said."""
        numbered = [
            (self._rooms[message.room].id, message) for _, message in self._said
        ]
        chat.add(self._tx, self._rooms.values(), numbered)
        for call, message in self._said:
            audience = audience_of_room(message.room)
            self._tx.emit(Kind.MESSAGE, audience, message, call.source)


def _repeat(earlier: Message, call: Speaking) -> Message:
    """Return the earlier message of this client id.

    Raises KeyReused where the client id comes again with another message.
    """
    if earlier.room != call.room:
        raise KeyReused
    # What was first said cannot be compared any more once the message has changed.
    has_changed = earlier.edited_at_ms is not None or earlier.deleted
    if not has_changed and earlier.text != call.text:
        raise KeyReused
    return earlier


def edit(
    transaction: Tx,
    member: Member,
    room_name: str,
    seq: int,
    text: str,
) -> Message:
    """Change the text of one's own message."""
    rules.check_text(text)
    room, message = _get_message(transaction, member, room_name, seq)
    rules.require_own(member, message)
    sanctions = moderation.by_target(transaction.connection, member.keys)
    require_voice(sanctions, member, transaction.now_ms)
    if message.deleted:
        raise NotFound
    if room.is_archived:
        raise RoomArchived

    edited = replace(message, text=text, edited_at_ms=transaction.now_ms)
    return _update(transaction, room, message, edited)


def delete(
    transaction: Tx,
    member: Member,
    room_name: str,
    seq: int,
) -> Message:
    """Delete one's own message; an administrator deletes anybody's, which is recorded."""
    room, message = _get_message(transaction, member, room_name, seq)
    actor = member.actor
    is_own = True
    try:
        rules.require_own(member, message)
    except Forbidden:
        if actor is None or actor.role is not Role.ADMINISTRATOR:
            raise
        is_own = False
    if message.deleted:
        return message

    if actor is not None and not is_own:
        detail = {"room": room_name, "seq": seq, "alias": message.alias}
        transaction.audit(actor, Action.MESSAGE_DELETED, detail)
    deleted = replace(message, text="", deleted=True, edited_at_ms=transaction.now_ms)
    return _update(transaction, room, message, deleted)


def _get_message(
    transaction: Tx,
    member: Member,
    room_name: str,
    seq: int,
) -> tuple[Room, Message]:
    room = get_room(transaction, member, room_name)
    message = None
    if 0 < seq <= room.last_seq:
        message = chat.find(transaction.connection, room, seq)
    if message is None:
        raise NotFound
    return room, message


def _update(
    transaction: Tx,
    room: Room,
    before: Message,
    after: Message,
) -> Message:
    chat.update(transaction, room, before, after)
    transaction.emit(Kind.MESSAGE, audience_of_room(room.name), after)
    return after


@lookup
def history(
    snapshot: Snapshot,
    member: Member,
    room_name: str,
    before: int | None = None,
    limit: int = rules.SHOWN_ON_ENTERING,
) -> tuple[list[Message], bool]:
    """Return messages of a room, oldest first, and whether there are more before them.

    They are the last ``limit`` before number ``before``, or fewer where they are long, or
    the member may not read those before they came.
    """
    if not 0 < limit <= MAX_HISTORY:
        raise Invalid("limit", "limit_range")
    room = get_room(snapshot, member, room_name)
    end = room.last_seq + 1
    if before is not None:
        end = max(0, min(before, end))

    # Newest first. The one above the limit only says that there are more.
    messages = chat.list_before(snapshot.connection, room, end, limit + 1)
    messages = [message for message in messages if rules.may_read(member, message)]
    page: list[Message] = []
    chars = 0
    for message in messages[:limit]:
        chars += len(message.text)
        if page and chars > MAX_HISTORY_CHARS:
            break
        page.append(message)
    has_more = len(messages) > len(page)
    return page[::-1], has_more


def search(
    snapshot: Snapshot,
    member: Member,
    text: str,
    room_name: str | None = None,
) -> list[Message]:
    """Return the last messages with words that begin with all words of ``text``.

    Newest first. They come from the room named, or from all that the member may enter.
    """
    composed = unicodedata.normalize("NFC", text)
    words = _WORD.findall(composed)[:MAX_SEARCH_WORDS]
    if not words:
        raise Invalid("search", "must_not_be_empty")
    if room_name is None:
        rooms = rooms_for(snapshot, member)
    else:
        rooms = [get_room(snapshot, member, room_name)]

    # The storage searches each room for itself.
    messages = chat.search(snapshot.connection, rooms, words, MAX_FOUND)
    messages = [message for message in messages if rules.may_read(member, message)]
    messages.sort(
        key=lambda message: (message.at_ms, message.room, message.seq),
        reverse=True,
    )
    return messages[:MAX_FOUND]


def mark_read(
    transaction: Tx,
    member: Member,
    room_name: str,
    seq: int | None = None,
) -> int:
    """Store how far a member with an account has read; without ``seq``, to the end.

    Return the number of the last message read: a mark never goes back.
    """
    room = get_room(transaction, member, room_name)
    read_seq = room.last_seq
    if seq is not None:
        read_seq = min(max(seq, 0), room.last_seq)
    if member.user_id is None or read_seq == 0:
        return read_seq

    chat.mark_read(transaction, member.user_id, room, read_seq)
    marks = chat.read_marks(transaction.connection, member.user_id)
    return marks[room.id]
