"""Every command of the line ports by everybody who may come there, and what each of them hears.

The tables are written by hand, and no command may be missing from them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from tests.harness.cast import CLARA_RUT, PASSWORD, new_code, new_rut
from tests.harness.lines import Program, new_alias
from tests.harness.shop import RunningShop

from trastienda.servers.sessions.commands import COMMANDS
from trastienda.servers.sessions.session import Mode

WHO = ("nadie", "visita", "sin verificar", "Cliente", "Cajero", "Administrador")
"""Nobody yet, a guest, and those with an account; the third registered alone."""
OK = "ok"
ANYBODY = (OK,) * 6
MEMBER = ("no_autenticado", *(OK,) * 5)
USER = ("no_autenticado", "no_autenticado", *(OK,) * 4)
BUYER = ("no_autenticado", "no_autenticado", "sin_permiso", *(OK,) * 3)
ADMINISTRATOR = ("no_autenticado", "no_autenticado", *("sin_permiso",) * 3, OK)
OWN = ("no_autenticado", *("no_encontrado",) * 5)
"""There is no such message, of nobody's."""

TABLE: dict[str, tuple[Callable[["Scene"], dict[str, Any]], tuple[str, ...]]] = {
    "ver": (lambda scene: {}, ANYBODY),
    "comprar": (lambda scene: {"codigo_barras": scene.code}, BUYER),
    "devolver": (lambda scene: {"codigo_barras": scene.code}, BUYER),
    "entrar": (lambda scene: {"usuario": "clara", "clave": PASSWORD}, ANYBODY),
    "nombre": (lambda scene: {"alias": new_alias()}, ANYBODY),
    "usuarios": (lambda scene: {}, MEMBER),
    "mensaje": (lambda scene: {"texto": "hola"}, MEMBER),
    "privado": (lambda scene: {"para": scene.listener, "texto": "hola"}, MEMBER),
    "sala": (
        lambda scene: {"sala": "bodega"},
        ("no_autenticado", "no_autenticado", *("sin_permiso",) * 2, OK, OK),
    ),
    "salas": (lambda scene: {}, MEMBER),
    "archivar": (lambda scene: {"sala": "bodega"}, ADMINISTRATOR),
    "desarchivar": (lambda scene: {"sala": "bodega"}, ADMINISTRATOR),
    "historial": (lambda scene: {}, MEMBER),
    "buscar": (lambda scene: {"q": "hola"}, MEMBER),
    "editar": (lambda scene: {"seq": 10**6, "texto": "adiós"}, OWN),
    "borrar": (lambda scene: {"seq": 10**6}, OWN),
    "leido": (lambda scene: {"seq": 1}, USER),
    "stock": (lambda scene: {"codigo_barras": scene.code}, ANYBODY),
    "producto": (lambda scene: {"codigo_barras": scene.code}, ANYBODY),
    "expulsar": (lambda scene: {"alias": scene.passer_by()}, ADMINISTRATOR),
    "silenciar": (lambda scene: {"alias": scene.passer_by()}, ADMINISTRATOR),
    "bloquear": (lambda scene: {"alias": scene.customer()}, ADMINISTRATOR),
    "desbloquear": (lambda scene: {"alias": scene.shut_out()}, ADMINISTRATOR),
    "sanciones": (lambda scene: {}, ADMINISTRATOR),
    "reanudar": (lambda scene: {"desde": 0}, USER),
    "linea": (lambda scene: {"texto": f"/stock {scene.code}"}, ANYBODY),
    "tienda": (lambda scene: {}, ANYBODY),
    "ping": (lambda scene: {}, ANYBODY),
    "ayuda": (lambda scene: {}, ANYBODY),
    "salir": (lambda scene: {}, ANYBODY),
}
"""What each command is asked with, and what each of WHO gets: that it is done, or a code."""


