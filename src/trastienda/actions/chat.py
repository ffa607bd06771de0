"""Speaking in rooms, and looking at what was said."""

import re
import unicodedata
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain import chat as rules
from trastienda.domain.audit import Action
from trastienda.domain.chat import (
    ALERTS,
    GENERAL,
    HOUSE_KEY,
    Alert,
    Member,
    Message,
    MessageKind,
    Room,
    RoomState,
)
from trastienda.domain.errors import Forbidden, Invalid, KeyReused, NotFound, Refusal
from trastienda.domain.events import Kind, audience_of_room
from trastienda.domain.people import Role
from trastienda.domain.products import Product
from trastienda.storage import chat, moderation
from trastienda.storage.transactions import Snapshot, Tx

MAX_ROOMS = 500
"""Rooms are for people who look through a list of them."""
MAX_HISTORY = 200
"""Messages of a history at once, as in other lists."""
MAX_HISTORY_CHARS = 200_000
"""Characters of them: what is asked for has to fit into what may wait for one connection."""
FOUND_AT_ONCE = 20
"""Messages that a search shows: one looks for the last that said it, and asks closer for another."""
MAX_SEARCHED = 16
"""Words of a search that count; nobody remembers more of what was said, and each is a walk through the index."""
_WORD = re.compile(r"\w+")
_QUIET = Room(0, GENERAL, 0)
"""The general room while nobody has spoken in it yet."""


class Speaking(Struct, frozen=True, kw_only=True):
    """One call: who says what where, under which name of their own it may come again, and from which connection."""

    member: Member
    room: str
    text: str
    client_id: str | None = None
    source: int | None = None


def speak(tx: Tx, calls: Sequence[Speaking]) -> list[Message | Refusal]:
    """Say something for many at once: each call is decided in turn, and all are written in sets.

    The answers stand in the order of the calls. A message that its sender has said before under the same name is
    answered with the earlier one. Raises OverlappingError where another node spoke meanwhile.
    """
    floor = _Floor(tx, calls)
    answers = [floor.serve(call) for call in calls]
    floor.write()
    return answers


class _Floor:
    """One run of calls: the rooms as they are, who is silenced, and what was said in it."""

    def __init__(self, tx: Tx, calls: Sequence[Speaking]) -> None:
        self._tx = tx
        self._rooms = chat.rooms(tx.connection, {call.room for call in calls})
        self._last = {name: room.last_seq for name, room in self._rooms.items()}
        self._silenced = moderation.on(
            tx.connection, {key for call in calls for key in call.member.keys}
        )
        client_ids = {call.client_id for call in calls if call.client_id is not None}
        senders = {call.member.key for call in calls if call.client_id is not None}
        self._told = (
            chat.told_before(tx.connection, senders, client_ids) if client_ids else {}
        )
        self._said: list[tuple[Speaking, Message]] = []

    def serve(self, call: Speaking) -> Message | Refusal:
        try:
            rules.require_speaker(call.member, call.room)
            rules.check_client_id(call.client_id)
            earlier = (
                None
                if call.client_id is None
                else self._told.get((call.member.key, call.client_id))
            )
            if earlier is not None:
                return _again(earlier, call)
            rules.require_voice(self._silenced, call.member, self._tx.now_ms)
            rules.check_text(call.text)
            return self._say(call)
        except Refusal as refusal:
            return refusal

    def _say(self, call: Speaking) -> Message:
        if call.room not in self._rooms:
            self._rooms[call.room] = _add_room(self._tx, call.room)
            self._last[call.room] = 0
        self._last[call.room] += 1
        message = Message(
            room=call.room,
            seq=self._last[call.room],
            at_ms=self._tx.now_ms,
            sender=call.member.key,
            alias=call.member.alias,
            text=call.text,
            client_id=call.client_id,
        )
        self._said.append((call, message))
        if call.client_id is not None:
            self._told[message.sender, call.client_id] = message
        return message

    def write(self) -> None:
        rows = [(self._rooms[message.room].id, message) for _, message in self._said]
        chat.add(self._tx, self._rooms.values(), rows)
        for call, message in self._said:
            self._tx.emit(
                Kind.MESSAGE, audience_of_room(message.room), message, call.source
            )


def _again(earlier: Message, call: Speaking) -> Message:
    same = (
        earlier.text == call.text or earlier.edited_at_ms is not None or earlier.deleted
    )
    if earlier.room != call.room or not same:
        raise KeyReused
    return earlier


def _add_room(tx: Tx, name: str) -> Room:
    if rules.check_room(name) != name:
        raise Invalid("room", "room_shape")
    if name != GENERAL and len(chat.all_rooms(tx.connection)) >= MAX_ROOMS:
        raise Invalid("room", "too_many", limit=MAX_ROOMS)
    return chat.add_room(tx, name)


def is_there(snapshot: Snapshot, member: Member, name: str) -> bool:
    """Tell whether there is a room of that name; raises where the member may not enter it."""
    rules.require_room(member, name)
    return name in chat.rooms(snapshot.connection, [name])


def enter(tx: Tx, member: Member, name: str) -> Room:
    """Return a room that the member may enter, made if there is none of that name."""
    rules.require_room(member, name)
    return chat.rooms(tx.connection, [name]).get(name) or _add_room(tx, name)


