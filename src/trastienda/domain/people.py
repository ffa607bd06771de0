"""People: roles, what each may do, who is behind a call, and the rules for registering
and changing users."""

import enum
from collections.abc import Collection

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from trastienda.domain.emails import check_email
from trastienda.domain.errors import (
    Forbidden,
    IdentityConfirmed,
    NotAuthenticated,
    RegistrationClosed,
)
from trastienda.domain.passwords import check_password
from trastienda.domain.rut import normalise
from trastienda.domain.text import clean
from trastienda.domain.usernames import check_new_username, check_username


class Role(enum.StrEnum):
    """What somebody is in the shop."""

    ADMINISTRATOR = "administrator"
    CASHIER = "cashier"
    CUSTOMER = "customer"


STAFF = frozenset({Role.ADMINISTRATOR, Role.CASHIER})
_ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
_ANY = frozenset(Role)


class Permission(enum.Enum):
    """What a call needs. Each permission is held by some roles."""

    LOOK = "look"
    KEEP_ACCOUNT = "keep_account"
    """To make an account, and to keep its password, second factor, sessions and notifications."""
    BUY = "buy"
    SELL = "sell"
    CONFIRM_IDENTITY = "confirm_identity"
    SEE_LEDGER = "see_ledger"
    WRITE_NOTE = "write_note"
    ADD_SECOND_FACTOR = "add_second_factor"
    PRINT = "print"
    MANAGE_PRODUCTS = "manage_products"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_KEYS = "manage_keys"
    MANAGE_WEBHOOKS = "manage_webhooks"
    MANAGE_SHOP = "manage_shop"
    PURCHASE = "purchase"
    AUDIT = "audit"
    SEE_REPORTS = "see_reports"
    NOTIFY = "notify"


_WHO_MAY: dict[Permission, frozenset[Role]] = {
    Permission.LOOK: _ANY,
    Permission.KEEP_ACCOUNT: _ANY,
    Permission.BUY: _ANY,
    Permission.SELL: STAFF,
    Permission.CONFIRM_IDENTITY: STAFF,
    Permission.SEE_LEDGER: STAFF,
    Permission.WRITE_NOTE: STAFF,
    Permission.ADD_SECOND_FACTOR: STAFF,
    Permission.PRINT: STAFF,
    Permission.MANAGE_PRODUCTS: _ADMINISTRATOR,
    Permission.MANAGE_PEOPLE: _ADMINISTRATOR,
    Permission.MANAGE_KEYS: _ADMINISTRATOR,
    Permission.MANAGE_WEBHOOKS: _ADMINISTRATOR,
    Permission.MANAGE_SHOP: _ADMINISTRATOR,
    Permission.PURCHASE: _ADMINISTRATOR,
    Permission.AUDIT: _ADMINISTRATOR,
    Permission.SEE_REPORTS: _ADMINISTRATOR,
    Permission.NOTIFY: _ADMINISTRATOR,
}
_NEVER_BY_KEY = frozenset(
    {
        Permission.KEEP_ACCOUNT,
        Permission.ADD_SECOND_FACTOR,
        Permission.CONFIRM_IDENTITY,
        Permission.MANAGE_PEOPLE,
        Permission.MANAGE_KEYS,
        Permission.MANAGE_WEBHOOKS,
    }
)
"""What no program may, whatever its role: whoever steals its key must not be able to make
themselves at home, with an account, a session, another key, or an address to which all is sent."""


class Person(Struct, frozen=True):
    """Somebody as others see them on a sale."""

    rut: str
    name: str


class User(Struct, frozen=True, kw_only=True):
    """Somebody with an account. ``verified``: staff have confirmed that the RUT is theirs.

    ``must_change_password``: until they have one that nobody else has seen, they may do
    nothing else.
    """

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
    must_change_password: bool = False

    @property
    def revision(self) -> str:
        """The version as a text. It differs whenever the user has changed."""
        return str(self.version)

    @property
    def is_active_administrator(self) -> bool:
        """Whether the user can run the shop. A shop keeps at least one who can."""
        return self.active and self.role is Role.ADMINISTRATOR


class Actor(Struct, frozen=True, kw_only=True):
    """Who is behind a call, and from where it came (``origin``, for the audit trail).

    The shell has no user of its own: its ``user_id`` is None and it acts as an administrator.
    A program that calls with an API key acts as the user who made it: ``key_id`` is its id.
    """

    user_id: int | None
    rut: str | None
    name: str
    role: Role
    verified: bool = True
    origin: str = ""
    key_id: str | None = None

    @property
    def is_staff(self) -> bool:
        """Cashiers and administrators."""
        return self.role in STAFF

    @property
    def person(self) -> Person | None:
        """The actor as others see them; None for the shell."""
        return None if self.rut is None else Person(self.rut, self.name)


SHELL = Actor(
    user_id=None,
    rut=None,
    name="",
    role=Role.ADMINISTRATOR,
    origin="shell",
)
"""Whoever runs a shell command on the shop's own machine."""
HOUSE = Actor(
    user_id=None,
    rut=None,
    name="",
    role=Role.ADMINISTRATOR,
    origin="tarea",
)
"""The shop itself, in the tasks that it runs on its own."""
STRANGER = Actor(user_id=None, rut=None, name="", role=Role.CUSTOMER, verified=False)
"""Somebody without an account."""


def may(
    actor: Actor,
    permission: Permission,
) -> bool:
    """Tell whether the actor's role has ``permission``, and a key does not keep it away."""
    if actor.key_id is not None and permission in _NEVER_BY_KEY:
        return False
    return actor.role in _WHO_MAY[permission]


