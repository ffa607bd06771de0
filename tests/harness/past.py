"""A past for a shop: every kind of document, made through the actions."""

from functools import partial
from typing import Any

from tests.harness.books import CLARA, OPENING_DAY_MS, TestShop, key_of, sold
from tests.harness.past_programs import connect, grant

from trastienda.actions import (
    audit,
    chat,
    moderation,
    notifications,
    private_messages,
    product_import,
    products,
    purchases,
    returns,
    sales,
    second_factors,
)
from trastienda.actions.private_messages import Addressee
from trastienda.domain.audit import Action
from trastienda.domain.chat import Member
from trastienda.domain.imports import ImportSource
from trastienda.domain.movements import Cause
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.payments import Method, Payment
from trastienda.domain.people import Actor
from trastienda.domain.product_lists import ListTerms
from trastienda.domain.products import Discount, ProductChange, ProductDraft, Unit
from trastienda.domain.purchases import PurchaseOrder, PurchaseOrderLine
from trastienda.domain.returns import FINGERPRINTS as return_prints
from trastienda.domain.returns import Return, ReturnLine, ReturnOrder
from trastienda.domain.sales import FINGERPRINTS as sale_prints
from trastienda.domain.sales import OrderLine, Sale, SaleLine
from trastienda.domain.second_factors import (
    SECRET_BYTES,
    code_of,
    recovery_hash_of,
    secret_of,
    step_at,
)
from trastienda.storage import returns as return_rows
from trastienda.storage import sales as sale_rows
from trastienda.storage.ledger import Ledger
from trastienda.storage.transactions import Tx

BREAD, MILK, CHEESE, STAMP, APPLE, OLD = (
    "7801234000018",
    "7801234000025",
    "42",
    "SELLO",
    "MANZANA",
    "VIEJO",
)
CHEESE_LABEL = "2000042003500"
"""350 grams of cheese."""
CASH, DEBIT, OWED = Method.CASH, Method.DEBIT, Method.OWED


def fill(one: TestShop) -> None:
    """Give a shop a past in which everything that it can do was done."""
    _stock(one)
    _sell(one)
    _settle(one)
    _return(one)
    one.do(lambda transaction: _busy_commit(transaction, one))
    one.do(lambda transaction: import_history(transaction, one.ana))
    one.sell((BREAD, 1000), key="last")
    _talk(one)
    guard(one)
    grant(one)
    connect(one)
    notified(one)


def _stock(one: TestShop) -> None:
    ana = one.ana
    discount = Discount(share_bp=1250, from_ms=0, until_ms=2 * OPENING_DAY_MS)
    drafts = [
        ProductDraft(
            code=BREAD, name="Pan de molde", price_minor=1990, stock_milli=100_000
        ),
        ProductDraft(
            code=MILK, name="Leche", price_minor=1093, cost_minor=700, discount=discount
        ),
        ProductDraft(
            code=CHEESE,
            name="Queso",
            price_minor=8990,
            unit=Unit.KILOGRAM,
            stock_milli=20_000,
        ),
        ProductDraft(
            code=STAMP,
            name="Estampilla",
            price_minor=455,
            exempt=True,
            stock_milli=50_000,
        ),
        ProductDraft(code=APPLE, name="Manzana", price_minor=1490, unit=Unit.KILOGRAM),
        ProductDraft(code=OLD, name="Radio", price_minor=24_990, stock_milli=1000),
    ]
    for draft in drafts:
        key = key_of(ana, "products", draft.name)
        one.do(partial(products.create, actor=ana, draft=draft, idempotency_key=key))
    bought = [
        PurchaseOrderLine(MILK, 60_000, 690_500),
        PurchaseOrderLine(APPLE, 30_000, 800_000),
        PurchaseOrderLine(MILK, 12_000, total_minor=8519),
    ]
    order = PurchaseOrder(
        supplier="Lechera del Sur",
        document="F-1",
        lines=bought,
    )
    one.do(
        lambda transaction: purchases.buy(
            transaction, ana, order, key_of(ana, "purchases", "p1")
        )
    )
    more = PurchaseOrder(
        supplier="Panes", lines=[PurchaseOrderLine(BREAD, 24_000, 1_111_000)]
    )
    one.do(lambda transaction: purchases.buy(transaction, ana, more))
    count = ProductChange(stock_milli=19_655, reason="merma")
    one.do(lambda transaction: products.change(transaction, ana, CHEESE, count))
    dearer = ProductChange(price_minor=1590, stock_milli=31_000, reason="conteo")
    one.do(lambda transaction: products.change(transaction, ana, APPLE, dearer))
    one.do(lambda transaction: products.retire(transaction, ana, OLD))
    listed = ListedProduct(2, STAMP, ProductChange(category="Correo"))
    one.do(
        lambda transaction: product_import.import_products(
            transaction, ana, [listed], ListTerms(), ImportSource("lista.csv")
        )
    )
    one.do(
        lambda transaction: audit.note(
            transaction, one.beto, "apertura", "Se abre la caja"
        )
    )


