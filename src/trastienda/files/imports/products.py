"""Product lists in files.

A table with a product a line, a JSON list of objects, ``{name: {…}}``, or JSON lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from trastienda.domain import barcode
from trastienda.domain.past_sales import ListedProduct
from trastienda.files.cells.date_orders import OrderEvidence
from trastienda.files.cells.dates import DateParser
from trastienda.files.cells.fields import BadCell
from trastienda.files.cells.numbers import TYPED_MARK, MarkEvidence, choose_mark
from trastienda.files.imports.date_order import only_order
from trastienda.files.imports.detection import (
    is_for_known_products,
    is_json,
    is_json_lines,
    open_table,
)
from trastienda.files.imports.import_file import ImportFile
from trastienda.files.imports.loose_categories import LooseCategories
from trastienda.files.imports.options import ImportOptions, Progress, no_progress
from trastienda.files.imports.other_rows import OtherRows
from trastienda.files.imports.product_cells import ProductStyle
from trastienda.files.imports.product_rows import ProductRow, product_in
from trastienda.files.imports.products_json import JSON_HEADER, read_json_rows
from trastienda.files.imports.unused_columns import UnusedColumns
from trastienda.files.tables.column_names import PRODUCTS
from trastienda.files.tables.columns import FoundColumns, find_columns, missing_columns
from trastienda.files.tables.own_columns import PRODUCT_HEADER
from trastienda.files.tables.table import ReportDone, Table

_REQUIRED = {"name": "el nombre", "price": "el precio"}
"""A list has these columns; one for products that exist needs only their code and what
is to change of them."""
_DATES = ("discount_from", "discount_until")
_MONEY_FIELDS = ("price", "cost", "discount_amount")
_QUANTITY_FIELDS = ("stock", "min_stock")


class ProductList(ImportFile):
    """A file of products, read: the products that can be taken, and the rows that
    cannot."""

    def __init__(
        self,
        path: Path,
        header: tuple[str, ...],
        separator: str,
        columns: FoundColumns | None = None,
        remarks: Sequence[str] = (),
    ) -> None:
        super().__init__(path, header, separator, columns, remarks)
        self.products: list[ListedProduct] = []
        """In the order of the file."""
        self._raw_cells: dict[int, list[str]] = {}
        """The cells of each product by its line, for when it is refused later."""

    @property
    def has_stock_alone(self) -> bool:
        """Whether it is a count: codes and stock, and nothing else to take."""
        if self.columns is None:
            return False
        fields = self.columns.positions.keys()
        return "stock" in fields and not fields - {"code", "name", "stock", "unit"}

    def load(
        self,
        rows: Iterable[ProductRow],
        style: ProductStyle,
    ) -> None:
        """Take every row that is a product, and refuse the others."""
        first_lines: dict[str, int] = {}
        for row in rows:
            self.total_rows += 1
            try:
                product = product_in(row, style, self.notices)
                key = barcode.key(product.code)
                first_line = first_lines.setdefault(key, row.line)
                if first_line != row.line:
                    raise BadCell(
                        f"el código «{product.code}» ya está en la línea {first_line}"
                    )
            except BadCell as error:
                self.refused.add(row.line, str(error), row.raw_cells)
            else:
                self.products.append(product)
                self._raw_cells[row.line] = row.raw_cells

    def refuse(self, reasons: Mapping[int, str]) -> None:
        """Refuse products that the shop cannot take, by their lines."""
        for line, reason in reasons.items():
            self.refused.add(line, reason, self._raw_cells[line])
        self.products = [
            product for product in self.products if product.line not in reasons
        ]

    def correct_codes(self, codes: Mapping[int, str]) -> None:
        """Give the products of these lines the code that the shop has for them."""
        self.products = [
            replace(product, code=codes.get(product.line, product.code))
            for product in self.products
        ]


def read(
    path: Path,
    options: ImportOptions,
    progress: Progress = no_progress,
) -> ProductList:
    """Read a file of products. The caller closes what is returned.

    Raises FileRefused if the file as a whole cannot be taken, OSError if it cannot be
    read.
    """
    if is_json(path):
        return _read_json(path, options, progress)

    table = open_table(path, options, PRODUCTS)
    columns = find_columns(table, PRODUCTS, options.column_map)
    positions = columns.positions
    table.use(positions.values())
    lacking = [words for field, words in _REQUIRED.items() if field not in positions]
    is_a_list = columns.has_net_price_alone or not is_for_known_products(
        positions.keys()
    )
    if lacking and is_a_list:
        raise missing_columns(table, lacking, columns)

    total = 2 * table.size
    unused_columns = UnusedColumns(columns)
    other_rows = OtherRows(table.header, positions)
    categories = LooseCategories()
    rows = _table_rows(table, positions, lambda done: progress(done, total))
    style = replace(
        _study(_observed(rows, unused_columns, other_rows, categories), options),
        has_name="name" in positions,
        has_price="price" in positions,
    )
    if tuple(table.header) == PRODUCT_HEADER:
        # Our own export, where 0,5 is half a per cent.
        style = replace(style, percent_is_share=False)
    unused_columns.check_barcodes()

    remarks = [*table.remarks, *unused_columns.remarks, *categories.remarks]
    rows = _table_rows(
        table, positions, lambda done: progress(table.size + done, total)
    )
    products = ProductList(path, table.header, table.separator, columns, remarks)
    for field, position in positions.items():
        if field in _MONEY_FIELDS:
            products.decimal_marks[position] = style.money_mark
        elif field in _QUANTITY_FIELDS:
            products.decimal_marks[position] = style.quantity_mark
    product_rows = other_rows.left_out(
        rows, style.money_mark, style.quantity_mark, products.notices
    )
    with products.closed_on_error():
        products.load(product_rows, style)
    return products


def _read_json(
    path: Path,
    options: ImportOptions,
    progress: Progress,
) -> ProductList:
    has_lines = is_json_lines(path)
    rows = read_json_rows(path, has_lines=has_lines)
    size_bytes = path.stat().st_size
    progress(size_bytes, size_bytes)
    style = _study(rows, options)
    if has_lines:
        style = replace(style, in_minor_units=True)
    products = ProductList(path, JSON_HEADER, ",")
    with products.closed_on_error():
        products.load(rows, style)
    return products


def _table_rows(
    table: Table,
    positions: Mapping[str, int],
    report: ReportDone,
) -> Iterator[ProductRow]:
    for row in table.rows(report):
        try:
            cells = table.cells_of(row)
        except BadCell as error:
            yield ProductRow(row.line, {}, row.cells, str(error))
            continue
        by_field = {field: cells[position] for field, position in positions.items()}
        yield ProductRow(row.line, by_field, cells)


def _observed(
    rows: Iterable[ProductRow],
    unused_columns: UnusedColumns,
    other_rows: OtherRows,
    categories: LooseCategories,
) -> Iterator[ProductRow]:
    """Yield the rows, shown to what is found out from all of them."""
    for row in rows:
        unused_columns.observe(row.raw_cells)
        if other_rows.observe(row):
            categories.observe(row)
        yield row


def _study(
    rows: Iterable[ProductRow],
    options: ImportOptions,
) -> ProductStyle:
    """Find out from all rows how the file writes numbers and dates."""
    money = MarkEvidence(no_decimals=options.exponent == 0)
    quantities = MarkEvidence()
    orders = OrderEvidence()
    percents = []
    for row in rows:
        for field, cell in row.cells.items():
            if not isinstance(cell, str) or not cell.strip():
                continue
            if field in _MONEY_FIELDS:
                money.observe(cell)
            elif field in _QUANTITY_FIELDS:
                quantities.observe(cell)
            elif field in _DATES:
                orders.observe(cell, row.line)
            elif field == "discount_percent":
                percents.append(cell)
    date_order = options.date_order or only_order(orders)
    return ProductStyle(
        money_mark=choose_mark(money, quantities),
        quantity_mark=choose_mark(quantities, money),
        exponent=options.exponent,
        dates=DateParser(options.time_zone, date_order),
        percent_is_share=_are_shares(percents),
        negative_stock_is_zero=options.negative_stock_is_zero,
    )


def _are_shares(percents: Sequence[str]) -> bool:
    """Tell whether cells of a spreadsheet with the format of a percentage are here: none
    is above one, and one at least has decimals."""
    has_fraction = any(TYPED_MARK in cell for cell in percents)
    return has_fraction and all(
        cell.strip() in {"0", "1"} or cell.strip().startswith(f"0{TYPED_MARK}")
        for cell in percents
    )
