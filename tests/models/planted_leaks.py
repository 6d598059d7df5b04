"""Leaks made on purpose: each is a part that knows what it must not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from core.domain.action import Factor
from core.domain.calendar import Calendar
from core.domain.event import TaggedEvent
from core.domain.universe import Member, Universe
from core.features.compute import FeaturePanel
from core.features.cross import rank
from core.features.tilt import tilt
from core.features.wide import Wide, wide
from core.models import blend, conformal, leaks_parts, meta
from core.models.barriers import ROUND_TRIP, UNKNOWN, Labels, label
from core.models.calibrate import Bools, fit_curve
from core.models.cases import Sample, cases_where
from core.models.leaks import Columns
from core.models.lgbm import BOOSTED, TreeLearner
from core.models.logistic import Line, LogisticLearner, softmax_line, spread_of, standardised
from core.models.port import Fitted, Learner
from core.models.samples import APART, sample, usable
from core.models.taking_part import taking_part
from core.models.walk import SEED, Judged, Unseen, judge
from core.panel import Floats, Panel

HUNGRY = TreeLearner("lgbm", "trees that learn by heart", 20, {
    **BOOSTED, "min_data_in_leaf": 5, "num_leaves": 63, "learning_rate": 0.3})  # fmt: skip


def close_of(panel: Panel) -> Floats:
    """Closes in the share terms of the first session."""
    return panel.close / (panel.factor / panel.factor[:1])


def momentum(panel: Panel) -> Columns:
    """An honest column: the return of five sessions."""
    close = close_of(panel)
    out = np.full(close.shape, np.nan)
    out[5:] = close[5:] / close[:-5] - 1.0
    return {"momentum": out}


def centred(panel: Panel) -> Columns:
    """Close over an average of two sessions on either side."""
    close = close_of(panel)
    out = np.full(close.shape, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(close, 5, axis=0)
    out[2:-2] = close[2:-2] / windows.mean(axis=-1) - 1.0
    return {**momentum(panel), "centred": out}


def over_all(panel: Panel) -> Columns:
    """A return scaled by the mean and deviation of all sessions."""
    found = momentum(panel)["momentum"]
    return {"scaled": (found - np.nanmean(found)) / np.nanstd(found)}


def week_early(panel: Panel) -> Columns:
    """The return to the end of the running week."""
    close = close_of(panel)
    week = np.array([day.isocalendar()[:2] for day in panel.sessions])
    last = np.array([np.flatnonzero((week == one).all(axis=1))[-1] for one in week])
    return {"week": close[last] / close - 1.0}


def level(panel: Panel) -> Columns:
    """The price in the terms of the last session, which tells that a split will come."""
    return {"level": panel.adjusted().close}


def backfilled(panel: Panel) -> Columns:
    """A share's first close put on the sessions before it was listed."""
    close = close_of(panel).copy()
    for column in close.T:
        known = np.flatnonzero(~np.isnan(column))
        column[: known[0]] = column[known[0]]
    return {"close": close}


def dice(panel: Panel) -> Columns:
    """Other numbers each time."""
    return {"dice": np.random.default_rng().normal(size=panel.close.shape)}


def favourites(panel: Panel) -> Columns:
    """A share that did well, by its name."""
    chosen = np.array([isin == "INE003A00000" for isin in panel.isins], np.float64)
    return {"favourite": np.repeat(chosen[None], len(panel.sessions), axis=0)}


def rank_in_all(look: Any) -> Floats:
    """The place among all shares and all sessions."""
    found = rank(look.own("ret_20").reshape(1, -1)).reshape(look.none.shape)
    return np.asarray(found, np.float64)


RANKED: Wide = wide("rank_in_all", "against others", "rank", 21, rank_in_all, needs=("ret_20",))
TOMORROW: Wide = wide(
    "vix_change_1", "flows", "VIX of tomorrow", 1,
    lambda look: look.of("vix", lambda vix: np.append(vix[1:], np.nan)), beside="vix",
)  # fmt: skip


def scaled_on_all(one: Learner, features: FeaturePanel, labels: Labels, until: int) -> Fitted:
    """Mean and deviation of every row there is."""
    seen = sample(features, labels, until=until)
    rows = features.values.reshape(-1, len(features.names)).astype(np.float64)
    mean, spread = spread_of(rows)
    standard = standardised(seen.cases, mean, spread)
    return Line("all.json", mean, spread, *softmax_line(standard, seen.outcome, seen.weight, 0.02))


def selected_on_all(one: Learner, features: FeaturePanel, labels: Labels, until: int) -> Fitted:
    """The three columns that went best with every return there is."""
    here = usable(features, labels)
    rows = np.nan_to_num(features.values[here]).astype(np.float64)
    together = (rows - rows.mean(axis=0)).T @ labels.returns[here]
    fits = np.abs(together) / np.maximum(rows.std(axis=0), 1e-9)
    best = tuple(features.names[place] for place in np.argsort(fits)[-3:])
    chosen = LogisticLearner("three", "three columns", 0.02, only=best)
    return chosen.fit(sample(features, labels, until=until), seed=SEED)


def unpurged(features: FeaturePanel, labels: Labels, until: int) -> Bools:
    """Every labelled session before the fold."""
    chosen = usable(features, labels)
    chosen[until:] = False
    return chosen


