"""What an import accepts, but the importer should know about."""

from collections.abc import Iterator

from msgspec import Struct, field

LOST_ZERO = (
    "Códigos que parecen haber perdido un cero a la izquierda; "
    "da formato de texto a la columna del código"
)
NEGATIVE_STOCK = "Stock negativo, tomado como 0"
PERCENT_AS_SHARE = (
    "Porcentajes de descuento leídos como los guarda una planilla: 0,1 es 10 %"
)
UNKNOWN_UNIT = "Unidades que no se conocen; queda la del producto, y «un» si es nuevo"
ROUNDED = "Montos con más decimales que la moneda de la tienda, redondeados"


MAX_EXAMPLES = 5
"""Cells that a remark shows."""


class _Occurrences(Struct):
    first_line: int
    count: int = 0
    examples: list[str] = field(default_factory=list)


class Notices:
    """Remarks on rows; each is kept once, with its first line and how often it
    occurred."""

    def __init__(self) -> None:
        self._occurrences: dict[str, _Occurrences] = {}

    def add(
        self,
        remark: str,
        line: int,
        example: str | None = None,
    ) -> None:
        """Make a remark on the row at ``line``, with the cell that it is about."""
        occurrences = self._occurrences.setdefault(remark, _Occurrences(line))
        occurrences.count += 1
        examples = occurrences.examples
        if example and example not in examples and len(examples) < MAX_EXAMPLES:
            examples.append(example)

    def __iter__(self) -> Iterator[str]:
        for remark, occurrences in self._occurrences.items():
            where = f"línea {occurrences.first_line}"
            if occurrences.count > 1:
                where = f"{occurrences.count} filas, la primera en la {where}"
            cells = ", ".join(f"«{example}»" for example in occurrences.examples)
            yield f"{remark}: {cells} ({where})" if cells else f"{remark} ({where})"
