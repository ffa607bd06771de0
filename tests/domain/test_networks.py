"""An address stands for a household."""

import pytest

from trastienda.domain.errors import Invalid
from trastienda.domain.networks import (
    is_within,
    network_in,
    network_of,
    networks_around,
)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::ffff", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::1"),
        ("", ""),
        ("tarea", "tarea"),
    ],
)
def test_an_address_stands_for_its_household(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7/32", "192.0.2.7"),
        ("192.0.2.7/24", "192.0.2.0/24"),
        ("198.51.0.0/16", "198.51.0.0/16"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:10.0.0.0/112", "10.0.0.0/16"),
        ("::ffff:192.0.2.7/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7/128", "192.0.2.7"),
        ("::ffff:0:0/95", None),
        ("::ffff:0:0/81", None),
        ("2001:DB8:0::1", "2001:db8::/64"),
        ("2001:db8::/64", "2001:db8::/64"),
        ("2001:db8::/32", "2001:db8::/32"),
        ("127.0.0.1", "127.0.0.1"),
        ("visita", None),
        ("192.0.2.256", None),
        ("192.0.2", None),
        ("192.0.2.0/33", None),
        ("", None),
    ],
)
def test_spellings_of_a_network_are_one_network(text: str, network: str | None) -> None:
    assert network_in(text) == network


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0/0",
        "192.0.0.0/15",
        "::/0",
        "2001::/31",
        "127.0.0.0/16",
        "::/32",
        "::ffff:0:0/80",
        "::ffff:0:0/96",
        "::ffff:10.0.0.0/111",
        "::ffff:127.0.0.0/120",
    ],
)
def test_half_the_world_or_this_machine_is_no_network_to_shut_out(text: str) -> None:
    with pytest.raises(Invalid):
        network_in(text)


@pytest.mark.parametrize(
    ("address", "around", "beyond"),
    [
        ("192.0.2.7", ["192.0.2.7", "192.0.2.0/24", "192.0.0.0/16"], "192.0.3.0/24"),
        (
            "2001:db8:1:2::7",
            ["2001:db8:1:2::/64", "2001:db8:1::/48", "2001:db8::/32"],
            "2001:db8:2::/48",
        ),
    ],
)
def test_an_address_lies_in_every_network_around_it(
    address: str, around: list[str], beyond: str
) -> None:
    networks = networks_around(address)
    assert set(around) <= set(networks)
    assert all(is_within(address, network) for network in networks)
    assert beyond not in networks
    assert not is_within(address, beyond)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", ""])
def test_this_machine_is_in_no_network(address: str) -> None:
    assert networks_around(address) == (address,)
