"""Finding products: by their code, by a label of the scale, by words."""

import pytest
from tests.harness.http import Caller, refused, unfit
from tests.harness.shop import RunningShop

from trastienda.domain.barcode import check_digit

BY_CODE = "/product/barcode/{}"


def label(prefix: str, code: int, value: int) -> str:
    """An in-store EAN-13: prefix, five digits of code, five of value, check digit."""
    digits = f"{prefix}{code:05d}{value:05d}"
    return digits + check_digit(digits)


class TestLookingUp:
    """``GET /product/barcode/<codigo_barras>``."""

    def test_only_staff_see_the_cost(self, shop: RunningShop) -> None:
        code = shop.code(costo=700)
        assert shop.beto.ok("GET", BY_CODE.format(code))["costo"] == 700
        assert "costo" not in shop.clara.ok("GET", BY_CODE.format(code))
        (listed,) = shop.clara.ok("GET", "/products", params={"q": code})["datos"]
        assert "costo" not in listed

    def test_a_discount_is_shown_in_the_time_of_the_shop(
        self, shop: RunningShop
    ) -> None:
        off = {
            "monto": 1,
            "desde": "2026-07-01T04:00:00Z",
            "hasta": "2090-07-01T04:00:00Z",
        }
        shown = shop.clara.ok("GET", BY_CODE.format(shop.code(descuento=off)))[
            "descuento"
        ]
        assert shown["desde"] == "2026-07-01T00:00:00.000-04:00"

    def test_a_upc_is_found_in_either_spelling(self, shop: RunningShop) -> None:
        shop.product(codigo_barras="012345678905", nombre="UPC")
        shop.product(codigo_barras="0614141000036", nombre="EAN")
        for code in ("012345678905", "0012345678905"):
            assert shop.clara.ok("GET", BY_CODE.format(code))["nombre"] == "UPC"
        for code in ("614141000036", "0614141000036"):
            assert shop.clara.ok("GET", BY_CODE.format(code))["nombre"] == "EAN"

    @pytest.mark.parametrize(
        "code",
        ["NO-HAY", "7801234000018x", "%FF", "%00", "%E2%80%AE", "a%20b", "x" * 3000],
    )
    def test_an_unknown_code_is_not_found(self, shop: RunningShop, code: str) -> None:
        refused(shop.clara.get(BY_CODE.format(code)), 404, "no_encontrado")

    def test_a_weight_label_fills_in_the_quantity(self, shop: RunningShop) -> None:
        shop.product(codigo_barras="71", unidad="kg", precio=8990)
        found = shop.clara.ok("GET", BY_CODE.format(label("20", 71, 350)))
        assert (found["codigo_barras"], found["cantidad"], found["precio"]) == (
            "71",
            0.35,
            8990,
        )
        assert "cantidad" not in shop.clara.ok("GET", BY_CODE.format("71"))

    def test_a_label_finds_a_product_whose_code_has_leading_zeros(
        self, shop: RunningShop
    ) -> None:
        shop.product(codigo_barras="00072", unidad="g", precio=9)
        assert (
            shop.clara.ok("GET", BY_CODE.format(label("20", 72, 350)))["cantidad"]
            == 350
        )

    def test_a_label_with_a_wrong_check_digit_names_nothing(
        self, shop: RunningShop
    ) -> None:
        shop.product(codigo_barras="73", unidad="kg")
        good = label("20", 73, 350)
        wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
        refused(shop.clara.get(BY_CODE.format(wrong)), 404, "no_encontrado")
        refused(
            shop.clara.get(BY_CODE.format(label("21", 73, 350))), 404, "no_encontrado"
        )

    def test_a_label_of_a_retired_product_is_not_found_by_a_cliente(
        self, shop: RunningShop
    ) -> None:
        shop.product(codigo_barras="74", unidad="kg")
        shop.ana.ok("DELETE", BY_CODE.format("74"))
        refused(
            shop.clara.get(BY_CODE.format(label("20", 74, 350))), 404, "no_encontrado"
        )
        assert (
            shop.beto.ok("GET", BY_CODE.format(label("20", 74, 350)))["estado"]
            == "Inactivo"
        )


