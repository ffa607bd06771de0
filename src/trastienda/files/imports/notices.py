"""What an import does not refuse, and whoever imports should know all the same."""

from collections.abc import Iterator

from msgspec import Struct

LOST_ZERO = "Códigos que parecen haber perdido un cero a la izquierda; dé formato de texto a la columna del código"
ROUNDED = "Montos con más decimales que la moneda de la tienda, redondeados"


class _Seen(Struct):
    first_line: int
    count: int = 0


class Notices:
    """Remarks on rows, each kept once with its first line and how often it was made."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def see(self, sentence: str, line: int) -> None:
        """Make a remark on the row at ``line``."""
        self._seen.setdefault(sentence, _Seen(line)).count += 1

    def __iter__(self) -> Iterator[str]:
        for sentence, seen in self._seen.items():
            rows = (
                "línea"
                if seen.count == 1
                else f"{seen.count} filas, la primera en la línea"
            )
            yield f"{sentence} ({rows} {seen.first_line})"
