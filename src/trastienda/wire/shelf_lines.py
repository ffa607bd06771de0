"""Products, purchases and returns, as lines for people."""

from collections.abc import Sequence

from trastienda.domain.products import Product
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop
from trastienda.wire.written import money, percent, quantity


def product_line(product: Product, shop: Shop, now_ms: int) -> str:
    """Return a product with its code, price and what is left."""
    price = money(product.final_price(now_ms), shop)
    left = quantity(product.stock_milli, product.unit)
    return f"{product.code}  {product.name}  {price}  quedan {left}"


def stock_line(product: Product) -> str:
    """Return what is left of a product."""
    left = "no queda"
    if product.stock_milli:
        left = f"quedan {quantity(product.stock_milli, product.unit)}"
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
    if discount.share_bp is not None:
        reduction = percent(discount.share_bp)
    else:
        reduction = money(discount.amount_minor or 0, shop)
    price = money(product.price_minor, shop)
    return f"{line}, con descuento de {reduction} (antes {price})"


def sale_lines(sale: Sale, shop: Shop) -> str:
    """Return a purchase: its numbers, its lines, its total and how it is paid."""
    lines = [f"Compra {sale.id}, folio {sale.folio}:"]
    for line in sale.lines:
        total = money(line.total_minor, shop)
        lines.append(f"  {quantity(line.quantity_milli)} x {line.name}  {total}")
    owed = " (queda pendiente de pago)" if sale.owed_minor else ""
    lines.append(f"Total {money(sale.total_minor, shop)}{owed}")
    if sale.rounding_minor:
        due_minor = sale.total_minor + sale.rounding_minor
        lines.append(f"A pagar en efectivo: {money(due_minor, shop)}")
    return "\n".join(lines)


def return_lines(documents: Sequence[Return], shop: Shop) -> str:
    """Return what was given back: the numbers, the lines, and the money."""
    lines = []
    for document in documents:
        numbers = f"Devolución {document.id} de la compra {document.sale_id}"
        for line in document.lines:
            total = money(line.total_minor, shop)
            product = f"{quantity(line.quantity_milli)} x {line.name}"
            lines.append(f"{numbers}: {product}  {total}")
    refund_minor = sum(document.refund_minor for document in documents)
    debt_minor = sum(document.debt_reduced_minor for document in documents)
    if refund_minor:
        lines.append(f"Se devuelve {money(refund_minor, shop)} en efectivo.")
    if debt_minor:
        lines.append(f"La deuda baja en {money(debt_minor, shop)}.")
    return "\n".join(lines)
