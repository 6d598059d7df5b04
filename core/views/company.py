"""A company's stored figures in words: what they are, who told them, and how old they are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.desk.desk import Desk
from core.desk.sources import WALL
from core.domain.clock import Clock
from core.domain.money import Money
from core.domain.succession import members
from core.domain.words import age_of, decimal, ist_stamp, pct, qty, rupees, short
from core.providers.catalog import VENDORS
from core.store import fundamentals, instruments, successions
from core.store.fundamentals import Figure, Snapshot
from core.views.shown import Text

SHOWN = (
    ("Market cap", "market_cap"),
    ("P/E, trailing", "trailing_pe"),
    ("P/B", "price_to_book"),
    ("ROE", "return_on_equity"),
    ("Debt/equity", "debt_to_equity"),
    ("EPS, trailing", "eps"),
    ("Book value a share", "book_value"),
    ("Dividend yield", "dividend_yield"),
    ("Gross margin", "gross_margin"),
    ("Operating margin", "operating_margin"),
    ("Net margin", "profit_margin"),
    ("Revenue growth", "revenue_growth"),
    ("Beta", "beta"),
    ("Shares", "shares"),
)
NOT_TOLD = "–"
LOOKED_AT = (
    "Prices of this share are kept to be looked at: it is in no traded universe, so no card is "
    "written for it. munim data universe trade NAME lets a universe that has it be traded."
)


@dataclass(frozen=True, slots=True)
class QuarterRow:
    """One quarter; money in crore of rupees, or in millions of what the company reports in."""

    quarter: str
    revenue: str
    profit: str


@dataclass(frozen=True, slots=True)
class CompanyFigures:
    """The figures panel; `empty` says how to get them and stands alone."""

    figures: tuple[tuple[str, str], ...]
    quarters: tuple[QuarterRow, ...]
    unit: str
    source: str
    wire: Text
    note: str
    looked_at: str
    empty: str


def company_figures(desk: Desk, isin: str, *, clock: Clock = WALL) -> CompanyFigures:
    """The youngest figures of a share's company; raises NotFound for an unknown share."""
    with desk.store.read() as tx:
        share = instruments.by_isin(tx, isin)
        chain = members([isin], successions.links(tx))
        found = fundamentals.newest(tx, chain, as_of=clock.now())
    looked_at = "" if share.is_traded else LOOKED_AT
    if found is None:
        empty = (
            f"None are stored. Fetch them here, or with munim data fetch {share.symbol} "
            "--fundamentals; they come from Yahoo, which needs no key."
        )
        return CompanyFigures((), (), "", "", Text(""), "", looked_at, empty)
    vendor = VENDORS.get(found.source)
    verified = vendor is not None and vendor.figures_verified
    wire = Text("verified", "gain") if verified else Text("not verified on the wire", "warn")
    late = found.fetched_at > desk.clock.now()
    return CompanyFigures(
        figures=tuple((label, _words(found.value(metric))) for label, metric in SHOWN),
        quarters=tuple(_quarter(found, period) for period in found.periods()),
        unit=_unit(found),
        source=f"{vendor.label if vendor else found.source} · fetched "
        f"{age_of(found.fetched_at, clock.now())} ago",
        wire=wire,
        note=f"As told on {ist_stamp(found.fetched_at)}"
        + (
            f". This market stands before that, at {ist_stamp(desk.clock.now())}, so no decision "
            "in it uses them."
            if late
            else "."
        ),
        looked_at=looked_at,
        empty="",
    )


def _words(figure: Figure | None) -> str:
    """A figure in the units a person reads; a missing one is a dash."""
    if figure is None or not math.isfinite(figure.value):
        return NOT_TOLD
    if figure.unit == "fraction":
        return pct(figure.value)
    if figure.unit == "times":
        return decimal(figure.value)
    if figure.unit == "shares":
        return qty(int(figure.value))
    if figure.unit != "INR":
        return f"{figure.unit} {decimal(figure.value)}"
    money = Money.rupees(Decimal(repr(figure.value)))
    return short(money) if figure.metric == "market_cap" else rupees(money)


def _quarter(found: Snapshot, period: str) -> QuarterRow:
    ends = date.fromisoformat(period)
    parts = [found.of_period(metric, period) for metric in ("revenue", "profit")]
    return QuarterRow(f"to {ends.day} {ends:%b %Y}", *map(_large, parts))


def _large(figure: Figure | None) -> str:
    if figure is None or not math.isfinite(figure.value):
        return NOT_TOLD
    return decimal(figure.value / (1e7 if figure.unit == "INR" else 1e6))


def _unit(found: Snapshot) -> str:
    units = {one.unit for one in found.figures if one.metric in ("revenue", "profit")}
    if units <= {"INR"}:
        return "₹ Cr"
    return " and ".join(sorted(units)) + " million"
