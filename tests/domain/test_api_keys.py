"""API keys: which drafts are fit, from where a key may come, and as what it acts."""

import pytest
from msgspec.structs import replace

from trastienda.domain.api_keys import (
    HOUR_MS,
    MAX_NETWORKS,
    ApiKey,
    ApiKeyDraft,
    check_draft,
    is_worth_noting,
)
from trastienda.domain.errors import Invalid
from trastienda.domain.people import Role

DRAFT = ApiKeyDraft(name=" Sitio ", role=Role.CASHIER)


def key(*networks: str, role: Role = Role.CASHIER) -> ApiKey:
    return ApiKey(
        id="9c41d07e6b2f8a35",
        user_id=1,
        name="Sitio",
        role=role,
        networks=networks,
        until_ms=None,
        created_at_ms=0,
        used_at_ms=None,
    )


def test_names_and_networks_are_written_in_one_way() -> None:
    written = (
        "192.0.2.7",
        " 192.0.2.9/24 ",
        "::ffff:192.0.2.7",
        "::ffff:198.51.100.7/120",
        "2001:DB8::7",
        "2001:db8::7/48",
    )
    draft = check_draft(replace(DRAFT, networks=written), 0)
    assert draft.name == "Sitio"
    assert draft.networks == (
        "192.0.2.7",
        "192.0.2.0/24",
        "198.51.100.0/24",
        "2001:db8::7",
        "2001:db8::/48",
    )


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"name": ""}, "name", "must_not_be_empty"),
        ({"name": "x" * 41}, "name", "too_long"),
        ({"name": "a\nb"}, "name", "control_characters"),
        ({"networks": ("192.0.2.7", "tienda.cl")}, "networks[1]", "not_a_network"),
        ({"networks": ("192.0.2.7/33",)}, "networks[0]", "not_a_network"),
        ({"networks": ("::ffff:0:0/95",)}, "networks[0]", "not_a_network"),
        ({"networks": ("192.0.2.7",) * (MAX_NETWORKS + 1)}, "networks", "too_many"),
        ({"until_ms": 1000}, "until", "in_the_past"),
    ],
)
def test_what_is_not_fit_is_named(
    change: dict[str, object], field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_draft(replace(DRAFT, **change), 1000)
    assert (refusal.value.field, refusal.value.reason) == (field, reason)


@pytest.mark.parametrize(
    ("networks", "address", "admitted"),
    [
        ((), "203.0.113.7", True),
        ((), "", True),
        (("192.0.2.7",), "192.0.2.7", True),
        (("192.0.2.7",), "::ffff:192.0.2.7", True),
        (("192.0.2.7",), "192.0.2.8", False),
        (("192.0.2.0/24", "10.0.0.0/8"), "10.1.2.3", True),
        (("2001:db8::7",), "2001:db8::7", True),
        (("2001:db8::7",), "2001:db8::8", False),  # in the same household
        (("fe80::1",), "fe80::1%eth0", True),
        (("192.0.2.0/24",), "2001:db8::7", False),
        (("0.0.0.0/0",), "", False),
        (("0.0.0.0/0",), "tienda.cl", False),
    ],
)
def test_a_key_is_good_from_its_networks_alone(
    networks: tuple[str, ...], address: str, admitted: bool
) -> None:
    assert key(*networks).admits(address) == admitted


def test_a_program_is_the_lesser_of_its_key_and_its_user() -> None:
    order = (Role.CUSTOMER, Role.CASHIER, Role.ADMINISTRATOR)
    for of_key in Role:
        for of_user in Role:
            lesser = min(order.index(of_key), order.index(of_user))
            assert key(role=of_key).role_as(of_user) is order[lesser]


def test_a_use_is_noted_once_an_hour() -> None:
    assert is_worth_noting(None, 0)
    assert not is_worth_noting(5, 4 + HOUR_MS)
    assert is_worth_noting(5, 5 + HOUR_MS)
    assert not is_worth_noting(5 + HOUR_MS, 0)  # the clock was set back
