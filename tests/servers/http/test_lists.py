"""What every list shares: pages, cursors, days, and filters that are never silently lost."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD, new_rut
from tests.harness.http import Caller, order, unfit
from tests.harness.shop import RunningShop

LISTS = (
    "/products",
    "/ventas",
    "/boletas",
    "/devoluciones",
    "/compras",
    "/users",
    "/registros",
)
KEYS = {
    "/products": "codigo_barras",
    "/ventas": "id_venta",
    "/boletas": "id_venta",
    "/devoluciones": "id_devolucion",
    "/compras": "id_compra",
    "/users": "rut",
    "/registros": "id",
}
TODAY = datetime.now(ZoneInfo("America/Santiago")).date()


def add(shop: RunningShop, path: str, code: str) -> None:
    """Put one more row into a list (and others, maybe, too)."""
    if path == "/products":
        shop.product()
    elif path in {"/ventas", "/boletas"}:
        shop.sell((code, 1))
    elif path == "/devoluciones":
        sale = shop.sell((code, 1))
        shop.beto.ok(
            "POST", f"/ventas/{sale['id_venta']}/devoluciones", {"motivo": "x"}
        )
    elif path == "/compras":
        line = {"codigo_barras": code, "cantidad": 1, "costo": 1}
        shop.ana.ok("POST", "/compras-detalle", {"proveedor": "P", "detalle": [line]})
    elif path == "/users":
        rut = new_rut()
        shop.ana.ok(
            "POST",
            "/register",
            {"rut": rut, "nombre": "N", "usuario": rut, "clave": PASSWORD},
        )
    else:
        shop.beto.ok("POST", "/registros", {"accion": "a", "detalle": ""})


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop with a handful of everything."""
    shop = open_shop()
    code = shop.code(stock=10_000)
    for path in LISTS:
        for _ in range(5):
            add(shop, path, code)
    return shop


def newest_first(caller: Caller, path: str, **query: Any) -> list[Any]:
    return [row[KEYS[path]] for row in caller.all(path, **query)]


@pytest.mark.parametrize("path", LISTS)
class TestPages:
    """``limite`` and ``cursor``."""

    def test_pages_of_any_size_add_up_to_the_whole_list(
        self, own: RunningShop, path: str
    ) -> None:
        whole = newest_first(own.ana, path)
        assert len(whole) == len(set(whole)) >= 5
        for size in (1, 2, 3, 200):
            assert newest_first(own.ana, path, limite=size) == whole

    def test_a_page_holds_its_rows_and_a_cursor_that_needs_no_quoting(
        self, own: RunningShop, path: str
    ) -> None:
        page = own.ana.ok("GET", path, params={"limite": 2})
        assert set(page) == {"datos", "siguiente"}
        assert len(page["datos"]) == 2
        assert page["siguiente"].replace("-", "").replace("_", "").isalnum()
        assert own.ana.ok("GET", path, params={"limite": 200})["siguiente"] is None

    def test_a_page_says_on_request_how_many_rows_there_are(
        self, own: RunningShop, path: str
    ) -> None:
        whole = newest_first(own.ana, path)
        page = own.ana.ok("GET", path, params={"limite": 2, "contar": "si"})
        assert (len(page["datos"]), page["total"]) == (2, len(whole))
        query = {"limite": 2, "contar": "si", "cursor": page["siguiente"]}
        assert own.ana.ok("GET", path, params=query)["total"] == len(whole)
        query = {"contar": "si", "hasta": "2001-01-01"}
        assert own.ana.ok("GET", path, params=query)["total"] == 0

    def test_pages_neither_skip_nor_repeat_rows_while_others_are_added(
        self, own: RunningShop, path: str
    ) -> None:
        code = own.code(stock=100)
        before = newest_first(own.ana, path)
        seen: list[Any] = []
        query: dict[str, Any] = {"limite": 2}
        while True:
            page = own.ana.ok("GET", path, params=query)
            seen += [row[KEYS[path]] for row in page["datos"]]
            if page["siguiente"] is None:
                break
            query["cursor"] = page["siguiente"]
            if len(seen) < 7:
                add(own, path, code)
        assert seen == before

    @pytest.mark.parametrize(
        "limit", ["0", "201", "-1", "1.5", "", "x", "1e2", "9" * 30, "%B2", "\uff11"]
    )
    def test_a_limit_outside_one_to_two_hundred_is_refused(
        self, own: RunningShop, path: str, limit: str
    ) -> None:
        unfit(
            own.ana.get(f"{path}?limite={limit}"),
            "limite" if limit != "%B2" else "consulta",
        )

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "x",
            "***",
            "AAAA",
            "MS4y.",
            "LTE",
            "MQ==",
            "e30",
            "MTIuMzQuNTY",
            "9" * 150,
        ],
    )
    def test_a_cursor_that_no_list_gave_is_refused(
        self, own: RunningShop, path: str, cursor: str
    ) -> None:
        answer = own.ana.get(path, params={"cursor": cursor})
        if (
            answer.status_code != 200
        ):  # a well-made one of another list is only that: a place in this one
            unfit(answer, "cursor")
        assert cursor in {"LTE", "MQ=="} or answer.status_code == 422

    @pytest.mark.parametrize(
        "name", ["limit", "pagina", "LIMITE", "", "desde[]", "q ", "ñ", "orden"]
    )
    def test_an_unknown_parameter_is_refused_by_name(
        self, own: RunningShop, path: str, name: str
    ) -> None:
        unfit(own.ana.get(path, params={name: "1"}), name)

    def test_a_parameter_that_comes_twice_is_refused(
        self, own: RunningShop, path: str
    ) -> None:
        unfit(own.ana.get(f"{path}?limite=1&limite=2"), "limite")

    def test_a_search_that_is_too_long_is_refused(
        self, own: RunningShop, path: str
    ) -> None:
        assert own.ana.get(path, params={"q": "a " * 100}).status_code == 200
        for text in ("a" * 201, "a " * 2000, "a" * 60_000):
            unfit(own.ana.get(path, params={"q": text}), "q")

    @pytest.mark.parametrize(
        "text",
        [
            "%",
            "_",
            "\\",
            "'",
            "''; DROP TABLE users",
            "\u202e",
            "\ud83e\udd56",
            "\x01",
            "\n",
            " ",
        ],
    )
    def test_any_text_may_be_searched_for(
        self, own: RunningShop, path: str, text: str
    ) -> None:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        assert own.ana.get(path, params={"q": text}).status_code == 200

    def test_a_null_or_broken_character_is_refused(
        self, own: RunningShop, path: str
    ) -> None:
        unfit(own.ana.get(f"{path}?q=%00"), "q")
        for query in ("q=%FF", "q=%ED%A0%80", "%FF=1"):
            unfit(own.ana.get(f"{path}?{query}"), "consulta")

    def test_a_list_has_the_number_of_its_snapshot(
        self, own: RunningShop, path: str
    ) -> None:
        before = int(own.ana.get(path).headers["Trastienda-N"])
        own.product()
        assert int(own.ana.get(path).headers["Trastienda-N"]) > before


