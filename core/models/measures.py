"""What out-of-sample probabilities are worth, each figure with how sure it is.

All intervals resample or average blocks of sessions two labels long, because labels of
neighbouring sessions overlap. `n` counts cases whose labels do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.signal import Regime
from core.models.calibrate import Bools, Places, Skill, skill_of
from core.models.samples import APART
from core.models.verdict import BINS, Verdict, equal_bins, verdict_of
from core.models.walk import SEED, Judged
from core.panel import Floats, Panel

BLOCK = 2 * APART  # sessions
TOP = 0.2  # share of a session's cases that counts as what the model would buy
FEW = 5  # shares a session needs before ranks mean something
SUSPECT_IC, SUSPECT_ACCURACY = 0.08, 0.55  # over these a daily model is taken for a leak


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean with its standard error over blocks of sessions, and how many blocks."""

    value: float
    se: float
    blocks: int


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
    probability beats the median share the next session. `top_rate` is how often the target came
    first among each session's top fifth. `sharpness` is the mean distance from the base rate.
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
            return f"next-day accuracy {self.accuracy.value:.1%} is over {SUSPECT_ACCURACY:.0%}"
        return ""


def measure(judged: Judged, panel: Panel) -> Measures:
    """All figures of some judged cases."""
    return _measured(judged, _daily(judged, panel), np.ones(len(judged.p), bool))


def measure_parts(
    judged: Judged, panel: Panel, regimes: Sequence[Regime | None]
) -> tuple[Measures, dict[int, Measures], dict[Regime, Measures]]:
    """All figures of the whole, of each calendar year and of each regime that was there.

    Args:
        regimes: the regime after each session, as known at its close.
    """
    daily = _daily(judged, panel)
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


@dataclass(frozen=True, slots=True)
class _Daily:
    """Figures of one session each, shape (n_sessions,), and which cases are among its top."""

    days: Places
    ic: Floats
    ic_next: Floats
    accuracy: Floats
    top_return: Floats
    top: Bools


def _daily(judged: Judged, panel: Panel) -> _Daily:
    cases, p = judged.cases, judged.p
    ahead = next_returns(panel)[cases.session, cases.share]
    top = _top(p, cases.session)
    days, cuts = _sessions(cases.session)
    return _Daily(
        days,
        ic=np.array([rank_correlation(p[at], cases.returns[at]) for at in cuts]),
        ic_next=np.array([rank_correlation(p[at], ahead[at]) for at in cuts]),
        accuracy=np.array([_agreeing(p[at], ahead[at]) for at in cuts]),
        top_return=np.array([np.mean(cases.returns[at][top[at]]) for at in cuts]),
        top=top,
    )


def _measured(judged: Judged, daily: _Daily, keep: Bools) -> Measures:
    """Figures of the cases to keep, which are all of some sessions."""
    cases, p, base = judged.cases.only(keep), judged.p[keep], judged.base[keep]
    hits, session = cases.outcome == 1, cases.session
    here = np.isin(daily.days, session)
    return Measures(
        skill=skill_of(p, base, hits, session, apart=APART, seed=SEED),
        skill_alike=skill_of(p, judged.alike[keep], hits, session, apart=APART, seed=SEED),
        ic=_mean(daily.days[here], daily.ic[here]),
        ic_next=_mean(daily.days[here], daily.ic_next[here]),
        accuracy=_mean(daily.days[here], daily.accuracy[here]),
        base_rate=float(np.mean(hits)),
        top_rate=float(np.mean(hits[daily.top[keep]])),
        top_return=_mean(daily.days[here], daily.top_return[here]),
        sharpness=float(np.mean(np.abs(p - base))),
        verdict=verdict_of(p, hits, session),
        bins=reliability(p, hits, session),
        n=int((session % APART == 0).sum()),
    )


def next_returns(panel: Panel) -> Floats:
    """Close to the next session's close, a fraction; NaN where either is missing."""
    close = panel.adjusted().close
    out = np.full(close.shape, np.nan)
    out[:-1] = close[1:] / close[:-1] - 1.0
    return out


def rank_correlation(said: Floats, came: Floats) -> float:
    """Spearman's, ties at their mean rank; NaN for fewer than five or for no spread."""
    from scipy.stats import rankdata

    known = ~np.isnan(came) & ~np.isnan(said)
    if known.sum() < FEW:
        return float("nan")
    first, second = rankdata(said[known]), rankdata(came[known])
    if first.std() == 0 or second.std() == 0:
        return float("nan")
    return float(np.corrcoef(first, second)[0, 1])


def by_session(session: Places, figure: Callable[[Places], float]) -> Figure:
    """A figure's mean over sessions, its standard error from blocks of sessions.

    Args:
        session: session index of each case, shape (n,).
        figure: the figure of the cases of one session, given their places; NaN for none.
    """
    days, cuts = _sessions(session)
    return _mean(days, np.array([figure(at) for at in cuts]))


def _mean(days: Places, values: Floats) -> Figure:
    known = ~np.isnan(values)
    if not known.any():
        return Figure(float("nan"), float("nan"), 0)
    _, block = np.unique(days[known] // BLOCK, return_inverse=True)
    means = np.bincount(block, values[known]) / np.bincount(block)
    se = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else float("nan")
    return Figure(float(values[known].mean()), se, len(means))


def _sessions(session: Places) -> tuple[Places, list[Places]]:
    """The sessions there are, and the places of each one's cases."""
    days, counts = np.unique(session, return_counts=True)
    return days, np.split(np.argsort(session, kind="stable"), np.cumsum(counts)[:-1])


def calibration_error(p: Floats, hits: Bools) -> float:
    """Expected calibration error: mean distance of said from come over bins of equal count."""
    place = equal_bins(p)
    count = np.bincount(place, minlength=BINS)
    said, came = np.bincount(place, p, BINS), np.bincount(place, hits.astype(np.float64), BINS)
    return float(np.abs(said - came).sum() / max(count.sum(), 1))


def reliability(p: Floats, hits: Bools, session: Places) -> tuple[Bin, ...]:
    """Ten bins of equal count, each with a 95 % Wilson interval on cases that do not overlap."""
    place = equal_bins(p)
    apart = session % APART == 0
    return tuple(
        _bin(p[place == one], hits[place == one], int((apart & (place == one)).sum()))
        for one in np.unique(place).tolist()
    )


def _bin(p: Floats, hits: Bools, n: int) -> Bin:
    from scipy.stats import binomtest

    came = float(np.mean(hits))
    if n == 0:
        return Bin(float(np.mean(p)), came, 0.0, 1.0, 0)
    span = binomtest(round(came * n), n).proportion_ci(method="wilson")
    return Bin(float(np.mean(p)), came, float(span.low), float(span.high), n)


def _top(p: Floats, session: Places) -> Bools:
    """Each session's top fifth by probability, at least one case."""
    top = np.zeros(len(p), bool)
    for at in _sessions(session)[1]:
        best = at[np.argsort(-p[at], kind="stable")]
        top[best[: max(1, int(TOP * len(at)))]] = True
    return top


def _agreeing(said: Floats, came: Floats) -> float:
    """How often a case above or below the median said is above or below the median come."""
    known = ~np.isnan(came)
    if known.sum() < FEW:
        return float("nan")
    over, beat = said[known] - np.median(said[known]), came[known] - np.median(came[known])
    counted = (over != 0) & (beat != 0)
    if not counted.any():
        return float("nan")
    return float(np.mean((over[counted] > 0) == (beat[counted] > 0)))
