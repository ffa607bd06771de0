"""What rows of past sales mean: types, tills, states, debts, times."""

from pathlib import Path

import pytest
from tests.files.imports.sale_files import PESOS, documents, totals, written

from trastienda.files.imports import past_sales
from trastienda.files.imports.detection import detect_kind
from trastienda.files.tables.table import FileRefused


def test_a_number_is_one_document_only_within_its_type(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Tipo Documento;Folio;Fecha;Código;Cantidad;Precio",
        "Boleta;100;13-12-2025;A;2;4990",
        "Factura;100;13-12-2025;A;10;4990",
        "61;7;15-12-2025;A;1;4990",
    )
    listed = documents(path)
    assert totals(listed) == {
        "Boleta 100": 9980,
        "Factura 100": 49900,
        "Nota de crédito 7": 4990,
    }
    assert [document.is_return for document in listed] == [False, False, True]
    # The seventh credit note is none of the seventh receipt.
    assert listed[2].sale_number is None


def test_codes_and_words_of_a_type_give_the_same_number(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Tipo DTE;Folio;Fecha;Código;Cantidad;Precio",
        "39;100;13-12-2025;A;1;100",
        "Boleta Electrónica;100;13-12-2025;A;1;100",
        "41;5;13-12-2025;B;1;100",
    )
    boleta, exempt = documents(path)
    assert (boleta.number, len(boleta.lines)) == ("Boleta 100", 2)
    assert [line.exempt for line in (*boleta.lines, *exempt.lines)] == [
        None,
        None,
        True,
    ]


def test_receipts_that_say_sale_or_refund_keep_their_numbers(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Date;Receipt number;Receipt type;SKU;Quantity;Net sales",
        "2025-12-13;1-1001;Sale;A;2;9980",
        "2025-12-14;1-1002;Refund;A;1;-4990",
    )
    sale, refund = documents(path)
    assert (sale.number, sale.is_return) == ("1-1001", False)
    assert (refund.number, refund.is_return) == ("1-1002", True)
    assert refund.lines[0].total_minor == 4990


def test_each_till_and_branch_numbers_for_itself(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Sucursal;Caja;Ticket;Fecha;Código;Cantidad;Precio",
        "Centro;1;15;13-12-2025 10:15;A;1;100",
        "Centro;2;15;13-12-2025 18:40;A;2;100",
        "Norte;1;15;13-12-2025 18:40;A;3;100",
    )
    assert totals(documents(path)) == {
        "15, caja 1, Centro": 100,
        "15, caja 2, Centro": 200,
        "15, caja 1, Norte": 300,
    }


def test_a_return_finds_its_sale_by_the_number_without_type_and_till(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        "Tipo documento;Caja;Folio;Fecha;Código;Cantidad;Precio;Folio referencia",
        "Boleta;1;100;13-12-2025;A;2;100;",
        "Boleta;2;100;13-12-2025;A;3;100;",
        "Boleta;2;101;13-12-2025;A;3;100;",
        "Nota de crédito;2;7;15-12-2025;A;1;100;100",
        "Nota de crédito;1;8;15-12-2025;A;1;100;101",
        "Nota de crédito;1;9;15-12-2025;A;1;100;102",
    )
    assert [document.sale_number for document in documents(path)[3:]] == [
        "Boleta 100, caja 2",
        "Boleta 101, caja 2",
        "102",
    ]


@pytest.mark.parametrize(
    ("header", "void", "valid"),
    [
        ("estado", "Anulada", "Vigente"),
        ("Estado documento", "NULA", "Emitida"),
        ("Status", "Cancelled", "Closed"),
        ("Anulada", "Sí", "No"),
        ("Void", "x", ""),
        ("Tipo documento", "Guía de despacho", ""),
        ("Tipo DTE", "52", ""),
    ],
)
def test_rows_that_do_not_count_are_left_out_and_told(
    tmp_path: Path, header: str, void: str, valid: str
) -> None:
    path = written(
        tmp_path,
        f"boleta;fecha;codigo;cantidad;precio;{header}",
        f"1;15-12-2025;A;2;4990;{void}",
        f"1;15-12-2025;B;0;;{void}",  # nothing in it is asked for
        f"2;15-12-2025;A;1;4990;{valid}",
    )
    with past_sales.read(path, PESOS) as file:
        assert len(file.refused) == 0
        assert totals(list(file.documents())) == {"2": 4990}
        (notice,) = file.notices
        assert "2 filas, la primera en la línea 2" in notice
        assert file.taken_rows == 1