def curves_of_all(unseen: Unseen) -> Judged:
    """Calibrated on the fold itself too."""
    found = judge(unseen)
    curve = fit_curve(unseen.raw[:, 2], unseen.outcome == 1, unseen.session, apart=APART)
    return replace(found, p=curve.apply(found.cases.raw[:, 2]))


def blended_by_all(
    unseen: Mapping[str, Unseen], judged: Mapping[str, Judged], regimes: Sequence[Any]
) -> tuple[Floats, blend.Blend]:
    """Exponents that lose least on every fold at once."""
    first = next(iter(unseen.values()))
    scores = [one.raw for one in unseen.values()]
    found = blend.Blend(tuple(unseen), "all", {"any": blend._stacked(scores, first.outcome)})
    return found.pooled(scores, [None] * len(first.outcome)), found


def right_by_all(rows: Floats, cases: Unseen) -> Floats:
    """Fitted on every signal there is."""
    paid = cases.returns > 0
    return meta._fitted(rows, paid, np.ones(len(rows))).predict_proba(rows)[:, 1]


def in_sample(
    features: FeaturePanel, labels: Labels, learners: Sequence[Learner]
) -> dict[str, Unseen]:
    """Folds scored by a model that learnt from all of them."""
    honest = leaks_parts.walk(features, labels, learners[:1])[learners[0].kind]
    every = usable(features, labels)
    cases = cases_where(features, every)
    outcome = labels.outcome[every]
    fitted = HUNGRY.fit(Sample(cases, outcome, np.ones(len(outcome))), seed=SEED)
    here = np.zeros(every.shape, bool)
    here[honest.session, honest.share] = True
    raw = fitted.scores(cases_where(features, here))
    return {one.kind: replace(honest, raw=raw) for one in learners}


def scaled_before_the_walk(
    features: FeaturePanel, labels: Labels, learners: Sequence[Learner]
) -> dict[str, Unseen]:
    """Every column scaled by all sessions, once, before anything is fitted."""
    known = features.values.reshape(-1, len(features.names))
    spread = np.maximum(np.nanstd(known, axis=0), 1e-6)
    scaled = (features.values - np.nanmean(known, axis=0)) / spread
    return leaks_parts.walk(replace(features, values=scaled), labels, learners)


def weighed_by_all(features: FeaturePanel, labels: Labels, until: int) -> Sample:
    """A rare outcome counts more, rare among all labels there are."""
    found = sample(features, labels, until=until)
    known = labels.outcome[labels.outcome != UNKNOWN]
    rare = {one: 1.0 / max(np.mean(known == one), 1e-6) for one in (-1, 0, 1)}
    return replace(found, weight=np.array([rare[int(one)] for one in found.outcome]))


def at_the_close(panel: Panel) -> Labels:
    """Entered at the close that formed the signal."""
    honest, prices = label(panel), panel.adjusted()
    out = honest.returns.copy()
    opens = np.vstack([prices.open[1:], np.full((1, len(panel.isins)), np.nan)])
    out = (out + ROUND_TRIP + 1.0) * opens / prices.close - 1.0 - ROUND_TRIP
    return replace(honest, returns=out)


def at_event_time(
    sessions: Sequence[date], isins: Sequence[str], tags: Sequence[TaggedEvent], rules: Calendar
) -> Floats:
    """News counts from three days before it was known, when it happened."""
    early = [replace(tag, known_at=tag.known_at - timedelta(days=3)) for tag in tags]
    return tilt(sessions, isins, early, rules)


def smoothed(panel: Panel) -> Floats:
    """Chances looked back at from five sessions later."""
    found = leaks_parts.chances(panel)
    later = np.vstack([found[5:], np.repeat(found[-1:], 5, axis=0)])
    return (found + later) / 2.0


def factors_of_hindsight(
    sessions: Sequence[date], columns: Mapping[str, int], factors: Any, as_of: date
) -> Floats:
    """Every factor there is, whenever it was known."""
    known: list[Factor] = list(factors)
    grid = np.ones((len(sessions), len(columns)))
    for one in known:
        grid[: sum(day < one.ex_date for day in sessions), columns[one.isin]] *= one.divisor
    return grid


def today_in_the_past(universe: Universe, day: date) -> tuple[Member, ...]:
    """Who belongs now."""
    return universe.now


def of_all_time(panel: Panel, most: int) -> Bools:
    """Those that trade most over the whole history, on every session."""
    middle = np.nan_to_num(np.nanmedian(panel.turnover, axis=0))
    found = np.zeros(panel.close.shape, np.bool_)
    found[:, np.argsort(-middle)[:most]] = True
    return found


def still_there(panel: Panel, most: int) -> Bools:
    """Those of the honest rule that trade on the last session."""
    return taking_part(panel, most=most) & ~np.isnan(panel.close[-1])


def ranges_of_all(judged: Judged, panel: Panel, atr: Floats) -> conformal.Ranges:
    """Held against the very moves they were made from."""
    honest = conformal.fit_ranges(judged, panel, atr)
    covered = []
    for place, one in enumerate(honest.coverage):
        moves = conformal.moves_in(panel, atr, one.sessions)
        here = moves[judged.cases.session, judged.cases.share]
        low, high = honest.lows[place], honest.highs[place]
        held = ((here >= low) & (here <= high))[~np.isnan(here)]
        wide = float((high - low) * atr.mean())
        covered.append(replace(one, inside=float(np.mean(held)), width=wide))
    return replace(honest, coverage=tuple(covered))
