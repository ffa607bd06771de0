"""Reserved names: those of accounts, which no guest and no other account may take."""

from collections.abc import Callable, Iterable

from msgspec import Struct

from trastienda.domain.aliases import alias_keys, is_office, is_reserved, own_name_keys
from trastienda.domain.errors import AlreadyExists, Invalid
from trastienda.domain.people import STAFF, User
from trastienda.domain.usernames import username_key


class _Account(Struct, frozen=True):
    """A user name, its keys, and the keys of the user's own name."""

    username: str
    username_keys: frozenset[str]
    name_keys: frozenset[str]


class ReservedNames:
    """The user names of all accounts, and the own names of those whom the shop knows: staff,
    and customers whose identity staff have confirmed. Anybody may say that they are called
    Pedro.

    They are found by the keys under which they look alike.
    """

    def __init__(
        self,
        users: Iterable[User],
        shop_name: Callable[[], str],
    ) -> None:
        self._shop_name = shop_name
        self._accounts: dict[int, _Account] = {}
        self._by_username: dict[str, int] = {}
        self._by_username_key: dict[str, set[int]] = {}
        self._by_name_key: dict[str, set[int]] = {}
        for user in users:
            self.learn(user)

    def learn(self, user: User) -> None:
        """Reserve the names of a user; those that they had before are free."""
        before = self._accounts.pop(user.id, None)
        if before is not None:
            del self._by_username[username_key(before.username)]
            for key in before.username_keys:
                self._by_username_key[key].discard(user.id)
            for key in before.name_keys:
                self._by_name_key[key].discard(user.id)

        username_keys = alias_keys(user.username)
        is_known = user.verified or user.role in STAFF
        name_keys = own_name_keys(user.name) if is_known else frozenset()
        self._accounts[user.id] = _Account(user.username, username_keys, name_keys)
        self._by_username[username_key(user.username)] = user.id
        for key in username_keys:
            user_ids = self._by_username_key.setdefault(key, set())
            user_ids.add(user.id)
        for key in name_keys:
            user_ids = self._by_name_key.setdefault(key, set())
            user_ids.add(user.id)

    def check_no_office(
        self,
        name: str,
        field: str,
    ) -> None:
        """Raise Invalid for a name that looks like an office's or the shop's own."""
        if is_reserved(name) or is_office(name, self._shop_name()):
            raise Invalid(field, "reserved_name")

    def check_own_username(self, username: str) -> None:
        """Raise Invalid or AlreadyExists for a user name that nobody gives to themselves: an
        office's, or one that passes for the name of somebody else."""
        self.check_no_office(username, "username")
        if self.is_reserved(alias_keys(username), None):
            raise AlreadyExists("username")

    def username(self, user_id: int | None) -> str | None:
        """Return the user name of an account."""
        if user_id is None:
            return None

        account = self._accounts.get(user_id)
        if account is None:
            return None
        return account.username

    def find_user(self, username: str) -> int | None:
        """Return the account of this very user name, whatever its case."""
        key = username_key(username)
        return self._by_username.get(key)

    def oldest_like(self, keys: Iterable[str]) -> int | None:
        """Return the oldest account whose user name has one of these keys.

        The first key that is taken decides.
        """
        for key in keys:
            user_ids = self._by_username_key.get(key)
            if user_ids:
                return min(user_ids)
        return None

    def is_own(
        self,
        user_id: int,
        keys: frozenset[str],
    ) -> bool:
        """Tell whether an alias with these keys looks like the account's user name."""
        account = self._accounts.get(user_id)
        if account is None:
            return False
        return not keys.isdisjoint(account.username_keys)

    def is_username(self, keys: Iterable[str]) -> bool:
        """Tell whether an alias with these keys looks like anybody's user name."""
        # A key that had accounts once may have none left.
        by_key = self._by_username_key
        return any(by_key.get(key) for key in keys)

    def has_older(
        self,
        user_id: int,
        keys: Iterable[str],
    ) -> bool:
        """Tell whether an older account's user name has one of these keys."""
        for key in keys:
            user_ids = self._by_username_key.get(key)
            if user_ids and min(user_ids) != user_id:
                return True
        return False

    def is_reserved(
        self,
        keys: frozenset[str],
        user_id: int | None,
    ) -> bool:
        """Tell whether an alias with these keys belongs to anybody but this account.

        The account's user name is theirs even if it is somebody else's name as well.
        """
        indexes = [self._by_username_key]
        if user_id is None or not self.is_own(user_id, keys):
            indexes.append(self._by_name_key)

        for index in indexes:
            for key in keys:
                user_ids = index.get(key, set())
                if user_ids - {user_id}:
                    return True
        return False
