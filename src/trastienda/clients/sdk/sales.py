"""Sales, their debts, their returns, and their receipts."""

from typing import Literal

from trastienda.clients.sdk.calls import (
    Call,
    Listing,
    Repeat,
    key_for,
    listing,
    read_as,
    read_content,
)
from trastienda.clients.sdk.methods import endpoint, paged
from trastienda.clients.sdk.values import Day, Lines, Payments, lines_of, payments_of
from trastienda.wire.printing import EnCola, Impresora
from trastienda.wire.receipts.document import Boleta
from trastienda.wire.returns import Devolucion, DevolucionPedida
from trastienda.wire.sales import Medio, Pagos, Pedido, Venta

ReceiptMedia = Literal[
    "application/pdf", "text/html", "text/plain", "application/vnd.escpos"
]


class SaleMethods:
    """Methods about sales."""

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
        """Sell, all or nothing: ``shop.sell([("7804567000014", 2)], {"efectivo":
        10000})``.

        Without ``payments`` the exact amount is paid in cash. With ``total_esperado``,
        the total that the buyer was shown, another total raises PriceChanged. Raises
        InsufficientStock, NotFound for unknown codes, ProductRetired,
        InsufficientPayment, InvalidData.

        If the answer is lost, the call is repeated under the same Idempotency-Key, so
        that it stays one sale. Give a ``key`` if another run of your program may repeat
        it: the number of the order in your web shop, for example.
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
            read=read_as(Venta),
        )

    @endpoint
    def sale(self, id_venta: int) -> Call[Venta]:
        """Return one sale. Raises NotFound."""
        return Call(
            method="GET",
            path="/ventas/{id_venta}",
            names={"id_venta": id_venta},
            read=read_as(Venta),
        )

    @paged
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
        """Iterate over the sales that this user may list, newest first.

        ``pendientes``: those with a debt.
        """
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
        self,
        id_venta: int,
        payments: Payments,
        *,
        key: str | None = None,
    ) -> Call[Venta]:
        """Pay the debt of a sale, or a part of it, and return the sale after that.

        Raises NothingOwed.
        """
        return Call(
            method="POST",
            path="/ventas/{id_venta}/pagos",
            names={"id_venta": id_venta},
            body=Pagos(payments_of(payments)),
            key=key_for(key),
            read=read_as(Venta),
        )

    @endpoint
    def take_back(
        self,
        id_venta: int,
        motivo: str,
        lines: Lines | None = None,
        *,
        medio: Medio | None = None,
        payments: Payments | None = None,
        reponer: bool = True,
        key: str | None = None,
    ) -> Call[Devolucion]:
        """Take back part of a sale or, without ``lines``, all that was not returned
        yet.

        The money goes back by one ``medio``, in cash if none is named, or by those of
        ``payments``. Raises ExcessiveReturn, ExcessiveRefund, NotFound.
        """
        order = DevolucionPedida(
            motivo=motivo,
            detalle=None if lines is None else lines_of(lines),
            medio=medio,
            pagos=None if payments is None else payments_of(payments),
            reponer=reponer,
        )
        return Call(
            method="POST",
            path="/ventas/{id_venta}/devoluciones",
            names={"id_venta": id_venta},
            body=order,
            key=key_for(key),
            read=read_as(Devolucion),
        )

    @paged
    def returns(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Devolucion]:
        """Iterate over the returns of the sales that this user may list, newest
        first."""
        return listing(
            Devolucion,
            "/devoluciones",
            page_size,
            desde=desde,
            hasta=hasta,
            q=q,
        )

    @endpoint
    def receipt(self, id_venta: int) -> Call[Boleta]:
        """Return the receipt of a sale: the sale, its returns, and the shop."""
        return Call(
            method="GET",
            path="/boleta/{id_venta}",
            names={"id_venta": id_venta},
            read=read_as(Boleta),
        )

    @endpoint
    def receipt_file(
        self,
        id_venta: int,
        media: ReceiptMedia = "application/pdf",
        *,
        ancho: Literal[32, 42, 48] | None = None,
    ) -> Call[bytes]:
        """Return the printable receipt of a sale.

        ``ancho`` is the number of columns of text and of ESC/POS.
        """
        return Call(
            method="GET",
            path="/boleta/{id_venta}",
            names={"id_venta": id_venta},
            query={} if ancho is None else {"ancho": ancho},
            accept=media,
            read=read_content,
        )

    @paged
    def receipts(
        self,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Boleta]:
        """Iterate over the receipts of the sales that this user may list, newest
        first."""
        return listing(
            Boleta,
            "/boletas",
            page_size,
            desde=desde,
            hasta=hasta,
            q=q,
        )

    @endpoint
    def print_receipt(self, id_venta: int) -> Call[EnCola]:
        """Print the receipt of a sale on the shop's printer; return how many wait for
        it.

        Not repeated once it may have arrived, as it would be printed twice.
        """
        return Call(
            method="POST",
            path="/boleta/{id_venta}/imprimir",
            names={"id_venta": id_venta},
            repeat=Repeat.UNSENT,
            read=read_as(EnCola),
        )

    @endpoint
    def printer(self) -> Call[Impresora]:
        """Return the state of the shop's receipt printer."""
        return Call(
            method="GET",
            path="/impresora",
            read=read_as(Impresora),
        )
