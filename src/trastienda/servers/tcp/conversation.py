"""One connection as the commands see it: who is there, what they were shown, and what they have in flight."""

import asyncio
import enum
from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from trastienda.actions import chat, private_messages
from trastienda.actions.chat import Speaking
from trastienda.actions.moderation import in_force
from trastienda.domain.chat import (
    GENERAL,
    Member,
    Message,
    PrivateMessage,
    address_key,
)
from trastienda.domain.chat_entries import Entry, EntryKind, message_entry
from trastienda.domain.errors import Banned, NotAuthenticated
from trastienda.domain.moderation import SanctionKind
from trastienda.domain.people import STRANGER, Actor
from trastienda.live.presence import Seat
from trastienda.servers.tcp.desk import Desk
from trastienda.servers.tcp.flood import Meter
from trastienda.servers.tcp.outbox import Outbox
from trastienda.wire.lines import encoding

MAX_IN_FLIGHT = 256
"""Messages of one connection that wait for their commit: as many as one commit takes."""


class Mode(enum.Enum):
    """How a port greets."""

    CHAT = "chat"
    INVENTORY = "inventory"


class Answer(Struct):
    """What a command comes to: fields for programs, text for people (none where there is nothing to say)."""

    data: Any = {}
    text: str = ""
    goodbye: bool = False


