"""A backtest's curves, trades and figures, and what its fills assume, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, pairwise
from statistics import fmean, pstdev

from core.desk.backtest import SESSIONS_MAX, BacktestResult, TrialTrade
from core.desk.desk import Desk
from core.desk.history import HISTORY_MIN
from core.domain.money import Money, total
from core.domain.signal import MIN_CASES
from core.domain.words import day, ist_stamp, pct, price, qty, rupees, short
from core.store import accounts, bars
from core.store.codec import from_json
from core.views.chart import Line
from core.views.job import newest_result
from core.views.shown import Figure, Text, Tone, pnl

SESSIONS_A_YEAR = 252
FORM_SESSIONS = 20

ASSUMES = (
    "Daily bars do not say in which order their prices came. The walk goes open, low, high, "
    "close, so a stop is met before a target on the same day.",
    "Buys pay one tick above the last price; 2 % of the day's volume is visible on each side, "
    "and larger orders fill in parts.",
    "Every card is approved at once by a script; a person is slower and says no sometimes.",
    "Brokerage, STT, stamp duty, exchange and DP charges are taken by the dated schedule; "
    "income tax is not.",
    "The model is trained once, on what lies before the first session, and not again.",
    "Only shares listed in the store today are played, so those that vanished are missing.",
)
INVENTED = (
    "The prices and news are invented by the simulator: this shows how the desk works, and "
    "nothing about a real market."
)


@dataclass(frozen=True, slots=True)
class TradeRow:
    """One trade; P&L is after charges."""

    symbol: Text
    account: str
    qty: str
    entered: str
    entry: str
    left: str
    exit: str
    charges: str
    pnl: Text
    how: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class FormView:
    """The form's first values and its limits; `ready` says why nothing can be run yet."""

    start: date
    end: date
    first: date
    last: date
    note: str
    not_ready: str


@dataclass(frozen=True, slots=True)
class BacktestView:
    """The newest finished run."""

    title: str
    note: str
    warning: str
    figures: tuple[Figure, ...]
    days: tuple[date, ...]
    equity: tuple[Line, ...]
    drawdown: tuple[Line, ...]
    trades: tuple[TradeRow, ...]
    trades_note: str
    counts: tuple[tuple[str, str], ...]


def form_view(desk: Desk) -> FormView:
    """The latest sessions that have enough history before them."""
    with desk.store.read() as tx:
        stored = bars.sessions(tx)
    if len(stored) <= HISTORY_MIN:
        today = desk.calendar.last
        need = f"{len(stored)} sessions are stored and {HISTORY_MIN} must lie before the first one."
        return FormView(today, today, today, today, "", f"{need} The first start makes them.")
    runnable = stored[HISTORY_MIN:]
    first = runnable[-min(FORM_SESSIONS, len(runnable))]
    return FormView(
        start=first,
        end=runnable[-1],
        first=runnable[0],
        last=runnable[-1],
        note=f"{day(runnable[0])} to {day(runnable[-1])} can be run, {SESSIONS_MAX} sessions at "
        "most; about 20 take a few minutes.",
        not_ready="",
    )


def backtest_view(desk: Desk) -> BacktestView | None:
    """The newest run that ended well, None before the first."""
    found = newest_result(desk, "backtest")
    if found is None:
        return None
    request, told = found
    result = from_json(BacktestResult, json.dumps(told))
    closed = [trade for trade in result.trades if trade.pnl is not None]
    with desk.store.read() as tx:
        names = {one.id: one.name for one in accounts.accounts(tx)}
    sessions = len(result.days)
    ended = f"ended {ist_stamp(request.ended_at)}" if request.ended_at else ""
    return BacktestView(
        title=f"{strategy_word(result.strategy)}, {day(result.days[0])} to {day(result.days[-1])}",
        note=f"{sessions} sessions · {result.shares} shares · {ended}",
        warning=INVENTED if result.invented_prices else "",
        figures=_figures(result, closed),
        days=(result.days[0], *result.days),
        equity=(
            Line("Desk", _growth(result.equity)),
            Line("All shares, equal parts", tuple((m - 1) * 100 for m in result.market)),
        ),
        drawdown=(Line("Drawdown", tuple(100 * one for one in drawdowns(result.equity))),),
        trades=tuple(_trade_row(trade, names) for trade in reversed(result.trades)),
        trades_note=f"{len(closed)} closed · {len(result.trades) - len(closed)} still open",
        counts=_counts(result),
    )


