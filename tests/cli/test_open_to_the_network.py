"""What ``serve`` says where other machines reach the shop."""

import os
from pathlib import Path
from typing import Any

import pytest
from tests.harness.server import Server

from trastienda.operations.addresses import addresses

WARNING = "las claves y las ventas cruzan la red a la vista"
HAS_NETWORK = any(
    not address.is_loopback and not address.is_link_local for address in addresses()
)


def said(data: Path, *arguments: str, **settings: Any) -> str:
    with Server(data, *arguments, cheap_passwords=True, **settings) as server:
        return server.output


@pytest.mark.skipif(not HAS_NETWORK, reason="this machine has no address but its own")
def test_without_tls_a_shop_on_the_network_says_who_can_listen_in(
    tmp_path: Path,
) -> None:
    output = said(tmp_path / "open", "--host", "0.0.0.0")
    assert WARNING in output
    _, _, typed = output.partition("Desde un teléfono de la misma red: http://")
    address, _, _ = typed.partition("\n")
    host = address.rpartition(":")[0].strip("[]")
    assert host in {str(own) for own in addresses()}
    assert not host.startswith("127.")

    output = said(tmp_path / "tls", "--host", "0.0.0.0", https="si")
    assert WARNING not in output
    assert "Desde un teléfono de la misma red: https://" in output


def test_a_shop_for_this_machine_only_says_nothing_of_it(tmp_path: Path) -> None:
    output = said(tmp_path / "closed")
    assert WARNING not in output
    assert "teléfono" not in output


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
@pytest.mark.parametrize(
    ("rights", "is_open"), [(0o777, True), (0o770, True), (0o755, False)]
)
def test_a_folder_that_others_may_write_in_is_served_with_a_warning(
    tmp_path: Path, rights: int, is_open: bool
) -> None:
    data = tmp_path / "mi tienda"
    data.mkdir()
    data.chmod(rights)
    assert (f"chmod 700 '{data}'" in said(data)) == is_open
    assert data.stat().st_mode & 0o777 == rights
