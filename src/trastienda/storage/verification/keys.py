"""Clause 3: one document per idempotency key, and the answer kept is the one that was given."""

import re
from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from trastienda.domain import purchases as buying
from trastienda.domain import returns as returning
from trastienda.domain import sales as selling
from trastienda.domain.audit import digest
from trastienda.domain.payments import Payment
from trastienda.domain.products import Product
from trastienda.domain.purchases import Purchase
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale, payments_as_of_now
from trastienda.domain.verification import NUMBERS, Broken, Reason, differs
from trastienda.storage import schema
from trastienda.storage.verification import streams
from trastienda.storage.verification.documents import prefix_of
from trastienda.storage.verification.sales import Record, load
from trastienda.storage.verification.streams import Books, Row, rows

_K = schema.idempotency_keys.c
_PLACE = (_K.user_id, _K.route, _K.key)
_KEYS = sa.select(*_PLACE, _K.fingerprint, _K.result, _K.at_ms).order_by(*_PLACE)
_AFTER = _KEYS.where(
    sa.tuple_(*_PLACE) > sa.tuple_(*(sa.bindparam(column.name) for column in _PLACE))
)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)

_BUYER = sa.select(schema.sales.c.buyer_id).where(
    schema.sales.c.id == sa.bindparam("sale_id")
)

Document = Sale | Return | Purchase
Answer = Document | Product | tuple[Return, ...]
_KINDS: tuple[msgspec.json.Decoder[Answer], ...] = (
    msgspec.json.Decoder(Sale),
    msgspec.json.Decoder(Return),
    msgspec.json.Decoder(Purchase),
    msgspec.json.Decoder(Product),
    msgspec.json.Decoder(tuple[Return, ...]),
)
"""What is answered under a key; each has fields that the others lack. Another kind of answer is to be added here."""


def broken_keys(books: Books) -> Iterator[Broken]:
    """Yield keys whose answer is not that of a document, or that share one; documents must be through before."""
    given = {
        table: bytearray(len(known)) for table, known in books.fingerprints.items()
    }
    size = streams.BLOCK
    block = rows(books.connection, _KEYS.limit(size))
    count = 0
    while block:
        count += len(block)
        for row in block:
            if broken := _broken(books, given, row):
                yield broken
        user_id, route, key = block[-1][:3]
        after = {"user_id": user_id, "route": route, "key": key}
        block = (
            rows(books.connection, _AFTER.limit(size), **after)
            if len(block) == size
            else ()
        )
    if count != books.last("key"):
        yield Broken(NUMBERS, "idempotency_keys", count, Reason.MISSING)


def _broken(books: Books, given: dict[str, bytearray], row: Row) -> Broken | None:
    answer = _answer(row[4])
    place = f"{row[0]}/{row[1]}/{row[2]}"
    if not answer or not (_SHA256.fullmatch(row[3]) and row[1] and row[2]):
        return Broken(
            NUMBERS, "idempotency_keys", place, Reason.UNREADABLE, {"field": "result"}
        )
    if isinstance(answer, Product):
        if books.codes.get(answer.id) != answer.code:
            return _alone(place)
        return differs(
            NUMBERS,
            "idempotency_keys",
            place,
            "at_ms",
            books.created_ms[answer.id],
            row[5],
        )
    documents = answer if isinstance(answer, tuple) else (answer,)
    found = (_broken_document(books, given, one, row, place) for one in documents)
    return next((broken for broken in found if broken), None)


def _broken_document(
    books: Books, given: dict[str, bytearray], answer: Document, row: Row, place: str
) -> Broken | None:
    if isinstance(answer, Sale):
        table, people, content = (
            "sales",
            (answer.seller_id, answer.buyer_id),
            selling.content(answer),
        )
    elif isinstance(answer, Return):
        table, people, content = (
            "returns",
            (answer.seller_id, None),
            returning.content(answer),
        )
    else:
        table, people, content = (
            "purchases",
            (answer.buyer_id, None),
            buying.content(answer),
        )
    known = books.fingerprints[table]
    if not 0 < answer.id < len(known):
        return _alone(place)
    if prefix_of(digest(content)) != known[answer.id]:
        return (
            _broken_settled(books, answer, row, place)
            if isinstance(answer, Sale)
            else _alone(place)
        )
    if (
        isinstance(answer, Return) and answer.seller_id is None
    ):  # then its buyer gave it back alone
        people = (
            books.connection.execute(_BUYER, {"sale_id": answer.sale_id}).scalar(),
            None,
        )
    if row[0] not in people:
        return differs(NUMBERS, "idempotency_keys", place, "user_id", people[0], row[0])
    if given[table][answer.id]:
        return Broken(
            NUMBERS,
            "idempotency_keys",
            place,
            Reason.KEY_TWICE,
            {"document": answer.id, "of": table},
        )
    given[table][answer.id] = 1
    return differs(NUMBERS, "idempotency_keys", place, "at_ms", answer.at_ms, row[5])


def _answer(text: str) -> Answer | None:
    for kind in _KINDS:
        try:
            return kind.decode(text)
        except msgspec.DecodeError:
            continue
    return None


def _alone(place: str) -> Broken:
    return Broken(NUMBERS, "idempotency_keys", place, Reason.KEY_ALONE)


def _broken_settled(books: Books, answer: Sale, row: Row, place: str) -> Broken | None:
    """Look for the settling after which the sale stood as it was answered."""
    for record in load(books.connection, answer.id, answer.id):
        if isinstance(record, Broken):
            return record
        content = selling.content(answer)
        for number, settling in enumerate(record.settlings, start=1):
            if selling.content(_after(record, number)) == content:
                return differs(
                    NUMBERS,
                    "idempotency_keys",
                    place,
                    "user_id",
                    settling.user_id,
                    row[0],
                ) or differs(
                    NUMBERS, "idempotency_keys", place, "at_ms", settling.at_ms, row[5]
                )
    return _alone(place)


def _after(record: Record, count: int) -> Sale:
    """Return the sale as it stood after the first ``count`` settlings."""
    done = record.settlings[:count]
    later: list[Payment] = [
        payment for settling in done for payment in settling.payments
    ]
    sale = record.sale
    return msgspec.structs.replace(
        sale,
        payments=payments_as_of_now(
            sale.payments, later, sum(one.covered_minor for one in done)
        ),
        change_minor=sale.change_minor + sum(one.change_minor for one in done),
        rounding_minor=sale.rounding_minor + sum(one.rounding_minor for one in done),
    )