def tell_alerts(tx: Tx, kind: MessageKind, products: Sequence[Product]) -> None:
    """Have the shop itself tell its staff of products, each with what is left of it now."""
    if not products:
        return
    room = chat.rooms(tx.connection, [ALERTS]).get(ALERTS) or chat.add_room(tx, ALERTS)
    messages = [
        Message(
            room=ALERTS,
            seq=room.last_seq + place,
            at_ms=tx.now_ms,
            sender=HOUSE_KEY,
            alias="",
            text=_alert(product).text,
            kind=kind,
        )
        for place, product in enumerate(products, start=1)
    ]
    chat.add(tx, [room], [(room.id, message) for message in messages])
    for message in messages:
        tx.emit(Kind.MESSAGE, audience_of_room(ALERTS), message)


def _alert(product: Product) -> Alert:
    return Alert(
        product.code,
        product.name,
        product.unit.value,
        product.stock_milli,
        product.min_stock_milli,
    )


def edit(tx: Tx, member: Member, name: str, seq: int, text: str) -> Message:
    """Change the text of one's own message."""
    rules.check_text(text)
    room, message = _found(tx, member, name, seq)
    rules.require_own(member, message)
    rules.require_voice(moderation.on(tx.connection, member.keys), member, tx.now_ms)
    if message.deleted:
        raise NotFound
    return _change(
        tx, room, message, replace(message, text=text, edited_at_ms=tx.now_ms)
    )


def delete(tx: Tx, member: Member, name: str, seq: int) -> Message:
    """Take one's own message back; an administrator takes back anybody's, which leaves a registro."""
    room, message = _found(tx, member, name, seq)
    actor, own = member.actor, True
    try:
        rules.require_own(member, message)
    except Forbidden:
        if actor is None or actor.role is not Role.ADMINISTRATOR:
            raise
        own = False
    if message.deleted:
        return message
    if actor is not None and not own:
        tx.audit(
            actor,
            Action.MESSAGE_DELETED,
            {"room": name, "seq": seq, "alias": message.alias},
        )
    return _change(
        tx,
        room,
        message,
        replace(message, text="", deleted=True, edited_at_ms=tx.now_ms),
    )


def _found(tx: Tx, member: Member, name: str, seq: int) -> tuple[Room, Message]:
    room = _room(tx, member, name)
    message = (
        chat.by_seq(tx.connection, room, seq) if 0 < seq <= room.last_seq else None
    )
    if message is None:
        raise NotFound
    return room, message


def _room(snapshot: Snapshot, member: Member, name: str) -> Room:
    rules.require_room(member, name)
    room = chat.rooms(snapshot.connection, [name]).get(name)
    if room is None and name == GENERAL:
        return _QUIET
    if room is None:
        raise NotFound
    return room


def _change(tx: Tx, room: Room, before: Message, after: Message) -> Message:
    chat.update(tx, room, before, after)
    tx.emit(Kind.MESSAGE, audience_of_room(room.name), after)
    return after


def history(
    snapshot: Snapshot,
    member: Member,
    name: str,
    before: int | None = None,
    limit: int = rules.SHOWN_ON_ENTERING,
) -> tuple[list[Message], bool]:
    """Return messages of a room, oldest first, all before number ``before``, and whether there are more."""
    if not 0 < limit <= MAX_HISTORY:
        raise Invalid("limit", "limit_range")
    room = _room(snapshot, member, name)
    after_last = room.last_seq + 1
    found = chat.history(
        snapshot.connection,
        room,
        after_last if before is None else max(0, min(before, after_last)),
        limit + 1,
    )
    shown = _that_fit(found[:limit])
    return shown[::-1], len(found) > len(shown)


def _that_fit(found: list[Message]) -> list[Message]:
    """Return the first of these messages, as many as go out at once; one at least."""
    chars = 0
    for place, message in enumerate(found):
        chars += len(message.text)
        if chars > MAX_HISTORY_CHARS and place:
            return found[:place]
    return found


def rooms(snapshot: Snapshot, member: Member) -> list[RoomState]:
    """Return the rooms that the member may enter, each with what waits there."""
    marks = (
        None
        if member.user_id is None
        else chat.read_marks(snapshot.connection, member.user_id)
    )
    known = [
        room
        for room in chat.all_rooms(snapshot.connection)
        if rules.may_enter(member, room.name)
    ]
    if not any(room.name == GENERAL for room in known):
        known.insert(0, _QUIET)
    return [
        RoomState(
            room.name,
            room.last_seq,
            None if marks is None else room.last_seq - marks.get(room.id, 0),
        )
        for room in known
    ]


def search(
    snapshot: Snapshot, member: Member, text: str, name: str | None = None
) -> list[Message]:
    """Return the last messages with words that begin with all words of ``text``, newest first.

    They come from the room named, or from all that the member may enter.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text))[:MAX_SEARCHED]
    if not words:
        raise Invalid("search", "must_not_be_empty")
    if name is not None:
        where = [_room(snapshot, member, name)]
    else:
        where = [
            room
            for room in chat.all_rooms(snapshot.connection)
            if rules.may_enter(member, room.name)
        ]
    found = chat.search(snapshot.connection, where, words, FOUND_AT_ONCE)
    return sorted(found, key=lambda one: (one.at_ms, one.room, one.seq), reverse=True)[
        :FOUND_AT_ONCE
    ]


def mark_read(tx: Tx, member: Member, name: str, seq: int | None = None) -> int:
    """Keep how far a member with an account has read, all of it without ``seq``; return the number kept."""
    room = _room(tx, member, name)
    seq = room.last_seq if seq is None else min(max(seq, 0), room.last_seq)
    if member.user_id is not None and seq > 0:
        chat.mark_read(tx, member.user_id, room, seq)
        return chat.read_marks(tx.connection, member.user_id)[room.id]
    return seq
