"""The month's report: Markdown from facts that the P&L page shows too, to the paisa.

Rates a year stand only where `desk.performance` gives one, with the reason where it gives none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.domain.account import Market
from core.domain.money import Money
from core.domain.words import charge_word, counted, day, ist_stamp, pct, qty, rupees
from core.reports.markdown import BANNERS, section
from core.treasury.pnl import Pnl

ALL = "**All**"
NOT_KNOWN = "–"


@dataclass(frozen=True, slots=True)
class MonthOf:
    """One account's month, or all of them together.

    `weighted` is time-weighted over the month, `index` the index's own return; both are None where
    nothing was at work or no index is known. `xirr` is per year since the first money.
    """

    name: str
    earned: Pnl
    worth: Money
    paid_in: Money
    weighted: float | None
    index: float | None
    ahead: Money | None
    drawdown: float
    xirr: float | None
    why_no_xirr: str


@dataclass(frozen=True, slots=True)
class MonthDay:
    """One session of all accounts."""

    day: date
    net: Money
    worth: Money
    trades: int


@dataclass(frozen=True, slots=True)
class MonthFacts:
    """Everything the report says; `owners` are rows by strategy, event and so on, by their head."""

    first: date
    last: date
    is_over: bool
    market: Market
    written_at: datetime
    index_name: str
    whole: MonthOf
    accounts: tuple[MonthOf, ...]
    days: tuple[MonthDay, ...]
    owners: tuple[tuple[str, tuple[tuple[str, Pnl], ...]], ...]


def month(facts: MonthFacts) -> str:
    """The report as Markdown."""
    banner = BANNERS[facts.market]
    so_far = "" if facts.is_over else ", so far"
    parts = [
        f"# {facts.first:%B %Y}{so_far}",
        *([banner] if banner else []),
        f"{day(facts.first)} to {day(facts.last)}, {counted(len(facts.days), 'session')}. "
        f"Written {ist_stamp(facts.written_at)} IST.",
        _accounts(facts),
        _returns(facts),
        _charges(facts.whole.earned),
        *(_owners(head, rows) for head, rows in facts.owners),
        _days(facts.days),
    ]
    return "\n\n".join(parts) + "\n"


def _every(facts: MonthFacts) -> list[tuple[str, MonthOf]]:
    rows = [(one.name, one) for one in facts.accounts]
    return [*rows, (ALL, facts.whole)] if len(rows) > 1 else rows


def _accounts(facts: MonthFacts) -> str:
    lines = [
        (name, rupees(one.earned.net, signed=True), rupees(one.earned.realised, signed=True),
         rupees(one.earned.unrealised, signed=True), rupees(one.earned.dividends),
         rupees(one.earned.cost), rupees(one.paid_in, signed=True), rupees(one.worth))
        for name, one in _every(facts)
    ]  # fmt: skip
    heads = ("Account", "Net P&L", "Realised", "Unrealised", "Dividends", "Charges", "Paid in",
             "Worth at the end")  # fmt: skip
    return section("Net P&L after charges", heads, lines, "No accounts are open.")


def _returns(facts: MonthFacts) -> str:
    lines = [
        (name, _pct(one.weighted), _pct(one.index),
         rupees(one.ahead, signed=True) if one.ahead is not None else NOT_KNOWN,
         pct(one.drawdown), _pct(one.xirr))
        for name, one in _every(facts)
    ]  # fmt: skip
    heads = ("Account", "Time-weighted", facts.index_name or "Index", "Ahead of the same rupees",
             "Drawdown", "XIRR a year since the start")  # fmt: skip
    whys = {one.why_no_xirr: None for _, one in _every(facts) if one.why_no_xirr}
    table = section("Returns", heads, lines, "No accounts are open.")
    return "\n\n".join([table, *(f"No XIRR a year: {why}." for why in whys)])


def _charges(earned: Pnl) -> str:
    lines = [(charge_word(name), rupees(amount)) for name, amount in earned.charges]
    return section("Charges by item", ("Item", "Paid"), lines, "No charge was paid.")


def _owners(head: str, rows: Sequence[tuple[str, Pnl]]) -> str:
    lines = [
        (label, rupees(one.realised, signed=True), rupees(one.unrealised, signed=True),
         rupees(one.dividends), rupees(one.cost), rupees(one.net, signed=True))
        for label, one in rows
    ]  # fmt: skip
    heads = (head, "Realised", "Unrealised", "Dividends", "Charges", "Net")
    return section(f"By {head.lower()}", heads, lines, "Nothing was earned or paid.")


def _days(days: Sequence[MonthDay]) -> str:
    lines = [
        (day(one.day), rupees(one.net, signed=True), rupees(one.worth), qty(one.trades))
        for one in days
    ]
    heads = ("Session", "Net P&L", "Worth", "Trades")
    return section("Each session", heads, lines, "No session was held.")


def _pct(fraction: float | None) -> str:
    return pct(fraction, signed=True) if fraction is not None else NOT_KNOWN
