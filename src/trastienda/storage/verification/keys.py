"""Clause 3: one document per idempotency key, and the answer kept is the one that was given."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import sqlalchemy as sa
from msgspec import Struct

from trastienda.domain import purchases, returns, sales
from trastienda.domain.audit import Action, digest
from trastienda.domain.fingerprints import Fingerprints
from trastienda.domain.payments import Payment, payments_as_of_now
from trastienda.domain.products import Product
from trastienda.domain.purchases import Purchase
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.verification import NUMBERS, Broken, Reason, differs
from trastienda.storage import schema
from trastienda.storage.idempotency import seal
from trastienda.storage.verification import streams
from trastienda.storage.verification.documents import prefix_of
from trastienda.storage.verification.sales import load
from trastienda.storage.verification.streams import Books, raw_rows

_KEYS = schema.idempotency_keys.c
_PRIMARY_KEY = (_KEYS.user_id, _KEYS.route, _KEYS.key)
_AUDIT = schema.audit.c
_SELECT_KEYS = sa.select(
    *_PRIMARY_KEY,
    _KEYS.fingerprint,
    _KEYS.result,
    _KEYS.at_ms,
    _KEYS.audit_id,
    _KEYS.digest,
    _AUDIT.user_id,
    _AUDIT.at_ms,
    _AUDIT.action,
    _AUDIT.detail,
).outerjoin_from(
    schema.idempotency_keys,
    schema.audit,
    _AUDIT.id == _KEYS.audit_id,
)
_FIRST = _SELECT_KEYS.order_by(*_PRIMARY_KEY)
_LAST_BEFORE: list[Any] = [sa.bindparam(column.name) for column in _PRIMARY_KEY]
_AFTER = _FIRST.where(sa.tuple_(*_PRIMARY_KEY) > sa.tuple_(*_LAST_BEFORE))
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)

_BUYER = sa.select(schema.sales.c.buyer_id).where(
    schema.sales.c.id == sa.bindparam("sale_id")
)

Document = Sale | Return | Purchase
Answer = Document | Product | tuple[Return, ...]
_ANSWER_DECODERS: tuple[msgspec.json.Decoder[Answer], ...] = (
    msgspec.json.Decoder(Sale),
    msgspec.json.Decoder(Return),
    msgspec.json.Decoder(Purchase),
    msgspec.json.Decoder(Product),
    msgspec.json.Decoder(tuple[Return, ...]),
)
"""What is answered under an old key, which kept what was done and not how it was told. Each
kind has fields that the others lack."""
_TABLES: dict[type[Document], tuple[str, Fingerprints[Any]]] = {
    Sale: ("sales", sales.FINGERPRINTS),
    Return: ("returns", returns.FINGERPRINTS),
    Purchase: ("purchases", purchases.FINGERPRINTS),
}


_ANSWERED: dict[str, tuple[str, str]] = {
    Action.PRODUCT_CREATED.value: ("products", "product"),
    Action.SALE.value: ("sales", "sale"),
    Action.PAYMENT.value: ("sales", "sale"),
    Action.RETURN.value: ("returns", "return_"),
    Action.PURCHASE.value: ("purchases", "purchase"),
}
"""What is answered under a key, by its registro: the table that it is of, and the field of the
detail with its number. A document has one key at the most; a sale is settled under others."""
_DETAIL = msgspec.json.Decoder(streams.Detail)


class _Key(Struct, frozen=True):
    """A row of the table."""

    user_id: int
    route: str
    key: str
    fingerprint: str
    result: str
    at_ms: int
    audit_id: int | None
    digest: str | None
    audit_user_id: int | None
    audit_at_ms: int | None
    action: str | None
    detail: str | None

    @property
    def row(self) -> str:
        """Where the row stands."""
        return f"{self.user_id}/{self.route}/{self.key}"

    def is_not(
        self,
        reason: Reason,
        **data: object,
    ) -> Broken:
        """Return this row as broken."""
        return Broken(NUMBERS, "idempotency_keys", self.row, reason, data)

    def has_other(
        self,
        field: str,
        expected: object,
        stored: object,
    ) -> Broken | None:
        """Return this row as broken unless a field of it is what it must be."""
        place = (NUMBERS, "idempotency_keys", self.row)
        return differs(*place, field, expected, stored)

    def broken_unless_settled(
        self,
        books: Books,
        answer: Sale,
        version: int,
    ) -> Broken | None:
        """Look for the settling after which the sale stood as it was answered."""
        answered_content = sales.FINGERPRINTS.content(answer, version)
        for record in load(books.connection, answer.id, answer.id):
            if isinstance(record, Broken):
                return record

            sale = record.sale
            payments: list[Payment] = []
            covered_minor = change_minor = rounding_minor = 0
            for settling in record.settlings:
                payments += settling.payments
                covered_minor += settling.covered_minor
                change_minor += settling.change_minor
                rounding_minor += settling.rounding_minor
                sale_settled = msgspec.structs.replace(
                    sale,
                    payments=payments_as_of_now(sale.payments, payments, covered_minor),
                    change_minor=sale.change_minor + change_minor,
                    rounding_minor=sale.rounding_minor + rounding_minor,
                )
                content = sales.FINGERPRINTS.content(sale_settled, version)
                if content != answered_content:
                    continue
                broken = self.has_other("user_id", settling.user_id, self.user_id)
                return broken or self.has_other("at_ms", settling.at_ms, self.at_ms)
        return self.is_not(Reason.KEY_ALONE)


def broken_keys(books: Books) -> Iterator[Broken]:
    """Yield keys whose answer is not that of a document, or that share one.

    To be asked when all documents are through.
    """
    answered = {
        table: bytearray(len(prefixes))
        for table, prefixes in books.fingerprints.items()
    }
    count = 0

    # A block at a time: their own key is of three columns.
    size = streams.BLOCK
    block = raw_rows(books.connection, _FIRST.limit(size))
    while block:
        for key_row in block:
            count += 1
            key = _Key(*key_row)
            is_old = key.audit_id is None and key.digest is None
            check = _broken_old if is_old else _broken
            broken = check(books, answered, key)
            if broken is not None:
                yield broken
        if len(block) < size:
            break
        user_id, route, key = block[-1][:3]
        last_place = {"user_id": user_id, "route": route, "key": key}
        block = raw_rows(books.connection, _AFTER.limit(size), **last_place)

    if count != books.last("key"):
        yield Broken(NUMBERS, "idempotency_keys", count, Reason.MISSING)


def _broken(
    books: Books,
    answered: dict[str, bytearray],
    key: _Key,
) -> Broken | None:
    """Prove an answer by the registro of what was done, and by the digest of its row."""
    audit_id, action, detail = key.audit_id, key.action, key.detail
    if audit_id is None or detail is None or action not in _ANSWERED:
        return key.is_not(Reason.KEY_ALONE)

    broken = key.has_other("user_id", key.audit_user_id, key.user_id)
    if broken is not None:
        return broken

    registro = _DETAIL.decode(detail)
    if action == Action.PRODUCT_CREATED:
        broken = _broken_product(books, key, registro.product, registro.code)
    elif action != Action.PAYMENT:
        table, number_field = _ANSWERED[action]
        document_id = getattr(registro, number_field)
        broken = _broken_number(answered, key, table, document_id)
    broken = broken or key.has_other("at_ms", key.audit_at_ms, key.at_ms)
    if broken is not None:
        return broken

    place = key.user_id, key.route, key.key
    sealed = seal(place, key.fingerprint, key.result, key.at_ms, audit_id)
    return key.has_other("digest", sealed, key.digest)


def _broken_product(
    books: Books,
    key: _Key,
    product_id: int,
    code: str,
) -> Broken | None:
    if books.codes.get(product_id) != code:
        return key.is_not(Reason.KEY_ALONE)
    return key.has_other("at_ms", books.created_ms[product_id], key.at_ms)


def _broken_number(
    answered: dict[str, bytearray],
    key: _Key,
    table: str,
    document_id: int,
) -> Broken | None:
    """Return the key as broken whose document is not there, or has a key already."""
    answered_documents = answered[table]
    if not 0 < document_id < len(answered_documents):
        return key.is_not(Reason.KEY_ALONE)
    if answered_documents[document_id]:
        return key.is_not(Reason.KEY_TWICE, document=document_id, of=table)
    answered_documents[document_id] = 1
    return None


def _broken_old(
    books: Books,
    answered: dict[str, bytearray],
    key: _Key,
) -> Broken | None:
    answer: Answer | None = None
    for decoder in _ANSWER_DECODERS:
        try:
            answer = decoder.decode(key.result)
            break
        except msgspec.DecodeError:
            continue

    has_name = key.route and key.key
    if not answer or not has_name or not _SHA256.fullmatch(key.fingerprint):
        return key.is_not(Reason.UNREADABLE, field="result")

    if isinstance(answer, Product):
        return _broken_product(books, key, answer.id, answer.code)

    documents = answer if isinstance(answer, tuple) else (answer,)
    for document in documents:
        broken = _broken_document(books, answered, document, key)
        if broken is not None:
            return broken
    return None


def _broken_document(
    books: Books,
    answered: dict[str, bytearray],
    answer: Document,
    key: _Key,
) -> Broken | None:
    table, fingerprints = _TABLES[type(answer)]
    prefixes = books.fingerprints[table]
    if not 0 < answer.id < len(prefixes):
        return key.is_not(Reason.KEY_ALONE)

    version = books.versions[table][answer.id]
    if version not in fingerprints:  # the document itself is not there, or broken
        return key.is_not(Reason.KEY_ALONE)

    content = fingerprints.content(answer, version)
    if prefix_of(digest(content)) != prefixes[answer.id]:
        if isinstance(answer, Sale):
            return key.broken_unless_settled(books, answer, version)
        return key.is_not(Reason.KEY_ALONE)

    callers: tuple[int | None, ...]
    if isinstance(answer, Sale):
        callers = (answer.seller_id, answer.buyer_id)
    elif isinstance(answer, Purchase):
        callers = (answer.buyer_id,)
    elif answer.seller_id is not None:
        callers = (answer.seller_id,)
    else:  # without a seller, the buyer gave it back alone
        sale = {"sale_id": answer.sale_id}
        callers = (books.connection.execute(_BUYER, sale).scalar(),)

    if key.user_id not in callers:
        return key.has_other("user_id", callers[0], key.user_id)
    if answered[table][answer.id]:
        return key.is_not(Reason.KEY_TWICE, document=answer.id, of=table)
    answered[table][answer.id] = 1
    return key.has_other("at_ms", answer.at_ms, key.at_ms)
