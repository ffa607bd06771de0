"""The window's shelves and its keeping of order, driven by keys and pointer."""

from tests.clients.window.conftest import OpenDesk
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import Person, Program, new_alias
from tests.harness.proxy import Proxy
from tests.harness.shop import RunningShop
from tests.harness.windows import NEEDS_SCREEN, Desk

pytestmark = NEEDS_SCREEN
CHOSEN = "window.pages.shelf.table.chosen"


def look_for(one: Desk, words: str, code: str) -> None:
    """Turn to the shelves, search, and wait until the product is chosen."""
    one.press("ctrl+2")
    one.until("str(window.focus_get()).startswith(str(window.pages.shelf))")
    one.press("ctrl+f")
    one.type(words)
    one.until(f"{CHOSEN} == {code!r}")
    one.until("len(window.pages.shelf.table.rows) == 1")


def test_products_are_found_bought_and_given_back(
    talk: RunningShop, desk: OpenDesk
) -> None:
    name = new_alias("palta")
    code = talk.code(nombre=name, stock=8, precio=1190)
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    look_for(one, name, code)
    assert one.see("window.pages.shelf.table.rows") == [[code, name, "$1.190", "8"]]
    one.press("Down", "Return", "Up")
    one.until("window.pages.shelf.card.quantity == '2'")
    one.press("Return")
    one.until("'Compra' in window.pages.shelf.card.answer")
    assert "$2.380" in one.see("window.pages.shelf.card.answer")
    one.until("window.pages.shelf.table.rows[0][3] == '6'")
    assert talk.stock(code) == 6

    one.press("ctrl+a")
    one.enter("7")
    one.until("'Quedan 6' in window.pages.shelf.card.answer")
    assert one.see("window.pages.shelf.card.quantity") == "7"
    assert talk.stock(code) == 6

    one.press("ctrl+a")
    one.type("2")
    one.click("window.pages.shelf.card.give_back")
    one.until("'Devolución' in window.pages.shelf.card.answer")
    one.until("window.pages.shelf.table.rows[0][3] == '8'")
    assert talk.stock(code) == 8


def test_the_shelves_follow_what_others_do(talk: RunningShop, desk: OpenDesk) -> None:
    name = new_alias("queso")
    code = talk.code(nombre=name, stock=8)
    one = desk(talk.server.chat)
    one.come_in(new_alias("ana"))
    look_for(one, name, code)
    with Program(talk.server.chat) as beto:
        beto.ok("entrar", usuario="beto", clave=PASSWORD)
        beto.ok("comprar", codigo_barras=code, cantidad=3)
    one.until("window.pages.shelf.table.rows[0][3] == '5'")
    talk.ana.ok(
        "PUT", f"/product/barcode/{code}", {"precio": 2500, "nombre": f"{name} x"}
    )
    one.until("window.pages.shelf.table.rows[0][2] == '$2.500'")
    talk.ana.ok("DELETE", f"/product/barcode/{code}")
    one.until("window.pages.shelf.table.rows == []")


def test_a_guest_looks_and_is_told_how_to_buy(
    talk: RunningShop, desk: OpenDesk
) -> None:
    name = new_alias("miel")
    code = talk.code(nombre=name, stock=8)
    one = desk(talk.server.chat)
    one.come_in(new_alias("ana"))
    look_for(one, name, code)
    one.until("'Entra con tu cuenta' in window.pages.shelf.card.answer")
    assert not one.see("window.pages.shelf.card.buy.winfo_ismapped()")


def test_nothing_found_says_so(talk: RunningShop, desk: OpenDesk) -> None:
    one = desk(talk.server.chat)
    one.come_in(new_alias("ana"))
    one.press("ctrl+2")
    one.until("str(window.focus_get()).startswith(str(window.pages.shelf))")
    one.type("no hay nada asi")
    one.until("'Nada calza' in window.pages.shelf.hint")


