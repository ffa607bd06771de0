"""How the files that may be open are shared out."""

import pytest

from trastienda.operations.file_limit import MAX_HTTP, MAX_LINES, UNLIMITED, share_out


@pytest.mark.parametrize("limit", [256, 1024, 4096, 20_000, UNLIMITED])
def test_the_shop_keeps_what_no_connection_can_take(limit: int) -> None:
    shares = share_out(limit)
    taken = shares.http + shares.lines + shares.farewells
    assert limit - taken >= 64
    assert min(shares.http, shares.lines) >= limit / 4 or limit > 2 * MAX_HTTP
    assert shares.http <= MAX_HTTP
    assert shares.lines <= MAX_LINES


def test_no_limit_is_too_small_for_a_few_connections() -> None:
    shares = share_out(24)
    assert min(shares.http, shares.lines, shares.farewells) > 0
