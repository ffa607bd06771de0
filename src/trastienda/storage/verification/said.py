"""Clause 2: what may change is what the registros last said of it.

People, products and the shop's page have no movements from which they could be worked out
again. But a registro of something new says all that is kept of it, and one of a change what
became of the fields. Those of the first shops said less; what they left out is not known.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec
import sqlalchemy as sa

from trastienda.domain.audit import Action
from trastienda.domain.barcode import key
from trastienda.domain.purchases import PurchaseLine, last_cost
from trastienda.domain.registros import seal_of, seal_of_secret
from trastienda.domain.shop import Shop
from trastienda.domain.usernames import username_key
from trastienda.domain.verification import DOCUMENTS, Broken, Reason, differs
from trastienda.storage import schema
from trastienda.storage.verification.documents import unreadable
from trastienda.storage.verification.streams import (
    Books,
    Follower,
    each_by_key,
    raw_rows,
)

_AUDIT = schema.audit.c
_USERS = schema.users.c
_PRODUCTS = schema.products.c
_LINES = schema.purchase_lines.c

Fields = dict[str, Any]
"""What is known of a row, by field; what is not there is not known."""


def broken_people(books: Books) -> Iterator[Broken]:
    """Yield users who are not as they were registered and changed."""
    said: dict[str, Fields] = {}
    for audit_id, at_ms, action, detail in registros(books, *_OF_PEOPLE):
        if action == Action.RUT_RELEASED:
            mark = detail["mark"]
            over = {"active": False, "username": mark}
            said[mark] = said.pop(detail["rut"]) | over
            continue
        if action == Action.USER_REGISTERED:
            said[detail["rut"]] = {"created_at_ms": at_ms, "active": True}
            changes = detail
        else:
            changes = detail["changes"]
        user = said.setdefault(detail["rut"], {})
        user |= changes

        if "sealed" in detail:
            user |= {"sealed": detail["sealed"], "sealed_by": audit_id}
        elif "password" in detail or "email" in changes:
            user.pop("sealed", None)  # by a version that did not seal them

    for row in raw_rows(books.connection, _PEOPLE):
        user_id, rut, username_key_, email, password_hash, *values = row
        place = (DOCUMENTS, "users", user_id)
        expected = said.get(rut)
        if expected is None:
            yield Broken(*place, Reason.NOT_AUDITED)
            continue

        stored = dict(zip(_PERSONAL, values, strict=True)) | {"email": email}
        expected["username_key"] = username_key(stored["username"])
        stored["username_key"] = username_key_
        yield from differing("users", user_id, expected, stored)
        if expected.get("sealed", "") not in {"", seal_of(email, password_hash)}:
            data = {"audit": expected["sealed_by"]}
            yield Broken(*place, Reason.FINGERPRINT, data)


_OF_PEOPLE = (
    Action.USER_REGISTERED,
    Action.USER_CHANGED,
    Action.USER_DEACTIVATED,
    Action.RUT_RELEASED,
)
_PERSONAL = ("name", "username", "role", "active", "verified", "created_at_ms")
_PEOPLE = sa.select(
    _USERS.id,
    _USERS.rut,
    _USERS.username_key,
    _USERS.email,
    _USERS.password_hash,
    *(_USERS[name] for name in _PERSONAL),
).order_by(_USERS.id)


def broken_second_factors(books: Books) -> Iterator[Broken]:
    """Yield second factors that are not as they were confirmed, and those that are gone.

    One that was never confirmed is asked of nobody, and stands in no registro.
    """
    said: dict[str, tuple[int, int, str]] = {}
    for audit_id, at_ms, action, detail in registros(books, *_OF_SECOND_FACTORS):
        if action == Action.SECOND_FACTOR_ADDED:
            said[detail["rut"]] = audit_id, at_ms, detail["sealed"]
        elif action == Action.SECOND_FACTOR_REMOVED:
            del said[detail["rut"]]
        elif detail["rut"] in said:  # by somebody who was staff once
            said[detail["mark"]] = said.pop(detail["rut"])

    for user_id, rut, secret, confirmed_at_ms in raw_rows(books.connection, _FACTORS):
        place = (DOCUMENTS, "second_factors", user_id)
        expected = said.get(rut)
        if expected is None:
            if confirmed_at_ms is not None:
                yield Broken(*place, Reason.NOT_AUDITED)
            continue

        audit_id, at_ms, sealed = expected
        if confirmed_at_ms is None:
            yield Broken(*place, Reason.MISSING)
        elif seal_of_secret(secret) != sealed:
            yield Broken(*place, Reason.FINGERPRINT, {"audit": audit_id})
        else:
            stored = {"confirmed_at_ms": confirmed_at_ms}
            confirmed = {"confirmed_at_ms": at_ms}
            yield from differing("second_factors", user_id, confirmed, stored)


_OF_SECOND_FACTORS = (
    Action.SECOND_FACTOR_ADDED,
    Action.SECOND_FACTOR_REMOVED,
    Action.RUT_RELEASED,
)
_FACTORS = (
    sa.select(
        _USERS.id,
        _USERS.rut,
        schema.second_factors.c.secret,
        schema.second_factors.c.confirmed_at_ms,
    )
    .select_from(schema.users)
    .outerjoin(schema.second_factors)
    .order_by(_USERS.id)
)


def broken_api_keys(books: Books) -> Iterator[Broken]:
    """Yield keys of programs that are not as they were made, or were withdrawn."""
    said: dict[str, Fields] = {}
    for _, at_ms, action, detail in registros(books, *_OF_API_KEYS):
        if action == Action.KEY_WITHDRAWN:
            said.pop(detail["key"], None)
            continue
        said[detail["key"]] = {
            "name": detail["name"],
            "role": detail["role"],
            "networks": " ".join(detail.get("networks", ())),
            "until_ms": detail.get("until_ms"),
            "created_at_ms": at_ms,
            "sealed": detail["sealed"],
        }

    for key_id, secret_hash, *values in raw_rows(books.connection, _KEYS):
        expected = said.pop(key_id, None)
        if expected is None:
            yield Broken(DOCUMENTS, "api_keys", key_id, Reason.NOT_AUDITED)
            continue
        stored = dict(zip(_OF_A_KEY, values, strict=True))
        if seal_of_secret(secret_hash) != expected.pop("sealed"):
            yield Broken(DOCUMENTS, "api_keys", key_id, Reason.FINGERPRINT)
        yield from differing("api_keys", key_id, expected, stored)
    for key_id in said:
        yield Broken(DOCUMENTS, "api_keys", key_id, Reason.MISSING)


_OF_API_KEYS = (Action.KEY_MADE, Action.KEY_WITHDRAWN)
_OF_A_KEY = ("name", "role", "networks", "until_ms", "created_at_ms")
_KEYS = sa.select(
    schema.api_keys.c.id,
    schema.api_keys.c.secret_hash,
    *(schema.api_keys.c[name] for name in _OF_A_KEY),
).order_by(schema.api_keys.c.id)


def broken_products(books: Books) -> Iterator[Broken]:
    """Yield products that are not as they were made, changed and last bought."""
    said: dict[int, Fields] = {}
    ids: dict[str, int] = {}
    bought = _bought(books)
    for _, at_ms, action, detail in registros(books, *_OF_PRODUCTS):
        match action:
            case Action.PRODUCT_CREATED:
                ids[detail["code"]] = detail["product"]
                made = {"created_at_ms": at_ms, "cost_rest_milli": 0}
                said[detail["product"]] = made | detail
            case Action.PRODUCT_CHANGED:
                product = said[detail["product"]]
                product |= detail["changes"]
                if (
                    "cost_minor" in detail["changes"]
                ):  # an undone import has a rest, too
                    product.pop("cost_rest_milli", None)
            case Action.PRODUCT_RETIRED:
                said[detail["product"]]["active"] = False
            case Action.PRODUCT_DELETED:
                product = said[detail["product"]]
                for field in product.keys() - _FOR_EVER:
                    del product[field]
            case Action.DISCOUNTS_EXPIRED:
                for code in detail["codes"]:  # the first shops took them away
                    said[ids[code]].pop("discount", None)
            case Action.PURCHASE:
                for product_id, cost in bought.take(detail["purchase"]) or ():
                    said[product_id] |= cost
                    if detail.get("version", 1) < _COST_ON_THE_WHOLE:
                        for field in cost:
                            del said[product_id][field]

    for row in each_by_key(books, _ALL_PRODUCTS, _PRODUCTS.id):
        product_id, code_key, removed_at_ms, *values = row
        stored = dict(zip(_OF_A_PRODUCT, values, strict=True))
        stored["discount"] = _discount(stored)
        expected = said.get(product_id)
        if expected is None:
            yield Broken(DOCUMENTS, "products", product_id, Reason.NOT_AUDITED)
            continue
        if removed_at_ms is None:
            expected["code_key"] = key(stored["code"])
            stored["code_key"] = code_key
        yield from differing("products", product_id, expected, stored)


_OF_PRODUCTS = (
    Action.PRODUCT_CREATED,
    Action.PRODUCT_CHANGED,
    Action.PRODUCT_RETIRED,
    Action.PRODUCT_DELETED,
    Action.DISCOUNTS_EXPIRED,
    Action.PURCHASE,
)
_COST_ON_THE_WHOLE = 3
"""The form of the first purchases that made the cost what it is on the whole; before, it was
that of a line."""
_FOR_EVER = {"code", "created_at_ms"}
"""What is left of a product that was deleted, beside what shows that it was."""
_OF_A_PRODUCT = (
    "code",
    "in_house",
    "name",
    "price_minor",
    "cost_minor",
    "cost_rest_milli",
    "min_stock_milli",
    "category",
    "unit",
    "exempt",
    "active",
    "created_at_ms",
    "discount_bp",
    "discount_minor",
    "discount_from_ms",
    "discount_until_ms",
)
_ALL_PRODUCTS = sa.select(
    _PRODUCTS.id,
    _PRODUCTS.code_key,
    _PRODUCTS.removed_at_ms,
    *(_PRODUCTS[name] for name in _OF_A_PRODUCT),
)


def _discount(stored: Fields) -> Fields | None:
    """Return the discount of a product as a registro writes it; None where there is none."""
    discount = {
        "share_bp": stored["discount_bp"],
        "amount_minor": stored["discount_minor"],
        "from_ms": stored["discount_from_ms"],
        "until_ms": stored["discount_until_ms"],
    }
    return None if set(discount.values()) == {None} else discount


def _bought(books: Books) -> Follower[list[tuple[int, Fields]]]:
    """Return what each purchase made of the costs of its products."""
    columns = [_LINES[name] for name in PurchaseLine.__struct_fields__]
    query = sa.select(_LINES.purchase_id, *columns).order_by(
        _LINES.purchase_id, _LINES.position
    )
    rows = raw_rows(books.connection, query)

    def groups() -> Iterator[tuple[int, list[tuple[int, Fields]]]]:
        for purchase_id, group in groupby(rows, key=lambda row: int(row[0])):
            lines: defaultdict[int, list[PurchaseLine]] = defaultdict(list)
            for _, *values in group:
                line = PurchaseLine(*values)
                lines[line.product_id].append(line)

            costs = []
            for product_id, product_lines in lines.items():
                cost = last_cost(product_lines)
                if cost is not None:
                    cost_minor, rest_milli = cost
                    fields = {"cost_minor": cost_minor, "cost_rest_milli": rest_milli}
                    costs.append((product_id, fields))
            yield purchase_id, costs

    return Follower(groups())


def broken_page(books: Books) -> Iterator[Broken]:
    """Yield the shop's page where it is not as it was founded and changed."""
    expected: Fields = {}
    actions = Action.SHOP_CREATED, Action.SHOP_CHANGED
    for _, _, action, detail in registros(books, *actions):
        expected |= detail if action == Action.SHOP_CREATED else detail["changes"]

    for (content,) in raw_rows(books.connection, sa.select(schema.shop.c.content)):
        try:
            page = msgspec.json.decode(content, type=Shop)
        except msgspec.DecodeError:
            yield unreadable("shop", 1, "content")
            continue
        stored = msgspec.json.decode(msgspec.json.encode(page))
        yield from differing("shop", 1, expected, stored)


def registros(
    books: Books,
    *actions: Action,
) -> Iterator[tuple[int, int, str, Fields]]:
    """Yield number, moment, action and detail of each registro of these actions."""
    names = [action.value for action in actions]
    query = sa.select(_AUDIT.id, _AUDIT.at_ms, _AUDIT.action, _AUDIT.detail)
    rows = each_by_key(books, query.where(_AUDIT.action.in_(names)), _AUDIT.id)
    for audit_id, at_ms, action, detail_text in rows:
        yield audit_id, at_ms, action, msgspec.json.decode(detail_text)


def differing(
    table: str,
    row: int,
    expected: Fields,
    stored: Fields,
) -> Iterator[Broken]:
    """Yield the fields that are known and stored otherwise; flags are stored as numbers."""
    for field, value in stored.items():
        if field in expected:
            broken = differs(DOCUMENTS, table, row, field, expected[field], value)
            if broken is not None:
                yield broken
