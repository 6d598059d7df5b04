"""The risk loop: mark every account each second, and stop what crosses a line.

It only ever makes a level stricter; letting go is a person's act.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlmodel import Session

from core.desk.books import Standing, farthest, standing
from core.desk.desk import Desk
from core.desk.kill import level_in_file, set_level
from core.desk.pnl_at import pnl_until, session_before
from core.desk.share_terms import prices_of
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.mandate import Mandate
from core.domain.money import Money, total
from core.domain.protection import Protection
from core.domain.quote import Quote
from core.domain.risk import DESK, KillLevel, RiskSnapshot
from core.panel import Floats
from core.risk.book import Line, combine, high_water, snapshot
from core.risk.levels import breaches, desk_breaches, stricter
from core.risk.volatility import ewma_vol
from core.store import (
    accounts,
    bars,
    instruments,
    kills,
    ledger,
    mandates,
    protections,
    settings,
)
from core.store import risk as risks
from core.treasury.pnl import Pnl

HALFLIFE = 10.0  # sessions
VOL_DAYS = 130  # calendar days of bars read for the book's volatility
VOL_NEEDED = 20


@dataclass(frozen=True, slots=True)
class Kept:
    """What the loop remembers of one scope: money in so far, and the peak."""

    funded: Money
    peak: Money

    def to_json(self) -> dict[str, Any]:
        """Plain values for the settings row."""
        return {
            "funded_paise": self.funded.paise,
            "peak_paise": self.peak.paise,
        }


@dataclass(frozen=True, slots=True)
class Look:
    """One account's snapshot with what is remembered for the next."""

    found: RiskSnapshot
    kept: Kept
    vol_usual: float


class Returns:
    """Daily returns of every share with bars, read once a session."""

    def __init__(self) -> None:
        self._key: tuple[str, date] | None = None
        self._columns: dict[str, Floats] = {}

    def of(self, tx: Session, *, today: date) -> Mapping[str, Floats]:
        """Returns up to the session before `today` by ISIN, oldest first."""
        key = (str(tx.get_bind().engine.url), today)
        if key != self._key or not self._columns:
            self._columns = _read(tx, today=today)
            self._key = key
        return self._columns


def _read(tx: Session, *, today: date) -> dict[str, Floats]:
    panel = bars.read_panel(
        tx, start=today - timedelta(days=VOL_DAYS), end=today - timedelta(days=1)
    )
    close = panel.adjusted().close
    if len(close) < 2:
        return {}
    returns = np.nan_to_num(close[1:] / close[:-1] - 1.0, nan=0.0)
    return {isin: returns[:, column] for column, isin in enumerate(panel.isins)}


RETURNS = Returns()


