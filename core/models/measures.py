"""What out-of-sample probabilities are worth, each figure with how sure it is.

All intervals resample or average blocks of sessions two labels long, because labels of
neighbouring sessions overlap. `n` counts cases whose labels do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.signal import Regime
from core.domain.words import pct
from core.models.calibrate import Bools, Places, Skill, by_block, skill_of
from core.models.effective import effective, wilson
from core.models.ranks import Daily, Figure, daily_of, mean_of
from core.models.samples import APART
from core.models.verdict import BINS, BLOCK, Verdict, equal_bins, verdict_of
from core.models.vote import no_vote, weaker
from core.models.walk import SEED, Judged
from core.panel import Floats, Panel

SUSPECT_IC, SUSPECT_ACCURACY = 0.08, 0.55  # over these a daily model is taken for a leak


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases of about the same probability: what was said, what came, and of how many."""

    said: float
    came: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Measures:
    """One model's out-of-sample record.

    `ic` is the rank correlation of P(target first) with the label's return across shares,
    `ic_next` with the next session's; `accuracy` is how often a share above the session's median
    probability beats the median share the next session. Who tells every share the same has ranked
    nobody: 0 and one half there. `top_rate` is how often the target came first among each
    session's top fifth. `sharpness` is the mean distance from the base rate.
    """

    skill: Skill
    skill_alike: Skill
    ic: Figure
    ic_next: Figure
    accuracy: Figure
    base_rate: float
    top_rate: float
    top_return: Figure
    sharpness: float
    verdict: Verdict
    bins: tuple[Bin, ...]
    n: int

    @property
    def ece(self) -> float:
        """Mean distance of said from come over ten bins of equal count."""
        return self.verdict.ece

    @property
    def calibrated(self) -> bool:
        """Whether said and came agree but for chance; a model that lies has no vote."""
        return self.verdict.calibrated

    @property
    def suspect(self) -> str:
        """Why these figures look like a leak, "" when they do not."""
        most = max((self.ic.value, self.ic_next.value), key=abs)
        if abs(most) > SUSPECT_IC:
            return f"rank IC {most:.3f} is over {SUSPECT_IC}"
        if self.accuracy.value > SUSPECT_ACCURACY:
            accuracy = pct(self.accuracy.value, digits=1)
            return f"next-day accuracy {accuracy} is over {pct(SUSPECT_ACCURACY)}"
        return ""

    @property
    def weaker(self) -> Skill:
        """Skill over the benchmark that is harder to beat; a vote needs both beaten."""
        return weaker(self.skill, self.skill_alike)

    @property
    def no_vote(self) -> str:
        """Why it has no vote on a real market, a clause; "" where it earned one."""
        return no_vote(self.weaker, self.verdict, suspect=self.suspect)


def measure(judged: Judged, panel: Panel, *, ranks: Floats | None = None) -> Measures:
    """All figures of some judged cases.

    Args:
        ranks: what shares are ranked by, shape (n,), NaN for not at all; P(target first) unless
            given.
    """
    return _measured(judged, _ranked(judged, panel, ranks), np.ones(len(judged.p), bool))


def measure_parts(
    judged: Judged,
    panel: Panel,
    regimes: Sequence[Regime | None],
    *,
    ranks: Floats | None = None,
) -> tuple[Measures, dict[int, Measures], dict[Regime, Measures]]:
    """All figures of the whole, of each calendar year and of each regime that was there.

    Args:
        regimes: the regime after each session, as known at its close.
        ranks: as `measure` takes them.
    """
    daily = _ranked(judged, panel, ranks)
    places = judged.cases.session.tolist()
    years = np.array([panel.sessions[place].year for place in places])
    order = list(Regime)
    said = np.array([-1 if (at := regimes[place]) is None else order.index(at) for place in places])
    return (
        _measured(judged, daily, np.ones(len(places), bool)),
        {int(year): _measured(judged, daily, years == year) for year in np.unique(years)},
        {
            regime: _measured(judged, daily, said == at)
            for at, regime in enumerate(order)
            if (said == at).any()
        },
    )


def _ranked(judged: Judged, panel: Panel, ranks: Floats | None) -> Daily:
    return daily_of(judged.cases, judged.p if ranks is None else ranks, panel)


def _measured(judged: Judged, daily: Daily, keep: Bools) -> Measures:
    """Figures of the cases to keep, which are all of some sessions."""
    cases, p, base = judged.cases.only(keep), judged.p[keep], judged.base[keep]
    hits, session = cases.outcome == 1, cases.session
    here = np.isin(daily.days, session)
    return Measures(
        skill=skill_of(p, base, hits, session, apart=APART, seed=SEED),
        skill_alike=skill_of(p, judged.alike[keep], hits, session, apart=APART, seed=SEED),
        ic=mean_of(daily.days[here], daily.ic[here]),
        ic_next=mean_of(daily.days[here], daily.ic_next[here]),
        accuracy=mean_of(daily.days[here], daily.accuracy[here]),
        base_rate=float(np.mean(hits)),
        top_rate=float(np.average(hits, weights=daily.top[keep])),
        top_return=mean_of(daily.days[here], daily.top_return[here]),
        sharpness=float(np.mean(np.abs(p - base))),
        verdict=verdict_of(p, hits, session),
        bins=reliability(p, hits, session),
        n=int((session % APART == 0).sum()),
    )


def calibration_error(p: Floats, hits: Bools) -> float:
    """Expected calibration error: mean distance of said from come over bins of equal count."""
    place = equal_bins(p)
    count = np.bincount(place, minlength=BINS)
    said, came = np.bincount(place, p, BINS), np.bincount(place, hits.astype(np.float64), BINS)
    return float(np.abs(said - came).sum() / max(count.sum(), 1))


def reliability(p: Floats, hits: Bools, session: Places) -> tuple[Bin, ...]:
    """Ten bins of equal count, each with a 95 % Wilson interval on its independent cases."""
    place = equal_bins(p)
    cases, true = by_block(place, hits, session // BLOCK, bins=int(place.max()) + 1)
    count = cases.sum(axis=0)
    said = np.bincount(place, p) / np.maximum(count, 1)
    apart = np.bincount(place[session % APART == 0], minlength=len(count))
    return tuple(
        _bin(float(said[one]), cases[:, one], true[:, one], most=int(apart[one]))
        for one in np.flatnonzero(count).tolist()
    )


def _bin(said: float, cases: Floats, true: Floats, *, most: int) -> Bin:
    """One bin from its cases by block; no more count than `most`, whose labels do not overlap."""
    came = float(true.sum() / cases.sum())
    worth = min(effective(true, cases), most)
    return Bin(said, came, *wilson(came, worth), int(worth))
