"""Receipts: a sale, what came back of it, and the shop that sold it."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop


class Receipt(Struct, frozen=True):
    """What is told of a sale; ``returned`` holds its returns, oldest first."""

    sale: Sale
    returned: Sequence[Return]
    shop: Shop

    @property
    def annulled(self) -> bool:
        """Whether everything that was sold has come back."""
        back_milli = Counter[int]()
        for earlier in self.returned:
            for line in earlier.lines:
                back_milli[line.position] += line.quantity_milli
        return all(
            line.quantity_milli <= back_milli[place]
            for place, line in enumerate(self.sale.lines)
        )
