"""A plain basket under a mandate's filters and sizes, carried over past sessions.

No strategy is played and nothing is foretold: it shows what prices alone did to money that was held
as the mandate allows. A share is chosen on what was known at that session's close and bought there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.order import Side
from core.panel import Floats

CHOSEN_EVERY: Final = 21  # sessions
TURNOVER_SESSIONS: Final = 20
SESSIONS_A_YEAR: Final = 252
MONTH_SESSIONS_MIN: Final = 10  # a shorter piece of a month is not counted as one
Charge = Callable[[int, Side, float, float], float]  # column, side, rupees, price: rupees


@dataclass(frozen=True, slots=True)
class Prices:
    """What the basket is chosen from; arrays of shape (n_sessions, n_shares), oldest first.

    `close` is in the last session's share terms, `turnover` in rupees as traded; NaN without a bar.
    `allowed` marks the shares whose sector, size and name the mandate lets in.
    """

    sessions: tuple[date, ...]
    close: Floats
    turnover: Floats
    sectors: tuple[str, ...]
    allowed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the basket, a simple return."""

    year: int
    month: int
    ret: float


@dataclass(frozen=True, slots=True)
class PastBasket:
    """How the basket went; fractions of the money at the start, falls zero or negative.

    `worst_from` is the peak before the worst fall and `worst_on` its bottom; `limit_on` is the
    first session on which the fall reached the mandate's own limit, None where it never did.
    `eligible` shares were let in at the start, `held` at most at once, each bought at `share`.
    """

    days: tuple[date, ...]
    worth: tuple[float, ...]
    eligible: int
    held: int
    share: float
    trades: int
    charges: float
    worst_fall: float
    worst_from: date
    worst_on: date
    limit_on: date | None
    worst_day: float
    days_over_limit: int
    vol: float
    months: tuple[Month, ...]

    @property
    def gain(self) -> float:
        """What came of the whole stretch, after charges."""
        return self.worth[-1] - 1.0

    @property
    def months_negative(self) -> int:
        """Months that lost."""
        return sum(one.ret < 0 for one in self.months)


@dataclass(slots=True)
class _Basket:
    """The money on its way: rupees in each share, rupees in cash, and what trading cost."""

    held: Floats
    cash: float
    charge: Charge
    paid: float = 0.0
    trades: int = 0
    most: int = 0

    @property
    def equity(self) -> float:
        return self.cash + float(self.held.sum())

    def sell(self, column: int, price: float) -> None:
        self._pay(column, Side.SELL, self.held[column], price)
        self.cash += self.held[column]
        self.held[column] = 0.0

    def buy(self, column: int, rupees: float, price: float) -> None:
        self._pay(column, Side.BUY, rupees, price)
        self.cash -= rupees
        self.held[column] = rupees
        self.most = max(self.most, int((self.held > 0).sum()))

    def _pay(self, column: int, side: Side, rupees: float, price: float) -> None:
        cost = self.charge(column, side, rupees, price)
        self.cash, self.paid, self.trades = self.cash - cost, self.paid + cost, self.trades + 1


def carry(prices: Prices, rules: Mandate, *, capital: Money, charge: Charge) -> PastBasket:
    """Hold the basket from the first session on which turnover is known to the last.

    Args:
        charge: what an order of so many rupees in a share costs.
    """
    first, start = TURNOVER_SESSIONS - 1, capital.paise / 100
    filled, share = _forward(prices.close), target_weight(rules, capital)
    basket = _Basket(np.zeros(filled.shape[1]), start, charge)
    worth, eligible = [1.0], len(_fit(prices, rules, first))
    for row in range(first, len(prices.sessions)):
        if row > first:
            basket.held *= filled[row] / filled[row - 1]
            worth.append(basket.equity / start)
        if (row - first) % CHOSEN_EVERY == 0 and row < len(prices.sessions) - 1:
            chosen = _chosen(_fit(prices, rules, row), prices.sectors, rules, share)
            _turn_over(basket, chosen, filled[row], share, ticket_min=rules.ticket_min.paise / 100)
    return _told(
        prices.sessions[first:], np.array(worth), rules,
        eligible=eligible, held=basket.most, share=share, trades=basket.trades,
        charges=basket.paid / start,
    )  # fmt: skip


