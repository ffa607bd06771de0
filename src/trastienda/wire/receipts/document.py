"""Receipts as JSON: the sale, its returns, and the shop."""

from trastienda.domain.receipts import Receipt
from trastienda.wire.returns import Devolucion, return_out
from trastienda.wire.sales import Venta, sale_out
from trastienda.wire.shop import Tienda, shop_out


class Boleta(Venta, kw_only=True):
    """El comprobante de una venta."""

    devoluciones: list[Devolucion]
    tienda: Tienda


def receipt_out(receipt: Receipt) -> Boleta:
    """Return a receipt in its wire shape."""
    time_zone = receipt.shop.time_zone

    venta = sale_out(receipt.sale, time_zone)
    sale_fields = {name: getattr(venta, name) for name in venta.__struct_fields__}

    devoluciones = [
        return_out(return_document, time_zone) for return_document in receipt.returned
    ]
    return Boleta(
        **sale_fields,
        devoluciones=devoluciones,
        tienda=shop_out(receipt.shop),
    )
