"""One backtest: the store's own bars and news played through the whole desk, and its figures.

It runs the engine of `core.backtest.replay`, which runs the desk's own code. The scratch store
stays in the desk's home under `backtests`, so that its audit chain can be read; the oldest go.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from core.backtest import replay
from core.desk.backtest import BOTH, BacktestResult, Trial, TrialTrade, check
from core.desk.desk import Desk
from core.desk.mandate import sign
from core.desk.trade_costs import trade_costs
from core.desk.train import train
from core.domain.account import Market
from core.domain.clock import ist_day
from core.domain.ledger import CASH
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill
from core.domain.plan import Plan, PlanStatus
from core.domain.risk import DESK
from core.panel import Floats, Panel
from core.store import (
    accounts,
    audit,
    bars,
    cards,
    events,
    factors,
    fills,
    instruments,
    ledger,
    mandates,
    plans,
    risk,
)
from core.treasury.pnl import charges_by_item

Progress = Callable[[float, str], None]
KEPT = 3  # scratch stores
EVERYTHING = 10**6
TRAINING = 0.3  # share of the bar that training takes


def backtest(
    desk: Desk,
    *,
    strategy: str,
    start: date,
    end: date,
    symbols: Sequence[str] = (),
    progress: Progress = lambda _share, _sentence: None,
) -> BacktestResult:
    """Train on what lies before `start`, then play each session; every card is approved.

    The mandates are those signed now, cut to one strategy unless both are asked for.

    Raises:
        BadInput, NotFound, OutsideCalendar: as `core.desk.backtest.check` says.
        NoData: too little history to train on.
    """
    trial = check(desk, strategy=strategy, start=start, end=end, symbols=symbols)
    progress(0.0, "reading bars and events")
    history = _history(desk, trial)
    folder = _fresh(desk.home / "backtests")
    with replay.opened(
        history, settings=desk.settings, calendar_start=trial.sessions[0], folder=folder
    ) as run:
        _take_mandates(desk, run.desk, strategy)
        money, exposure = [_capital(run.desk)], [0.0]
        train(run.desk, lambda share, sentence: progress(TRAINING * share, sentence))
        for number, session in enumerate(trial.sessions):
            share = TRAINING + (0.99 - TRAINING) * number / len(trial.sessions)
            progress(share, f"playing {session}, {number + 1} of {len(trial.sessions)}")
            replay.play_session(run, session, approver=replay.every_card)
            equity, gross = _standing(run.desk)
            money.append(equity)
            exposure.append(gross)
        with run.desk.store.read() as tx:
            audit.verify(tx)
        return _result(desk, trial, run, money=money, exposure=exposure, panel=history.panel)


def _history(desk: Desk, trial: Trial) -> replay.History:
    with desk.store.read() as tx:
        panel = bars.read_panel(tx, trial.isins or None, end=trial.sessions[-1])
        known = factors.all_factors(tx)
        listed = {item.isin: item for item in instruments.all_instruments(tx)}
        news = [event for event, _, _ in events.recent(tx, EVERYTHING)]
    asked = set(trial.isins)
    kept = [
        isin
        for isin in panel.isins
        if isin in listed and (isin in asked or (not asked and listed[isin].is_traded))
    ]
    return replay.History(
        instruments=tuple(listed[isin] for isin in kept),
        panel=panel.only(kept),
        events=tuple(
            event for event in reversed(news) if ist_day(event.known_at) <= trial.sessions[-1]
        ),
        factors=tuple(known),
    )


def _fresh(folder: Path) -> Path:
    """The next numbered folder; the oldest beyond KEPT are removed."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())
    for old in numbers[: max(0, len(numbers) - KEPT + 1)]:
        shutil.rmtree(folder / str(old))
    return folder / str((numbers[-1] if numbers else 0) + 1)


