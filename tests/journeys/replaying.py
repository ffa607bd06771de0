"""A shop told by its journal alone: what a listener knows who has heard everything, in order."""

from dataclasses import dataclass, field

from msgspec.structs import replace

from trastienda.domain.events import Code, Event, Kind, ReleasedRut
from trastienda.domain.movements import StockLevel
from trastienda.domain.people import User
from trastienda.domain.products import Product
from trastienda.domain.purchases import Purchase
from trastienda.domain.returns import Return
from trastienda.domain.sales import Sale
from trastienda.domain.shop import Shop
from trastienda.storage import journal
from trastienda.storage.dialects import Connection


@dataclass
class Heard:
    """What has been heard so far, by code, RUT or number."""

    n: int = 0
    products: dict[str, Product] = field(default_factory=dict)
    sales: dict[int, Sale] = field(default_factory=dict)
    returns: dict[int, Return] = field(default_factory=dict)
    purchases: dict[int, Purchase] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    page: Shop | None = None

    def hear(self, event: Event) -> None:
        """Take in one event; they come in order, each once."""
        assert event.n == self.n + 1
        self.n = event.n
        match event.subject:
            case StockLevel(code, stock_milli):
                if (
                    code in self.products
                ):  # a new product's opening stock is told before the product
                    self.products[code] = replace(
                        self.products[code], stock_milli=stock_milli
                    )
            case Code(code) if event.kind is Kind.PRODUCT_DELETED:
                del self.products[code]
            case Product() as product:
                self.products[product.code] = product
            case Sale() as sale:
                self.sales[sale.id] = sale
            case Return() as one:
                self.returns[one.id] = one
            case Purchase() as purchase:
                self.purchases[purchase.id] = purchase
            case ReleasedRut(rut):
                del self.users[rut]
            case User() as user:
                self.users[user.rut] = user
            case Shop() as page:
                self.page = page


def replayed(connection: Connection, *, chunk: int = 7) -> Heard:
    """Read the whole journal, a few events at a time, over nothing."""
    heard = Heard()
    while events := journal.after(connection, heard.n, chunk):
        for event in events:
            heard.hear(event)
    return heard
