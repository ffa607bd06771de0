"""JSON bodies: what is no JSON, what has another shape and where, and which two ask the same."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trastienda.domain.errors import Invalid
from trastienda.wire import bodies, products, sales
from trastienda.wire.bodies import UnreadableError, fingerprint
from trastienda.wire.refusals import refusal_out

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(body: bytes) -> None:
    for work in (bodies.read, sales.decode_order):
        with contextlib.suppress(UnreadableError, Invalid):
            work(body)


@given(ANYTHING)
def test_any_value_is_decoded_or_refused_in_words(value: Any) -> None:
    decoders: tuple[Callable[[bytes], object], ...] = (
        sales.decode_order,
        products.decode_draft,
        products.decode_change,
    )
    body = json.dumps({"detalle": value, "nombre": value, "precio": value}).encode()
    for decode in decoders:
        try:
            decode(body)
        except Invalid as refusal:
            told = refusal_out(refusal)
            (reason,) = told.data["campos"].values()
            assert reason
            assert told.status == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b"nul",
        b'"\xff"',
        b'"\\ud800"',
        b"NaN",
        b"[" * 100_000,
        b"1" * 6000,
    ],
)
def test_bytes_that_are_no_json_are_unreadable(body: bytes) -> None:
    for work in (bodies.read, sales.decode_order):
        with pytest.raises(UnreadableError):
            work(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83d"', b"\xef\xbf\xbf"),
        (b'{"a":["x\\udc00","\\ud83d\\ude00"]}', {"a": [b"x\xef\xbf\xbf", "😀"]}),
        (b'["\\\\ud83d",1.0]', ["\\ud83d", 1]),
    ],
)
def test_of_a_connection_half_a_character_makes_one_text_none(
    body: bytes, value: Any
) -> None:
    assert bodies.read_event(body) == value


def test_broken_json_with_half_a_character_is_unreadable() -> None:
    for body in (b'{"a":"\\ud83d"', b'["\\ud83d",NaN]', b'["\\ud83d"' + b"[" * 10_000):
        with pytest.raises(UnreadableError):
            bodies.read_event(body)


def test_broken_json_behind_a_wrong_shape_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        sales.decode_order(b'{"x":1,')


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({}, "detalle", "required"),
        ({"detalle": [{}]}, "detalle[0].codigo_barras", "required"),
        ({"detalle": [], "price": 1}, "price", "unknown"),
        (
            {"detalle": [{"codigo_barras": "x", "quantity": 1}]},
            "detalle[0].quantity",
            "unknown",
        ),
        (
            {"detalle": [], "pagos": [{"medio": "oro", "monto": 1}]},
            "pagos[0].medio",
            "not_an_option",
        ),
        ({"detalle": [], "total_esperado": 1.5}, "total_esperado", "wrong_type"),
        ({"detalle": 5}, "detalle", "wrong_type"),
        ([], "cuerpo", "wrong_type"),
    ],
)
def test_a_refusal_names_the_field_as_it_was_sent(
    body: Any, field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        sales.decode_order(json.dumps(body).encode())
    assert refusal.value.reason == reason
    assert list(refusal_out(refusal.value).data["campos"]) == [field]


@given(ANYTHING, st.booleans())
def test_spellings_of_one_value_share_their_fingerprint(
    value: Any, escaped: bool
) -> None:
    def spell(one: Any) -> bytes:
        return json.dumps(
            one, ensure_ascii=escaped, indent=2 if escaped else None
        ).encode("utf-8", "surrogatepass")

    def turned(one: Any) -> Any:
        if isinstance(one, dict):
            return {name: turned(inner) for name, inner in reversed(one.items())}
        return [turned(inner) for inner in one] if isinstance(one, list) else one

    try:
        first = fingerprint("/x", spell(value))
    except UnreadableError:
        return
    assert first == fingerprint("/x", spell(turned(value)))
    assert first != fingerprint("/y", spell(value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"1", b"1.0"),
        (b"1", b"10e-1"),
        (b"0", b"-0.0"),
        (b"100", b"1e2"),
        (b'"a"', b'"\\u0061"'),
        (b"1.50", b"1.5"),
    ],
)
def test_spellings_of_a_number_or_text_share_their_fingerprint(
    one: bytes, other: bytes
) -> None:
    assert fingerprint("", one) == fingerprint("", other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"1", b"2"),
        (b"1", b'"1"'),
        (b"[1,2]", b"[2,1]"),
        (b"{}", b'{"a":null}'),
        (b"0.1", b"0.10001"),
        (b"1", b"true"),
        (b'{"a":1}', b'{"A":1}'),
        (b'"\xc3\xa9"', b'"e\xcc\x81"'),
        (b"9007199254740993", b"9007199254740992"),
    ],
)
def test_different_values_have_different_fingerprints(one: bytes, other: bytes) -> None:
    assert fingerprint("", one) != fingerprint("", other)
