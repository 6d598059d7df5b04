"""The end-of-day report: Markdown from facts, nothing computed that the books do not know.

What is not known is said to be not known; an empty section says so in one line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.domain.account import Market
from core.domain.money import ZERO, Money, total
from core.domain.signal import MIN_CASES
from core.domain.words import day, decimal, ist_stamp, ist_time, pct, price, qty, rupees, short
from core.reports.markdown import BANNERS, cell, section

WORKED_OUT = (
    "Worked out from daily bars after the card, at its own prices, less charges; where a bar holds "
    "both stop and target the stop counts."
)


@dataclass(frozen=True, slots=True)
class AccountDay:
    """One account's day; `day_pnl` is net of `charges`, fractions are of equity."""

    name: str
    equity: Money
    day_pnl: Money
    day_return: float
    charges: Money
    total_pnl: Money
    drawdown: float
    gross_exposure: float


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One open position at the close."""

    account: str
    symbol: str
    qty: int
    avg_price: Money
    mark: Money
    pnl: Money
    protection: str
    stop: Money | None
    target: Money | None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order of the day."""

    account: str
    symbol: str
    side: str
    purpose: str
    qty: int
    filled: int
    status: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FillRow:
    """One fill against the card it came from; `expected` is the card's entry, None for exits."""

    account: str
    symbol: str
    qty: int
    price: Money
    traded_at: datetime
    expected: Money | None = None

    @property
    def slippage(self) -> Money | None:
        """Rupees paid above (or got below) the expected price, over all shares."""
        return None if self.expected is None else (self.price - self.expected) * self.qty


@dataclass(frozen=True, slots=True)
class Refusal:
    """How often one stage or guardrail said no today, with one example."""

    stage: str
    example: str
    count: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """One card a person rejected; `would_be` is what it would have left after charges.

    `came` says what the market did; both are empty while it is not over.
    """

    symbol: str
    account: str
    reason: str
    would_be: Money | None
    came: str = ""


@dataclass(frozen=True, slots=True)
class Untraded:
    """All cards that ended one way without a trade; `left` is of those that are over.

    For `again` of them another card of the account and share stands.
    """

    what: str
    over: int
    open: int
    left: Money
    again: int = 0


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Resolved hypotheses with a stated probability against what happened."""

    n: int
    predicted: float
    happened: float
    brier: float
    brier_base: float


@dataclass(frozen=True, slots=True)
class BrokerDay:
    """One login compared with its broker: what differs, what a fill says otherwise, and shares
    that came (or went, below zero) past the desk today. `compared_at` is None if it never was.
    """

    login: str
    compared_at: datetime | None
    differences: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EodFacts:
    """Everything the report may say about one session."""

    session: date
    market: Market
    written_at: datetime
    accounts: tuple[AccountDay, ...]
    positions: tuple[PositionRow, ...] = ()
    orders: tuple[OrderRow, ...] = ()
    fills: tuple[FillRow, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    untraded: tuple[Untraded, ...] = ()
    scorecard: Scorecard | None = None
    results_tomorrow: tuple[str, ...] = ()
    brokers: tuple[BrokerDay, ...] = ()
    kill_level: str = "NORMAL"
    chain_head: str = ""
    chain_entries: int = 0


def eod(facts: EodFacts) -> str:
    """The report as Markdown."""
    banner = BANNERS[facts.market]
    parts = [
        f"# End of day, {day(facts.session)}",
        *([banner] if banner else []),
        f"Written {ist_stamp(facts.written_at)} IST. Kill level {facts.kill_level.capitalize()}.",
        _accounts(facts.accounts),
        _positions(facts.positions),
        _orders(facts.orders),
        _fills(facts.fills),
        _brokers(facts.brokers),
        _refusals(facts.refusals),
        _rejected(facts.rejected, facts.untraded),
        _scorecard(facts.scorecard),
        _tomorrow(facts.results_tomorrow),
        _record(facts),
    ]
    return "\n\n".join(parts) + "\n"


def _accounts(rows: Sequence[AccountDay]) -> str:
    lines = [
        (row.name, rupees(row.day_pnl, signed=True), pct(row.day_return, signed=True),
         rupees(row.charges), rupees(row.equity), rupees(row.total_pnl, signed=True),
         pct(row.drawdown), pct(row.gross_exposure))
        for row in rows
    ]  # fmt: skip
    if len(rows) > 1:
        equity, pnl = total(r.equity for r in rows), total(r.day_pnl for r in rows)
        lines.append(
            ("**All**", rupees(pnl, signed=True), pct(pnl.share_of(equity - pnl), signed=True),
             rupees(total(r.charges for r in rows)), rupees(equity),
             rupees(total(r.total_pnl for r in rows), signed=True), "", "")
        )  # fmt: skip
    heads = ("Account", "Net P&L today", "Return", "Charges", "Equity", "Total P&L", "Drawdown",
             "Gross exposure")  # fmt: skip
    return section("Net P&L after charges", heads, lines, "No accounts are open.")


def _positions(rows: Sequence[PositionRow]) -> str:
    lines = [
        (row.account, row.symbol, qty(row.qty), price(row.avg_price), price(row.mark),
         rupees(row.pnl, signed=True), row.protection,
         price(row.stop) if row.stop else "–", price(row.target) if row.target else "–")
        for row in rows
    ]  # fmt: skip
    heads = ("Account", "Instrument", "Qty", "Avg", "Close", "P&L", "Protected", "SL", "TP")
    return section("Positions", heads, lines, "No positions are open.")


def _orders(rows: Sequence[OrderRow]) -> str:
    lines = [
        (row.account, row.symbol, row.side, row.purpose, f"{qty(row.filled)}/{qty(row.qty)}",
         row.status, row.reason)
        for row in rows
    ]  # fmt: skip
    heads = ("Account", "Instrument", "Side", "For", "Filled/total", "Status", "Reason")
    return section("Orders", heads, lines, "No orders were sent.")


def _fills(rows: Sequence[FillRow]) -> str:
    lines = [
        (ist_time(row.traded_at), row.account, row.symbol, qty(row.qty, signed=True),
         price(row.price), price(row.expected) if row.expected else "–", _slip(row.slippage))
        for row in rows
    ]  # fmt: skip
    heads = ("Time", "Account", "Instrument", "Qty", "Price", "Card's price", "Slippage")
    body = section("Fills against the card", heads, lines, "Nothing filled.")
    known = [row.slippage for row in rows if row.slippage is not None]
    if not known:
        return body
    return f"{body}\n\nSlippage in all: {_slip(total(known))}."


def _brokers(rows: Sequence[BrokerDay]) -> str:
    """What differs between broker and books, itemised; agreement is one line a login."""
    if not rows:
        return "## Books against the broker\n\nNo login is open."
    lines = []
    for row in rows:
        when = f"compared {ist_time(row.compared_at)}" if row.compared_at else "not compared yet"
        what = "agree" if not row.differences else f"{len(row.differences)} differ"
        lines.append(f"- {row.login}, {when}{f': {what}' if row.compared_at else ''}")
        lines += [f"  - {cell(one)}" for one in (*row.differences, *row.elsewhere)]
    return "## Books against the broker\n\n" + "\n".join(lines)


def _slip(amount: Money | None) -> str:
    """Cost first: what was paid over the card's price reads as money lost."""
    if amount is None:
        return "–"
    if amount == ZERO:
        return rupees(ZERO)
    return f"{rupees(abs(amount))} {'cost' if amount > ZERO else 'saved'}"


