"""Names: which alias belongs to whom while they are in the chat.

Claiming and releasing are awaited: where several processes share a chat, another one
may own a name. Here nothing is waited for.
"""

import itertools
from collections.abc import Iterable

from msgspec import Struct

from trastienda.domain.aliases import (
    alias_key,
    alias_keys,
    check_alias,
    check_no_rut,
    is_reserved,
)
from trastienda.domain.chat import Member, account_key
from trastienda.domain.errors import AliasReserved, AlreadyExists
from trastienda.domain.usernames import username_key
from trastienda.live.reserved_names import ReservedNames

MAX_LOOKED_UP = 128
"""Characters of an alias that is looked up.

No alias is as long, and longer ones cost time.
"""
NUMBERED_ALIAS = 24
"""Characters that are left of an alias which gets a number behind it."""


class Found(Struct, frozen=True):
    """Whom an alias means: their key as a member, and what they are called."""

    key: str
    alias: str


class Renamed(Struct, frozen=True):
    """A member who had to give way, and their new alias."""

    key: str
    alias: str


class Claim(Struct, frozen=True):
    """The alias that a member has got, and who had to give way to them."""

    alias: str
    renamed: tuple[Renamed, ...] = ()


class _Holder:
    """Who has an alias, how often it was claimed, and under which keys it is taken."""

    __slots__ = ("alias", "alias_keys", "claims", "key", "user_id")

    def __init__(
        self,
        member: Member,
        alias: str,
    ) -> None:
        self.key = member.key
        self.user_id = member.user_id
        self.alias = alias
        self.alias_keys = alias_keys(alias)
        self.claims = 1


class Names:
    """The aliases that are taken, beside those that are reserved for accounts."""

    def __init__(self, reserved: ReservedNames) -> None:
        self.reserved = reserved
        self._by_member: dict[str, _Holder] = {}
        self._by_alias_key: dict[str, _Holder] = {}

    async def claim(self, member: Member) -> Claim:
        """Take an alias for a member who comes in; each claim is released once.

        Raises Invalid, AliasReserved or AlreadyExists for an alias that a guest may not
        have. An account takes its user name: a guest who has one that looks like it
        gets another. Where it is not the account's alone (it looks like that of an
        older account, or like the shop's own), the account gets a number behind it.
        """
        user_id = member.user_id
        if user_id is None:
            self._check_free(member.alias, None)
            guest = _Holder(member, member.alias)
            self._add(guest)
            return Claim(member.alias)

        holder = self._by_member.get(member.key)
        if holder is not None:  # at another connection
            holder.claims += 1
            return Claim(holder.alias)

        claim = self._claim_username(member.alias, user_id)
        holder = _Holder(member, claim.alias)
        self._add(holder)
        return claim

    async def rename(
        self,
        member: Member,
        alias: str,
    ) -> None:
        """Give a member another alias; raises like :meth:`claim`."""
        holder = self._by_member[member.key]
        self._check_free(alias, holder)
        self._rename(holder, alias)

    async def release(self, member_key: str) -> None:
        """Give up one claim of a member; with the last one the alias is free."""
        holder = self._by_member.get(member_key)
        if holder is None:
            return

        holder.claims -= 1
        if not holder.claims:
            self._remove(holder)

    async def find(self, alias: str) -> Found | None:
        """Return whom an alias means.

        That is whoever has this very alias, else the account of this very user name,
        else whoever looks like it: first a member who is here, then an account.
        """
        if len(alias) > MAX_LOOKED_UP:
            return None

        keys = [alias_key(alias), *sorted(alias_keys(alias))]
        user_id = self.reserved.find_user(alias)
        holder = self._holder(keys)
        if holder is not None:
            has_very_alias = username_key(holder.alias) == username_key(alias)
            if has_very_alias or user_id is None:
                return Found(holder.key, holder.alias)

        if user_id is None:
            user_id = self.reserved.oldest_like(keys)
        if user_id is None:
            return None

        member_key = account_key(user_id)
        account_holder = self._by_member.get(member_key)
        if account_holder is not None:
            return Found(member_key, account_holder.alias)

        username = self.reserved.username(user_id) or ""
        return Found(member_key, username)

    def _holder(self, keys: Iterable[str]) -> _Holder | None:
        for key in keys:
            holder = self._by_alias_key.get(key)
            if holder is not None:
                return holder
        return None

    def _check_free(
        self,
        alias: str,
        wanted_by: _Holder | None,
    ) -> None:
        """Raise unless an alias is allowed, not reserved for others, and free."""
        check_alias(alias)
        self.reserved.check_no_office(alias, "alias")
        keys = alias_keys(alias)
        user_id = None if wanted_by is None else wanted_by.user_id
        is_own = user_id is not None and self.reserved.is_own(user_id, keys)
        if not is_own:  # many a user name is its user's RUT
            check_no_rut(alias)
        if self.reserved.is_reserved(keys, user_id):
            raise AliasReserved

        holder = self._holder(keys)
        if holder is not None and holder is not wanted_by:
            raise AlreadyExists("alias")

    def _claim_username(
        self,
        username: str,
        user_id: int,
    ) -> Claim:
        """Return the alias of an account that comes in.

        Whoever has it without right gives way.
        """
        keys = alias_keys(username)
        if self.reserved.has_older(user_id, keys) or is_reserved(username):
            numbered = self._numbered(username)
            return Claim(numbered)

        # Several may look like it, each in another way.
        renamed: list[Renamed] = []
        while (holder := self._holder(keys)) is not None:
            holder_id = holder.user_id
            has_right = holder_id is not None and self.reserved.is_own(
                holder_id, holder.alias_keys
            )
            if has_right:
                numbered = self._numbered(username)
                return Claim(numbered, tuple(renamed))

            numbered = self._numbered(holder.alias)
            self._rename(holder, numbered)
            renamed.append(Renamed(holder.key, numbered))

        return Claim(username, tuple(renamed))

    def _numbered(self, alias: str) -> str:
        """Return the alias with the first number behind it that makes it nobody's."""
        for number in itertools.count(2):
            candidate = f"{alias[:NUMBERED_ALIAS]}-{number}"
            keys = alias_keys(candidate)
            is_taken = self._holder(keys) is not None
            if not is_taken and not self.reserved.is_username(keys):
                return candidate

        raise AssertionError  # there are more numbers than members

    def _rename(
        self,
        holder: _Holder,
        alias: str,
    ) -> None:
        self._remove(holder)
        holder.alias = alias
        holder.alias_keys = alias_keys(alias)
        self._add(holder)

    def _add(self, holder: _Holder) -> None:
        self._by_member[holder.key] = holder
        for key in holder.alias_keys:
            self._by_alias_key[key] = holder

    def _remove(self, holder: _Holder) -> None:
        del self._by_member[holder.key]
        for key in holder.alias_keys:
            if self._by_alias_key.get(key) is holder:
                del self._by_alias_key[key]
