"""Imports: what a file brought in at one time, so that it can be taken back as one."""

import enum

from msgspec import Struct

from trastienda.domain.products import Product


class ImportKind(enum.StrEnum):
    """What a file held."""

    PRODUCTS = "products"
    PAST_SALES = "past_sales"


class Import(Struct, frozen=True, kw_only=True):
    """What one file brought in: so many products, or so many past documents."""

    id: int
    at_ms: int
    kind: ImportKind
    file: str
    rows: int
    undone_at_ms: int | None = None


class ImportSource(Struct, frozen=True):
    """The file that is taken in, and the number of the import once it has one."""

    file: str
    import_id: int | None = None


class ImportedProduct(Struct, frozen=True):
    """A product that an import made or changed.

    ``before`` is None for one that it made; ``version`` and ``last_movement_id`` are
    those that it left.
    """

    product_id: int
    before: Product | None
    before_movement_id: int | None
    version: int
    last_movement_id: int | None
