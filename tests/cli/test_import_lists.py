"""``import`` of lists for products that exist: counts, prices, and what is left alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.harness.books import TestShop

from trastienda.actions import products
from trastienda.cli import main
from trastienda.domain.errors import NotFound
from trastienda.domain.people import SHELL
from trastienda.domain.products import Product, Unit

Import = Callable[..., Result]

LIST = """codigo_barras;nombre;precio;stock;unidad
A;Miel;4990;24;un
B;Tomate;2490;3,5;kg
"""


@pytest.fixture
def shop(tmp_path: Path) -> TestShop:
    return TestShop(tmp_path / "trastienda.db")


@pytest.fixture
def take(shop: TestShop, tmp_path: Path) -> Import:
    """Import a text into the shop, with the flags given."""

    def import_text(text: str, *flags: str) -> Result:
        file = tmp_path / "lista.csv"
        file.write_text(text, "utf-8")
        arguments = ["import", str(file), "--data", str(tmp_path), *flags]
        return CliRunner().invoke(main, arguments, catch_exceptions=False)

    assert import_text(LIST).exit_code == 0
    return import_text


def product(shop: TestShop, code: str) -> Product:
    return shop.look(lambda snapshot: products.look_up(snapshot, SHELL, code)).product


def test_a_count_corrects_the_stock_and_nothing_else(
    shop: TestShop, take: Import
) -> None:
    before = product(shop, "B")
    done = take("Codigo;Existencia\nA;14\nB;2,85\n", "--replace-stock")
    assert done.exit_code == 0, done.output
    assert (product(shop, "A").stock_milli, product(shop, "B").stock_milli) == (
        14_000,
        2850,
    )
    assert product(shop, "B").name == before.name
    assert product(shop, "B").price_minor == before.price_minor


def test_a_count_without_replace_stock_says_how_to_go_on(
    shop: TestShop, take: Import
) -> None:
    done = take("codigo;stock\nA;14\n")
    assert (done.exit_code, product(shop, "A").stock_milli) == (1, 24_000)
    assert "--replace-stock" in done.output


def test_a_price_list_changes_prices_alone(shop: TestShop, take: Import) -> None:
    done = take("codigo;precio\nA;5290\n")
    assert done.exit_code == 0, done.output
    assert "0 nuevos, 1 cambiado, 0 sin cambios" in done.output
    now = product(shop, "A")
    assert (now.name, now.price_minor, now.stock_milli) == ("Miel", 5290, 24_000)


def test_names_of_a_price_list_are_left_alone_unless_asked(
    shop: TestShop, take: Import
) -> None:
    prices = "codigo;nombre;precio\nA;MIEL 500G;5290\nB;TOMATE;2590\n"
    done = take(prices)
    assert done.exit_code == 0, done.output
    assert "2 productos tienen otro nombre" in done.output
    assert "--replace-names" in done.output
    assert product(shop, "A").name == "Miel"
    assert product(shop, "A").price_minor == 5290
    assert take(prices, "--replace-names").exit_code == 0
    assert product(shop, "A").name == "MIEL 500G"


@pytest.mark.parametrize(
    "text",
    [
        "codigo;precio\nA;5290\nZ;100\n",
        "codigo;stock\nA;5\nZ;100\n",
        "codigo;nombre;precio\nA;MIEL;5290\nZ;NUEVO;100\n",
    ],
)
def test_a_list_for_known_products_makes_none(
    shop: TestShop, take: Import, text: str
) -> None:
    done = take(text, "--replace-stock")
    assert done.exit_code == 1
    assert "línea 3" in done.output
    assert "no es de ningún producto" in done.output
    assert product(shop, "A").price_minor == 4990


def test_names_beside_a_count_are_left_alone(shop: TestShop, take: Import) -> None:
    done = take("codigo;nombre;stock\nA;MIEL;14\n", "--replace-stock")
    assert done.exit_code == 0, done.output
    assert "1 producto tiene otro nombre" in done.output
    assert (product(shop, "A").name, product(shop, "A").stock_milli) == ("Miel", 14_000)


def test_a_list_of_ones_own_goes_on_making_products(take: Import) -> None:
    done = take("codigo;nombre;precio\nA;Miel;5290\nZ;Nuevo;100\n")
    assert "1 nuevo, 1 cambiado" in done.output


def test_stock_that_differs_and_is_not_taken_is_told(take: Import) -> None:
    done = take(LIST.replace("4990;24", "4990;40"))
    assert "1 producto tiene otro stock en el archivo (24 → 40)" in done.output
    assert "se corrige con --replace-stock" in done.output
    assert "2 sin cambios" in done.output


def test_a_unit_that_is_absent_is_the_products_own(
    shop: TestShop, take: Import
) -> None:
    done = take("codigo;nombre;precio;stock\nB;Tomate;2490;4,5\n", "--replace-stock")
    assert done.exit_code == 0, done.output
    assert product(shop, "B").stock_milli == 4500
    assert product(shop, "B").unit is Unit.KILOGRAM
    done = take("codigo;nombre;precio;stock\nN;Nuevo;2490;4,5\n")
    assert done.exit_code == 1
    assert "una columna «unidad»" in done.output


def test_an_unknown_unit_is_told_and_whole(shop: TestShop, take: Import) -> None:
    header = "codigo;nombre;precio;stock;unidad\n"
    done = take(f"{header}N;Nuevo;100;4;CAJA\nM;Otro;100;4;DSP\nB;Tomate;2490;;ROL\n")
    assert done.exit_code == 0, done.output
    assert "«CAJA», «DSP», «ROL»" in done.output
    assert product(shop, "N").unit is Unit.PIECE
    assert product(shop, "B").unit is Unit.KILOGRAM
    assert take(f"{header}O;Nuevo;100;4,5;CJ\n").exit_code == 1


def test_negative_stock_is_refused_with_its_way(shop: TestShop, take: Import) -> None:
    text = "codigo;nombre;precio;stock\nN;Nuevo;100;-3\n"
    done = take(text)
    assert done.exit_code == 1
    assert "--negative-stock zero" in done.output
    done = take(text, "--negative-stock", "zero")
    assert done.exit_code == 0
    assert "tomado como 0" in done.output
    assert product(shop, "N").stock_milli == 0


@pytest.mark.parametrize(
    "headers",
    [
        "stock;afecto\nN;Diario;990;no\nM;Té;990;si\n",
        "Afecto/Exento;stock\nN;Diario;Exento;990\nM;Té;Afecto;990\n",
        "stock;IVA\nN;Diario;990;0\nM;Té;990;19%\n",
        "stock;IVA\nN;Diario;990;0,0\nM;Té;990;0,19\n",
        "stock;IVA\nN;Diario;990;Exento\nM;Té;990;Afecto\n",
        "Exento;Afecto\nN;Diario;si;no\nM;Té;no;x\n",
    ],
)
def test_what_is_exempt_is_read_however_it_is_said(
    shop: TestShop, take: Import, headers: str
) -> None:
    first, _, rows = headers.partition("\n")
    text = f"codigo;nombre;{first};precio\n" + rows.replace("\n", ";100\n")
    done = take(text)
    assert done.exit_code == 0, done.output
    assert (product(shop, "N").exempt, product(shop, "M").exempt) == (True, False)


def test_columns_that_contradict_each_other_refuse_the_row(take: Import) -> None:
    done = take("codigo;nombre;precio;exento;iva\nN;Diario;990;si;19\n")
    assert done.exit_code == 1
    assert "exento" in done.output


def test_all_that_is_wrong_in_a_row_is_told_at_once(take: Import) -> None:
    done = take("codigo;nombre;precio;stock\n7804567000015;;x;-1\n")
    for problem in (
        "falta el nombre",
        "el precio «x»",
        "el stock es negativo",
        "dígito verificador",
    ):
        assert problem in done.output
    assert "true" not in done.output


def test_a_code_without_its_zeros_is_the_product_that_has_them(
    shop: TestShop, take: Import
) -> None:
    names = "codigo_barras;nombre;precio;stock\n"
    take(f"{names}00123;Interno;990;5\n049000000443;Importado;1990;5\n")
    again = take(f"{names}123;interno;890;9\n49000000443;Importado;1990;9\n")

    assert again.exit_code == 0, again.output
    assert "123 → 00123" in again.output
    assert product(shop, "00123").price_minor == 890
    assert product(shop, "00123").stock_milli == 5000
    with pytest.raises(NotFound):
        product(shop, "123")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ("123;Otro;5\n", "parece ser «00123» (Interno) sin sus ceros"),
        ("123;Interno;5\n00123;Interno;5\n", "viene más de una vez"),
    ],
)
def test_a_code_without_its_zeros_that_is_not_sure_is_refused(
    shop: TestShop, take: Import, rows: str, reason: str
) -> None:
    take("codigo_barras;nombre;precio\n00123;Interno;990\n")
    again = take(f"codigo_barras;nombre;precio\n{rows}")
    assert again.exit_code == 1
    assert reason in again.output


def test_a_count_finds_codes_without_their_zeros(shop: TestShop, take: Import) -> None:
    take("codigo_barras;nombre;precio\n00123;Interno;990\n")
    take("codigo;stock\n123;7\n", "--replace-stock")
    assert product(shop, "00123").stock_milli == 7000


def run(tmp_path: Path, *flags: str) -> Result:
    arguments = ["import", "--data", str(tmp_path), *flags]
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def test_an_import_says_its_number_and_is_undone_by_it(
    shop: TestShop, take: Import, tmp_path: Path
) -> None:
    done = take("codigo;nombre;precio\nA;Miel;5990\nN;Nuevo;1\n")
    assert "Es la importación 2." in done.output
    listed = run(tmp_path, "--list")
    assert listed.output.splitlines()[0].split()[0] == "2"
    assert "2 productos  lista.csv" in listed.output
    undone = run(tmp_path, "--undo", "2")
    assert undone.exit_code == 0, undone.output
    assert "2 productos quedaron como antes" in undone.output
    assert product(shop, "A").price_minor == 4990
    again = run(tmp_path, "--undo", "2")
    assert (again.exit_code, "ya se deshizo" in again.output) == (1, True)
    assert "deshecha" in run(tmp_path, "--list").output
    assert run(tmp_path, "--undo", "9").exit_code == 1


def test_an_import_of_which_something_was_sold_is_not_undone(
    shop: TestShop, take: Import, tmp_path: Path
) -> None:
    shop.sell(("A", 1000))
    refused = run(tmp_path, "--undo", "1")
    assert refused.exit_code == 1
    assert "se vendió o se cambió A" in refused.output
    assert product(shop, "B").name == "Tomate"


def test_past_sales_have_a_number_and_are_not_undone(
    take: Import, tmp_path: Path
) -> None:
    done = take("boleta;fecha;codigo;cantidad;precio\n1;2025-12-31;A;1;100\n")
    assert "Es la importación 2." in done.output
    refused = run(tmp_path, "--undo", "2")
    assert refused.exit_code == 1
    assert "selladas" in refused.output


@pytest.mark.parametrize("flags", [["--list", "--undo", "1"], []])
def test_list_and_undo_stand_alone(tmp_path: Path, flags: list[str]) -> None:
    assert run(tmp_path, *flags).exit_code == 2
