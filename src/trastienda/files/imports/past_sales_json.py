"""Past sales and returns as JSON lines, as an export writes them: shown as the table that they would be."""

import contextlib
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trastienda.domain.past_sales import number_of
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.numbers import typed
from trastienda.files.cells.payments import paid_out
from trastienda.files.imports.detection import ImportOptions
from trastienda.files.tables.table import FileRefused, Row, Table
from trastienda.wire.returns import Devolucion, LineaDevuelta
from trastienda.wire.sales import LineaVendida, Venta, payments_in

HEADER = (
    "numero", "fecha", "codigo_barras", "nombre", "cantidad", "precio_unitario", "total_linea", "cliente", "pagos",
    "exento", "venta_origen", "motivo",
)  # fmt: skip
MAX_LINE_BYTES = 8 * 1024 * 1024
"""A sale of 500 lines is some 150 kB; what is far longer is no line of such a file."""
_ROWS_A_TELLING = 512


class _Kind(Struct):
    """What tells the objects of an export apart."""

    id_venta: int | None | UnsetType = UNSET
    id_devolucion: int | UnsetType = UNSET
    numero_origen: str | UnsetType = UNSET
    folio: int | None | UnsetType = UNSET


class SaleLines(Table):
    """A file of JSON lines with sales and returns; objects of other kinds are left out and told."""

    def __init__(self, path: Path, options: ImportOptions) -> None:
        super().__init__(path, HEADER, path.stat().st_size)
        self._unit = Decimal(10) ** -options.exponent
        self._sale_numbers = self._numbers_of_returned()

    def _objects(self) -> Iterator[tuple[int, bytes, int]]:
        done = 0
        with self.path.open("rb") as file:
            line = 0
            while text := file.readline(MAX_LINE_BYTES):
                line += 1
                done += len(text)
                if len(text) == MAX_LINE_BYTES:
                    raise FileRefused(f"La línea {line} es demasiado larga.")
                if text := text.removeprefix(b"\xef\xbb\xbf").strip():
                    yield line, text, done

    def _kinds(self) -> Iterator[_Kind]:
        decode = msgspec.json.Decoder(_Kind).decode
        for _, text, _ in self._objects():
            with contextlib.suppress(msgspec.DecodeError):  # rows() names it
                yield decode(text)

    def _numbers_of_returned(self) -> dict[int, str]:
        """Return the numbers of the sales that returns name; a file holds few returns, however many sales."""
        wanted: set[int] = set()
        numbers: dict[int, str] = {}
        others = 0
        for one in self._kinds():
            if one.id_devolucion is UNSET:
                others += not isinstance(one.id_venta, int)
            elif isinstance(one.id_venta, int):
                wanted.add(one.id_venta)
        for one in self._kinds() if wanted else ():
            if (
                one.id_devolucion is UNSET
                and isinstance(one.id_venta, int)
                and one.id_venta in wanted
            ):
                numbers[one.id_venta] = _number(one)
        if others:
            self.remarks.append(
                f"{others} líneas no son ventas ni devoluciones, y quedan fuera."
            )
        return numbers

    def rows(self, tell: Callable[[int], None] = lambda done: None) -> Iterator[Row]:
        """Yield a row for each line of each sale and return."""
        for count, (line, text, done) in enumerate(self._objects()):
            if count % _ROWS_A_TELLING == 0:
                tell(done)
            try:
                yield from ((line, cells) for cells in self._cells(text))
            except msgspec.DecodeError as error:
                raw = text[:1000].decode(errors="replace")
                yield (
                    line,
                    BadCell(
                        f"no es una venta ni una devolución legible: {error}", [raw]
                    ),
                )
        tell(self.size)

    def _cells(self, text: bytes) -> list[list[str]]:
        one = msgspec.json.decode(text, type=_Kind)
        if one.id_devolucion is not UNSET:
            return self._of_return(msgspec.json.decode(text, type=Devolucion))
        if isinstance(one.id_venta, int):
            return self._of_sale(msgspec.json.decode(text, type=Venta))
        return []

    def _of_sale(self, sale: Venta) -> list[list[str]]:
        number = _number(sale)
        paid = paid_out(payments_in(sale.pagos), sale.vuelto, self._money)
        exempt = {0: "no", sale.total: "si"}.get(
            sale.exento, ""
        )  # of one that has both, only the products know
        return [
            [
                number, sale.fecha, *self._line(line), self._money(line.precio_unitario), self._money(line.total),
                sale.cliente or "", paid, exempt, "", "",
            ]
            for line in sale.detalle
        ]  # fmt: skip

    def _of_return(self, one: Devolucion) -> list[list[str]]:
        origin = None if one.numero_origen is UNSET else one.numero_origen
        number = number_of(one.id_devolucion, origin, is_return=True)
        sale_number = self._sale_numbers.get(one.id_venta or 0, "")
        return [
            [
                number, one.fecha, *self._line(line), "", self._money(line.total), "", one.medio, "", sale_number,
                one.motivo,
            ]
            for line in one.detalle
        ]  # fmt: skip

    def _line(self, line: LineaVendida | LineaDevuelta) -> list[str]:
        quantity = Decimal(str(line.cantidad)) * (
            -1 if isinstance(line, LineaDevuelta) else 1
        )
        return [line.codigo_barras, line.nombre, typed(quantity)]

    def _money(self, amount_minor: int) -> str:
        return typed(amount_minor * self._unit)


def _number(sale: Venta | _Kind) -> str:
    origin = None if sale.numero_origen is UNSET else sale.numero_origen
    folio = None if sale.folio is UNSET else sale.folio
    return (
        ""
        if folio is None and origin is None
        else number_of(folio, origin, is_return=False)
    )
