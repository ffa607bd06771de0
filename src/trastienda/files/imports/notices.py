"""What an import accepts, but the importer should know about."""

from collections.abc import Iterator

from msgspec import Struct

LOST_ZERO = (
    "Códigos que parecen haber perdido un cero a la izquierda; "
    "dé formato de texto a la columna del código"
)
ROUNDED = "Montos con más decimales que la moneda de la tienda, redondeados"


class _Occurrences(Struct):
    first_line: int
    count: int = 0


class Notices:
    """Remarks on rows; each is kept once, with its first line and how often it
    occurred."""

    def __init__(self) -> None:
        self._occurrences: dict[str, _Occurrences] = {}

    def add(
        self,
        remark: str,
        line: int,
    ) -> None:
        """Make a remark on the row at ``line``."""
        occurrences = self._occurrences.setdefault(remark, _Occurrences(line))
        occurrences.count += 1

    def __iter__(self) -> Iterator[str]:
        for remark, occurrences in self._occurrences.items():
            where = f"línea {occurrences.first_line}"
            if occurrences.count > 1:
                where = f"{occurrences.count} filas, la primera en la {where}"
            yield f"{remark} ({where})"
