"""What a mandate keeps an account out of, before anything is ranked or sized.

Each filter is a row of `FILTERS`. Of several that turn a share down the first is counted, so that
the counts add up to what was looked at. The guardrails hold the same rules again at the card and
at the send; a filter only keeps a place of the account's few from being wasted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.domain.candidate import Book
from core.domain.mandate import Holding, Mandate
from core.domain.money import Money
from core.domain.quality import FLOOR
from core.domain.words import counted, decimal, short
from core.mandates.guardrails import SESSIONS_A_MONTH
from core.mandates.later import and_later
from core.mandates.slate import CAP_CLASSES, Marks, Slate


@dataclass(frozen=True, slots=True)
class Standing:
    """One account as the filters see it.

    `waiting` are shares with an open card, which the book counts as if they were filled; `left` are
    sessions since the last exit of a share.
    """

    mandate: Mandate
    book: Book
    waiting: frozenset[str] = frozenset()
    left: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Filter:
    """A rule: which shares it turns down, and why in words for one of them."""

    name: str
    refuses: Callable[[Slate, Standing], Marks | bool]
    words: Callable[[Slate, Standing, int], str]


@dataclass(frozen=True, slots=True)
class Filtered:
    """`first` is the place in `FILTERS` of what turned each share down, -1 for one that is kept."""

    first: NDArray[np.int8]

    @property
    def kept(self) -> NDArray[np.intp]:
        """Places of the shares that pass, in the slate's order."""
        return np.flatnonzero(self.first < 0)

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many shares each filter turned down, in the order of the filters."""
        found = np.bincount(self.first[self.first >= 0], minlength=len(FILTERS))
        return tuple((FILTERS[at].name, int(n)) for at, n in enumerate(found) if n)

    def turned_down(self, name: str) -> NDArray[np.intp]:
        """Places of the shares one filter turned down."""
        return np.flatnonzero(self.first == NAMES.index(name))


def filtered(slate: Slate, standing: Standing) -> Filtered:
    """Run every filter over a slate for one account."""
    first = np.full(len(slate), -1, dtype=np.int8)
    for at, rule in enumerate(FILTERS):
        no = rule.refuses(slate, standing)
        if isinstance(no, bool):
            if no:
                first[first < 0] = at
        else:
            first[no & (first < 0)] = at
    return Filtered(first)


def why(slate: Slate, standing: Standing, found: Filtered, place: int) -> str:
    """Why one share was turned down, one sentence; empty for one that is kept."""
    at = int(found.first[place])
    return FILTERS[at].words(slate, standing, place) if at >= 0 else ""


def _full(_: Slate, one: Standing) -> bool:
    return len(one.book.held) >= one.mandate.positions_max


def _no_cash(_: Slate, one: Standing) -> bool:
    return one.book.cash_free - one.mandate.cash_floor < one.mandate.ticket_min


def _is_held(slate: Slate, one: Standing) -> Marks:
    return slate.marks(one.book.held)


def _cools(slate: Slate, one: Standing) -> Marks | bool:
    wait = one.mandate.cooling_off_sessions
    return slate.marks({isin for isin, ago in one.left.items() if ago < wait}) if wait else False


def _banned_sector(slate: Slate, one: Standing) -> Marks | bool:
    if not one.mandate.sectors_banned:
        return False
    names, of = slate.sectors
    return np.array([name in one.mandate.sectors_banned for name in names], dtype=bool)[of]


def _size(slate: Slate, one: Standing) -> Marks:
    allowed = np.array([size in one.mandate.cap_classes for size in CAP_CLASSES], dtype=bool)
    return np.asarray(~allowed[slate.sizes])


def _watched(slate: Slate, one: Standing) -> Marks:
    out = ~slate.unwatched
    return out | slate.on_asm if one.mandate.holding is Holding.DAY else out


def _way(slate: Slate, one: Standing) -> bool:
    m = one.mandate
    return slate.direction < 0 and not (m.shorts and m.holding is Holding.DAY)


def _horizon(slate: Slate, one: Standing) -> bool:
    m = one.mandate
    nights = m.holding is Holding.NIGHTS
    return nights and slate.horizon_sessions > m.horizon_months * SESSIONS_A_MONTH


def _near_results(slate: Slate, one: Standing) -> Marks | bool:
    window = one.mandate.earnings_blackout_sessions
    return slate.to_results <= window if window else False


def _symbol(slate: Slate, place: int) -> str:
    return slate.shares[place].symbol


def _rupees(amount: float) -> str:
    return short(Money.rupees(str(round(float(amount), 2)))) if np.isfinite(amount) else "nothing"


FILTERS: tuple[Filter, ...] = (
    Filter("No free place", _full,
           lambda s, a, i: f"Open positions: {len(a.book.held)} of at most "
           f"{a.mandate.positions_max}{', waiting cards among them' if a.waiting else ''}."),
    Filter("No cash for a ticket", _no_cash,
           lambda s, a, i: f"{short(a.book.cash_free)} is free"
           f"{' beside what waiting cards would take' if a.waiting else ''} and "
           f"{short(a.mandate.cash_floor)} "
           f"must stay; the smallest ticket is {short(a.mandate.ticket_min)}."
           f"{and_later(a.book)}"),
    Filter("Direction", _way,
           lambda s, a, i: "The signal points down and the mandate sells nothing short."),
    Filter("Strategy", lambda s, a: s.strategy not in a.mandate.strategies,
           lambda s, a, i: f"{s.strategy.capitalize()} is not a strategy of this mandate."),
    Filter("Horizon", _horizon,
           lambda s, a, i: f"It is held up to {counted(s.horizon_sessions, 'session')} and the "
           f"mandate's horizon is {counted(a.mandate.horizon_months, 'month')}."),
    Filter("Card waits", lambda s, a: s.marks(a.waiting),
           lambda s, a, i: f"A card for {_symbol(s, i)} waits for a yes or for its send."),
    Filter("Already held", _is_held,
           lambda s, a, i: f"The account holds or is buying {_symbol(s, i)}."),
    Filter("Cooling off", _cools,
           lambda s, a, i: f"The account left {_symbol(s, i)} "
           f"{counted(a.left[s.isins[i]], 'session')} ago and waits "
           f"{a.mandate.cooling_off_sessions}."),
    Filter("Traded universe", lambda s, a: ~s.is_traded,
           lambda s, a, i: f"{_symbol(s, i)} is in no traded universe."),
    Filter("Banned name", lambda s, a: s.marks(a.mandate.isins_banned),
           lambda s, a, i: f"{_symbol(s, i)} is banned by the mandate."),
    Filter("Banned sector", _banned_sector,
           lambda s, a, i: f"{s.shares[i].sector} is banned by the mandate."),
    Filter("Size class", _size,
           lambda s, a, i: f"{_symbol(s, i)} is {s.shares[i].size_words}; the mandate takes "
           f"{', '.join(sorted(a.mandate.cap_classes))}."),
    Filter("Series", lambda s, a: ~s.in_series,
           lambda s, a, i: f"{_symbol(s, i)} trades in series {s.shares[i].series}; only EQ is "
           "bought."),
    Filter("Surveillance", _watched,
           lambda s, a, i: f"{_symbol(s, i)} stands on the {s.shares[i].surveillance} list."),
    Filter("History", lambda s, a: ~np.isfinite(s.vol),
           lambda s, a, i: f"{_symbol(s, i)} has too few sessions of prices to be sized."),
    Filter("Turnover", lambda s, a: ~(s.turnover >= float(a.mandate.turnover_min.in_rupees)),
           lambda s, a, i: f"A median day of {_symbol(s, i)} trades {_rupees(s.turnover[i])}; the "
           f"mandate asks for {short(a.mandate.turnover_min)}."),
    Filter("Data quality", lambda s, a: ~(s.quality >= FLOOR),
           lambda s, a, i: f"Prices of {_symbol(s, i)} score "
           f"{decimal(float(s.quality[i]), digits=0)}, the floor is {FLOOR}."),
    Filter("Earnings window", _near_results,
           lambda s, a, i: f"{_symbol(s, i)} reports in {int(s.to_results[i])} sessions; no entry "
           f"within {a.mandate.earnings_blackout_sessions}."),
    Filter("Ex-date", lambda s, a: s.to_ex_date <= s.horizon_sessions,
           lambda s, a, i: f"{_symbol(s, i)} goes ex in {int(s.to_ex_date[i])} sessions, within "
           f"the {s.horizon_sessions} it may be held."),
)  # fmt: skip
NAMES = tuple(rule.name for rule in FILTERS)
