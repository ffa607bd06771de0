"""Small files of past sales for tests."""

from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from trastienda.domain.past_sales import PastDocument
from trastienda.files.imports import past_sales
from trastienda.files.imports.options import ImportOptions

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
