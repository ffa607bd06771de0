"""Reports as the tables of a CSV or a spreadsheet."""

from datetime import date
from decimal import Decimal

from msgspec.structs import asdict

from trastienda.files.exports.rows import Cell, ShopLocale
from trastienda.files.exports.text_files import Sheet
from trastienda.wire.people import Persona
from trastienda.wire.reports import TABLES, Resumen

_TOTALS = tuple(field for field in Resumen.__struct_fields__ if field not in TABLES)
_COUNTS = {"ventas", "cantidad", "cantidad_devuelta"}
"""The numbers that are no money."""
_DAYS = {"fecha", "desde", "hasta"}


def report_sheets(
    report: Resumen,
    locale: ShopLocale,
) -> dict[str, Sheet]:
    """Return each table of a report by its name, the totals (``resumen``) first."""
    totals = _row(asdict(report), _TOTALS, locale)
    sheets = {"resumen": Sheet("resumen", _TOTALS, [totals])}
    for name, row_type in TABLES.items():
        fields = row_type.__struct_fields__
        header: list[str] = []
        for field in fields:
            if field == "vendedor":
                header.append("rut")  # a seller takes two columns
            header.append(field)
        items = getattr(report, name)
        rows = [_row(asdict(item), fields, locale) for item in items]
        sheets[name] = Sheet(name, header, rows)
    return sheets


def _row(
    values: dict[str, object],
    fields: tuple[str, ...],
    locale: ShopLocale,
) -> list[Cell]:
    cells: list[Cell] = []
    for field in fields:
        value = values[field]
        match value:
            case Persona():
                cells += (value.rut, value.nombre)
            case None:  # no seller
                cells += ("", "")
            case int() | float() if field in _COUNTS:
                cells.append(Decimal(repr(value)))
            case int():
                cells.append(locale.money(value))
            case str() if field in _DAYS:
                cells.append(date.fromisoformat(value))
            case _:
                cells.append(str(value))
    return cells
