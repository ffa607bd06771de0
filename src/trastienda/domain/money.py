"""Money: integers in the currency's minor unit, rounding, the split of the value-added
tax, cash rounding.
"""

from msgspec import Struct

from trastienda.domain.errors import Invalid

MAX_MONEY_MINOR = 10**12
"""The largest price or payment taken. A million million pesos is beyond any shop, and a
thousand lines of it stay below 2**53, where JSON readers of other languages still count
exactly.
"""

_NO_MINOR_UNIT = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split()
)
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_TWO_DECIMALS = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP
    LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK
    NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS
    SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD
    YER ZAR ZMW
    """.split()
)


def currency_exponent(currency: str) -> int:
    """Return how many decimals ``currency`` (an ISO 4217 code) has; raise Invalid for a
    code that is none.
    """
    if currency in _NO_MINOR_UNIT:
        return 0
    if currency in _TWO_DECIMALS:
        return 2
    if currency in _THREE_DECIMALS:
        return 3
    raise Invalid("currency", "currency_unknown")


def divide_half_up(
    numerator: int,
    denominator: int,
) -> int:
    """Return ``numerator / denominator`` rounded to the nearest integer, halves up; the
    denominator is positive.
    """
    return (2 * numerator + denominator) // (2 * denominator)


def split_cost(cost_milli: int) -> tuple[int, int]:
    """Return a cost in thousandths of the minor unit as minor units, rounded half up, and
    what it is above them in thousandths: below 0 where it was rounded up.
    """
    cost_minor = divide_half_up(cost_milli, 1000)
    return cost_minor, cost_milli - cost_minor * 1000


def split_vat(
    taxable_minor: int,
    vat_bp: int,
) -> tuple[int, int]:
    """Split an amount that includes the tax into ``(net, tax)``; the rate is in basis
    points (1900 is 19 %).
    """
    net_minor = divide_half_up(taxable_minor * 10_000, 10_000 + vat_bp)
    return net_minor, taxable_minor - net_minor


class CashRounding(Struct, frozen=True):
    """What is paid in cash is a multiple of ``step_minor``; exactly half a step goes down or up."""

    step_minor: int
    half_down: bool = False

    def __call__(self, amount_minor: int) -> int:
        """Return the cash that is due for ``amount_minor``."""
        below = amount_minor - amount_minor % self.step_minor
        rest = 2 * (amount_minor - below)
        if rest < self.step_minor or (rest == self.step_minor and self.half_down):
            return below
        return below + self.step_minor


EXACT = CashRounding(1)

CASH_ROUNDING_BY_LAW = {
    ("CL", "CLP"): CashRounding(
        10, half_down=True
    ),  # Ley 20.956, art. 13: 1 to 5 down, 6 to 9 up
    ("AU", "AUD"): CashRounding(5),
    ("CA", "CAD"): CashRounding(5),
    ("CH", "CHF"): CashRounding(5),
    ("NO", "NOK"): CashRounding(100),
    ("SE", "SEK"): CashRounding(100),
}
"""The rounding of cash that a country's law (or its central bank, which withdrew the
coins) asks for.
"""


def cash_rounding_of(
    country: str,
    currency: str,
) -> CashRounding:
    """Return how cash is rounded in ``country`` for its own ``currency``; elsewhere
    nothing is rounded.
    """
    return CASH_ROUNDING_BY_LAW.get((country, currency), EXACT)
