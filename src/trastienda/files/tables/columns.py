"""Which column of a table holds which field, by its header or by what was said."""

from collections.abc import Sequence

from msgspec import Struct

from trastienda.files.tables.column_names import VOCABULARIES
from trastienda.files.tables.table import FileRefused, Table, header_key, quoted

ColumnMap = tuple[tuple[str, str], ...]
"""Columns with the word of the field that they hold; an empty word means to ignore the
column."""


class FoundColumns(Struct, frozen=True):
    """The position of the column of each field, and the headers of those that hold
    none."""

    positions: dict[str, int]
    unused: list[str]


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

    Raises FileRefused for a header that stands twice, and for a column or field of
    ``column_map`` that does not exist.
    """
    vocabulary = VOCABULARIES[kind]
    header_keys = [header_key(header) for header in table.header]
    positions: dict[str, int] = {}

    for column, word in column_map:
        position = _position_of(column, table, header_keys)
        header_keys[position] = ""  # said, so not to be found by its header as well
        if not word:
            continue

        field = field_named(kind, word)
        if field is None:
            fields = ", ".join(vocabulary.words.values())
            raise FileRefused(
                f"--map: no hay un campo «{word}» de {kind}; los campos son: {fields}."
            )
        if field in positions:
            raise FileRefused(
                f"--map: «{vocabulary.words[field]}» está dicho dos veces."
            )
        positions[field] = position

    for field in vocabulary.words:
        if field in positions:
            continue
        known_headers = [
            header for header in vocabulary.headers[field] if header in header_keys
        ]
        if not known_headers:
            continue

        # They are written down with the most certain one first.
        best_header = known_headers[0]
        position = header_keys.index(best_header)
        if header_keys.count(best_header) > 1:
            raise FileRefused(f"La columna «{table.header[position]}» está repetida.")
        positions[field] = position

    used_positions = set(positions.values())
    unused_headers = []
    for position, header in enumerate(table.header):
        if position not in used_positions and header.strip():
            unused_headers.append(header)
    return FoundColumns(positions, unused_headers)


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


def missing_columns(table: Table, lacking: Sequence[str]) -> FileRefused:
    """Return the refusal of a table that lacks columns, by the words for them."""
    lacking_words = " y ".join(lacking)
    return FileRefused(
        f"Falta una columna para {lacking_words}; "
        f"las columnas son: {quoted(table.header)}. "
        "Cuál es se dice con --map COLUMNA=campo."
    )
