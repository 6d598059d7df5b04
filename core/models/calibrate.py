"""From raw scores to probabilities that mean what they say, as plain tables.

Out-of-fold scores are scaled as `core/models/scaling.py` chooses. Each bin of calibrated
probability then carries how many independent cases it was measured on and the interval of so many.
Labels of neighbouring sessions overlap and shares move together, so blocks of sessions say how many
those are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.signal import Probability
from core.models.effective import effective, wilson
from core.models.scaling import ISOTONIC, PLATT, Bools, Places, log_odds, scaling_of
from core.panel import Floats

__all__ = [
    "SKILL_LEVEL", "Bools", "Curve", "Places", "Skill", "curve_from", "fit_curve", "skill_of",
]  # fmt: skip

BINS = 10
RESAMPLES = 2000
Z_90 = 1.6448536269514722  # of the 90 % interval of a single probability
SKILL_LOW, SKILL_HIGH = 2.5, 97.5  # percentiles of the interval of skill
SKILL_LEVEL = (SKILL_HIGH - SKILL_LOW) / 100  # 95 %


@dataclass(frozen=True, slots=True)
class Curve:
    """Score to probability, linear between points; `edges` part the bins measured.

    Of each bin `said` is the mean probability and `rates` how often it came true. `how` says how
    the scores were scaled; `saved`, `saved_se` and `flat` are of `Scaling`.
    """

    scores: Floats
    probabilities: Floats
    edges: Floats
    said: Floats
    rates: Floats
    lows: Floats
    highs: Floats
    counts: Floats  # independent cases, whole numbers
    how: str = PLATT
    saved: float | None = None
    saved_se: float | None = None
    flat: str = ""

    def to_json(self) -> dict[str, Any]:
        """The curve as plain lists."""
        return {
            **{name: getattr(self, name).tolist() for name in ARRAYS},
            **{name: getattr(self, name) for name in ("how", "saved", "saved_se", "flat")},
        }

    @property
    def words(self) -> str:
        """How the scores were scaled, and why so."""
        if self.flat:
            return f"the base rate for everybody; {self.flat}"
        if self.saved is None or self.saved_se is None:
            return "Platt scaling; too few cases to try isotonic regression"
        figure = f"{abs(self.saved):.5f} ± {self.saved_se:.5f}"
        if self.how == ISOTONIC:
            return f"isotonic regression; it saves {figure} of log loss over Platt scaling"
        verb = "saves" if self.saved > 0 else "loses"
        return f"Platt scaling; isotonic regression {verb} {figure} of log loss on it"

    def apply(self, scores: Floats) -> Floats:
        """Calibrated probabilities."""
        return np.asarray(np.interp(scores, self.scores, self.probabilities), np.float64)

    def bins(self, p: Floats) -> Places:
        """Which of the bins measured each calibrated probability falls in."""
        return _bins(p, self.edges)

    def probability(self, p: float) -> Probability:
        """One calibrated probability with the interval and the count of its bin.

        A bin is measured at the mean of what it said. For another probability of the same bin the
        interval reaches as far beyond it, in log-odds, as the bin's reaches beyond that mean.
        """
        p = float(np.clip(p, 0.0, 1.0))
        place = int(self.bins(np.asarray([p]))[0])
        low, high = float(self.lows[place]), float(self.highs[place])
        ends = log_odds(np.array([p, self.said[place], low, high]))
        first, last = ends[2:] + ends[0] - ends[1]
        return Probability(
            p, min(low, p, chance_of(first)), max(high, p, chance_of(last)), int(self.counts[place])
        )


ARRAYS = ("scores", "probabilities", "edges", "said", "rates", "lows", "highs", "counts")


def curve_from(fields: dict[str, Any]) -> Curve:
    """A curve back from plain lists.

    One that does not say how was made by Platt scaling; one that lacks what its bins said is taken
    to have said what came.
    """
    fields = {"said": fields["rates"], **fields}
    return Curve(
        **{name: np.asarray(fields[name], np.float64) for name in ARRAYS},
        how=fields.get("how", PLATT),
        saved=fields.get("saved"),
        saved_se=fields.get("saved_se"),
        flat=fields.get("flat", ""),
    )


def fit_curve(scores: Floats, hits: Bools, sessions: Places, *, apart: int) -> Curve:
    """Scale the scores and measure the bins; scores that mislead all become the mean rate.

    Args:
        scores: raw out-of-fold scores, shape (n,).
        hits: whether it came true, shape (n,).
        sessions: session index of each case, shape (n,).
        apart: sessions after which two labels no longer overlap.
    """
    scaled = scaling_of(scores, hits, sessions, apart=apart)
    calibrated = np.interp(scores, scaled.scores, scaled.probabilities)
    edges = np.unique(np.quantile(calibrated, np.linspace(0, 1, BINS + 1))[:-1])
    places = _bins(calibrated, edges)
    cases, true = by_block(places, hits, sessions // (2 * apart), bins=len(edges))
    rates = true.sum(axis=0) / np.maximum(cases.sum(axis=0), 1)
    worth = np.array([effective(*both) for both in zip(true.T, cases.T, strict=True)])
    spans = [
        wilson(rate, n, z=Z_90) for rate, n in zip(rates.tolist(), worth.tolist(), strict=True)
    ]
    apart_only = np.bincount(places[sessions % apart == 0], minlength=len(edges))
    return Curve(
        scores=scaled.scores,
        probabilities=scaled.probabilities,
        edges=edges,
        said=np.bincount(places, calibrated, len(edges)) / np.maximum(cases.sum(axis=0), 1),
        rates=rates,
        lows=np.array([low for low, _ in spans]),
        highs=np.array([high for _, high in spans]),
        counts=np.floor(np.minimum(worth, apart_only)),
        how=scaled.how,
        saved=scaled.saved,
        saved_se=scaled.saved_se,
        flat=scaled.flat,
    )


@dataclass(frozen=True, slots=True)
class Skill:
    """Brier score against the base rate's, with a 95 % interval of 1 - brier / base.

    `n` counts cases whose labels do not overlap in time.
    """

    brier: float
    base: float
    skill: float
    low: float
    high: float
    base_rate: float
    n: int


def skill_of(
    p: Floats, base: Floats, hits: Bools, sessions: Places, *, apart: int, seed: int
) -> Skill:
    """Skill of probabilities over a base rate known beforehand; blocks of sessions resampled.

    The interval is widened as Student's t is over the normal for so many blocks, for a bootstrap
    of few blocks comes out too narrow; a single block gives -1 to 1.
    """
    blocks, block = np.unique(sessions // (2 * apart), return_inverse=True)
    ours = np.bincount(block, (p - hits) ** 2, len(blocks))
    theirs = np.bincount(block, (base - hits) ** 2, len(blocks))
    times = draws(len(blocks), seed=seed)
    drawn = 1.0 - (times @ ours) / np.maximum(times @ theirs, 1e-12)
    skill = float(1.0 - ours.sum() / max(theirs.sum(), 1e-12))
    low, high = (
        skill + widening(len(blocks)) * (np.percentile(drawn, at) - skill)
        for at in (SKILL_LOW, SKILL_HIGH)
    )
    return Skill(
        brier=float(ours.sum() / len(p)),
        base=float(theirs.sum() / len(p)),
        skill=skill,
        low=float(low) if len(blocks) > 1 else -1.0,
        high=float(high) if len(blocks) > 1 else 1.0,
        base_rate=float(np.mean(hits)),
        n=int((sessions % apart == 0).sum()),
    )


def widening(blocks: int, *, upper: float = SKILL_HIGH / 100) -> float:
    """How much wider than its bootstrap an interval over so few blocks is."""
    from scipy.special import ndtri, stdtrit

    if blocks < 2:
        return 1.0
    return float(stdtrit(blocks - 1, upper) / ndtri(upper) * np.sqrt(blocks / (blocks - 1)))


def chance_of(odds: float) -> float:
    """The probability of some log-odds."""
    return float(1.0 / (1.0 + np.exp(-odds)))


def _bins(p: Floats, edges: Floats) -> Places:
    return np.clip(np.searchsorted(edges, p, side="right") - 1, 0, len(edges) - 1)


def by_block(places: Places, hits: Bools, blocks: Places, *, bins: int) -> tuple[Floats, Floats]:
    """Cases and hits by block and bin, each of shape (n_blocks, n_bins)."""
    _, block = np.unique(blocks, return_inverse=True)
    shape = (int(block.max()) + 1, bins)
    cell = block * bins + places
    cases = np.bincount(cell, minlength=shape[0] * bins).astype(np.float64)
    true = np.bincount(cell, hits.astype(np.float64), shape[0] * bins).astype(np.float64)
    return cases.reshape(shape), true.reshape(shape)


def draws(count: int, *, seed: int) -> Floats:
    """How often each block is drawn, with replacement, in every resample."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(count, np.full(count, 1.0 / count), size=RESAMPLES).astype(np.float64)
