"""Whose turn it is: what waits is taken in turns, so that nobody waits for a crowd."""

from collections import OrderedDict, deque
from collections.abc import Hashable
from typing import Generic, TypeVar

from msgspec import Struct

T = TypeVar("T")


class Turn(Struct, frozen=True):
    """Who waits: a crowd, such as all from one network, and who of them."""

    crowd: Hashable = ""
    member: Hashable = ""


class Turns(Generic[T]):
    """What waits. Crowds take turns, and so do the members of each.

    ``limit`` may wait. One more pushes out the newest of whoever waits for the most.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._crowds: OrderedDict[Hashable, OrderedDict[Hashable, deque[T]]] = (
            OrderedDict()
        )
        self._sizes: dict[Hashable, int] = {}

    def __len__(self) -> int:
        return sum(self._sizes.values())

    def put(
        self,
        turn: Turn,
        item: T,
    ) -> T | None:
        """Let an item wait; return the one that is pushed out, which may be itself."""
        pushed_out = None
        if len(self) >= self._limit:
            pushed_out = self._push_out_for(turn)
            if pushed_out is None:
                return item

        members = self._crowds.setdefault(turn.crowd, OrderedDict())
        members.setdefault(turn.member, deque()).append(item)
        self._count(turn.crowd, 1)
        return pushed_out

    def pop(self) -> T | None:
        """Return whose turn it is; None where nothing waits."""
        if not self._crowds:
            return None
        crowd, members = next(iter(self._crowds.items()))
        member, items = next(iter(members.items()))
        item = items.popleft()
        self._crowds.move_to_end(crowd)
        members.move_to_end(member)
        self._drop_empty(crowd, member)
        return item

    def _push_out_for(self, turn: Turn) -> T | None:
        """Take out the newest of the longest; None where the newcomer has as many."""
        crowd = max(self._sizes, key=self._sizes.__getitem__)
        is_own = crowd == turn.crowd
        if not is_own and self._sizes[crowd] <= self._sizes.get(turn.crowd, 0) + 1:
            return None

        members = self._crowds[crowd]
        member = max(members, key=lambda key: len(members[key]))
        if is_own and len(members[member]) <= len(members.get(turn.member, ())) + 1:
            return None

        item = members[member].pop()
        self._drop_empty(crowd, member)
        return item

    def _drop_empty(
        self,
        crowd: Hashable,
        member: Hashable,
    ) -> None:
        members = self._crowds[crowd]
        if not members[member]:
            del members[member]
        if not members:
            del self._crowds[crowd]
        self._count(crowd, -1)

    def _count(
        self,
        crowd: Hashable,
        change: int,
    ) -> None:
        size = self._sizes.get(crowd, 0) + change
        if size:
            self._sizes[crowd] = size
        else:
            del self._sizes[crowd]
