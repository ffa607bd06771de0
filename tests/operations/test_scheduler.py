"""The daily tasks of a served shop."""

from datetime import UTC, datetime, timedelta

from tests.conftest import OpenShop
from tests.harness.shop import RunningShop
from tests.harness.waiting import eventually


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
