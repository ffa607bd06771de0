"""Products and their stock."""

from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.clients.sdk.calls import (
    Answer,
    Call,
    Listing,
    Page,
    Repeat,
    key_for,
    listing,
    read_as,
    read_with_revision,
)
from trastienda.clients.sdk.methods import endpoint, paged
from trastienda.clients.sdk.values import Amount, Day, quantity
from trastienda.wire.products import (
    Categorias,
    Descuento,
    Estado,
    Movimiento,
    Orden,
    Producto,
    ProductoCambio,
    ProductoNuevo,
    Unidad,
)

_BY_CODE = "/product/barcode/{codigo_barras}"


class Product(Producto, kw_only=True):
    """A ``Producto`` with the revision at which it was read, for ``if_match``."""

    revision: str = ""


class ChangedProduct(Struct, frozen=True):
    """A product that has changed."""

    codigo_barras: str
    producto: Producto | None
    """The product as it is now; None where it is in the caller's list no more."""
    n: int
    """The number of the state that it was read from."""


def _read_changes(answer: Answer) -> Page[ChangedProduct]:
    n = int(answer.headers["trastienda-n"])
    page = msgspec.json.decode(answer.content, type=Page[dict[str, Any]])
    changes = [
        ChangedProduct(
            codigo_barras=item["codigo_barras"],
            producto=msgspec.convert(item, Producto) if "nombre" in item else None,
            n=n,
        )
        for item in page.items
    ]
    return Page(changes, page.next_cursor)


def _quantity_or_unset(amount: Amount | UnsetType) -> int | float | UnsetType:
    return UNSET if amount is UNSET else quantity(amount)


class ProductMethods:
    """Methods about products."""

    @endpoint
    def product(self, codigo_barras: str) -> Call[Product]:
        """Return the product of a code. Raises NotFound.

        For the code of a scale label, its ``cantidad`` or its price is filled in.
        """
        names = {"codigo_barras": codigo_barras}
        return Call(
            method="GET",
            path=_BY_CODE,
            names=names,
            read=read_with_revision(Product),
        )

    @paged
    def products(
        self,
        q: str | None = None,
        *,
        categoria: str | None = None,
        bajo_minimo: bool | None = None,
        estado: Estado | None = None,
        orden: Orden = "nuevos",
        page_size: int = 100,
    ) -> Listing[Producto]:
        """Iterate over the products with every word of ``q`` in name or code."""
        return listing(
            Producto,
            "/products",
            page_size,
            q=q,
            categoria=categoria,
            bajo_minimo=bajo_minimo,
            estado=estado,
            orden=orden,
        )

    @endpoint
    def categories(self) -> Call[Categorias]:
        """Return the categories in order, each with its number of products."""
        return Call(method="GET", path="/categorias", read=read_as(Categorias))

    @paged
    def products_since(
        self,
        n: int,
        *,
        page_size: int = 100,
    ) -> Listing[ChangedProduct]:
        """Iterate over the products that changed after the state ``n``, as they are now.

        Whoever has the list of that state and puts all of these into it has the list of
        the state ``n`` of the last one, and asks from there the next time. Raises Gap
        where the shop does not know any more what changed: then read ``products()`` anew,
        and go on from the ``Trastienda-N`` that an answer had before.
        """
        query: dict[str, str | int] = {"limite": page_size, "desde_n": n}
        first = Call(method="GET", path="/products", query=query, read=_read_changes)
        return Listing(first)

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
        """Create a product; its opening ``stock`` is a movement like any other.

        Raises AlreadyExists, InvalidData.
        """
        draft = ProductoNuevo(
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
            body=draft,
            key=key_for(key),
            read=read_with_revision(Product),
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
        """Change the given fields; the others stay.

        ``stock`` is an absolute count and needs a ``motivo``. With
        ``if_match=product.revision`` it raises VersionChanged if somebody changed or
        sold the product meanwhile.

        A count, or a change with ``if_match``, is not repeated once it may have
        arrived: a second count would undo the sales between the two.
        """
        change = ProductoCambio(
            nombre=nombre,
            precio=precio,
            interno=interno,
            costo=costo,
            stock=_quantity_or_unset(stock),
            stock_minimo=_quantity_or_unset(stock_minimo),
            categoria=categoria,
            unidad=unidad,
            exento=exento,
            estado=estado,
            descuento=descuento,
            motivo=motivo,
        )
        is_repeatable = if_match is None and stock is UNSET
        return Call(
            method="PUT",
            path=_BY_CODE,
            names={"codigo_barras": codigo_barras},
            body=change,
            if_match=if_match,
            repeat=Repeat.ALWAYS if is_repeatable else Repeat.UNSENT,
            read=read_with_revision(Product),
        )

    @endpoint
    def retire_product(
        self,
        codigo_barras: str,
        *,
        if_match: str | None = None,
    ) -> Call[Product]:
        """Retire a product: it becomes ``Inactivo``, its history and its code stay."""
        return Call(
            method="DELETE",
            path=_BY_CODE,
            names={"codigo_barras": codigo_barras},
            if_match=if_match,
            repeat=Repeat.ALWAYS if if_match is None else Repeat.UNSENT,
            read=read_with_revision(Product),
        )

    @endpoint
    def delete_product(
        self,
        codigo_barras: str,
        *,
        if_match: str | None = None,
    ) -> Call[Product]:
        """Delete a product that was never sold or moved; its code is free again.

        Raises HasHistory for any other.
        """
        return Call(
            method="DELETE",
            path=_BY_CODE,
            names={"codigo_barras": codigo_barras},
            query={"definitivo": "si"},
            if_match=if_match,
            repeat=Repeat.UNSENT,
            read=read_with_revision(Product),
        )

    @paged
    def movements(
        self,
        codigo_barras: str,
        *,
        desde: Day | None = None,
        hasta: Day | None = None,
        q: str | None = None,
        page_size: int = 100,
    ) -> Listing[Movimiento]:
        """Iterate over the movements of a product's stock, newest first."""
        names = {"codigo_barras": codigo_barras}
        path = f"{_BY_CODE}/movimientos"
        return listing(
            Movimiento,
            path,
            page_size,
            names,
            desde=desde,
            hasta=hasta,
            q=q,
        )
