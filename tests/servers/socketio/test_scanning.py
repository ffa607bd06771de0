"""A phone scans for a till."""

from datetime import datetime
from typing import Any

from tests.conftest import OpenShop
from tests.harness.screens import Screen
from tests.harness.shop import RunningShop

from trastienda.domain.barcode import check_digit


def scans(screen: Screen) -> list[tuple[Any, Any]]:
    """The codes and numbers that a screen has heard, in their order."""
    return [
        (body["codigo_barras"], body["numero"]) for body in screen.of_name("escaneo")
    ]


def test_a_scan_without_a_link_is_heard_at_ones_other_screens_and_nobody_elses(
    shop: RunningShop,
) -> None:
    code = shop.code(precio=1000)
    with (
        Screen.of(shop, shop.beto) as till,
        Screen.of(shop, shop.beto) as phone,
        Screen.of(shop, shop.ana) as ana,
    ):
        found = phone.ok("escanear", codigo_barras=code)["producto"]
        assert found == shop.beto.ok("GET", f"/product/barcode/{code}")
        heard = till.wait_for("escaneo")
        assert heard == {"codigo_barras": code, "numero": None, "producto": found}
        ana.ok("salas")
        phone.ok("salas")
        assert not ana.of_name("escaneo")
        assert not phone.of_name("escaneo")


def test_a_linked_phone_is_heard_at_its_till_only_each_scan_once_and_in_order(
    shop: RunningShop,
) -> None:
    codes = [shop.code() for _ in range(3)]
    with (
        Screen.of(shop, shop.beto) as till,
        Screen.of(shop, shop.beto) as other_till,
    ):
        link = till.ok("vincular")
        assert datetime.fromisoformat(link["expira"]).tzinfo is not None
        with Screen.of(shop, shop.ana) as phone:
            joined = phone.ok("vincular", codigo=link["codigo"].lower())
            assert (joined["presente"], joined["numero"]) == (True, 0)
            assert till.wait_for("vinculo") == {"estado": "entra", "de": "ana"}
            for number, code in enumerate(codes[:2], 1):
                phone.ok("escanear", codigo_barras=code, numero=number)
            phone.ok("escanear", codigo_barras=codes[1], numero=2)
        till.wait_for("vinculo", lambda body: body["estado"] == "sale")

        with Screen.of(shop, shop.ana) as phone:
            again = phone.ok("vincular", codigo=link["codigo"])
            assert again["numero"] == 2, "it knows how far it came"
            phone.ok("escanear", codigo_barras=codes[1], numero=2)
            phone.ok("escanear", codigo_barras=codes[2], numero=3)
            till.wait_for("escaneo", lambda body: body["numero"] == 3)
        assert scans(till) == [(codes[0], 1), (codes[1], 2), (codes[2], 3)]
        other_till.ok("salas")
        assert not other_till.of_name("escaneo")


def test_scans_wait_for_a_till_that_is_away(shop: RunningShop) -> None:
    codes = [shop.code() for _ in range(3)]
    with Screen.of(shop, shop.ana) as phone:
        with Screen.of(shop, shop.beto) as till:
            link = till.ok("vincular")["codigo"]
            phone.ok("vincular", codigo=link)
        assert phone.wait_for("vinculo") == {"estado": "sale", "de": "beto"}
        for number, code in enumerate(codes, 1):
            phone.ok("escanear", codigo_barras=code, numero=number)

        with Screen.of(shop, shop.beto) as till:
            till.ok("vincular", codigo=link)
            till.wait_for("escaneo", lambda body: body["numero"] == 3)
            assert [number for _, number in scans(till)] == [1, 2, 3]
            phone.wait_for("vinculo", lambda body: body["estado"] == "entra")


def test_what_cannot_be_sold_is_heard_usefully(shop: RunningShop) -> None:
    retired = shop.code()
    shop.ana.ok("DELETE", f"/product/barcode/{retired}")
    weighed = shop.product(codigo_barras="00087", unidad="kg", interno=True)
    label = "200008700350" + check_digit("200008700350")
    with Screen.of(shop, shop.clara) as clara, Screen.of(shop, shop.beto) as till:
        code = till.ok("vincular")["codigo"]
        clara.ok("vincular", codigo=code)
        refused = clara.refused("escanear", "no_encontrado", codigo_barras=retired)
        assert refused["codigos"] == [retired]
        assert till.wait_for("escaneo")["producto"]["estado"] == "Inactivo"
        clara.refused("escanear", "no_encontrado", codigo_barras="no-hay", numero=1)
        heard = till.wait_for("escaneo", lambda body: body["codigo_barras"] == "no-hay")
        assert heard == {"codigo_barras": "no-hay", "numero": 1, "producto": None}
        clara.ok("escanear", codigo_barras=label, numero=2)
        heard = till.wait_for("escaneo", lambda body: body["numero"] == 2)["producto"]
        assert heard["codigo_barras"] == weighed["codigo_barras"]
        assert heard["cantidad"] == 0.35


