"""Past sales in files."""

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from trastienda.domain.past_sales import PastDocument, PastLine
from trastienda.files.imports import past_sales
from trastienda.files.imports.date_order import DateOrderOpen
from trastienda.files.imports.detection import detect_kind
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.column_names import PAST_SALES, PRODUCTS
from trastienda.files.tables.table import FileRefused

POUNDS = ImportOptions(exponent=2, time_zone=ZoneInfo("Europe/London"))
PESOS = ImportOptions(exponent=0, time_zone=ZoneInfo("America/Santiago"))
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
SPANISH = "Boleta;Código;Descripción;Cantidad;Fecha;Hora;Precio unitario\n"


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "ventas.csv"
    path.write_bytes(text.encode(encoding))
    return path


def documents(path: Path, options: ImportOptions = POUNDS) -> list[PastDocument]:
    with past_sales.read(path, options) as file:
        assert [(row.line, row.reason) for row in file.refused] == []
        return list(file.documents())


def reasons(path: Path, options: ImportOptions = POUNDS) -> list[tuple[int, str]]:
    with past_sales.read(path, options) as file:
        return [(row.line, row.reason) for row in file.refused]


def retail(*rows: str) -> str:
    return HEADER + "".join(row + "\n" for row in rows)


def test_rows_of_one_invoice_become_one_sale(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        retail("7,A1,TIN,6,12/31/10 8:26,2.55,17850", "7,B2,BOX,1,12/31/10 8:26,3,"),
    )
    assert documents(path) == [
        PastDocument(
            number="7",
            is_return=False,
            at_ms=1_293_783_960_000,
            lines=(
                PastLine("A1", "TIN", 6000, 255, 1530),
                PastLine("B2", "BOX", 1000, 300, 300),
            ),
        )
    ]


def test_a_chilean_file_has_decimal_commas_and_days_first(tmp_path: Path) -> None:
    text = (
        SPANISH
        + "31;7801;Pan;0,350;31-12-2025;09:15;$1.990\n31;7802;Té;2;31-12-2025;09:15;$12.500\n"
    )
    (sale,) = documents(written(tmp_path, text, "cp1252"), PESOS)
    assert [
        (line.quantity_milli, line.unit_price_minor, line.total_minor)
        for line in sale.lines
    ] == [
        (350, 1990, 697),
        (2000, 12500, 25000),
    ]
    assert sale.at_ms == 1_767_183_300_000


def test_scattered_rows_of_a_document_are_brought_together(tmp_path: Path) -> None:
    rows = [
        f"{number},A{line},X,1,12/13/10 8:00,1,\n"
        for line in range(3)
        for number in (10, 9, 100)
    ]
    result = documents(written(tmp_path, HEADER + "".join(rows)))
    assert [
        (document.number, [line.code for line in document.lines]) for document in result
    ] == [(number, ["A0", "A1", "A2"]) for number in ("9", "10", "100")]


def test_negative_quantities_and_c_numbers_are_returns(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        retail(
            "C1,D,Discount,-1,12/13/10 8:00,27.5,",
            "2,A,X,-5,12/13/10 8:00,0,",
            "C3,A,X,2,12/13/10 8:00,1,",
        )
        + "1,A,X,1,12/13/10 8:00,1,\n",
    )
    assert [
        (document.number, document.is_return, document.lines[0].quantity_milli)
        for document in documents(path)
    ] == [
        ("1", False, 1000),
        ("2", True, 5000),
        ("C1", True, 1000),
        ("C3", True, 2000),
    ]


def test_if_every_number_begins_with_c_they_are_sales(tmp_path: Path) -> None:
    path = written(
        tmp_path, retail("C1,A,X,1,12/13/10 8:00,1,", "C2,A,X,1,12/13/10 8:00,1,")
    )
    assert [document.is_return for document in documents(path)] == [False, False]


def test_a_number_with_both_signs_is_a_sale_and_its_return(tmp_path: Path) -> None:
    path = written(
        tmp_path, retail("1,A,X,3,12/13/10 8:00,1,", "1,A,X,-1,12/13/10 8:00,1,")
    )
    assert [
        (document.number, document.is_return, document.sale_number)
        for document in documents(path)
    ] == [
        ("1", False, None),
        ("1", True, "1"),
    ]


def test_a_number_repeated_on_another_day_gets_the_day_appended(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path, retail("1,A,X,1,12/14/10 8:00,1,", "1,A,X,1,12/13/10 8:00,1,")
    )
    assert [document.number for document in documents(path)] == ["1", "1 (2010-12-14)"]


def test_missing_names_and_prices_come_from_other_rows(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        retail(
            "1,A,,1,12/13/10 8:00,0,",
            "1,A,TIN BOX,1,12/13/10 8:00,2.50,",
            "1,A,?,-1,12/13/10 8:00,0,",
            "1,B,,1,12/13/10 8:00,1,",
        ),
    )
    with past_sales.read(path, POUNDS) as file:
        (sale, back) = file.documents()
        assert [line.name for line in sale.lines] == ["TIN BOX", "TIN BOX", "B"]
        assert back.lines[0].total_minor == 0
        assert (file.goods["A"].name, file.goods["A"].price_minor) == ("TIN BOX", 250)


