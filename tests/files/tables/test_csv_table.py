"""Tables in text files: what is found out about each."""

from pathlib import Path

import pytest

from trastienda.files.cells.fields import BadCell
from trastienda.files.tables.columns import PRODUCTS, find
from trastienda.files.tables.csv_table import TextTable, find_encoding, open_text
from trastienda.files.tables.table import FileRefused, Row, Table, check_width

KNOWN = frozenset(("codigo", "nombre", "precio"))
PLACES = {"code": 0, "name": 1, "price": 2}
LINES = "Código{0}Nombre{0}Precio\nA-1{0}Ñandú asado{0}1990\n"


def written(folder: Path, content: bytes | str) -> Path:
    path = folder / "tabla.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def opened(path: Path) -> TextTable:
    return open_text(path, KNOWN)


def places(table: Table) -> dict[str, int]:
    return find(table, PRODUCTS).places


def rows(table: Table) -> list[Row]:
    return list(table.rows())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_every_usual_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    table = opened(written(tmp_path, LINES.format(",").encode(encoding)))
    assert places(table) == PLACES
    assert rows(table) == [(2, ["A-1", "Ñandú asado", "1990"])]


def test_an_encoding_is_told_from_all_of_the_file_not_its_beginning(
    tmp_path: Path,
) -> None:
    long = LINES.format(",") + "A-2,plain,1\n" * 200_000
    path = written(
        tmp_path,
        long.replace("Ñandú", "Nandu").replace("Código", "Codigo").encode()
        + "A-3,ñ,1\n".encode("cp1252"),
    )
    assert find_encoding(path)[0] == "cp1252"


def test_one_damaged_letter_does_not_make_utf8_another_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, LINES.format(",").encode() + b"A-2,da\xffado,1\n")
    table = opened(path)
    assert table.encoding == "utf-8"
    assert rows(table)[0] == (2, ["A-1", "Ñandú asado", "1990"])


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_usual_separator_is_found_out_whatever_stands_in_quotes(
    tmp_path: Path, separator: str
) -> None:
    text = (
        LINES.format(separator)
        + f'A-2{separator}"pan, queso; té\t| y más"{separator}5\n'
    )
    table = opened(written(tmp_path, text))
    assert table.separator == separator
    assert rows(table)[1] == (3, ["A-2", "pan, queso; té\t| y más", "5"])


def test_titles_blank_lines_and_a_mark_for_excel_may_stand_above_the_header(
    tmp_path: Path,
) -> None:
    table = opened(
        written(tmp_path, "sep=;\nInforme de productos\n\n" + LINES.format(";"))
    )
    assert rows(table) == [(5, ["A-1", "Ñandú asado", "1990"])]


def test_headers_are_known_whatever_their_case_accents_and_signs(
    tmp_path: Path,
) -> None:
    table = opened(written(tmp_path, " CÓDIGO ;no_mbre;Precio.\nA;b;1\n"))
    assert places(table) == PLACES


def test_a_row_is_named_by_the_line_where_it_begins(tmp_path: Path) -> None:
    table = opened(
        written(
            tmp_path,
            'codigo,nombre,precio\r\n\r\nA,"dos\r\nlíneas",1\r\n,,\r\nB,b,2\r\n',
        )
    )
    assert [line for line, _ in rows(table)] == [3, 6]


def test_a_row_with_too_many_cells_is_refused_and_a_short_one_filled_up(
    tmp_path: Path,
) -> None:
    table = opened(written(tmp_path, "codigo,nombre,precio\nA,b,1,50\nB,b\nC,c,1,,\n"))
    found = [cells for _, cells in rows(table)]
    with pytest.raises(BadCell, match="4 columnas y el encabezado 3"):
        check_width(table, found[0])
    assert check_width(table, found[1]) == ["B", "b", ""]
    assert check_width(table, found[2])[:3] == ["C", "c", "1"]


def test_a_quote_that_is_never_closed_costs_no_more_than_its_rows(
    tmp_path: Path,
) -> None:
    text = 'codigo,nombre,precio\nA,"b,1\n' + "B,b,2\n" * 40_000
    found = rows(opened(written(tmp_path, text)))
    assert isinstance(found[0][1], BadCell)
    assert found[-1] == (40_002, ["B", "b", "2"])


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"a,b\n1,2\n", b"codigo,nombre\0,precio\n"]
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(FileRefused):
        opened(written(tmp_path, content))


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    table = opened(written(tmp_path, "codigo,precio,Precio\nA,1,2\n"))
    with pytest.raises(FileRefused, match="repetida"):
        places(table)
