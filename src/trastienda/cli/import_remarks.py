"""What ``import`` remarks about products of the shop that a file writes otherwise."""

from collections.abc import Iterator

from trastienda.actions.product_import import Difference, ListCheck
from trastienda.wire.written import counted, quantity


def left_alone(check: ListCheck) -> Iterator[str]:
    """Yield what the file says of products of the shop, and is not taken."""
    zeros = check.lost_zeros
    if zeros.count:
        codes = counted(zeros.count, "código sin sus ceros", "códigos sin sus ceros")
        yield f"{codes}, tomados por los de la tienda: {zeros.before} → {zeros.after}"
    stock = check.other_stock
    if stock.count:
        before, after = quantity(int(stock.before)), quantity(int(stock.after))
        yield _sentence(
            stock,
            "otro stock",
            f"{before} → {after}",
            ("se corrige", "se corrigen"),
            "--replace-stock",
        )
    names = check.other_names
    if names.count:
        yield _sentence(
            names,
            "otro nombre",
            f"«{names.before}» → «{names.after}»",
            ("se cambia", "se cambian"),
            "--replace-names",
        )


def _sentence(
    difference: Difference,
    what: str,
    example: str,
    verbs: tuple[str, str],
    option: str,
) -> str:
    """Return what is not taken of a file, and the option that takes it."""
    singular, plural = verbs
    if difference.count == 1:
        return f"1 producto tiene {what} en el archivo ({example}); {singular} con {option}"
    return (
        f"{difference.count} productos tienen {what} en el archivo "
        f"(el primero: {example}); {plural} con {option}"
    )