class Scene:
    """A running shop, and people at its line ports."""

    def __init__(self, shop: RunningShop, open_lines: ExitStack) -> None:
        self.shop = shop
        self.open_lines = open_lines
        self.code: str = shop.code(stock=10_000)
        self.stranger = self._stranger()
        self.listener: str = new_alias()
        self._guest(self.listener)
        for who in ("clara", "beto", "ana"):
            with Program(shop.server.inventory, prompt=False) as program:
                program.log_in(who).ok("comprar", codigo_barras=self.code, cantidad=5)

    def _stranger(self) -> str:
        rut = new_rut()
        body = {"rut": rut, "nombre": "Clara", "usuario": rut, "clave": PASSWORD}
        self.shop.nobody.ok("POST", "/register", body)
        return rut

    def _guest(self, alias: str) -> Program:
        guest = self.open_lines.enter_context(Program(self.shop.server.chat))
        guest.ok("nombre", alias=alias)
        return guest

    def passer_by(self) -> str:
        """The alias of a guest who has just come."""
        alias = new_alias()
        self._guest(alias)
        return alias

    def customer(self) -> str:
        """The user name of somebody whom nobody misses."""
        user, _ = self.shop.somebody()
        return str(user["usuario"])

    def shut_out(self) -> str:
        """The user name of somebody who is shut out."""
        username = self.customer()
        with Program(self.shop.server.chat) as ana:
            ana.log_in("ana").ok("bloquear", alias=username)
        return username

    @contextmanager
    def come(self, who: str, mode: Mode) -> Iterator[Program]:
        """A program at a port, as one of WHO."""
        server = self.shop.server
        is_chat = mode is Mode.CHAT
        port = server.chat if is_chat else server.inventory
        usernames = {
            "sin verificar": self.stranger,
            "Cliente": "clara",
            "Cajero": "beto",
            "Administrador": "ana",
        }
        with Program(port, prompt=is_chat) as program:
            if who in usernames:
                program.log_in(usernames[who])
            elif who == "visita":
                program.ok("nombre", alias=new_alias())
            else:
                program.ok("ping")
            program.events.clear()
            yield program


@pytest.fixture(scope="module")
def scene(shop: RunningShop) -> Iterator[Scene]:
    with ExitStack() as open_lines:
        yield Scene(shop, open_lines)


def comers(mode: Mode) -> list[str]:
    """Who may come to a port: there are no guests at the inventory."""
    return [who for who in WHO if mode is Mode.CHAT or who != "visita"]


def test_no_command_is_missing_from_the_table() -> None:
    assert list(TABLE) == [command.word for command in COMMANDS]


@pytest.mark.parametrize("mode", [Mode.CHAT, Mode.INVENTORY])
def test_every_command_is_done_or_refused_as_declared(scene: Scene, mode: Mode) -> None:
    strays = []
    for command in COMMANDS:
        arguments, answers = TABLE[command.word]
        for who in comers(mode):
            expected = answers[WHO.index(who)]
            if mode not in command.modes:
                expected = "no_encontrado"
            with scene.come(who, mode) as program:
                answer = program.ask(command.word, **arguments(scene))
            got = OK if answer["ok"] else answer["codigo"]
            if got != expected:
                strays.append((command.word, who, got, expected))
    assert strays == []


ALL, STAFF = set(WHO), {"Cajero", "Administrador"}
ACCOUNTS = ALL - {"nadie", "visita"}
HEARD: dict[str, tuple[Callable[[Scene], Any], dict[str, set[str]]]] = {
    "a new product": (
        lambda scene: scene.shop.product(codigo_barras=new_code()),
        {"producto": ALL, "stock": ALL},
    ),
    "a sale, paid": (
        lambda scene: scene.shop.sell((scene.code, 1), by=scene.shop.ana),
        {"stock": ALL, "venta": {"Administrador"}},
    ),
    "a sale, owed": (
        lambda scene: scene.shop.sell(
            (scene.code, 1),
            by=scene.shop.ana,
            cliente=new_rut(),
            pagos=[{"medio": "pendiente", "monto": 1000}],
        ),
        {"stock": ALL, "venta": STAFF},
    ),
    "a sale to Clara": (
        lambda scene: scene.shop.sell(
            (scene.code, 1), by=scene.shop.ana, cliente=CLARA_RUT
        ),
        {"stock": ALL, "venta": {"Cliente", "Administrador"}},
    ),
    "a sale to the RUT of a stranger": (
        lambda scene: scene.shop.sell(
            (scene.code, 1), by=scene.shop.ana, cliente=scene.stranger
        ),
        {"stock": ALL, "venta": {"Administrador"}},
    ),
    "a purchase": (
        lambda scene: scene.shop.ana.ok(
            "POST",
            "/compras-detalle",
            {
                "proveedor": "P",
                "detalle": [{"codigo_barras": scene.code, "cantidad": 1, "costo": 1}],
            },
        ),
        {"stock": ALL, "producto": ALL, "compra": {"Administrador"}},
    ),
    "somebody who registers": (
        lambda scene: scene.customer(),
        {"usuario": {"Administrador"}},
    ),
}
"""What happens, and who hears which announcements of it."""


@pytest.mark.parametrize("mode", [Mode.CHAT, Mode.INVENTORY])
def test_each_hears_what_they_may_read_and_nothing_else(
    scene: Scene, mode: Mode
) -> None:
    with ExitStack() as stack:
        listeners = {
            who: stack.enter_context(scene.come(who, mode)) for who in comers(mode)
        }
        for program in listeners.values():
            program.told()
        strays = []
        for what, (happen, heard) in HEARD.items():
            happen(scene)
            for who, program in listeners.items():
                told = {event["evento"] for event in program.told()} - {"presencia"}
                expected = {name for name, ears in heard.items() if who in ears}
                if told != expected:
                    strays.append((what, who, told, expected))
        assert strays == []
