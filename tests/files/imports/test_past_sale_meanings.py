"""What rows of past sales mean: types, tills, states, discounts, net prices, costs."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from trastienda.domain.past_sales import PastDocument
from trastienda.files.imports import past_sales
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.columns import parse_column_map
from trastienda.files.tables.table import FileRefused

PESOS = ImportOptions(
    exponent=0,
    time_zone=ZoneInfo("America/Santiago"),
    vat_bp=1900,
)
NET = replace(PESOS, prices_are_net=True)


def written(
    folder: Path,
    *rows: str,
) -> Path:
    path = folder / "ventas.csv"
    path.write_text("\n".join(rows), "utf-8")
    return path


def documents(
    path: Path,
    options: ImportOptions = PESOS,
) -> list[PastDocument]:
    with past_sales.read(path, options) as file:
        assert [(row.line, row.reason) for row in file.refused] == []
        return list(file.documents())


def totals(listed: list[PastDocument]) -> dict[str, int]:
    return {
        document.number: sum(line.total_minor for line in document.lines)
        for document in listed
    }


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


@pytest.mark.parametrize(
    ("header", "cells", "line_totals"),
    [
        ("descuento", ["998", "", "0"], [8982, 4990, 4990]),
        ("Descuento", ["-998", "", ""], [8982, 4990, 4990]),
        ("Dcto.", ["$ 998", "1.000", ""], [8982, 3990, 4990]),
        ("descuento", ["10%", "12,5 %", ""], [8982, 4366, 4990]),
        ("Descuento %", ["10", "12,5", "0"], [8982, 4366, 4990]),
        ("% descuento", ["0,1", "0,125", "0"], [8982, 4366, 4990]),
        ("descuento", ["0,1", "0,125", "0"], [8982, 4366, 4990]),
        ("Discounts", ["998", "", "4990"], [8982, 4990, 0]),
    ],
)
def test_a_discount_is_taken_off_where_there_is_no_line_total(
    tmp_path: Path, header: str, cells: list[str], line_totals: list[int]
) -> None:
    first, second, third = cells
    path = written(
        tmp_path,
        f"boleta;fecha;codigo;cantidad;precio;{header}",
        f"1;15-12-2025;A;2;4.990;{first}",
        f"1;15-12-2025;A;1;4.990;{second}",
        f"1;15-12-2025;A;1;4.990;{third}",
    )
    (sale,) = documents(path)
    assert [line.total_minor for line in sale.lines] == line_totals
    assert {line.unit_price_minor for line in sale.lines} == {4990}


def test_a_line_total_has_its_discount_in_it(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "boleta;fecha;codigo;cantidad;precio;descuento;total",
        "1;15-12-2025;A;2;4990;998;8982",
    )
    assert totals(documents(path)) == {"1": 8982}


def test_a_unit_price_worked_out_from_a_total_is_that_before_the_discount(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        "Receipt number;Date;SKU;Quantity;Discounts;Net sales",
        "1;2025-12-15;A;2;998;8982",
        "2;2025-12-15;A;1;2x1;4990",  # nothing that could be added
    )
    first, second = documents(path)
    assert (first.lines[0].unit_price_minor, first.lines[0].total_minor) == (4990, 8982)
    assert second.lines[0].unit_price_minor == 4990


def test_a_discount_of_more_than_the_price_is_refused_by_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "boleta;fecha;codigo;cantidad;precio;descuento",
        "1;15-12-2025;A;1;4990;9980",
    )
    with past_sales.read(path, PESOS) as file:
        ((line, reason),) = [(row.line, row.reason) for row in file.refused]
    assert (line, reason) == (2, "el descuento es mayor que el precio de la línea")


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("precio;neto;iva;total", "4193;8386;1593;9979"),
        ("precio;neto;total", "4193;8386;9979"),
        ("precio;iva;total", "4193;1593;9979"),
        ("precio;neto;iva", "4193;8386;1593"),
        ("precio;neto", "4193;8386"),
        ("Precio neto", "4193"),
        ("Precio neto;Total", "4193;8386"),
        ("Monto neto", "8386"),
        ("Price;Net sales;Taxes", "4193;8386;1593"),
    ],
)
def test_net_prices_are_refused_and_taken_with_net(
    tmp_path: Path, header: str, row: str
) -> None:
    path = written(
        tmp_path,
        f"folio;fecha;codigo;cantidad;{header}",
        f"1;15-12-2025;A;2;{row}",
    )
    with pytest.raises(FileRefused, match=r"Los precios son netos.*--net"):
        past_sales.read(path, PESOS)
    (sale,) = documents(path, NET)
    (line,) = sale.lines
    assert (line.unit_price_minor, line.total_minor) == (4990, 9979)


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("precio;neto;iva;total", "4990;8387;1593;9980"),
        ("precio;neto;total", "4990;8387;9980"),
        ("precio;iva;total", "4990;1593;9980"),
        ("precio;iva", "4990;19%"),
        ("precio;iva", "4990;19"),
        ("precio;iva;total", "4990;0,19;9980"),
        ("neto;iva", "8387;1593"),
        ("neto;iva;total", "8387;1593;9980"),
        ("precio;neto;iva;total", "4990;9980;0;9980"),  # exempt
        ("precio;neto;iva;total", "4990;0;0;9980"),
        ("precio;iva", "4990;Sí"),
        ("precio neto;total", "4193;9980"),
    ],
)
def test_prices_that_agree_with_gross_are_taken(
    tmp_path: Path, header: str, row: str
) -> None:
    path = written(
        tmp_path,
        f"folio;fecha;codigo;cantidad;{header}",
        f"1;15-12-2025;A;2;{row}",
    )
    (sale,) = documents(path)
    (line,) = sale.lines
    assert (line.unit_price_minor, line.total_minor) == (4990, 9980)


def test_net_said_of_a_price_is_said_of_a_total_that_is_the_same(
    tmp_path: Path,
) -> None:
    path = written(
        tmp_path,
        "folio;fecha;codigo;cantidad;precio;total",
        "1;15-12-2025;A;2;4193;8386",
        "2;15-12-2025;A;2;4193;9979",
    )
    assert totals(documents(path, NET)) == {"1": 9979, "2": 9979}


def test_some_documents_may_have_their_prices_with_iva(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "tipo dte;folio;fecha;codigo;cantidad;precio;neto;iva;total",
        "33;1;15-12-2025;A;2;4193;8386;1593;9979",
        "39;1;15-12-2025;A;2;4990;8387;1593;9980",
        "34;1;15-12-2025;B;2;4990;0;0;9980",
    )
    with pytest.raises(FileRefused, match="línea 2"):
        past_sales.read(path, PESOS)
    lines = [line for sale in documents(path, NET) for line in sale.lines]
    assert [(line.unit_price_minor, line.total_minor) for line in lines] == [
        (4990, 9980),
        (4990, 9979),
        (4990, 9980),
    ]


def test_prices_that_agree_with_nothing_are_refused(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "folio;fecha;codigo;cantidad;precio;neto;iva;total",
        "1;15-12-2025;A;2;4990;8387;1593;9980",
        "2;15-12-2025;A;2;7000;8387;1593;9980",
    )
    with pytest.raises(FileRefused, match=r"línea 3.*--map"):
        past_sales.read(path, PESOS)


@pytest.mark.parametrize(
    ("first_price", "second_price", "options"),
    [(4990, 1000, PESOS), (4193, 840, NET)],
)
def test_net_and_total_may_be_those_of_the_document(
    tmp_path: Path, first_price: int, second_price: int, options: ImportOptions
) -> None:
    path = written(
        tmp_path,
        "folio;fecha;codigo;cantidad;precio;neto;iva;total",
        f"1;15-12-2025;A;2;{first_price};9227;1753;10980",
        f"1;15-12-2025;B;1;{second_price};9227;1753;10980",
    )
    (sale,) = documents(path, options)
    line_totals = [line.total_minor for line in sale.lines]
    assert sum(line_totals) == pytest.approx(10980, abs=2)
    assert line_totals[0] == pytest.approx(9980, abs=2)


def test_repeated_totals_alone_say_nothing_of_a_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "folio;fecha;codigo;cantidad;total",
        "1;15-12-2025;A;2;10980",
        "1;15-12-2025;B;1;10980",
        "2;15-12-2025;A;2;5000",
        "2;15-12-2025;B;1;5000",
    )
    with pytest.raises(FileRefused, match="repiten un mismo total"):
        past_sales.read(path, PESOS)
    said = replace(PESOS, column_map=parse_column_map(["total=total_linea"]))
    assert totals(documents(path, said)) == {"1": 21960, "2": 10000}


def test_unit_prices_are_worked_out_from_line_totals(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "Nro. Boleta;Fecha de venta;Código;Cant.;Total",
        "501;13-11-2025 10:15;A;2;2.780",
        "501;13-11-2025 10:15;B;0,250;2.248",
        "502;25-11-2025;C;1;1.250",
    )
    listed = documents(path)
    assert totals(listed) == {"501": 5028, "502": 1250}
    prices = [line.unit_price_minor for sale in listed for line in sale.lines]
    assert prices == [1390, 8992, 1250]


@pytest.mark.parametrize(
    ("header", "cell", "cost"),
    [
        ("costo", "3100", 3100),
        ("Costo unitario", "3.100", 3100),
        ("Cost of goods", "6200", 3100),
        ("Costo total", "6201", 3101),
        ("costo", "", None),
    ],
)
def test_a_cost_goes_into_the_line(
    tmp_path: Path, header: str, cell: str, cost: int | None
) -> None:
    path = written(
        tmp_path,
        f"boleta;fecha;codigo;cantidad;precio;{header}",
        f"1;15-12-2025;A;2;4990;{cell}",
    )
    with past_sales.read(path, PESOS) as file:
        (sale,) = file.documents()
        assert sale.lines[0].cost_minor == cost
        assert file.goods["A"].cost_minor == cost


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
