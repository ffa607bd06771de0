"""The daily tasks of a served shop."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

import pytest
from tests.conftest import OpenShop
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually, eventually_async

from trastienda.operations import scheduler


def expiring(shop: RunningShop) -> str:
    """A product whose discount is over."""
    began = datetime.now(UTC) - timedelta(days=2)
    discount = {
        "porcentaje": 10,
        "desde": began.isoformat(timespec="seconds"),
        "hasta": (began + timedelta(days=1)).isoformat(timespec="seconds"),
    }
    return shop.code(descuento=discount)


def noted(shop: RunningShop) -> list[list[str]]:
    """The codes in each registro of the clean-up."""
    rows = shop.ana.all("/registros")
    return [
        row["detalle"]["codigos"]
        for row in rows
        if row["accion"] == "descuentos_vencidos"
    ]


def test_expired_discounts_are_removed_once_at_a_start(
    open_shop: OpenShop,
) -> None:
    shop = open_shop()
    first = expiring(shop)
    assert shop.ana.ok("GET", f"/product/barcode/{first}")["descuento"] is not None
    shop.restart()
    eventually(lambda: noted(shop) == [[first]], "the clean-up")
    assert shop.ana.ok("GET", f"/product/barcode/{first}")["descuento"] is None
    second = expiring(shop)
    shop.restart(kill=True)
    eventually(lambda: noted(shop) == [[second], [first]], "the clean-up")
    shop.restart()
    shop.sell((first, 1))
    assert noted(shop) == [[second], [first]]


def test_tasks_that_cannot_be_set_up_are_set_up_later_and_the_end_is_clean(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As where no file can be opened for what they need."""
    module = "apscheduler.schedulers.asyncio"
    monkeypatch.setattr(scheduler, "RETRY_S", 0.01)
    monkeypatch.setitem(sys.modules, module, None)

    async def main() -> None:
        never = scheduler.Schedule()
        async with never.running():
            await eventually_async(lambda: caplog.records, "a failure in the log")
            assert not never.is_running

        schedule = scheduler.Schedule()
        async with schedule.running():
            await asyncio.sleep(0)
            del sys.modules[module]
            await eventually_async(lambda: schedule.is_running, "the tasks")
        assert not schedule.is_running

    asyncio.run(main())
    assert "the tasks do not run" in caplog.text