def test_an_administrator_sees_who_is_there_and_keeps_order(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one, alias = desk(talk.server.chat), new_alias("lucho")
    one.log_in("ana", PASSWORD)
    with Person(talk.server.chat, alias) as person:
        one.press("ctrl+3")
        one.until(
            f"{(alias, '#general', '127.0.0.1')!r} in window.pages.order.connections"
        )
        one.see(f"window.pages.order.choose({alias!r})")
        one.click("window.pages.order.mute")
        person.until(lambda line: line.endswith("(silenciado)"))
        one.until(f"{alias!r} in [row[0] for row in window.pages.order.sanctions]")
        one.see(f"window.pages.order.choose_sanction({alias!r})")
        one.click("window.pages.order.pardon")
        person.until("Ya puedes hablar.")
        one.until(f"{alias!r} not in [row[0] for row in window.pages.order.sanctions]")
        one.see(f"window.pages.order.choose({alias!r})")
        one.click("window.pages.order.kick")
        person.until(lambda line: line.endswith("(expulsado)"))
    one.until(f"{alias!r} not in [row[0] for row in window.pages.order.connections]")


def test_whoever_keeps_no_order_has_no_page_for_it(
    talk: RunningShop, desk: OpenDesk
) -> None:
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    one.press("ctrl+3")
    one.press("ctrl+2")
    one.until("window.pages.shelf.winfo_ismapped()")
    assert not one.see("window.pages.order.winfo_ismapped()")


def test_large_and_dark_nothing_is_cut(talk: RunningShop, desk: OpenDesk) -> None:
    one = desk(talk.server.chat)
    one.log_in("ana", PASSWORD)
    one.see("program.theme.change(is_dark=True, zoom=1.5)")
    for page in ("chat", "shelf", "order"):
        one.see(f"window.open_page({page!r})")
        one.until(f"window.pages.{page}.winfo_ismapped()")
        assert one.see("cut(window)") == []


def test_a_quantity_that_is_typed_takes_the_place_of_what_was_there(
    talk: RunningShop, desk: OpenDesk
) -> None:
    name = new_alias("arroz")
    code = talk.code(nombre=name, stock=50)
    one = desk(talk.server.chat)
    one.log_in("beto", PASSWORD)
    look_for(one, name, code)
    one.press("Down", "Return")
    one.until("window.focus_get() is window.pages.shelf.card.entry")
    one.type("3")
    one.press("Return")
    one.until("'Compra' in window.pages.shelf.card.answer")
    assert talk.stock(code) == 47
    one.press("ctrl+a")
    one.type("tres")
    one.press("Return")
    one.until("'Escribe una cantidad' in window.pages.shelf.card.answer")
    assert talk.stock(code) == 47


def test_nothing_is_bought_without_a_line_nor_later(
    talk: RunningShop, desk: OpenDesk
) -> None:
    name = new_alias("queso")
    code = talk.code(nombre=name, stock=50)
    with Proxy(lambda: talk.server.chat, 1) as line:
        line.calm = True
        one = desk(line.address)
        one.log_in("beto", PASSWORD)
        look_for(one, name, code)
        line.cut()
        one.until("window.strip.winfo_ismapped()")
        one.click("window.pages.shelf.card.buy")
        one.until("'No se compró' in window.pages.shelf.card.answer")
        line.is_down = False
        one.until("not window.strip.winfo_ismapped()")
        one.click("window.pages.shelf.card.buy")
        one.until("'Compra' in window.pages.shelf.card.answer")
    assert talk.stock(code) == 49


def test_long_shelves_are_read_to_the_end_and_sorted_whole(
    open_shop: OpenShop, desk: OpenDesk
) -> None:
    shop = open_shop(chat_rate=0)
    for number in range(450):
        shop.code(nombre=f"Producto {number:03}", precio=1000 + number, stock=1)
    one = desk(shop.server.chat)
    one.log_in("beto", PASSWORD)
    one.press("ctrl+2")
    one.until("len(window.pages.shelf.table.rows) >= 200")
    shop.code(nombre="Recién llegado", precio=1, stock=1)
    one.until("window.pages.shelf.table.rows[0][1] == 'Recién llegado'")
    one.see("window.pages.shelf.table.sort('price')")
    one.until("len(window.pages.shelf.table.rows) == 451")
    prices = [row[2] for row in one.see("window.pages.shelf.table.rows")]
    assert prices[:3] == ["$1", "$1.000", "$1.001"]
    assert prices[-1] == "$1.449"
