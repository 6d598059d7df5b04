"""Every signal's probability against what came of it, by model, strategy, regime, sector, mandate.

Traded, rejected and expired cards count alike. A card is a case once its time is over, for before
that only quick outcomes are known; a share is one case until it is over, however many cards were
written on it. A short sale has no stated probability, because a model's odds are those of a
purchase, and counts only in rupees.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.desk.scorecard import EXPIRED, NOT_SENT, REJECTED, TRADED, WAITING, Fate, cases
from core.domain.money import Money, total
from core.domain.order import Side
from core.models.effective import wilson

BY: Final[Mapping[str, Callable[[Fate], str]]] = {
    "model": lambda fate: fate.card.signal.model_version or "none",
    "strategy": lambda fate: fate.belief.strategy,
    "regime": lambda fate: fate.card.meta_label.regime.value,
    "sector": lambda fate: fate.card.sector or "not known",
    "mandate": lambda fate: f"{fate.card.account_name}, version {fate.card.mandate_version}",
}
ALL = "all"


@dataclass(frozen=True, slots=True)
class Rupees:
    """What trades of one fate left after charges: `n` are over, `left` is their sum.

    `size` is what they bought or sold to begin with, or would have.
    """

    n: int
    left: Money
    size: Money

    @property
    def mean(self) -> Money | None:
        """Of one card, None where none is over."""
        return Money(round(self.left.paise / self.n)) if self.n else None


@dataclass(frozen=True, slots=True)
class Score:
    """One group of cards.

    `cards` are all of them and `open` those the market has not answered. Of the `n` cases with a
    stated probability `said` is its mean and `came` how many reached the target first, whose
    share has the 95 % Wilson interval `low` to `high`. `brier` and `brier_base` are mean squared
    errors of the probability and of the base rate known then; with no case they are None.
    `voted` says of how many cases a model with a vote spoke.
    """

    key: str
    cards: int
    open: int
    n: int
    voted: int
    said: float | None
    came: int
    low: float
    high: float
    brier: float | None
    brier_base: float | None
    by_fate: Mapping[str, Rupees]

    @property
    def rate(self) -> float | None:
        """How often the target came first, a fraction."""
        return self.came / self.n if self.n else None

    @property
    def traded(self) -> Rupees:
        """What was traded."""
        return self.by_fate[TRADED]

    @property
    def untraded(self) -> Rupees:
        """What would have been left by those a person turned down, let expire or never sent."""
        found = [self.by_fate[fate] for fate in (REJECTED, EXPIRED, NOT_SENT)]
        return Rupees(
            sum(one.n for one in found),
            total(one.left for one in found),
            total(one.size for one in found),
        )


def scores(
    found: Sequence[Fate], *, by: str, early: Collection[str] = frozenset()
) -> tuple[Score, ...]:
    """All cards that are done with, then each group, the largest first.

    Args:
        by: a key of `BY`.
        early: cards that are no case yet, as `scorecard.unripe` gives them; they count in rupees.
    """
    done = [fate for fate in found if fate.what != WAITING]
    groups: dict[str, list[Fate]] = {}
    for fate in done:
        groups.setdefault(BY[by](fate), []).append(fate)
    rows = sorted(
        (_score(key, of, early) for key, of in groups.items()),
        key=lambda row: (-row.cards, row.key),
    )
    return (_score(ALL, done, early), *rows) if done else ()


def _score(key: str, found: Sequence[Fate], early: Collection[str]) -> Score:
    stated = {
        fate.belief.card_id: fate
        for fate in found
        if fate.card.side is Side.BUY
        and fate.card.signal.target_first.shown
        and fate.card.id not in early
    }
    beliefs = cases(fate.belief for fate in stated.values())
    hits = [belief.outcome == "target" for belief in beliefs]
    said = [belief.p_target for belief in beliefs]
    base = [stated[belief.card_id].card.signal.base_rate for belief in beliefs]
    low, high = wilson(sum(hits) / max(len(hits), 1), len(hits))
    return Score(
        key=key,
        cards=len(found),
        open=sum(not fate.is_over for fate in found),
        n=len(hits),
        voted=sum(belief.has_vote for belief in beliefs),
        said=sum(said) / len(said) if said else None,
        came=sum(hits),
        low=low,
        high=high,
        brier=_brier(said, hits),
        brier_base=_brier(base, hits),
        by_fate={
            what: _rupees([fate for fate in found if fate.what == what])
            for what in (TRADED, REJECTED, EXPIRED, NOT_SENT)
        },
    )


def _rupees(found: Sequence[Fate]) -> Rupees:
    over = [(fate, fate.left) for fate in found if fate.left is not None and not fate.again]
    return Rupees(
        len(over),
        total(left for _, left in over),
        total(fate.belief.entry * abs(fate.card.qty) for fate, _ in over),
    )


def _brier(said: Sequence[float], hits: Sequence[bool]) -> float | None:
    if not hits:
        return None
    return sum((p - hit) ** 2 for p, hit in zip(said, hits, strict=True)) / len(hits)
