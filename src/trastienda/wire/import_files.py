"""What an import is told about a file, and what kind of file it is."""

from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct

from trastienda.wire.tabular import FileRefused, Names, open_table

PRODUCTS = "productos"
PAST_SALES = "ventas"
KINDS = (PRODUCTS, PAST_SALES)

SALE_NAMES: Names = {
    "number": (
        "numeroorigen", "invoiceno", "invoicenumber", "invoiceid", "invoice", "numeroboleta", "nboleta", "noboleta",
        "numerofactura", "nfactura", "numerodocumento", "nrodocumento", "ndocumento", "numeroventa", "idventa",
        "ventaid", "saleid", "salenumber", "transactionid", "transaction", "orderid", "ordernumber", "orderno",
        "receiptno", "receiptnumber", "receiptid", "receipt", "ticket", "nticket", "numeroticket", "folio", "boleta",
        "factura", "documento", "document", "documentno", "comprobante", "numero", "number", "nro", "venta", "order",
    ),
    "code": (
        "codigobarras", "codigodebarras", "codbarras", "barcode", "ean", "ean13", "gtin", "upc", "stockcode", "sku",
        "codigoproducto", "codproducto", "codigoarticulo", "codarticulo", "productcode", "itemcode", "productid",
        "idproducto", "itemid", "codigo", "cod", "code", "plu", "referencia", "ref", "articulo", "item",
    ),
    "name": (
        "descripcion", "description", "descripcionproducto", "nombre", "nombreproducto", "productname", "itemname",
        "name", "detalle", "glosa", "producto", "product",
    ),
    "quantity": ("cantidad", "quantity", "qty", "cant", "unidades", "units", "unidadesvendidas"),
    "date": (
        "fecha", "fechahora", "fechayhora", "fechaventa", "fechaemision", "fechadocumento", "invoicedate", "saledate",
        "orderdate", "transactiondate", "date", "datetime", "timestamp", "marcatemporal",
    ),
    "time": ("hora", "time", "horaventa", "horaemision", "invoicetime", "saletime"),
    "price": (
        "preciounitario", "preciounit", "punitario", "preciounidad", "unitprice", "priceperunit", "precio", "price",
        "valorunitario", "precioventa",
    ),
    "total": (
        "totallinea", "lineatotal", "linetotal", "importelinea", "montolinea", "importe", "subtotal", "lineamount",
        "totalitem", "preciototal", "totalprice",
    ),
    "customer": ("rutcliente", "clienterut", "cliente", "customerid", "customer", "idcliente", "rut"),
    "sale_number": (
        "ventaorigen", "boletaorigen", "facturaorigen", "documentoorigen", "originalinvoice", "originalinvoiceno",
        "originalsale", "ventaoriginal", "boletaoriginal", "documentoreferencia", "folioreferencia", "referenciaventa",
        "returnof", "devolucionde", "invoiceref",
    ),
    "reason": ("motivo", "reason", "motivodevolucion", "returnreason"),
}  # fmt: skip
"""What the columns of past sales are called, in Spanish and English."""

PRODUCT_NAMES: Names = {
    "code": SALE_NAMES["code"],
    "name": SALE_NAMES["name"],
    "price": (
        "precio", "preciounitario", "precioventa", "preciodeventa", "price", "unitprice", "saleprice", "pvp", "valor",
    ),
    "cost": ("costo", "coste", "costounitario", "preciocosto", "preciocompra", "cost", "unitcost"),
    "stock": ("stock", "cantidad", "existencia", "existencias", "inventario", "quantity", "qty", "onhand", "unidades"),
    "min_stock": ("stockminimo", "minimo", "stockmin", "cantidadminima", "minstock", "reorderlevel", "puntopedido"),
    "category": ("categoria", "category", "familia", "rubro", "departamento", "department", "grupo"),
    "unit": ("unidad", "unidadmedida", "unidaddemedida", "um", "unit", "uom"),
    "exempt": ("exento", "exentoiva", "exempt", "taxexempt"),
    "in_house": ("interno", "codigointerno", "inhouse"),
    "active": ("estado", "activo", "active", "status"),
    "discount": ("descuento",),
}  # fmt: skip
"""What the columns of a product list are called; objects of JSON use the same names."""


class ImportOptions(Struct, frozen=True, kw_only=True):
    """The shop's decimals and zone, and what whoever imports has decided.

    ``exponent`` is how many decimals the shop's currency has; ``date_order`` is one of ``dmy``, ``mdy``, ``ymd``.
    """

    exponent: int
    zone: ZoneInfo
    date_order: str | None = None


def no_progress(done_bytes: int, total_bytes: int) -> None:
    """Tell nobody."""


def all_names(*tables: Names) -> frozenset[str]:
    """Return every header that one of the tables knows."""
    return frozenset(name for table in tables for known in table.values() for name in known)


def is_json(path: Path) -> bool:
    """Tell whether the file begins as a JSON object or list does."""
    with path.open("rb") as file:
        start = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] in {b"{", b"["}


def sniff_kind(path: Path) -> str:
    """Return which of the KINDS the file holds; raise FileRefused where it cannot be told, OSError where unreadable."""
    if is_json(path):
        return PRODUCTS
    table = open_table(path, all_names(SALE_NAMES, PRODUCT_NAMES))
    of_sale = table.columns(SALE_NAMES)
    if {"number", "quantity", "date"} <= of_sale.keys():
        return PAST_SALES
    if {"name", "price"} <= table.columns(PRODUCT_NAMES).keys():
        return PRODUCTS
    headers = ", ".join(f"«{header}»" for header in table.header if header.strip())
    raise FileRefused(f"No se sabe si son productos o ventas por sus columnas ({headers}); indique --kind.")
