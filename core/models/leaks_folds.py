"""Leak tests of learning: what is fitted for a fold knows nothing of that fold or later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.domain.signal import Regime
from core.features.compute import FeaturePanel
from core.features.regime import regimes
from core.models.barriers import UNKNOWN, Labels
from core.models.calibrate import Bools
from core.models.cases import cases_where
from core.models.conformal import HORIZONS
from core.models.leaks import Finding, Subject, leak, not_asked, passed
from core.models.leaks_parts import FEW
from core.models.meta import SCORES
from core.models.samples import APART
from core.models.walk import FOLDS, Unseen
from core.panel import Floats

NOTHING = 1e-9
HELD = 5  # sessions of the range that is looked at
WILD = 6.0  # times the usual moves


def scaler(subject: Subject) -> Finding:
    """Means and deviations of a fold come from what was learnt from."""
    start = subject.bounds[-2]
    values = subject.features.values.copy()
    values[start:] = values[start:] * 3.0 + 7.0
    return _refitted(
        "scaler", subject, replace(subject.features, values=values), subject.labels,
        what="values of the block to be scored", start=start,
    )  # fmt: skip


def selector(subject: Subject) -> Finding:
    """Columns are chosen, and words put into numbers, from what was learnt from."""
    start, rng = subject.bounds[-2], np.random.default_rng(3)
    values = subject.features.values.copy()
    kept = [place for place, name in enumerate(subject.features.names) if name != "ret_60"]
    values[start:, :, kept] = values[start:][:, :, rng.permutation(kept)]
    labels = _turned(subject.labels, from_session=start)
    return _refitted(
        "selector", subject, replace(subject.features, values=values), labels,
        what="outcomes and columns of the block to be scored", start=start,
    )  # fmt: skip


def _refitted(
    name: str, subject: Subject, other: FeaturePanel, labels: Labels, *, what: str, start: int
) -> Finding:
    """Fit twice and score what was learnt from: a later block may change nothing."""
    before = np.zeros(subject.labels.outcome.shape, np.bool_)
    before[: start - APART] = ~np.isnan(subject.features.column("ret_60")[: start - APART])
    moved: dict[str, float] = {}
    for one in subject.parts.learners:
        first = subject.parts.fit(one, subject.features, subject.labels, start)
        second = subject.parts.fit(one, other, labels, start)
        there = first.scores(cases_where(subject.features, before))
        moved[one.words] = float(np.abs(there - second.scores(cases_where(other, before))).max())
    worst = max(moved, key=lambda kind: moved[kind])
    if moved[worst] > NOTHING:
        return leak(name, f"{worst} changes what it says of the past by up to {moved[worst]:.3f} "
                    f"when {what} change", moved[worst])  # fmt: skip
    return passed(name, f"{len(moved)} models say the same of the past whatever the {what}", 0.0)


def _turned(labels: Labels, *, from_session: int) -> Labels:
    """Every outcome that ended from a session on, turned over."""
    late = labels.ends >= from_session
    known = late & (labels.outcome != UNKNOWN)
    outcome = np.where(known, np.where(labels.outcome == 1, -1, 1), labels.outcome)
    return replace(labels, outcome=outcome.astype(np.int8), returns=np.where(
        known, -labels.returns, labels.returns))  # fmt: skip


def purged(subject: Subject) -> Finding:
    """No label that is learnt from ends within the embargo before a fold."""
    room: list[int] = []
    for start in subject.bounds[:-1]:
        chosen = subject.parts.training(subject.features, subject.labels, start)
        room.append(start - int(subject.labels.ends[chosen].max()))
    if min(room) <= APART:
        return leak("purged", f"a label that is learnt from ends {min(room)} sessions before its "
                    f"fold begins, the embargo is {APART}", min(room))  # fmt: skip
    return passed("purged", f"the last label learnt from ends {min(room)} sessions or more before "
                  f"each of {len(room)} folds, the embargo is {APART}", min(room))  # fmt: skip


def calibration(subject: Subject) -> Finding:
    """Curves and blend of a fold come from labels that had ended before it."""
    unseen = subject.unseen
    known = regimes(subject.panel) if subject.own else (None,) * len(subject.panel.sessions)
    first = next(iter(unseen.values()))
    last = first.fold == first.fold.max()
    start = int(first.session[last].min())
    late = first.ends >= start - APART
    p, pooled = _calibrated(subject, unseen, known, last)
    gaps = []
    for outcome in (1, -1):
        turned = np.where(late, outcome, first.outcome).astype(np.int8)
        other = {kind: replace(one, outcome=turned) for kind, one in unseen.items()}
        gaps += [
            float(np.abs(one - two).max())
            for one, two in zip((p, pooled), _calibrated(subject, other, known, last), strict=True)
        ]
    curve, blend = max(gaps[::2]), max(gaps[1::2])
    if max(curve, blend) > NOTHING:
        return leak(
            "calibration",
            f"outcomes not known as the last fold began move its calibrated chances by up to "
            f"{curve:.3f} and its pool by up to {blend:.3f}",
            max(curve, blend),
        )
    return passed(
        "calibration",
        f"{int(late.sum())} outcomes not known as the last fold began move neither its curves nor "
        f"its blend",
        0.0,
    )


def meta_label(subject: Subject) -> Finding:
    """What says whether a signal pays comes from signals that had ended before the fold."""
    cases = subject.judged.cases
    last = cases.fold == cases.fold.max()
    late = cases.ends >= int(cases.session[last].min()) - APART
    turned = replace(cases, returns=np.where(late, 0.1, cases.returns))
    rows = np.random.default_rng(4).random((len(late), len(SCORES)))
    one, two = (subject.parts.right(rows, given)[last] for given in (cases, turned))
    if np.isnan(one).all():
        return not_asked("meta_label", "too few signals had ended before the last fold")
    gap = float(np.nanmax(np.abs(one - two)))
    if gap > NOTHING or (np.isnan(one) != np.isnan(two)).any():
        return leak("meta_label", f"returns not known as the last fold began move its meta-labels "
                    f"by up to {gap:.3f}", gap)  # fmt: skip
    return passed("meta_label", f"{int(late.sum())} returns not known as the last fold began move "
                  "no meta-label of it", 0.0)  # fmt: skip


def _calibrated(
    subject: Subject, unseen: dict[str, Unseen], known: Sequence[Regime | None], last: Bools
) -> tuple[Floats, Floats]:
    """The last fold's calibrated chances and pooled scores."""
    judged = {kind: subject.parts.judge(one) for kind, one in unseen.items()}
    one = next(iter(judged.values()))
    now = one.cases.fold == one.cases.fold.max()
    raw, _ = subject.parts.blend(unseen, judged, known)
    return np.concatenate([one.p[now], one.base[now]]), raw[last]


