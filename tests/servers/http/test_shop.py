"""``/tienda``: the shop's own page, and the rules that hang on it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.conftest import OpenShop
from tests.harness.http import refused, unfit
from tests.harness.shop import RunningShop

from trastienda.domain.barcode import check_digit


@pytest.fixture(scope="module")
def own(open_shop: OpenShop) -> RunningShop:
    """A shop whose page may be changed.

    Nothing is sold in it before the tests of this file say so.
    """
    return open_shop(
        shop_name="La Esquina",
        shop_rut="76.000.000-0",
        shop_giro="Almacén",
        shop_address="Calle 1",
    )


def test_a_new_shop_has_the_values_of_the_settings(own: RunningShop) -> None:
    for caller in (own.ana, own.beto, own.clara):
        assert caller.ok("GET", "/tienda") == {
            "nombre": "La Esquina",
            "rut": "76000000-0",
            "giro": "Almacén",
            "direccion": "Calle 1",
            "pais": "CL",
            "moneda": "CLP",
            "zona_horaria": "America/Santiago",
            "iva": 19,
            "redondeo_efectivo": None,
            "etiquetas": [{"prefijo": "20", "contiene": "peso", "digitos_codigo": 5}],
            "devolucion_grande": 50_000,
        }


def test_country_and_currency_are_fixed_by_the_first_sale(own: RunningShop) -> None:
    page = own.ana.ok("PUT", "/tienda", {"pais": "PE", "moneda": "PEN"})
    assert (page["pais"], page["moneda"]) == ("PE", "PEN")
    own.ana.ok("PUT", "/tienda", {"pais": "CL", "moneda": "CLP"})
    own.sell((own.code(), 1))
    for change in ({"pais": "PE"}, {"moneda": "USD"}):
        refused(
            own.ana.put("/tienda", json={"nombre": "Otra"} | change),
            409,
            "ya_hay_ventas",
        )
    assert own.ana.ok("GET", "/tienda")["nombre"] == "La Esquina"
    assert (
        own.ana.ok("PUT", "/tienda", {"pais": "CL", "moneda": "CLP"})["moneda"] == "CLP"
    )


def test_fields_that_are_not_given_stay(own: RunningShop) -> None:
    before = own.ana.ok("GET", "/tienda")
    change = {"nombre": "Nueva", "rut": None, "giro": "  ", "direccion": " Calle 2 "}
    kept = {"nombre": "Nueva", "rut": None, "giro": None, "direccion": "Calle 2"}
    assert own.ana.ok("PUT", "/tienda", change) == before | kept
    assert own.ana.ok("PUT", "/tienda", {}) == before | kept


def test_only_an_administrador_changes_the_shop(own: RunningShop) -> None:
    for caller in (own.beto, own.clara):
        refused(caller.put("/tienda", json={"nombre": "Mía"}), 403, "sin_permiso")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"nombre": ""}, "nombre"),
        ({"nombre": None}, "nombre"),
        ({"nombre": "x" * 201}, "nombre"),
        ({"giro": "a\x00"}, "giro"),
        ({"direccion": "x" * 201}, "direccion"),
        ({"rut": "76.000.000-1"}, "rut"),
        ({"pais": "Chile"}, "pais"),
        ({"pais": "cl"}, "pais"),
        ({"moneda": "clp"}, "moneda"),
        ({"moneda": "XXX"}, "moneda"),
        ({"zona_horaria": "Santiago"}, "zona_horaria"),
        ({"zona_horaria": "../etc/passwd"}, "zona_horaria"),
        ({"zona_horaria": ""}, "zona_horaria"),
        ({"zona_horaria": "a\x00"}, "zona_horaria"),
        ({"iva": -1}, "iva"),
        ({"iva": 100.5}, "iva"),
        ({"iva": 19.005}, "iva"),
        ({"iva": 10**400}, "iva"),
        ({"iva": "19"}, "iva"),
        ({"redondeo_efectivo": {"multiplo": 0}}, "redondeo_efectivo.multiplo"),
        ({"redondeo_efectivo": {"multiplo": 10**30}}, "redondeo_efectivo.multiplo"),
        ({"redondeo_efectivo": {}}, "redondeo_efectivo.multiplo"),
        ({"redondeo_efectivo": {"multiplo": 5, "x": 1}}, "redondeo_efectivo.x"),
        ({"etiquetas": [{"prefijo": "20"}, {"prefijo": "30"}]}, "etiquetas[1].prefijo"),
        ({"etiquetas": [{"prefijo": "2"}]}, "etiquetas[0].prefijo"),
        (
            {"etiquetas": [{"prefijo": "21", "digitos_codigo": 2}]},
            "etiquetas[0].digitos_codigo",
        ),
        (
            {"etiquetas": [{"prefijo": "21", "digitos_codigo": 7}]},
            "etiquetas[0].digitos_codigo",
        ),
        (
            {"etiquetas": [{"prefijo": "21", "contiene": "largo"}]},
            "etiquetas[0].contiene",
        ),
        ({"etiquetas": [{"prefijo": "21"}, {"prefijo": "21"}]}, "etiquetas"),
        ({"etiquetas": None}, "etiquetas"),
        ({"name": "x"}, "name"),
        ({"logo": "x"}, "logo"),
    ],
)
def test_a_refused_change_names_its_field_and_changes_nothing(
    own: RunningShop, change: dict[str, Any], field: str
) -> None:
    before = own.ana.ok("GET", "/tienda")
    unfit(own.ana.put("/tienda", json=change), field)
    assert own.ana.ok("GET", "/tienda") == before


class TestRules:
    """What changes with the page."""

    def test_a_new_vat_rate_holds_for_new_sales(self, own: RunningShop) -> None:
        code = own.code(precio=1000)
        try:
            assert own.ana.ok("PUT", "/tienda", {"iva": 10.5})["iva"] == 10.5
            sale = own.sell((code, 1))
            assert (sale["neto"], sale["iva"]) == (905, 95)
            own.ana.ok("PUT", "/tienda", {"iva": 0})
            assert own.sell((code, 1))["iva"] == 0
        finally:
            own.ana.ok("PUT", "/tienda", {"iva": 19})
        back = own.beto.ok(
            "POST", f"/ventas/{sale['id_venta']}/devoluciones", {"motivo": "x"}
        )
        assert (back["neto"], back["iva"]) == (905, 95), (
            "a return is taxed as its sale was"
        )

    @pytest.mark.parametrize(
        ("rounding", "price", "due"),
        [
            ({"multiplo": 5}, 1002, 1000),
            ({"multiplo": 5}, 1003, 1005),
            ({"multiplo": 10}, 1005, 1010),
            ({"multiplo": 10, "mitad_abajo": True}, 1005, 1000),
            ({"multiplo": 1}, 1009, 1009),
            ({"multiplo": 1000}, 1499, 1000),
            (None, 1005, 1000),
        ],
    )
    def test_a_new_rounding_of_cash_holds_for_new_sales(
        self, own: RunningShop, rounding: Any, price: int, due: int
    ) -> None:
        try:
            own.ana.ok("PUT", "/tienda", {"redondeo_efectivo": rounding})
            assert own.sell((own.code(precio=price), 1))["pagos"][0]["monto"] == due
        finally:
            own.ana.ok("PUT", "/tienda", {"redondeo_efectivo": None})

    def test_a_new_label_layout_is_used_in_look_ups(self, own: RunningShop) -> None:
        def label(digits: str) -> str:
            return digits + check_digit(digits)

        own.product(codigo_barras="4321", nombre="Pollo", precio=5000, unidad="kg")
        layouts = [
            {"prefijo": "24", "contiene": "precio", "digitos_codigo": 4},
            {"prefijo": "25", "contiene": "peso", "digitos_codigo": 6},
        ]
        try:
            own.ana.ok("PUT", "/tienda", {"etiquetas": layouts})
            priced, weighed = label("244321002990"), label("250043210250")
            found = own.clara.ok("GET", f"/product/barcode/{priced}")
            assert (found["nombre"], found["precio"], found["precio_final"]) == (
                "Pollo",
                2990,
                2990,
            )
            assert (
                own.clara.ok("GET", f"/product/barcode/{weighed}")["cantidad"] == 0.25
            )
            refused(
                own.clara.get(f"/product/barcode/{label('200432100250')}"),
                404,
                "no_encontrado",
            )
            body = {"detalle": [{"codigo_barras": priced}, {"codigo_barras": weighed}]}
            (line,) = own.beto.ok("POST", "/ventas-detalle", body)["detalle"]
            assert (line["cantidad"], line["total"], line["descuento"]) == (
                0.848,
                4240,
                0,
            )
        finally:
            own.ana.ok("PUT", "/tienda", {"etiquetas": [{"prefijo": "20"}]})

    def test_a_new_zone_moves_times_and_days(self, own: RunningShop) -> None:
        sale = own.sell((own.code(), 1))
        moment = datetime.fromisoformat(sale["fecha"])
        try:
            for name in (
                "Asia/Tokyo",
                "America/Santiago",
                "Pacific/Kiritimati",
                "Pacific/Pago_Pago",
            ):
                own.ana.ok("PUT", "/tienda", {"zona_horaria": name})
                shown = datetime.fromisoformat(
                    own.ana.ok("GET", f"/ventas/{sale['id_venta']}")["fecha"]
                )
                local = moment.astimezone(ZoneInfo(name))
                assert (shown, shown.utcoffset()) == (local, local.utcoffset())
                day = local.date()

                def listed(first: object, last: object) -> bool:
                    rows = own.ana.all("/ventas", desde=str(first), hasta=str(last))
                    return sale["id_venta"] in [row["id_venta"] for row in rows]

                assert listed(day, day)
                assert not listed(day + timedelta(days=1), day + timedelta(days=1))
                assert not listed(day - timedelta(days=1), day - timedelta(days=1))
                assert listed("0001-01-01", "9999-12-31")
        finally:
            own.ana.ok("PUT", "/tienda", {"zona_horaria": "America/Santiago"})
        assert moment.astimezone(UTC) <= datetime.now(UTC) + timedelta(seconds=1)


def test_amounts_in_a_currency_with_cents_are_in_cents(open_shop: OpenShop) -> None:
    london = open_shop(country="GB", currency="GBP", timezone="Europe/London")
    london.ana.ok("PUT", "/tienda", {"iva": 20})
    sale = london.sell((london.code(precio=1999), 3))
    assert (sale["total"], sale["neto"], sale["ajuste_redondeo"]) == (5997, 4998, 0)
    assert sale["fecha"].endswith(("+00:00", "+01:00"))
