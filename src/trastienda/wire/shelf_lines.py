"""Goods, purchases and what came back, as lines for people."""

from collections.abc import Sequence

from trastienda.domain.products import Product
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop
from trastienda.wire.written import money, percent, quantity


def product_line(product: Product, shop: Shop, now_ms: int) -> str:
    """Return a product with its code, price and what is left."""
    price = money(product.final_price(now_ms), shop)
    return f"{product.code}  {product.name}  {price}  quedan {quantity(product.stock_milli, product.unit)}"


def stock_line(product: Product) -> str:
    """Return what is left of a product."""
    left = (
        f"quedan {quantity(product.stock_milli, product.unit)}"
        if product.stock_milli
        else "no queda"
    )
    return f"{product.name} ({product.code}): {left}"


def price_line(product: Product, shop: Shop, now_ms: int) -> str:
    """Return the price of a product today, and the discount in it."""
    final_minor = product.final_price(now_ms)
    line = f"{product.name} ({product.code}): {money(final_minor, shop)}"
    if product.unit != "un":
        line += f" por {product.unit}"
    discount = product.discount
    if discount is None or final_minor == product.price_minor:
        return line
    off = (
        percent(discount.share_bp)
        if discount.share_bp is not None
        else money(discount.amount_minor or 0, shop)
    )
    return f"{line}, con descuento de {off} (antes {money(product.price_minor, shop)})"


def sale_lines(sale: Sale, shop: Shop) -> str:
    """Return a purchase: its numbers, its lines, its total and how it is paid."""
    lines = [f"Compra {sale.id}, folio {sale.folio}:"]
    lines += [
        f"  {quantity(one.quantity_milli)} x {one.name}  {money(one.total_minor, shop)}"
        for one in sale.lines
    ]
    owed = " (queda pendiente de pago)" if sale.owed_minor else ""
    lines.append(f"Total {money(sale.total_minor, shop)}{owed}")
    if sale.rounding_minor:
        lines.append(
            f"A pagar en efectivo: {money(sale.total_minor + sale.rounding_minor, shop)}"
        )
    return "\n".join(lines)


def return_lines(returned: Sequence[Return], shop: Shop) -> str:
    """Return what was taken back: the numbers, the lines, and the money."""
    lines = []
    for one in returned:
        for line in one.lines:
            what = f"{quantity(line.quantity_milli)} x {line.name}  {money(line.total_minor, shop)}"
            lines.append(f"Devolución {one.id} de la compra {one.sale_id}: {what}")
    refund_minor = sum(one.refund_minor for one in returned)
    debt_minor = sum(one.debt_reduced_minor for one in returned)
    if refund_minor:
        lines.append(f"Se devuelve {money(refund_minor, shop)} en efectivo.")
    if debt_minor:
        lines.append(f"La deuda baja en {money(debt_minor, shop)}.")
    return "\n".join(lines)
