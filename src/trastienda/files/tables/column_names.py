"""What columns are called: the headers of each field, and the word for it in messages.

A new header goes into the tuple of its field, without accents, spaces and signs; it is
known by its words then, in any order and abbreviated (see ``header_words``). Words that
may stand beside them go into the field's ``MORE_WORDS``, and a header that is less
exact than the others of its field, or more, into ``RANKS``.
"""

from collections.abc import Mapping

from msgspec import Struct

PRODUCTS = "productos"
PAST_SALES = "ventas"
KINDS = (PRODUCTS, PAST_SALES)
"""The kinds of files that an import takes."""

SALE_HEADERS: dict[str, tuple[str, ...]] = {
    "number": (
        "numeroorigen", "invoiceno", "invoicenumber", "invoiceid", "invoice", "numeroboleta",
        "nboleta", "noboleta", "numerofactura", "nfactura", "numerodocumento", "nrodocumento",
        "ndocumento", "numeroventa", "idventa", "ventaid", "saleid", "salenumber",
        "transactionid", "transaction", "orderid", "ordernumber", "orderno", "receiptno",
        "receiptnumber", "receiptid", "receipt", "ticket", "nticket", "numeroticket", "folio",
        "boleta", "factura", "documento", "document", "documentno", "comprobante", "numero",
        "number", "nro", "venta", "order", "nroboleta", "nrofactura", "nroticket",
        "nrofolio", "nrocomprobante", "nroventa", "numerodeboleta", "numerodefactura",
        "numerodedocumento", "numerodeticket", "numerodeventa", "numeroderecibo",
        "numerorecibo", "recibo",
    ),
    "code": (
        "codigobarras", "codigodebarras", "codbarras", "barcode", "ean", "ean13", "gtin", "upc",
        "stockcode", "sku", "codigoproducto", "codproducto", "codigoarticulo", "codarticulo",
        "productcode", "itemcode", "productid", "idproducto", "itemid", "codigo", "cod", "code",
        "plu", "referencia", "ref", "codigoreferencia", "barra", "articulo", "item",
    ),
    "name": (
        "descripcion", "description", "descripcionproducto", "nombre", "nombreproducto",
        "productname", "itemname", "name", "detalle", "glosa", "producto", "product",
        "articulo", "item",
    ),
    "quantity": (
        "cantidad", "quantity", "qty", "cant", "unidades", "units", "unidadesvendidas",
    ),
    "date": (
        "fecha", "fechahora", "fechayhora", "fechaventa", "fechaemision", "fechadocumento",
        "invoicedate", "saledate", "orderdate", "transactiondate", "date", "datetime",
        "timestamp", "marcatemporal", "fechadeventa", "fechadelaventa",
        "fechadeemision", "fechadeldocumento", "fechadedocumento", "fechadocto",
        "fechadoc",
    ),
    "time": (
        "hora", "time", "horaventa", "horaemision", "invoicetime", "saletime",
        "horadeventa", "horadeemision",
    ),
    "price": (
        "preciounitario", "preciounit", "punitario", "preciounidad", "unitprice",
        "priceperunit", "precio", "price", "valorunitario", "precioventa", "punit",
        "preciounitariobruto", "valorunit", "preciodeventa", "pventa",
    ),
    "net_price": (
        "precioneto", "preciounitarioneto", "preciounitneto", "pneto", "punitneto",
        "preciosiniva", "valorunitarioneto", "netprice", "netunitprice",
    ),
    "discount": (
        "descuento", "descuentolinea", "montodescuento", "descuentomonto", "dcto",
        "descto", "descuentos", "descuentoporcentaje", "porcentajedescuento",
        "discount", "discounts", "discountamount", "discountpercent", "rebaja",
    ),
    "total": (
        "totallinea", "lineatotal", "linetotal", "importelinea", "montolinea", "importe",
        "subtotal", "lineamount", "totalitem", "preciototal", "totalprice",
        "totalproducto", "total", "montototal", "monto", "valortotal", "totalbruto",
        "totalventa", "netsales", "ventasnetas", "amount",
    ),
    "net": (
        "neto", "montoneto", "totalneto", "valorneto", "netolinea", "net", "netamount",
        "baseimponible", "montoafecto",
    ),
    "vat": (
        "iva", "montoiva", "totaliva", "ivalinea", "impuesto", "impuestos", "vat",
        "tax", "taxes", "taxamount", "vatamount",
    ),
    "cost": (
        "costo", "coste", "costounitario", "costounit", "preciocosto", "preciodecosto",
        "pcosto", "cost", "unitcost", "costprice",
    ),
    "line_cost": (
        "costolinea", "costototal", "costodelosbienes", "costodelosbienesvendidos",
        "costodeventa", "costodeventas", "costofgoods", "costofgoodssold", "cogs",
        "totalcost",
    ),
    "type": (
        "tipodocumento", "tipodedocumento", "tipodte", "tipodoc", "tipodocto", "dte",
        "tipocomprobante", "tipodecomprobante", "tiporecibo", "tipoderecibo",
        "receipttype", "documenttype", "doctype", "invoicetype", "tipo",
    ),
    "till": (
        "caja", "numerocaja", "ncaja", "nrocaja", "pos", "terminal", "puntodeventa",
        "puntoventa", "tpv", "till", "register", "cashregister",
    ),
    "branch": (
        "sucursal", "nombresucursal", "local", "tienda", "store", "branch", "storename",
    ),
    "state": (
        "estado", "estadodocumento", "estadoventa", "estadodelaventa", "situacion",
        "status", "state",
    ),
    "void": (
        "anulada", "anulado", "nula", "nulo", "void", "voided", "cancelled", "canceled",
    ),
    "customer": (
        "rutcliente", "clienterut", "cliente", "customerid", "customer", "idcliente", "rut",
    ),
    "sale_number": (
        "ventaorigen", "boletaorigen", "facturaorigen", "documentoorigen", "originalinvoice",
        "originalinvoiceno", "originalsale", "ventaoriginal", "boletaoriginal",
        "documentoreferencia", "folioreferencia", "referenciaventa", "returnof", "devolucionde",
        "invoiceref",
    ),
    "reason": ("motivo", "reason", "motivodevolucion", "returnreason"),
    "exempt": ("exento", "exentoiva", "exempt", "taxexempt"),
    "payments": (
        "pagos", "mediopago", "mediodepago", "mediospago", "formapago", "formadepago", "medio",
        "paymentmethod", "payment", "tender",
    ),
}  # fmt: skip
"""The headers of past sales, in Spanish and English."""

