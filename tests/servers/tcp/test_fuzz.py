"""Random input over real sockets: the server lives, and no answer is an unexpected failure."""

import random
import unicodedata
from typing import Any

import pytest
from msgspec import structs
from tests.conftest import OpenShop
from tests.harness.lines import Person, Program, code_of, new_alias
from tests.harness.shop import RunningShop

from trastienda.servers.sessions.commands import COMMANDS

SEED = 20_240_607
ROUNDS = 60
ASKED = 400
MAX_LINE = 8192

PIECES = [
    b"\x00",
    b"\xff\xfb\x01",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\x1b[31m",
    b"\x1b]0;titulo\x07",
    b"\x9b2J",
    "\u202e\u2066\u200f".encode(),
    "\u2028\u0085".encode(),
    b"\r\n",
    b"\n",
    b"\r",
    b"{",
    b'{"id":1,"accion":"mensaje","texto":"\\u001b[2Jhola\\u0000"}\n',
    b"/",
    b"/privado ",
    b"/nombre ",
    b"/historial ",
    b"hola ",
    "ñandú ".encode(),
    b"x" * 3000,
    b"x" * (MAX_LINE + 1) + b"\n",
]


@pytest.fixture(scope="module")
def open_house(open_shop: OpenShop) -> RunningShop:
    """A shop where nobody is slowed down."""
    return open_shop(chat_rate=0)


def harmless(line: str) -> bool:
    """Tell whether a line can be shown on anybody's terminal."""
    return not any(
        unicodedata.category(one) in {"Cc", "Cs"}
        or one in "\u202a\u202e\u2066\u2067\u2028"
        for one in line
    )


@pytest.mark.timeout(180)
def test_random_bytes_do_no_harm(open_house: RunningShop) -> None:
    dice = random.Random(SEED)
    server = open_house.server
    with Person(server.chat, "oyente") as listener, Program(server.chat) as other:
        other.ok("nombre", alias="programa")
        for turn in range(ROUNDS):
            port = server.inventory if turn % 3 == 0 else server.chat
            with Person(port) as one:
                data = f"fusil{turn}\n".encode() if dice.random() < 0.7 else b""
                for _ in range(dice.randrange(1, 40)):
                    data += (
                        dice.choice(PIECES)
                        if dice.random() < 0.8
                        else dice.randbytes(dice.randrange(1, 200))
                    )
                    data += b"\n" if dice.random() < 0.4 else b""
                try:
                    while data:
                        size = dice.choice([1, 2, 7, 100, 5000, 100_000])
                        one.raw(data[:size])
                        data = data[size:]
                except OSError:  # closed for its faults
                    pass
            heard = listener.heard()
            assert all(map(harmless, heard)), heard
            assert all(
                harmless(str(value)) for it in other.told() for value in it.values()
            )
    assert server.process.poll() is None
    assert "Traceback" not in server.log


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"x" * (MAX_LINE + 1) + b"\n", "linea_larga"),
        (b"x" * 100_000 + b"\n", "linea_larga"),
        (b"\xc3\x28\n", "linea_ilegible"),
        (b"\xff\n", "linea_ilegible"),
    ],
)
def test_the_third_unreadable_line_closes(
    open_house: RunningShop, bad: bytes, code: str
) -> None:
    alias = new_alias()
    with (
        Person(open_house.server.chat, alias) as one,
        Person(open_house.server.chat, new_alias()) as listener,
    ):
        for _ in range(2):
            one.raw(bad)
            assert one.until(lambda line: line.endswith(f"({code})"))
            assert one.heard() == []
        one.raw(bad)
        assert code_of(one.to_the_end()[-1]) == code
        assert [line for line in listener.heard() if ": " in line] == []


