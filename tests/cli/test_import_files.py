"""``import`` of files as people have them: spreadsheets, encodings, JSON."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from xlsxwriter import Workbook  # type: ignore[import-untyped]

from trastienda.cli import main
from trastienda.storage.dialects import open_file
from trastienda.storage.products import each

CHILEAN = """Lista de precios;;;
Código;Descripción;Precio venta;Existencias
7804567000014;Miel 500 g;$ 4.990;24
;Pan amasado;$ 1.990;60
55;Ñandú "asado";$12.990;1.250,00
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRASTIENDA_ADMIN_PASSWORD", "clave-de-ana")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(
        main, [*arguments, "--data", "shop"], catch_exceptions=False
    )


def shelf(place: Path) -> list[tuple[str, str, int, int]]:
    with open_file(place / "shop" / "trastienda.db").connect() as connection:
        return [
            (product.code, product.name, product.price_minor, product.stock_milli)
            for product in each(connection)
        ]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16"])
def test_a_chilean_price_list_is_imported(place: Path, encoding: str) -> None:
    (place / "lista.csv").write_bytes(CHILEAN.encode(encoding))
    assert run("import", "lista.csv").exit_code == 0
    assert shelf(place) == [
        ("7804567000014", "Miel 500 g", 4990, 24_000),
        ("pan-amasado", "Pan amasado", 1990, 60_000),
        ("55", 'Ñandú "asado"', 12990, 1_250_000),
    ]


def test_map_names_a_column_and_a_dry_run_shows_it(place: Path) -> None:
    (place / "lista.csv").write_text("SKU;Lo que es;Vale;Foto\nA1;Té;1.990;x\n")
    answer = run("import", "lista.csv")
    assert answer.exit_code == 1
    assert "--map" in answer.output
    arguments = [
        "import",
        "lista.csv",
        "--map",
        "Lo que es=nombre",
        "--map",
        "Vale=precio",
    ]
    preview = run(*arguments, "--dry-run")
    assert preview.exit_code == 0
    for line in (
        "«Vale» → precio",
        "«SKU» → codigo_barras",
        "sin usar: «Foto»",
        "línea 2: A1, «Té», precio $1.990",
    ):
        assert line in preview.output
    assert run(*arguments).exit_code == 0
    assert shelf(place) == [("A1", "Té", 1990, 0)]


def test_a_spreadsheet_is_imported_and_its_bad_rows_go_to_a_csv(
    place: Path,
) -> None:
    with Workbook(place / "lista.xlsx") as book:
        sheet = book.add_worksheet("Precios")
        for row, cells in enumerate(
            [
                ("Código", "Nombre", "Precio"),
                ("A", "Té", 1990.5),
                ("B", "=1+1", "gratis"),
            ]
        ):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell) if isinstance(
                    cell, str
                ) else sheet.write(row, column, cell)
    answer = run("import", "lista.xlsx", "--skip-bad")
    assert answer.exit_code == 0
    assert "línea 3: el precio «gratis» no es un número" in answer.output
    assert "más decimales que la moneda" in answer.output
    assert shelf(place) == [("A", "Té", 1991, 0)]
    beside = place / "lista.xlsx.rechazadas.csv"
    assert "B;'=1+1;gratis;3;" in beside.read_text("utf-8-sig")
    beside.write_bytes(beside.read_bytes().replace(b"gratis", b"2.990"))
    assert run("import", beside.name).exit_code == 0
    assert shelf(place)[1] == ("B", "=1+1", 2990, 0)


def test_a_dry_run_founds_no_shop_at_another_database_url(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "lista.csv").write_bytes(CHILEAN.encode())
    monkeypatch.setenv("TRASTIENDA_DATABASE_URL", f"sqlite:///{place / 'elsewhere.db'}")
    assert run("import", "lista.csv", "--dry-run").exit_code == 0
    assert sorted(path.name for path in place.iterdir()) == ["lista.csv"]


def test_a_line_break_in_a_cell_is_a_space(place: Path) -> None:
    (place / "lista.csv").write_text(
        'codigo;nombre;precio\nA;"Pan\r\namasado";300\nB;"Té\nverde";x\n'
    )
    answer = run("import", "lista.csv", "--skip-bad")
    assert "línea 4: " in answer.output
    assert shelf(place) == [("A", "Pan amasado", 300, 0)]


def test_two_encodings_in_one_file_are_reported(place: Path) -> None:
    (place / "lista.csv").write_bytes(
        CHILEAN.encode() + "66;Piñón;1.000;1\n67;Ají;1.000;1\n".encode("cp1252")
    )
    answer = run("import", "lista.csv", "--dry-run")
    assert "mezcla codificaciones" in answer.output


def test_sales_in_the_future_are_refused(place: Path) -> None:
    (place / "ventas.csv").write_text(
        "boleta;fecha;codigo;cantidad;precio\n1;2026-01-02;A;1;100\n2;2999-12-31;A;1;100\n"
    )
    answer = run("import", "ventas.csv")
    assert answer.exit_code == 1
    assert "línea 3: la fecha «2999-12-31» está en el futuro" in answer.output


def test_the_payments_of_an_old_sale_are_imported(place: Path) -> None:
    rows = [
        "1;2026-01-02;A;1;1.000;Tarjeta Débito",
        "2;2026-01-02;A;1;1.000;efectivo 300 + Transferencia 700",
    ]
    (place / "ventas.csv").write_text(
        "\n".join(["boleta;fecha;codigo;cantidad;precio;forma de pago", *rows, ""])
    )
    assert run("import", "ventas.csv").exit_code == 0
    assert run("export", "v.jsonl", "--what", "ventas").exit_code == 0
    sold = [json.loads(line) for line in (place / "v.jsonl").read_text().splitlines()]
    assert [sale["pagos"] for sale in sold] == [
        [{"medio": "debito", "monto": 1000}],
        [{"medio": "efectivo", "monto": 300}, {"medio": "transferencia", "monto": 700}],
    ]
    assert run("verify").exit_code == 0


def test_json_lines_report_the_line_that_is_no_json(place: Path) -> None:
    good = {"codigo_barras": "A", "nombre": "Té", "precio": 1990}
    (place / "p.jsonl").write_text(
        f"{json.dumps(good)}\n{{oops\n{json.dumps(good | {'precio': 1.5})}\n"
    )
    answer = run("import", "p.jsonl")
    assert answer.exit_code == 1
    assert "línea 2: " in answer.output
    assert "línea 3: " in answer.output
    sale = {"id_venta": 1, "folio": 1}
    (place / "v.jsonl").write_text(f"{json.dumps(sale)}\n{json.dumps(sale)}\n")
    answer = run("import", "v.jsonl")
    assert "línea 1: no es una venta" in answer.output


def test_refused_rows_are_written_through_no_link_and_for_their_owner_alone(
    place: Path,
) -> None:
    """Who may write where the file lies would choose what is written over."""
    (place / "lista.csv").write_text("codigo,nombre,precio\nA1,Pan,100\nA2,Sal,x\n")
    link = place / "lista.csv.rechazadas.csv"
    link.symlink_to(place / "elsewhere")
    assert run("import", "lista.csv", "--skip-bad").exit_code == 0
    assert not (place / "elsewhere").exists()
    beside = place / "lista.csv.rechazadas-2.csv"
    assert beside.stat().st_mode & 0o777 == 0o600