def _take_mandates(desk: Desk, scratch: Desk, strategy: str) -> None:
    """Sign the rules that stand now in the scratch store, cut to one strategy."""
    with scratch.store.read() as tx:
        opened = accounts.accounts(tx)
    with desk.store.read() as tx:
        known = {account.id for account in accounts.accounts(tx)}
        rules = [mandates.current(tx, one.id) for one in opened if one.id in known]
    for rule in rules:
        allowed = rule.strategies if strategy == BOTH else frozenset({strategy})
        sign(scratch, replace(rule, strategies=allowed), by="script:backtest")


def _capital(scratch: Desk) -> Money:
    with scratch.store.read() as tx:
        return total(ledger.balance(tx, one.id, CASH) for one in accounts.accounts(tx))


def _standing(scratch: Desk) -> tuple[Money, float]:
    """Equity of all accounts and gross exposure, as the risk loop last saw them."""
    with scratch.store.read() as tx:
        look = risk.latest(tx, DESK)
    return (ZERO, 0.0) if look is None else (look.equity, look.gross_exposure)


def _result(
    desk: Desk,
    trial: Trial,
    run: replay.Run,
    *,
    money: Sequence[Money],
    exposure: Sequence[float],
    panel: Panel,
) -> BacktestResult:
    with run.desk.store.read() as tx:
        moves = ledger.transactions(tx)
        made = sorted(plans.recent(tx, EVERYTHING), key=lambda plan: (plan.opened_at, plan.id))
        done = {plan.id: fills.of_plan(tx, plan.id) for plan in made}
        costs = trade_costs(done, moves)
        trades = [_trade(plan, done[plan.id], costs[plan.id]) for plan in made]
        off = ledger.trial_balance(tx)
        written = len(cards.recent(tx, EVERYTHING))
    model = run.research.version if run.research else None
    return BacktestResult(
        strategy=trial.strategy,
        days=trial.sessions,
        equity=tuple(money),
        market=tuple(_market(panel, trial.sessions)),
        exposure=tuple(round(one, 6) for one in exposure),
        trades=tuple(trade for trade in trades if trade is not None),
        shares=len(panel.isins),
        charges=total(charges_by_item(moves).values()),
        books_off=off,
        events_read=run.events_read,
        events_mapped=run.events_mapped,
        decided=run.decided,
        cards=written,
        approved=run.approved,
        model_version=model.version if model else "",
        model_votes=bool(model and model.has_vote),
        invented_prices=desk.market is Market.SIM,
    )


def _trade(plan: Plan, done: Sequence[Fill], cost: Money) -> TrialTrade | None:
    """One plan as a trade after its charges; None when nothing of it was filled."""
    bought = [fill for fill in done if fill.qty > 0]
    sold = [fill for fill in done if fill.qty < 0]
    if not bought:
        return None
    closed = plan.status is PlanStatus.CLOSED
    gross = total(fill.notional for fill in sold) - total(fill.notional for fill in bought)
    return TrialTrade(
        symbol=plan.symbol,
        account_id=plan.account_id,
        qty=sum(fill.qty for fill in bought),
        entered_at=bought[0].traded_at,
        entry=_mean_price(bought),
        left_at=sold[-1].traded_at if closed else None,
        exit=_mean_price(sold) if closed else None,
        charges=cost,
        pnl=gross - cost if closed else None,
        how=plan.reason if closed else "still open",
    )


def _mean_price(done: Sequence[Fill]) -> Money:
    shares = sum(abs(fill.qty) for fill in done)
    return Money(round(total(fill.notional for fill in done).paise / shares))


def _market(panel: Panel, sessions: Sequence[date]) -> list[float]:
    """Growth of one rupee held in equal parts of every share, set back to equal each session."""
    close: Floats = panel.adjusted().close
    rows = [panel.sessions.index(session) for session in sessions]
    growth, path = 1.0, [1.0]
    for row in rows:
        moves = close[row] / close[row - 1] - 1.0
        known = moves[np.isfinite(moves)]
        growth *= 1.0 + (float(known.mean()) if known.size else 0.0)
        path.append(round(growth, 6))
    return path
