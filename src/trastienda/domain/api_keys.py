"""API keys: what programs show instead of a password, and what they may do with it."""

from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain.errors import Invalid
from trastienda.domain.networks import any_network, is_within_exactly
from trastienda.domain.people import Role
from trastienda.domain.text import clean

PREFIX = "tk_"
"""How every secret begins, so that programs that look for secrets in public files know one."""
MAX_KEYS = 100
"""Keys of a shop: more than it has programs, and few enough to be looked through."""
MAX_NAME_LENGTH = 40
"""Characters of a name: with an address beside it, it is the origin of a registro."""
MAX_NETWORKS = 20
"""Networks of one key: a program runs in a handful of places."""
HOUR_MS = 3600 * 1000
"""How exactly it is known when a key was last used: so its calls write nothing, but one an hour."""

_ROLES = (Role.CUSTOMER, Role.CASHIER, Role.ADMINISTRATOR)
"""From the least to the most."""


class ApiKeyDraft(Struct, frozen=True, kw_only=True):
    """A key to be made: for which program, as what it acts at the most, from where and until when.

    Without ``networks`` it may come from anywhere; without ``until_ms`` it has no end.
    """

    name: str
    role: Role
    networks: tuple[str, ...] = ()
    until_ms: int | None = None


class ApiKey(Struct, frozen=True, kw_only=True):
    """A key that a program shows. Its secret is known to the program alone.

    ``user_id`` is who made it: the program acts as that user.
    """

    id: str
    user_id: int
    name: str
    role: Role
    networks: tuple[str, ...]
    until_ms: int | None
    created_at_ms: int
    used_at_ms: int | None
    """When it was last used, exact to :data:`HOUR_MS`."""

    def admits(self, address: str) -> bool:
        """Tell whether a program may use it from this address."""
        if not self.networks:
            return True
        return any(is_within_exactly(address, network) for network in self.networks)

    def role_as(self, role: Role) -> Role:
        """Return as what a program acts for a user of this role: the lesser of the two."""
        return min(self.role, role, key=_ROLES.index)

    def origin(self, address: str) -> str:
        """Return where its calls come from, as the audit trail records it."""
        return f"llave {self.name} {address}"


def is_worth_noting(
    last_ms: int | None,
    now_ms: int,
) -> bool:
    """Tell whether a use now is to be noted, where the last one noted was then."""
    return last_ms is None or now_ms - last_ms >= HOUR_MS


def check_draft(
    draft: ApiKeyDraft,
    now_ms: int,
) -> ApiKeyDraft:
    """Return the draft with tidy values; raise Invalid for the first one that is not fit."""
    name = clean(draft.name, "name", limit=MAX_NAME_LENGTH)
    if len(draft.networks) > MAX_NETWORKS:
        raise Invalid("networks", "too_many", limit=MAX_NETWORKS)

    networks = []
    for position, text in enumerate(draft.networks):
        network = any_network(text)
        if network is None:
            raise Invalid(f"networks[{position}]", "not_a_network")
        networks.append(network)

    if draft.until_ms is not None and draft.until_ms <= now_ms:
        raise Invalid("until", "in_the_past")
    return replace(draft, name=name, networks=tuple(dict.fromkeys(networks)))
