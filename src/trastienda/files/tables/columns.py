"""Which column of a table holds which field, by its header or by what was said."""

from collections.abc import Mapping, Sequence
from itertools import islice

from msgspec import Struct

from trastienda.files.cells.fields import BadCell, flag_in
from trastienda.files.tables.column_names import VOCABULARIES
from trastienda.files.tables.header_fields import (
    HeaderFit,
    fields_sharing_words,
    fits_of,
)
from trastienda.files.tables.header_words import is_net, words_of
from trastienda.files.tables.table import FileRefused, Table, header_key, quoted

ColumnMap = tuple[tuple[str, str], ...]
"""Columns with the word of the field that they hold; an empty word means to ignore the
column."""

_LOOKED_AT = 1000
"""Rows that are looked at where headers leave open what a column holds."""
_LESS_EXACT = 2
_IN_HOUSE_CODE = words_of("código interno")


class FoundColumns(Struct, frozen=True):
    """Which columns of a table hold which fields of a ``kind`` of file.

    ``positions`` are those of the columns of fields, ``unused`` the headers of the
    columns that hold none, and ``ignored`` the positions of those that the importer
    said to leave alone. ``given_up`` has the field that a column would hold if there
    were no better one. ``rivals`` are the columns of a field that could hold it
    equally well, so that the importer has to say which.
    """

    kind: str
    header: tuple[str, ...]
    positions: dict[str, int]
    ignored: frozenset[int] = frozenset()
    given_up: dict[int, str] = {}
    rivals: dict[str, list[int]] = {}

    @property
    def unused_positions(self) -> list[int]:
        """The positions of the columns with a header that hold no field."""
        used_positions = set(self.positions.values())
        return [
            position
            for position, header in enumerate(self.header)
            if position not in used_positions and header.strip()
        ]

    @property
    def unused(self) -> list[str]:
        """The headers of the columns that hold no field."""
        return [self.header[position] for position in self.unused_positions]

    @property
    def has_net_price_alone(self) -> bool:
        """Whether the only price is one without IVA, which is none of the shop's."""
        if "price" in self.positions:
            return False
        return any(
            is_net(self.header[position])
            for position in self.unused_positions
            if position not in self.ignored
        )

    @property
    def free_fields(self) -> list[str]:
        """The fields that no column holds."""
        words = VOCABULARIES[self.kind].words
        return [field for field in words if field not in self.positions]


def parse_column_map(texts: Sequence[str]) -> ColumnMap:
    """Return the pairs of ``COLUMN=field`` texts.

    Raises FileRefused for any other text.
    """
    pairs = []
    for text in texts:
        column, _, word = text.rpartition("=")
        if not column.strip():
            raise FileRefused(
                f"--map «{text}» se escribe COLUMNA=campo, o COLUMNA= para no usarla."
            )
        pairs.append((column, word.strip()))
    return tuple(pairs)


def map_option(
    header: str,
    word: str,
) -> str:
    """Return what to type so that a column holds the field of that word.

    The quotes are those in which a shell leaves the header as it is.
    """
    # A header may have line breaks; it is found without them as well.
    one_line = " ".join(header.split())
    if any(sign in one_line for sign in '"$`\\!'):
        in_quotes = one_line.replace("'", "'\\''")
        return f"--map '{in_quotes}={word}'"
    return f'--map "{one_line}={word}"'


def field_named(
    kind: str,
    word: str,
) -> str | None:
    """Return the field of that kind of file that a word names: its own word, or a
    header of it."""
    vocabulary = VOCABULARIES[kind]
    word_key = header_key(word)

    for field, own_word in vocabulary.words.items():
        if header_key(own_word) == word_key:
            return field
    for field in vocabulary.words:
        if word_key in vocabulary.headers[field]:
            return field
    return None


def find_columns(
    table: Table,
    kind: str,
    column_map: ColumnMap = (),
) -> FoundColumns:
    """Return which column of the table holds each field of that kind of file.

    Raises FileRefused for two columns that could hold a field equally well, and for a
    column or field of ``column_map`` that does not exist.
    """
    columns = match_columns(table, kind, column_map)
    for field, positions in columns.rivals.items():
        raise _rivals_refused(columns, field, positions)
    return columns


def match_columns(
    table: Table,
    kind: str,
    column_map: ColumnMap = (),
) -> FoundColumns:
    """Do the same, but leave it open which of several columns holds a field."""
    positions, ignored = _mapped_columns(table, kind, column_map)
    look = _ColumnLook(table)
    said_positions = ignored | set(positions.values())
    candidates: dict[str, list[tuple[int, int]]] = {}
    for position, header in enumerate(table.header):
        if position in said_positions:
            continue
        for header_fit in fits_of(kind, header):
            fit = _fit_by_content(header_fit, position, header, look)
            candidates.setdefault(fit.field, []).append((fit.rank, position))
    _sort_things(candidates, positions)

    given_up: dict[int, str] = {}
    rivals: dict[str, list[int]] = {}
    for field, ranked in candidates.items():
        if not ranked:
            continue
        if field in positions:
            given_up.update(dict.fromkeys([place for _, place in ranked], field))
            continue
        best = look.best_of(field, ranked)
        positions[field] = best[0]
        if len(best) > 1:
            rivals[field] = best
        for _, position in ranked:
            if position not in best:
                given_up[position] = field

    words = VOCABULARIES[kind].words
    in_order = {field: positions[field] for field in words if field in positions}
    return FoundColumns(
        kind=kind,
        header=table.header,
        positions=in_order,
        ignored=frozenset(ignored),
        given_up=given_up,
        rivals=rivals,
    )