def test_a_debt_of_nobody_is_refused_by_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "boleta;fecha;codigo;cantidad;precio;cliente;forma de pago",
        "1;15-12-2025;A;1;100;;Fiado",
        "2;15-12-2025;A;1;100;11.111.111-1;Fiado",
        "2;15-12-2025;A;1;100;;Fiado",  # of the same document
        "3;15-12-2025;A;1;100;;Efectivo",
        "4;15-12-2025;A;-1;100;;Fiado",  # what comes back is no debt
    )
    with past_sales.read(path, PESOS) as file:
        ((line, reason),) = [(row.line, row.reason) for row in file.refused]
        assert (line, "falta el RUT de quien debe" in reason) == (2, True)
        assert [document.number for document in file.documents()] == ["2", "3", "4"]


def test_a_time_beside_a_date_with_its_own_must_be_the_same(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "boleta;fecha;hora;codigo;cantidad;precio",
        "1;15-12-2025 10:15:30;10:15 hrs;A;1;100",
        "2;15-12-2025 10:15:30;18:40;A;1;100",
        "3;15-12-2025;mañana;A;1;100",
    )
    with past_sales.read(path, PESOS) as file:
        reasons = {row.line: row.reason for row in file.refused}
    assert reasons == {
        3: "la fecha «15-12-2025 10:15:30» y la hora «18:40» no son la misma; "
        "deja una con --map COLUMNA=",
        4: "la hora «mañana» no es una hora",
    }


def test_a_state_that_is_paid_to_some_and_void_to_others_is_refused_by_line(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        "boleta;fecha;codigo;cantidad;precio;estado",
        "1;15-12-2025;A;1;100;Cancelada",
        "2;15-12-2025;A;1;100;Pagada",
    )
    with past_sales.read(path, PESOS) as file:
        ((line, reason),) = [(row.line, row.reason) for row in file.refused]
        assert (line, "pagada o anulada" in reason) == (2, True)
        assert [document.number for document in file.documents()] == ["2"]


def test_a_day_before_1970_is_refused_by_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "numero;fecha;codigo;cantidad;precio",
        "7;13/02/1969;421;1;2490",
    )
    with past_sales.read(path, PESOS) as file:
        ((line, reason),) = [(row.line, row.reason) for row in file.refused]
    assert (line, "anterior a 1970" in reason) == (2, True)


def test_sales_with_a_column_that_is_not_understood_are_no_product_list(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        "numero;fecha;codigo;descripcion;bultos;precio",
        "1;13/02/2025;421;Tomate;1,5;1990",
    )
    with pytest.raises(FileRefused, match="--kind"):
        detect_kind(path, PESOS)


def test_refused_rows_come_back_with_the_decimals_they_had(tmp_path: Path) -> None:
    """What proved the mark of decimals was in the rows that were taken."""
    path = written(
        tmp_path,
        "numero;fecha;codigo;cantidad;precio",
        "1;13/02/2025;421;0.5;2.490",
        "2;14/02/2025;421;1.250;",
    )
    with past_sales.read(path, PESOS) as file:
        beside = file.write_refused()
        second = file.write_refused()
    assert (beside.name, second.name) == (
        "ventas.csv.rechazadas.csv",
        "ventas.csv.rechazadas-2.csv",
    )
    text = beside.read_text("utf-8-sig")
    beside.write_text(text.replace("1.2500;;", "1.2500;2.490;"), "utf-8")
    with past_sales.read(beside, PESOS) as file:
        assert len(file.refused) == 0
        ((line,),) = [document.lines for document in file.documents()]
    assert (line.quantity_milli, line.total_minor) == (1250, 3113)