class Conversation(Seat):
    """One connection: its mode, whether it speaks JSON, where it comes from, and what it was shown."""

    __slots__ = (
        "address",
        "asks_in_json",
        "desk",
        "in_flight",
        "is_lost",
        "is_over",
        "is_program",
        "meter",
        "mode",
        "origin",
        "outbox",
        "secure",
        "settled",
        "shown_private",
        "shown_seq",
    )

    def __init__(
        self,
        number: int,
        desk: Desk,
        mode: Mode,
        address: str,
        meter: Meter,
        *,
        secure: bool,
    ) -> None:
        super().__init__(number)
        self.desk = desk
        self.mode = mode
        self.address = address
        self.origin = f"{'chat' if mode is Mode.CHAT else 'inventario'} {address}"
        """Where its calls come from, for the audit trail."""
        self.meter = meter
        self.secure = secure
        self.outbox: Outbox
        self.is_program = False
        """It has sent a JSON object: announcements come to it as such."""
        self.asks_in_json = False
        """What it asks now was asked in JSON; a program may ask in words, too."""
        self.shown_seq = 0
        """The last message of its room that it has seen by entering."""
        self.shown_private = 0
        """The last private message that it was handed when it came."""
        self.is_over = False
        """Its end has begun: nobody comes in any more."""
        self.is_lost = False
        """It has stopped talking, or is gone: what is sent may not arrive."""
        self.in_flight = 0
        self.settled: asyncio.Future[None] | None = None

    def turn_program(self) -> None:
        """Announce to it in JSON from now on."""
        self.is_program = True
        if not self.is_over:
            self.desk.programs[self.number] = self

    @property
    def actor(self) -> Actor:
        """Whoever calls, from here; raise NotAuthenticated where nobody has logged in."""
        if self.member is None or self.member.actor is None:
            raise NotAuthenticated
        return self._from_here(self.member.actor)

    def _from_here(self, actor: Actor) -> Actor:
        """Return somebody who may have several connections as whoever calls from this one."""
        return (
            actor if actor.origin == self.origin else replace(actor, origin=self.origin)
        )

    @property
    def onlooker(self) -> Actor:
        """Whoever looks: the goods are shown to anybody."""
        return (
            STRANGER if self.member is None or self.member.actor is None else self.actor
        )

    @property
    def known(self) -> Member:
        """The member who is here, as from here; raise NotAuthenticated before there is one."""
        member = self.member
        if member is None or self.mode is not Mode.CHAT:
            raise NotAuthenticated
        if member.actor is None or (
            member.actor.origin == self.origin and member.address == self.address
        ):
            return member
        return replace(
            member, actor=self._from_here(member.actor), address=self.address
        )

    @property
    def place(self) -> str:
        """The room where it is."""
        return self.room or GENERAL

    def say(self, text: str) -> None:
        """Send lines for people."""
        self.outbox.put(encoding.people(text))

    @property
    def username(self) -> str | None:
        """The user name of whoever is here with an account."""
        return (
            None
            if self.member is None
            else self.desk.presence.username(self.member.user_id)
        )

    def note(
        self,
        kind: EntryKind,
        *,
        other: str | None = None,
        room: str | None = None,
        seq: int | None = None,
    ) -> None:
        """Tell the chat's log what happened here."""
        member = self.member
        self.desk.log(
            Entry(
                kind=kind,
                at_ms=self.desk.clock(),
                address=self.address,
                alias=None if member is None else member.alias,
                username=self.username,
                room=room or self.room,
                other=other,
                seq=seq,
            )
        )

    def note_text(self, message: Message) -> None:
        """Tell the chat's log what was said in a room, or said anew."""
        self.desk.log(message_entry(message, self.address, self.username))

    @property
    def must_wait(self) -> bool:
        """Whether another message has to wait until those before it are stored."""
        return self.in_flight >= MAX_IN_FLIGHT or self.desk.writer.is_crowded

    async def find_room(self) -> None:
        """Wait until all that was said here is stored, and the shop has room for more."""
        await self.settle()
        await self.desk.writer.find_room()

    def speak(
        self, room: str, text: str, client_id: str | None
    ) -> "asyncio.Future[Message]":
        """Say something in a room; several may be in flight, and stay in their order. Raises Muted, Unavailable."""
        self.meter.check()
        call = Speaking(
            member=self.known,
            room=room,
            text=text,
            client_id=client_id,
            source=self.number,
        )
        future = self.desk.writer.enter(chat.speak, call)
        self.in_flight += 1
        future.add_done_callback(self._landed)
        return future

    def _landed(self, future: "asyncio.Future[Message]") -> None:
        self.in_flight -= 1
        if self.settled is not None and not self.in_flight:
            self.settled.set_result(None)
            self.settled = None

    async def settle(self) -> None:
        """Wait until all that was said here is stored, or refused, and answered."""
        if self.in_flight:
            if self.settled is None:
                self.settled = asyncio.get_running_loop().create_future()
            await asyncio.shield(self.settled)

    def check_ban(self, *keys: str) -> None:
        """Raise Banned where one of these members or addresses is shut out."""
        found = self.desk.reader.now(in_force, keys)
        if any(one.kind is SanctionKind.BAN for one in found.values()):
            raise Banned

    def sit(self, member: Member) -> None:
        """Let a member in, in the place of whoever was here; raises what keeps them out."""
        if self.is_over:
            raise NotAuthenticated
        if self.mode is Mode.INVENTORY:
            self.member = member
            return
        presence = self.desk.presence
        guest_keys = () if member.actor is not None else (address_key(self.address),)
        self.check_ban(member.key, *guest_keys)
        if member.actor is None:
            presence.check_free(member.alias, self.member)
        self.stand_up()
        presence.sit(self, member)

    def stand_up(self) -> None:
        """Leave the chat; whoever has an account has read what came until now."""
        if self.mode is Mode.CHAT and self.member is not None:
            self.desk.presence.stand_up(self)

    async def enter(self, room: str) -> tuple[list[Message], bool]:
        """Go into a room; return its last messages, oldest first, and whether there are more."""
        await self.settle()
        desk, member = self.desk, self.known
        if not desk.reader.now(chat.room_exists, member, room):
            await desk.writer.run(chat.ensure_room, member, room)
        await self.leave_read()
        if self.member is None:  # let go while it waited
            raise NotAuthenticated
        shown, more = desk.reader.now(chat.history, self.member, room)
        self.shown_seq = shown[-1].seq if shown else 0
        desk.presence.enter(self, room)
        return shown, more

    async def leave_read(self) -> None:
        """Keep that whoever has an account has read the room where they are; a program says that by itself."""
        member = self.member
        if self.is_program or self.mode is not Mode.CHAT:
            return
        if member is not None and member.user_id is not None and self.room is not None:
            await self.desk.writer.run(chat.mark_read, member, self.room)

    def take_waiting(self) -> Sequence[PrivateMessage]:
        """Return the private messages that waited for whoever has just come, as handed over."""
        member = self.known
        if member.user_id is None:
            return []
        found = self.desk.reader.now(private_messages.list_waiting, member)
        if found:
            self.shown_private = found[-1].id
            self.desk.handed_over([one.id for one in found])
        return found

    def became(self, actor: Actor) -> None:
        """Take what has changed of the account that is here."""
        if self.member is None:
            return
        member = replace(self.member, actor=replace(actor, origin=self.origin))
        if self.mode is Mode.CHAT:
            self.desk.presence.update(member)
        else:
            self.member = member
