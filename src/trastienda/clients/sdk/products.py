"""Products and their stock."""

from msgspec import UNSET, UnsetType

from trastienda.clients.sdk.calls import (
    Call,
    Listing,
    Repeat,
    key_for,
    listing,
    with_revision,
)
from trastienda.clients.sdk.methods import endpoint, rows
from trastienda.clients.sdk.values import Amount, Day, quantity
from trastienda.wire.products import (
    Descuento,
    Estado,
    Movimiento,
    Producto,
    ProductoCambio,
    ProductoNuevo,
    Unidad,
)

_BY_CODE = "/product/barcode/{codigo_barras}"


class Product(Producto, kw_only=True):
    """A ``Producto`` with the revision at which it was read, to be given as ``if_match``."""

    revision: str = ""


def _amount(given: Amount | UnsetType) -> int | float | UnsetType:
    return UNSET if given is UNSET else quantity(given)


class ProductMethods:
    """What is asked about products."""

    @endpoint
    def product(self, codigo_barras: str) -> Call[Product]:
        """Return what a code names, the code of a label of the scale too (its ``cantidad`` or its price filled in).

        Raises NotFound.
        """
        names = {"codigo_barras": codigo_barras}
        return Call(
            method="GET", path=_BY_CODE, names=names, read=with_revision(Product)
        )

    @rows
    def products(
        self,
        q: str | None = None,
        *,
        categoria: str | None = None,
        bajo_minimo: bool | None = None,
        estado: Estado | None = None,
        page_size: int = 100,
    ) -> Listing[Producto]:
        """Go through the products, newest first: all, or those with every word of ``q`` in name or code."""
        return listing(
            Producto,
            "/products",
            page_size,
            q=q,
            categoria=categoria,
            bajo_minimo=bajo_minimo,
            estado=estado,
        )

    @endpoint
    def create_product(
        self,
        codigo_barras: str,
        nombre: str,
        precio: int,
        *,
        interno: bool = False,
        costo: int = 0,
        stock: Amount = 0,
        stock_minimo: Amount = 0,
        categoria: str | None = None,
        unidad: Unidad = "un",
        exento: bool = False,
        estado: Estado = "Activo",
        descuento: Descuento | None = None,
        key: str | None = None,
    ) -> Call[Product]:
        """Create a product; an opening ``stock`` is a movement like any other. Raises AlreadyExists, InvalidData."""
        new = ProductoNuevo(
            codigo_barras=codigo_barras,
            nombre=nombre,
            precio=precio,
            interno=interno,
            costo=costo,
            stock=quantity(stock),
            stock_minimo=quantity(stock_minimo),
            categoria=categoria,
            unidad=unidad,
            exento=exento,
            estado=estado,
            descuento=descuento,
        )
        return Call(
            method="POST",
            path="/product",
            body=new,
            key=key_for(key),
            read=with_revision(Product),
        )

    @endpoint
    def change_product(
        self,
        codigo_barras: str,
        *,
        nombre: str | UnsetType = UNSET,
        precio: int | UnsetType = UNSET,
        interno: bool | UnsetType = UNSET,
        costo: int | UnsetType = UNSET,
        stock: Amount | UnsetType = UNSET,
        stock_minimo: Amount | UnsetType = UNSET,
        categoria: str | None | UnsetType = UNSET,
        unidad: Unidad | UnsetType = UNSET,
        exento: bool | UnsetType = UNSET,
        estado: Estado | UnsetType = UNSET,
        descuento: Descuento | None | UnsetType = UNSET,
        motivo: str | UnsetType = UNSET,
        if_match: str | None = None,
    ) -> Call[Product]:
        """Change what is given; the rest stays. ``stock`` is a count, absolute, and needs a ``motivo``.

        With ``if_match=product.revision`` it is refused with VersionChanged where somebody changed or sold it
        meanwhile. A count, or a change with ``if_match``, is not repeated once it may have arrived: a second count
        would undo the sales between the two.
        """
        change = ProductoCambio(
            nombre=nombre,
            precio=precio,
            interno=interno,
            costo=costo,
            stock=_amount(stock),
            stock_minimo=_amount(stock_minimo),
            categoria=categoria,
            unidad=unidad,
            exento=exento,
            estado=estado,
            descuento=descuento,
            motivo=motivo,
        )
        return Call(
            method="PUT",
            path=_BY_CODE,
            names={"codigo_barras": codigo_barras},
            body=change,
            if_match=if_match,
            repeat=Repeat.ALWAYS
            if if_match is None and stock is UNSET
            else Repeat.UNSENT,
            read=with_revision(Product),
        )

    @endpoint
    def retire_product(
        self, codigo_barras: str, *, if_match: str | None = None
    ) -> Call[Product]:
        """Take a product off the shelves: it becomes ``Inactivo``, its history and its code stay."""
        return Call(
            method="DELETE",
            path=_BY_CODE,
            names={"codigo_barras": codigo_barras},
            if_match=if_match,
            repeat=Repeat.ALWAYS if if_match is None else Repeat.UNSENT,
            read=with_revision(Product),
        )

    @rows
    def movements(
        self,
        codigo_barras: str,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Movimiento]:
        """Go through the stock ledger of a product, newest first: every change, its cause, the balance after it."""
        names = {"codigo_barras": codigo_barras}
        path = f"{_BY_CODE}/movimientos"
        return listing(
            Movimiento, path, page_size, names, desde=desde, hasta=hasta, q=q
        )
