"""Fingerprints: old forms stay as they were, and the newest covers all that never changes."""

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from tests.domain.documents import Counter, goods, sell

from trastienda.domain import purchases, returns, sales
from trastienda.domain.audit import digest
from trastienda.domain.fingerprints import Fingerprints
from trastienda.domain.purchases import Purchase, PurchaseLine
from trastienda.domain.returns import Return, ReturnLine
from trastienda.domain.sales import Reduction, ReductionCause, Sale, SaleLine
from trastienda.domain.tills import Till

BREAD = goods(1990, name="Pan", code="PAN", cost_minor=700)
TILL = Till(device="caja 2", shift_id=7)
REDUCTION = Reduction(ReductionCause.PRODUCT, 10, approved_by_id=1)

CHANGING = {"owed_minor"}
"""What may change of a document later, each time with a registro of its own."""
SHOWN_ONLY = {"seller", "buyer"}
"""People as they are called now; their numbers are covered."""


def a_sale() -> Sale:
    """Two of one product, one of them cheaper, at a till of its own."""
    sale = sell((BREAD, 2000))
    line = replace(
        sale.lines[0], discount_minor=10, total_minor=3970, reductions=(REDUCTION,)
    )
    return replace(sale, lines=(line,), till=TILL)


def a_purchase() -> Purchase:
    """Two of one product."""
    line = PurchaseLine(1, "PAN", "Pan", 2000, 700)
    return Purchase(
        id=3,
        at_ms=5,
        buyer_id=1,
        buyer=None,
        supplier="Panes",
        document="F-1",
        lines=(line,),
        total_minor=1400,
        till=TILL,
    )


def test_the_first_form_of_a_sale_is_what_it_always_was() -> None:
    sale = a_sale()
    product_id = sale.lines[0].product_id
    assert sales.FINGERPRINTS.content(sale, 1).decode() == (
        f"[1,7,null,{sale.at_ms},2,null,null,3345,635,0,3980,0,0,1900,"
        '[{"method":"cash","amount_minor":3980}],'
        f'[{{"product_id":{product_id},"code":"PAN","name":"Pan","quantity_milli":2000,'
        '"unit_price_minor":1990,"discount_minor":10,"total_minor":3970,'
        '"cost_minor":700,"exempt":false}]]'
    )


def test_the_second_form_of_a_sale_covers_its_till_and_its_reductions() -> None:
    sale = a_sale()
    product_id = sale.lines[0].product_id
    assert sales.FINGERPRINTS.content(sale, 2).decode() == (
        f"[1,7,null,{sale.at_ms},2,null,null,3345,635,0,3980,0,0,1900,"
        '[{"method":"cash","amount_minor":3980}],'
        '{"location_id":1,"device":"caja 2","shift_id":7},'
        f'[{{"product_id":{product_id},"code":"PAN","name":"Pan","quantity_milli":2000,'
        '"unit_price_minor":1990,"discount_minor":10,"total_minor":3970,'
        '"cost_minor":700,"exempt":false,"reductions":'
        '[{"cause":"product","amount_minor":10,"approved_by_id":1}]}]]'
    )


def test_the_older_forms_of_a_purchase_are_what_they_always_were() -> None:
    start = '[3,5,1,"Panes","F-1",1400,'
    till = '{"location_id":1,"device":"caja 2","shift_id":7},'
    lines = (
        '[{"product_id":1,"code":"PAN","name":"Pan","quantity_milli":2000,'
        '"cost_minor":700}]]'
    )
    purchase = a_purchase()
    content = purchases.FINGERPRINTS.content
    assert content(purchase, 1).decode() == start + lines
    assert content(purchase, 2).decode() == start + till + lines


def test_the_older_forms_of_a_return_are_what_they_always_were() -> None:
    item = Counter(sell((BREAD, 2000))).give_back((BREAD.code, 1000))
    start = (
        f'[1,1,null,{item.at_ms},2,"no le gustó",1672,318,0,1990,0,"cash",1990,0,true,'
    )
    till = '{"location_id":1,"device":null,"shift_id":null},'
    lines = (
        f'[{{"position":0,"product_id":{BREAD.id},"code":"PAN","name":"Pan",'
        '"quantity_milli":1000,"total_minor":1990,"cost_minor":700,"exempt":false}]]'
    )
    content = returns.FINGERPRINTS.content
    assert content(item, 1).decode() == start + lines
    assert content(item, 2).decode() == start + till + lines


def test_the_newest_forms_cover_the_finer_cost() -> None:
    sale = a_sale()
    finer = replace(sale, lines=(replace(sale.lines[0], cost_rest_milli=-250),))
    item = Counter(sell((BREAD, 2000))).give_back((BREAD.code, 1000))
    purchase = a_purchase()
    bought = replace(
        purchase,
        lines=(
            replace(purchase.lines[0], cost_rest_milli=250, given_total_minor=1401),
        ),
    )
    rest = b',"cost_rest_milli":%d'
    cases: list[tuple[Fingerprints[Any], Any, bytes]] = [
        (sales.FINGERPRINTS, sale, b""),
        (sales.FINGERPRINTS, finer, rest % -250),
        (returns.FINGERPRINTS, item, rest % 0),
        (purchases.FINGERPRINTS, purchase, rest % 0 + b',"given_total_minor":null'),
        (purchases.FINGERPRINTS, bought, rest % 250 + b',"given_total_minor":1401'),
    ]
    for fingerprints, document, end in cases:
        newest = fingerprints.current
        older = fingerprints.content(document, newest - 1).removesuffix(b"}]]")
        assert fingerprints.content(document, newest) == older + end + b"}]]"
    assert not sales.FINGERPRINTS.covers(finer, 2)
    assert not purchases.FINGERPRINTS.covers(bought, 2)


@pytest.mark.parametrize(
    ("fingerprints", "document", "line"),
    [
        (sales.FINGERPRINTS, Sale, SaleLine),
        (returns.FINGERPRINTS, Return, ReturnLine),
        (purchases.FINGERPRINTS, Purchase, PurchaseLine),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_newest_form_covers_every_field_that_never_changes(
    fingerprints: Fingerprints[Any], document: type[Any], line: type[Any]
) -> None:
    newest = fingerprints.newest
    not_covered = set(document.__struct_fields__) - set(newest.fields)
    assert not_covered <= CHANGING | SHOWN_ONLY | {"lines"}
    assert newest.line_fields == line.__struct_fields__


def test_a_registro_names_the_form_of_its_fingerprint() -> None:
    sale = a_sale()
    content = sales.FINGERPRINTS.content(sale)
    assert sales.FINGERPRINTS.registro(sale) == {
        "sha256": digest(content),
        "version": 3,
    }


def test_an_old_form_covers_no_document_with_something_new_in_it() -> None:
    covers = sales.FINGERPRINTS.covers
    new = a_sale()
    old = sell((BREAD, 2000))
    assert covers(old, 1)
    assert not covers(replace(old, till=TILL), 1)
    assert not covers(replace(old, lines=new.lines), 1)
    assert covers(new, 2)


def test_a_line_without_reductions_is_written_as_before_they_existed() -> None:
    line = sell((BREAD, 2000)).lines[0]
    assert b"reductions" not in msgspec.json.encode(line)