def _refusals(rows: Sequence[Refusal]) -> str:
    lines = [(row.stage, qty(row.count), row.example) for row in rows]
    return section("Refused by", ("Stage or rule", "Times", "For example"), lines,
                    "Nothing was refused.")  # fmt: skip


def _rejected(rows: Sequence[Rejected], ever: Sequence[Untraded]) -> str:
    lines = [
        (row.symbol, row.account, row.reason,
         *(("not over yet", "–") if row.would_be is None else (row.came, _spared(row.would_be))))
        for row in rows
    ]  # fmt: skip
    heads = ("Instrument", "Account", "Your reason", "What the market did", "Rejecting it")
    parts = [section("What rejecting saved or cost", heads, lines, "No card was rejected.")]
    known = [row.would_be for row in rows if row.would_be is not None]
    if known:
        parts.append(f"In all: {_spared(total(known))}.")
    if ever:
        parts.append("Since the desk opened:\n\n" + "\n".join(f"- {_ever(row)}" for row in ever))
    if rows or ever:
        parts.append(WORKED_OUT)
    return "\n\n".join(parts)


def _ever(row: Untraded) -> str:
    cards = f"{qty(row.over + row.open)} {row.what}"
    if not row.over:
        return f"{cards}: none is over yet."
    rest = f", {qty(row.open)} not over yet" if row.open else ""
    rest += counted_with(row.again, of=row.over)
    if row.again == row.over:
        return f"{cards}: {qty(row.over)} over{rest}."
    return f"{cards}: {qty(row.over)} over{rest}; not trading them {_spared(row.left)}."


def counted_with(again: int, *, of: int) -> str:
    """That some cards count no rupees of their own; "" for none."""
    if not again:
        return ""
    which = "" if again == of else f"{qty(again)} of them "
    return f", {which}counted with another card of the account on the share"


def _spared(would_be: Money) -> str:
    if would_be == ZERO:
        return "made no difference"
    return f"{'cost' if would_be > ZERO else 'saved'} {short(abs(would_be))}"


def _scorecard(card: Scorecard | None) -> str:
    head = "## Probability scorecard\n\n"
    if card is None or card.n < MIN_CASES:
        n = card.n if card else 0
        return f"{head}Too few cases whose time is over for a percentage: {n} of {MIN_CASES}."
    verdict = "better" if card.brier < card.brier_base else "no better"
    return (
        f"{head}Over {qty(card.n)} cases whose time is over the target was expected first in "
        f"{pct(card.predicted, digits=0)} and came first in {pct(card.happened, digits=0)}. "
        f"Brier {decimal(card.brier, digits=3)} against {decimal(card.brier_base, digits=3)} for "
        f"the base rate: {verdict} than the base rate."
    )


def _tomorrow(symbols: Sequence[str]) -> str:
    words = ", ".join(cell(symbol) for symbol in symbols) + "." if symbols else "None known."
    return f"## Results next session\n\n{words}"


def _record(facts: EodFacts) -> str:
    head = facts.chain_head or "empty"
    return f"## Record\n\n{qty(facts.chain_entries)} audit entries, chain head `{head}`."
