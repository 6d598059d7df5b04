"""Rows of the positions table: open, total, and closed today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.domain.ledger import Position
from core.domain.money import Money
from core.domain.plan import Plan, PlanStatus
from core.domain.protection import Protection
from core.domain.quote import Quote
from core.domain.words import decimal, ist_time, pct, price, qty
from core.treasury.pnl import unrealised_of
from core.views.protected import Protected
from core.views.shown import Cells, RowMark, Tag, Text, pnl, sign_tone


@dataclass(frozen=True, slots=True)
class Open:
    """One open position with what belongs to it; `plan` is None for shares no plan holds."""

    account: str
    position: Position
    plan: Plan | None
    shield: Protection | None
    quote: Quote | None
    cover: Protected
    mark: Money | None = None  # the last price in the terms in which the books count the shares
    login: str = ""
    ends: str = ""  # when an intraday position leaves

    @property
    def symbol(self) -> str:
        return self.plan.symbol if self.plan else self.position.isin

    @property
    def stop(self) -> Money | None:
        """The stop that stands, or the plan's until one does."""
        return self.shield.stop if self.shield else self.plan.bracket.stop if self.plan else None

    @property
    def target(self) -> Money | None:
        """The target that stands, or the plan's."""
        if self.shield:
            return self.shield.target
        return self.plan.bracket.target if self.plan else None

    @property
    def gain(self) -> Money | None:
        """What the position would earn at the last price, before charges."""
        if self.mark is None:
            return None
        return unrealised_of(self.position, {self.position.isin: self.mark})

    @property
    def away(self) -> float:
        """The way to the stop as a fraction of the price; NaN where either is unknown.

        Above zero while the stop has not been reached, on whichever side it stands.
        """
        if self.mark is None or self.stop is None or not self.mark:
            return float("nan")
        way = self.mark - self.stop
        return (-way if self.position.qty < 0 else way).share_of(self.mark)

    @property
    def to_stop(self) -> str:
        """The way from the price to the stop in percent: minus where the stop lies below it."""
        way = self.away if self.position.qty < 0 else -self.away
        return pct(way, digits=1, signed=True)

    @property
    def in_r(self) -> float:
        """Gain per share over the plan's first risk per share; NaN where either is unknown."""
        if self.plan is None or self.mark is None:
            return float("nan")
        way = self.plan.side.sign
        risk = (self.position.avg_price - self.plan.bracket.stop) * way
        if risk.paise <= 0:
            return float("nan")
        return ((self.mark - self.position.avg_price) * way).share_of(risk)


@dataclass(frozen=True, slots=True)
class Closed:
    """A plan that ended today; `result` is before charges."""

    account: str
    plan: Plan
    result: Money
    at: datetime
    login: str = ""


@dataclass(frozen=True, slots=True)
class PositionRow:
    """One table row."""

    account: str
    login: str
    product: str
    symbol: str
    instrument: Cells
    qty: str
    avg: str
    ltp: str
    pnl: Cells
    day: Cells
    protected: Cells
    stop: str
    to_stop: str
    target: str
    r: str
    mark: RowMark = ""


def open_row(held: Open) -> PositionRow:
    """One live row, red where a person is needed."""
    quote, stop, target, gain = held.quote, held.stop, held.target, held.gain
    return PositionRow(
        account=held.account,
        login=held.login,
        product=f"{held.plan.product} {held.ends}".strip() if held.plan else "CNC",
        symbol=held.symbol,
        instrument=(Text(held.symbol, bold=True), Tag("NSE", "line")),
        qty=qty(held.position.qty),
        avg=price(held.position.avg_price),
        ltp=price(quote.ltp) if quote else "no price",
        pnl=pnl(gain) if gain is not None else "–",
        day=day_change(quote),
        protected=(held.cover.tag, Text("", note=held.cover.proof)),
        stop=price(stop) if stop else "–",
        to_stop=held.to_stop,
        target=price(target) if target else "–",
        r=decimal(held.in_r, signed=True),
        mark="red" if held.cover.naked else "",
    )


def day_change(quote: Quote | None) -> Text:
    """Percent since the previous close."""
    if quote is None or not quote.prev_close:
        return Text("–", "mute")
    change = quote.ltp - quote.prev_close
    return Text(pct(change.share_of(quote.prev_close), signed=True), sign_tone(change))


def closed_row(closed: Closed) -> PositionRow:
    """A greyed row at the bottom."""
    words = f"closed {ist_time(closed.at)} {closed.plan.reason}".strip()
    row = _bare(closed.account, closed.result, mark="off", words=words)
    return replace(
        row,
        login=closed.login,
        product=closed.plan.product.value,
        symbol=closed.plan.symbol,
        instrument=closed.plan.symbol,
        qty="0",
    )


def total_row(result: Money) -> PositionRow:
    """The sum of what is open."""
    return _bare("Total", result, mark="tot")


def can_exit(held: Open) -> bool:
    """Whether a person may ask for this position to be sold."""
    return held.plan is not None and held.plan.status is PlanStatus.HOLDING


def _bare(account: str, result: Money, *, mark: RowMark, words: str = "") -> PositionRow:
    empty = dict.fromkeys(
        ("login", "product", "symbol", "instrument", "qty", "avg", "ltp", "day", "stop", "to_stop",
         "target", "r"), "",
    )  # fmt: skip
    return PositionRow(account=account, pnl=pnl(result), protected=words, mark=mark, **empty)
