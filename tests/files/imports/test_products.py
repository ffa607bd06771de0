"""Product lists in files."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.products import ProductChange, Unit
from trastienda.files.imports import products as product_files
from trastienda.files.imports.detection import detect_kind
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.column_names import PRODUCTS
from trastienda.files.tables.own_columns import PRODUCT_HEADER
from trastienda.files.tables.table import FileRefused

PESOS = ImportOptions(exponent=0, time_zone=ZoneInfo("America/Santiago"))
POUNDS = ImportOptions(exponent=2, time_zone=ZoneInfo("Europe/London"))


def read(
    folder: Path, text: str, options: ImportOptions = PESOS
) -> tuple[list[ListedProduct], list[tuple[int, str]]]:
    path = folder / "productos"
    path.write_text(text, "utf-8")
    with product_files.read(path, options) as file:
        return file.products, [(row.line, row.reason) for row in file.refused]


def test_a_table_gives_its_cells_and_nothing_for_empty_ones(
    tmp_path: Path,
) -> None:
    text = (
        "Código de barras;Nombre;Precio;Costo;Stock;Stock mínimo;Categoría;Unidad;Exento;Estado\n"
        "7801234567894;Té verde;$1.990;900;12;2;Abarrotes;un;no;Activo\n"
        "PAN;Pan;2.490;;3,5;;;Kilos;;\n"
    )
    products, refused = read(tmp_path, text)
    assert refused == []
    assert products == [
        ListedProduct(
            2,
            "7801234567894",
            ProductChange(
                name="Té verde",
                price_minor=1990,
                cost_minor=900,
                stock_milli=12_000,
                min_stock_milli=2000,
                category="Abarrotes",
                unit=Unit.PIECE,
                exempt=False,
                active=True,
            ),
        ),
        ListedProduct(
            3,
            "PAN",
            ProductChange(
                name="Pan", price_minor=2490, stock_milli=3500, unit=Unit.KILOGRAM
            ),
        ),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A;;1;1;", "falta el nombre"),
        ("A;b;;1;", "falta el precio"),
        ("A;b;x;1;", "el precio «x» no es un número"),
        ("A;b;-1;1;", "el precio es negativo"),
        ("A;b;1;-1;", "el stock es negativo"),
        ("A;b;1;1,5;un", "se vende por unidad"),
        ("A;b;1;-1;", "--negative-stock zero"),
        ("7801234567890;b;1;1;", "dígito verificador"),
        ("B;b;1;1;", "el código «B» ya está en la línea 2"),
        ("A B/C;b;1;1;", "el código"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(
    tmp_path: Path, row: str, reason: str
) -> None:
    products, ((line, answer),) = read(
        tmp_path, f"codigo;nombre;precio;stock;unidad\nB;b;1;1;\n{row}\n"
    )
    assert (line, len(products)) == (3, 1)
    assert reason in answer


def test_inventario_json_makes_codes_of_names(
    tmp_path: Path,
) -> None:
    text = """{
        "Piña Grande": {"precio": 1990, "cantidad": 5},
        "12345678": {"precio": 2.0, "cantidad": 0.5, "unidad": "kg"}
    }"""
    products, refused = read(tmp_path, text)
    assert refused == []
    assert [
        (product.line, product.code, product.change.name, product.change.price_minor)
        for product in products
    ] == [
        (2, "pina-grande", "Piña Grande", 1990),
        (3, "12345678", "12345678", 2),
    ]
    assert [
        (product.change.stock_milli, product.change.in_house) for product in products
    ] == [
        (5000, UNSET),
        (500, True),
    ]


def test_a_json_list_of_api_objects_is_read(tmp_path: Path) -> None:
    text = """[
      {"codigo_barras": "A", "nombre": "a", "precio": 1.125, "stock": 1,
       "precio_final": 3, "estado": "Inactivo",
       "descuento": {"porcentaje": 10,
         "desde": "2026-01-01T00:00:00Z", "hasta": "2026-02-01T00:00:00Z"}},
      {"nombre": "sin precio"},
      7
    ]"""
    (product,), refused = read(tmp_path, text, POUNDS)
    assert (product.change.price_minor, product.change.active) == (113, False)
    assert product.change.discount is not UNSET
    assert product.change.discount is not None
    assert product.change.discount.share_bp == 1000
    assert refused == [
        (6, "falta el precio"),
        (7, "no es un objeto con los datos de un producto"),
    ]


@pytest.mark.parametrize("text", ["{", '{"a": NaN}', "[1] x", '{"a" 1}'])
def test_invalid_json_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRefused, match="JSON"):
        read(tmp_path, text)


def test_long_names_with_the_same_start_get_different_codes(tmp_path: Path) -> None:
    text = f"nombre,precio\n{'a' * 60},1\n{'a' * 61},1\n"
    products, _ = read(tmp_path, text)
    assert len({product.code for product in products}) == 2
    assert {len(product.code) for product in products} == {48}


def test_products_refused_by_the_shop_are_written_beside_the_file(
    tmp_path: Path,
) -> None:
    path = tmp_path / "productos.csv"
    path.write_text("codigo,nombre,precio\nA,a,1\nB,b,2\n")
    with product_files.read(path, PESOS) as file:
        file.refuse({3: "no calza"})
        assert [product.code for product in file.products] == ["A"]
        assert file.write_refused().read_text("utf-8-sig").splitlines()[1:] == [
            "B,b,2,3,no calza"
        ]


OFFER = "codigo;nombre;precio;descuento_porcentaje;descuento_desde;descuento_hasta\n"
IN_SANTIAGO = (1798772400000, 1801450800000)
"""From the first of January 2027 to the end of its last day, there."""


@pytest.mark.parametrize(
    "row",
    [
        "10%;01-01-2027;31-01-2027",
        "10 %;01/01/2027;31/01/2027",
        "10;2027-01-01;2027-01-31",
        "10;1 de enero de 2027;31 ene 2027",
        "10;2027-01-01T00:00:00-03:00;2027-02-01T00:00:00-03:00",
        "10,0;1 ene 2027 00:00;1 feb 2027 00:00",
    ],
)
def test_the_days_of_an_offer_are_written_as_in_a_spreadsheet(
    tmp_path: Path, row: str
) -> None:
    (product,), refused = read(tmp_path, f"{OFFER}A;a;100;{row}\n")
    assert refused == []
    discount = product.change.discount
    assert discount
    assert (discount.share_bp, (discount.from_ms, discount.until_ms)) == (
        1000,
        IN_SANTIAGO,
    )


def test_an_open_order_of_the_days_of_an_offer_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="--date-order"):
        read(tmp_path, f"{OFFER}A;a;100;10%;01-02-2027;03-04-2027\n")


def test_percentages_of_a_spreadsheet_are_shares_of_one(tmp_path: Path) -> None:
    dates = "2027-01-01;2027-01-31"
    rows = f"A;a;100;0\u066b125;{dates}\nB;b;100;1;{dates}\n"
    products, refused = read(tmp_path, OFFER + rows)
    assert refused == []
    shares = [product.change.discount.share_bp for product in products]  # type: ignore[union-attr]
    assert shares == [1250, 10_000]


def test_a_percentage_of_our_own_export_is_what_it_says(tmp_path: Path) -> None:
    values = dict.fromkeys(PRODUCT_HEADER, "")
    values |= {"codigo_barras": "A", "nombre": "a", "precio": "100"}
    values |= {"descuento_porcentaje": "0\u066b5", "descuento_desde": "2027-01-01"}
    values["descuento_hasta"] = "2027-01-31"
    header, row = ";".join(values), ";".join(values.values())
    (product,), refused = read(tmp_path, f"{header}\n{row}\n")
    assert refused == []
    discount = product.change.discount
    assert discount
    assert discount.share_bp == 50


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("10%;mañana;31-01-2027", "no es una fecha"),
        ("10%;;31-01-2027", "falta el comienzo del descuento"),
        ("10%;31-01-2027;01-01-2027", "«descuento_hasta» debe ser posterior"),
        ("110%;01-01-2027;31-01-2027", "«descuento_porcentaje»"),
    ],
)
def test_an_offer_that_cannot_be_is_refused_by_its_column(
    tmp_path: Path, row: str, reason: str
) -> None:
    _, ((line, answer),) = read(tmp_path, f"{OFFER}A;a;100;{row}\n")
    assert line == 2
    assert reason in answer


@pytest.mark.parametrize(
    "scanned",
    [
        "]d201078045670000141727010110ABC",
        "(01) 07804567000014 (10) ABC",
        "https://id.gs1.org/01/07804567000014",
    ],
)
def test_a_scanned_symbol_is_the_number_of_its_item(
    tmp_path: Path, scanned: str
) -> None:
    text = f"codigo;nombre;precio\n{scanned};Yogur;990\n07804567000014;Yogur;990\n"
    products, refused = read(tmp_path, text)
    assert [product.code for product in products] == ["7804567000014"]
    assert [line for line, _ in refused] == [3]


def notices_of(folder: Path, text: str) -> list[str]:
    path = folder / "productos"
    path.write_text(text, "utf-8")
    with product_files.read(path, PESOS) as file:
        return [*file.remarks, *file.notices]


def test_titles_totals_and_the_header_again_are_no_products(tmp_path: Path) -> None:
    text = (
        "codigo;nombre;precio;stock\n"
        "ABARROTES;;;\nA;a;1.000;3\nB;b;500;2\nSubtotal;;1.500;\n"
        "codigo;nombre;precio;stock\n"
        ";BEBIDAS;;\nC;c;200;1\nTOTAL PRODUCTOS;;;3\n;TOTALES;1.700;6\n"
    )
    products, refused = read(tmp_path, text)
    assert refused == []
    assert [product.code for product in products] == ["A", "B", "C"]
    assert notices_of(tmp_path, text) == [
        "Títulos entre los productos; no se tomaron (2 filas, la primera en la línea 2)",
        "Filas de totales, que no son productos; no se tomaron (3 filas, la primera en la línea 5)",
        "El encabezado otra vez; no se tomó (línea 6)",
    ]


@pytest.mark.parametrize(
    "total",
    [
        ";TOTAL;1500;", "TOTAL;2 productos;1500;", ";Total general:;;5", ";;TOTAL;",
        ";Suma;4000;", "TOTAL ARTÍCULOS;;;2", ";Total: 2 productos;;", ";TOTALES;;1.500",
    ],
)  # fmt: skip
def test_a_total_at_the_end_is_no_product(tmp_path: Path, total: str) -> None:
    text = f"codigo;nombre;precio;stock\nA;a;1000;3\nB;b;500;2\n{total}\n"
    products, refused = read(tmp_path, text)
    assert ([product.code for product in products], refused) == (["A", "B"], [])
    assert any("Filas de totales" in remark for remark in notices_of(tmp_path, text))


def test_a_total_that_is_no_sum_is_told_or_refused(tmp_path: Path) -> None:
    text = "codigo;nombre;precio\nA;a;1000\n;TOTAL;6480\n"
    assert read(tmp_path, text)[1] == []
    assert "no son la suma" in "".join(notices_of(tmp_path, text))
    products, refused = read(tmp_path, f"{text}B;b;1\n")
    assert [product.code for product in products] == ["A", "B"]
    assert [line for line, _ in refused] == [3]


def test_a_product_with_a_code_may_be_called_total(tmp_path: Path) -> None:
    text = "codigo;nombre;precio\nA;a;1\nB;Total;990\n"
    products, _ = read(tmp_path, text)
    assert [product.code for product in products] == ["A", "B"]


def test_a_code_alone_is_a_row_that_lacks_something(tmp_path: Path) -> None:
    _, refused = read(tmp_path, "codigo;nombre;precio\nA;a;1\nB-1;;\n;Pan;\n")
    assert [line for line, _ in refused] == [3, 4]


def test_unused_columns_are_told_with_what_to_type(tmp_path: Path) -> None:
    text = (
        "Código;Código de Barra;Producto;Precio;Marca;P. Neto;Vacía;Nota\n"
        "101;7804567000014;Miel;4990;Ulmo;4193;;\n"
    )
    remarks = notices_of(tmp_path, text)
    second_code = (
        "La columna «Código» no se usó: «codigo_barras» es «Código de Barra»; "
        'para cambiarlo, escribe --map "Código=codigo_barras"'
    )
    assert [remark for remark in remarks if "columna «" in remark] == [
        second_code,
        'La columna «Marca» no se usó; si hace falta, escribe --map "Marca=campo"',
        'La columna «P. Neto» no se usó; si trae «costo», escribe --map "P. Neto=costo"',
    ]
    assert remarks[-1].startswith("Campos que ninguna columna trae: costo, stock,")


def test_barcodes_in_an_unused_column_are_a_refusal_if_there_is_no_code(
    tmp_path: Path,
) -> None:
    path = tmp_path / "productos"
    path.write_text("Lectura;Producto;Precio\n7804567000014;Miel;1\n;Pan;2\n")
    with pytest.raises(FileRefused, match='--map "Lectura=codigo_barras"'):
        product_files.read(path, PESOS)
    options = replace(PESOS, column_map=(("Lectura", ""),))
    with product_files.read(path, options) as file:
        assert [product.code for product in file.products] == ["miel", "pan"]
        assert file.remarks == ()


@pytest.mark.parametrize(
    ("categories", "is_told"),
    [
        (["Pan", "", "", "Té", ""], True),
        (["Pan", "", "", "Té", "Té"], False),
        (["", "", "", "Té", ""], False),
        (["Pan", "Té", "Mate", "Sal", ""], False),
    ],
)
def test_categories_that_stand_once_are_told(
    tmp_path: Path, categories: list[str], is_told: bool
) -> None:
    rows = [f"P{n};p{n};1;{category}\n" for n, category in enumerate(categories)]
    remarks = notices_of(tmp_path, "codigo;nombre;precio;categoria\n" + "".join(rows))
    assert any("combinadas" in remark for remark in remarks) == is_told


@pytest.mark.parametrize(
    "header", ["SKU;Producto;P. Neto;Stock", "SKU;Producto;Precio + IVA;Cantidad"]
)
def test_a_price_without_iva_is_asked_about(tmp_path: Path, header: str) -> None:
    path = tmp_path / "productos"
    path.write_text(f"{header}\nA;a;100;1\n")
    assert detect_kind(path, PESOS) == PRODUCTS
    with pytest.raises(FileRefused, match=r"sin IVA.*=precio"):
        product_files.read(path, PESOS)


def test_more_off_than_the_price_is_refused_where_the_row_says_both(
    tmp_path: Path,
) -> None:
    days = "descuento_desde;descuento_hasta"
    dates = "2027-01-01;2027-01-31"
    header = f"codigo;nombre;precio;costo;descuento_monto;{days}\n"
    rows = f"A;a;100;;100;{dates}\nB;b;100;;101;{dates}\nC;c;100;-1;50;{dates}\n"
    (product,), refused = read(tmp_path, header + rows)
    assert product.code == "A"
    (line, too_much), (_, negative) = refused
    assert line == 3
    assert too_much.startswith("«descuento_monto» no puede ser mayor que el precio")
    assert "descuento" not in negative

    header = f"codigo;descuento_monto;{days}\n"
    (offer,), refused = read(tmp_path, f"{header}A;150;{dates}\n")
    assert (offer.code, refused) == ("A", [])
