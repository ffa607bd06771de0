"""What columns are called, and which column holds which field: found out by the headers, or said by the importer."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from trastienda.files.tables.table import FileRefused, Names, Table, header_key, quoted

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
    "exempt": ("exento", "exentoiva", "exempt", "taxexempt"),
    "payments": (
        "pagos", "mediopago", "mediodepago", "mediospago", "formapago", "formadepago", "medio", "paymentmethod",
        "payment", "tender",
    ),
}  # fmt: skip
"""What the columns of past sales are called, in Spanish and English."""

PRODUCT_NAMES: Names = {
    "code": SALE_NAMES["code"],
    "name": SALE_NAMES["name"],
    "price": (
        "precio", "preciounitario", "precioventa", "preciodeventa", "price", "unitprice", "saleprice", "pvp", "pventa",
        "valorventa", "preciolista", "preciodelista", "valor",
    ),
    "cost": ("costo", "coste", "costounitario", "preciocosto", "preciocompra", "cost", "unitcost"),
    "stock": (
        "stock", "cantidad", "existencia", "existencias", "exist", "inventario", "quantity", "qty", "onhand",
        "unidades",
    ),
    "min_stock": ("stockminimo", "minimo", "stockmin", "cantidadminima", "minstock", "reorderlevel", "puntopedido"),
    "category": ("categoria", "category", "familia", "rubro", "departamento", "department", "grupo"),
    "unit": ("unidad", "unidadmedida", "unidaddemedida", "um", "unit", "uom"),
    "exempt": ("exento", "exentoiva", "exempt", "taxexempt"),
    "in_house": ("interno", "codigointerno", "inhouse"),
    "active": ("estado", "activo", "active", "status"),
    "discount": ("descuento",),
    "discount_percent": ("descuentoporcentaje",),
    "discount_amount": ("descuentomonto",),
    "discount_from": ("descuentodesde",),
    "discount_until": ("descuentohasta",),
}  # fmt: skip
"""What the columns of a product list are called; objects of JSON use the same names."""

SALE_WORDS = {
    "number": "numero", "code": "codigo_barras", "name": "nombre", "quantity": "cantidad", "date": "fecha",
    "time": "hora", "price": "precio_unitario", "total": "total_linea", "customer": "cliente",
    "sale_number": "venta_origen", "reason": "motivo", "exempt": "exento", "payments": "pagos",
}  # fmt: skip
PRODUCT_WORDS = {
    "code": "codigo_barras", "name": "nombre", "price": "precio", "cost": "costo", "stock": "stock",
    "min_stock": "stock_minimo", "category": "categoria", "unit": "unidad", "exempt": "exento",
    "in_house": "interno", "active": "estado", "discount_percent": "descuento_porcentaje",
    "discount_amount": "descuento_monto", "discount_from": "descuento_desde", "discount_until": "descuento_hasta",
}  # fmt: skip
"""The fields as whoever imports names them; ``discount`` is for objects of JSON only."""

Given = tuple[tuple[str, str], ...]
"""Columns and the fields that they are said to hold; an empty field is for a column that is to be left alone."""


class Found(Struct, frozen=True):
    """Which column holds each field, and the columns that hold none."""

    places: dict[str, int]
    unused: list[str]


def given_in(texts: Sequence[str]) -> Given:
    """Return ``COLUMN=field`` texts taken apart; raise FileRefused for one that is none."""
    pairs = [text.rpartition("=") for text in texts]
    for text, (column, _, _) in zip(texts, pairs, strict=True):
        if not column.strip():
            raise FileRefused(
                f"--map «{text}» se escribe COLUMNA=campo, o COLUMNA= para no usarla."
            )
    return tuple((column, word.strip()) for column, _, word in pairs)


def field_named(kind: str, word: str) -> str | None:
    """Return the field of that kind of file that the word names."""
    names, words = of_kind(kind)
    key = header_key(word)
    exact = (field for field, name in words.items() if header_key(name) == key)
    known = (field for field in words if key in names[field])
    return next(exact, None) or next(known, None)


def of_kind(kind: str) -> tuple[Names, Mapping[str, str]]:
    """Return the headers that are known in a kind of file, and the words for its fields."""
    return (
        (SALE_NAMES, SALE_WORDS)
        if kind == PAST_SALES
        else (PRODUCT_NAMES, PRODUCT_WORDS)
    )


def find(table: Table, kind: str, given: Given = ()) -> Found:
    """Return which column of the table holds each field of that kind of file.

    Raises FileRefused for a header that stands twice, and for what is ``given`` and not there.
    """
    names, words = of_kind(kind)
    keys: list[str] = [header_key(cell) for cell in table.header]
    places: dict[str, int] = {}
    for column, word in given:
        place = _place(table, keys, column)
        keys[place] = ""
        if not word:
            continue
        field = field_named(kind, word)
        if field is None:
            raise FileRefused(
                f"--map: no hay un campo «{word}» de {kind}; los campos son: {', '.join(words.values())}."
            )
        if field in places:
            raise FileRefused(f"--map: «{words[field]}» está dicho dos veces.")
        places[field] = place
    for field in words:
        name = next((name for name in names[field] if name in keys), None)
        if name is None or field in places:
            continue
        if keys.count(name) > 1:
            raise FileRefused(
                f"La columna «{table.header[keys.index(name)]}» está repetida."
            )
        places[field] = keys.index(name)
    used = set(places.values())
    return Found(
        places,
        [
            header
            for place, header in enumerate(table.header)
            if place not in used and header.strip()
        ],
    )


def _place(table: Table, keys: Sequence[str], column: str) -> int:
    if column in table.header:
        return table.header.index(column)
    key = header_key(column)
    if key and key in keys:
        return keys.index(key)
    raise FileRefused(
        f"--map: no hay una columna «{column}»; las columnas son: {quoted(table.header)}."
    )


def missing(table: Table, lacking: Sequence[str]) -> FileRefused:
    """Return the refusal of a table in which columns are missing; ``lacking`` are the words for them."""
    return FileRefused(
        f"Falta una columna para {' y '.join(lacking)}; las columnas son: {quoted(table.header)}. "
        "Cuál es se dice con --map COLUMNA=campo."
    )