DOUBTFUL_TOTALS = frozenset(
    {
        "total", "montototal", "monto", "valortotal", "totalbruto", "totalventa",
        "subtotal", "netsales", "ventasnetas", "amount",
    }
)  # fmt: skip
"""What the total of a document may be called as well as that of a line."""

PRODUCT_HEADERS: dict[str, tuple[str, ...]] = {
    "code": SALE_HEADERS["code"],
    "name": (
        "nombre", "nombreproducto", "productname", "itemname", "name", "producto", "product",
        "articulo", "item", "descripcion", "description", "descripcionproducto", "detalle",
        "glosa",
    ),
    "price": (
        "precio", "preciounitario", "precioventa", "preciodeventa", "price", "unitprice",
        "preciopublico", "preciofinal", "preciobruto", "precionormal", "preciodetalle",
        "preciopordefecto", "preciominorista", "precioconiva", "saleprice", "pvp", "pventa",
        "pv", "pu", "valorventa", "preciolista", "preciodelista", "valorunitario", "valor",
    ),
    "cost": (
        "costo", "coste", "costounitario", "preciocosto", "preciocompra", "cost", "unitcost",
        "ultimocosto", "costoneto", "valorcompra", "valorcosto", "preciodecompra",
    ),
    "stock": (
        "stock", "cantidad", "existencia", "existencias", "exist", "inventario", "quantity",
        "qty", "onhand", "unidades", "saldo", "disponible", "cantidadalamano", "conteo",
    ),
    "min_stock": (
        "stockminimo", "minimo", "stockmin", "cantidadminima", "minstock", "reorderlevel",
        "puntopedido", "puntodereorden", "reorderpoint", "stockcritico", "existenciaminima",
        "critico", "stockbajo", "inventariobajo", "existenciabaja", "stockdeseguridad",
        "stockalerta", "inventariominimo", "inventariocritico",
    ),
    "category": (
        "categoria", "category", "familia", "rubro", "departamento", "department", "grupo",
        "tipoproducto", "seccion", "linea",
    ),
    "unit": (
        "unidad", "unidadmedida", "unidaddemedida", "um", "unit", "uom", "medida",
        "unitofmeasure",
    ),
    "exempt": ("exento", "exentoiva", "afectoexento", "exentoafecto", "exempt", "taxexempt"),
    "taxed": ("afecto", "afectoiva", "gravado", "taxable"),
    "vat": ("iva", "tasaiva", "porcentajeiva", "vat"),
    "in_house": ("interno", "codigointerno", "inhouse"),
    "active": ("estado", "activo", "active", "status"),
    "discount": ("descuento",),
    "discount_percent": ("descuentoporcentaje",),
    "discount_amount": ("descuentomonto",),
    "discount_from": ("descuentodesde",),
    "discount_until": ("descuentohasta",),
}  # fmt: skip
"""The headers of a product list; objects of JSON use the same names."""

