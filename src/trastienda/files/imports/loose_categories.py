"""Categories that stand only in the first row of their products."""

from trastienda.files.imports.product_rows import ProductRow

_LEAST_BLANK = 2


class LooseCategories:
    """Tells whether the categories of a file look like cells that were merged downwards,
    in a kind of file that does not keep that."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._is_first_filled = False
        self._is_repeated = False
        self._row_count = 0
        self._blank_count = 0

    def observe(self, row: ProductRow) -> None:
        """Take a row into account."""
        cell = row.cells.get("category")
        if not isinstance(cell, str):
            return
        category = cell.strip()
        if not self._row_count:
            self._is_first_filled = bool(category)
        self._row_count += 1
        if not category:
            self._blank_count += 1
        self._is_repeated |= category in self._seen
        if category:
            self._seen.add(category)

    @property
    def remarks(self) -> list[str]:
        """What to say of the file."""
        is_loose = (
            self._is_first_filled
            and not self._is_repeated
            and self._blank_count >= max(_LEAST_BLANK, self._row_count // 2)
        )
        if not is_loose:
            return []
        remark = (
            f"{self._blank_count} de {self._row_count} filas no traen categoría, y "
            "ninguna se repite; si en la planilla sus celdas están combinadas hacia "
            "abajo, sepáralas y rellénalas"
        )
        return [remark]
