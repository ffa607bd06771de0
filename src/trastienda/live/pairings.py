"""Pairings: a phone that scans for a till. They live in memory, as long as somebody uses them."""

import secrets
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from trastienda.domain.errors import NotFound
from trastienda.live.seats import Seat

CODE_LENGTH = 6
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without what looks alike: people may have to type a code."""
CODE_S = 120
"""How long a code can be used for the first time."""
FORGOTTEN_AFTER_S = 15 * 60
"""How long a pairing outlives the last of its two clients: a tunnel, or a pocket."""
MAX_HELD = 200
"""Scans that wait for a till that is away; the oldest are given up."""
MAX_PAIRINGS = 1000


class Scan(Struct, frozen=True):
    """A code that was read; the phone counts its scans by ``number``."""

    code: str
    number: int | None


class Pairing:
    """One till, and the phone that scans for it."""

    __slots__ = (
        "code",
        "expires_at_s",
        "held",
        "last_number",
        "phone",
        "phone_user",
        "recent",
        "seen_at_s",
        "till",
        "till_user",
    )

    def __init__(
        self,
        code: str,
        till: Seat,
        till_user: int,
        now_s: float,
    ) -> None:
        self.code = code
        self.till: Seat | None = till
        self.till_user = till_user
        self.phone: Seat | None = None
        self.phone_user: int | None = None
        self.expires_at_s = now_s + CODE_S
        self.seen_at_s = now_s
        self.last_number = 0
        """The number of the last scan that was taken."""
        self.held: deque[Scan] = deque(maxlen=MAX_HELD)
        self.recent: deque[Scan] = deque(maxlen=MAX_HELD)
        """What was scanned last, for a till that may not have heard it."""

    def lets_in(
        self,
        seat: Seat,
        user_id: int,
        now_s: float,
        *,
        is_till: bool,
    ) -> bool:
        """Tell whether a client may join: the till that comes back, the first phone in time,
        and from then on that user's.

        ``is_till``: it says that it is the till, whose old connection may linger.
        """
        if is_till:
            return self.till_user == user_id
        if seat is self.till:
            return False
        if self.is_missed_till(user_id):
            return True
        if self.phone_user is None:
            return now_s <= self.expires_at_s
        return self.phone_user == user_id

    def is_missed_till(self, user_id: int) -> bool:
        """Tell whether the till is gone, and was this user's."""
        return self.till is None and self.till_user == user_id

    def takes(self, number: int | None) -> bool:
        """Tell whether a scan is new; the phone repeats what it has no answer to."""
        if number is None:
            return True
        if number <= self.last_number:
            return False
        self.last_number = number
        return True

    def hold_again(self, heard_number: int) -> None:
        """Hold what the till has not heard, which had heard scans up to a number."""
        waiting = list(self.held)
        unheard = [
            scan
            for scan in self.recent
            if (scan in waiting if scan.number is None else scan.number > heard_number)
        ]
        self.held = deque(unheard, maxlen=MAX_HELD)

    def other(self, seat: Seat) -> Seat | None:
        """Return who is at the other end."""
        return self.till if seat is self.phone else self.phone


class Pairings:
    """The pairings of this process. Call it from the event loop only."""

    def __init__(self, clock_s: Callable[[], float]) -> None:
        self._clock_s = clock_s
        self._by_code: dict[str, Pairing] = {}
        self._by_seat: dict[int, Pairing] = {}

    def of(self, seat: Seat) -> Pairing | None:
        """Return the pairing of a client, if it has one."""
        return self._by_seat.get(seat.number)

    def begin(
        self,
        till: Seat,
        user_id: int,
    ) -> Pairing:
        """Return a new pairing of a till, with a code for a phone."""
        self._forget_old()
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        pairing = Pairing(code, till, user_id, self._clock_s())
        self._by_code[code] = pairing
        self._by_seat[till.number] = pairing
        return pairing

    def find(
        self,
        seat: Seat,
        user_id: int,
        code: str,
        *,
        is_till: bool = False,
    ) -> Pairing:
        """Return the pairing of a code that this client may join, or come back to.

        Raises NotFound, too, for a code that is somebody else's by now.
        """
        self._forget_old()
        pairing = self._by_code.get(code.strip().upper())
        if pairing is None:
            raise NotFound
        now_s = self._clock_s()
        if not pairing.lets_in(seat, user_id, now_s, is_till=is_till):
            raise NotFound
        return pairing

    def join(
        self,
        seat: Seat,
        user_id: int,
        pairing: Pairing,
        *,
        is_till: bool = False,
    ) -> Seat | None:
        """Take a client into a pairing: as its till, where it says so, or that is gone and
        theirs; or else as its phone.

        Return the client whose place it takes.
        """
        pairing.seen_at_s = self._clock_s()
        if is_till or pairing.is_missed_till(user_id):
            before, pairing.till = pairing.till, seat
        else:
            before, pairing.phone = pairing.phone, seat
            pairing.phone_user = user_id
        if before is not None:
            self._by_seat.pop(before.number, None)
        self._by_seat[seat.number] = pairing
        return None if before is seat else before

    def leave(self, seat: Seat) -> None:
        """Take a client out of its pairing, which waits for it."""
        pairing = self._by_seat.pop(seat.number, None)
        if pairing is None:
            return
        if pairing.till is seat:
            pairing.till = None
        if pairing.phone is seat:
            pairing.phone = None
        pairing.seen_at_s = self._clock_s()

    def _forget_old(self) -> None:
        now_s = self._clock_s()
        for code, pairing in list(self._by_code.items()):
            is_alone = pairing.till is None and pairing.phone is None
            is_old = now_s - pairing.seen_at_s > FORGOTTEN_AFTER_S
            is_unused = pairing.phone_user is None and now_s > pairing.expires_at_s
            if (is_alone and is_old) or is_unused:
                self._forget(code, pairing)

        while len(self._by_code) >= MAX_PAIRINGS:
            code = next(iter(self._by_code))
            self._forget(code, self._by_code[code])

    def _forget(
        self,
        code: str,
        pairing: Pairing,
    ) -> None:
        del self._by_code[code]
        for seat in (pairing.till, pairing.phone):
            if seat is not None:
                self._by_seat.pop(seat.number, None)