SALE_WORDS = {
    "number": "numero",
    "code": "codigo_barras",
    "name": "nombre",
    "quantity": "cantidad",
    "date": "fecha",
    "time": "hora",
    "price": "precio_unitario",
    "net_price": "precio_neto",
    "discount": "descuento",
    "total": "total_linea",
    "net": "neto",
    "vat": "iva",
    "cost": "costo",
    "line_cost": "costo_linea",
    "type": "tipo_documento",
    "till": "caja",
    "branch": "sucursal",
    "state": "estado",
    "void": "anulada",
    "customer": "cliente",
    "sale_number": "venta_origen",
    "reason": "motivo",
    "exempt": "exento",
    "payments": "pagos",
}
"""The fields of past sales as ``--map`` and the preview name them."""

PRODUCT_WORDS = {
    "code": "codigo_barras",
    "name": "nombre",
    "price": "precio",
    "cost": "costo",
    "stock": "stock",
    "min_stock": "stock_minimo",
    "category": "categoria",
    "unit": "unidad",
    "exempt": "exento",
    "taxed": "afecto",
    "vat": "iva",
    "in_house": "interno",
    "active": "estado",
    "discount_percent": "descuento_porcentaje",
    "discount_amount": "descuento_monto",
    "discount_from": "descuento_desde",
    "discount_until": "descuento_hasta",
}
"""The same of a product list; it has no ``discount``, which only objects of JSON
have."""


_NAME_WORDS = "producto articulo item comercial completo servicio mercaderia"
_PESOS = "clp pesos"
_PRICE_WORDS = (
    "venta publico final bruto normal unidad detalle minorista lista actual consumidor "
    f"con iva incluido cliente vigente {_PESOS}"
)
MORE_WORDS = {
    "code": "producto articulo ean upc gtin isbn sku 8 12 13 14 unidad principal numero venta",
    "name": _NAME_WORDS,
    "price": _PRICE_WORDS,
    "cost": (
        f"unidad neto bruto ultimo promedio producto con sin iva actual compra {_PESOS}"
    ),
    "stock": (
        "actual inicial disponible fisico real total stock existencia inventario cantidad "
        "saldo unidad unidades producto tienda local sala bodega location mano final "
        "contada contado sistema hoy"
    ),
    "min_stock": "unidad unidades cantidad stock existencia inventario alerta producto",
    "category": "producto articulo nombre",
    "unit": "venta medida producto",
    "number": "numero documento venta electronica",
    "quantity": "vendida venta unidades producto",
    "date": "documento venta hora emision creacion",
    "time": "documento venta emision",
    "total": f"linea producto venta {_PESOS}",
    "discount": _PESOS,
    "net_price": _PESOS,
    "net": _PESOS,
    "vat": _PESOS,
    "line_cost": _PESOS,
}
"""Words that may stand in a header of a field beside those that make it one."""

_BARCODES = (
    "codigobarras", "codigodebarras", "barcode", "ean", "ean13", "gtin", "upc", "barra",
)  # fmt: skip
_THINGS = ("articulo", "item")
"""The name where another column is the code."""
_DESCRIPTIONS = ("descripcion", "descripcionproducto", "detalle", "glosa")
RANKS: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    PRODUCTS: {
        "code": (_BARCODES, _THINGS),
        "name": (("nombre", "nombreproducto", "producto", "itemname"), _DESCRIPTIONS),
        "price": (
            (
                "precioventa", "preciopublico", "preciofinal", "preciobruto",
                "precionormal", "preciopordefecto", "precioconiva", "preciodetalle",
                "preciominorista", "pvp", "pv", "valorventa",
            ),
            ("saleprice",),
        ),
        "category": (("categoria",), ()),
    },
    PAST_SALES: {
        "code": (_BARCODES, _THINGS),
        "number": ((), ("numero", "venta", "order", "documento")),
        "name": (("nombre", "nombreproducto", "producto", "itemname"), _DESCRIPTIONS),
        "price": (("preciounitario",), ()),
        "total": (("totallinea", "importelinea", "montolinea", "totalitem"), ()),
        "customer": (("rutcliente", "rut"), ()),
        "payments": (("mediopago", "formapago"), ()),
    },
}  # fmt: skip
"""The headers of a field that are more exact than its others, and those that are less.

Where two columns could hold one field, the more exact header is taken; of equals the
importer has to say which.
"""


class Vocabulary(Struct, frozen=True):
    """The headers that name each field of a kind of file, and the words for the
    fields."""

    headers: Mapping[str, tuple[str, ...]]
    words: Mapping[str, str]


VOCABULARIES = {
    PRODUCTS: Vocabulary(PRODUCT_HEADERS, PRODUCT_WORDS),
    PAST_SALES: Vocabulary(SALE_HEADERS, SALE_WORDS),
}
