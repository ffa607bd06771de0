"""Who may see what: the list, the single document and the audience agree with one another."""

from itertools import product

import pytest

from trastienda.domain.chat import PrivateMessage
from trastienda.domain.errors import Forbidden, NotFound
from trastienda.domain.events import (
    EVERYBODY,
    STAFF_ONLY,
    Audience,
    Event,
    Kind,
    may_hear,
)
from trastienda.domain.people import SHELL, Actor, Role, User
from trastienda.domain.sales import Sale
from trastienda.domain.visibility import (
    SaleScope,
    audience_of_private,
    audience_of_room,
    audience_of_sale,
    audience_of_user,
    listed_sales,
    may_see_product,
    readable_sales,
    user_shown_to,
)

OWN_ID, OTHER_ID = 7, 8
OWN_RUT, OTHER_RUT = "12345678-5", "11111111-1"


def actor(role: Role, *, verified: bool = True) -> Actor:
    return Actor(
        user_id=OWN_ID, rut=OWN_RUT, name="Alguien", role=role, verified=verified
    )


def user(role: Role, *, user_id: int = OTHER_ID, rut: str = OTHER_RUT) -> User:
    return User(
        id=user_id,
        rut=rut,
        name="Alguien",
        username="alguien",
        email=None,
        role=role,
        active=True,
        verified=True,
        created_at_ms=0,
        version=1,
    )


def sale(
    seller_id: int | None = None,
    buyer_id: int | None = None,
    customer_rut: str | None = None,
    owed_minor: int = 0,
) -> Sale:
    return Sale(
        id=1,
        folio=1,
        at_ms=0,
        seller_id=seller_id,
        seller=None,
        buyer_id=buyer_id,
        customer_rut=customer_rut,
        lines=(),
        net_minor=0,
        vat_minor=0,
        exempt_minor=0,
        total_minor=0,
        rounding_minor=0,
        payments=(),
        change_minor=0,
        owed_minor=owed_minor,
        vat_bp=1900,
    )


IDS = (None, OWN_ID, OTHER_ID)
RUTS = (None, OWN_RUT, OTHER_RUT)
SALES = [sale(*marks) for marks in product(IDS, IDS, RUTS, (0, 1))]


def hears(somebody: Actor, audience: Audience) -> bool:
    event = Event(n=1, kind=Kind.SALE, at_ms=0, audience=audience, subject=SALES[0])
    assert somebody.user_id is not None
    assert somebody.rut is not None
    return may_hear(
        event,
        user_id=somebody.user_id,
        role=somebody.role,
        rut=somebody.rut,
        verified=somebody.verified,
    )


@pytest.mark.parametrize("document", SALES)
def test_an_administrator_lists_opens_and_hears_of_every_sale(document: Sale) -> None:
    for administrator in (actor(Role.ADMINISTRATOR), SHELL):
        assert listed_sales(administrator).includes(document)
        assert readable_sales(administrator).includes(document)
    assert hears(actor(Role.ADMINISTRATOR), audience_of_sale(document))


@pytest.mark.parametrize("document", SALES)
def test_a_cashier_lists_what_they_sold_and_what_is_owed_and_opens_any(
    document: Sale,
) -> None:
    cashier = actor(Role.CASHIER)
    sold = document.seller_id == OWN_ID
    owed = document.owed_minor > 0
    assert listed_sales(cashier).includes(document) == (sold or owed)
    assert readable_sales(cashier).includes(document)


@pytest.mark.parametrize("document", SALES)
@pytest.mark.parametrize("verified", [True, False])
def test_a_customer_lists_and_opens_what_they_bought_or_is_in_their_confirmed_rut(
    document: Sale, verified: bool
) -> None:
    customer = actor(Role.CUSTOMER, verified=verified)
    bought = document.buyer_id == OWN_ID
    named = verified and document.customer_rut == OWN_RUT
    assert listed_sales(customer).includes(document) == (bought or named)
    assert readable_sales(customer).includes(document) == (bought or named)


@pytest.mark.parametrize("document", SALES)
@pytest.mark.parametrize("verified", [True, False])
@pytest.mark.parametrize("role", Role)
def test_whoever_has_a_sale_in_their_list_hears_of_it_and_nobody_hears_of_one_they_cannot_open(
    document: Sale, verified: bool, role: Role
) -> None:
    somebody = actor(role, verified=verified)
    heard = hears(somebody, audience_of_sale(document))
    if listed_sales(somebody).includes(document):
        assert heard
    if (
        role is not Role.CUSTOMER or document.seller_id != OWN_ID
    ):  # a customer sells nothing
        assert not heard or readable_sales(somebody).includes(document)


def test_a_scope_without_marks_holds_nothing() -> None:
    assert not any(SaleScope().includes(document) for document in SALES)


@pytest.mark.parametrize("role", Role)
def test_only_customers_do_not_see_retired_products(role: Role) -> None:
    assert may_see_product(actor(role), active=True)
    assert may_see_product(actor(role), active=False) == (role is not Role.CUSTOMER)


def test_everybody_sees_their_own_user() -> None:
    for role in Role:
        own = user(role, user_id=OWN_ID, rut=OWN_RUT)
        assert user_shown_to(actor(role), OWN_RUT, own) == own


def test_a_customer_is_not_told_whether_another_rut_has_an_account() -> None:
    for other in (None, user(Role.CUSTOMER)):
        with pytest.raises(Forbidden):
            user_shown_to(actor(Role.CUSTOMER), OTHER_RUT, other)


def test_a_cashier_sees_customers_and_no_colleagues() -> None:
    cashier = actor(Role.CASHIER)
    customer = user(Role.CUSTOMER)
    assert user_shown_to(cashier, OTHER_RUT, customer) is customer
    for role in (Role.CASHIER, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            user_shown_to(cashier, OTHER_RUT, user(role))


def test_an_administrator_sees_everybody_who_exists() -> None:
    for role in Role:
        other = user(role)
        assert user_shown_to(actor(Role.ADMINISTRATOR), OTHER_RUT, other) is other
    for role in (Role.ADMINISTRATOR, Role.CASHIER):
        with pytest.raises(NotFound):
            user_shown_to(actor(role), OTHER_RUT, None)


def test_a_changed_user_is_announced_to_administrators_and_to_themselves() -> None:
    audience = audience_of_user(user(Role.CASHIER, user_id=OWN_ID))
    assert hears(actor(Role.ADMINISTRATOR), audience)
    assert hears(actor(Role.CASHIER), audience)
    assert not hears(actor(Role.CASHIER), audience_of_user(user(Role.CASHIER)))


def test_customers_hear_only_the_general_room() -> None:
    assert audience_of_room("general") == EVERYBODY
    assert audience_of_room("bodega") == STAFF_ONLY


def test_a_private_message_is_heard_by_its_two_ends_with_accounts() -> None:
    def between(sender: str, recipient: str) -> tuple[int, ...]:
        message = PrivateMessage(
            id=1,
            at_ms=0,
            sender=sender,
            alias="x",
            recipient=recipient,
            recipient_alias="y",
            text="x",
        )
        return audience_of_private(message).user_ids

    assert between("u7", "u8") == (7, 8)
    assert between("u7", "u7") == (7,)
    assert between("gpedro", "u8") == (8,)
