"""Choose weights for one account's shares, and the whole-share trades that would reach them.

Nothing is sent: the trades are a proposal to read. Caps come from the form, bans from the
account's mandate; every share that was left out is named with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from sqlmodel import Session

from core.desk.books import Standing, broker_of, kind_of, order_charges, standing
from core.desk.desk import Desk
from core.desk.jobs import ask
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.job import JobRequest
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.domain.quote import Quote
from core.errors import BadInput, NoData
from core.panel import Floats, Panel
from core.portfolio.optimize import Constraints, Method, Weights, frontier, optimize
from core.portfolio.trades import Trade, trades_to_reach
from core.store import accounts, bars, instruments, mandates, quotes

Progress = Callable[[float, str], None]
SHARES_MIN, SHARES_MAX = 2, 60
SESSIONS_MIN, SESSIONS_MAX = 60, 1250


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; caps and `invested` are fractions of equity."""

    account_id: str
    method: str
    symbols: tuple[str, ...]
    weight_max: float
    sector_max: float
    invested: float
    sessions: int


@dataclass(frozen=True, slots=True)
class Point:
    """A portfolio on the chart: mean and volatility per year, fractions."""

    vol: float
    mean: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """One share's weight now and then, fractions of equity."""

    isin: str
    symbol: str
    sector: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Step:
    """One trade to get there; `charges` is what it would cost."""

    symbol: str
    qty: int
    price: Money
    notional: Money
    charges: Money
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Optimized:
    """The answer, with the past it was worked out from; `shares` are the symbols by themselves."""

    account_id: str
    method: str
    first: date
    last: date
    sessions: int
    equity: Money
    chosen: Point
    frontier: tuple[Point, ...]
    symbols: tuple[str, ...]
    shares: tuple[Point, ...]
    weights: tuple[Weighed, ...]
    steps: tuple[Step, ...]
    left_out: tuple[tuple[str, str], ...]


def ask_optimize(desk: Desk, wish: Wish, *, by: str) -> JobRequest:
    """Ask the worker to optimize; what cannot be is refused here."""
    check(desk, wish)
    return ask(
        desk,
        "optimize",
        by=by,
        account_id=wish.account_id,
        method=wish.method,
        symbols=list(wish.symbols),
        weight_max=wish.weight_max,
        sector_max=wish.sector_max,
        invested=wish.invested,
        sessions=wish.sessions,
    )


def check(desk: Desk, wish: Wish) -> tuple[Instrument, ...]:
    """The shares asked for; raises BadInput or NotFound with the number that is wrong."""
    if wish.method not in list(Method):
        raise BadInput(f"{wish.method!r} is no method; use one of {', '.join(Method)}")
    for name, value in (
        ("one share", wish.weight_max),
        ("one sector", wish.sector_max),
        ("invested", wish.invested),
    ):
        if not 0.0 < value <= 1.0:
            raise BadInput(f"{name} {value:.1%} must be above 0% and at most 100%")
    if not SESSIONS_MIN <= wish.sessions <= SESSIONS_MAX:
        raise BadInput(
            f"{wish.sessions} sessions of past returns; use {SESSIONS_MIN} to {SESSIONS_MAX}"
        )
    with desk.store.read() as tx:
        accounts.by_id(tx, wish.account_id)
        found = [instruments.by_symbol(tx, symbol) for symbol in wish.symbols]
    chosen = tuple({item.isin: item for item in found}.values())
    if not SHARES_MIN <= len(chosen) <= SHARES_MAX:
        raise BadInput(
            f"{len(chosen)} shares to weigh; name {SHARES_MIN} to {SHARES_MAX} different ones"
        )
    return chosen


def run_optimize(
    desk: Desk, wish: Wish, progress: Progress = lambda _share, _sentence: None
) -> Optimized:
    """Weights, frontier and trades; raises NoData when too little history is left."""
    asked = check(desk, wish)
    progress(0.1, "reading bars and books")
    with desk.store.read() as tx:
        rules = mandates.current(tx, wish.account_id)
        prices = quotes.all_quotes(tx)
        now = standing(tx, wish.account_id, prices)
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        panel, left_out = _usable(tx, desk, asked, rules, prices, sessions=wish.sessions)
    shares = [listed[isin] for isin in panel.isins]
    returns = _returns(panel)
    limits = Constraints(
        weight_max=wish.weight_max,
        sector_max=wish.sector_max,
        sectors={item.isin: item.sector for item in shares},
        invested=wish.invested,
    )
    progress(0.3, f"weighing {len(shares)} shares by {wish.method.replace('_', ' ')}")
    found = optimize(panel.isins, returns, wish.method, limits)
    progress(0.6, "drawing the frontier")
    edge = frontier(panel.isins, returns, limits)
    progress(0.9, "working out the trades")
    return Optimized(
        account_id=wish.account_id,
        method=wish.method,
        first=panel.sessions[1],
        last=panel.sessions[-1],
        sessions=len(returns),
        equity=now.equity,
        chosen=_point(found),
        frontier=tuple(_point(one) for one in edge),
        symbols=tuple(item.symbol for item in shares),
        shares=_alone(returns),
        weights=_weighed(found, now, listed),
        steps=_steps(desk, wish.account_id, found, now, prices, listed),
        left_out=left_out,
    )


