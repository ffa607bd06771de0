"""What lines of past sales came to: discounts, net prices, totals, costs."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.files.imports.sale_files import NET, PESOS, documents, totals, written

from trastienda.files.imports import past_sales
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.columns import parse_column_map
from trastienda.files.tables.table import FileRefused


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
