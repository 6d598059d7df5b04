"""Yahoo's figures of a company in our units, and its quarters. No recorded answer verifies them.

Yahoo prices an Indian share in rupees and reports some companies' accounts in dollars; a ratio of
the two would be off by the exchange rate, so it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from core.errors import NoData, SourceWrong
from core.providers.bar_run import Fundamentals, Quarter
from core.providers.universe_file import Listing

RUPEES: Final = "INR"
TAKEN: Final = {  # our name: Yahoo's name, and what its figure is divided by
    "market_cap": ("marketCap", 1.0),
    "trailing_pe": ("trailingPE", 1.0),
    "price_to_book": ("priceToBook", 1.0),
    "eps": ("trailingEps", 1.0),
    "book_value": ("bookValue", 1.0),
    "dividend_yield": ("trailingAnnualDividendYield", 1.0),
    "return_on_equity": ("returnOnEquity", 1.0),
    "debt_to_equity": ("debtToEquity", 100.0),
    "profit_margin": ("profitMargins", 1.0),
    "operating_margin": ("operatingMargins", 1.0),
    "gross_margin": ("grossMargins", 1.0),
    "revenue_growth": ("revenueGrowth", 1.0),
    "beta": ("beta", 1.0),
    "shares": ("sharesOutstanding", 1.0),
}
WANTED: Final = ("symbol", "financialCurrency", *(name for name, _ in TAKEN.values()))
MIXED: Final = ("trailing_pe", "price_to_book")  # a price in rupees over accounts in another money
REVENUE, PROFIT = "quarterlyTotalRevenue", "quarterlyNetIncome"
QUARTERLY: Final = (REVENUE, PROFIT)


def read_figures(found: Mapping[str, Any], share: Listing) -> Fundamentals:
    """Yahoo's figures in our units; raises SourceWrong for another company's, NoData for none."""
    if str(found.get("symbol") or "").upper() != share.yahoo.upper():
        raise SourceWrong(f"Yahoo was asked for {share.yahoo} and answered with another; not used")
    currency = str(found.get("financialCurrency") or RUPEES)
    figures = {
        ours: float(found[theirs]) / scale if found.get(theirs) is not None else None
        for ours, (theirs, scale) in TAKEN.items()
    }
    if all(value is None for value in figures.values()):
        raise NoData(f"Yahoo has no figures of {share.yahoo}")
    if currency != RUPEES:
        figures |= dict.fromkeys(MIXED)
    return Fundamentals(symbol=share.symbol, source="yfinance", currency=currency, **figures)


def read_quarters(found: Mapping[str, Any], share: Listing) -> tuple[Quarter, ...]:
    """Quarters newest first; raises NoData for none, SourceWrong for another company's."""
    told: dict[date, dict[str, tuple[float, str]]] = {}
    for series in found["series"]:
        names = series["meta"]["symbol"]
        if [name.upper() for name in names] != [share.yahoo.upper()]:
            raise SourceWrong(
                f"Yahoo was asked for the accounts of {share.yahoo} and answered with "
                f"{', '.join(names) or 'no name'}; nothing of it is used"
            )
        [kind] = series["meta"]["type"]
        for point in series.get(kind) or ():
            if point is not None:
                day = date.fromisoformat(point["asOfDate"])
                value = float(point["reportedValue"]["raw"])
                told.setdefault(day, {})[kind] = (value, str(point["currencyCode"]))
    if not told:
        raise NoData(f"Yahoo has no quarters of {share.yahoo}")
    return tuple(_quarter(day, told[day], share) for day in sorted(told, reverse=True))


def _quarter(day: date, parts: Mapping[str, tuple[float, str]], share: Listing) -> Quarter:
    currencies = {currency for _, currency in parts.values()}
    if len(currencies) > 1:
        raise SourceWrong(
            f"Yahoo's accounts of {share.yahoo} for {day} mix {' and '.join(sorted(currencies))}"
        )
    return Quarter(
        ends=day,
        currency=currencies.pop(),
        revenue=parts[REVENUE][0] if REVENUE in parts else None,
        profit=parts[PROFIT][0] if PROFIT in parts else None,
    )
