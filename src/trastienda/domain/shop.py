"""The shop's own page: its name, its country's rules, its labels."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from trastienda.domain.barcode import DEFAULT_LABELS, LabelLayout
from trastienda.domain.errors import Invalid
from trastienda.domain.money import (
    MAX_MONEY_MINOR,
    CashRounding,
    cash_rounding_of,
    currency_exponent,
)
from trastienda.domain.rut import normalise
from trastienda.domain.text import clean

CHILEAN_VAT_BP = 1900
MAX_VAT_BP = 10_000
_NOT_FOR_PEOPLE = "posix", "right/"
"""Where a system keeps its time zones once more, for programs."""
MAX_LABEL_LAYOUTS = 10
"""One for each prefix from 20 to 29."""


class Shop(Struct, frozen=True, kw_only=True):
    """The shop. ``vat_bp`` in basis points; ``cash_rounding`` None means what the
    country's law says.
    """

    name: str = "Mi tienda"
    rut: str | None = None
    business: str | None = None
    address: str | None = None
    country: str = "CL"
    currency: str = "CLP"
    timezone: str = "America/Santiago"
    vat_bp: int = CHILEAN_VAT_BP
    cash_rounding: CashRounding | None = None
    labels: tuple[LabelLayout, ...] = DEFAULT_LABELS
    large_return_minor: int = 50_000
    """A return of so much is told to administrators; 0: none is."""

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone that decides what a day is."""
        return ZoneInfo(self.timezone)

    @property
    def rounding(self) -> CashRounding:
        """How cash is rounded here."""
        return self.cash_rounding or cash_rounding_of(self.country, self.currency)

    @property
    def exponent(self) -> int:
        """Decimals of the currency."""
        return currency_exponent(self.currency)


def _optional(
    text: str | None,
    field: str,
) -> str | None:
    return None if text is None else clean(text, field, empty=True) or None


def _is_time_zone(name: str) -> bool:
    """Answer as ``zoneinfo.available_timezones`` would, which reads some 600 files."""
    if name.startswith(_NOT_FOR_PEOPLE):
        return False
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def checked(shop: Shop) -> Shop:
    """Return the shop with every text tidied; raise Invalid for the first value that is not fit."""
    currency_exponent(shop.currency)
    if len(shop.country) != 2 or not (
        shop.country.isascii() and shop.country.isalpha() and shop.country.isupper()
    ):
        raise Invalid("country", "country_shape")
    if not _is_time_zone(shop.timezone):
        raise Invalid("timezone", "timezone_unknown")
    if not 0 <= shop.vat_bp <= MAX_VAT_BP:
        raise Invalid("vat", "vat_range")
    if (
        shop.cash_rounding is not None
        and not 1 <= shop.cash_rounding.step_minor <= 1000
    ):
        raise Invalid("cash_rounding.step", "rounding_step")

    if not 0 <= shop.large_return_minor <= MAX_MONEY_MINOR:
        raise Invalid("large_return", "amount_range")

    prefixes = {layout.prefix for layout in shop.labels}
    has_twins = len(prefixes) < len(shop.labels)
    if has_twins or len(shop.labels) > MAX_LABEL_LAYOUTS:
        raise Invalid("labels", "label_prefix_twice")

    return Shop(
        name=clean(shop.name, "name"),
        rut=None if shop.rut is None else normalise(shop.rut),
        business=_optional(shop.business, "business"),
        address=_optional(shop.address, "address"),
        country=shop.country,
        currency=shop.currency,
        timezone=shop.timezone,
        vat_bp=shop.vat_bp,
        cash_rounding=shop.cash_rounding,
        labels=shop.labels,
        large_return_minor=shop.large_return_minor,
    )
