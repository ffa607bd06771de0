"""Tables in text files: encoding, separator, header and rows."""

from pathlib import Path

import pytest

from trastienda.files.cells.fields import BadCell
from trastienda.files.tables.column_names import PRODUCTS
from trastienda.files.tables.columns import find_columns
from trastienda.files.tables.csv_table import CsvTable, find_encoding, open_csv
from trastienda.files.tables.table import FileRefused, Row, Table

KNOWN = frozenset(("codigo", "nombre", "precio"))
POSITIONS = {"code": 0, "name": 1, "price": 2}
LINES = "Código{0}Nombre{0}Precio\nA-1{0}Ñandú asado{0}1990\n"


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "tabla.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def opened(path: Path) -> CsvTable:
    return open_csv(path, KNOWN)


def positions(table: Table) -> dict[str, int]:
    return find_columns(table, PRODUCTS).positions


def rows(table: Table) -> list[Row]:
    return list(table.rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_usual_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    table = opened(written(tmp_path, LINES.format(",").encode(encoding)))
    assert positions(table) == POSITIONS
    assert rows(table) == [Row(2, ["A-1", "Ñandú asado", "1990"])]


def test_the_whole_file_decides_its_encoding(
    tmp_path: Path,
) -> None:
    long = LINES.format(",") + "A-2,plain,1\n" * 200_000
    path = written(
        tmp_path,
        long.replace("Ñandú", "Nandu").replace("Código", "Codigo").encode()
        + "A-3,ñ,1\n".encode("cp1252"),
    )
    assert find_encoding(path)[0] == "cp1252"


def test_one_damaged_letter_leaves_a_file_utf8(tmp_path: Path) -> None:
    path = written(tmp_path, LINES.format(",").encode() + b"A-2,da\xffado,1\n")
    table = opened(path)
    assert table.encoding == "utf-8"
    assert rows(table)[0] == Row(2, ["A-1", "Ñandú asado", "1990"])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_usual_separators_are_found_despite_others_in_quotes(
    tmp_path: Path, separator: str
) -> None:
    text = (
        LINES.format(separator)
        + f'A-2{separator}"pan, queso; té\t| y más"{separator}5\n'
    )
    table = opened(written(tmp_path, text))
    assert table.separator == separator
    assert rows(table)[1] == Row(3, ["A-2", "pan, queso; té\t| y más", "5"])


def test_titles_blank_lines_and_sep_may_stand_above_the_header(
    tmp_path: Path,
) -> None:
    table = opened(
        written(tmp_path, "sep=;\nInforme de productos\n\n" + LINES.format(";"))
    )
    assert rows(table) == [Row(5, ["A-1", "Ñandú asado", "1990"])]


def test_headers_match_despite_case_accents_and_signs(
    tmp_path: Path,
) -> None:
    table = opened(written(tmp_path, " CÓDIGO ;no_mbre;Precio.\nA;b;1\n"))
    assert positions(table) == POSITIONS


def test_a_row_has_the_number_of_its_first_line(tmp_path: Path) -> None:
    table = opened(
        written(
            tmp_path,
            'codigo,nombre,precio\r\n\r\nA,"dos\r\nlíneas",1\r\n,,\r\nB,b,2\r\n',
        )
    )
    assert [row.line for row in rows(table)] == [3, 6]


def test_a_row_that_is_too_wide_is_refused_and_a_short_one_filled_up(
    tmp_path: Path,
) -> None:
    table = opened(written(tmp_path, "codigo,nombre,precio\nA,b,1,50\nB,b\nC,c,1,,\n"))
    too_wide, short, with_blanks_behind = rows(table)
    with pytest.raises(BadCell, match="4 columnas y el encabezado 3"):
        table.cells_of(too_wide)
    assert table.cells_of(short) == ["B", "b", ""]
    assert table.cells_of(with_blanks_behind)[:3] == ["C", "c", "1"]


def test_an_open_quote_spoils_only_its_own_rows(
    tmp_path: Path,
) -> None:
    text = 'codigo,nombre,precio\nA,"b,1\n' + "B,b,2\n" * 40_000
    table = opened(written(tmp_path, text))
    first, *_, last = rows(table)
    with pytest.raises(BadCell, match="comillas sin cerrar"):
        table.cells_of(first)
    assert last == Row(40_002, ["B", "b", "2"])


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"a,b\n1,2\n", b"codigo,nombre\0,precio\n"]
)
def test_a_file_without_a_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused):
        opened(written(tmp_path, content))


def test_a_repeated_column_is_refused(tmp_path: Path) -> None:
    table = opened(written(tmp_path, "codigo,precio,Precio\nA,1,2\n"))
    with pytest.raises(FileRefused, match="repetida"):
        positions(table)
