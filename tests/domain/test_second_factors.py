"""Codes of telephones and of paper."""

import base64

import pytest

from trastienda.domain.second_factors import (
    RECOVERY_BYTES,
    SecondFactor,
    code_of,
    is_code,
    recovery_code_of,
    recovery_hash_of,
    step_at,
    step_of,
)

SECRET = base64.b32encode(b"12345678901234567890").decode()
"""That of the examples of RFC 4226 and RFC 6238."""
NOW_MS = 1_111_111_111_000


@pytest.mark.parametrize(
    ("at_s", "code"),
    [
        (59, "94287082"),
        (1_111_111_109, "07081804"),
        (1_111_111_111, "14050471"),
        (1_234_567_890, "89005924"),
        (2_000_000_000, "69279037"),
        (20_000_000_000, "65353130"),
    ],
)
def test_codes_are_those_of_the_rfc(at_s: int, code: str) -> None:
    """The RFC writes eight digits, of which the last six are those of a code of six."""
    assert code_of(SECRET, step_at(at_s * 1000)) == code[-6:]


def factor(last_step: int = 0) -> SecondFactor:
    return SecondFactor(
        user_id=1, secret=SECRET, confirmed_at_ms=None, last_step=last_step
    )


@pytest.mark.parametrize(
    ("steps_off", "is_good"),
    [(-2, False), (-1, True), (0, True), (1, True), (2, False)],
)
def test_a_code_is_good_for_a_step_each_way(steps_off: int, is_good: bool) -> None:
    step = step_at(NOW_MS) + steps_off
    code = code_of(SECRET, step)
    assert step_of(factor(), code, NOW_MS) == (step if is_good else None)


def test_a_code_of_a_step_that_was_used_or_passed_over_is_not_good() -> None:
    step_now = step_at(NOW_MS)
    code = code_of(SECRET, step_now)
    assert step_of(factor(step_now - 1), code, NOW_MS) == step_now
    assert step_of(factor(step_now), code, NOW_MS) is None
    assert step_of(factor(step_now + 1), code, NOW_MS) is None


@pytest.mark.parametrize("written", ["050471", "050 471", "050-471", " 050471 "])
def test_a_code_may_be_written_in_groups(written: str) -> None:
    assert step_of(factor(), written, NOW_MS) == step_at(NOW_MS)


@pytest.mark.parametrize(
    "code", ["", "50471", "0504711", "٠٥٠٤٧١", "a\x00ñ", "x" * 999]
)
def test_what_is_no_code_is_not_good(code: str) -> None:
    assert step_of(factor(), code, NOW_MS) is None


def test_a_recovery_code_is_found_however_it_is_written() -> None:
    code = recovery_code_of(bytes(range(RECOVERY_BYTES)))
    assert code == "aaaq-eaye-auda-ocaj-bifq-ydio"
    for written in (code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert recovery_hash_of(written) == recovery_hash_of(code)
    assert recovery_hash_of(code[:-1]) != recovery_hash_of(code)


@pytest.mark.parametrize(
    ("typed", "is_one"),
    [
        ("123456", True),
        ("123 456", True),
        ("12345", False),
        ("١٢٣٤٥٦", False),
        ("AAAQ-EAYE-AUDA-OCAJ-BIFQ-YDIO", True),
        ("aaaqeayeaudaocajbifqydio", True),
        ("aaaq-eaye-auda-ocaj-bifq-ydi", False),
        ("larga", False),
        ("", False),
    ],
)
def test_codes_are_told_from_other_words(typed: str, is_one: bool) -> None:
    assert is_code(typed) == is_one
