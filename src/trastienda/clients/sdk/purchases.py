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
        lines: Iterable[tuple[str, Amount, Amount] | LineaDeCompra],
        *,
        documento: str | None = None,
        key: str | None = None,
    ) -> Call[Compra]:
        """Record a purchase from a supplier; ``lines`` are code, quantity, unit cost
        net of IVA, or a ``LineaDeCompra`` with the ``total`` of the line instead.

        Raises NotFound, and AlreadyExists where the document was recorded before.
        """
        wire_lines = []
        for line in lines:
            if not isinstance(line, LineaDeCompra):
                code, amount, cost = line
                line = LineaDeCompra(code, quantity(amount), quantity(cost))
            wire_lines.append(line)
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
