"""More than is left, in words and as data: of stock, or of what may still come back."""

from typing import Any

from trastienda.domain.errors import Shortage
from trastienda.domain.products import Unit
from trastienda.domain.quantities import MILLI
from trastienda.wire.values import quantity_out
from trastienda.wire.written import quantity


def out(shortages: list[Shortage]) -> list[dict[str, Any]]:
    """Return each with its code, what was asked for, and what there is."""
    return [
        {
            "codigo_barras": shortage.code,
            "pedido": quantity_out(shortage.asked_milli),
            "disponible": quantity_out(shortage.left_milli),
        }
        for shortage in shortages
    ]


def short(shortage: Shortage) -> str:
    """Return that less is left to sell than was asked for."""
    asked = quantity(shortage.asked_milli, Unit(shortage.unit))
    if not shortage.left_milli:
        return f"No queda {shortage.name} y pediste {asked}."
    left = _left(shortage).capitalize()
    return f"{left} de {shortage.name} y pediste {asked}."


def excess(shortage: Shortage) -> str:
    """Return that less is left to come back than was asked for."""
    if not shortage.left_milli:
        return f"De {shortage.name} no queda nada por devolver."
    return f"De {shortage.name} solo {_left(shortage)} por devolver."


def _left(shortage: Shortage) -> str:
    verb = "queda" if shortage.left_milli == MILLI else "quedan"
    return f"{verb} {quantity(shortage.left_milli, Unit(shortage.unit))}"
