"""The order of day, month and year in a file: the only one that fits, or the importer
says it."""

from trastienda.files.cells.date_orders import OrderEvidence
from trastienda.files.cells.dates import ORDERS
from trastienda.files.tables.table import FileRefused


class DateOrderOpen(FileRefused):
    """The dates fit several orders, or none fits all of them: the importer has to name
    one."""

    def __init__(
        self,
        sentence: str,
        orders: list[str],
    ) -> None:
        super().__init__(sentence)
        self.orders = orders


def only_order(evidence: OrderEvidence) -> str:
    """Return the order that fits all dates; raise DateOrderOpen for several or none."""
    if evidence.is_mixed and evidence.first_text is not None:
        line, text = evidence.first_text
        raise DateOrderOpen(
            "La columna de la fecha mezcla celdas de fecha con textos (el primero "
            f"es «{text}», en la línea {line}): así queda cuando la planilla cambia "
            "el día por el mes. Di con --date-order dmy o mdy cómo están escritas.",
            ["dmy", "mdy"],
        )

    open_orders = evidence.open_orders
    if open_orders:
        orders = ", ".join(open_orders)
        raise DateOrderOpen(
            f"Las fechas sirven en varios órdenes ({orders}) "
            "y darían días distintos; dilo con --date-order.",
            open_orders,
        )

    for order in ORDERS:
        if order in evidence.fitting:
            return order

    failures = []
    for order, line in sorted(evidence.first_line.items()):
        failures.append(f"{order} no en la línea {line}")
    failures_text = ", ".join(failures)
    raise DateOrderOpen(
        "Ningún orden de día, mes y año sirve para todas las fechas "
        f"({failures_text}); dilo con --date-order.",
        list(ORDERS),
    )
