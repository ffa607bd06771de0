"""What a program does with the shop, by either client."""

from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, assert_type

import pytest
from tests.clients.bad_line import BadLine
from tests.clients.conftest import Connect
from tests.harness.cast import BETO_RUT, CLARA_RUT, PASSWORD, new_code, new_rut
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import (
    AlreadyExists,
    Answer,
    AsyncClient,
    Boleta,
    Client,
    Conflict,
    Descuento,
    HasHistory,
    InvalidData,
    Pago,
    Product,
    Producto,
    Usuario,
    Venta,
)
from trastienda.clients.sdk.client import Methods
from trastienda.clients.sdk.values import Amount, lines_of, payments_of, quantity
from trastienda.wire.purchases import LineaDeCompra
from trastienda.wire.sales import LineaPedida


def test_a_product_is_created_changed_counted_and_retired(as_ana: Any) -> None:
    code = new_code()
    made = as_ana.create_product(
        code, "Té de hojas", 2990, stock=Decimal(12), categoria="Té"
    )
    assert as_ana.product(code) == made
    today = Descuento(
        "2026-01-01T00:00:00-03:00", "2999-01-01T00:00:00-03:00", porcentaje=10
    )
    changed = as_ana.change_product(
        code, precio=3000, descuento=today, if_match=made.revision
    )
    assert (changed.precio, changed.precio_final, changed.nombre) == (
        3000,
        2700,
        "Té de hojas",
    )
    assert changed.revision != made.revision
    assert as_ana.change_product(code, descuento=None, categoria=None).descuento is None
    counted = as_ana.change_product(code, stock=11, motivo="conteo")
    assert [
        (movement.causa, movement.saldo) for movement in as_ana.movements(code)
    ] == [
        ("correccion", 11),
        ("apertura", 12),
    ]
    assert as_ana.retire_product(code, if_match=counted.revision).estado == "Inactivo"
    with pytest.raises(HasHistory):
        as_ana.delete_product(code)
    assert [
        product.codigo_barras for product in as_ana.products(code, estado="Inactivo")
    ] == [code]


@pytest.mark.parametrize("odd", ["A#1?%2", "x&y=z+1", "%2e%2E", "a;b,c@!$'()*"])
def test_codes_with_special_characters(as_ana: Any, odd: str) -> None:
    code = odd + new_code()
    as_ana.create_product(code, "Rareza", 100, interno=True)
    assert as_ana.product(code).codigo_barras == code


def test_a_sale_is_paid_settled_and_taken_back(as_ana: Any, shop: RunningShop) -> None:
    tea, cheese = shop.code(precio=1000), shop.code(precio=9990, unidad="kg")
    sale = as_ana.sell(
        {tea: 2, cheese: Decimal("0.35")},
        {"efectivo": 4000, "pendiente": 1497},
        cliente=CLARA_RUT,
        total_esperado=5497,
    )
    assert [(line.codigo_barras, line.cantidad) for line in sale.detalle] == [
        (tea, 2),
        (cheese, 0.35),
    ]
    assert (sale.total, sale.pendiente) == (5497, 1497)
    assert sale.id_venta in [
        pending.id_venta for pending in as_ana.sales(pendientes=True, cliente=CLARA_RUT)
    ]
    settled = as_ana.settle(sale.id_venta, [("debito", 1497)])
    assert settled.pendiente == 0
    assert settled.pagos[-1] == Pago("debito", 1497)
    back = as_ana.take_back(
        sale.id_venta, "venía roto", [(tea, 1)], medio="debito", reponer=False
    )
    rest = as_ana.take_back(sale.id_venta, "todo lo demás")
    assert back.total + rest.total == sale.total
    assert as_ana.receipt_file(sale.id_venta).startswith(b"%PDF")
    assert (
        f"{sale.folio}"
        in as_ana.receipt_file(sale.id_venta, "text/plain", ancho=32).decode()
    )
    receipt = as_ana.receipt(sale.id_venta)
    assert {returned.id_devolucion for returned in receipt.devoluciones} == {
        back.id_devolucion,
        rest.id_devolucion,
    }
    assert receipt.tienda == as_ana.details()
    assert next(iter(as_ana.receipts())).id_venta >= sale.id_venta
    assert next(as_ana.returns(q="todo lo demás")).id_devolucion == rest.id_devolucion
    assert as_ana.sale(sale.id_venta).total == sale.total


def test_a_purchase_adds_stock(as_ana: Any, shop: RunningShop) -> None:
    code = shop.code(stock=1)
    document = f"F-{code}"
    bought = as_ana.buy("Lechera", [(code, 24, 690.5)], documento=document)
    assert as_ana.purchase(bought.id_compra) == bought
    assert bought in list(as_ana.purchases(q=code))
    assert shop.stock(code) == 25
    with pytest.raises(AlreadyExists):
        as_ana.buy("Lechera", [(code, 1, 1)], documento=document)
    by_total = [LineaDeCompra(code, 7, total=9990)]
    assert as_ana.buy("Lechera", by_total).total == 9990


def test_a_user_registers_is_verified_and_deactivated(
    as_ana: Any, connect: Connect, shop: RunningShop
) -> None:
    rut, name = new_rut(), f"u{new_rut()}"
    stranger = connect(shop.server.url)
    user = stranger.register(rut=rut, nombre="Persona", usuario=name, clave=PASSWORD)
    assert (user.tipo, user.verificado) == ("Cliente", False)
    verified = as_ana.change_user(rut, verificado=True, if_match=user.revision)
    assert as_ana.user(rut) == verified
    assert [found.rut for found in as_ana.users(name, tipo="Cliente")] == [rut]
    assert stranger.log_in(rut, PASSWORD).usuario == name
    assert stranger.me.nombre == "Persona"
    assert as_ana.deactivate_user(rut).estado == "Inactivo"
    assert as_ana.user(BETO_RUT).nombre == "Beto"


