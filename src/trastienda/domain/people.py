"""People: roles, what each may do, and who is behind a call."""

import enum
import re
import unicodedata

from msgspec import Struct

from trastienda.domain.errors import Forbidden, Invalid, NotAuthenticated
from trastienda.domain.rut import normalise


class Role(enum.StrEnum):
    """What somebody is in the shop."""

    ADMINISTRATOR = "administrator"
    CASHIER = "cashier"
    CUSTOMER = "customer"


STAFF = frozenset({Role.ADMINISTRATOR, Role.CASHIER})
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_ANY = frozenset(Role)


class Permission(enum.Enum):
    """What a call needs; the value is the set of roles that have it."""

    LOOK = "look"
    BUY = "buy"
    SELL = "sell"
    SEE_LEDGER = "see_ledger"
    WRITE_NOTE = "write_note"
    PRINT = "print"
    MANAGE_PRODUCTS = "manage_products"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SHOP = "manage_shop"
    PURCHASE = "purchase"
    AUDIT = "audit"
    SEE_REPORTS = "see_reports"


_WHO_MAY: dict[Permission, frozenset[Role]] = {
    Permission.LOOK: _ANY,
    Permission.BUY: _ANY,
    Permission.SELL: STAFF,
    Permission.SEE_LEDGER: STAFF,
    Permission.WRITE_NOTE: STAFF,
    Permission.PRINT: STAFF,
    Permission.MANAGE_PRODUCTS: _ADMINISTRATOR,
    Permission.MANAGE_PEOPLE: _ADMINISTRATOR,
    Permission.MANAGE_SHOP: _ADMINISTRATOR,
    Permission.PURCHASE: _ADMINISTRATOR,
    Permission.AUDIT: _ADMINISTRATOR,
    Permission.SEE_REPORTS: _ADMINISTRATOR,
}


class Person(Struct, frozen=True):
    """Somebody as others see them on a sale."""

    rut: str
    name: str


class User(Struct, frozen=True, kw_only=True):
    """Somebody with an account. ``verified``: staff have confirmed that the RUT is theirs."""

    id: int
    rut: str
    name: str
    username: str
    email: str | None
    role: Role
    active: bool
    verified: bool
    created_at_ms: int
    version: int

    @property
    def revision(self) -> str:
        """What differs whenever the user has changed."""
        return str(self.version)


class Actor(Struct, frozen=True, kw_only=True):
    """Who is behind a call, and from where it came (``origin``, for the audit trail).

    The shell has no user of its own: its ``user_id`` is None and it acts as an administrator.
    """

    user_id: int | None
    rut: str | None
    name: str
    role: Role
    verified: bool = True
    origin: str = ""

    @property
    def is_staff(self) -> bool:
        """Cashiers and administrators."""
        return self.role in STAFF

    @property
    def person(self) -> Person | None:
        """The actor as others see them; None for the shell."""
        return None if self.rut is None else Person(self.rut, self.name)


SHELL = Actor(user_id=None, rut=None, name="", role=Role.ADMINISTRATOR, origin="shell")


HOUSE = Actor(user_id=None, rut=None, name="", role=Role.ADMINISTRATOR, origin="tarea")
"""What the shop does by itself, at its hour."""


def may(actor: Actor, permission: Permission) -> bool:
    """Tell whether the actor's role has ``permission``."""
    return actor.role in _WHO_MAY[permission]


def require(actor: Actor | None, permission: Permission) -> Actor:
    """Return the actor; raise NotAuthenticated without one and Forbidden where the role lacks ``permission``."""
    if actor is None:
        raise NotAuthenticated
    if not may(actor, permission):
        raise Forbidden
    return actor


def roles_with(permission: Permission) -> frozenset[Role]:
    """Return the roles that have ``permission``."""
    return _WHO_MAY[permission]


MIN_PASSWORD_LENGTH = 8
MAX_PASSWORD_LENGTH = 256
"""Characters; hashing is dear on purpose and must not be made dearer from outside."""

_USERNAME = re.compile(r"[\w.@+-]{1,64}")


def check_username(username: str, rut: str) -> str:
    """Return the user name in NFKC; raise Invalid for one with other characters or that is somebody else's RUT.

    One logs in with the name or the RUT, so a name must not pass for the RUT of another.
    """
    tidy = unicodedata.normalize("NFKC", username.strip())
    if not _USERNAME.fullmatch(tidy):
        raise Invalid("username", "username_shape")
    try:
        claimed = normalise(tidy)
    except Invalid:
        return tidy
    if claimed != rut:
        raise Invalid("username", "username_is_rut")
    return tidy


def username_key(username: str) -> str:
    """Return what makes two user names the same: case does not matter."""
    return unicodedata.normalize("NFKC", username.strip()).casefold()


def check_password(password: str, field: str = "password") -> None:
    """Raise Invalid for a password that is too short or absurdly long."""
    if len(password) < MIN_PASSWORD_LENGTH:
        raise Invalid(field, "password_short", limit=MIN_PASSWORD_LENGTH)
    if len(password) > MAX_PASSWORD_LENGTH:
        raise Invalid(field, "too_long", limit=MAX_PASSWORD_LENGTH)


def check_email(email: str) -> str:
    """Return the address tidied; raise Invalid where it cannot be one."""
    tidy = email.strip()
    if len(tidy) > 254 or not re.fullmatch(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+", tidy):
        raise Invalid("email", "email_shape")
    return tidy


class UserDraft(Struct, frozen=True, kw_only=True):
    """Somebody to be registered."""

    rut: str
    name: str
    username: str
    password: str
    email: str | None = None
    role: Role = Role.CUSTOMER