def test_the_longest_line_is_heard_whole(open_house: RunningShop) -> None:
    alias = new_alias()
    with (
        Person(open_house.server.chat, alias) as one,
        Person(open_house.server.chat, new_alias()) as listener,
    ):
        one.raw(b"x" * MAX_LINE + b"\r\n")
        assert listener.until(f"{alias}: ")[-1] == f"{alias}: {'x' * MAX_LINE}"
        one.raw("ñ".encode() * (MAX_LINE // 2) + b"\n")
        assert listener.until(f"{alias}: ")[-1] == f"{alias}: {'ñ' * (MAX_LINE // 2)}"


FIELDS = {
    one.word: structs.fields(one.arguments) for one in COMMANDS if one.word != "salir"
}
WORDS = [*FIELDS, "login", "nick", "users", "msg", "join", "help", "nada"]


def any_value(dice: random.Random, codes: list[str]) -> Any:
    """A value that somebody might send, or that nobody should."""
    return dice.choice(
        [
            dice.choice(codes),
            dice.choice(
                [
                    "general",
                    "#bodega",
                    "alertas",
                    "",
                    " ",
                    "ñ" * 40,
                    "a b",
                    "NULL",
                    "' OR 1=1",
                    "%",
                ]
            ),
            dice.choice(
                [
                    "visita",
                    "beto",
                    "127.0.0.9",
                    "::1",
                    "fe80::1%eth0",
                    "x" * 300,
                    "🙂",
                    "\u202e",
                    '"*"',
                ]
            ),
            dice.choice(
                [
                    0,
                    1,
                    -1,
                    3,
                    7.5,
                    0.001,
                    1e308,
                    -0.0,
                    10**9,
                    2**63,
                    2**64,
                    10**30,
                    -(2**63) - 1,
                ]
            ),
            dice.choice([None, True, [], {}, [1], {"a": 1}]),
            dice.choice(["1", "2", "0,350", "1e5", "٣", "-1", "99999999999999999999"]),
            "".join(
                chr(dice.choice([*range(32, 127), *range(160, 0x250), 0x4E00]))
                for _ in range(dice.randrange(12))
            ),
        ]
    )


def as_json(dice: random.Random, codes: list[str]) -> tuple[str, dict[str, Any]]:
    word = dice.choice(WORDS)
    given = {
        one.name: any_value(dice, codes)
        for one in FIELDS.get(word, ())
        if one.required or dice.random() < 0.5
    }
    if dice.random() < 0.1:
        given[dice.choice(["sobra", "idempotencia", "id_cliente", ""])] = any_value(
            dice, codes
        )
    return word, given


def as_text(dice: random.Random, codes: list[str]) -> str:
    words = [str(any_value(dice, codes)) for _ in range(dice.randrange(4))]
    line = " ".join(["/" + dice.choice(WORDS), *words])
    return line.encode(errors="replace").decode().replace("\n", " ")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(4))
def test_no_arguments_make_a_command_fail_unexpectedly(
    open_house: RunningShop, seed: int
) -> None:
    dice = random.Random(SEED + seed)
    codes = [
        open_house.code(),
        open_house.code(unidad="kg"),
        "nada-asi",
        "Cosa",
        "2000012003506",
    ]
    user = ("", "clara", "beto", "ana")[seed]
    server = open_house.server
    one: Program | None = None
    for turn in range(ASKED):
        if one is None:
            chat = turn % 2 == 0
            one = Program(server.chat if chat else server.inventory, prompt=chat)
            if user:
                one.log_in(user)
            elif chat:
                one.ok("nombre", alias=new_alias())
        try:
            word, given = as_json(dice, codes)
            answer = one.ask(word, **given)
            assert answer.get("codigo") != "no_disponible", (word, given, answer)
            one.send(as_text(dice, codes))
            one.ok("ping")
            assert not any("no_disponible" in line for line in one.words), one.words[
                -9:
            ]
        except (EOFError, ConnectionError):  # sent out, by its own hand
            one.close()
            one = None
    if one is not None:
        one.close()
    assert "Traceback" not in server.log, server.log
