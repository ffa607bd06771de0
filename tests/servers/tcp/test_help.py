"""The help: the commands that one may use, and what buying takes."""

import pytest
from tests.conftest import OpenShop
from tests.harness.lines import Person, new_alias
from tests.servers.tcp.conftest import typing

from trastienda.domain.self_service import Buyers
from trastienda.wire.lines import sentences


@pytest.mark.parametrize(
    ("setting", "buyers"),
    [
        ("verificados", Buyers.CONFIRMED),
        ("todos", Buyers.ALL),
        ("personal", Buyers.STAFF),
    ],
)
def test_the_help_says_what_buying_takes_before_one_has_logged_in(
    open_shop: OpenShop, setting: str, buyers: Buyers
) -> None:
    server = open_shop(line_buyers=setting).server
    needs = sentences.BUYING_TAKES[buyers]
    with Person(server.inventory) as one, Person(server.chat, new_alias()) as guest:
        one.line()
        for mark, lines in (("", one.asks("ayuda")), ("/", guest.asks("/ayuda"))):
            for word in ("comprar", "devolver"):
                (line,) = [line for line in lines if line.startswith(f"{mark}{word} ")]
                assert line.endswith(f" ({needs})")


def test_the_help_hides_buying_from_customers_where_it_is_for_staff(
    open_shop: OpenShop,
) -> None:
    server = open_shop(line_buyers="personal").server
    with typing(server, "clara") as clara, typing(server, "beto") as beto:
        *commands, last_line = clara.asks("ayuda")
        words = {line.partition(" ")[0] for line in commands}
        assert {"ver", "entrar"} <= {word.rstrip(":") for word in words}
        assert words.isdisjoint({"comprar", "devolver"})
        assert last_line == sentences.NO_BUYING[Buyers.STAFF]
        assert {"comprar", "devolver"} <= {
            line.partition(" ")[0] for line in beto.asks("ayuda")
        }
