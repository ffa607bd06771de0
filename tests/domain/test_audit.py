"""The audit trail: what a row's hash covers, and how rows are chained."""

import hashlib
from typing import Any

import pytest

from trastienda.domain.audit import (
    GENESIS,
    canonical,
    chain,
    changed_fields,
    detail_text,
    digest,
)
from trastienda.domain.products import Product

ROW: dict[str, Any] = {
    "row_id": 1,
    "at_ms": 1_700_000_000_000,
    "user_id": 2,
    "action": "sale",
    "origin": "http 10.0.0.7",
    "detail": '{"sale":1,"note":"ñandú"}',
}
CANONICAL = (
    '[1,1700000000000,2,"sale","http 10.0.0.7","{\\"sale\\":1,\\"note\\":\\"ñandú\\"}"]'
)


def canonical_of(**changes: Any) -> bytes:
    return canonical(**(ROW | changes))


def test_a_row_is_hashed_as_a_json_array_without_spaces() -> None:
    assert canonical_of() == CANONICAL.encode()
    assert canonical_of(user_id=None).startswith(b"[1,1700000000000,null,")


def test_a_hash_is_that_of_the_hash_before_and_the_row() -> None:
    first = chain(GENESIS, canonical_of())
    assert first == hashlib.sha256(b"0" * 64 + CANONICAL.encode()).hexdigest()
    second = chain(first, canonical_of(row_id=2))
    expected = hashlib.sha256(first.encode() + canonical_of(row_id=2)).hexdigest()
    assert second == expected


@pytest.mark.parametrize(
    "change",
    [
        {"row_id": 2},
        {"at_ms": 1_700_000_000_001},
        {"user_id": 3},
        {"user_id": None},
        {"action": "return"},
        {"origin": "http 10.0.0.8"},
        {"detail": '{"sale":1,"note":"nandu"}'},
    ],
)
def test_a_change_of_any_column_changes_the_hash(change: dict[str, Any]) -> None:
    assert chain(GENESIS, canonical_of(**change)) != chain(GENESIS, canonical_of())


def test_a_change_of_an_earlier_row_changes_every_later_hash() -> None:
    honest = forged = GENESIS
    for row_id in range(1, 4):
        honest = chain(honest, canonical_of(row_id=row_id))
        user_id = 9 if row_id == 1 else 2
        forged = chain(forged, canonical_of(row_id=row_id, user_id=user_id))
        assert honest != forged


def test_a_detail_is_stored_as_json_without_spaces_in_its_order() -> None:
    detail = {"sale": 1, "total": 1990, "note": "ñandú"}
    assert detail_text(detail) == '{"sale":1,"total":1990,"note":"ñandú"}'


def test_a_fingerprint_is_the_sha_256_of_the_document() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest(b"") == empty
    assert digest(b"a") != digest(b"b")


def test_of_the_fields_named_only_those_that_differ_are_recorded() -> None:
    before = Product(id=1, code="A", name="Cosa", price_minor=1000)
    after = Product(id=1, code="A", name="Cosa", price_minor=900, version=2)
    assert changed_fields(before, after, ["name", "price_minor"]) == {
        "price_minor": 900
    }
    assert changed_fields(before, before, ["name", "price_minor"]) == {}
