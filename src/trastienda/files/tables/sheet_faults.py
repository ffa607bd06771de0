"""Cells of spreadsheets that have no value to take: errors, and formulas that nobody has
worked out.

The reader of spreadsheets shows them as blank, so they are looked for by themselves, and
so is how far a sheet reaches, before it is held in memory.
"""

from msgspec import Struct, field

from trastienda.files.tables.table import FileRefused, cell_name

MAX_CELLS = 20_000_000
"""Of a sheet from its first cell to the last, blank ones too; each takes 32 bytes."""
MAX_CHARACTERS = 256_000_000
"""Of all cells of a sheet, each with its text to itself though the file has it once: a
million rows of 250."""
MAX_FAULTS = 1_000_000
"""Cells; all of a column in the longest sheet."""


class SheetFaults(Struct):
    """What a sheet has besides values.

    ``by_line`` has the error or NO_RESULT of each cell without a value, by line and
    position; the last line and width are those of all cells that hold something, and
    ``characters`` those of texts that the file has once for many cells.
    ``part`` is the sheet's place in an archive of Excel.
    """

    by_line: dict[int, dict[int, str]] = field(default_factory=dict)
    last_line: int = 0
    width: int = 0
    count: int = 0
    characters: int = 0
    part: str = ""

    @property
    def reaches_too_far(self) -> bool:
        """Whether the sheet cannot be held in memory."""
        return self.last_line * self.width > MAX_CELLS

    def add(
        self,
        line: int,
        position: int,
        fault: str,
    ) -> None:
        """Note a cell without a value."""
        self.count += 1
        if self.count > MAX_FAULTS:
            raise FileRefused(
                "La planilla tiene demasiadas celdas con errores o con fórmulas sin "
                "resultado; pega la tabla como valores en otra y guárdala."
            )
        self.by_line.setdefault(line, {})[position] = fault

    def check_size(self, sheet_name: str) -> None:
        """Raise FileRefused for a sheet that reaches too far to be held in memory, or
        repeats its texts too often."""
        if self.characters > MAX_CHARACTERS:
            raise FileRefused(
                f"La hoja «{sheet_name}» repite textos largos en demasiadas celdas; "
                "guárdala como CSV."
            )
        if self.reaches_too_far:
            farthest = cell_name(self.last_line, self.width - 1)
            raise FileRefused(
                f"La hoja «{sheet_name}» llega hasta la celda {farthest}, demasiado "
                "lejos; borra las filas y columnas que sobran y guárdala de nuevo."
            )
