"""Receipts as JSON: the sale, what came back of it, and the shop."""

from trastienda.domain.receipts import Receipt
from trastienda.wire.returns import Devolucion, return_out
from trastienda.wire.sales import Venta, sale_out
from trastienda.wire.shop import Tienda, shop_out


class Boleta(Venta, kw_only=True):
    """El comprobante de una venta."""

    devoluciones: list[Devolucion]
    tienda: Tienda


def receipt_out(receipt: Receipt) -> Boleta:
    """Return a receipt as it is shown."""
    zone = receipt.shop.zone
    shown = sale_out(receipt.sale, zone)
    return Boleta(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        devoluciones=[return_out(one, zone) for one in receipt.returned],
        tienda=shop_out(receipt.shop),
    )