def _mapped_columns(
    table: Table,
    kind: str,
    column_map: ColumnMap,
) -> tuple[dict[str, int], set[int]]:
    """Return the positions of the fields that the importer said, and those of the
    columns to leave alone."""
    words = VOCABULARIES[kind].words
    header_keys = [header_key(header) for header in table.header]
    positions: dict[str, int] = {}
    ignored: set[int] = set()
    for column, word in column_map:
        position = _position_of(column, table, header_keys)
        if not word:
            ignored.add(position)
            continue

        field = field_named(kind, word)
        if field is None:
            fields = ", ".join(words.values())
            raise FileRefused(
                f"--map: no hay un campo «{word}» de {kind}; los campos son: {fields}."
            )
        if field in positions:
            raise FileRefused(f"--map: «{words[field]}» está dicho dos veces.")
        positions[field] = position
    return positions, ignored


def _position_of(column: str, table: Table, header_keys: Sequence[str]) -> int:
    """Return the position of the column that the importer named."""
    if column in table.header:
        return table.header.index(column)

    column_key = header_key(column)
    if column_key and column_key in header_keys:
        return header_keys.index(column_key)
    raise FileRefused(
        f"--map: no hay una columna «{column}»; "
        f"las columnas son: {quoted(table.header)}."
    )


class _ColumnLook:
    """What stands in the columns, for headers that say too little.

    The rows are read when they are asked for, which is seldom.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._columns: dict[int, list[str]] | None = None

    def _cells(self, position: int) -> list[str]:
        """Return the cells of a column that are not empty, of the first rows."""
        if self._columns is None:
            self._columns = {}
            for row in islice(self._table.rows(), _LOOKED_AT):
                for place, cell in enumerate(row.cells):
                    if cell.strip():
                        self._columns.setdefault(place, []).append(cell.strip())
        return self._columns.get(position, [])

    def holds_flags(self, position: int) -> bool:
        """Tell whether all cells are yes or no."""
        try:
            for cell in self._cells(position):
                flag_in(cell, "")
        except BadCell:
            return False
        return True

    def best_of(
        self,
        field: str,
        ranked: Sequence[tuple[int, int]],
    ) -> list[int]:
        """Return the positions of the best columns for a field.

        Those are the ones with the most exact headers, but for columns without a cell,
        and for numbers where names should stand.
        """
        candidates = list(ranked)
        if len(candidates) > 1:
            candidates = [
                (rank, position)
                for rank, position in ranked
                if self._can_hold(field, position)
            ] or candidates
        best_rank = min(candidates)[0]
        return [position for rank, position in candidates if rank == best_rank]

    def _can_hold(
        self,
        field: str,
        position: int,
    ) -> bool:
        cells = self._cells(position)
        if field != "name":
            return bool(cells)
        names = [cell for cell in cells if any(map(str.isalpha, cell))]
        return 2 * len(names) > len(cells)


def _fit_by_content(
    fit: HeaderFit,
    position: int,
    header: str,
    look: _ColumnLook,
) -> HeaderFit:
    """Return what a column is if its header alone cannot say it: «Código interno» is a
    yes or no in what was exported, and a code everywhere else."""
    if fit.field != "in_house" or words_of(header) != _IN_HOUSE_CODE:
        return fit
    if look.holds_flags(position):
        return fit
    return HeaderFit("code", _LESS_EXACT, fit.words)


def _sort_things(
    candidates: Mapping[str, list[tuple[int, int]]],
    positions: Mapping[str, int],
) -> None:
    """Take «Artículo» for the name where another column is the code, or none the name;
    else for the code."""
    codes = candidates.get("code", [])
    names = candidates.get("name", [])
    name_places = {position for _, position in names}
    code_places = {position for _, position in codes}
    things = code_places & name_places

    has_code = "code" in positions or bool(code_places - things)
    has_name = "name" in positions or bool(name_places - things)
    of_other_field = codes if has_code or not has_name else names
    of_other_field[:] = [place for place in of_other_field if place[1] not in things]


def _rivals_refused(
    columns: FoundColumns,
    field: str,
    positions: Sequence[int],
) -> FileRefused:
    """Return the refusal of several columns that could hold one field."""
    headers = [columns.header[position] for position in positions]
    if len({header_key(header) for header in headers}) == 1:
        return FileRefused(
            f"La columna «{headers[0]}» está repetida; "
            "cámbiale el nombre a una, o bórrala, y vuelve a importar."
        )
    word = VOCABULARIES[columns.kind].words[field]
    options = " o ".join(map_option(header, word) for header in headers)
    return FileRefused(
        f"Más de una columna puede ser «{word}»: {quoted(headers)}. "
        f"Di cuál es con {options}."
    )


def missing_columns(
    table: Table,
    lacking: Sequence[str],
    columns: FoundColumns | None = None,
) -> FileRefused:
    """Return the refusal of a table that lacks columns, by the words for them."""
    lacking_words = " y ".join(lacking)
    hints = [] if columns is None else _hints(columns)
    advice = " ".join(hints) or "Cuál es se dice con --map COLUMNA=campo."
    return FileRefused(
        f"Falta una columna para {lacking_words}; "
        f"las columnas son: {quoted(table.header)}. {advice}"
    )


def _hints(columns: FoundColumns) -> list[str]:
    """Return which unused columns may hold what a table lacks."""
    hints = []
    for position in columns.unused_positions:
        header = columns.header[position]
        fields = fields_sharing_words(columns.kind, header, columns.free_fields)
        if not fields:
            continue
        word = VOCABULARIES[columns.kind].words[fields[0]]
        option = map_option(header, word)
        if fields[0] == "price" and is_net(header):
            hints.append(
                f"«{header}» parece un precio sin IVA, y los de la tienda lo incluyen; "
                f"si lo incluye, escribe {option}."
            )
        else:
            hints.append(f"Si es «{header}», escribe {option}.")
    return hints
