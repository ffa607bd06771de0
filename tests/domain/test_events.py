"""Events: who may hear them, and what each kind is about."""

import pytest

from trastienda.domain.events import (
    ADMINISTRATORS,
    EVERYBODY,
    NOBODY,
    STAFF_ONLY,
    SUBJECT_OF,
    Audience,
    Event,
    Kind,
    may_hear,
)
from trastienda.domain.movements import StockLevel
from trastienda.domain.people import Role

ADMINISTRATOR, CASHIER, CUSTOMER = Role.ADMINISTRATOR, Role.CASHIER, Role.CUSTOMER


def hears(
    audience: Audience,
    role: Role = CUSTOMER,
    user_id: int = 7,
    rut: str = "33333333-3",
    verified: bool = True,
) -> bool:
    subject = StockLevel("A", 1000)
    event = Event(n=1, kind=Kind.STOCK, at_ms=0, audience=audience, subject=subject)
    return may_hear(event, user_id=user_id, role=role, rut=rut, verified=verified)


@pytest.mark.parametrize(
    ("audience", "roles"),
    [
        (EVERYBODY, {ADMINISTRATOR, CASHIER, CUSTOMER}),
        (STAFF_ONLY, {ADMINISTRATOR, CASHIER}),
        (ADMINISTRATORS, {ADMINISTRATOR}),
        (NOBODY, set()),
    ],
)
def test_a_named_audience_is_the_users_of_its_roles(
    audience: Audience, roles: set[Role]
) -> None:
    assert {role for role in Role if hears(audience, role)} == roles


def test_a_user_who_is_named_hears_whatever_their_role() -> None:
    audience = Audience(user_ids=(5, 7))
    assert hears(audience, user_id=7)
    assert not hears(audience, user_id=6)


def test_the_holder_of_a_rut_hears_once_it_is_confirmed() -> None:
    audience = Audience(rut="33333333-3")
    assert hears(audience)
    assert not hears(audience, verified=False)
    assert not hears(audience, rut="11111111-1")


def test_without_a_rut_nobody_hears_by_theirs() -> None:
    assert not hears(Audience(rut=None), rut="")


def test_every_kind_has_its_subject() -> None:
    assert set(SUBJECT_OF) == set(Kind)
