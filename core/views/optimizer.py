"""Weights, the frontier and the trades to get there, rounded for the page."""

from __future__ import annotations

import json
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.optimize import Optimized, Point
from core.domain.account import Account
from core.domain.money import total
from core.domain.words import day, decimal, ist_stamp, pct, price, qty, rupees, short
from core.portfolio.optimize import Method
from core.store import accounts, instruments, mandates, watchlists
from core.store.codec import from_json
from core.views.job import newest_result
from core.views.shown import Figure, Meter, Text, count

METHODS = {
    Method.MIN_VARIANCE.value: "Least variance",
    Method.RISK_PARITY.value: "Equal risk from each share",
    Method.MAX_SHARPE.value: "Best mean for its volatility",
    Method.EQUAL.value: "Equal weights",
}
SYMBOLS_SHOWN = 20
ASSUMES = (
    "Means and covariances come from the past sessions named above, shrunk half way and a tenth "
    "of the way. Past means are a poor guide to later ones; volatility lasts longer. Nothing here "
    "is sent: the trades are a proposal, and cards and mandates stand."
)


@dataclass(frozen=True, slots=True)
class OptimizerForm:
    """First values of the form for one account."""

    accounts: tuple[tuple[str, str], ...]
    symbols: str
    weight_max: float
    sector_max: float
    invested: float
    not_ready: str


@dataclass(frozen=True, slots=True)
class WeightRow:
    """One share's weight, now and then."""

    symbol: Text
    sector: str
    before: str
    after: Text
    bar: Meter


@dataclass(frozen=True, slots=True)
class StepRow:
    """One trade of the way there."""

    side: Text
    symbol: Text
    qty: str
    price: str
    notional: str
    charges: str
    weights: str


@dataclass(frozen=True, slots=True)
class OptimizerView:
    """The newest answer."""

    title: str
    note: str
    figures: tuple[Figure, ...]
    weights: tuple[WeightRow, ...]
    weights_note: str
    steps: tuple[StepRow, ...]
    steps_note: str
    left_out: tuple[tuple[str, str], ...]
    frontier: tuple[Point, ...]
    shares: tuple[tuple[str, Point], ...]
    chosen: Point
    chosen_name: str


def optimizer_form(desk: Desk, *, account_id: str = "") -> OptimizerForm:
    """The accounts, and caps as the chosen account's mandate has them."""
    with desk.store.read() as tx:
        running = [one for one in accounts.accounts(tx) if one.closed_at is None]
        if not running:
            return OptimizerForm((), "", 0.1, 0.25, 0.95, "No account is open yet; the first "
                                 "start opens three.")  # fmt: skip
        chosen = next((one for one in running if one.id == account_id), running[0])
        rules = mandates.current(tx, chosen.id)
        lists = watchlists.all_watchlists(tx)
        names = {item.isin: item.symbol for item in instruments.all_instruments(tx)}
    listed = [names[isin] for isin in (lists[0].isins if lists else ()) if isin in names]
    return OptimizerForm(
        accounts=tuple((one.id, one.name) for one in running),
        symbols=", ".join(listed[:SYMBOLS_SHOWN]),
        weight_max=rules.position_weight_max,
        sector_max=rules.sector_weight_max,
        invested=rules.gross_exposure_max,
        not_ready="",
    )


def optimizer_view(desk: Desk) -> OptimizerView | None:
    """The newest answer, None before the first."""
    found = newest_result(desk, "optimize")
    if found is None:
        return None
    request, told = found
    made = from_json(Optimized, json.dumps(told))
    with desk.store.read() as tx:
        account: Account = accounts.by_id(tx, made.account_id)
    chosen = [row for row in made.weights if row.after > 0]
    top = max((row.after for row in chosen), default=1.0)
    sell, buy = [s for s in made.steps if s.qty < 0], [s for s in made.steps if s.qty > 0]
    ended = f" · {ist_stamp(request.ended_at)}" if request.ended_at else ""
    return OptimizerView(
        title=f"{METHODS.get(made.method, made.method)}, {account.name}",
        note=f"{made.sessions} sessions, {day(made.first)} to {day(made.last)}{ended}",
        figures=_figures(made, len(chosen)),
        weights=tuple(
            WeightRow(Text(row.symbol, bold=True), row.sector, pct(row.before, digits=1),
                      Text(pct(row.after, digits=1), bold=row.after > 0),
                      Meter(row.after / top, plain=True))
            for row in made.weights
        ),
        weights_note=f"{len(chosen)} shares of {len(made.weights)} · of equity",
        steps=tuple(
            StepRow(
                Text("SELL", "sell") if step.qty < 0 else Text("BUY", "buy"),
                Text(step.symbol, bold=True),
                qty(abs(step.qty)),
                price(step.price),
                rupees(step.notional, digits=0),
                rupees(step.charges),
                f"{pct(step.before, digits=1)} → {pct(step.after, digits=1)}",
            )
            for step in made.steps
        ),
        steps_note=f"{count(len(sell), 'sell')} {short(total(s.notional for s in sell))}, "
        f"{count(len(buy), 'buy')} "
        f"{short(total(s.notional for s in buy))} · whole shares",
        left_out=made.left_out,
        frontier=made.frontier,
        shares=tuple(zip(made.symbols, made.shares, strict=True)),
        chosen=made.chosen,
        chosen_name=METHODS.get(made.method, made.method),
    )  # fmt: skip


def _figures(made: Optimized, names: int) -> tuple[Figure, ...]:
    ratio = decimal(made.chosen.mean / made.chosen.vol) if made.chosen.vol > 0 else "–"
    cost = total(step.charges for step in made.steps)
    return (
        Figure("Volatility, past", pct(made.chosen.vol, digits=1), "per year"),
        Figure("Mean return, past", pct(made.chosen.mean, digits=1, signed=True),
               "per year, shrunk; not a forecast"),
        Figure("Mean over volatility", ratio, "no risk-free rate taken off"),
        Figure("Shares", str(names), f"of equity {short(made.equity)}"),
        Figure("Charges to get there", rupees(cost), f"{len(made.steps)} trades"),
    )  # fmt: skip
