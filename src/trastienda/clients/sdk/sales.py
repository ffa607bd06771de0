"""Sales, what is owed on them, what comes back of them, and their receipts."""

from typing import Literal

from trastienda.clients.sdk.calls import (
    Answer,
    Call,
    Listing,
    Repeat,
    key_for,
    listing,
    shown_as,
)
from trastienda.clients.sdk.methods import endpoint, rows
from trastienda.clients.sdk.values import Day, Lines, Payments, lines_of, payments_of
from trastienda.wire.printing import EnCola, Impresora
from trastienda.wire.receipts.document import Boleta
from trastienda.wire.returns import Devolucion, DevolucionPedida
from trastienda.wire.sales import Medio, Pagos, Pedido, Venta

ReceiptMedia = Literal[
    "application/pdf", "text/html", "text/plain", "application/vnd.escpos"
]


def _content(answer: Answer) -> bytes:
    return answer.content


class SaleMethods:
    """What is asked about sales."""

    @endpoint
    def sell(
        self,
        lines: Lines,
        payments: Payments | None = None,
        *,
        cliente: str | None = None,
        total_esperado: int | None = None,
        key: str | None = None,
    ) -> Call[Venta]:
        """Sell, all or nothing: ``shop.sell([("7804567000014", 2)], {"efectivo": 10000})``.

        Without ``payments`` it is paid in cash, exactly what is due. With ``total_esperado``, the total that the buyer
        was shown, another total raises PriceChanged. Raises InsufficientStock, NotFound for unknown codes,
        ProductRetired, InsufficientPayment, InvalidData.

        A lost answer is asked for again under the same Idempotency-Key, so that it stays one sale. Give ``key`` where
        a repeat may come from another run of your program: the number of the order in your web shop, say.
        """
        order = Pedido(
            detalle=lines_of(lines),
            pagos=None if payments is None else payments_of(payments),
            cliente=cliente,
            total_esperado=total_esperado,
        )
        return Call(
            method="POST",
            path="/ventas-detalle",
            body=order,
            key=key_for(key),
            read=shown_as(Venta),
        )

    @endpoint
    def sale(self, id_venta: int) -> Call[Venta]:
        """Return one sale. Raises NotFound."""
        return Call(
            method="GET",
            path="/ventas/{id_venta}",
            names={"id_venta": id_venta},
            read=shown_as(Venta),
        )

    @rows
    def sales(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        pendientes: bool | None = None,
        cliente: str | None = None,
        page_size: int = 100,
    ) -> Listing[Venta]:
        """Go through the sales that this user may list, newest first; ``pendientes``: those with money owed."""
        return listing(
            Venta,
            "/ventas",
            page_size,
            desde=desde,
            hasta=hasta,
            q=q,
            pendientes=pendientes,
            cliente=cliente,
        )

    @endpoint
    def settle(
        self, id_venta: int, payments: Payments, *, key: str | None = None
    ) -> Call[Venta]:
        """Pay what is owed on a sale, wholly or in part; return the sale as it then stands. Raises NothingOwed."""
        return Call(
            method="POST",
            path="/ventas/{id_venta}/pagos",
            names={"id_venta": id_venta},
            body=Pagos(payments_of(payments)),
            key=key_for(key),
            read=shown_as(Venta),
        )

    @endpoint
    def take_back(
        self,
        id_venta: int,
        motivo: str,
        lines: Lines | None = None,
        *,
        medio: Medio = "efectivo",
        reponer: bool = True,
        key: str | None = None,
    ) -> Call[Devolucion]:
        """Take back part of a sale or, without ``lines``, all that is left of it. Raises ExcessiveReturn, NotFound."""
        order = DevolucionPedida(
            motivo=motivo,
            detalle=None if lines is None else lines_of(lines),
            medio=medio,
            reponer=reponer,
        )
        return Call(
            method="POST",
            path="/ventas/{id_venta}/devoluciones",
            names={"id_venta": id_venta},
            body=order,
            key=key_for(key),
            read=shown_as(Devolucion),
        )

    @rows
    def returns(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Devolucion]:
        """Go through the returns of the sales that this user may list, newest first."""
        return listing(
            Devolucion, "/devoluciones", page_size, desde=desde, hasta=hasta, q=q
        )

    @endpoint
    def receipt(self, id_venta: int) -> Call[Boleta]:
        """Return the receipt of a sale: the sale, what came back of it, and the shop."""
        return Call(
            method="GET",
            path="/boleta/{id_venta}",
            names={"id_venta": id_venta},
            read=shown_as(Boleta),
        )

    @endpoint
    def receipt_file(
        self,
        id_venta: int,
        media: ReceiptMedia = "application/pdf",
        *,
        ancho: Literal[32, 42, 48] | None = None,
    ) -> Call[bytes]:
        """Return the receipt of a sale, printable; ``ancho`` is the columns of text and of ESC/POS."""
        return Call(
            method="GET",
            path="/boleta/{id_venta}",
            names={"id_venta": id_venta},
            query={} if ancho is None else {"ancho": ancho},
            accept=media,
            read=_content,
        )

    @rows
    def receipts(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Boleta]:
        """Go through the receipts of the sales that this user may list, newest first."""
        return listing(Boleta, "/boletas", page_size, desde=desde, hasta=hasta, q=q)

    @endpoint
    def print_receipt(self, id_venta: int) -> Call[EnCola]:
        """Print the receipt of a sale on the shop's printer; return how many now wait for it.

        Not repeated once it may have arrived: paper is no record.
        """
        return Call(
            method="POST",
            path="/boleta/{id_venta}/imprimir",
            names={"id_venta": id_venta},
            repeat=Repeat.UNSENT,
            read=shown_as(EnCola),
        )

    @endpoint
    def printer(self) -> Call[Impresora]:
        """Return how the shop's receipt printer does."""
        return Call(method="GET", path="/impresora", read=shown_as(Impresora))