def test_spaces_in_codes_become_dashes_and_a_missing_code_comes_from_the_name(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        retail(
            "1,BANK CHARGES,X,1,12/13/10 8:00,1,", "1,,Piña  Grande,1,12/13/10 8:00,1,"
        ),
    )
    assert [line.code for line in documents(path)[0].lines] == [
        "BANK-CHARGES",
        "pina-grande",
    ]


def test_line_totals_are_computed_from_the_exact_price_half_up(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        retail(
            "1,A,X,10,12/13/10 8:00,0.125,",
            "1,B,X,1,12/13/10 8:00,0.125,",
            "1,C,X,1,12/13/10 8:00,2.5,",
        ),
    )
    lines = documents(path)[0].lines
    assert [(line.unit_price_minor, line.total_minor) for line in lines] == [
        (13, 125),
        (13, 13),
        (250, 250),
    ]


def test_line_totals_in_the_file_win(tmp_path: Path) -> None:
    text = (
        "folio;codigo;cantidad;fecha;precio;importe\n"
        "1;A;2;13/12/2025;1000;1500\n"
        "1;B;-2;13/12/2025;;-1500\n"
    )
    (sale, back) = documents(written(tmp_path, text), PESOS)
    assert (sale.lines[0].unit_price_minor, sale.lines[0].total_minor) == (1000, 1500)
    assert (back.lines[0].unit_price_minor, back.lines[0].total_minor) == (750, 1500)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",A,X,1,12/13/10 8:00,1,", "falta el número de documento"),
        ("1,,,1,12/13/10 8:00,1,", "faltan el código y la descripción"),
        ("1,A/B,X,1,12/13/10 8:00,1,", "el código «A/B»"),
        ("1,A,X,,12/13/10 8:00,1,", "falta la cantidad"),
        ("1,A,X,many,12/13/10 8:00,1,", "la cantidad «many» no es un número"),
        ("1,A,X,0,12/13/10 8:00,1,", "la cantidad es 0"),
        ("1,A,X,0.1234,12/13/10 8:00,1,", "más de tres decimales"),
        ("1,A,X,1,13/13/10 8:00,1,", "no es una fecha mdy"),
        ("1,A,X,1,,1,", "no es una fecha"),
        ("1,A,X,1,12/13/10 8:00,,", "falta el precio"),
        ("1,A,X,1,12/13/10 8:00,-11062.06,", "es negativo"),
        ("1,A,X,1,12/13/10 8:00,99999999999999,", "demasiado grande"),
        ("1,A,X,1,12/13/10 8:00,1,2,3", "columnas"),
        ("1,A,da\udcffado,1,12/13/10 8:00,1,", "caracteres de control"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(
    tmp_path: Path, row: str, reason: str
) -> None:
    path = tmp_path / "ventas.csv"
    text = retail("1,A,ñññ,1,12/13/10 8:00,1.10,", row, "2,A,X,1,12/13/10 8:00,1.10,")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    ((line, answer),) = reasons(path)
    assert line == 3
    assert reason in answer


def test_refused_rows_are_written_beside_the_file_with_all_of_their_document(
    tmp_path: Path,
) -> None:
    rows = [
        "1;A;Pan;1;31-12-2025;09:15;1990",
        '1;A;"Pan; amasado";x;31-12-2025;09:15;1990',
        "2;B;Té;1;31-12-2025;09:15;1990",
        "1;C;Té;1;31-12-2025;09:15;1990",
        "1;C;Té;1;30-12-2025;09:15;1990",
    ]
    text = SPANISH + "\n".join(rows)
    with past_sales.read(written(tmp_path, text), PESOS) as file:
        assert (file.total_rows, file.taken_rows, file.left_behind) == (5, 2, 3)
        assert [row.line for row in file.refused] == [3]
        beside = file.write_refused()
        assert [document.number for document in file.documents()] == [
            "1",  # of the day before
            "2",
        ]
    assert beside.name == "ventas.csv.rechazadas.csv"
    whole = "la fila de la línea 3, del mismo documento 1, no se puede tomar"
    assert beside.read_text("utf-8-sig").splitlines() == [
        SPANISH.strip() + ";linea_rechazada;motivo_rechazo",
        f"{rows[0]};2;{whole}",
        f"{rows[1]};3;la cantidad «x» no es un número",
        f"{rows[3]};5;{whole}",
    ]


@pytest.mark.parametrize(
    ("bad_row", "taken"),
    [
        ("1;A;Pan;1;no;09:15;1990", ["2"]),  # of any day
        (";A;Pan;1;31-12-2025;09:15;1990", ["2"]),  # of the row above
        (";A;Pan;1;30-12-2025;09:15;1990", ["1", "2"]),
        (";A;Pan;1;;;1990", ["2"]),
        ("1;A;Pan;1;31-12-2025;09:15;1990;;x", ["2"]),  # too many cells
    ],
)
def test_no_half_of_a_document_is_taken(
    tmp_path: Path, bad_row: str, taken: list[str]
) -> None:
    rows = [
        "1;A;Pan;1;31-12-2025;09:15;1990",
        bad_row,
        "2;B;Té;1;31-12-2025;09:15;1990",
    ]
    path = written(tmp_path, SPANISH + "\n".join(rows))
    with past_sales.read(path, PESOS) as file:
        assert [document.number for document in file.documents()] == taken


def test_a_day_keeps_its_number_when_another_day_is_left_behind(
    tmp_path: Path,
) -> None:
    bad = SPANISH + "1;A;Pan;x;30-12-2025;;1\n1;A;Pan;1;31-12-2025;;1\n"
    with past_sales.read(written(tmp_path, bad), PESOS) as file:
        (taken,) = file.documents()
    mended = documents(written(tmp_path, bad.replace("x", "1")), PESOS)
    assert taken in mended


def test_an_ambiguous_date_order_is_refused_not_guessed(tmp_path: Path) -> None:
    path = written(tmp_path, retail("1,A,X,1,12/1/10 8:00,1,"))
    with pytest.raises(DateOrderOpen, match="--date-order") as caught:
        past_sales.read(path, POUNDS)
    assert caught.value.orders == ["dmy", "mdy", "ymd"]


@pytest.mark.parametrize(
    ("order", "day"),
    [("dmy", "2010-01-12"), ("mdy", "2010-12-01"), ("ymd", "2012-01-10")],
)
def test_a_given_date_order_decides(tmp_path: Path, order: str, day: str) -> None:
    path = written(tmp_path, retail("1,A,X,1,12/1/10,1,", "1,A,X,1,12/2/10,1,"))
    options = ImportOptions(exponent=2, time_zone=ZoneInfo("UTC"), date_order=order)
    (sale,) = documents(path, options)[:1]
    assert datetime.fromtimestamp(sale.at_ms / 1000, UTC).date().isoformat() == day


def test_rows_that_do_not_fit_a_given_date_order_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path, retail("1,A,X,1,12/1/10,1,", "1,A,X,1,12/13/10,1,"))
    options = ImportOptions(exponent=2, time_zone=ZoneInfo("UTC"), date_order="dmy")
    assert [line for line, _ in reasons(path, options)] == [3]


