"""The chat over Socket.IO and the chat of lines are one."""

import pytest
from tests.harness.lines import Person, Program, new_alias
from tests.harness.screens import Screen
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually


def test_a_message_of_a_line_is_heard_on_screens_and_the_reverse(
    shop: RunningShop,
) -> None:
    alias = new_alias()
    with (
        Person(shop.server.chat, alias) as visitor,
        Screen.of(shop, shop.beto) as beto,
        Screen.of(shop, shop.clara) as clara,
    ):
        visitor.send("¿A qué hora cierran?")
        for screen in (beto, clara):
            heard = screen.wait_for("mensaje", lambda body: body["de"] == alias)
            assert (heard["sala"], heard["texto"]) == (
                "general",
                "¿A qué hora cierran?",
            )
        answer = {"sala": "general", "texto": "A las ocho.", "id_cliente": alias}
        said = beto.ok("mensaje", **answer)
        assert visitor.line() == "beto: A las ocho."
        assert beto.ok("mensaje", **answer)["seq"] == said["seq"], "said once"
        heard = clara.wait_for("mensaje", lambda body: body["de"] == "beto")
        assert (heard["seq"], heard["texto"]) == (said["seq"], "A las ocho.")
        beto.ok("salas")
        assert not [body for body in beto.of_name("mensaje") if body["de"] == "beto"]
        page = clara.ok("historial", sala="general", limite=2)
        texts = [message["texto"] for message in page["mensajes"]]
        assert texts == ["¿A qué hora cierran?", "A las ocho."]


def test_a_message_is_corrected_and_taken_back_everywhere(shop: RunningShop) -> None:
    with Screen.of(shop, shop.beto) as beto, Screen.of(shop, shop.ana) as ana:
        seq = beto.ok("mensaje", sala="equipo", texto="Falta pan")["seq"]
        beto.ok("editar", sala="equipo", seq=seq, texto="Falta pan y leche")
        heard = ana.wait_for("mensaje", lambda body: body["editado"])
        assert (heard["seq"], heard["texto"]) == (seq, "Falta pan y leche")
        beto.ok("borrar", sala="equipo", seq=seq)
        heard = ana.wait_for("mensaje", lambda body: body["borrado"])
        assert (heard["seq"], heard["texto"]) == (seq, "")
        assert ana.ok("leido", sala="equipo", seq=seq)["seq"] >= seq


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_half_a_character_is_no_text_and_the_connection_goes_on(
    shop: RunningShop, transport: str
) -> None:
    with Screen.of(shop, shop.beto, transports=(transport,)) as screen:
        half = "uf \ud83d"  # what is left of an emoji that was cut in two
        told = screen.refused("mensaje", "datos_invalidos", texto=half)
        assert told["campos"] == {"texto": "debe ser un texto"}
        screen.refused("escanear", "datos_invalidos", codigo_barras=half)
        assert screen.ok("mensaje", texto="uf 😀")["seq"]


def test_staff_rooms_are_for_staff(shop: RunningShop) -> None:
    with Screen.of(shop, shop.beto) as beto, Screen.of(shop, shop.clara) as clara:
        beto.ok("mensaje", sala="equipo", texto="solo nosotros")
        clara.refused("entrar_sala", "sin_permiso", sala="equipo")
        clara.refused("historial", "sin_permiso", sala="equipo")
        clara.refused("mensaje", "sin_permiso", sala="equipo", texto="hola")
        clara.ok("salas")
        assert not [
            body for body in clara.of_name("mensaje") if body.get("sala") == "equipo"
        ]


def test_a_room_that_was_left_is_not_heard_until_it_is_entered_again(
    shop: RunningShop,
) -> None:
    with Screen.of(shop, shop.beto) as beto, Screen.of(shop, shop.ana) as ana:
        ana.ok("salir_sala", sala="equipo")
        beto.ok("mensaje", sala="equipo", texto="uno")
        ana.ok("entrar_sala", sala="equipo")
        beto.ok("mensaje", sala="equipo", texto="dos")
        ana.wait_for("mensaje", lambda body: body["texto"] == "dos")
        assert not [body for body in ana.of_name("mensaje") if body["texto"] == "uno"]


