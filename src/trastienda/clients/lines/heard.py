"""What has been heard: so nothing is handed on twice, and what is missing is asked for."""

from collections import deque
from collections.abc import Iterable, Sequence

from msgspec import UNSET

from trastienda.clients.lines.protocol import Announced
from trastienda.wire.chat import MESSAGE, Mensaje

REMEMBERED = 1000
"""Private messages of one's own that are known again."""


class Heard:
    """How far the announcements have been heard, and the talk of each room.

    The talk of a room has numbers without a gap. What comes over a broken connection is
    known by them, also to guests, who cannot ask for announcements again.
    """

    def __init__(self) -> None:
        self.n: int | None = None
        """The last announcement that was handed on; None where there was none yet."""
        self._last_seqs: dict[str, int] = {}
        """The last message up to which all of a room was heard."""
        self._own_seqs: dict[str, set[int]] = {}
        """One's own messages beyond that: nobody is told what they said themselves."""
        self._private_id = 0
        self._whispered: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        """To whom what was said in private from here: it may be told again on returning."""
        self._returning: dict[int, Announced] | None = None
        """What is told again, by number, until all of it has come."""

    def last_seq(self, room: str) -> int | None:
        """Return the message up to which all of a room was heard; None for a new room."""
        return self._last_seqs.get(room)

    def begin_return(self) -> None:
        """Hold announcements back: they are told again, and some for the first time."""
        self._returning = {}

    def end_return(self, n: int) -> list[Announced]:
        """Return, in order and once each, what was announced up to now."""
        returning = self._returning or {}
        self._returning = None
        new = [
            announced
            for _, announced in sorted(returning.items())
            if self._is_new(announced)
        ]
        self.n = max(n, self.n or 0)
        return new

    def take(self, announced: Announced) -> list[Announced]:
        """Return what is to be handed on of what has just been announced."""
        if announced.n is not None and self._returning is not None:
            self._returning[announced.n] = announced
            return []
        return [announced] if self._is_new(announced) else []

    def _is_new(self, announced: Announced) -> bool:
        n = announced.n
        if n is not None:
            if self.n is not None and n <= self.n:
                return False
            self.n = n
        message = announced.body
        if announced.name != MESSAGE or not isinstance(message, Mensaje):
            return True
        return message.editado or message.borrado or self._is_new_message(message)

    def _is_new_message(self, message: Mensaje) -> bool:
        """Tell whether a message was not heard before, and note that it is now."""
        if message.id_mensaje is not UNSET:
            return self._is_new_whisper(message, message.id_mensaje)

        assert message.sala is not UNSET
        assert message.seq is not UNSET
        last_seq = self._last_seqs.get(message.sala, 0)
        if message.seq <= last_seq or message.seq in self._own(message.sala):
            return False
        self._advance(message.sala, message.seq)
        return True

    def _is_new_whisper(
        self,
        message: Mensaje,
        message_id: int,
    ) -> bool:
        if message_id <= self._private_id:
            return False
        self._private_id = message_id
        whispered = (str(message.para), message.texto)
        if whispered in self._whispered:
            self._whispered.remove(whispered)
            return False
        return True

    def note_whispered(
        self,
        alias: str,
        text: str,
    ) -> None:
        """Note what was said to somebody in private from here."""
        self._whispered.append((alias, text))

    def _own(self, room: str) -> set[int]:
        return self._own_seqs.setdefault(room, set())

    def note_own(
        self,
        room: str,
        seq: int,
    ) -> None:
        """Note that a message is one's own, so it is not announced here."""
        if seq > self._last_seqs.get(room, 0):
            self._own(room).add(seq)
            self._advance(room, self._last_seqs.get(room, 0))

    def _advance(
        self,
        room: str,
        seq: int,
    ) -> None:
        """Move to a message, and over one's own behind it."""
        own = self._own(room)
        while seq + 1 in own:
            seq += 1
        self._last_seqs[room] = max(seq, self._last_seqs.get(room, 0))
        self._own_seqs[room] = {other for other in own if other > seq}

    def open_room(
        self,
        room: str,
        messages: Sequence[Mensaje],
    ) -> None:
        """Take note of the last that was said in a room that one enters."""
        if messages:
            last = messages[-1].seq
            assert last is not UNSET
            self._advance(room, last)
        self._last_seqs.setdefault(room, 0)

    def missing_of(self, messages: Iterable[Mensaje]) -> list[Mensaje]:
        """Return those messages that were not heard."""
        return [message for message in messages if self._is_new_message(message)]
