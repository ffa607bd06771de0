"""The words of a header, so that every spelling of it is the same set of words.

``Cód. de Barras``, ``CODBARRA`` and ``Código Barra (EAN)`` are all a code and a bar.
"""

import re
from functools import lru_cache

from trastienda.domain.text import fold

MAX_HEADER = 80
"""Characters; longer cells are texts, not names of columns."""

_SPELLINGS = {
    "codigo": "cod codigos cdg code codes c",
    "barra": "barras bar bars",
    "barcode": "barcodes",
    "numero": "numeros num nro nr no number n",
    "referencia": "ref reference",
    "producto": "productos prod product products",
    "articulo": "articulos art item items",
    "nombre": "nom name",
    "descripcion": "desc descr descrip description",
    "precio": "precios prec pcio prc price prices p",
    "venta": "ventas vta vtas sales",
    "compra": "compras purchase",
    "costo": "costos cto coste costes cost costs",
    "unidad": "unid und uni un unit unitario unitaria u cu",
    "unidades": "unids uds units",
    "medida": "med measure",
    "cantidad": "cantidades cant ctd cdad quantity qty",
    "existencia": "existencias exist",
    "inventario": "inventarios inv inventory",
    "stock": "stocks",
    "saldo": "saldos",
    "disponible": "disponibles disp available",
    "actual": "actuales act current",
    "inicial": "iniciales initial opening",
    "minimo": "minima minimos minimas min minimum",
    "critico": "critica",
    "bajo": "low",
    "publico": "pub public",
    "normal": "normales regular",
    "defecto": "default",
    "bruto": "bruta brutos brutas gross",
    "neto": "neta netos netas net",
    "incluido": "incluida incluidos inc incl included",
    "ultimo": "ultima ult last",
    "promedio": "prom average avg",
    "categoria": "categorias cat category categories",
    "departamento": "depto dpto department",
    "familia": "familias",
    "estado": "status",
    "total": "totales totals tot",
    "monto": "montos amount",
    "linea": "line",
    "descuento": "descuentos dcto dscto descto desct discount discounts",
    "porcentaje": "percent pct",
    "documento": "documentos doc docto document",
    "factura": "facturas fact invoice",
    "boleta": "boletas bol",
    "recibo": "recibos receipt",
    "orden": "order",
    "transaccion": "transaction",
    "fecha": "fechas fec fch date",
    "hora": "horas time",
    "emision": "emitido emitida",
    "cliente": "clientes customer",
    "proveedor": "prov supplier vendor",
    "pago": "pagos payment",
    "vendida": "vendido vendidos vendidas sold",
    "interno": "interna internal",
    "impuesto": "impuestos tax taxes",
    "iva": "vat",
    "exento": "exenta exentos exempt",
    "afecto": "afecta",
}
"""The words that headers are made of, with their plurals, abbreviations and the English
for them."""
_ALONE = (
    "ean gtin upc sku plu stock valor iva lista con sin mas medio forma tipo punto hand on "
    "origen original caja documento rut motivo importe subtotal final inicial detalle "
    "id returned store desde hasta pedido sale alerta seguridad defecto "
    "reorden reorder point level mano"
).split()
"""Words with one spelling that are found inside of joined ones as well."""
_EMPTY = frozenset("de del la las el los al a y o en of the in or and por x".split())
"""Words that change nothing."""
_CANONICAL = {
    spelling: word
    for word, spellings in _SPELLINGS.items()
    for spelling in (word, *spellings.split())
}
_PIECES = frozenset(_ALONE) | _CANONICAL.keys() | {"de", "del", "la", "los", "por", "y"}
_FIRST_LETTERS = frozenset("npc")
"""Of nboleta, pventa and cbarra."""

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}")
_DATE = re.compile(r"\b[0-9]{1,2}[-/.][0-9]{1,2}([-/.][0-9]{2,4})?\b|\b20[0-9]{2}\b")
_WORD = re.compile(r"[a-z]+|[0-9]+")
_DOTTED = re.compile(r"(?<![a-z])([a-z])\.\s?(?=[a-z](?![a-z]))")
"""P.V.P. and U. M."""
_WRITTEN_SHORT = (
    (re.compile(r"\bc/u\b"), " unidad "),
    (re.compile(r"\bc/(?=[a-z])"), " con "),
    (re.compile(r"\bs/(?=[a-z])"), " sin "),
    (re.compile(r"\bp/(?=[a-z])"), " precio "),
    (re.compile(r"\+"), " mas "),
    (re.compile(r"%"), " porcentaje "),
    (re.compile(r"\$"), " pesos "),
    (re.compile(r"\b(without|excl|excluido|excluding|ex)\b"), " sin "),
    (re.compile(r"\bu\.?\s*(de?\s*)?m\b\.?"), " unidad medida "),
)
_TELLING = frozenset(
    "neto sin mas costo compra venta minimo critico bajo oferta mayorista mayor descuento "
    "proveedor anterior antiguo caja cajas pack bulto bultos display total".split()
)
"""What, in brackets, makes it another column: ``Precio (neto)``, but not ``Precio
(CLP)``."""


@lru_cache(maxsize=4096)
def words_of(header: str) -> frozenset[str]:
    """Return the words of a header, each by its one name.

    Accents, case, order, joints, units and remarks in brackets do not matter.
    """
    if len(header) > MAX_HEADER:
        return frozenset()
    text = fold(header)
    bare_text = _BRACKETS.sub(" ", text)
    remarks = _words_in(" ".join(_BRACKETS.findall(text)))
    words = _words_in(bare_text)
    if remarks & _TELLING or not words:
        return words | remarks
    return words


def is_net(header: str) -> bool:
    """Tell whether a header speaks of amounts without IVA."""
    words = words_of(header)
    return "neto" in words or ("iva" in words and not words.isdisjoint({"sin", "mas"}))


def _words_in(text: str) -> frozenset[str]:
    text = _DATE.sub(" ", text)
    text = _DOTTED.sub(r"\1", text)
    for short_form, full_form in _WRITTEN_SHORT:
        text = short_form.sub(full_form, text)

    tokens = _WORD.findall(text)
    if len(tokens) == 1 and len(tokens[0]) == 1:
        return frozenset(tokens)  # a letter is short for a word only beside others

    words: set[str] = set()
    for token in tokens:
        pieces = (token,) if token in _PIECES else _pieces_of(token)
        words.update(_CANONICAL.get(piece, piece) for piece in pieces)
    return frozenset(words) - _EMPTY


@lru_cache(maxsize=4096)
def _pieces_of(token: str) -> tuple[str, ...]:
    """Return the words that are joined in a token, as few as possible; itself if it is
    not made of known ones."""
    # The fewest pieces that make up each beginning of the token.
    best: list[tuple[str, ...] | None] = [()] + [None] * len(token)
    for end in range(1, len(token) + 1):
        for start in range(end):
            pieces = best[start]
            piece = token[start:end]
            if pieces is None or not _is_piece(piece, start):
                continue
            shortest = best[end]
            if shortest is None or len(pieces) + 1 < len(shortest):
                best[end] = (*pieces, piece)
    return best[-1] or (token,)


def _is_piece(piece: str, start: int) -> bool:
    """Tell whether a part of a token is a word; a letter is one at its beginning."""
    if len(piece) == 1:
        return start == 0 and piece in _FIRST_LETTERS
    return piece in _PIECES
