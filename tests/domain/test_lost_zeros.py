"""Codes without their leading zeros."""

import pytest

from trastienda.domain.errors import Invalid
from trastienda.domain.lost_zeros import padded, product_without_zeros
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.products import Product, ProductChange


def product(number: int, code: str) -> Product:
    return Product(id=number, code=code, name="Té  Verde", price_minor=1)


def listed(code: str, name: str) -> ListedProduct:
    return ListedProduct(2, code, ProductChange(name=name))


def test_a_number_may_have_had_zeros_in_front() -> None:
    assert padded("12345678901") == ["012345678901", "0012345678901", "00012345678901"]
    assert padded("7804567000014") == []
    assert padded("A1") == []


def test_a_product_is_found_by_its_name() -> None:
    known = {"00123": product(1, "00123")}
    assert product_without_zeros(listed("123", "te verde"), known) == known["00123"]
    assert product_without_zeros(listed("124", "te verde"), known) is None
    with pytest.raises(Invalid, match="lost_zeros"):
        product_without_zeros(listed("123", "Café"), known)


def test_one_of_several_is_not_chosen() -> None:
    known = {"00123": product(1, "00123"), "0123": product(2, "0123")}
    with pytest.raises(Invalid):
        product_without_zeros(listed("123", "Té verde"), known)
