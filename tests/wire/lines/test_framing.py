"""Bytes into lines: their endings, their limit, and what is left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trastienda.wire.lines.framing import MAX_LINE_BYTES, Fault, Foreign, Framing, Line

untimed = settings(deadline=None)

MARK = b"\xef\xbb\xbf"
TWO_BYTE_COMMANDS = range(0xF1, 0xFA)
OPTION_COMMANDS = range(0xFB, 0xFF)


def heard(*pieces: bytes) -> list[Line]:
    """All lines of a connection that sends these pieces and then nothing more."""
    framing = Framing()
    return [line for piece in pieces for line in framing.feed(piece)] + framing.end()


def without_telnet(line: bytes) -> bytes:
    kept = bytearray()
    place = 0
    while place < len(line):
        command = (
            line[place + 1] if line[place] == 0xFF and place + 1 < len(line) else 0
        )
        if command in OPTION_COMMANDS and place + 2 < len(line):
            place += 3
        elif command in TWO_BYTE_COMMANDS:
            place += 2
        else:
            kept.append(line[place])
            place += 1
    return bytes(kept)


def told_plainly(data: bytes) -> list[Line]:
    """The same from all the bytes at once, written as plainly as can be."""
    lines: list[Line] = []
    for raw in (
        data.removeprefix(MARK).removesuffix(b"\n").split(b"\n")
        if data.removeprefix(MARK)
        else []
    ):
        line = raw.removesuffix(b"\r")
        if len(line) > MAX_LINE_BYTES:
            lines.append(Fault.TOO_LONG)
            continue
        try:
            lines.append(without_telnet(line).decode())
        except UnicodeDecodeError:
            lines.append(Fault.NOT_UTF8)
    return lines


LONG = st.builds(
    lambda letter, size: letter * size,
    st.sampled_from([b"a", b"\r", b"\xff"]),
    st.integers(MAX_LINE_BYTES - 3, MAX_LINE_BYTES + 3),
)
BITS = st.one_of(
    st.binary(max_size=20),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [
            b"\n",
            b"\r\n",
            b"\r",
            MARK,
            MARK[:2],
            b"\xff\xfb\x01",
            b"\xff\xf4",
            b"\xff\xff",
            b"\xff",
        ]
    ),
    LONG,
)
STREAMS = st.lists(BITS, max_size=12).map(b"".join)


@untimed
@given(STREAMS, st.data())
def test_lines_do_not_depend_on_the_pieces(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [
        stream[start:stop]
        for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)
    ]
    assert heard(*pieces) == heard(stream)


@untimed
@given(st.lists(BITS.filter(lambda bit: len(bit) < 100), max_size=8).map(b"".join))
def test_lines_are_the_same_byte_by_byte(stream: bytes) -> None:
    assert heard(*(stream[place : place + 1] for place in range(len(stream)))) == heard(
        stream
    )


@untimed
@given(STREAMS)
def test_lines_equal_those_of_a_plain_split(stream: bytes) -> None:
    assert heard(stream) == told_plainly(stream)


def test_a_line_ends_in_lf_or_crlf() -> None:
    assert heard(b"uno\ndos\r\n\ntr\res\r\r\n") == ["uno", "dos", "", "tr\res\r"]


def test_a_line_is_returned_as_soon_as_it_ends() -> None:
    framing = Framing()
    assert framing.feed(b"ho") == []
    assert framing.feed(b"la\nque") == ["hola"]
    assert framing.feed(b"\n") == ["que"]


def test_a_last_line_without_newline_counts() -> None:
    assert heard(b"hola") == ["hola"]
    assert heard("adiós\r".encode()) == ["adiós"]
    assert heard(b"hola\n") == ["hola"]
    assert heard() == heard(b"") == heard(MARK) == []


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"", b"\r"])
def test_a_line_may_have_the_limit_of_bytes_beside_its_ending(
    ending: bytes,
) -> None:
    line = "ñ" * (MAX_LINE_BYTES // 2)
    assert heard(line.encode() + ending) == [line]
    assert heard(line.encode(), ending) == [line]
    assert heard(line.encode() + b"!" + ending) == [Fault.TOO_LONG]


def test_a_line_that_is_too_long_is_one_fault_and_skipped() -> None:
    framing = Framing()
    assert framing.feed(b"x" * MAX_LINE_BYTES) == []
    assert framing.feed(b"x") == [Fault.TOO_LONG]
    assert framing.feed(b"x" * MAX_LINE_BYTES * 3) == []
    assert framing.feed(b"x\nhola\n") == ["hola"]
    assert framing.feed(b"y" * MAX_LINE_BYTES * 3) == [Fault.TOO_LONG]
    assert framing.end() == []


def test_a_cr_without_lf_counts_as_a_byte() -> None:
    framing = Framing()
    assert framing.feed(b"x" * MAX_LINE_BYTES + b"\r") == []
    assert framing.feed(b"x") == [Fault.TOO_LONG]


@pytest.mark.parametrize("size", [1, 1000, MAX_LINE_BYTES, 1_000_000])
def test_at_most_one_line_is_stored(size: int) -> None:
    framing = Framing()
    for _ in range(100):
        framing.feed(b"x" * size)
        assert len(framing._unfinished) <= MAX_LINE_BYTES + 1


def test_bad_utf8_spoils_only_its_own_line() -> None:
    assert heard(b"uno\nman\xf1ana\n\xed\xa0\x80\n\xc3", b"\xb1\n\xc3\n") == [
        "uno",
        Fault.NOT_UTF8,
        Fault.NOT_UTF8,
        "ñ",
        Fault.NOT_UTF8,
    ]


def test_a_byte_order_mark_is_removed_only_at_the_start() -> None:
    assert heard(MARK + b"uno\n" + MARK + b"dos\n") == ["uno", "\ufeffdos"]
    assert heard(MARK[:1], MARK[1:2], MARK[2:], b"uno\n") == ["uno"]
    assert heard(MARK[:2]) == [Fault.NOT_UTF8]
    assert heard(MARK + b"x" * MAX_LINE_BYTES + b"\r\n") == ["x" * MAX_LINE_BYTES]


def test_telnet_commands_are_removed() -> None:
    putty = b"\xff\xfb\x1f\xff\xfb\x20\xff\xfb\x18\xff\xfb\x27\xff\xfd\x01\xff\xfb\x03\xff\xfd\x03"
    interrupted = b"\xff\xf4\xff\xfd\x06"
    assert heard(putty + b"Ana\r\nho" + interrupted + b"la\r\n") == ["Ana", "hola"]
    assert (
        heard(b"ho\xff\xff\xfb\x01la\n", b"\xff\xfb\n", b"\xff\n")
        == [Fault.NOT_UTF8] * 3
    )


BODY = b"\r\nHost: x\r\n\r\nhola\n{}\n"


@pytest.mark.parametrize(
    ("first", "protocol"),
    [
        (b"GET / HTTP/1.1", Foreign.HTTP),
        (b"GET http://x/ HTTP/1.1", Foreign.HTTP),
        (b"patch /\xff HTTP/1.0", Foreign.HTTP),
        (b"M-SEARCH * HTTP/1.1", Foreign.HTTP),
        (b"PRI * HTTP/2.0", Foreign.HTTP),
        (b"POST /" + b"A" * 9000 + b" HTTP/1.1", Foreign.HTTP),
        (b"X-Y http://x/" + b"A" * 9000 + b" HTTP/1.1", Foreign.HTTP),
        (b"\r\n\r\nGET / HTTP/1.1", Foreign.HTTP),
        (b"\x16\x03\x01\x02\x00\x01\nhola\n", Foreign.TLS),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 1000, 20_000])
def test_another_protocol_is_known_by_its_first_bytes_and_says_nothing(
    first: bytes, protocol: Foreign, size: int
) -> None:
    data = first + BODY
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert [line for line in heard(*pieces) if line != ""] == [protocol]


@pytest.mark.parametrize(
    "line", ["ver HTTP", "hola a todos", "{} HTTP/1.1", "/nombre HTTP/1", "HTTP/1.1"]
)
def test_what_people_say_first_is_no_other_protocol(line: str) -> None:
    assert heard(line.encode() + b"\n") == [line]
    assert heard(b"hola\nGET / HTTP/1.1\n") == ["hola", "GET / HTTP/1.1"]


def test_a_first_line_that_is_too_long_is_not_taken_for_a_request() -> None:
    assert heard(b"hola " * 2000 + b"\nhola\n") == [Fault.TOO_LONG, "hola"]


def test_a_pause_ends_the_line_of_who_sends_no_line_breaks() -> None:
    framing = Framing()
    for text in ("pedro", "hola", "ñ"):
        assert framing.feed(text.encode()) == []
        assert framing.ends_by_pause
        assert framing.pause() == [text]
        assert framing.pause() == []
    assert [framing.feed(piece) for piece in (b"ho", b"la")] == [[], []]
    assert framing.pause() == ["hola"]


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (b"p",),
        ("ñ".encode(),),
        (b"pe", b"dro"),
        (b"\xff\xfd\x03pedro",),
        (b'{"id": 1, "accion": ',),
        (b" {",),
        (MARK[:2],),
        (b"\n", b"pedro"),
        (b"hola\npedro",),
        (b"x" * 9000,),
    ],
)
def test_a_pause_in_what_may_be_typed_still_ends_nothing(
    pieces: tuple[bytes, ...],
) -> None:
    framing = Framing()
    for piece in pieces:
        framing.feed(piece)
    assert not framing.ends_by_pause
    assert framing.pause() == []
    framing.feed(b"\n")
    assert not framing.ends_by_pause


@pytest.mark.parametrize(
    "text", ['{"id": 1, "accion": "ping"}', MARK.decode() + "pedro", "si"]
)
def test_a_pause_ends_what_came_whole_at_once(text: str) -> None:
    framing = Framing()
    framing.feed(text.encode())
    assert framing.pause() == [text.removeprefix(MARK.decode())]


def test_after_a_line_break_a_pause_ends_nothing_any_more() -> None:
    framing = Framing()
    framing.feed(b"pedro")
    assert framing.pause() == ["pedro"]
    framing.feed(b"hola")
    assert framing.feed(b"\nadios") == ["hola"]
    assert framing.pause() == []
    assert framing.feed(b"\n") == ["adios"]


def test_a_pause_ends_a_line_that_is_too_long() -> None:
    framing = Framing()
    framing.feed(b"pedro")
    framing.pause()
    assert framing.feed(b"x" * 9000) == [Fault.TOO_LONG]
    assert framing.feed(b"x") == []
    assert framing.ends_by_pause
    assert framing.pause() == []
    framing.feed(b"hola")
    assert framing.pause() == ["hola"]


REQUEST = b"POST /x HTTP/1.1" + BODY


@pytest.mark.parametrize("cut", range(len("POST /"), len("POST /x HTTP/1.1") + 1))
def test_a_request_of_http_that_a_pause_cuts_is_no_line(cut: int) -> None:
    framing = Framing()
    framing.feed(REQUEST[:cut])
    assert framing.pause() == [Foreign.HTTP]
    assert framing.feed(REQUEST[cut:]) == framing.end() == []


@pytest.mark.parametrize("cut", range(2, len("POST ") + 1))
def test_nothing_behind_a_request_of_http_is_a_line_wherever_a_pause_cuts_it(
    cut: int,
) -> None:
    framing = Framing()
    framing.feed(REQUEST[:cut])
    assert framing.pause() == [REQUEST[:cut].decode()]
    assert framing.feed(REQUEST[cut:]) == [Foreign.HTTP]
    assert framing.feed(b"hola\n") == framing.end() == []


def test_who_sends_no_line_breaks_may_say_what_looks_like_an_address() -> None:
    framing = Framing()
    for text in ("pedro", "mira /ayuda", "oye maría: hola"):
        framing.feed(text.encode())
        assert framing.pause() == [text]


@untimed
@given(STREAMS, st.data())
def test_pauses_behind_line_breaks_change_nothing(
    stream: bytes, data: st.DataObject
) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    framing = Framing()
    lines = framing.feed(b"\n")
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        lines += framing.feed(stream[start:stop])
        lines += framing.pause()
    assert lines + framing.end() == heard(b"\n" + stream)
