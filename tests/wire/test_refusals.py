"""Refusals in words: every one of them, every reason, each place under its name on the wire."""

import ast
import inspect
import string
from pathlib import Path

import pytest

import trastienda
from trastienda.domain import errors
from trastienda.domain.errors import Invalid, Refusal, Shortage
from trastienda.domain.shop import Shop
from trastienda.wire.names import FIELDS, Verbatim, path
from trastienda.wire.reasons import REASONS
from trastienda.wire.refusals import TABLE, refusal_out

EXAMPLES: dict[type[Refusal], Refusal] = {
    errors.UnknownProducts: errors.UnknownProducts(["A", "B"]),
    errors.InsufficientStock: errors.InsufficientStock(
        [
            Shortage("A", "Queso fresco", "kg", 1500, 1000),
            Shortage("B", "Manjar 400 g", "un", 3000, 0),
        ]
    ),
    errors.ProductRetired: errors.ProductRetired(["A"], ["Galletas de vino"]),
    errors.InsufficientPayment: errors.InsufficientPayment(1990, 1000),
    errors.PriceChanged: errors.PriceChanged(1990),
    errors.ExcessiveReturn: errors.ExcessiveReturn(
        [Shortage("A", "Manjar 400 g", "un", 2000, 1000)]
    ),
    errors.PaidFor: errors.PaidFor([Shortage("A", "Manjar 400 g", "un", 2000, 1000)]),
    errors.ExcessiveRefund: errors.ExcessiveRefund("debit", 1990, 1000),
    errors.AlreadyExists: errors.AlreadyExists("code"),
    errors.Invalid: errors.Invalid("lines[0].quantity", "whole_units_only"),
    errors.Muted: errors.Muted(60),
    errors.TooManyRequests: errors.TooManyRequests(7),
}
KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, Refusal) and kind is not Refusal
]


def example(kind: type[Refusal]) -> Refusal:
    refusal = EXAMPLES[kind] if kind in EXAMPLES else kind()
    refusal.shop = Shop()
    return refusal


def test_every_refusal_of_the_domain_is_in_the_table() -> None:
    assert set(TABLE) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_refusal_has_a_status_a_code_and_words(kind: type[Refusal]) -> None:
    told = refusal_out(example(kind))
    assert 400 <= told.status < 600
    assert told.code.isascii()
    assert told.code.islower()
    assert told.title
    assert told.detail.endswith(".")
    assert (told.retry_after_s is not None) == (told.status in {429, 503})


def test_the_data_of_a_refusal_is_in_the_units_of_the_wire() -> None:
    assert refusal_out(EXAMPLES[errors.InsufficientStock]).data == {
        "faltantes": [
            {"codigo_barras": "A", "pedido": 1.5, "disponible": 1},
            {"codigo_barras": "B", "pedido": 3, "disponible": 0},
        ]
    }
    assert refusal_out(EXAMPLES[errors.ExcessiveReturn]).data == {
        "excesos": [{"codigo_barras": "A", "pedido": 2, "disponible": 1}]
    }
    assert refusal_out(EXAMPLES[errors.AlreadyExists]).data == {
        "campo": "codigo_barras"
    }
    assert refusal_out(EXAMPLES[errors.PriceChanged]).data == {"total": 1990}
    assert refusal_out(EXAMPLES[errors.UnknownProducts]).data == {"codigos": ["A", "B"]}


def test_a_long_list_of_codes_is_cut_in_the_sentence_only() -> None:
    told = refusal_out(errors.UnknownProducts([f"C{number}" for number in range(300)]))
    assert len(told.detail) < 200
    assert len(told.data["codigos"]) == 300


def test_every_reason_in_the_source_has_words() -> None:
    used = set()
    for file in Path(trastienda.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "Invalid"
                and len(node.args) == 2
            ):
                used |= {
                    one.value
                    for one in ast.walk(node.args[1])
                    if isinstance(one, ast.Constant)
                }
    words = {one for one in used if isinstance(one, str)} - {
        "missing required",  # what a condition compares with
        "_shape",  # behind the name of a field
    }
    assert words
    assert words <= set(REASONS)


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_makes_a_sentence(reason: str) -> None:
    wanted = {
        name for _, name, _, _ in string.Formatter().parse(REASONS[reason]) if name
    }
    told = refusal_out(Invalid("lines[2].quantity", reason, **dict.fromkeys(wanted, 7)))
    (words,) = told.data["campos"].values()
    assert told.detail == f"«detalle[2].cantidad» {words}."
    assert "{" not in words


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("lines[0].quantity", "detalle[0].cantidad"),
        ("payments[12].amount", "pagos[12].monto"),
        ("discount.percentage", "descuento.porcentaje"),
        ("cash_rounding.step", "redondeo_efectivo.multiplo"),
        ("labels[1].code_digits", "etiquetas[1].digitos_codigo"),
        ("Idempotency-Key", "Idempotency-Key"),
        ("codigo_barras", "codigo_barras"),
        (Verbatim("price"), "price"),
        (Verbatim("detalle[0].quantity"), "detalle[0].quantity"),
    ],
)
def test_a_field_is_named_as_on_the_wire(english: str, spanish: str) -> None:
    assert path(english) == spanish


def test_both_sides_of_the_dictionary_are_ascii() -> None:
    assert all(name.isascii() and spanish.isascii() for name, spanish in FIELDS.items())