def _sell(one: TestShop) -> None:
    one.sell((BREAD, 2000), (MILK, 3000), key="a")
    one.sell(
        (CHEESE_LABEL, None),
        (APPLE, 1235),
        (STAMP, 3000),
        payments=[Payment(CASH, 20_000)],
        key="b",
    )
    one.sell(
        (MILK, 1000), payments=[Payment(DEBIT, 500), Payment(CASH, 1000)], by=one.ana
    )
    one.sell((STAMP, 2000), payments=[Payment(DEBIT, 910)])
    owing: dict[str, Any] = {"customer_rut": CLARA.rut}
    one.sell((BREAD, 4000), payments=[Payment(OWED, 7960)], key="owed", **owing)
    one.sell(
        (CHEESE, 777),
        (BREAD, 1000),
        payments=[Payment(OWED, 5000), Payment(CASH, 10_000)],
        **owing,
    )
    one.sell((APPLE, 2001), payments=[Payment(OWED, 3181), Payment(DEBIT, 1)], **owing)
    one.sell((BREAD, 5000), (STAMP, 1000), payments=[Payment(OWED, 10_405)], **owing)


def _settle(one: TestShop) -> None:
    def settle(sale_id: int, *payments: Payment, key: str | None = None) -> None:
        known = None if key is None else key_of(one.beto, "settle", key)
        one.do(
            lambda transaction: sales.settle(
                transaction, one.beto, sale_id, payments, known
            )
        )

    settle(5, Payment(CASH, 3000), key="s1")
    settle(7, Payment(DEBIT, 1000), Payment(CASH, 500))
    settle(5, Payment(DEBIT, 1957), Payment(CASH, 5000), key="s2")
    settle(7, Payment(CASH, 2000))
    settle(8, Payment(CASH, 405))


def _return(one: TestShop) -> None:
    def take_back(
        sale_id: int, *lines: tuple[str, int], key: str | None = None, **order: Any
    ) -> Return:
        known = None if key is None else key_of(one.ana, "returns", key)
        wanted = [OrderLine(code, milli) for code, milli in lines] or None
        what = ReturnOrder(lines=wanted, reason="no le gusto", **order)
        return one.do(
            lambda transaction: returns.take_back(
                transaction, one.ana, sale_id, what, known
            )
        ).value

    take_back(1, (MILK, 1000), key="r1")
    take_back(2, (APPLE, 235), (STAMP, 1000), restock=False)
    take_back(1, (MILK, 1000), (BREAD, 1000))
    take_back(1)
    take_back(8, (BREAD, 4000))
    take_back(8, (BREAD, 1000), (STAMP, 1000), restock=False)
    take_back(6, (CHEESE, 333))


def _busy_commit(transaction: Tx, one: TestShop) -> None:
    """Many calls in one transaction, as the writer groups them."""
    calls = [
        one.selling((BREAD, 1000), (MILK, 1000), key=f"busy{number}")
        for number in range(5)
    ]
    sold_now = [sold(answer) for answer in sales.sell(transaction, [*calls, calls[0]])]
    returns.take_back(
        transaction, one.beto, sold_now[1].id, ReturnOrder(reason="vencido")
    )
    products.change(
        transaction, one.ana, STAMP, ProductChange(stock_milli=1000, reason="robo")
    )
    sales.sell(transaction, [one.selling((APPLE, 100))])
    draft = ProductDraft(
        code="NUEVO", name="Cosa nueva", price_minor=0, stock_milli=5000
    )
    products.create(transaction, one.ana, draft)


def _talk(one: TestShop) -> None:
    ana, beto, clara = (one.member(actor) for actor in (one.ana, one.beto, one.clara))
    guest = Member(alias="visita", guest_id="1f", address="192.0.2.7")
    one.say(
        *(
            (who, "general", text)
            for who, text in [
                (ana, "Buenos días"),
                (clara, "¿Hay café?"),
                (guest, "hola"),
            ]
        )
    )
    one.say(
        (beto, "general", "Quedan dos"),
        (beto, "caja", "Falta sencillo"),
        (ana, "caja", "Voy"),
    )
    one.do(
        lambda transaction: chat.edit(transaction, beto, "general", 4, "Quedan tres")
    )
    one.do(lambda transaction: chat.delete(transaction, ana, "general", 3))
    one.do(lambda transaction: chat.mark_read(transaction, beto, "general", 2))
    away = Addressee(key=ana.key, alias="Ana", present=False)
    one.do(
        lambda transaction: private_messages.whisper(
            transaction, clara, away, "¿Me guarda un queso?", "p1"
        )
    )
    one.do(
        lambda transaction: moderation.mute(transaction, ana, [guest.key], "visita", 10)
    )


