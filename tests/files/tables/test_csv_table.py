"""Tables in text files: encoding, separator, header and rows."""

from pathlib import Path

import pytest

from trastienda.files.cells.fields import BadCell
from trastienda.files.tables.column_names import PRODUCTS
from trastienda.files.tables.columns import find_columns
from trastienda.files.tables.csv_table import CsvTable, open_csv
from trastienda.files.tables.header_fields import KnownHeaders
from trastienda.files.tables.table import FileRefused, Row, Table
from trastienda.files.tables.text_encoding import find_encoding

KNOWN = KnownHeaders([PRODUCTS])
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
    assert find_encoding(path).name == "cp1252"


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


def test_rows_that_an_open_quote_swallowed_are_rows_of_their_own(
    tmp_path: Path,
) -> None:
    text = 'codigo;nombre;precio\n1;"Clavo 2;990\n2;Tornillo;100\n3;"Perno";50\n'
    table = opened(written(tmp_path, text))
    first, *others = rows(table)
    assert (first.line, first.cells) == (2, ["1", '"Clavo 2', "990"])
    with pytest.raises(BadCell, match="comillas que se abren y no se cierran"):
        table.cells_of(first)
    assert others == [Row(3, ["2", "Tornillo", "100"]), Row(4, ["3", "Perno", "50"])]


@pytest.mark.parametrize(
    "open_row",
    ['1;"Clavo 2', '"1;Clavo 2;990', '1;Clavo 2;"990', '1;"Clavo 2;990;;'],
)
@pytest.mark.parametrize("next_row", ["2;Tornillo;100", '2;"Tornillo";100'])
def test_an_open_quote_anywhere_in_a_row_is_found(
    tmp_path: Path, open_row: str, next_row: str
) -> None:
    text = f"codigo;nombre;precio\n{open_row}\n{next_row}\n3;Perno;50\n"
    table = opened(written(tmp_path, text))
    first, *others = rows(table)
    assert first.problem == "comillas que se abren y no se cierran"
    assert [row.cells for row in others] == [
        ["2", "Tornillo", "100"],
        ["3", "Perno", "50"],
    ]


def test_a_quote_that_is_open_at_the_end_is_named_in_its_row(tmp_path: Path) -> None:
    table = opened(written(tmp_path, 'codigo;nombre;precio\nA;"b;1'))
    (row,) = rows(table)
    assert row.problem == "comillas que se abren y no se cierran"


def test_line_breaks_and_separators_in_quotes_are_no_open_quote(
    tmp_path: Path,
) -> None:
    text = 'codigo,nombre,precio\nA,"uno, dos,\ntres, cuatro",1\nB,b,2\n'
    assert rows(opened(written(tmp_path, text))) == [
        Row(2, ["A", "uno, dos,\ntres, cuatro", "1"]),
        Row(4, ["B", "b", "2"]),
    ]


@pytest.mark.parametrize("end", ["\x1a", "\x1a\x1a", "\x1a\r\n", "\r\n\x1a"])
def test_the_end_of_file_of_dos_is_no_row(tmp_path: Path, end: str) -> None:
    table = opened(written(tmp_path, "codigo;nombre;precio\r\nA;b;1" + end))
    assert rows(table) == [Row(2, ["A", "b", "1"])]


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
