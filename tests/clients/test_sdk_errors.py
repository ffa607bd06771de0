"""Errors: their classes, their data, and the shop's own sentence."""

import pickle
from typing import Any

import pytest
from tests.clients.bad_line import BUSY, BadLine, Canned
from tests.clients.conftest import Connect
from tests.harness.cast import CLARA_RUT, PASSWORD, new_code, new_rut
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import errors
from trastienda.clients.sdk.calls import Answer
from trastienda.clients.sdk.errors import (
    AlreadyExists,
    ApiError,
    BadCredentials,
    Conflict,
    ExcessiveReturn,
    Faltante,
    Forbidden,
    InsufficientPayment,
    InsufficientStock,
    InvalidData,
    KeyReused,
    NotAuthenticated,
    NotFound,
    NothingOwed,
    PriceChanged,
    ProductRetired,
    TooManyRequests,
    Unavailable,
    UnexpectedAnswer,
    VersionChanged,
    refusal,
)
from trastienda.servers.http import problems
from trastienda.wire.refusals import TABLE


def test_insufficient_stock_names_what_is_short(
    as_beto: Any, shop: RunningShop
) -> None:
    code = shop.code(stock=2)
    with pytest.raises(InsufficientStock) as caught:
        as_beto.sell([(code, 3)])
    assert caught.value.faltantes == [Faltante(code, 3, 2)]
    assert str(caught.value).startswith("Quedan 2 de Cosa y pediste 3.")
    assert (caught.value.status, caught.value.codigo, caught.value.maybe_done) == (
        409,
        "stock_insuficiente",
        False,
    )
    assert caught.value.key is not None


def test_refusals_of_a_sale_have_their_own_classes(
    as_ana: Any, shop: RunningShop
) -> None:
    code, unknown = shop.code(precio=1000), new_code()
    with pytest.raises(NotFound) as not_found:
        as_ana.sell([(unknown, 1)])
    assert not_found.value.codigos == [unknown]
    with pytest.raises(InsufficientPayment) as payment:
        as_ana.sell([(code, 2)], {"efectivo": 500})
    assert (payment.value.a_pagar, payment.value.entregado) == (2000, 500)
    with pytest.raises(PriceChanged) as price:
        as_ana.sell([(code, 2)], total_esperado=1)
    assert price.value.total == 2000
    with pytest.raises(InvalidData) as invalid:
        as_ana.sell([(code, 0.5)], cliente=CLARA_RUT)
    assert invalid.value.campos == {
        "detalle[0].cantidad": "el producto se vende por unidad: solo cantidades enteras"
    }
    sale = as_ana.sell([(code, 1)], key=f"key {code}")
    with pytest.raises(KeyReused):
        as_ana.sell([(code, 2)], key=f"key {code}")
    with pytest.raises(NothingOwed):
        as_ana.settle(sale.id_venta, {"efectivo": 10})
    with pytest.raises(ExcessiveReturn) as back:
        as_ana.take_back(sale.id_venta, "sobra", [(code, 5)])
    assert back.value.excesos == [Faltante(code, 5, 1)]
    as_ana.retire_product(code)
    with pytest.raises(ProductRetired) as retired:
        as_ana.sell([(code, 1)])
    assert retired.value.codigos == [code]


def test_refusals_of_edits_have_their_own_classes(
    as_ana: Any, as_beto: Any, shop: RunningShop
) -> None:
    product = as_ana.product(shop.code())
    shop.sell((product.codigo_barras, 1))
    with pytest.raises(VersionChanged):
        as_ana.change_product(
            product.codigo_barras, stock=99, motivo="conteo", if_match=product.revision
        )
    with pytest.raises(AlreadyExists) as exists:
        as_ana.create_product(product.codigo_barras, "Otra vez", 100)
    assert exists.value.campo == "codigo_barras"
    assert isinstance(exists.value, Conflict)
    with pytest.raises(Forbidden):
        as_beto.change_product(product.codigo_barras, precio=1)


def test_calls_without_login_and_wrong_passwords_raise(
    connect: Connect, shop: RunningShop
) -> None:
    client = connect(shop.server.url)
    with pytest.raises(NotAuthenticated):
        client.details()
    with pytest.raises(BadCredentials) as caught:
        client.log_in(f"nadie-{new_rut()}", PASSWORD)
    assert isinstance(caught.value, NotAuthenticated)
    assert client.me is None


def test_a_wait_longer_than_the_total_time_raises(as_beto: Any, line: BadLine) -> None:
    line.lose("GET", "/tienda", BUSY._replace(headers={"Retry-After": "3600"}))
    with pytest.raises(Unavailable) as caught:
        as_beto.details()
    assert caught.value.retry_after_s == 3600
    assert len(line.requests("GET", "/tienda")) == 1
    many = Canned(
        429,
        BUSY.body.replace("no_disponible", "demasiadas_solicitudes"),
        BUSY.media,
        {"Retry-After": "99"},
    )
    line.lose("GET", "/tienda", many)
    with pytest.raises(TooManyRequests):
        as_beto.details()


def test_an_answer_of_another_version_is_unexpected(
    as_beto: Any, line: BadLine
) -> None:
    line.lose("GET", "/tienda", Canned(200, '{"nombre": 7}', "application/json"))
    with pytest.raises(UnexpectedAnswer, match="no se entiende") as caught:
        as_beto.details()
    assert not caught.value.maybe_done
    line.lose(
        "GET", "/tienda", Canned(307, "", headers={"Location": "https://elsewhere"})
    )
    with pytest.raises(UnexpectedAnswer, match="307"):
        as_beto.details()


def answer(status: int, body: bytes) -> Answer:
    return Answer(status, {"content-type": "application/problem+json"}, body)


def problem(status: int, code: str) -> ApiError:
    body = f'{{"title": "t", "detail": "d", "status": {status}, "codigo": "{code}"}}'
    error = refusal(answer(status, body.encode()), None)
    assert isinstance(error, ApiError)
    return error


def test_every_refusal_of_the_shop_has_a_class() -> None:
    for entry in TABLE.values():
        assert type(problem(entry.status, entry.code)) is not ApiError, entry.code


@pytest.mark.parametrize(
    "known",
    [
        problems.failed_answer("7F3A"),
        problems.UNREADABLE,
        problems.TOO_LARGE,
        problems.NO_SUCH_PATH,
    ],
)
def test_answers_outside_the_table_of_refusals_are_understood(known: Any) -> None:
    error = refusal(answer(known.status, known.body), None)
    assert isinstance(error, ApiError)
    assert error.status == known.status


def test_an_unknown_code_gets_the_class_of_its_status() -> None:
    assert type(problem(409, "de_otro_siglo")) is Conflict
    assert type(problem(418, "tetera")) is ApiError


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b"<html>", b'"x"', b"\xff"]
)
def test_other_bodies_are_unexpected_answers(body: bytes) -> None:
    assert isinstance(refusal(answer(404, body), None), UnexpectedAnswer)


def test_errors_can_be_pickled() -> None:
    error = problem(409, "stock_insuficiente")
    error.key = "k"
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.key) == (InsufficientStock, "d", "k")
    strange = pickle.loads(pickle.dumps(UnexpectedAnswer(answer(502, b"x"), "y")))
    assert strange.answer.status == 502


def test_missing_data_of_a_refusal_is_empty() -> None:
    assert problem(404, "no_encontrado").codigos == []  # type: ignore[attr-defined]
    assert errors.BY_STATUS[422] is InvalidData
