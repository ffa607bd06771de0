"""Reports as tables, for spreadsheets: the cells of a file that is exported."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from msgspec.structs import asdict

from trastienda.files.exports.rows import Cell, Terms
from trastienda.files.exports.text_files import Sheet
from trastienda.wire.people import Persona
from trastienda.wire.reports import TABLES, Resumen

_TOTALS = (
    "desde",
    "hasta",
    "ventas",
    "total",
    "devoluciones",
    "neto",
    "iva",
    "exento",
    "ajuste_redondeo",
    "margen",
)
_MONEY = {
    "total",
    "devoluciones",
    "neto",
    "iva",
    "exento",
    "ajuste_redondeo",
    "margen",
    "cobros",
}
_DAYS = {"fecha", "desde", "hasta"}


def tables(report: Resumen, terms: Terms) -> dict[str, Sheet]:
    """Return each table of a report by its name, the totals (``resumen``) first."""
    found: dict[str, Sheet] = {
        "resumen": ("resumen", _TOTALS, [_cells(asdict(report), _TOTALS, terms)])
    }
    for name, row in TABLES.items():
        fields = row.__struct_fields__
        header = tuple(
            one
            for field in fields
            for one in (("rut", "vendedor") if field == "vendedor" else (field,))
        )
        found[name] = (
            name,
            header,
            [_cells(asdict(one), fields, terms) for one in getattr(report, name)],
        )
    return found


def _cells(row: dict[str, object], fields: tuple[str, ...], terms: Terms) -> list[Cell]:
    return [cell for field in fields for cell in _cell(field, row[field], terms)]


def _cell(field: str, value: object, terms: Terms) -> Iterator[Cell]:
    match value:
        case Persona():
            yield from (value.rut, value.nombre)
        case None:  # nobody sold it
            yield from ("", "")
        case int() if field in _MONEY:
            yield terms.money(value)
        case int() | float():
            yield Decimal(repr(value))
        case str() if field in _DAYS:
            yield date.fromisoformat(value)
        case _:
            yield str(value)
