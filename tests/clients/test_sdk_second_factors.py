"""The SDK and second factors: set up, needed to log in, and taken off."""

import pytest
from tests.clients.bad_line import BadLine, Fault
from tests.clients.conftest import QUICK
from tests.harness.cast import PASSWORD
from tests.harness.second_factors import Phone
from tests.harness.shop import RunningShop

from trastienda.clients.sdk import (
    BadCredentials,
    Client,
    ConnectionLost,
    NotAuthenticated,
    SecondFactorRequired,
)

LOGGING_IN = ("POST", "/login")


def guarded(shop: RunningShop, client: Client) -> tuple[str, Phone, list[str]]:
    """Log in as a new Cajero, who sets a second factor up."""
    user, _ = shop.somebody("Cajero")
    rut = client.log_in(user["usuario"], PASSWORD, remember=False).rut
    phone = Phone(client.set_up_second_factor(rut, PASSWORD).secreto)
    codes = client.confirm_second_factor(rut, phone.code(-1)).codigos
    return rut, phone, codes


def test_a_program_is_told_that_it_needs_a_code(shop: RunningShop) -> None:
    with Client(shop.server.url) as client:
        rut, phone, codes = guarded(shop, client)
        with pytest.raises(SecondFactorRequired) as refusal:
            client.log_in(rut, PASSWORD)
        assert isinstance(refusal.value, NotAuthenticated)
        with pytest.raises(BadCredentials):
            client.log_in(rut, PASSWORD, "000")
        client.log_in(rut, PASSWORD, phone.code())
        client.log_in(rut, PASSWORD, codes[0])
        assert client.second_factor(rut).codigos_restantes == 9

        client.remove_second_factor(rut, clave_actual=PASSWORD, codigo=codes[1])
        assert not client.second_factor(rut).activo
        client.log_in(rut, PASSWORD)


def test_a_code_whose_answer_was_lost_is_not_sent_again(
    line: BadLine, shop: RunningShop
) -> None:
    with Client(line.url, retry=QUICK) as client:
        rut, phone, _ = guarded(shop, client)
        before = len(line.requests(*LOGGING_IN))
        line.lose(*LOGGING_IN, Fault.AFTER)
        with pytest.raises(ConnectionLost) as lost:
            client.log_in(rut, PASSWORD, phone.code())
        assert lost.value.maybe_done
        assert len(line.requests(*LOGGING_IN)) == before + 1
