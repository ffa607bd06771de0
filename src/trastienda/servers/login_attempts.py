"""Attempts to log in: how many may fail, and who is known from where.

Guesses are slowed by the network they come from and by the account that they are for.
Neither must shut the account's holder out: who has come in from a network before does
not wait there for what others do.
"""

from collections import OrderedDict
from collections.abc import Iterable

from msgspec import Struct

from trastienda.domain.errors import TooManyRequests
from trastienda.servers.throttle import Throttle

PER_ACCOUNT_HERE = (10, 6.0)
"""Wrong passwords of one account from one network, at once, and the seconds until one
more: somebody who tries all passwords that they ever had is done with ten."""
PER_ACCOUNT = (30, 20.0)
"""Of one account from all networks where it has never come in, together."""
PER_NETWORK = (100, 1.0)
"""Of all accounts from one network, and so what a network may take of the processor: a
shop behind one address has fewer people who mistype at once."""

MAX_ACCOUNTS = 20_000
"""Accounts of which is in mind where they came in; one that was left out is read anew."""
NETWORKS_OF_AN_ACCOUNT = 8
"""A home, a shop, and what a telephone meets in a week."""


class Attempt(Struct):
    """One password that is about to be compared."""

    network: str
    account: int | str
    """The user's id, or a name that nobody has."""
    is_familiar: bool
    wait_s: int
    """Seconds until its network may fail again, where only a familiar name got through:
    a wrong password is then told no more than that."""


class LoginAttempts:
    """What has failed lately, and who has come in from where."""

    def __init__(self) -> None:
        self._by_network = Throttle(*PER_NETWORK)
        self._of_accounts = _PerAccount()
        self._of_nobody = _PerAccount()
        """Apart, so that no flood of made-up names makes it forget an account."""
        self._networks_by_user: OrderedDict[int, OrderedDict[str, None]] = OrderedDict()

    def is_familiar(
        self,
        network: str,
        user_id: int,
    ) -> bool | None:
        """Tell whether a user has come in from this network.

        None where that has to be recalled first.
        """
        networks = self._networks_by_user.get(user_id)
        return None if networks is None else network in networks

    def recall(
        self,
        user_id: int,
        networks: Iterable[str],
    ) -> None:
        """Learn from where a user has come in before, the last first."""
        last_first = list(dict.fromkeys(networks))[:NETWORKS_OF_AN_ACCOUNT]
        self._networks_by_user[user_id] = OrderedDict.fromkeys(reversed(last_first))
        if len(self._networks_by_user) > MAX_ACCOUNTS:
            self._networks_by_user.popitem(last=False)

    def require_network(self, network: str) -> None:
        """Raise TooManyRequests where too much has failed from there."""
        wait_s = self._by_network.wait_s(network)
        if wait_s:
            raise TooManyRequests(wait_s)

    def begin(
        self,
        network: str,
        account: int | str,
        *,
        is_familiar: bool,
    ) -> Attempt:
        """Count an attempt as failed until it ends well; raise TooManyRequests."""
        if not is_familiar:
            self.require_network(network)
        self._of(account).take(network, account, is_familiar=is_familiar)

        wait_s = self._by_network.wait_s(network)
        if not wait_s:
            self._by_network.take(network)
        return Attempt(network, account, is_familiar, wait_s)

    def give_back(self, attempt: Attempt) -> None:
        """Do not count an attempt: it was right, or never compared."""
        if not attempt.wait_s:
            self._by_network.give_back(attempt.network)
        self._of(attempt.account).give_back(attempt)

    def remember(
        self,
        network: str,
        user_id: int,
    ) -> None:
        """Keep in mind that a user has come in from a network.

        Not where nothing was recalled of them: what is recalled later has this in it.
        """
        networks = self._networks_by_user.get(user_id)
        if networks is None:
            return

        networks[network] = None
        networks.move_to_end(network)
        if len(networks) > NETWORKS_OF_AN_ACCOUNT:
            networks.popitem(last=False)
        self._networks_by_user.move_to_end(user_id)

    def _of(self, account: int | str) -> "_PerAccount":
        return self._of_accounts if isinstance(account, int) else self._of_nobody


class _PerAccount:
    """What has failed by account: from each network, and from all that are new to it."""

    def __init__(self) -> None:
        self._here = Throttle(*PER_ACCOUNT_HERE)
        self._everywhere = Throttle(*PER_ACCOUNT)

    def take(
        self,
        network: str,
        account: int | str,
        *,
        is_familiar: bool,
    ) -> None:
        wait_s = self._here.wait_s((account, network))
        if not is_familiar:
            wait_s = max(wait_s, self._everywhere.wait_s(account))
        if wait_s:
            raise TooManyRequests(wait_s)

        self._here.take((account, network))
        if not is_familiar:
            self._everywhere.take(account)

    def give_back(self, attempt: Attempt) -> None:
        self._here.give_back((attempt.account, attempt.network))
        if not attempt.is_familiar:
            self._everywhere.give_back(attempt.account)
