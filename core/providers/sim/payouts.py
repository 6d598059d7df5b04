"""Corporate actions of the simulated companies: who splits, gives a bonus or pays, and when.

Each is announced on the newswire some sessions before its ex-date, so nothing comes unawares. A
split or bonus leaves raw prices in two terms; a dividend takes what it pays off the price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.domain.action import ActionKind
from core.providers.sim.streams import Floats, stream
from core.providers.sim.traits import Traits

QUIET_SESSIONS = 15  # from the first live one on, in which no share splits
DIVIDES_CHANCE = 0.05  # that a share splits or gives a bonus, a year
FINAL_CHANCE, INTERIM_CHANCE = 0.70, 0.30  # that it pays in summer, and in winter
FINAL_DAYS, INTERIM_DAYS = (150, 260), (15, 80)  # of the year
TOLD_BEFORE = (7, 16)  # sessions from the announcement to the ex-date
TOLD_AT = (56_700, 70_000)  # seconds after midnight, after the close
PRICE_AFTER_MIN, PRICE_BEFORE_MAX = 60.0, 25_000.0
# kind, new, old, divisor, face values of a split
SHAPES = (
    (ActionKind.BONUS, 1, 1, 2.0, ""),
    (ActionKind.BONUS, 1, 2, 1.5, ""),
    (ActionKind.SPLIT, 2, 1, 2.0, "From Rs 10/- Per Share To Rs 5/- Per Share"),
    (ActionKind.SPLIT, 5, 1, 5.0, "From Rs 10/- Per Share To Rs 2/- Per Share"),
    (ActionKind.SPLIT, 10, 1, 10.0, "From Rs 10/- Per Share To Re 1/- Per Share"),
)


@dataclass(frozen=True, slots=True)
class Payout:
    """One action: its ex-date's row, the row and second at which the wire tells it.

    `divisor` is 1 for a dividend, which pays `part` of the price as it stood when announced.
    """

    row: int
    column: int
    kind: ActionKind
    new: int
    old: int
    divisor: float
    part: float
    told_row: int
    second: int
    faces: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What actions do to raw prices, each of shape (n_sessions, n_instruments).

    `scale` multiplies a price in the terms of the session before the first live one into those
    of its own session; `paid` is the log fall of a dividend's ex-date.
    """

    scale: Floats
    paid: Floats


def payouts(
    sessions: Sequence[date], traits: Traits, *, first_live: int, seed: int
) -> tuple[Payout, ...]:
    """Every action of the simulated years, by ex-date and column."""
    days = np.array(sessions, dtype="datetime64[D]")
    years = range(sessions[0].year, sessions[-1].year + 1)
    found: list[Payout] = []
    for column, isin in enumerate(traits.isins):
        price, scale = float(traits.price[column]), 1.0
        for year in reversed(years):  # back in time, as raw prices of the past grow
            made = _of_year(stream(seed, "payouts", isin, str(year)), days, year, column)
            for one in made:
                before = price * scale * (one.divisor if one.row < first_live else 1.0)
                if one.divisor == 1.0:
                    found.append(one)
                elif _fits(one, before, first_live=first_live):
                    found.append(one)
                    scale *= one.divisor if one.row < first_live else 1.0
    return tuple(sorted(found, key=lambda one: (one.row, one.column, one.kind)))


def terms_of(found: Sequence[Payout], *, n_sessions: int, n_shares: int, first_live: int) -> Terms:
    """The actions as factors of each session's raw prices."""
    scale, paid = np.ones((n_sessions, n_shares)), np.zeros((n_sessions, n_shares))
    for one in (payout for payout in found if payout.row < n_sessions):
        if one.divisor == 1.0:
            paid[one.row, one.column] += -np.log1p(-one.part)
        elif one.row < first_live:
            scale[: one.row, one.column] *= one.divisor
        else:
            scale[one.row :, one.column] /= one.divisor
    return Terms(scale, paid)


def subject(payout: Payout, *, rupees: float) -> str:
    """The action as an exchange's list words it."""
    if payout.kind is ActionKind.BONUS:
        return f"Bonus {payout.new}:{payout.old}"
    if payout.kind is ActionKind.SPLIT:
        return f"Face Value Split (Sub-Division) - {payout.faces}"
    return f"Dividend - Rs {rupees:.2f} Per Share"


def _fits(one: Payout, before: float, *, first_live: int) -> bool:
    quiet = first_live <= one.row < first_live + QUIET_SESSIONS
    priced = before / one.divisor >= PRICE_AFTER_MIN and before <= PRICE_BEFORE_MAX
    return priced and not quiet


def _of_year(
    rng: np.random.Generator, days: np.ndarray[tuple[int, ...], np.dtype[np.datetime64]],
    year: int, column: int,
) -> list[Payout]:  # fmt: skip
    """One share's actions of one calendar year; ex-dates outside the sessions are dropped."""
    draws, places = rng.random(4), rng.random((3, 3))
    made: list[Payout] = []
    for chance, span, draw, place in (
        (FINAL_CHANCE, FINAL_DAYS, draws[0], places[0]),
        (INTERIM_CHANCE, INTERIM_DAYS, draws[1], places[1]),
        (DIVIDES_CHANCE, (1, 360), draws[2], places[2]),
    ):
        if draw >= chance:
            continue
        day = np.datetime64(f"{year}-01-01") + int(span[0] + place[0] * (span[1] - span[0]))
        row = int(np.searchsorted(days, day))
        told = row - int(TOLD_BEFORE[0] + place[1] * (TOLD_BEFORE[1] - TOLD_BEFORE[0]))
        if row >= len(days) or told < 0:
            continue
        second = int(TOLD_AT[0] + place[1] * (TOLD_AT[1] - TOLD_AT[0]))
        if chance != DIVIDES_CHANCE:
            part = 0.003 + 0.011 * float(place[2])
            made.append(Payout(row, column, ActionKind.DIVIDEND, 0, 0, 1.0, part, told, second))
            continue
        kind, new, old, divisor, faces = SHAPES[int(place[2] * len(SHAPES))]
        made.append(Payout(row, column, kind, new, old, divisor, 0.0, told, second, faces))
    return made
