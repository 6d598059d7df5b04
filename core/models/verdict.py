"""Whether out-of-sample probabilities mean what they say, judged against what chance alone gives.

Blocks of sessions are resampled, because labels of neighbouring sessions overlap and shares move
together: a year in which everything rose is few facts, however many cases it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.words import decimal
from core.models.calibrate import draws, widening
from core.models.scaling import Bools, Places, line_through, log_odds
from core.panel import Floats

BINS = 10
CHANCE = 95.0  # percentile of the error that chance gives
SURE = 0.975  # of Student's t, either side of a slope
SMALL = 0.01  # a mean distance below one percentage point changes no decision
BLOCK = 20  # sessions


@dataclass(frozen=True, slots=True)
class Verdict:
    """Said against came.

    `ece` is the mean distance over ten bins of equal count, `chance` what it stays under in 95 of
    100 draws where said and came agree. `slope` and `intercept` are of the line of what came over
    the log-odds of what was said: 1 and 0 when they agree, a slope below 1 when the spread was
    too wide, NaN where everybody was told the same; `slope_se` is its error over `blocks` blocks
    of sessions.
    """

    ece: float
    chance: float
    slope: float
    intercept: float
    slope_se: float
    blocks: int

    @property
    def calibrated(self) -> bool:
        """Whether error and slope are ones that chance gives, or the error too small to matter."""
        return self.flaw == ""

    @property
    def slope_reach(self) -> float:
        """Half the width of the slope's 95 % interval; NaN where there is none."""
        from scipy.special import stdtrit

        if self.blocks < 2:
            return float("nan")
        return float(stdtrit(self.blocks - 1, SURE)) * self.slope_se

    @property
    def flaw(self) -> str:
        """What is wrong with what was said, a clause; "" for odds that mean what they say."""
        if self.ece <= SMALL:
            return ""
        if self.ece > self.chance:
            return (
                f"said and came lie {points(self.ece)} points apart on average where chance gives "
                f"up to {points(self.chance)}"
            )
        off = self.slope - 1.0
        if not abs(off) > self.slope_reach:  # no slope, or no error of it, is no flaw
            return ""
        return (
            f"odds are told too {'far apart' if off < 0 else 'close together'}: what came has a "
            f"slope of {decimal(self.slope)} ± {decimal(self.slope_se)} over them and 1 is right"
        )


def verdict_of(p: Floats, hits: Bools, session: Places) -> Verdict:
    """Judge probabilities, shape (n,), by whether they came true; one block proves nothing."""
    odds = log_odds(p)
    slope, intercept = line_through(odds, hits)
    blocks, block = np.unique(session // BLOCK, return_inverse=True)
    place = equal_bins(p)
    cells = np.bincount(block * BINS + place, hits - p, len(blocks) * BINS)
    apart = cells.reshape(len(blocks), BINS)
    whole = apart.sum(axis=0)
    ece = float(np.abs(whole).sum() / len(p))
    if len(blocks) == 1:
        return Verdict(ece, 1.0, slope, intercept, float("nan"), 1)
    drawn = np.abs(draws(len(blocks), seed=BLOCK) @ apart - whole).sum(axis=1) / len(p)
    chance = widening(len(blocks)) * float(np.percentile(drawn, CHANCE))
    error = _slope_error(odds, hits, block, slope, intercept)
    return Verdict(ece, min(chance, 1.0), slope, intercept, error, len(blocks))


def _slope_error(odds: Floats, hits: Bools, block: Places, slope: float, intercept: float) -> float:
    """Standard error of a slope whose cases go together within blocks: the sandwich estimate."""
    from scipy.special import expit

    if np.isnan(slope):
        return float("nan")
    came = expit(intercept + slope * odds)
    about = odds - np.average(odds, weights=came * (1.0 - came))
    pull = np.bincount(block, about * (hits - came))
    curved = float((about**2 * came * (1.0 - came)).sum())
    count = len(pull)
    return float(np.sqrt((pull**2).sum() * count / (count - 1)) / curved)


def equal_bins(p: Floats) -> Places:
    """Which of ten bins of equal count each case falls in; equal values share one."""
    edges = np.unique(np.quantile(p, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, p, side="right").astype(np.int64)


def points(share: float) -> str:
    """A fraction in percentage points, one decimal."""
    return decimal(100.0 * share, digits=1)
