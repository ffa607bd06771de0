"""Coming back over Socket.IO: what waited, what was refused, what was taken back, who is lazy."""

import pytest
from tests.conftest import OpenShop
from tests.harness.polling import Polling
from tests.harness.screens import Screen
from tests.harness.shop import RunningShop


def now(shop: RunningShop) -> int:
    return int(shop.ana.get("/products?limite=1").headers["Trastienda-N"])


@pytest.mark.parametrize("way", ["auth", "reanudar"])
def test_what_waited_comes_though_a_later_number_is_known(
    shop: RunningShop, way: str
) -> None:
    user, caller = shop.somebody()
    text = f"te esperaba {way}"
    with Screen.of(shop, shop.beto) as beto:
        beto.ok("mensaje", para=user["usuario"], texto=text)
        beto.ok("mensaje", para=user["usuario"], texto="y otro")
    shop.ana.ok(
        "POST", "/notificaciones", {"rut": user["rut"], "titulo": "Hola", "texto": text}
    )
    auth: dict[str, object] = {"token": caller.token}
    if way == "auth":
        auth |= {"desde": now(shop)}
    with Screen.of(shop, caller, live=False, auth=auth) as screen:
        if way == "reanudar":
            screen.ok("reanudar", desde=now(shop))
        screen.wait_for("mensaje", lambda body: body["texto"] == "y otro")
        assert [body["texto"] for body in screen.of_name("mensaje")] == [text, "y otro"]
        screen.wait_for("notificacion")


def test_what_waited_and_is_told_again_comes_once(shop: RunningShop) -> None:
    user, caller = shop.somebody()
    before = now(shop)
    with Screen.of(shop, shop.beto) as beto:
        beto.ok("mensaje", para=user["usuario"], texto="una vez")
    with Screen.of(shop, caller, live=False) as screen:
        screen.ok("reanudar", desde=before)
        screen.ok("salas")
        assert [body["texto"] for body in screen.of_name("mensaje")] == ["una vez"]


@pytest.mark.parametrize("since", ["5", -1, None, 2**63])
def test_a_refused_reanudar_leaves_everything_as_it_was(
    shop: RunningShop, since: object
) -> None:
    code = shop.code(stock=5)
    with Screen.of(shop, shop.beto, live=False) as screen:
        screen.refused("reanudar", "datos_invalidos", desde=since)
        screen.ok("salas")
        shop.sell((code, 1))
        screen.wait_for("stock", lambda body: body["codigo_barras"] == code)


def test_what_was_taken_back_or_corrected_is_not_said_again(shop: RunningShop) -> None:
    before = now(shop)
    with Screen.of(shop, shop.clara) as clara:
        gone = clara.ok("mensaje", sala="general", texto="un secreto por error")
        wrong = clara.ok("mensaje", sala="general", texto="mal escrito")
        for _ in range(2):  # what is remembered of the past is forgotten then
            with Screen.of(shop, shop.beto, live=False) as beto:
                beto.ok("reanudar", desde=before)
        clara.ok("borrar", sala="general", seq=gone["seq"])
        clara.ok("editar", sala="general", seq=wrong["seq"], texto="bien escrito")
    with Screen.of(shop, shop.beto, live=False) as beto:
        beto.ok("reanudar", desde=before)
        heard = {
            (body["seq"], body["texto"], body["borrado"])
            for body in beto.of_name("mensaje")
            if body["seq"] in {gone["seq"], wrong["seq"]}
        }
    assert heard == {(gone["seq"], "", True), (wrong["seq"], "bien escrito", False)}


def test_one_who_never_polls_costs_nobody_else_an_announcement(
    open_shop: OpenShop,
) -> None:
    shop = open_shop(chat_rate=0)
    lazy = Polling(shop.server.url)
    try:
        with Screen.of(shop, shop.ana) as before:
            lazy.come_in(shop.clara.token)
            lazy.post('421["salas",{}]')  # it hears what is new, and polls no more
            with Screen.of(shop, shop.beto) as after, Screen.of(shop, shop.ana) as one:
                for number in range(400):
                    text = f"{number} " + "x" * 4_000
                    one.ok("mensaje", sala="general", texto=text)
                for screen in (before, after):
                    screen.wait_for("mensaje", lambda it: it["texto"][:4] == "399 ")
                    said = [it["texto"].split()[0] for it in screen.of_name("mensaje")]
                    assert said == [str(number) for number in range(400)]
    finally:
        lazy.close()
    assert "could not be delivered" not in shop.server.log
