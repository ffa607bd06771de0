"""Columns of a table that no field was read from, and what to type if one should be."""

from collections import Counter
from collections.abc import Sequence

from trastienda.domain import barcode
from trastienda.files.cells.codes import undressed
from trastienda.files.tables.column_names import VOCABULARIES
from trastienda.files.tables.columns import FoundColumns, map_option
from trastienda.files.tables.header_fields import fields_sharing_words
from trastienda.files.tables.header_words import is_net
from trastienda.files.tables.own_columns import REFUSAL_HEADER
from trastienda.files.tables.table import FileRefused, quoted

_LOOKED_AT = 1000
"""Cells of a column; a file may have a million."""


class UnusedColumns:
    """The unused columns of a table, and what stands in them.

    Those that the importer said to leave alone are none of them.
    """

    def __init__(self, columns: FoundColumns) -> None:
        self._columns = columns
        self._positions = [
            position
            for position in columns.unused_positions
            if position not in columns.ignored
        ]
        self._cells: Counter[int] = Counter()
        self._barcodes: Counter[int] = Counter()

    def observe(self, cells: Sequence[str]) -> None:
        """Take a row into account."""
        for position in self._positions:
            if position < len(cells):
                cell = cells[position].strip()
                if cell and self._cells[position] < _LOOKED_AT:
                    self._cells[position] += 1
                    self._barcodes[position] += barcode.is_gtin(undressed(cell))

    def check_barcodes(self) -> None:
        """Raise FileRefused if barcodes stand in an unused column, and codes in none.

        A product without a code takes its name for one, for ever.
        """
        if "code" in self._columns.positions:
            return
        for position in self._positions:
            if self._holds_barcodes(position):
                header = self._columns.header[position]
                word = VOCABULARIES[self._columns.kind].words["code"]
                raise FileRefused(
                    f"La columna {quoted([header])} trae códigos de barras, "
                    "y ninguna otra trae el código. "
                    f"Escribe {map_option(header, word)} para usarla, "
                    f"o {map_option(header, '')} para dejarla fuera."
                )

    @property
    def remarks(self) -> list[str]:
        """What to say of each column with something in it."""
        header = self._columns.header
        positions = [
            position
            for position in self._positions
            if self._cells[position] and header[position] not in REFUSAL_HEADER
        ]
        texts = [self._remark(position) for position in positions]
        if any(self._likely_field(position) is None for position in positions):
            words = VOCABULARIES[self._columns.kind].words
            free_words = [words[field] for field in self._columns.free_fields]
            texts.append(f"Campos que ninguna columna trae: {', '.join(free_words)}")
        return texts

    def _holds_barcodes(self, position: int) -> bool:
        return 2 * self._barcodes[position] > self._cells[position]

    def _likely_field(self, position: int) -> str | None:
        """Return the field that an unused column may well hold."""
        columns = self._columns
        if position in columns.given_up:
            return columns.given_up[position]
        if self._holds_barcodes(position):
            return "code"
        header = columns.header[position]
        likely_fields = fields_sharing_words(columns.kind, header, columns.free_fields)
        return likely_fields[0] if likely_fields else None

    def _remark(self, position: int) -> str:
        columns = self._columns
        header = columns.header[position]
        opening = f"La columna {quoted([header])} no se usó"
        field = self._likely_field(position)
        if field is None:
            return f"{opening}; si hace falta, escribe {map_option(header, 'campo')}"

        word = VOCABULARIES[columns.kind].words[field]
        option = map_option(header, word)
        if field in columns.positions:
            used_header = columns.header[columns.positions[field]]
            return (
                f"{opening}: «{word}» es {quoted([used_header])}; "
                f"para cambiarlo, escribe {option}"
            )
        if field == "price" and is_net(header):
            return (
                f"{opening}: parece un precio sin IVA, y los de la tienda lo incluyen; "
                f"si lo incluye, escribe {option}"
            )
        return f"{opening}; si trae «{word}», escribe {option}"
