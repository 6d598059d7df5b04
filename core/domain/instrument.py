"""What is traded: identity by ISIN, tick sizes and price bands.

A symbol can change and an ISIN can change on a split; the ISIN is the key here, and the
broker's tokens stay in the adapter.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.domain.money import Money
from core.errors import BadInput


class CapClass(StrEnum):
    """Size class by market capitalisation, as AMFI lists them."""

    LARGE = "large"
    MID = "mid"
    SMALL = "small"


class Series(StrEnum):
    """NSE trading series."""

    EQ = "EQ"
    BE = "BE"
    BZ = "BZ"
    SM = "SM"
    ST = "ST"
    T0 = "T0"


class Surveillance(StrEnum):
    """The exchange list an instrument stands on, if any."""

    NONE = ""
    ASM = "ASM"
    GSM = "GSM"
    ESM = "ESM"
    IBC = "IBC"


# NSE tick by the close of the last trading day of the month (10 Jun 2024; upper rows 15 Apr 2025).
TICKS: tuple[tuple[Money, Money], ...] = (
    (Money.rupees(250), Money(1)),
    (Money.rupees(1_000), Money(5)),
    (Money.rupees(5_000), Money(10)),
    (Money.rupees(10_000), Money(50)),
    (Money.rupees(20_000), Money(100)),
)
TICK_ABOVE = Money(500)

NOT_KNOWN = "Not known"  # the sector of a share that no list tells a sector and size of
FUND_ISIN = "INF"  # units of Indian mutual funds; shares begin with INE or IN9

# Derivative stocks have no fixed band: a 10 % operating range, flexed by the exchange.
OPERATING_RANGE_PCT = 10
FLEX_STEP_PCT = 5
FLEX_PCT_MAX = 95


@dataclass(frozen=True, slots=True)
class Instrument:
    """One listed share.

    `band_pct` is 2, 5, 10 or 20; None means a derivative stock with an operating range. One that
    is not `is_traded` can be looked at, and no card is written for it.
    """

    isin: str
    symbol: str
    name: str
    sector: str
    cap_class: CapClass
    exchange: str = "NSE"
    series: Series = Series.EQ
    band_pct: int | None = 20
    has_derivatives: bool = False
    surveillance: Surveillance = Surveillance.NONE
    is_traded: bool = True

    def __post_init__(self) -> None:
        if len(self.isin) != 12 or not self.isin.isalnum():
            raise BadInput(f"{self.symbol}: {self.isin!r} is not a 12-character ISIN")
        if not self.symbol:
            raise BadInput(f"{self.isin}: an instrument needs a symbol")
        if self.band_pct is not None and self.band_pct not in (2, 5, 10, 20):
            raise BadInput(f"{self.symbol}: band {self.band_pct}% is none of 2, 5, 10, 20")

    @property
    def is_sized(self) -> bool:
        """Whether a list told its size and sector; without, it counts as small."""
        return self.sector != NOT_KNOWN

    @property
    def size_words(self) -> str:
        """`large cap`, or that its size is not known."""
        return f"{self.cap_class} cap" if self.is_sized else "size not known"

    @property
    def is_fund(self) -> bool:
        """Whether it is a unit of an exchange-traded fund, whose ISINs begin with INF."""
        return is_fund(self.isin)


@dataclass(frozen=True, slots=True)
class PriceBand:
    """The lowest and highest price the exchange accepts today."""

    low: Money
    high: Money

    def holds(self, price: Money) -> bool:
        """Whether the price lies inside, both ends included."""
        return self.low <= price <= self.high


def is_fund(isin: str) -> bool:
    """Whether an ISIN names a unit of an Indian fund; exchange-traded ones are the only listed."""
    return isin.startswith(FUND_ISIN)


def tick_for(price: Money) -> Money:
    """The NSE tick for a share whose month-end close was `price`."""
    for upto, tick in TICKS:
        if price <= upto:
            return tick
    return TICK_ABOVE


def snap(price: Money, tick: Money, *, up: bool) -> Money:
    """The nearest tick at or below `price`, or at or above it when `up`."""
    below, rest = divmod(price.paise, tick.paise)
    return Money((below + (1 if up and rest else 0)) * tick.paise)


def price_band(instrument: Instrument, *, prev_close: Money, tick: Money) -> PriceBand:
    """Today's band around the previous close, snapped inward to the tick."""
    pct = Decimal(instrument.band_pct or OPERATING_RANGE_PCT) / 100
    return PriceBand(
        low=snap(prev_close.times(1 - pct), tick, up=True),
        high=snap(prev_close.times(1 + pct), tick, up=False),
    )


def trading_range(
    instrument: Instrument, *, prev_close: Money, ltp: Money, tick: Money
) -> PriceBand:
    """The band with its flexing: a derivative stock's range follows the last trade in steps.

    Where `band_pct` is set the band is fixed and `ltp` changes nothing.
    """
    band = price_band(instrument, prev_close=prev_close, tick=tick)
    pct = OPERATING_RANGE_PCT
    while instrument.band_pct is None and not band.holds(ltp) and pct < FLEX_PCT_MAX:
        pct += FLEX_STEP_PCT
        fraction = Decimal(pct) / 100
        band = PriceBand(
            low=max(tick, snap(prev_close.times(1 - fraction), tick, up=True)),
            high=snap(prev_close.times(1 + fraction), tick, up=False),
        )
    return band
