"""The SDK beside the table of routes: every route has a method that calls it as declared."""

import inspect
import subprocess
import sys
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from msgspec import UNSET
from tests.harness.sdk_calls import METHODS, built, call_of, methods_by_route

from trastienda.clients import sdk
from trastienda.clients.sdk import AsyncClient, Call, ChangedProduct, Client, Listing
from trastienda.clients.sdk.client import Methods
from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import Route
from trastienda.servers.http.parameters import known_names

BY_NAME = {f"{route.method} {route.path}": route for route in ROUTES}
GUARDED = {name for name, route in BY_NAME.items() if route.guarded}


def route_of(call: Call[Any]) -> Route:
    return BY_NAME[f"{call.method} {call.path}"]


def test_every_route_of_the_shop_has_a_method() -> None:
    assert methods_by_route().keys() == GUARDED


@pytest.mark.parametrize("name", METHODS)
def test_a_method_matches_its_route(name: str) -> None:
    call = call_of(name)
    route = route_of(call)
    assert isinstance(built(name), Listing) == route.listed
    assert (call.key is not None) == route.idempotent
    assert type(call.body) is (type(None) if route.body is None else route.body)
    if route.method != "GET":
        assert (call.if_match is not None) == route.versioned
    if name == "listen":
        assert call.accept == route.media
        return
    returned = get_args(inspect.signature(getattr(Methods, name)).return_annotation)[0]
    if name == "products_since":
        assert returned is ChangedProduct
    elif call.accept != "application/json":
        assert returned is bytes
        assert call.accept in route.also
    elif route.answer is None:
        assert returned is type(None)
    elif get_origin(returned) is list:  # the rows of a list that has one page
        assert returned == get_type_hints(route.answer)["datos"]
    else:
        assert issubclass(returned, route.answer)


LEFT_OUT = {
    # Products are not filtered by day.
    "products": {"desde", "hasta", "desde_n"},
    # What has changed is asked for alone.
    "products_since": known_names(BY_NAME["GET /products"].query, listed=True)
    - {"limite", "desde_n"},
    "receipt": {"ancho"},  # as JSON it has no width
    "receipts": {"ancho"},
    "retire_product": {"definitivo"},  # that is delete_product
    "summary": {"tabla"},  # as JSON it has all of them
}


@pytest.mark.parametrize("name", METHODS)
def test_a_method_takes_every_filter_of_its_route(name: str) -> None:
    call = call_of(name)
    route = route_of(call)
    known = known_names(route.query, listed=route.listed) - {"cursor", "contar"}
    assert set(call.query) == known - LEFT_OUT.get(name, set())


@pytest.mark.parametrize("name", METHODS)
def test_a_method_has_every_field_of_its_body(name: str) -> None:
    call = call_of(name)
    if call.body is not None:
        fields = set(type(call.body).__struct_fields__)
        assert {
            field for field in fields if getattr(call.body, field) in (None, UNSET)
        } == set()


def test_both_clients_have_the_same_methods_with_the_same_parameters() -> None:
    names = {name for name in dir(Client) if not name.startswith("_")}
    assert {name for name in dir(AsyncClient) if not name.startswith("_")} - {
        "aclose"
    } == names - {"close"}
    for name in [*names - {"close", "me"}, "__init__"]:
        mine, theirs = (
            inspect.signature(getattr(Client, name)),
            inspect.signature(getattr(AsyncClient, name)),
        )
        assert mine == theirs, name


@pytest.mark.parametrize("name", [*METHODS, "request", "log_in", "log_out"])
def test_every_method_has_a_docstring(name: str) -> None:
    assert getattr(Client, name).__doc__


def test_the_sdk_imports_nothing_of_the_server() -> None:
    code = "import sys, trastienda.clients.sdk; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = set(run.stdout.split())
    heavy = (
        "sqlalchemy alembic starlette uvicorn uvloop argon2 jwt fpdf segno cryptography "
        "xlsxwriter python_calamine"
    )
    assert loaded & set(heavy.split()) == set()
    rooms = {name.split(".")[1] for name in loaded if name.startswith("trastienda.")}
    assert rooms == {"clients", "wire", "domain"}


def test_every_name_in_all_exists() -> None:
    assert all(hasattr(sdk, name) for name in sdk.__all__)
