"""The first day of a shop: its page and its first administrator."""

import secrets

from argon2 import PasswordHasher
from msgspec import Struct

from trastienda.actions import people
from trastienda.actions import shop as shop_actions
from trastienda.domain import shop as shop_rules
from trastienda.domain.errors import Invalid
from trastienda.domain.people import SHELL, Role, UserDraft, check_draft
from trastienda.domain.shop import Shop
from trastienda.operations.errors import StartError
from trastienda.operations.shop import FirstLogin, OpenShop
from trastienda.wire.reasons import reason

_PAGE_VARIABLES = {
    "name": "TRASTIENDA_SHOP_NAME",
    "rut": "TRASTIENDA_SHOP_RUT",
    "business": "TRASTIENDA_SHOP_GIRO",
    "address": "TRASTIENDA_SHOP_ADDRESS",
    "country": "TRASTIENDA_COUNTRY",
    "currency": "TRASTIENDA_CURRENCY",
    "timezone": "TRASTIENDA_TIMEZONE",
}
"""The setting that gives each field of a new shop's page."""
_ADMINISTRATOR_VARIABLES = {
    "rut": "TRASTIENDA_ADMIN_RUT",
    "username": "TRASTIENDA_ADMIN_USER",
    "password": "TRASTIENDA_ADMIN_PASSWORD",
}


class Founding(Struct, frozen=True):
    """What a new shop is founded with, as configured and not yet checked."""

    page: Shop
    admin_rut: str
    admin_username: str
    admin_password: str | None
    """None: one is made up."""


def checked_page(page: Shop) -> Shop:
    """Return the page as it is stored. Raises StartError naming the wrong setting."""
    try:
        return shop_rules.checked(page)
    except Invalid as error:
        variable = _PAGE_VARIABLES[error.field]
        raise StartError(f"{variable} {reason(error)}") from error


def add_first_administrator(shop: OpenShop, founding: Founding) -> FirstLogin | None:
    """Add the first administrator where nobody has an account yet.

    Returns their login if its password had to be made up. Raises StartError naming
    the wrong setting.
    """
    with shop.snapshot() as snapshot:
        if people.anybody(snapshot):
            return None
        shop_name = snapshot.shop.name

    password = founding.admin_password or secrets.token_urlsafe(9)
    draft = UserDraft(
        rut=founding.admin_rut,
        name="Administrador",
        username=founding.admin_username,
        password=password,
        role=Role.ADMINISTRATOR,
        must_change_password=not founding.admin_password,
    )
    try:
        draft = check_draft(draft, shop_name)
    except Invalid as error:
        variable = _ADMINISTRATOR_VARIABLES[error.field]
        raise StartError(f"{variable} {reason(error)}") from error

    password_hash = PasswordHasher().hash(draft.password)
    with shop.transaction() as transaction:
        if people.anybody(transaction):  # another process was faster
            return None
        shop_actions.opened(transaction)
        people.register(transaction, SHELL, draft, password_hash)

    if founding.admin_password:
        return None
    return FirstLogin(draft.rut, draft.username, password)
