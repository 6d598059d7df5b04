"""The newswire before it is worded: who, when, which way, and what it really does to the price.

An item jumps the price when it comes out and lets it drift for ten sessions after; both are in
units of the share's own volatility a session. Some items mislead: the words lean one way and
the drift goes the other. Times of day are seconds after midnight in India.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.domain.event import EventType, Stance
from core.providers.sim.streams import Floats, stream
from core.providers.sim.traits import Traits

DRIFT_SESSIONS = 10
MISLEADING = 0.12
MOVERS_MIN, MOVERS_MORE = 4, 2.5  # a session, outside results: at least, and on average beside
ROUTINE_LIVE = (16, 34)
ROUTINE_PAST = 3  # an archive that nobody prunes would only slow the first start

E = EventType
# Chance of each kind among price-moving items outside results, and chance that it is good news.
KINDS: tuple[tuple[EventType, float, float], ...] = (
    (E.ORDER_WIN, 0.27, 1.00),
    (E.RATING, 0.15, 0.50),
    (E.REGULATORY, 0.13, 0.25),
    (E.GUIDANCE, 0.10, 0.50),
    (E.ACQUISITION, 0.09, 0.75),
    (E.LITIGATION, 0.07, 0.15),
    (E.MANAGEMENT, 0.06, 0.25),
    (E.BUYBACK, 0.05, 1.00),
    (E.EXPANSION, 0.05, 1.00),
    (E.PLEDGE, 0.03, 0.30),
)
OPENERS: tuple[EventType, ...] = (E.ORDER_WIN, E.RATING, E.ORDER_WIN, E.BUYBACK, E.EXPANSION)
INSTEAD = {E.ORDER_WIN: E.GUIDANCE, E.EXPANSION: E.RATING}
ROUTINE_KINDS = (E.ROUTINE, E.ROUTINE, E.ROUTINE, E.ROUTINE, E.DIVIDEND)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the wire; `jump` and `drift` are log returns in units of a session's vol."""

    row: int
    column: int
    second: int
    kind: EventType
    stance: Stance
    strong: bool
    jump: float
    drift: float
    words: int

    @property
    def moves(self) -> bool:
        """Whether the price notices."""
        return self.jump != 0.0 or self.drift != 0.0


def items_of(
    day: date,
    *,
    row: int,
    traits: Traits,
    results: Sequence[int],
    live: bool,
    seed: int,
    openers: Sequence[int] | None = None,
) -> list[Item]:
    """One session's items, oldest first.

    Args:
        day: the session; its date alone, with the seed, decides the numbers.
        row: where the session stands in the simulated market.
        results: columns of the companies that publish results that day.
        live: a live session opens with a strong item and carries routine ones.
        openers: columns that open the very first live session with good news.
    """
    rng = stream(seed, "news", day.isoformat())
    chances = traits.news_weight / traits.news_weight.sum()
    n_movers = MOVERS_MIN + int(rng.poisson(MOVERS_MORE))
    found = [_result(rng, row=row, column=column) for column in results]
    found += [_mover(rng, row=row, chances=chances, traits=traits) for _ in range(n_movers)]
    if openers:
        found = [item for item in found if item.column not in openers]
        found += _opening_round(rng, row=row, columns=openers, traits=traits)
    elif live:
        found.append(_first_of_the_day(rng, row=row, traits=traits))
    n_routine = int(rng.integers(*ROUTINE_LIVE)) if live else ROUTINE_PAST
    found += [_routine(rng, row=row, n=len(traits.isins)) for _ in range(n_routine)]
    return sorted(found, key=lambda item: (item.second, item.column, item.words))


def fitting(kind: EventType, *, takes_orders: bool) -> EventType:
    """The kind of news a company has: a bank wins no contracts and builds no plants."""
    return kind if takes_orders else INSTEAD.get(kind, kind)


def effects(item: Item) -> Floats:
    """The drift of the item's session and of the ten after it, fading; they sum to `drift`."""
    weights = np.linspace(1.0, 0.45, DRIFT_SESSIONS + 1)
    weights[0] *= left_of_session(item.second)
    return np.asarray(item.drift * weights / weights.sum())


def left_of_session(second: int) -> float:
    """The part of an ordinary session (09:15 to 15:30) still to come, 0 to 1."""
    return float(np.clip((55_800 - second) / 22_500, 0.0, 1.0))


