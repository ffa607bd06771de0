"""Which hashes are computed again, and which would take too much."""

import pytest
from argon2 import PasswordHasher, Type

from trastienda.domain.password_hashes import is_bounded

SALT_AND_HASH = "c29tZXNhbHRzb21lc2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"


def test_our_own_hashes_are_within_the_bounds() -> None:
    assert is_bounded(PasswordHasher().hash("clave-de-ana"))


def test_a_hash_of_the_same_kind_that_takes_less_is_too() -> None:
    assert is_bounded(PasswordHasher(1, 8, 1).hash("clave-de-ana"))


@pytest.mark.parametrize(
    ("parameters", "bounded"),
    [
        ("m=262144,t=12,p=16", True),
        ("m=262145,t=3,p=4", False),
        ("m=4194304,t=3,p=4", False),
        ("m=65536,t=13,p=4", False),
        ("m=65536,t=3,p=17", False),
        ("m=65536,t=3", False),
    ],
)
def test_four_times_as_much_is_the_most(parameters: str, bounded: bool) -> None:
    assert is_bounded(f"$argon2id$v=19${parameters}${SALT_AND_HASH}") is bounded


@pytest.mark.parametrize("kind", [Type.I, Type.D])
def test_only_argon2id_is_computed(kind: Type) -> None:
    assert not is_bounded(PasswordHasher(1, 8, 1, type=kind).hash("clave-de-ana"))


@pytest.mark.parametrize("text", ["", "clave-de-ana", "$argon2id$", "$2b$12$abc"])
def test_what_is_no_hash_is_out_of_bounds(text: str) -> None:
    assert not is_bounded(text)