def _turn_over(
    basket: _Basket, chosen: Sequence[int], price: Floats, share: float, *, ticket_min: float
) -> None:
    """Sell what is not chosen any more, then buy what is new; what stays is left as it is."""
    gone = [int(at) for at in np.flatnonzero(basket.held > 0) if at not in chosen]
    for column in gone:
        basket.sell(column, float(price[column]))
    for column in chosen:
        ticket = min(share * basket.equity, basket.cash)
        if basket.held[column] == 0 and ticket >= ticket_min:
            basket.buy(column, ticket, float(price[column]))


def target_weight(rules: Mandate, capital: Money) -> float:
    """What one share weighs when bought: an equal part within every cap on size."""
    free = max(0.0, 1.0 - rules.cash_floor.paise / capital.paise)
    whole = min(rules.gross_exposure_max, free)
    return min(rules.position_weight_max, whole / rules.positions_max)


def _forward(close: Floats) -> Floats:
    """Prices with a missing one standing as the last known; 1 before the first."""
    rows = np.where(np.isfinite(close), np.arange(len(close))[:, None], -1)
    last = np.maximum.accumulate(rows, axis=0)
    known = np.take_along_axis(close, np.maximum(last, 0), axis=0)
    return np.where(last < 0, 1.0, known)


def _fit(prices: Prices, rules: Mandate, row: int) -> list[int]:
    """Shares the mandate lets in on a session, the most traded first."""
    window = prices.turnover[row - TURNOVER_SESSIONS + 1 : row + 1]
    whole = np.isfinite(window).all(axis=0) & np.isfinite(prices.close[row])
    median = np.where(whole, np.median(np.nan_to_num(window), axis=0), 0.0)
    fit = prices.allowed & whole & (median >= rules.turnover_min.paise / 100)
    order = np.lexsort((np.arange(len(median)), -median))
    return [int(column) for column in order if fit[column]]


def _chosen(fit: Sequence[int], sectors: Sequence[str], rules: Mandate, share: float) -> list[int]:
    """The first of them that the number of positions and the sector cap leave room for."""
    room: dict[str, float] = {}
    chosen: list[int] = []
    for column in fit:
        if len(chosen) == rules.positions_max:
            break
        weight = room.get(sectors[column], 0.0) + share
        if weight <= rules.sector_weight_max + 1e-9:
            room[sectors[column]] = weight
            chosen.append(column)
    return chosen


def _told(
    days: tuple[date, ...],
    worth: Floats,
    rules: Mandate,
    *,
    eligible: int,
    held: int,
    share: float,
    trades: int,
    charges: float,
) -> PastBasket:
    falls = worth / np.maximum.accumulate(worth) - 1.0
    bottom = int(falls.argmin())
    moves = worth[1:] / worth[:-1] - 1.0
    reached = np.flatnonzero(falls <= -rules.drawdown_max)
    return PastBasket(
        days=days,
        worth=tuple(float(one) for one in worth),
        eligible=eligible,
        held=held,
        share=share,
        trades=trades,
        charges=charges,
        worst_fall=float(falls[bottom]),
        worst_from=days[int(worth[: bottom + 1].argmax())],
        worst_on=days[bottom],
        limit_on=days[int(reached[0])] if reached.size else None,
        worst_day=float(moves.min(initial=0.0)),
        days_over_limit=int((moves <= -rules.daily_loss_max).sum()),
        vol=float(np.sqrt(np.mean(moves**2) * SESSIONS_A_YEAR)),
        months=_months(days, worth),
    )


def _months(days: Sequence[date], worth: Floats) -> tuple[Month, ...]:
    """Calendar months, each from the last session before it to its own last."""
    ends = [at for at, (one, after) in enumerate(pairwise(days)) if one.month != after.month]
    ends = [*ends, len(days) - 1]
    made = []
    for before, end in pairwise([0, *ends]):
        if end - before >= MONTH_SESSIONS_MIN:
            ret = float(worth[end] / worth[before] - 1.0)
            made.append(Month(days[end].year, days[end].month, ret))
    return tuple(made)