def watch(desk: Desk, *, returns: Returns = RETURNS) -> list[RiskSnapshot]:
    """One look at every account and the desk; stores snapshots and raises levels."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        held = [position.isin for position in ledger.positions(tx)]
        prices, listed = prices_of(tx, held), instruments.of(tx, held)
        running = [a.id for a in accounts.accounts(tx) if a.closed_at is None]
        ledger.read_ahead(tx, running)
        settings.read_ahead(tx, [_key(scope) for scope in (*running, DESK)])
        rules = mandates.of_accounts(tx, running)
        covers = protections.live(tx)
        before = pnl_until(tx, running, session_before(desk.calendar, ist_day(at)), prices)
        looks = [
            _look(desk, tx, name, prices, listed, covers, before[name], at=at, returns=returns)
            for name in running
        ]
        whole = _desk_look(desk, tx, looks, at=at)
    judged = [_with_breaches(look, rules[look.found.scope]) for look in looks]
    judged.append(_with_breaches(whole, None))
    with desk.store.write() as tx:
        kept = {_key(look.found.scope): look.kept.to_json() for look in (*looks, whole)}
        settings.put_all(tx, kept)
        risks.put_all(tx, judged)
    for found in judged:
        _raise_level(desk, found)
    return judged


def _look(
    desk: Desk,
    tx: Session,
    scope: str,
    prices: Mapping[str, Quote],
    listed: Mapping[str, Instrument],
    covers: Sequence[Protection],
    before: Pnl,
    *,
    at: datetime,
    returns: Returns,
) -> Look:
    now = standing(tx, scope, prices)
    kept = _remember(tx, scope, equity=now.equity, funded=now.paid_in)
    columns = returns.of(tx, today=ist_day(at)) if now.positions else {}
    book_returns = _book_returns(now, columns)
    enough = len(book_returns) >= VOL_NEEDED
    found = snapshot(
        scope=scope,
        at=at,
        lines=lines_of(now, listed, covers),
        cash=now.cash + now.reserved + now.owed,
        funded=now.paid_in,
        day_start=now.equity - (now.earned - before).net,
        peak=kept.peak,
        vol=ewma_vol(book_returns, HALFLIFE) if enough else 0.0,
        level=max(kills.level(tx, scope), level_in_file(desk.home)),
    )
    usual = float(np.sqrt(np.mean(book_returns**2) * 252)) if enough else math.nan
    return Look(found, kept, usual)


def lines_of(
    now: Standing, listed: Mapping[str, Instrument], covers: Sequence[Protection]
) -> list[Line]:
    """An account's positions with what covers them."""
    found = []
    for held in now.positions:
        mine = [c for c in covers if c.account_id == now.account_id and c.isin == held.isin]
        known = listed.get(held.isin)
        found.append(
            Line(
                isin=held.isin,
                symbol=known.symbol if known else held.isin,
                sector=known.sector if known else "Unknown",
                qty=held.qty,
                mark=now.marks.get(held.isin, held.avg_price),
                cost=held.cost,
                stop=farthest([cover.stop for cover in mine], qty=held.qty),
                covered=sum(cover.covers for cover in mine),
            )
        )
    return found


def _key(scope: str) -> str:
    return f"day:{scope}"


def _remember(tx: Session, scope: str, *, equity: Money, funded: Money) -> Kept:
    """Money in so far, and the highest equity as if it had been there from the start."""
    row = settings.get(tx, _key(scope), None)
    if row is None:
        return Kept(funded, equity)
    flow = funded - Money(int(row["funded_paise"]))
    return Kept(funded, high_water(Money(int(row["peak_paise"])), equity=equity, flow=flow))


def _book_returns(now: Standing, columns: Mapping[str, Floats]) -> Floats:
    """Returns the book of today would have had, as fractions of equity."""
    equity = now.equity
    parts = [
        columns[held.isin] * now.value(held).share_of(equity)
        for held in now.positions
        if held.isin in columns
    ]
    return np.sum(parts, axis=0) if parts else np.zeros(0)


def _desk_look(desk: Desk, tx: Session, looks: Sequence[Look], *, at: datetime) -> Look:
    equity = total(look.found.equity for look in looks)
    funded = total(look.kept.funded for look in looks)
    kept = _remember(tx, DESK, equity=equity, funded=funded)
    weights = [look.found.equity.share_of(equity) if equity else 0.0 for look in looks]
    vol = sum(w * look.found.vol for w, look in zip(weights, looks, strict=True))
    found = combine(
        [look.found for look in looks],
        at=at,
        peak=kept.peak,
        vol=vol,
        level=max(kills.level(tx, DESK), level_in_file(desk.home)),
    )
    usual = sum(
        w * look.vol_usual
        for w, look in zip(weights, looks, strict=True)
        if not math.isnan(look.vol_usual)
    )
    return Look(found, kept, usual or math.nan)


def _with_breaches(look: Look, mandate: Mandate | None) -> RiskSnapshot:
    vol = look.found.vol or math.nan
    crossed = (
        desk_breaches(look.found, vol_now=vol, vol_usual=look.vol_usual)
        if mandate is None
        else breaches(look.found, mandate, vol_now=vol, vol_usual=look.vol_usual)
    )
    return replace(look.found, breaches=crossed)


def _raise_level(desk: Desk, found: RiskSnapshot) -> None:
    wanted = stricter(found.level, found.breaches)
    if wanted > found.level and wanted < KillLevel.FLATTEN:
        why = "; ".join(b.sentence for b in found.breaches if b.level is wanted)
        set_level(desk, wanted, scope=found.scope, reason=why, by="risk loop")