def stacker(subject: Subject) -> Finding:
    """The stacker is given chances of models that had not seen the case, nor anything later."""
    unseen = subject.unseen
    first = next(iter(unseen.values()))
    fold = min(1, int(first.fold.max()))
    here = first.session[first.fold == fold]
    turned = _turned(subject.labels, from_session=int(here.min()))
    values = subject.features.values.copy()
    values[int(here.max()) + 1 :] = values[int(here.max()) + 1 :] * 3.0 + 7.0
    again = subject.parts.walk(replace(subject.features, values=values), turned, FEW)
    early = first.fold <= fold
    gap = max(
        float(np.abs(unseen[kind].raw[early] - again[kind].raw[early]).max()) for kind in unseen
    )
    if gap > NOTHING:
        return leak("stacker", f"chances out of fold move by up to {gap:.3f} when outcomes of "
                    "their own fold and later are turned over and later values "
                    "changed", gap)  # fmt: skip
    return passed("stacker", f"{int(early.sum())} chances of {len(unseen)} models stay when "
                  "outcomes of their own fold and later are turned over and later values "
                  "changed", 0.0)  # fmt: skip


def weights(subject: Subject) -> Finding:
    """How much a label counts depends on labels known before the fold."""
    moved, n = 0.0, 0
    for start in subject.bounds[1:-1]:
        late = subject.labels.ends >= start
        outcome = np.where(late, UNKNOWN, subject.labels.outcome).astype(np.int8)
        without = replace(subject.labels, outcome=outcome)
        one = subject.parts.weighed(subject.features, subject.labels, start)
        two = subject.parts.weighed(subject.features, without, start)
        n += len(one)
        same = len(one) == len(two)
        moved = max(moved, float(np.abs(one.weight - two.weight).max()) if same else 1.0)
    if moved > NOTHING:
        return leak("weights", f"weights of labels move by up to {moved:.3f} when labels that end "
                    "in the fold to be scored are taken away", moved)  # fmt: skip
    return passed("weights", f"{n} weights stay when labels that end in the fold to be scored are "
                  "taken away", 0.0)  # fmt: skip


def ranges(subject: Subject) -> Finding:
    """Ranges that a fold is measured against come from what had ended before it.

    The last fold's moves are made far wider, which no range that it is held against may know.
    """
    judged, panel = subject.judged, subject.panel
    if int(judged.cases.fold.max()) < FOLDS - 1:
        return not_asked("ranges", "there are too few folds to hold a range against a later one")
    now = judged.cases.fold == judged.cases.fold.max()
    last = replace(judged, cases=judged.cases.only(now))
    start = int(last.cases.session.min())
    wild = panel.close.copy()
    moves = np.diff(np.log(panel.close / panel.factor), axis=0)
    path = np.cumsum(np.nan_to_num(moves[start:]) * WILD, axis=0)
    wild[start + 1 :] = (panel.close / panel.factor)[start] * np.exp(np.clip(path, -9, 9))
    wild[start + 1 :] *= panel.factor[start + 1 :]
    atr = _atr_before(panel.close.shape, subject)
    at = HORIZONS.index(HELD)
    usual, over = (
        subject.parts.ranges(last, one, atr).coverage[at]
        for one in (panel, replace(panel, close=wild))
    )
    grew = over.width / usual.width - 1.0
    if not abs(grew) <= NOTHING:
        return leak("ranges", f"ranges of the last fold are {grew:+.0%} as wide when its moves are "
                    f"{WILD:g} times as large: they have seen it", grew)  # fmt: skip
    return passed("ranges", f"ranges of the last fold hold {usual.inside:.0%} of its moves, and "
                  f"{over.inside:.0%} of moves {WILD:g} times as large, for they have not seen "
                  "them", grew)  # fmt: skip


def _atr_before(shape: tuple[int, ...], subject: Subject) -> Floats:
    """One ATR over price for all, so that only the moves differ."""
    close = subject.panel.close / subject.panel.factor
    typical = float(np.nanmedian(np.abs(close[1:] / close[:-1] - 1.0)))
    return np.full(shape, 1.5 * max(typical, 1e-6))
