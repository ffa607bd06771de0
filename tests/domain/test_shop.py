"""The shop's page: what it may say."""

from typing import Any
from zoneinfo import available_timezones

import pytest
from msgspec.structs import replace

from trastienda.domain.barcode import LabelLayout
from trastienda.domain.errors import Invalid
from trastienda.domain.money import EXACT, CashRounding
from trastienda.domain.shop import Shop, checked


def test_a_shop_is_chilean_until_it_says_otherwise() -> None:
    shop = checked(Shop())
    assert (shop.country, shop.currency, shop.timezone, shop.vat_bp) == (
        "CL",
        "CLP",
        "America/Santiago",
        1900,
    )
    assert shop.rounding == CashRounding(10, half_down=True)
    assert (shop.exponent, shop.time_zone.key) == (0, "America/Santiago")


def test_every_time_zone_of_the_machine_is_taken() -> None:
    for name in available_timezones():
        assert checked(Shop(timezone=name)).timezone == name


def test_its_own_rounding_wins_over_the_law() -> None:
    assert Shop(cash_rounding=CashRounding(5)).rounding == CashRounding(5)
    assert Shop(country="DE", currency="EUR").rounding == EXACT


def test_its_texts_are_kept_tidy() -> None:
    shop = checked(Shop(name=" A ", rut="76.000.000-0", business=" ", address="\tB\t"))
    assert (shop.name, shop.rut, shop.business, shop.address) == (
        "A",
        "76000000-0",
        None,
        "B",
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"rut": "76000000-1"}, "rut"),
        ({"business": "x" * 201}, "business"),
        ({"address": "a\x00"}, "address"),
        ({"country": "CHL"}, "country"),
        ({"country": "cl"}, "country"),
        ({"country": "ÑÑ"}, "country"),
        ({"currency": "PESO"}, "currency"),
        ({"timezone": "America"}, "timezone"),
        ({"timezone": "/etc/localtime"}, "timezone"),
        ({"timezone": "posixrules"}, "timezone"),
        ({"timezone": "right/UTC"}, "timezone"),
        ({"timezone": "zone.tab"}, "timezone"),
        ({"vat_bp": -1}, "vat"),
        ({"vat_bp": 10_001}, "vat"),
        ({"cash_rounding": CashRounding(0)}, "cash_rounding.step"),
        ({"cash_rounding": CashRounding(1001)}, "cash_rounding.step"),
        ({"labels": (LabelLayout("20"), LabelLayout("20", "price"))}, "labels"),
    ],
)
def test_each_unfit_value_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        checked(replace(Shop(), **change))
    assert refusal.value.field == field
