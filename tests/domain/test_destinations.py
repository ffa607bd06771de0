"""Addresses that the shop calls, and those that it never does."""

import pytest

from trastienda.domain.destinations import (
    MAX_URL_LENGTH,
    is_open_to_the_world,
    may_be_called,
    parse_destination,
)
from trastienda.domain.errors import Invalid


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "2606:4700::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_a_machine_that_anybody_may_call_is_called(address: str) -> None:
    assert is_open_to_the_world(address)
    assert may_be_called(address, allows_private=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.0.3",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.5",
        "224.0.0.1",
        "224.0.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "localhost",
        "",
    ],
)
def test_a_machine_that_is_not_open_to_the_world_is_not_called(address: str) -> None:
    assert not is_open_to_the_world(address)
    assert not may_be_called(address, allows_private=False)


def test_with_the_setting_any_one_machine_is_called() -> None:
    for address in ("127.0.0.1", "::1", "192.168.1.1", "fe80::1%eth0", "8.8.8.8"):
        assert may_be_called(address, allows_private=True)
    for address in ("0.0.0.0", "::", "224.0.0.1", "ff02::1", "nombre"):
        assert not may_be_called(address, allows_private=True)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://Sistema.CL", "https://sistema.cl/"),
        ("HTTPS://sistema.cl:443/a?b=c%20d", "https://sistema.cl/a?b=c%20d"),
        ("https://sistema.cl:8443?x", "https://sistema.cl:8443/?x"),
        ("https://[2606:4700:0::1]:444/", "https://[2606:4700::1]:444/"),
        ("https://8.8.8.8/a", "https://8.8.8.8/a"),
    ],
)
def test_an_address_has_one_spelling(url: str, same: str) -> None:
    destination = parse_destination(url, allows_private=False)
    assert destination.url == same
    assert parse_destination(same, allows_private=False) == destination


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "url_shape"),
        ("sistema.cl", "url_shape"),
        ("ftp://sistema.cl/", "url_shape"),
        ("https:///a", "url_shape"),
        ("https://", "url_shape"),
        ("https://a..b/", "url_shape"),
        ("https://a b/", "url_shape"),
        ("https://señal.cl/", "url_shape"),
        ("https://sistema.cl:0/", "url_shape"),
        ("https://sistema.cl:65536/", "url_shape"),
        ("https://sistema.cl/a#b", "url_shape"),
        ("https://sistema.cl\\@127.0.0.1/", "url_credentials"),
        ("https://sistema.cl/\r\nHost: x", "url_shape"),
        ("https://[::1/", "url_shape"),
        ("https://[::g]/", "url_shape"),
        ("https://" + "a" * 254 + "/", "url_shape"),
        ("https://sistema.cl/" + "a" * MAX_URL_LENGTH, "too_long"),
        ("https://ana:clave@sistema.cl/", "url_credentials"),
        ("https://ana@sistema.cl/", "url_credentials"),
        ("http://sistema.cl/", "url_plain"),
        ("https://127.0.0.1/", "url_private"),
        ("https://[::ffff:10.0.0.1]/", "url_private"),
        ("https://169.254.169.254/latest", "url_private"),
    ],
)
def test_what_is_no_address_to_be_called_is_refused(url: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_destination(url, allows_private=False)
    assert (refused.value.field, refused.value.reason) == ("url", reason)


def test_with_the_setting_plain_http_is_taken_too() -> None:
    destination = parse_destination("http://127.0.0.1:8080/a", allows_private=True)
    assert (destination.host, destination.port) == ("127.0.0.1", 8080)
    assert destination.origin == "http://127.0.0.1:8080"
    with pytest.raises(Invalid):
        parse_destination("http://0.0.0.0/", allows_private=True)
