"""The sessions that there are in this process."""

import itertools
from collections.abc import ValuesView

from trastienda.domain.chat_entries import EntryKind
from trastienda.live.seats import Seat
from trastienda.servers.sessions.hub import Hub
from trastienda.servers.sessions.session import Mode, Session


class Sessions:
    """The sessions, by number. Call it from the event loop only."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._by_number: dict[int, Session] = {}
        self._numbers = itertools.count(1)

    def all(self) -> ValuesView[Session]:
        """Return every session."""
        return self._by_number.values()

    def find(self, number: int | None) -> Session | None:
        """Return a session by its number; None for one that is not here."""
        if number is None:
            return None
        return self._by_number.get(number)

    def of_user(self, user_id: int) -> list[Session]:
        """Return the sessions of an account, also those where it is just coming in."""
        sessions = self._by_number.values()
        return [session for session in sessions if session.is_of(user_id)]

    def open(
        self,
        seat: Seat,
        mode: Mode,
        address: str,
        origin: str,
        *,
        is_secure: bool,
    ) -> Session:
        """Return the session of a connection that has just been made.

        Its seat gets a number.
        """
        seat.number = next(self._numbers)
        session = Session(
            self.hub,
            seat,
            mode,
            address,
            origin,
            is_secure=is_secure,
        )
        self._by_number[seat.number] = session
        session.log(EntryKind.CONNECTED)
        return session

    def end(self, session: Session) -> None:
        """End a session: its member is no longer in the chat. May be called twice."""
        session.is_over = True
        session.seat.is_listening = False
        hub = self.hub
        hub.subscribers.pop(session.number, None)
        if self._by_number.pop(session.number, None) is None:
            return

        session.log(EntryKind.DISCONNECTED)
        member = session.member
        if session.mode is Mode.CHAT and member is not None:
            hub.seats.stand_up(session.seat)
            releasing = hub.names.release(member.key)
            hub.background.begin(releasing)