def _usable(
    tx: Session,
    desk: Desk,
    asked: Sequence[Instrument],
    rules: Mandate,
    prices: Mapping[str, Quote],
    *,
    sessions: int,
) -> tuple[Panel, tuple[tuple[str, str], ...]]:
    """Bars of the shares that may and can be weighed, and why the others are left out."""
    stored = [day for day in bars.sessions(tx) if day <= ist_day(desk.clock.now())]
    if len(stored) <= SESSIONS_MIN:
        raise NoData(f"weights need {SESSIONS_MIN} sessions of returns, stored are {len(stored)}")
    panel = bars.read_panel(tx, start=stored[-min(len(stored), sessions + 1)], end=stored[-1])
    known = set(panel.isins)
    complete = {
        isin: bool(np.isfinite(panel.close[:, place]).all())
        for place, isin in enumerate(panel.isins)
    }
    left_out, kept = [], []
    for item in asked:
        why = _banned(item, rules)
        if not why and (item.isin not in known or not complete[item.isin]):
            why = f"has gaps in the last {len(panel.sessions)} sessions"
        if not why and item.isin not in prices:
            why = "has no price yet"
        if why:
            left_out.append((item.symbol, why))
        else:
            kept.append(item.isin)
    if len(kept) < SHARES_MIN:
        raise NoData(
            f"{len(kept)} of {len(asked)} shares can be weighed and {SHARES_MIN} are needed: "
            + "; ".join(f"{symbol} {why}" for symbol, why in left_out[:3])
        )
    return panel.only(kept), tuple(left_out)


def _banned(item: Instrument, rules: Mandate) -> str:
    """Why a mandate keeps a share out; empty when it does not."""
    if item.isin in rules.isins_banned:
        return "is banned by the mandate"
    if item.sector in rules.sectors_banned:
        return f"is in {item.sector}, which the mandate bans"
    if item.cap_class not in rules.cap_classes:
        return f"is a {item.cap_class} cap, which the mandate does not allow"
    return ""


def _returns(panel: Panel) -> Floats:
    close = panel.adjusted().close
    returns: Floats = close[1:] / close[:-1] - 1.0
    return returns


def _point(found: Weights) -> Point:
    return Point(vol=round(found.vol, 6), mean=round(found.mean, 6))


def _alone(returns: Floats) -> tuple[Point, ...]:
    """Each share by itself, from its own past."""
    vol, mean = returns.std(axis=0) * np.sqrt(252), returns.mean(axis=0) * 252
    return tuple(
        Point(round(float(v), 6), round(float(m), 6)) for v, m in zip(vol, mean, strict=True)
    )


def _weighed(
    found: Weights, now: Standing, listed: Mapping[str, Instrument]
) -> tuple[Weighed, ...]:
    before = {held.isin: now.value(held).share_of(now.equity) for held in now.positions}
    after = dict(found.weights)
    rows = [
        Weighed(
            isin,
            listed[isin].symbol if isin in listed else isin,
            listed[isin].sector if isin in listed else "Unknown",
            round(before.get(isin, 0.0), 6),
            round(after.get(isin, 0.0), 6),
        )
        for isin in {*before, *after}
    ]
    return tuple(sorted(rows, key=lambda row: (-row.after, -row.before, row.symbol)))


def _steps(
    desk: Desk,
    account_id: str,
    found: Weights,
    now: Standing,
    prices: Mapping[str, Quote],
    listed: Mapping[str, Instrument],
) -> tuple[Step, ...]:
    wanted = {isin: weight for isin, weight in found.weights if weight > 0}
    held = {position.isin: position.qty for position in now.positions}
    marks = {isin: quote.ltp for isin, quote in prices.items()}
    steps = trades_to_reach(wanted, held, now.equity, marks)
    with desk.store.read() as tx:
        costs = [_cost(tx, desk, account_id, step, listed) for step in steps]
    return tuple(
        Step(
            symbol=listed[step.isin].symbol if step.isin in listed else step.isin,
            qty=step.qty,
            price=step.mark,
            notional=step.notional,
            charges=cost,
            before=round(step.weight_before, 6),
            after=round(step.weight_after, 6),
        )
        for step, cost in zip(steps, costs, strict=True)
    )


def _cost(
    tx: Session, desk: Desk, account_id: str, step: Trade, listed: Mapping[str, Instrument]
) -> Money:
    if not step.qty:
        return ZERO
    symbol = listed[step.isin].symbol if step.isin in listed else step.isin
    return order_charges(
        broker_of(tx, account_id),
        product=Product.CNC,
        side=Side.BUY if step.qty > 0 else Side.SELL,
        qty=abs(step.qty),
        price=step.mark,
        on=ist_day(desk.clock.now()),
        security=kind_of(step.isin, symbol),
    ).total