def _move(rng: np.random.Generator, *, stance: Stance, strong: bool) -> tuple[float, float]:
    size = float(rng.uniform(0.8, 1.2)) * (1.0 if strong else 0.45)
    misleads = rng.random() < MISLEADING
    drift = -0.5 if misleads else 1.15
    return 1.15 * size * int(stance), drift * size * int(stance)


def _item(
    rng: np.random.Generator,
    *,
    row: int,
    column: int,
    second: int,
    kind: EventType,
    stance: Stance,
    strong: bool,
) -> Item:
    jump, drift = (
        (0.0, 0.0) if stance is Stance.NEUTRAL else _move(rng, stance=stance, strong=strong)
    )
    words = int(rng.integers(1 << 40))
    return Item(row, column, second, kind, stance, strong, jump, drift, words)


def _result(rng: np.random.Generator, *, row: int, column: int) -> Item:
    draw = rng.random()
    stance = Stance.POSITIVE if draw < 0.4 else Stance.NEGATIVE if draw < 0.7 else Stance.NEUTRAL
    during = rng.random() < 0.4
    second = int(rng.integers(45_000, 54_900) if during else rng.integers(56_700, 73_800))
    strong = stance is not Stance.NEUTRAL and bool(rng.random() < 0.6)
    return _item(
        rng, row=row, column=column, second=second, kind=E.RESULTS, stance=stance, strong=strong
    )


def _mover(rng: np.random.Generator, *, row: int, chances: Floats, traits: Traits) -> Item:
    column = int(rng.choice(len(chances), p=chances))
    kind, _, good = KINDS[int(rng.choice(len(KINDS), p=[chance for _, chance, _ in KINDS]))]
    stance = Stance.POSITIVE if rng.random() < good else Stance.NEGATIVE
    strong = bool(rng.random() < 0.5)
    return _item(
        rng,
        row=row,
        column=column,
        second=_moment(rng),
        kind=fitting(kind, takes_orders=bool(traits.takes_orders[column])),
        stance=stance,
        strong=strong,
    )


def _moment(rng: np.random.Generator) -> int:
    """Two thirds in the session, more at both its ends; the rest before it and in the evening."""
    draw = rng.random()
    if draw < 0.12:
        return int(rng.integers(27_000, 33_000))
    if draw < 0.80:
        return int(33_300 + 22_500 * rng.beta(0.75, 0.85))
    return int(rng.integers(55_900, 75_600))


def _routine(rng: np.random.Generator, *, row: int, n: int) -> Item:
    kind = ROUTINE_KINDS[int(rng.integers(len(ROUTINE_KINDS)))]
    column, second = int(rng.integers(n)), _moment(rng)
    return _item(
        rng,
        row=row,
        column=column,
        second=second,
        kind=kind,
        stance=Stance.NEUTRAL,
        strong=False,
    )


def _first_of_the_day(rng: np.random.Generator, *, row: int, traits: Traits) -> Item:
    liquid = np.argsort(-traits.turnover)[: max(1, len(traits.isins) // 4)]
    column, second = int(rng.choice(liquid)), 33_300 + int(rng.integers(15, 75))
    good = bool(rng.random() < 0.75)
    return _item(
        rng,
        row=row,
        column=column,
        second=second,
        kind=fitting(
            E.ORDER_WIN if good else E.REGULATORY, takes_orders=bool(traits.takes_orders[column])
        ),
        stance=Stance.POSITIVE if good else Stance.NEGATIVE,
        strong=True,
    )


def _opening_round(
    rng: np.random.Generator, *, row: int, columns: Sequence[int], traits: Traits
) -> list[Item]:
    """Good, strong and honest news for the first two minutes a newcomer sees."""
    return [
        Item(
            row=row,
            column=column,
            second=33_300 + 14 + 26 * place + int(rng.integers(0, 10)),
            kind=fitting(
                OPENERS[place % len(OPENERS)], takes_orders=bool(traits.takes_orders[column])
            ),
            stance=Stance.POSITIVE,
            strong=True,
            jump=0.9,
            drift=2.0,
            words=int(rng.integers(1 << 40)),
        )
        for place, column in enumerate(columns)
    ]