def drawdowns(equity: Sequence[Money]) -> tuple[float, ...]:
    """How far below its highest point so far each point lies: zero or negative fractions."""
    peaks = accumulate(equity, max)
    return tuple((now - peak).share_of(peak) for now, peak in zip(equity, peaks, strict=True))


def returns(equity: Sequence[Money]) -> list[float]:
    """Session returns as fractions."""
    return [(after - before).share_of(before) for before, after in pairwise(equity)]


def _figures(result: BacktestResult, closed: Sequence[TrialTrade]) -> tuple[Figure, ...]:
    earned = result.equity[-1] - result.equity[0]
    made = earned.share_of(result.equity[0])
    market = result.market[-1] - 1
    worst = min(drawdowns(result.equity))
    tone: Tone = "gain" if made > 0 else "loss" if made < 0 else "mute"
    return (
        Figure("Return, after charges", pct(made, signed=True),
               f"{rupees(earned, signed=True, digits=0)} on {short(result.equity[0])}", tone),
        Figure("All shares, equal parts", pct(market, signed=True), "same sessions, no charges"),
        Figure("Worst drawdown", pct(worst), "from the highest session end"),
        Figure("Volatility", _vol(result.equity), "per year, from session ends"),
        Figure("Trades that earned", _wins(closed), f"n {len(closed)} closed"),
        Figure("Mean exposure", pct(fmean(result.exposure[1:]), digits=1), "of equity"),
        Figure("Charges", rupees(result.charges, digits=0), f"{len(result.trades)} trades"),
    )  # fmt: skip


def _vol(equity: Sequence[Money]) -> str:
    moves = returns(equity)
    if len(moves) < MIN_CASES:
        return f"too few, n {len(moves)}"
    return pct(pstdev(moves) * SESSIONS_A_YEAR**0.5, digits=1)


def _wins(closed: Sequence[TrialTrade]) -> str:
    if len(closed) < MIN_CASES:
        return f"too few, n {len(closed)}"
    won = sum(trade.pnl is not None and trade.pnl.paise > 0 for trade in closed)
    return pct(won / len(closed), digits=0)


def _growth(equity: Sequence[Money]) -> tuple[float, ...]:
    return tuple(100 * (now - equity[0]).share_of(equity[0]) for now in equity)


def _counts(result: BacktestResult) -> tuple[tuple[str, str], ...]:
    gains = total(t.pnl for t in result.trades if t.pnl is not None)
    vote = "votes" if result.model_votes else "no vote, edge not measured"
    return (
        ("News read", f"{qty(result.events_read)}, {qty(result.events_mapped)} name a share"),
        ("Decisions", qty(result.decided)),
        ("Cards", f"{qty(result.cards)}, {qty(result.approved)} approved"),
        ("Closed trades, after charges", rupees(gains, signed=True)),
        ("Model", f"{result.model_version or 'none'}, {vote}"),
        ("Books sum to", rupees(result.books_off)),
        ("Audit chain", "clean"),
    )


def _trade_row(trade: TrialTrade, names: Mapping[str, str]) -> TradeRow:
    return TradeRow(
        symbol=Text(trade.symbol, bold=True),
        account=names.get(trade.account_id, trade.account_id),
        qty=qty(trade.qty),
        entered=ist_stamp(trade.entered_at),
        entry=price(trade.entry),
        left=ist_stamp(trade.left_at) if trade.left_at else "–",
        exit=price(trade.exit) if trade.exit else "–",
        charges=rupees(trade.charges),
        pnl=pnl(trade.pnl) if trade.pnl is not None else Text("open", "mute"),
        how=trade.how,
        mark="" if trade.pnl is not None else "off",
    )


def strategy_word(name: str) -> str:
    """A strategy as a person chooses it."""
    return "Both strategies" if name == "both" else name.capitalize()
