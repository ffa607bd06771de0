"""How a sale was paid, in one cell."""

import pytest

from trastienda.domain.payments import Method
from trastienda.files.cells.payments import payments_in


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("Fiado", Method.OWED),
        ("FIADA", Method.OWED),
        ("Cuenta", Method.OWED),
        ("Cta. Cte.", Method.OWED),
        ("A cuenta", Method.OWED),
        ("Crédito de la casa", Method.OWED),
        ("crédito a 30 días", Method.OWED),
        ("30 días", Method.OWED),
        ("Libreta", Method.OWED),
        ("Por cobrar", Method.OWED),
        ("Pendiente", Method.OWED),
        ("Crédito", Method.CREDIT),
        ("T. Crédito", Method.CREDIT),
        ("Tarjeta de crédito", Method.CREDIT),
        ("Tarjeta débito", Method.DEBIT),
        ("Cuenta RUT", Method.DEBIT),
        ("Transferencia a cuenta corriente", Method.TRANSFER),
        ("CHEQUE", Method.OTHER),
        ("Tarjeta", Method.OTHER),
    ],
)
def test_the_words_of_the_country_name_the_method(text: str, method: Method) -> None:
    assert payments_in(text, ",", 1) == ((method.value, None),)


def test_a_part_may_be_on_account() -> None:
    assert payments_in("fiado 2000 + efectivo 2.990", ",", 1) == (
        (Method.OWED.value, 2000),
        (Method.CASH.value, 2990),
    )