class TestSearching:
    """``GET /products``."""

    def find(self, shop: RunningShop, **query: str) -> list[str]:
        return [one["nombre"] for one in shop.clara.all("/products", **query)]

    def test_accents_case_and_order_of_words_do_not_matter(
        self, shop: RunningShop
    ) -> None:
        shop.product(nombre="Ñandú Xilófono Molido Ibáñez")
        for text in (
            "xilofono",
            "XILÓFONO",
            "ibanez",
            "molido xilófono",
            "ñandu",
            "Nandu IBAÑEZ",
            "ófono mol",
        ):
            assert self.find(shop, q=text) == ["Ñandú Xilófono Molido Ibáñez"], text
        assert self.find(shop, q="ibanez inexistente") == []

    def test_words_written_as_one_and_either_decimal_mark_are_found(
        self, shop: RunningShop
    ) -> None:
        shop.product(nombre="Zeta-Cola Única 1,5 L")
        shop.product(nombre="ZetaCola Única 2.25L")
        shop.product(nombre="Alazetas al natural")
        first, second = "Zeta-Cola Única 1,5 L", "ZetaCola Única 2.25L"
        both = [second, first]
        for text, names in {
            "zetacola": both,
            "zeta cola": both,
            "ZETA-COLA": both,
            "zeta-cola unica": both,
            "zetacola 1.5": [first],
            "zetacola 1,5l": [first],
            "Zeta-Cola Única 1.5 L": [first],
            "zetacolaunica": both,
            "colaúnica 1,5": [first],
            "zeta 2,25": [second],
            "zetacola 2,25 l": [second],
            "zetacola 15": [],
            "alazetasal": ["Alazetas al natural"],
            "zetasal": [],
        }.items():
            assert self.find(shop, q=text) == names, text

    def test_a_code_or_part_of_it_finds_its_product(self, shop: RunningShop) -> None:
        shop.product(codigo_barras="ZZ-Buscable-9", nombre="Con código")
        assert self.find(shop, q="zz-buscable-9") == ["Con código"]
        assert self.find(shop, q="buscable") == ["Con código"]

    @pytest.mark.parametrize("text", ["%", "_", "\\", "'", '"', "100%"])
    def test_wildcards_of_the_database_are_plain_text(
        self, shop: RunningShop, text: str
    ) -> None:
        name = f"Signo {text} aquí"
        shop.product(nombre=name)
        found = {
            one["nombre"]: one["codigo_barras"]
            for one in shop.clara.all("/products", q=text)
        }
        assert name in found
        assert all(text in one + found[one] for one in found)

    def test_a_category_is_matched_as_a_whole_in_any_case(
        self, shop: RunningShop
    ) -> None:
        shop.product(nombre="En esta", categoria="Única")
        for spelling in ("Única", "única", "UNICA"):
            assert self.find(shop, categoria=spelling) == ["En esta"]
        assert self.find(shop, categoria="nica") == []

    def test_a_category_is_listed_once_as_it_is_written_most(
        self, shop: RunningShop
    ) -> None:
        first = shop.product(categoria="abarrotes Raros")
        for categoria in ("Abarrotes raros", "Abarrotes raros", "ABARROTES RAROS"):
            shop.product(categoria=categoria)
        assert self.category(shop.clara, "Abarrotes raros") == 4

        path = f"/product/barcode/{first['codigo_barras']}"
        shop.ana.ok("DELETE", path)
        assert self.category(shop.clara, "Abarrotes raros") == 3
        assert self.category(shop.beto, "Abarrotes raros") == 4

        page = shop.clara.ok("GET", "/categorias")
        names = [row["categoria"].casefold() for row in page["datos"]]
        assert names.count("abarrotes raros") == 1
        assert page["siguiente"] is None

    def category(self, caller: Caller, name: str) -> int | None:
        rows = caller.ok("GET", "/categorias")["datos"]
        counts = {row["categoria"]: row["productos"] for row in rows}
        return counts.get(name)

    def test_the_order_may_be_chosen_and_pages_keep_it(self, shop: RunningShop) -> None:
        things = [
            ("Ñandú", 300, 5),
            ("nabo", 100, 7),
            ("Álamo", 200, 7),
            ("zapallo", 100, 1),
        ]
        for nombre, precio, stock in things:
            shop.product(
                nombre=nombre, precio=precio, stock=stock, categoria="Ordenados"
            )
        expected = {
            "nuevos": ["zapallo", "Álamo", "nabo", "Ñandú"],
            "antiguos": ["Ñandú", "nabo", "Álamo", "zapallo"],
            "nombre": ["Álamo", "nabo", "Ñandú", "zapallo"],
            "precio": ["nabo", "zapallo", "Álamo", "Ñandú"],
            "-precio": ["Ñandú", "Álamo", "zapallo", "nabo"],
            "stock": ["zapallo", "Ñandú", "nabo", "Álamo"],
            "-stock": ["Álamo", "nabo", "Ñandú", "zapallo"],
        }
        for orden, names in expected.items():
            query = {"categoria": "ordenados", "orden": orden}
            assert self.find(shop, **query) == names
            pages = shop.clara.all("/products", limite=1, **query)
            assert [product["nombre"] for product in pages] == names
        unfit(shop.clara.get("/products", params={"orden": "color"}), "orden")

        # A cursor of one order is none of another.
        page = shop.clara.ok(
            "GET", "/products", params={"limite": 1, "orden": "nombre"}
        )
        query = {"cursor": page["siguiente"], "orden": "precio"}
        unfit(shop.clara.get("/products", params=query), "cursor")

    def test_products_below_their_minimum_are_found(self, shop: RunningShop) -> None:
        names = {4: "Bajo", 5: "Justo", 6: "Sobra"}
        for stock, name in names.items():
            shop.product(nombre=name, categoria="minimos", stock=stock, stock_minimo=5)
        assert self.find(shop, categoria="minimos", bajo_minimo="si") == ["Bajo"]
        assert self.find(shop, categoria="minimos", bajo_minimo="no") == [
            "Sobra",
            "Justo",
        ]
        unfit(shop.clara.get("/products", params={"bajo_minimo": "5"}), "bajo_minimo")
        unfit(shop.clara.get("/products", params={"estado": "x"}), "estado")