def test_who_comes_leaves_and_types_is_heard_in_the_room(shop: RunningShop) -> None:
    with Screen.of(shop, shop.beto) as beto:
        beto.ok("entrar_sala", sala="general")
        with Screen.of(shop, shop.ana) as ana:
            ana.ok("entrar_sala", sala="general")
            came = beto.wait_for("presencia", lambda body: body["alias"] == "ana")
            assert came == {"sala": "general", "alias": "ana", "estado": "entra"}
            ana.ok("escribiendo", sala="general")
            assert beto.wait_for("escribiendo") == {"sala": "general", "de": "ana"}
            assert "ana" in beto.ok("usuarios")["usuarios"]
        beto.wait_for("presencia", lambda body: body["estado"] == "sale")
        assert not beto.of_name("mensaje")


def test_a_private_message_is_heard_by_both_and_nobody_else(shop: RunningShop) -> None:
    with (
        Screen.of(shop, shop.beto) as beto,
        Screen.of(shop, shop.beto) as beto_at_home,
        Screen.of(shop, shop.clara) as clara,
        Screen.of(shop, shop.ana) as ana,
        Program(shop.server.chat) as line,
    ):
        line.log_in("clara")
        beto.ok("mensaje", para="clara", texto="Tu pedido llegó")
        for screen in (clara, beto_at_home):
            heard = screen.wait_for("mensaje", lambda body: body.get("para") == "clara")
            assert (heard["de"], heard["texto"]) == ("beto", "Tu pedido llegó")
        assert line.event("mensaje")["texto"] == "Tu pedido llegó"
        for screen in (ana, beto):
            screen.ok("salas")
            assert not [body for body in screen.of_name("mensaje") if "para" in body]


def test_a_program_on_lines_catches_up_too(shop: RunningShop) -> None:
    code = shop.code(stock=9)
    n = int(shop.beto.get("/tienda").headers["trastienda-n"])
    sales = [shop.sell((code, 1))["id_venta"] for _ in range(3)]
    with Program(shop.server.chat) as line:
        line.log_in("beto")
        reached = line.ok("reanudar", desde=n)
        assert reached["n"] >= n
        heard = [event for event in line.told() if event["evento"] == "venta"]
        assert [sale["id_venta"] for sale in heard] == sales
        assert line.ok("reanudar", desde=10**12)["hueco"] is True


def test_a_private_message_that_waited_is_heard_once(shop: RunningShop) -> None:
    user, caller = shop.somebody("Cajero")
    alias = user["usuario"]
    n = int(shop.beto.get("/tienda").headers["trastienda-n"])
    with Screen.of(shop, shop.beto) as beto:
        assert beto.ok("mensaje", para=alias, texto="uno")["entregado"] is False
        with Screen.of(shop, caller) as first:
            heard = first.wait_for("mensaje")
            assert (heard["texto"], "n" in heard) == ("uno", False)

        def is_quiet() -> bool:
            with Screen.of(shop, caller) as again:
                again.ok("salas")
                return not again.of_name("mensaje")

        eventually(is_quiet, "the message to be known as delivered")
        eventually(
            lambda: beto.ok("mensaje", para=alias, texto="dos")["entregado"] is False,
            "the addressee to be away",
        )
        with Screen.of(shop, caller, live=False) as back:
            back.ok("reanudar", desde=n)
            back.ok("salas")
            assert [body["texto"] for body in back.of_name("mensaje")][:2] == [
                "uno",
                "dos",
            ]
            assert all("n" in body for body in back.of_name("mensaje"))


def test_nobody_is_seen_typing_in_a_room_that_is_closed_to_them(
    shop: RunningShop,
) -> None:
    with Screen.of(shop, shop.clara) as clara:
        clara.refused("escribiendo", "sin_permiso", sala="equipo")
