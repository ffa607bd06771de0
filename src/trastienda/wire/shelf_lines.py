"""Products, purchases and returns, as lines for people."""

from collections.abc import Sequence

from trastienda.domain.products import Product
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop
from trastienda.wire.written import money, percent, quantity


def product_line(
    product: Product,
    shop: Shop,
    now_ms: int,
) -> str:
    """Return a product with its code, price and what is left."""
    final_minor = product.final_price(now_ms)
    price = money(final_minor, shop)
    stock = quantity(product.stock_milli, product.unit)
    return f"{product.code}  {product.name}  {price}  quedan {stock}"


def stock_line(product: Product) -> str:
    """Return what is left of a product."""
    clause = "no queda"
    if product.stock_milli:
        stock = quantity(product.stock_milli, product.unit)
        clause = f"quedan {stock}"
    return f"{product.name} ({product.code}): {clause}"


def price_line(
    product: Product,
    shop: Shop,
    now_ms: int,
) -> str:
    """Return the price of a product today, and the discount in it."""
    final_minor = product.final_price(now_ms)
    final_price = money(final_minor, shop)
    line = f"{product.name} ({product.code}): {final_price}"
    if product.unit != "un":
        line += f" por {product.unit}"

    discount = product.discount
    if discount is None or final_minor == product.price_minor:
        return line

    if discount.share_bp is not None:
        reduction = percent(discount.share_bp)
    else:
        reduction = money(discount.amount_minor or 0, shop)
    list_price = money(product.price_minor, shop)
    return f"{line}, con descuento de {reduction} (antes {list_price})"


def sale_lines(
    sale: Sale,
    shop: Shop,
) -> str:
    """Return a purchase: its numbers, its lines, its total and how it is paid."""
    lines = [f"Compra {sale.id}, folio {sale.folio}:"]
    for sale_line in sale.lines:
        sold = quantity(sale_line.quantity_milli)
        line_total = money(sale_line.total_minor, shop)
        lines.append(f"  {sold} x {sale_line.name}  {line_total}")

    total_line = f"Total {money(sale.total_minor, shop)}"
    if sale.owed_minor:
        total_line += " (queda pendiente de pago)"
    lines.append(total_line)

    if sale.rounding_minor:
        due_minor = sale.total_minor + sale.rounding_minor
        due = money(due_minor, shop)
        lines.append(f"A pagar en efectivo: {due}")

    return "\n".join(lines)


def return_lines(
    documents: Sequence[Return],
    shop: Shop,
) -> str:
    """Return what was given back: the numbers, the lines, and the money."""
    lines = []
    for document in documents:
        numbers = f"Devolución {document.id} de la compra {document.sale_id}"
        for return_line in document.lines:
            returned = quantity(return_line.quantity_milli)
            line_total = money(return_line.total_minor, shop)
            lines.append(f"{numbers}: {returned} x {return_line.name}  {line_total}")

    refund_minor = sum(document.refund_minor for document in documents)
    debt_minor = sum(document.debt_reduced_minor for document in documents)

    if refund_minor:
        lines.append(f"Se devuelve {money(refund_minor, shop)} en efectivo.")
    if debt_minor:
        lines.append(f"La deuda baja en {money(debt_minor, shop)}.")

    return "\n".join(lines)
