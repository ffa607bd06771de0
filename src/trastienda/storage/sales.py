"""Sales with their lines and payments: rows in, rows out."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from msgspec import Struct
from msgspec.structs import replace

from trastienda.domain.lists import Page, Window
from trastienda.domain.payments import Method, Payment, Settlement, payments_as_of_now
from trastienda.domain.people import Actor
from trastienda.domain.sales import Sale, SaleLine
from trastienda.domain.tills import Till
from trastienda.domain.visibility import SaleScope
from trastienda.storage import lists, product_lists, schema
from trastienda.storage.dialects import Connection, written_out
from trastienda.storage.rows import (
    METHOD,
    REDUCTIONS,
    Columns,
    DocumentColumns,
    person_of,
    with_person,
)
from trastienda.storage.transactions import Tx


class PaymentRow(Struct, frozen=True, gc=False):
    """A payment as it is kept: one made with the sale, or one of a later settling of its debt."""

    sale_id: int
    settlement_no: int
    """0 for the sale itself; settlings count from 1."""
    position: int
    method: Method
    amount_minor: int
    change_minor: int
    """Of the whole settling, on its first row. That of the sale stands with the sale."""
    rounding_minor: int
    """The same."""
    at_ms: int
    user_id: int | None

    @property
    def payment(self) -> Payment:
        """What was paid."""
        return Payment(self.method, self.amount_minor)


SALES: DocumentColumns[Sale] = DocumentColumns(schema.sales, Sale, parts={"till": Till})
SALE_LINES: Columns[SaleLine] = Columns(
    schema.sale_lines, SaleLine, keys=2, conversions={"reductions": REDUCTIONS}
)
PAYMENTS: Columns[PaymentRow] = Columns(
    schema.payments,
    PaymentRow,
    paths={"method": "method.value"},
    conversions={"method": METHOD},
)

_SALES = schema.sales.c
_SALE_LINES = schema.sale_lines.c
_PAYMENTS = schema.payments.c
_SELECT = with_person(schema.sales, _SALES.seller_id)
_NOTHING = written_out(0)
_IS_OWED = _SALES.owed_minor > _NOTHING
_LINES_OF_SALES = (
    sa.select(schema.sale_lines)
    .where(_SALE_LINES.sale_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_SALE_LINES.sale_id, _SALE_LINES.position)
)
_PAYMENTS_OF_SALES = (
    sa.select(schema.payments)
    .where(_PAYMENTS.sale_id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(_PAYMENTS.sale_id, _PAYMENTS.settlement_no, _PAYMENTS.position)
)


def add(
    transaction: Tx,
    sales: Sequence[Sale],
) -> None:
    """Write sales with their lines and payments, as three sets."""
    sale_row = SALES.row
    transaction.insert(schema.sales, [sale_row(sale) for sale in sales])

    line_row = SALE_LINES.row
    lines = [
        line_row(line, sale.id, position)
        for sale in sales
        for position, line in enumerate(sale.lines)
    ]
    transaction.insert(schema.sale_lines, lines)

    payments = []
    for sale in sales:
        for position, payment in enumerate(sale.payments):
            paid = (payment.method, payment.amount_minor, 0, 0)
            stored = PaymentRow(sale.id, 0, position, *paid, sale.at_ms, sale.seller_id)
            payments.append(PAYMENTS.row(stored))
    transaction.insert(schema.payments, payments)


def settle(
    transaction: Tx,
    sale: Sale,
    settlement: Settlement,
    actor: Actor,
) -> int:
    """Write payments of a sale's debt and bring down what is owed.

    Return the number of this settling.
    """
    query = sa.select(sa.func.max(_PAYMENTS.settlement_no)).where(
        _PAYMENTS.sale_id == sale.id
    )
    last_no = transaction.connection.execute(query).scalar_one()
    settlement_no = int(last_no or 0) + 1

    payments = []
    for position, payment in enumerate(settlement.payments):
        is_first = position == 0
        stored = PaymentRow(
            sale_id=sale.id,
            settlement_no=settlement_no,
            position=position,
            method=payment.method,
            amount_minor=payment.amount_minor,
            change_minor=settlement.change_minor if is_first else 0,
            rounding_minor=settlement.rounding_minor if is_first else 0,
            at_ms=transaction.now_ms,
            user_id=actor.user_id,
        )
        payments.append(PAYMENTS.row(stored))
    transaction.insert(schema.payments, payments)
    set_owed(transaction, sale.id, settlement.owed_minor)
    return settlement_no


def set_owed(
    transaction: Tx,
    sale_id: int,
    owed_minor: int,
) -> None:
    """Write what is still owed of a sale."""
    statement = sa.update(schema.sales).where(_SALES.id == sale_id)
    transaction.connection.execute(statement.values(owed_minor=owed_minor))


def by_id(connection: Connection, sale_id: int) -> Sale | None:
    """Return one sale as it stands now."""
    query = _SELECT.where(_SALES.id == sale_id)
    sale_rows = connection.execute(query).all()
    if not sale_rows:
        return None
    (sale,) = _build(connection, sale_rows)
    return sale


def by_ids(connection: Connection, sale_ids: Sequence[int]) -> dict[int, Sale]:
    """Return sales as they stand now, by id; one that is not there is left out."""
    sales_by_id: dict[int, Sale] = {}
    for chunk in connection.chunks(sale_ids):
        sale_rows = connection.execute(_SELECT.where(_SALES.id.in_(chunk))).all()
        for sale in _build(connection, sale_rows):
            sales_by_id[sale.id] = sale
    return sales_by_id


def listed(
    connection: Connection,
    window: Window,
    scope: SaleScope,
    *,
    owed: bool | None = None,
    customer_rut: str | None = None,
) -> Page[Sale]:
    """Return a page of the sales of ``scope``, newest first."""
    query = lists.within(_SELECT, _SALES.at_ms, window)
    if owed is not None:
        is_paid = _SALES.owed_minor == _NOTHING
        query = query.where(_IS_OWED if owed else is_paid)
    if owed and scope.owed:
        scope = SaleScope(everything=True)
    if customer_rut is not None:
        query = query.where(_SALES.customer_rut == customer_rut)
    if window.search:  # a receipt's number, a customer's RUT, or a product
        wanted = window.search.strip()
        has_name = _SALE_LINES.name.icontains(wanted, autoescape=True)
        of_product = sa.or_(
            _SALE_LINES.code == wanted,
            has_name,
            _SALE_LINES.product_id.in_(product_lists.ids_named(wanted)),
        )
        line = sa.select(sa.literal(1)).where(
            _SALE_LINES.sale_id == _SALES.id, of_product
        )
        rut = wanted.replace(".", "").upper()
        conditions = [
            line.exists(),
            _SALES.origin_number == wanted,
            _SALES.customer_rut == rut,
        ]
        # A column holds numbers of 64 bits: 18 digits always fit.
        if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
            number = int(wanted)
            conditions += [_SALES.folio == number, _SALES.id == number]
        query = query.where(sa.or_(*conditions))

    def build(sale_rows: lists.Rows) -> list[Sale]:
        return _build(connection, sale_rows)

    queries = [query.where(mark) for mark in marks_of(scope)]
    key = [_SALES.at_ms, _SALES.id]
    return lists.page_of_any(connection, queries, key, window, build)


def marks_of(scope: SaleScope) -> list[sa.ColumnElement[bool]]:
    """Return the marks of ``scope``: each sale of it bears one of them, or several."""
    if scope.everything:
        return [sa.true()]

    values = (
        (_SALES.seller_id, scope.seller_id),
        (_SALES.buyer_id, scope.buyer_id),
        (_SALES.customer_rut, scope.customer_rut),
    )
    marks = [column == value for column, value in values if value is not None]
    if scope.owed:
        marks.append(_IS_OWED)
    return marks or [sa.false()]


def _build(
    connection: Connection,
    rows: lists.Rows,
    *,
    as_sold: bool = False,
) -> list[Sale]:
    """Make sales of rows, reading the lines and payments of all of them in two queries.

    They are as they stand now, or as they were sold.
    """
    ids = [row.id for row in rows]
    lines: defaultdict[int, list[SaleLine]] = defaultdict(list)
    payments: defaultdict[int, list[PaymentRow]] = defaultdict(list)
    for chunk in connection.chunks(ids):
        ids_of_chunk = {"ids": chunk}
        for row in connection.execute(_LINES_OF_SALES, ids_of_chunk):
            lines[row.sale_id].append(SALE_LINES.read(row))
        for row in connection.execute(_PAYMENTS_OF_SALES, ids_of_chunk):
            payments[row.sale_id].append(PAYMENTS.read(row))

    sales = []
    for row in rows:
        paid = payments[row.id]
        sold = [payment.payment for payment in paid if payment.settlement_no == 0]
        sale = SALES.read(
            row,
            seller=person_of(row),
            lines=tuple(lines[row.id]),
            payments=tuple(sold),
        )

        # As sold, and then changed by the settlings of its debt.
        later = [payment for payment in paid if payment.settlement_no > 0]
        if later and not as_sold:
            change_minor = sum(payment.change_minor for payment in later)
            rounding_minor = sum(payment.rounding_minor for payment in later)
            paid_minor = sum(payment.amount_minor for payment in later)
            covered_minor = paid_minor - change_minor - rounding_minor
            settled = [payment.payment for payment in later]
            sale = replace(
                sale,
                rounding_minor=sale.rounding_minor + rounding_minor,
                change_minor=sale.change_minor + change_minor,
                payments=payments_as_of_now(sold, settled, covered_minor),
            )
        sales.append(sale)
    return sales


def each(
    connection: Connection,
    window: Window,
    *,
    as_sold: bool = False,
) -> Iterator[Sale]:
    """Yield the sales of a window, oldest first, as they stand now or as they were sold."""

    def build(sale_rows: lists.Rows) -> list[Sale]:
        return _build(connection, sale_rows, as_sold=as_sold)

    query = lists.within(_SELECT, _SALES.at_ms, window)
    return lists.each(connection, query, [_SALES.at_ms, _SALES.id], build)


def any_exists(connection: Connection) -> bool:
    """Tell whether anything was ever sold."""
    first_sale = connection.execute(sa.select(_SALES.id).limit(1)).first()
    return first_sale is not None
