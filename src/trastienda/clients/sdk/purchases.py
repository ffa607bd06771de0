"""Purchases from suppliers."""

from collections.abc import Iterable

from trastienda.clients.sdk.calls import Call, Listing, key_for, listing, read_as
from trastienda.clients.sdk.methods import endpoint, paged
from trastienda.clients.sdk.values import Amount, Day, quantity
from trastienda.wire.purchases import Compra, CompraPedida, LineaDeCompra


class PurchaseMethods:
    """Methods about purchases."""

    @endpoint
    def buy(
        self,
        proveedor: str,
        lines: Iterable[tuple[str, Amount, int]],
        *,
        documento: str | None = None,
        key: str | None = None,
    ) -> Call[Compra]:
        """Record a purchase from a supplier; ``lines`` are code, quantity, unit cost
        net of IVA.

        Raises NotFound.
        """
        wire_lines = [
            LineaDeCompra(code, quantity(amount), cost) for code, amount, cost in lines
        ]
        order = CompraPedida(
            proveedor=proveedor,
            documento=documento,
            detalle=wire_lines,
        )
        return Call(
            method="POST",
            path="/compras-detalle",
            body=order,
            key=key_for(key),
            read=read_as(Compra),
        )

    @endpoint
    def purchase(self, id_compra: int) -> Call[Compra]:
        """Return one purchase. Raises NotFound."""
        return Call(
            method="GET",
            path="/compras/{id_compra}",
            names={"id_compra": id_compra},
            read=read_as(Compra),
        )

    @paged
    def purchases(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Compra]:
        """Iterate over the purchases, newest first."""
        return listing(
            Compra,
            "/compras",
            page_size,
            desde=desde,
            hasta=hasta,
            q=q,
        )
