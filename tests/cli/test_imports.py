"""``import``: what becomes of a file, and of rows that cannot be taken."""

import json
import sqlite3
from pathlib import Path

import pytest
from tests.harness.shell import shell

SALES = """\ufeffBoleta;Codigo;Descripcion;Cantidad;Fecha;Precio
N1;A1;Té;2;13/02/2026 10:15;1.990
N1;A2;Café;1;13/02/2026 10:15;5.990
N2;A1;Té;3;14/02/2026 23:59;1.990
C3;A1;Té;-1;15/02/2026 09:00;1.990
"""
PRODUCTS = "nombre,precio,stock\nPan hallulla,2190,12\nQueso,9990,3\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def run(place: Path, *arguments: str) -> tuple[int, str, str]:
    done = shell(
        *arguments,
        cwd=place,
        settings={"data": str(place / "shop"), "admin_password": "clave-de-ana"},
    )
    return done.returncode, done.stdout, done.stderr


def count(place: Path, table: str) -> int:
    if not (place / "shop").exists():  # a file that is refused founds none
        return 0
    with sqlite3.connect(place / "shop" / "trastienda.db") as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_past_sales_are_imported_once(place: Path) -> None:
    (place / "ventas.csv").write_text(SALES, "utf-8")
    code, out, err = run(place, "import", "ventas.csv")
    assert (code, err) == (0, "")
    assert "Importadas 2 ventas y 1 devolución" in out
    assert "2 productos nuevos" in out
    code, out, _ = run(place, "import", "ventas.csv")
    assert code == 0
    assert "Importadas 0 ventas y 0 devoluciones; 3 ya estaban" in out
    assert (
        count(place, "sales"),
        count(place, "returns"),
        count(place, "products"),
    ) == (2, 1, 2)
    assert run(place, "verify")[0] == 0


def test_another_sale_under_a_known_number_is_imported(place: Path) -> None:
    for name, change in (
        ("enero", ("", "")),
        ("febrero", ("/02/2026", "/03/2026")),
        ("caja2", (";2;13/", ";5;13/")),
    ):
        (place / f"{name}.csv").write_text(
            SALES.replace(*change) if change[0] else SALES, "utf-8"
        )
    assert "Importadas 2 ventas y 1 devolución" in run(place, "import", "enero.csv")[1]
    assert (
        "Importadas 2 ventas y 1 devolución; 0 ya"
        in run(place, "import", "febrero.csv")[1]
    )
    assert (
        "Importadas 1 venta y 0 devoluciones; 2 ya"
        in run(place, "import", "caja2.csv")[1]
    )
    for name in ("enero", "febrero", "caja2"):
        assert (
            "Importadas 0 ventas y 0 devoluciones; 3 ya"
            in run(place, "import", f"{name}.csv")[1]
        )
    assert (count(place, "sales"), count(place, "returns")) == (5, 2)
    assert run(place, "verify")[0] == 0


def test_an_ambiguous_order_of_dates_asks_for_date_order(place: Path) -> None:
    (place / "ventas.csv").write_text(
        SALES.replace("13/02", "01/02").replace("14/02", "02/02").replace("15/", "03/")
    )
    code, _, err = run(place, "import", "ventas.csv")
    assert code == 1
    assert "--date-order" in err
    assert count(place, "sales") == 0
    assert run(place, "import", "ventas.csv", "--date-order", "dmy")[0] == 0
    assert count(place, "sales") == 2


def test_a_bad_row_is_reported_and_nothing_is_imported(
    place: Path,
) -> None:
    (place / "ventas.csv").write_text(SALES + "N4;A1;Té;mucho;16/02/2026;1.990\n")
    code, _, err = run(place, "import", "ventas.csv")
    assert code == 1
    assert "línea 6: " in err
    assert "no se importó nada" in err
    assert count(place, "sales") == count(place, "products") == 0


def test_skip_bad_imports_the_rest_and_writes_the_refused_rows(
    place: Path,
) -> None:
    (place / "ventas.csv").write_text(SALES + "N4;A1;Té;mucho;16/02/2026;1.990\n")
    code, out, err = run(place, "import", "ventas.csv", "--skip-bad")
    assert code == 0
    assert "línea 6: " in err
    assert "Importadas 2 ventas" in out
    refused_files = [path for path in place.iterdir() if "rechazadas" in path.name]
    assert len(refused_files) == 1
    assert "mucho" in refused_files[0].read_text("utf-8-sig")


def test_a_dry_run_founds_no_shop_and_writes_nothing(place: Path) -> None:
    (place / "ventas.csv").write_text(SALES)
    code, out, _ = run(place, "import", "ventas.csv", "--dry-run")
    assert code == 0
    assert "Se importarían 3 ventas y devoluciones" in out
    assert not (place / "shop").exists()


def test_known_products_keep_their_stock_without_replace_stock(
    place: Path,
) -> None:
    (place / "productos.csv").write_text(PRODUCTS)
    assert "2 nuevos" in run(place, "import", "productos.csv")[1]
    (place / "productos.csv").write_text(PRODUCTS.replace("2190,12", "2290,50"))
    assert "1 cambiado, 1 sin cambios" in run(place, "import", "productos.csv")[1]
    with sqlite3.connect(place / "shop" / "trastienda.db") as connection:
        query = (
            "SELECT price_minor, quantity_milli FROM products "
            "JOIN stock ON product_id = id WHERE code = ?"
        )
        assert connection.execute(query, ["pan-hallulla"]).fetchone() == (2290, 12_000)
    run(place, "import", "productos.csv", "--replace-stock")
    with sqlite3.connect(place / "shop" / "trastienda.db") as connection:
        assert connection.execute(query, ["pan-hallulla"]).fetchone() == (2290, 50_000)
    assert run(place, "verify")[0] == 0


def test_an_inventory_of_the_old_program_is_imported(place: Path) -> None:
    shape = {
        "Pan": {"precio": 2190, "cantidad": 4},
        "Queso": {"precio": 9990, "cantidad": 1},
    }
    (place / "inventario.json").write_text(json.dumps(shape))
    assert "2 nuevos" in run(place, "import", "inventario.json")[1]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x01\x02\xff" * 50, b"uno,dos\n1,2\n", b"{"],
    ids=["empty", "binary", "columns", "json"],
)
def test_a_file_of_neither_products_nor_sales_is_refused(
    place: Path, content: bytes
) -> None:
    (place / "raro.csv").write_bytes(content)
    code, _, err = run(place, "import", "raro.csv")
    assert code == 1
    assert "Traceback" not in err
    assert err.startswith("trastienda: ")


def test_a_refused_file_founds_no_shop(place: Path) -> None:
    file = place / "productos.csv"
    file.write_text("nombre;precio\nMiel;mucho\n", "utf-8")
    code, out, err = run(place, "import", "productos.csv")
    assert (code, out) == (1, "")
    assert "línea 2" in err
    assert not (place / "shop").exists()
    file.write_text("nombre;precio\nMiel;990\n", "utf-8")
    code, out, err = run(place, "import", "productos.csv")
    assert (code, err) == (0, "")
    assert "Productos: 1 nuevo" in out