def test_details_summary_printer_and_audit_trail(
    as_ana: Any, shop: RunningShop
) -> None:
    details = as_ana.details()
    assert as_ana.change_details(nombre=details.nombre) == details
    sale = shop.sell((shop.code(precio=1000), 3))
    day = sale["fecha"][:10]
    assert as_ana.summary(desde=day, hasta=day).total >= 3000
    assert as_ana.summary_file(day, day).startswith(b"PK")
    assert day in as_ana.summary_file(day, day, media="text/csv").decode()
    assert as_ana.printer().estado == "no_configurada"
    with pytest.raises(Conflict):
        as_ana.print_receipt(sale["id_venta"])
    note = as_ana.write_note("apertura de caja", "Con $50.000")
    assert next(iter(as_ana.audit_trail(q="apertura de caja"))) == note


def test_request_calls_any_route(as_ana: Any, shop: RunningShop) -> None:
    answer = as_ana.request("GET", "/products", query={"limite": 1})
    assert int(answer.headers["trastienda-n"]) > 0
    assert len(answer.json()["datos"]) == 1
    code = shop.code()
    body = {"detalle": [{"codigo_barras": code, "cantidad": 1}]}
    first, again = (
        as_ana.request("POST", "/ventas-detalle", body=body, key=f"once {code}")
        for _ in range(2)
    )
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


def test_a_list_is_fetched_page_by_page_on_demand(
    as_beto: Any, line: BadLine, shop: RunningShop
) -> None:
    name = f"Paginada {new_code()}"
    codes = [shop.code(nombre=name) for _ in range(5)]
    products = as_beto.products(name, page_size=2)
    assert line.requests("GET", "/products") == []
    assert [next(products).codigo_barras for _ in range(2)] == codes[:-3:-1]
    assert len(line.requests("GET", "/products")) == 1
    assert [product.codigo_barras for product in products] == codes[2::-1]
    assert len(line.requests("GET", "/products")) == 3


def test_a_weak_etag_gives_the_same_revision() -> None:
    for etag in ('"7.3"', 'W/"7.3"'):
        read = Methods.product(None, "x").read
        body = (
            b'{"codigo_barras":"x","interno":true,"nombre":"x","precio":1,"stock":1,'
            b'"stock_minimo":0,"categoria":null,'
            b'"unidad":"un","exento":false,"estado":"Activo","descuento":null,"precio_final":1,"of_tomorrow":1}'
        )
        assert read(Answer(200, {"etag": etag}, body)).revision == "7.3"


def test_an_address_needs_a_scheme_and_may_have_a_path() -> None:
    with Client("http://localhost:1/tienda/") as client:
        assert client._address == "http://localhost:1/tienda"
    for wrong in ("127.0.0.1:5000", "ftp://localhost", ""):
        with pytest.raises(ValueError, match="no address of a shop"):
            Client(wrong)


def test_invalid_keys_and_paths_are_not_sent(as_beto: Any, line: BadLine) -> None:
    for wrong in ("a\nb", "ñandú"):
        with pytest.raises(ValueError, match=r"header|codec"):
            as_beto.sell([("7804567000014", 1)], key=wrong)
    with pytest.raises(ValueError, match="no path"):
        as_beto.request("GET", "@elsewhere/")
    assert line.seen == []


def test_an_empty_key_is_sent_as_it_is(as_beto: Any, line: BadLine) -> None:
    with pytest.raises(InvalidData):
        as_beto.sell([("7804567000014", 1)], key="")


def test_quantities_lose_the_noise_of_floats() -> None:
    amounts: list[Amount] = [
        2,
        2.0,
        Decimal("2.000"),
        0.1 + 0.2,
        Decimal("0.350"),
        0.125,
    ]
    assert [repr(quantity(amount)) for amount in amounts] == [
        "2",
        "2",
        "2",
        "0.3",
        "0.35",
        "0.125",
    ]
    for wrong in (float("nan"), float("inf"), Decimal("NaN")):
        with pytest.raises(ValueError, match="no quantity"):
            quantity(wrong)


def test_lines_and_payments_are_pairs_or_mappings() -> None:
    assert lines_of({"a": 1, "b": 0.5}) == lines_of([("a", 1), ("b", 0.5)])
    assert lines_of(["2000101005005", ("a", 1)]) == [
        LineaPedida("2000101005005"),
        LineaPedida("a", 1),
    ]
    assert (
        payments_of({"efectivo": 1})
        == payments_of([("efectivo", 1)])
        == [Pago("efectivo", 1)]
    )
    with pytest.raises(TypeError):
        lines_of("7804567000014")


if TYPE_CHECKING:

    async def _types(now: Client, later: AsyncClient) -> None:
        """What a type checker sees; nothing of it is run."""
        assert_type(now.product("x"), Product)
        assert_type(await later.product("x"), Product)
        assert_type(now.sell([("x", 1)], {"efectivo": 1}, total_esperado=1), Venta)
        assert_type(
            await later.sell([("x", 1)], {"efectivo": 1}, total_esperado=1), Venta
        )
        assert_type(now.receipt(1), Boleta)
        assert_type(await later.receipt_file(1, "text/plain", ancho=32), bytes)
        assert_type(now.products("x"), Iterator[Producto])
        assert_type(later.products("x"), AsyncIterator[Producto])
        assert_type(now.request("GET", "/x"), Answer)
        assert_type(now.me, Usuario | None)
        now.sell([("x", 1)], {"efectivo": 1.5})  # type: ignore[dict-item]
        now.sell([("x", 1)], colour="red")  # type: ignore[call-arg]
        await later.sale("one")  # type: ignore[arg-type]
