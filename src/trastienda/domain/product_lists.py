"""Product lists against a shop: what a row means for the product that it names."""

from collections.abc import Mapping, Sequence

from msgspec import UNSET, Struct
from msgspec.structs import replace

from trastienda.domain import barcode, products
from trastienda.domain.errors import Invalid
from trastienda.domain.past_sales import ListedProduct
from trastienda.domain.products import Product, Unit
from trastienda.domain.quantities import check_stockable

_OF_A_PRICE_LIST = {"name", "price_minor", "in_house"}


class ListTerms(Struct, frozen=True, kw_only=True):
    """How a list is taken.

    ``replace_stock`` is the reason of the corrections of the stock of products that the
    shop has; None leaves their stock alone. With ``only_known`` the list names nothing
    and makes nothing.
    """

    replace_stock: str | None = None
    only_known: bool = False


class PlannedProduct(Struct):
    """A row against the shop: the product as it is to be, and the stock it is to have."""

    listed: ListedProduct
    known: Product | None
    wanted: Product
    stock_milli: int

    @property
    def is_change(self) -> bool:
        """Whether the shop has the product, and otherwise than the row says."""
        if self.known is None:
            return False
        return self.wanted != self.known or self.stock_milli != self.known.stock_milli


def is_for_known_products(
    rows: Sequence[ListedProduct],
    known: Mapping[str, Product],
) -> bool:
    """Tell whether a list only changes products of the shop, and renames none.

    So does a list without prices, and a supplier's list of prices: it holds codes, names
    and prices only, and calls some product otherwise than the shop does. ``known`` are
    the shop's products for :func:`barcode.named`.
    """
    if all(listed.change.price_minor is UNSET for listed in rows):
        return True

    has_other_name = False
    for listed in rows:
        change = listed.change
        if not change.fields().keys() <= _OF_A_PRICE_LIST:
            return False
        if change.stock_milli is not UNSET:
            return False
        product = barcode.named(known, listed.code)
        if product is not None and change.name not in {UNSET, product.name}:
            has_other_name = True
    return has_other_name


def plan(
    listed: ListedProduct,
    known: Product | None,
    terms: ListTerms,
    now_ms: int,
) -> PlannedProduct:
    """Return what becomes of the product that a row names; ``known`` is the shop's.

    Raises Invalid where the row does not suit it.
    """
    if known is None:
        if not listed.is_whole:
            raise Invalid("code", "not_in_shop")
        if terms.only_known:
            raise Invalid("code", "not_in_shop_of_price_list")
        draft = listed.to_draft()
        return PlannedProduct(listed, None, draft.to_product(0), draft.stock_milli)

    if terms.only_known:
        listed = replace(
            listed, change=replace(listed.change, name=UNSET, in_house=UNSET)
        )
    wanted = products.revised(known, listed.change.fields(), now_ms)
    stock_milli = known.stock_milli
    if terms.replace_stock is not None and listed.change.stock_milli is not UNSET:
        stock_milli = listed.change.stock_milli
        check_stockable(stock_milli, by_unit=wanted.unit is Unit.PIECE, field="stock")
    return PlannedProduct(listed, known, wanted, stock_milli)