def notified(one: TestShop) -> None:
    """Beto was told something."""
    rut = one.beto.rut or ""
    one.do(lambda it: notifications.notify(it, one.ana, rut, "Aviso", "Llegó el pan."))


def guard(one: TestShop) -> None:
    """Beto has a code asked of him beside his password."""
    beto, secret = one.beto, secret_of(bytes(SECRET_BYTES))
    rut = beto.rut or ""
    one.do(lambda transaction: second_factors.begin(transaction, beto, rut, secret))

    def confirm(transaction: Tx) -> None:
        code = code_of(secret, step_at(transaction.now_ms))
        hashes = [recovery_hash_of("uno"), recovery_hash_of("dos")]
        second_factors.confirm(transaction, beto, rut, code, hashes)

    one.do(confirm)


def import_history(transaction: Tx, actor: Actor) -> None:
    """Documents of before the shop's own time: they change no stock, and keep their own day
    and prices."""
    lines = (
        SaleLine(1, BREAD, "WHITE LOAF", 6000, 255, 0, 1530, 0, False),
        SaleLine(2, MILK, "MILK", 2000, 300, 0, 600, 0, False),
        SaleLine(1, BREAD, "WHITE LOAF", 1000, 199, 0, 199, 0, False),
    )
    history = Ledger(transaction, [1, 2])
    for product_id, quantity_milli in ((1, 7000), (2, 1000)):
        history.move(product_id, quantity_milli, Cause.HISTORY, None, actor.user_id)
    history.write()
    sale = Sale(
        id=transaction.take("sale"),
        folio=None,
        at_ms=OPENING_DAY_MS - 10**9,
        seller_id=None,
        seller=None,
        buyer_id=None,
        customer_rut=None,
        lines=lines,
        net_minor=1957,
        vat_minor=372,
        exempt_minor=0,
        total_minor=2329,
        rounding_minor=0,
        payments=(Payment(Method.OTHER, 2329),),
        change_minor=0,
        owed_minor=0,
        vat_bp=1900,
        origin_number="536365",
    )
    sale_rows.add(transaction, [sale])
    ledger = Ledger(transaction, [1, 2])
    for line in lines:
        ledger.move(
            line.product_id, -line.quantity_milli, Cause.SALE, sale.id, actor.user_id
        )
    ledger.write()
    told = {"sale": sale.id, "number": sale.origin_number, "total": sale.total_minor}
    transaction.audit(actor, Action.SALE_IMPORTED, told | sale_prints.registro(sale))
    _import_return(
        transaction,
        actor,
        None,
        ReturnLine(0, 2, MILK, "MILK", 1000, 301, 0, False),
        "C536379",
    )
    _import_return(
        transaction,
        actor,
        sale.id,
        ReturnLine(1, 2, MILK, "MILK", 1000, 280, 0, False),
        "C536380",
        restock=False,
    )


def _import_return(
    transaction: Tx,
    actor: Actor,
    sale_id: int | None,
    line: ReturnLine,
    number: str,
    *,
    restock: bool = True,
) -> None:
    net_minor = round(line.total_minor / 1.19)
    one = Return(
        id=transaction.take("return"),
        sale_id=sale_id,
        at_ms=OPENING_DAY_MS - 10**8,
        seller_id=None,
        seller=None,
        reason="importada",
        lines=(line,),
        net_minor=net_minor,
        vat_minor=line.total_minor - net_minor,
        exempt_minor=0,
        total_minor=line.total_minor,
        rounding_minor=0,
        method=Method.OTHER,
        refund_minor=line.total_minor,
        debt_reduced_minor=0,
        restock=restock,
        origin_number=number,
    )
    return_rows.add(transaction, [one])
    if restock:
        ledger = Ledger(transaction, [line.product_id])
        ledger.move(
            line.product_id, line.quantity_milli, Cause.RETURN, one.id, actor.user_id
        )
        ledger.write()
    told = {"return": one.id, "number": number, "total": one.total_minor}
    transaction.audit(actor, Action.RETURN_IMPORTED, told | return_prints.registro(one))
