"""``linea``: a program hands on what a person typed, and gets the words that people get."""

import pytest
from tests.harness.lines import Program
from tests.harness.shop import RunningShop


def test_a_typed_command_is_answered_in_words_on_both_ports(shop: RunningShop) -> None:
    code = shop.code(nombre="Leche de palabras", precio=1190, stock=12)
    words = f"{code}  Leche de palabras  $1.190  quedan 12"
    with (
        Program(shop.server.inventory, prompt=False) as inventory,
        Program(shop.server.chat) as chat,
    ):
        assert inventory.ok("linea", texto=f"ver {code}")["texto"] == words
        assert chat.ok("linea", texto=f"/ver {code}")["texto"] == words
        assert chat.ok("linea", texto="/AYUDA")["texto"].startswith("/")
        assert inventory.refused("linea", texto="bailar") == "no_encontrado"
        assert inventory.refused("linea", texto="") == "no_encontrado"
        assert inventory.refused("linea", texto="ping") == "no_encontrado"
        assert inventory.refused("linea", texto=f"comprar {code}") == "no_autenticado"


def test_what_is_typed_under_a_key_is_bought_once_and_told_again(
    shop: RunningShop,
) -> None:
    code = shop.code(nombre="Pan de palabras", precio=500, stock=10)
    with Program(shop.server.inventory, prompt=False) as inventory:
        inventory.log_in("beto")
        buying = {"texto": f"comprar {code} 2", "idempotencia": f"compra-{code}"}
        first = inventory.ok("linea", **buying)["texto"]
        assert first.startswith("Compra ")
        assert "2 x Pan de palabras  $1.000" in first
        assert inventory.ok("linea", **buying)["texto"] == first
        assert shop.stock(code) == 8
        other = buying | {"texto": f"comprar {code} 3"}
        assert inventory.refused("linea", **other) == "clave_reutilizada"

        back = {"texto": f"devolver {code} 2", "idempotencia": f"vuelta-{code}"}
        returned = inventory.ok("linea", **back)["texto"]
        assert returned.startswith("Devolución ")
        assert inventory.ok("linea", **back)["texto"] == returned
        assert shop.stock(code) == 10


@pytest.mark.parametrize("port", ["inventory", "chat"])
def test_a_program_may_know_what_shop_it_is(shop: RunningShop, port: str) -> None:
    with Program(getattr(shop.server, port), prompt=port == "chat") as program:
        answer = program.ok("tienda")
    page = shop.ana.ok("GET", "/tienda")
    public = ("nombre", "pais", "moneda", "zona_horaria")
    expected = {name: page[name] for name in public}
    assert answer == {"id": answer["id"], "ok": True} | expected


def test_goodbye_is_one_too(shop: RunningShop) -> None:
    with Program(shop.server.inventory, prompt=False) as program:
        assert program.ok("linea", texto="salir")["texto"] == "Hasta luego."
        assert program.socket.recv(1) == b""