def require(
    actor: Actor | None,
    permission: Permission,
) -> Actor:
    """Return the actor; raise NotAuthenticated without one, Forbidden where they may not."""
    if actor is None:
        raise NotAuthenticated
    if not may(actor, permission):
        raise Forbidden
    return actor


def roles_with(permission: Permission) -> frozenset[Role]:
    """Return the roles that have ``permission``."""
    return _WHO_MAY[permission]


class UserDraft(Struct, frozen=True, kw_only=True):
    """A user to be registered. The password is the plain one.

    ``must_change_password``: it was made up, and somebody has read it.
    """

    rut: str
    name: str
    username: str
    password: str
    email: str | None = None
    role: Role = Role.CUSTOMER
    must_change_password: bool = False


def names_known(
    user: User | UserDraft,
    shop_name: str,
) -> list[str]:
    """Return the names around a user that others know, and try as a password first."""
    email = user.email or ""
    mailbox, _, _ = email.partition("@")
    number, _, _ = user.rut.partition("-")
    return [shop_name, user.name, user.username, user.rut, number, email, mailbox]


def check_draft(
    draft: UserDraft,
    shop_name: str,
) -> UserDraft:
    """Return the draft with tidy values; raise Invalid for the first one that is not fit."""
    rut = normalise(draft.rut)
    draft = replace(
        draft,
        rut=rut,
        name=clean(draft.name, "name"),
        username=check_new_username(draft.username, rut),
        email=check_email(draft.email) if draft.email else None,
    )
    check_password(draft.password, names_known(draft, shop_name))
    return draft


def check_may_register(
    actor: Actor,
    role: Role,
    *,
    is_open: bool,
) -> None:
    """Raise Forbidden unless the actor may register a user with this role: customers
    register themselves.

    Raises RegistrationClosed where the shop is not open to them.
    """
    if may(actor, Permission.MANAGE_PEOPLE):
        return
    if role is not Role.CUSTOMER or not may(actor, Permission.KEEP_ACCOUNT):
        raise Forbidden
    if not is_open:
        raise RegistrationClosed


def new_user(
    draft: UserDraft,
    actor: Actor,
    user_id: int,
    now_ms: int,
) -> User:
    """Return the user whom ``actor`` registers.

    Only an administrator confirms the RUT by doing so.
    """
    return User(
        id=user_id,
        rut=draft.rut,
        name=draft.name,
        username=draft.username,
        email=draft.email,
        role=draft.role,
        active=True,
        verified=may(actor, Permission.MANAGE_PEOPLE),
        created_at_ms=now_ms,
        version=1,
        must_change_password=draft.must_change_password,
    )


class UserChange(Struct, frozen=True, kw_only=True):
    """What changes of a user. A field that is UNSET stays as it is.

    The password is the plain one.
    """

    name: str | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    username: str | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    verified: bool | UnsetType = UNSET
    password: str | UnsetType = UNSET
    must_change_password: bool | UnsetType = UNSET

    @property
    def fields(self) -> list[str]:
        """The fields that change."""
        return [
            name for name in self.__struct_fields__ if getattr(self, name) is not UNSET
        ]

    @property
    def values(self) -> dict[str, object]:
        """The new values by field, without the password, which is no field of a user."""
        fields = [name for name in self.fields if name != "password"]
        return {name: getattr(self, name) for name in fields}


def with_new_password(wanted: UserChange) -> UserChange:
    """Return the change with a new password, which is the last unless it says otherwise."""
    if wanted.must_change_password is UNSET:
        return replace(wanted, must_change_password=False)
    return wanted


_OWN_FIELDS = frozenset({"name", "email", "password"})
_FIELDS_FOR_CASHIERS = frozenset({"verified"})


def check_may_change(
    actor: Actor,
    user: User,
    fields: Collection[str],
) -> None:
    """Raise Forbidden unless the actor may change these fields of this user.

    Administrators may change everything, everybody their own name, mail and password, and
    cashiers whether the RUT of a customer is confirmed.
    """
    if may(actor, Permission.MANAGE_PEOPLE):
        return
    require(actor, Permission.KEEP_ACCOUNT)
    if actor.user_id == user.id and _OWN_FIELDS.issuperset(fields):
        return

    of_customer = actor.role is Role.CASHIER and user.role is Role.CUSTOMER
    if not (of_customer and _FIELDS_FOR_CASHIERS.issuperset(fields)):
        raise Forbidden


def needs_current_password(
    actor: Actor,
    user: User,
    wanted: UserChange,
) -> bool:
    """Tell whether the actor has to give their present password with this change.

    One's own mail and password lead into the account: a token that somebody found, or a
    till that was left open, must not be enough to take it over.
    """
    if actor.user_id != user.id:
        return False
    return wanted.password is not UNSET or wanted.email not in {UNSET, user.email}


def check_user(user: User) -> User:
    """Return a changed user with tidy values; raise Invalid for the first one that is not fit."""
    return replace(
        user,
        username=check_username(user.username, user.rut),
        email=check_email(user.email) if user.email else None,
        name=clean(user.name, "name"),
    )


def without_rut(user: User) -> User:
    """Return the user as they are once their RUT has been given free for its holder.

    Raises IdentityConfirmed for anybody but a customer who registered alone and whom
    nobody has confirmed. The account is over: a mark that is no RUT stands in the place of
    its RUT and of its user name, so that it can be neither entered nor named any more.
    """
    if user.verified or user.role is not Role.CUSTOMER:
        raise IdentityConfirmed

    # No user name has a colon, so nobody can have taken it.
    mark = f"libre:{user.id}"
    return replace(
        user,
        rut=mark,
        username=mark,
        active=False,
        version=user.version + 1,
    )
