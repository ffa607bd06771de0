"""``/openapi.json``: complete, and true: schemathesis finds nothing else in the answers,
whoever asks."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.conftest import OpenShop
from tests.contract import route_tables
from tests.contract.test_routes import WHO
from tests.harness.cast import PASSWORD
from tests.harness.http import Caller, refused
from tests.harness.shop import RunningShop
from tests.harness.tiers import IN_FULL, storm, tier

from trastienda.servers.http import schema_notes
from trastienda.servers.http.app import ROUTES
from trastienda.servers.http.exchange import Route

RUN_S = tier(110, full=1700)
"""More than a run takes on a slow machine."""


@pytest.fixture(scope="module")
def document(nobody: Caller) -> Any:
    return nobody.ok("GET", "/openapi.json")


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def inside(value: Any) -> Iterator[Any]:
    yield value
    children = (
        value.values()
        if isinstance(value, dict)
        else value
        if isinstance(value, list)
        else ()
    )
    for child in children:
        yield from inside(child)


def test_the_document_is_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"]["title"] == "Trastienda"


def test_every_described_route_is_in_the_document(document: Any) -> None:
    routes = {f"{route.method} {route.path}" for route in ROUTES if route.summary}
    assert {name for name, _ in operations(document)} == routes
    assert WHO.keys() <= routes


def test_every_operation_has_a_unique_name_and_a_summary(
    document: Any,
) -> None:
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(
        operation["summary"] and operation["tags"]
        for _, operation in operations(document)
    )


def test_every_referenced_schema_exists_and_each_schema_is_referenced(
    document: Any,
) -> None:
    schemas = document["components"]["schemas"]
    used = {
        one["$ref"]
        for one in inside(document)
        if isinstance(one, dict) and "$ref" in one
    }
    assert {
        reference.removeprefix("#/components/schemas/") for reference in used
    } == set(schemas)


def test_every_parameter_of_a_path_is_described(document: Any) -> None:
    for name, operation in operations(document):
        described = [
            one["name"] for one in operation["parameters"] if one["in"] == "path"
        ]
        assert described == re.findall(r"\{(\w+)\}", name)


def test_every_post_that_moves_stock_or_money_takes_a_key(document: Any) -> None:
    keyed = {
        name
        for name, operation in operations(document)
        if "Idempotency-Key" in [one["name"] for one in operation["parameters"]]
    }
    assert keyed == {
        "POST /product",
        "POST /ventas-detalle",
        "POST /ventas/{id_venta}/pagos",
        "POST /ventas/{id_venta}/devoluciones",
        "POST /compras-detalle",
    }


def test_a_route_that_needs_a_token_says_so(document: Any) -> None:
    for name, operation in operations(document):
        assert (operation.get("security") == [{"bearer": []}]) == (name in WHO), name
        assert {"401", "403"} <= set(operation["responses"]) or name not in WHO


def test_every_operation_lists_the_refusals_that_all_routes_share(
    document: Any,
) -> None:
    assert all(
        {"406", "422"} <= set(operation["responses"])
        for _, operation in operations(document)
    )
    bodies = [
        operation for _, operation in operations(document) if "requestBody" in operation
    ]
    assert all(
        {"400", "413", "415"} <= set(operation["responses"]) for operation in bodies
    )


WITH_EXAMPLE = [route for route in ROUTES if route.example is not None]


@pytest.mark.parametrize("route", WITH_EXAMPLE, ids=lambda route: route.path)
def test_an_example_of_a_body_has_its_shape(route: Route) -> None:
    assert route.body is not None
    assert msgspec.convert(route.example, route.body)


def test_everything_is_described(document: Any) -> None:
    for name, operation in operations(document):
        assert operation["description"], name
        for parameter in operation["parameters"]:
            assert parameter.get("description") or parameter["in"] == "path", name
    for name, schema in document["components"]["schemas"].items():
        assert schema["description"], name
        for field, value in schema.get("properties", {}).items():
            assert value["description"], f"{name}.{field}"


def test_every_note_is_about_something_that_is_there(document: Any) -> None:
    schemas = document["components"]["schemas"]
    fields = {
        spelling
        for name, schema in schemas.items()
        for field in schema.get("properties", ())
        for spelling in (field, f"{name}.{field}")
    }
    tables = (schema_notes.DESCRIPTIONS, schema_notes.LIMITS, schema_notes.FORMATS)
    for table in (*tables, schema_notes.EXAMPLES):
        assert set(table) <= fields


def test_every_body_and_every_answer_in_json_has_an_example(document: Any) -> None:
    for name, operation in operations(document):
        contents = [operation.get("requestBody", {}).get("content", {})]
        contents += [
            answer.get("content", {})
            for status, answer in operation["responses"].items()
            if status < "300"
        ]
        for content in contents:
            shown = content.get("application/json", {"example": None})
            assert "example" in shown or shown["schema"] == {"type": "object"}, name


ANSWERED = [route for route in ROUTES if isinstance(route.answer, type)]


@pytest.mark.parametrize("route", ANSWERED, ids=lambda route: route.path)
def test_an_example_of_an_answer_has_its_shape(document: Any, route: Route) -> None:
    if route.answer is dict:
        return
    operation = document["paths"][route.path][route.method.lower()]
    content = operation["responses"][str(route.status)]["content"]
    value = content["application/json"]["example"]
    for item in value["datos"] if route.listed else [value]:
        assert msgspec.convert(item, route.answer)


def test_every_refusal_of_the_page_is_a_word_of_the_document(document: Any) -> None:
    words = document["components"]["schemas"]["Problema"]["properties"]["codigo"]
    told = [row[0].strip("`") for row in list(route_tables.TABLES["refusals"]())[1:]]
    assert set(told) <= set(words["enum"])


def test_the_documents_page_needs_nothing_from_the_internet(nobody: Caller) -> None:
    page = nobody.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert linked
    assert not [link for link in linked if "//" in link]
    for link in linked:
        answer = nobody.get(str(page.url.join(link)))
        assert answer.status_code == 200
        assert answer.content
    assert (
        nobody.get("/docs/docs.js")
        .headers["content-type"]
        .startswith("text/javascript")
    )
    for name in ("nada.js", "swagger-ui.LICENSE", "docs.html", "..%2fapp.py"):
        refused(nobody.get(f"/docs/{name}"), 404, "no_encontrado")


@pytest.fixture
def own(open_shop: OpenShop) -> RunningShop:
    """A shop in which what the examples speak of is there, and may come to harm."""
    shop = open_shop(printer=os.devnull)
    code = shop.code(codigo_barras="7802800013210", nombre="Leche", unidad="kg")
    shop.add("Elena", "elena", rut="1-9")
    owed = [{"medio": "pendiente", "monto": 30_000}]
    assert shop.sell((code, 30), pagos=owed, cliente="33333333-3")["id_venta"] == 1
    line = {"codigo_barras": code, "cantidad": 50, "costo": 690}
    shop.ana.ok("POST", "/compras-detalle", {"proveedor": "P", "detalle": [line]})
    return shop


# Whether a version is the present one is looked at before what is to change of it.
REFUSALS = """
[checks]
negative_data_rejection.expected-statuses = [
    400, 401, 403, 404, 405, 406, 409, 412, 415, 422, 429
]
"""


def explore(shop: RunningShop, who: Caller, folder: Path, *options: str) -> Any:
    """Run schemathesis as somebody; expect that it finds nothing, and return its report."""
    report = folder / "report.json"
    (folder / "schemathesis.toml").write_text(REFUSALS, "utf-8")
    command = [
        *(
            str(Path(sys.executable).with_name("schemathesis")),
            "run",
            f"{shop.server.url}/openapi.json",
        ),
        *(
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            tier("4", full="100"),
        ),
        *("--seed", "7", "--generation-deterministic", "--no-color"),
        *(
            "--exclude-checks",
            "positive_data_acceptance",
        ),  # a schema cannot say what is in stock, or whose a RUT is
        *("--report", "json", "--report-json-path", str(report)),
        *options,
    ]
    if who.token is not None:
        command += ["--header", f"Authorization: Bearer {who.token}"]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=RUN_S, check=False
    )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-5_000:]
    told = json.loads(report.read_text("utf-8"))
    assert told["operations"]["tested"] == told["operations"]["selected"] > 0
    return told


def accepted(told: Any) -> set[str]:
    """The operations of which at least one call succeeded."""
    return {
        name
        for name, phases in told["valid_rates"].items()
        if sum(counted["accepted"] for counted in phases.values())
    }


EVENTS = "/eventos"
OF_THE_SYSTEM = {"GET /salud", "GET /listo", "GET /metrics", "GET /docs"}
RELEASE = "POST /users/{rut}/liberacion"
OUT_OF_REACH = {
    f"GET {EVENTS}",  # left out: its answer has no end
    "DELETE /sesiones/{id_sesion}",  # the example is no session
    "POST /notificaciones",  # the example is nobody
    "POST /notificaciones/{id_notificacion}/visto",  # nor is that one's own
    "POST /users/{rut}/segundo-factor",  # it takes one's own password, and codes
    "PUT /users/{rut}/segundo-factor",
    "DELETE /users/{rut}/segundo-factor",
    "POST /llaves",  # it takes one's own password, too, and so there is no key
    "DELETE /llaves/{id_llave}",
    "POST /avisos",  # the same
    "GET /avisos/{id_aviso}",
    "PUT /avisos/{id_aviso}",
    "DELETE /avisos/{id_aviso}",
    "POST /avisos/{id_aviso}/prueba",
}
OTHERS = {
    "nadie": {"GET /users/{rut}", "PUT /users/{rut}"},
    "Cliente": {  # the example is somebody else
        "GET /users/{rut}",
        "PUT /users/{rut}",
        "GET /users/{rut}/segundo-factor",
    },
    # The RUT of the example is confirmed, so it is not given free; nor is the change of
    # the example one that a Cajero may make.
    "Cajero": {"PUT /users/{rut}", RELEASE},
    "Administrador": {RELEASE},
}


@storm
@pytest.mark.timeout(1800 if IN_FULL else 120)
@pytest.mark.parametrize("role", ["nadie", "Cliente", "Cajero", "Administrador"])
def test_every_answer_matches_the_openapi_document(
    own: RunningShop, tmp_path: Path, role: str
) -> None:
    who = own.by_role[role]
    options = ["--exclude-path", EVENTS]  # whose answer has no end
    if who.token is not None:
        # It would be the last call with that token.
        options += ["--exclude-path", "/logout"]
    done = accepted(explore(own, who, tmp_path, *options))
    allowed = {name for name, roles in WHO.items() if role in roles}
    allowed -= OTHERS[role] | OUT_OF_REACH
    assert allowed | OF_THE_SYSTEM <= done
    assert not {name for name in WHO if role not in WHO[name]} & done


def test_logout_matches_the_openapi_document(own: RunningShop, tmp_path: Path) -> None:
    _, leaving = own.somebody()
    assert accepted(explore(own, leaving, tmp_path, "--include-path", "/logout")) == {
        "POST /logout"
    }


def test_giving_a_rut_free_matches_the_openapi_document(
    open_shop: OpenShop, tmp_path: Path
) -> None:
    shop = open_shop()
    stranger = {
        "rut": "1-9",
        "nombre": "Elena",
        "usuario": "elena",
        "clave": PASSWORD,
    }
    shop.nobody.ok("POST", "/register", stranger)
    told = explore(
        shop, shop.beto, tmp_path, "--include-path", "/users/{rut}/liberacion"
    )
    assert accepted(told) == {RELEASE}
