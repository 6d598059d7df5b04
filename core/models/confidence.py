"""Why a prediction may be trusted or not: five grounds, each with the figure it comes from.

A ground is a number from 0 to 1 by the rule its function states; they are not multiplied into one
percentage, which would mean nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.research import Confidence, Ground
from core.domain.signal import MIN_CASES, Regime
from core.domain.words import counted, decimal, pct, qty
from core.models.calibrate import Bools, Curve, Places, by_block, fit_curve
from core.models.conformal import LEVEL, Coverage
from core.models.effective import effective
from core.models.samples import APART
from core.models.walk import Judged, Unseen
from core.panel import Floats

APART_AT_MOST = 0.15  # members that differ by so much agree in nothing
HALF_MISSING = 0.5  # share of features from which data are worth nothing
STALE_AT_MOST = 3  # sessions
ODD = 0.2  # what data unlike anything seen are worth at most
USUAL_CASES = 100  # like cases at which history counts one half
OFF_AT_MOST = 0.1  # a range that holds so much less or more than promised is worth nothing
SURE = 0.99  # of a regime; beyond it the figure would read as certain
UNPROVEN = 0.5  # what a record without skill is worth at most
Like = tuple[int, int, int | None]  # cases, hits, and how many independent ones they are worth
History = Mapping[str, Sequence[Sequence[int]]]  # by regime, for each bin: those of `Like`


@dataclass(frozen=True, slots=True)
class Inputs:
    """The share's data: missing features as a fraction, sessions its bars lag, its standing.

    `standing` runs from 0 to 1, None where prices were never checked; `novelty` says what is
    unlike anything seen, "" for nothing.
    """

    missing: float
    stale: int = 0
    standing: float | None = 1.0
    novelty: str = ""


def confidence_of(
    *,
    members: Sequence[float],
    inputs: Inputs,
    regime: Regime | None,
    regime_p: float | None,
    lasts: float | None,
    horizon: int,
    like: Like,
    coverage: Coverage | None,
    skilled: bool,
) -> Confidence:
    """All five grounds.

    Args:
        members: calibrated P(target first) of each member that counts.
        regime_p: filtered probability of the regime; None where a plain rule names it.
        lasts: sessions the regime lasts on average.
        horizon: sessions the prediction looks ahead.
        like: cases out of sample of the same regime and about the same probability, how many of
            them reached the target first, and how many independent ones they are worth.
        coverage: how ranges over the horizon held.
        skilled: whether the model has a vote.
    """
    return Confidence(
        agreement=agreement_of(members),
        data_quality=quality_of(inputs),
        regime_stability=stability_of(regime, regime_p, lasts, horizon=horizon),
        history=history_ground(*like, regime=regime),
        horizon=horizon_of(coverage, horizon=horizon, skilled=skilled),
    )


def agreement_of(members: Sequence[float]) -> Ground:
    """1 when all say the same, 0 when the highest is 15 points or more above the lowest.

    What each says is left out: without a vote no percentage is shown.
    """
    if len(members) < 2:
        return Ground(None, "one model speaks, so nothing can agree with it")
    low, high = min(members), max(members)
    score = max(0.0, 1.0 - (high - low) / APART_AT_MOST)
    apart = decimal(100.0 * (high - low), digits=1)
    return Ground(score, f"{len(members)} models lie {apart} points apart")


def quality_of(inputs: Inputs) -> Ground:
    """The least of: features there, bars up to date, standing of the prices; 0.2 for the odd."""
    scores = [
        max(0.0, 1.0 - inputs.missing / HALF_MISSING),
        max(0.0, 1.0 - inputs.stale / STALE_AT_MOST),
        *([] if inputs.standing is None else [inputs.standing]),
        *([ODD] if inputs.novelty else []),
    ]
    late = f"{counted(inputs.stale, 'session')} late" if inputs.stale else "up to date"
    checked = "never checked" if inputs.standing is None else f"score {100 * inputs.standing:.0f}"
    parts = [f"{pct(inputs.missing, digits=0)} of features missing", f"bars {late}"]
    parts += [f"prices {checked}", *([inputs.novelty] if inputs.novelty else [])]
    return Ground(min(scores), ", ".join(parts))


def stability_of(
    regime: Regime | None, p: float | None, lasts: float | None, *, horizon: int
) -> Ground:
    """P of the regime, times how much of the horizon it lasts on average, at most all of it."""
    if regime is None:
        return Ground(None, "the regime is not known")
    if p is None or lasts is None:
        return Ground(None, f"{regime.value} by a plain rule, which has no probability")
    score = min(1.0, max(0.0, p)) * min(1.0, lasts / horizon)
    likely = pct(p, digits=0) if p <= SURE else f"over {pct(SURE, digits=0)}"
    words = (
        f"{regime.value} is {likely} likely and lasts {decimal(lasts, digits=0)} "
        f"sessions on average; the prediction looks {horizon} ahead"
    )
    return Ground(score, words)


def history_ground(cases: int, hits: int, worth: int | None, *, regime: Regime | None) -> Ground:
    """Independent cases over those and a hundred; 0 below 30, where no percentage is shown."""
    where = f"in a {regime.value} market" if regime else "in any market"
    if cases < MIN_CASES:
        return Ground(0.0, f"{counted(cases, 'like case')} {where}, fewer than {MIN_CASES}")
    said = f"{qty(cases)} like cases {where}"
    if worth is None:
        return Ground(None, f"{said}, not told how many of them are independent; train again")
    if worth < MIN_CASES:
        return Ground(0.0, f"{said} go together as {qty(worth)} would, fewer than {MIN_CASES}")
    came = pct(hits / cases, digits=0)
    words = f"{said}, worth {qty(worth)} independent ones, target first in {came} of them"
    return Ground(worth / (worth + USUAL_CASES), words)


def horizon_of(coverage: Coverage | None, *, horizon: int, skilled: bool) -> Ground:
    """1 when ranges held what they promised, 0 from ten points away; halved without a vote."""
    if coverage is None or not coverage.n or math.isnan(coverage.inside):
        return Ground(None, f"nothing was measured over {counted(horizon, 'session')}")
    if coverage.n < MIN_CASES:
        few = f"{counted(coverage.n, 'independent case')}, fewer than {MIN_CASES}"
        over = counted(coverage.sessions, "session")
        return Ground(None, f"over {over} ranges were measured on {few}")
    score = max(0.0, 1.0 - abs(coverage.inside - LEVEL) / OFF_AT_MOST)
    skill = "the model beats its benchmarks" if skilled else "the model does not beat them all"
    words = (
        f"over {counted(coverage.sessions, 'session')} ranges held "
        f"{pct(coverage.inside, digits=0)} of moves, {pct(LEVEL, digits=0)} were promised; {skill}"
    )
    return Ground(score if skilled else score * UNPROVEN, words)


def evidence_of(
    by_kind: Mapping[str, Judged],
    unseen: Unseen,
    regimes: Sequence[Regime | None],
    curve: Curve,
) -> dict[str, Any]:
    """What confidence needs beside the members: their own curves, and the history of like cases.

    Args:
        by_kind: each member's judged cases; unseen: those of the pool, which `curve` calibrates.
    """
    own = {
        kind: fit_curve(
            one.cases.raw[:, 2],
            one.cases.outcome == 1,
            one.cases.session,
            apart=APART,
        ).to_json()
        for kind, one in by_kind.items()
    }
    p, hits = curve.apply(unseen.raw[:, 2]), unseen.outcome == 1
    return {"curves": own, "history": history_of(p, hits, unseen.session, regimes, curve)}


def history_of(
    p: Floats, hits: Bools, session: Places, regimes: Sequence[Regime | None], curve: Curve
) -> dict[str, list[list[int]]]:
    """Cases that do not overlap, their hits and what they are worth, by regime and bin of a curve.

    Args:
        p: calibrated probabilities, shape (n,); `hits` whether each came true.
        regimes: the regime after each session, as known at its close.
    """
    apart = session % APART == 0
    place = curve.bins(p[apart])
    said = np.array([_name(regimes[at]) for at in session[apart].tolist()])
    came, block = hits[apart], session[apart] // (2 * APART)
    found = {}
    for name in sorted(set(said.tolist())):
        here = said == name
        cases, true = by_block(place[here], came[here], block[here], bins=len(curve.edges))
        found[name] = [
            [int(many.sum()), int(some.sum()), int(min(effective(some, many), many.sum()))]
            for many, some in zip(cases.T, true.T, strict=True)
        ]
    return found


def like_cases(history: History, p: float, regime: Regime | None, curve: Curve) -> Like:
    """Cases of the same regime and bin; none where the regime never was."""
    rows = history.get(_name(regime))
    if rows is None:
        return 0, 0, 0
    cases, hits, *worth = rows[int(curve.bins(np.array([p]))[0])]
    return cases, hits, worth[0] if worth else None


def _name(regime: Regime | None) -> str:
    return "any" if regime is None else regime.value