@pytest.mark.parametrize("path", [path for path in LISTS if path != "/products"])
class TestDays:
    """``desde`` and ``hasta``."""

    def test_days_are_inclusive_and_in_the_zone_of_the_shop(
        self, own: RunningShop, path: str
    ) -> None:
        day, before, after = (str(TODAY + timedelta(days=step)) for step in (0, -1, 1))
        whole = newest_first(own.ana, path)
        if datetime.now(ZoneInfo("America/Santiago")).date() != TODAY:
            pytest.skip("midnight in Santiago has just passed")
        for query in (
            {"desde": day},
            {"hasta": day},
            {"desde": day, "hasta": day},
            {"desde": before, "hasta": after},
        ):
            assert newest_first(own.ana, path, limite=3, **query) == whole, query
        for query in (
            {"desde": after},
            {"hasta": before},
            {"desde": after, "hasta": before},
        ):
            assert newest_first(own.ana, path, **query) == [], query

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2024-02-29"])
    def test_any_day_of_the_calendar_is_accepted(
        self, own: RunningShop, path: str, day: str
    ) -> None:
        assert own.ana.get(path, params={"desde": day, "hasta": day}).status_code == 200

    @pytest.mark.parametrize(
        "day",
        [
            "",
            "hoy",
            "2026-1-1",
            "2026-02-30",
            "2025-02-29",
            "20260101",
            "2026-01-01T00:00:00Z",
            "01/02/2026",
        ],
    )
    def test_a_day_in_another_spelling_is_refused(
        self, own: RunningShop, path: str, day: str
    ) -> None:
        unfit(own.ana.get(path, params={"desde": day}), "desde")
        unfit(own.ana.get(path, params={"hasta": day}), "hasta")


def test_products_are_filtered_by_the_day_of_their_creation(own: RunningShop) -> None:
    tomorrow = str(TODAY + timedelta(days=2))
    assert newest_first(own.ana, "/products", desde=tomorrow) == []
    assert newest_first(own.ana, "/products", hasta=tomorrow) != []


def test_a_ledger_is_read_by_days_and_pages(own: RunningShop) -> None:
    code = own.code(stock=5)
    path = f"/product/barcode/{code}/movimientos"
    for _ in range(4):
        own.beto.ok("POST", "/ventas-detalle", order((code, 1)))
    rows = own.ana.all(path)
    assert [row["saldo"] for row in rows] == [1, 2, 3, 4, 5]
    assert own.ana.all(path, limite=1) == own.ana.all(path, limite=2) == rows
    yesterday, tomorrow = str(TODAY - timedelta(days=1)), str(TODAY + timedelta(days=2))
    assert (
        own.ana.all(path, desde=tomorrow)
        == own.ana.all(path, hasta=str(TODAY - timedelta(days=2)))
        == []
    )
    assert own.ana.all(path, desde=yesterday, hasta=tomorrow, limite=2) == rows
    for cursor in ("x", "MS4y"):
        unfit(own.ana.get(path, params={"cursor": cursor}), "cursor")


def test_the_ledger_is_searched_by_reason(own: RunningShop) -> None:
    code = own.code(stock=5)
    for stock, reason in ((4, "merma"), (3, "robo")):
        own.ana.ok(
            "PUT", f"/product/barcode/{code}", {"stock": stock, "motivo": reason}
        )
    found = own.ana.all(f"/product/barcode/{code}/movimientos", q="merma")
    assert [row["motivo"] for row in found] == ["merma"]


def test_a_route_that_is_no_list_takes_no_parameter_of_lists(own: RunningShop) -> None:
    unfit(own.ana.get("/tienda?limite=1"), "limite")
    unfit(own.ana.post("/ventas-detalle?q=1", json=order(("X", 1))), "q")
    unfit(own.nobody.post("/login?usuario=ana", json={}), "usuario")
    unfit(own.nobody.get("/salud?x=1"), "x")


def test_a_single_thing_has_the_number_of_its_snapshot(own: RunningShop) -> None:
    code = own.code()
    sale = own.sell((code, 1))["id_venta"]
    for path in (
        "/tienda",
        f"/product/barcode/{code}",
        f"/ventas/{sale}",
        f"/boleta/{sale}",
        "/users/11111111-1",
    ):
        before = int(own.ana.get(path).headers["Trastienda-N"])
        own.product()
        assert int(own.ana.get(path).headers["Trastienda-N"]) > before, path