def test_contradicting_dates_ask_for_the_order(tmp_path: Path) -> None:
    path = written(tmp_path, retail("1,A,X,1,1/13/2010,1,", "1,A,X,1,13/1/2010,1,"))
    with pytest.raises(DateOrderOpen, match="línea 3"):
        past_sales.read(path, POUNDS)


def test_an_ambiguous_price_is_refused_not_guessed(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path, retail('1,A,X,1,12/13/10,"1,990",', "1,B,X,1,12/13/10,20,")
    )
    ((line, reason),) = reasons(path)
    assert line == 2
    assert "separador de miles" in reason


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="la fecha y el precio unitario"):
        past_sales.read(written(tmp_path, "folio,codigo,cantidad\n1,A,1\n"), PESOS)


def test_columns_decide_the_kind_of_a_file(tmp_path: Path) -> None:
    assert (
        detect_kind(written(tmp_path, retail("1,A,X,1,12/1/10,1,")), POUNDS)
        == PAST_SALES
    )
    assert (
        detect_kind(
            written(tmp_path, "codigo;nombre;precio;cantidad\nA;b;1;1\n"), POUNDS
        )
        == PRODUCTS
    )
    assert (
        detect_kind(written(tmp_path, '\ufeff {"Pan": {"precio": 1}}'), POUNDS)
        == PRODUCTS
    )
    with pytest.raises(FileRefused, match="--kind"):
        detect_kind(written(tmp_path, "codigo;motivo\nA;b\n"), POUNDS)


def test_a_hundred_thousand_unsorted_rows_need_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "ventas.csv"
    total = 100_000
    with path.open("w") as file:
        file.write(HEADER)
        for row in range(total):  # each invoice has its rows all over the file
            number, product = row * 7919 % 20_000, row % 500
            cells = f"{number},P{product},NAME OF A PRODUCT {product},2"
            file.write(f"{cells},12/13/10 8:00,1.5,\n")
    reported: list[tuple[int, int]] = []
    tracemalloc.start()
    try:
        with past_sales.read(
            path, POUNDS, lambda done, of: reported.append((done, of))
        ) as file:
            rows = sum(len(document.lines) for document in file.documents())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert rows == total
    assert peak < 40_000_000
    assert reported == sorted(reported)
    assert reported[-1] == (2 * path.stat().st_size,) * 2
