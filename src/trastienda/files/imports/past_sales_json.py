"""Past sales and returns as JSON lines, as an export writes them, read as a table."""

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.past_sales import number_of
from trastienda.files.cells.codes import dressed
from trastienda.files.cells.numbers import render_typed
from trastienda.files.cells.payments import payments_out
from trastienda.files.imports.options import ImportOptions
from trastienda.files.tables.table import (
    FileRefused,
    ReportDone,
    Row,
    Table,
    ignore_progress,
)
from trastienda.wire.returns import Devolucion, LineaDevuelta
from trastienda.wire.sales import LineaVendida, Venta, payments_in

HEADER = (
    "numero",
    "fecha",
    "codigo_barras",
    "nombre",
    "cantidad",
    "precio_unitario",
    "total_linea",
    "cliente",
    "pagos",
    "exento",
    "venta_origen",
    "motivo",
)
MAX_LINE_BYTES = 8 * 1024 * 1024
"""A sale of 500 lines is some 150 kB; anything far longer is no line of such a file."""
_MAX_SHOWN_BYTES = 1000
"""Of an unreadable line, in the file of refused rows."""
_UTF8_MARK = b"\xef\xbb\xbf"
_OBJECTS_PER_REPORT = 512


class _ObjectStart(Struct):
    """What distinguishes the objects of an export: sales have no ``id_devolucion``."""

    id_venta: int | None | UnsetType = UNSET
    id_devolucion: int | UnsetType = UNSET
    numero_origen: str | UnsetType = UNSET
    folio: int | None | UnsetType = UNSET


class JsonSalesTable(Table):
    """A file of JSON lines with sales and returns.

    Other objects are left out with a remark.
    """

    def __init__(
        self,
        path: Path,
        options: ImportOptions,
    ) -> None:
        super().__init__(path, HEADER, path.stat().st_size)
        self._minor_unit = Decimal(10) ** -options.exponent
        self._sale_numbers = self._numbers_of_returned_sales()

    def rows(self, report: ReportDone = ignore_progress) -> Iterator[Row]:
        """Yield a row for each line of each sale and return."""
        for count, (line, object_bytes, done_bytes) in enumerate(self._lines()):
            if count % _OBJECTS_PER_REPORT == 0:
                report(done_bytes)

            try:
                rows_of_object = self._cells(object_bytes)
            except msgspec.DecodeError as error:
                problem = f"no es una venta ni una devolución legible: {error}"
                shown_bytes = object_bytes[:_MAX_SHOWN_BYTES]
                shown_text = shown_bytes.decode(errors="replace")
                yield Row(line, [shown_text], problem)
                continue
            for cells in rows_of_object:
                yield Row(line, cells)
        report(self.size)

    def _lines(self) -> Iterator[tuple[int, bytes, int]]:
        """Yield ``(line, object, bytes read so far)`` for each line that is not blank."""
        line = 0
        done_bytes = 0
        with self.path.open("rb") as file:
            while raw_line := file.readline(MAX_LINE_BYTES):
                line += 1
                done_bytes += len(raw_line)
                if len(raw_line) == MAX_LINE_BYTES:
                    raise FileRefused(f"La línea {line} es demasiado larga.")
                object_bytes = raw_line.removeprefix(_UTF8_MARK).strip()
                if object_bytes:
                    yield line, object_bytes, done_bytes

    def _object_starts(self) -> Iterator[_ObjectStart]:
        """Yield what distinguishes each object; without those that cannot be read."""
        decoder = msgspec.json.Decoder(_ObjectStart)
        for _, object_bytes, _ in self._lines():
            with contextlib.suppress(msgspec.DecodeError):  # rows() reports it
                yield decoder.decode(object_bytes)

    def _numbers_of_returned_sales(self) -> dict[int, str]:
        """Return the numbers of the sales that returns refer to, by id.

        A file holds few returns, however many sales.
        """
        returned_ids: set[int] = set()
        other_objects = 0
        for start in self._object_starts():
            if start.id_devolucion is UNSET:
                other_objects += not isinstance(start.id_venta, int)
            elif isinstance(start.id_venta, int):
                returned_ids.add(start.id_venta)
        if other_objects:
            self.remarks.append(
                f"{other_objects} líneas no son ventas ni devoluciones, y quedan fuera."
            )
        if not returned_ids:
            return {}

        numbers: dict[int, str] = {}
        for start in self._object_starts():
            is_sale = start.id_devolucion is UNSET
            sale_id = start.id_venta
            if is_sale and isinstance(sale_id, int) and sale_id in returned_ids:
                numbers[sale_id] = _sale_number(start)
        return numbers

    def _cells(self, object_bytes: bytes) -> list[list[str]]:
        """Return the cells of each line of a sale or a return; none of other objects."""
        start = msgspec.json.decode(object_bytes, type=_ObjectStart)
        if start.id_devolucion is not UNSET:
            returned = msgspec.json.decode(object_bytes, type=Devolucion)
            return self._cells_of_return(returned)
        if isinstance(start.id_venta, int):
            sale = msgspec.json.decode(object_bytes, type=Venta)
            return self._cells_of_sale(sale)
        return []

    def _cells_of_sale(self, sale: Venta) -> list[list[str]]:
        number = _sale_number(sale)
        customer = sale.cliente or ""
        payments = payments_in(sale.pagos)
        payments_cell = payments_out(payments, sale.vuelto, self._render_money)

        if sale.exento == sale.total:
            exempt = "si"
        elif sale.exento == 0:
            exempt = "no"
        else:
            exempt = ""  # a sale with both: only the products know which line is which

        rows = []
        for line in sale.detalle:
            unit_price = self._render_money(line.precio_unitario)
            total = self._render_money(line.total)
            cells = [
                number,
                sale.fecha,
                *_product_cells(line, sign=1),
                unit_price,
                total,
                customer,
                payments_cell,
                exempt,
                "",
                "",
            ]
            rows.append(cells)
        return rows

    def _cells_of_return(self, returned: Devolucion) -> list[list[str]]:
        numero_origen = returned.numero_origen
        origin_number = None if numero_origen is UNSET else numero_origen
        number = number_of(returned.id_devolucion, origin_number, is_return=True)
        sale_number = self._sale_numbers.get(returned.id_venta or 0, "")

        payments = payments_in(returned.pagos)
        payments_cell = payments_out(payments, 0, self._render_money)

        rows = []
        for line in returned.detalle:
            total = self._render_money(line.total)
            cells = [
                number,
                returned.fecha,
                *_product_cells(line, sign=-1),
                "",
                total,
                "",
                payments_cell,
                "",
                sale_number,
                returned.motivo,
            ]
            rows.append(cells)
        return rows

    def _render_money(self, amount_minor: int) -> str:
        amount = amount_minor * self._minor_unit
        return render_typed(amount)


def _product_cells(
    line: LineaVendida | LineaDevuelta,
    *,
    sign: int,
) -> list[str]:
    """Return code, name and quantity of a line; ``sign`` is -1 for what came back."""
    # By its text: a float is exact only there.
    quantity = Decimal(str(line.cantidad)) * sign
    return [
        dressed(line.codigo_barras),
        line.nombre,
        render_typed(quantity),
    ]


def _sale_number(sale: Venta | _ObjectStart) -> str:
    """Return the number that a sale has elsewhere; empty for a sale that has none."""
    origin_number = None if sale.numero_origen is UNSET else sale.numero_origen
    folio = None if sale.folio is UNSET else sale.folio
    if folio is None and origin_number is None:
        return ""
    return number_of(folio, origin_number, is_return=False)
