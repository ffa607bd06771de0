"""The printer's queue: what is printed, printed again, or dropped."""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.harness.printers import NetworkPrinter
from tests.harness.server import free_port
from tests.harness.waiting import eventually

from trastienda.devices import printer as module
from trastienda.devices.printer import MAX_WAITING, Printer
from trastienda.domain.errors import NoPrinter, Unavailable

LARGE = b"x" * 20_000_000
"""More than any buffer between here and a printer that does not read."""


@contextmanager
def at(address: str | None, cut: bytes = b"") -> Iterator[Printer]:
    printer = Printer(address, cut)
    try:
        yield printer
    finally:
        printer.close()


def test_jobs_are_printed_in_their_order() -> None:
    with NetworkPrinter() as network_printer, at(network_printer.address) as printer:
        for number in range(5):
            printer.order(lambda number=number: b"%d" % number)  # type: ignore[misc]
        eventually(lambda: len(network_printer.received) == 5, "all printed")
        assert network_printer.received == [b"0", b"1", b"2", b"3", b"4"]
        eventually(lambda: printer.state.waiting == 0, "an empty queue")
        assert printer.state.error is None


def test_a_printer_that_was_off_prints_when_it_comes_back() -> None:
    port = free_port()
    with at(f"tcp://127.0.0.1:{port}") as printer:
        assert printer.order(lambda: b"first") == 1
        assert printer.order(lambda: b"second") == 2
        eventually(lambda: printer.state.error, "a printer that is off")
        assert isinstance(printer.state.error, ConnectionRefusedError)
        with NetworkPrinter(port) as network_printer:
            eventually(lambda: len(network_printer.received) == 2, "both printed")
            assert network_printer.received == [b"first", b"second"]
            eventually(
                lambda: printer.state.error is None and printer.state.waiting == 0,
                "a printer that is ready",
            )


def test_a_stuck_printer_delays_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "WRITE_S", 0.2)
    with (
        NetworkPrinter(stuck=True) as network_printer,
        at(network_printer.address) as printer,
    ):
        printer.order(lambda: LARGE)
        began = time.monotonic()
        for _ in range(10):
            printer.offer(lambda: b"small")
        assert time.monotonic() - began < 1
        eventually(lambda: printer.state.error, "a printer that does not read")
        assert printer.state.waiting == 11
        assert printer.state.error is not None
        assert "timed out" in str(printer.state.error)


def test_closing_does_not_wait_for_a_stuck_printer() -> None:
    with NetworkPrinter(stuck=True) as network_printer:
        printer = Printer(network_printer.address)
        printer.order(lambda: LARGE)
        eventually(lambda: network_printer.connections, "a connection")
        began = time.monotonic()
        printer.close()
        assert time.monotonic() - began < 5


def test_closing_does_not_wait_for_a_printer_that_is_off() -> None:
    printer = Printer(f"tcp://127.0.0.1:{free_port()}")
    printer.order(lambda: b"never")
    eventually(lambda: printer.state.error, "a printer that is off")
    began = time.monotonic()
    printer.close()
    assert time.monotonic() - began < 5
    with pytest.raises(Unavailable):
        printer.order(lambda: b"too late")


def test_closing_prints_what_can_be_printed_at_once() -> None:
    with NetworkPrinter() as network_printer:
        printer = Printer(network_printer.address)
        printer.order(lambda: b"last")
        printer.close()
        eventually(lambda: network_printer.received == [b"last"], "the last one")


def test_a_job_that_broke_off_is_cut_and_printed_again(tmp_path: Path) -> None:
    pipe = tmp_path / "lp0"
    os.mkfifo(pipe)
    with at(str(pipe), b"CUT") as printer:
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        content = b"<" + b"x" * 500_000 + b">"
        printer.order(lambda: content)
        eventually(lambda: _some(reader), "a beginning")
        os.close(reader)
        eventually(lambda: printer.state.error, "a printer that was unplugged")
        with pipe.open("rb") as again:
            assert again.read() == b"CUT" + content


def _some(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1000)
    except BlockingIOError:
        return b""


def test_a_job_that_never_began_is_not_cut() -> None:
    port = free_port()
    with at(f"tcp://127.0.0.1:{port}", b"CUT") as printer:
        printer.order(lambda: b"whole")
        eventually(lambda: printer.state.error, "a printer that is off")
        with NetworkPrinter(port) as network_printer:
            eventually(lambda: network_printer.received == [b"whole"], "it printed")


def test_an_unplugged_device_is_waited_for(
    tmp_path: Path,
) -> None:
    device = tmp_path / "lp0"
    with at(str(device)) as printer:
        printer.order(lambda: b"one ")
        eventually(lambda: printer.state.error, "a device that is not there")
        assert isinstance(printer.state.error, FileNotFoundError)
        assert not device.exists()
        device.touch()
        printer.order(lambda: b"two")
        eventually(lambda: device.read_bytes() == b"one two", "both printed")


def test_a_full_queue_refuses_orders_and_drops_the_oldest_offer() -> None:
    port = free_port()
    with at(f"tcp://127.0.0.1:{port}") as printer:
        for number in range(MAX_WAITING):
            printer.offer(lambda number=number: b"%d" % number)  # type: ignore[misc]
        with pytest.raises(Unavailable):
            printer.order(lambda: b"asked for")
        printer.offer(lambda: b"newest")
        assert printer.state.waiting == MAX_WAITING
        with NetworkPrinter(port) as network_printer:
            eventually(
                lambda: len(network_printer.received) == MAX_WAITING,
                "all that are left",
            )
            assert network_printer.received == [
                *(b"%d" % number for number in range(1, MAX_WAITING)),
                b"newest",
            ]


def test_a_job_that_waited_too_long_is_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()
    with at(f"tcp://127.0.0.1:{port}") as printer:
        monkeypatch.setattr(module, "PATIENCE_S", 0.0)
        printer.order(lambda: b"old")
        monkeypatch.setattr(module, "PATIENCE_S", 1000)
        printer.order(lambda: b"new")
        with NetworkPrinter(port) as network_printer:
            eventually(lambda: network_printer.received, "the new one")
            assert network_printer.received == [b"new"]


def test_a_receipt_that_cannot_be_made_delays_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> bytes:
        raise ValueError("a receipt of nothing")

    with NetworkPrinter() as network_printer, at(network_printer.address) as printer:
        printer.order(fail)
        printer.order(lambda: b"good")
        eventually(lambda: network_printer.received == [b"good"], "the good one")
    assert "could not be made" in caplog.text


def test_without_a_printer_nothing_is_printed_and_nothing_runs() -> None:
    before = threading.active_count()
    with at(None) as printer:
        assert threading.active_count() == before
        printer.offer(lambda: b"")
        with pytest.raises(NoPrinter):
            printer.order(lambda: b"")
        assert printer.state.address is None
