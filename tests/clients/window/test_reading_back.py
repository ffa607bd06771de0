"""What was said long ago, in the window: found, and shown where it stands."""

from tests.clients.window.conftest import OpenDesk
from tests.conftest import OpenShop
from tests.harness.cast import PASSWORD
from tests.harness.lines import Program
from tests.harness.shop import RunningShop
from tests.harness.windows import NEEDS_SCREEN

pytestmark = NEEDS_SCREEN


def say(shop: RunningShop, texts: list[str]) -> None:
    """Have Ana say all this among the staff."""
    with Program(shop.server.chat) as ana:
        ana.ok("entrar", usuario="ana", clave=PASSWORD)
        for text in texts:
            ana.ok("mensaje", sala="equipo", texto=text)


def test_scrolling_up_reads_back_to_the_first_word(
    open_shop: OpenShop, desk: OpenDesk
) -> None:
    shop = open_shop(chat_rate=0)
    say(shop, [f"mensaje número {number}." for number in range(450)])
    one = desk(shop.server.chat)
    one.log_in("beto", PASSWORD)
    one.until_said("mensaje número 449.")
    one.press("F6", "F6")
    for seq in (350, 250, 150, 50, 1):
        one.press("Home")
        one.until(f"chat.model.talks.current.first_seq <= {seq + 81}")
    one.press("Home")
    one.until_said("mensaje número 0.")
    numbers = [line for line in one.talk().splitlines() if line.startswith("mensaje n")]
    assert numbers == [f"mensaje número {number}." for number in range(450)]


def test_what_is_found_is_shown_where_it_was_said(
    open_shop: OpenShop, desk: OpenDesk
) -> None:
    shop = open_shop(chat_rate=0)
    texts = [f"mensaje {number}." for number in range(300)]
    texts[40] = "la llave de la bodega"
    say(shop, texts)
    one = desk(shop.server.chat)
    one.log_in("beto", PASSWORD)
    one.until_said("mensaje 299.")
    one.press("ctrl+f")
    one.enter("llave bodega")
    one.until("chat.search.texts")
    one.press("Down", "Return")
    one.until_said("la llave de la bodega")
    one.until(
        "'la llave de la bodega' in chat.view.text.get('chosen.first', 'chosen.last')"
        " if chat.view.text.tag_ranges('chosen') else False"
    )
    assert one.see("bool(chat.view.text.bbox('chosen.first'))")
