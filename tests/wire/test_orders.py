"""Orders on the wire: what has not the shape of one is refused in its place."""

import json
from typing import Any

import pytest

from trastienda.domain.errors import Invalid
from trastienda.domain.payments import Method, Payment
from trastienda.domain.sales import OrderLine, SaleOrder
from trastienda.wire import sales
from trastienda.wire.refusals import refusal_out


def read(body: dict[str, Any]) -> SaleOrder:
    """Read the body of an order."""
    return sales.decode_order(json.dumps(body).encode())


def unfit_fields(body: dict[str, Any]) -> list[str]:
    """The fields that are complained of."""
    with pytest.raises(Invalid) as refusal:
        read(body)
    return list(refusal_out(refusal.value).data["campos"])


def line(**fields: Any) -> dict[str, Any]:
    return {"codigo_barras": "A", "cantidad": 1} | fields


def payment(amount: Any = 10, method: Any = "efectivo") -> dict[str, Any]:
    return {"medio": method, "monto": amount}


def test_an_order_is_read_with_its_quantities_payments_and_customer() -> None:
    body = {
        "detalle": [
            line(),
            line(cantidad=0.5),
            line(cantidad=2.0),
            line(cantidad=None),
        ],
        "pagos": [payment(1990, "debito"), payment(10)],
        "cliente": "33.333.333-3",
        "total_esperado": 2000,
    }
    assert read(body) == SaleOrder(
        lines=[
            OrderLine("A", 1000),
            OrderLine("A", 500),
            OrderLine("A", 2000),
            OrderLine("A", None),
        ],
        payments=[Payment(Method.DEBIT, 1990), Payment(Method.CASH, 10)],
        customer_rut="33333333-3",
        expected_total_minor=2000,
    )


@pytest.mark.parametrize("quantity", ["1", True, [1], {}, 0.0005, 1.0001, 1e300])
def test_a_quantity_is_a_number_with_three_decimals_at_most(quantity: Any) -> None:
    body = {"detalle": [line(), line(cantidad=quantity)]}
    assert unfit_fields(body) == ["detalle[1].cantidad"]


def test_a_client_names_no_price() -> None:
    body = {"detalle": [line(precio_unitario=1)]}
    assert unfit_fields(body) == ["detalle[0].precio_unitario"]


@pytest.mark.parametrize("amount", [1.5, "10", None, True])
def test_money_is_an_integer(amount: Any) -> None:
    body = {"detalle": [line()], "pagos": [payment(), payment(amount)]}
    assert unfit_fields(body) == ["pagos[1].monto"]


@pytest.mark.parametrize("method", ["cheque", "EFECTIVO", "", None, 1])
def test_a_method_is_one_of_six(method: Any) -> None:
    body = {"detalle": [line()], "pagos": [payment(method=method)]}
    assert unfit_fields(body) == ["pagos[0].medio"]


@pytest.mark.parametrize("rut", ["", "12", "11111111-2", "x", "11111111-1-1"])
def test_the_customer_is_a_valid_rut(rut: str) -> None:
    assert unfit_fields({"detalle": [line()], "cliente": rut}) == ["cliente"]