def test_a_product_is_heard_as_the_till_may_see_it(shop: RunningShop) -> None:
    code = shop.code(costo=500)
    with Screen.of(shop, shop.clara) as phone, Screen.of(shop, shop.beto) as till:
        phone.ok("vincular", codigo=till.ok("vincular")["codigo"])
        assert "costo" not in phone.ok("escanear", codigo_barras=code)["producto"]
        assert till.wait_for("escaneo")["producto"]["costo"] == 500


def test_a_code_is_good_for_one_phone(shop: RunningShop) -> None:
    with (
        Screen.of(shop, shop.beto) as till,
        Screen.of(shop, shop.ana) as phone,
        Screen.of(shop, shop.clara) as thief,
    ):
        code = till.ok("vincular")["codigo"]
        phone.ok("vincular", codigo=code)
        thief.refused("vincular", "no_encontrado", codigo=code)
        till.refused("vincular", "no_encontrado", codigo=code)
        renewed = till.ok("vincular")["codigo"]
        assert renewed != code
        assert phone.wait_for("vinculo") == {"estado": "sale", "de": "beto"}


def test_guessing_codes_is_throttled_for_who_guesses_alone(open_shop: OpenShop) -> None:
    shop = open_shop()
    with Screen.of(shop, shop.clara) as thief:
        answers = [thief.send("vincular", codigo="AAAAAA") for _ in range(30)]
    codes = [answer["codigo"] for answer in answers]
    assert codes[0] == "no_encontrado"
    assert codes[-1] == "demasiadas_solicitudes"
    assert answers[-1]["reintentar_en"] > 0

    with Screen.of(shop, shop.ana) as till, Screen.of(shop, shop.beto) as phone:
        code = till.ok("vincular")["codigo"]
        for _ in range(30):  # right ones are no guesses
            phone.ok("vincular", codigo=code)


def test_a_till_whose_old_line_lingers_hears_what_it_missed(shop: RunningShop) -> None:
    code = shop.code()
    with (
        Screen.of(shop, shop.beto) as lingering,
        Screen.of(shop, shop.beto) as phone,
        Screen.of(shop, shop.beto) as bystander,
    ):
        pairing = lingering.ok("vincular")["codigo"]
        phone.ok("vincular", codigo=pairing)
        for number in range(1, 4):
            phone.ok("escanear", codigo_barras=code, numero=number)
        with Screen.of(shop, shop.beto) as till:
            # It has heard the first alone: the line was dead by then.
            back = till.ok("vincular", codigo=pairing, numero=1)
            assert (back["numero"], back["presente"]) == (3, True)
            phone.ok("escanear", codigo_barras=code, numero=4)
            till.wait_for("escaneo", lambda body: body["numero"] == 4)
            heard = [body["numero"] for body in till.of_name("escaneo")]
            assert heard == [2, 3, 4]
        lingering.wait_for("vinculo", lambda body: body["estado"] == "sale")
        assert bystander.of_name("escaneo") == []


def test_a_phone_whose_place_is_taken_is_told(shop: RunningShop) -> None:
    with (
        Screen.of(shop, shop.beto) as till,
        Screen.of(shop, shop.ana) as first,
        Screen.of(shop, shop.ana) as second,
    ):
        pairing = till.ok("vincular")["codigo"]
        first.ok("vincular", codigo=pairing)
        second.ok("vincular", codigo=pairing)
        assert first.wait_for("vinculo") == {"estado": "sale", "de": "ana"}


def test_only_the_tills_user_comes_back_as_the_till(shop: RunningShop) -> None:
    with Screen.of(shop, shop.beto) as till, Screen.of(shop, shop.ana) as other:
        pairing = till.ok("vincular")["codigo"]
        other.refused("vincular", "no_encontrado", codigo=pairing, numero=0)
