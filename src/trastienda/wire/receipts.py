"""Receipts on the wire: the sale, what came back of it, and the shop."""

from collections.abc import Sequence

from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop
from trastienda.wire.returns import Devolucion, return_out
from trastienda.wire.sales import Venta, sale_out
from trastienda.wire.shop import Tienda, shop_out


class Boleta(Venta, kw_only=True):
    """El comprobante de una venta."""

    devoluciones: list[Devolucion]
    tienda: Tienda


def receipt_out(sale: Sale, back: Sequence[Return], shop: Shop) -> Boleta:
    """Return a receipt as it is shown."""
    shown = sale_out(sale, shop.zone)
    return Boleta(
        **{name: getattr(shown, name) for name in shown.__struct_fields__},
        devoluciones=[return_out(one, shop.zone) for one in back],
        tienda=shop_out(shop),
    )
