"""Leak tests of skill: where there is nothing to learn none is found, and too much is none.

A clean pipeline fails one of these by chance on about one panel in a hundred.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.features.cross import rank
from core.models.barriers import UNKNOWN, Labels
from core.models.calibrate import Skill, skill_of
from core.models.leaks import ENOUGH, Finding, Subject, feature_panel, leak, passed
from core.models.leaks_parts import FEW
from core.models.measures import SUSPECT_ACCURACY, SUSPECT_IC, measure
from core.models.ranks import BLOCK, next_returns
from core.models.samples import APART
from core.models.walk import SEED, Judged, Unseen
from core.panel import Floats

ONE = FEW[:1]
SHIFTS = 3
DRAWS = 499
LEAST_P = 0.005
SURE = 3.0  # standard errors
LEAST_SESSIONS = 100  # on which a column says something, before its figures count
RANDOM = 6  # columns
BESIDE = 3  # random columns beside the others
CHANCE = 2.0  # times an even share


def shifted(subject: Subject) -> Finding:
    """Labels of another time leave no skill, most of the times they are moved."""
    count, rng = len(subject.panel.sessions), np.random.default_rng(5)
    found: list[tuple[int, Skill]] = []
    for _ in range(SHIFTS):
        by = int(rng.integers(count // 5, 4 * count // 5))
        unseen = subject.parts.walk(subject.features, moved(subject.labels, by), ONE)
        found.append((by, _skill(subject.parts.judge(unseen[ONE[0].kind]))))
    skilled = sum(one.low > 0 for _, one in found)
    said = ", ".join(f"{one.skill:+.2%} ({one.low:+.2%} to {one.high:+.2%})" for _, one in found)
    by_words = ", ".join(str(by) for by, _ in found)
    worst = max(one.low for _, one in found)
    if skilled > SHIFTS // 2:
        return leak("shifted", f"labels moved by {by_words} sessions leave Brier skill {said}: "
                    "the scores have seen what they are held against", worst)  # fmt: skip
    return passed("shifted", f"labels moved by {by_words} sessions leave no skill: {said}", worst)


def moved(labels: Labels, by: int) -> Labels:
    """Labels put on later sessions, those beyond the end on the first ones."""
    count = len(labels.outcome)
    rows = np.arange(count)[:, None]
    ends = np.roll(labels.ends - rows, by, axis=0) + rows
    outcome = np.roll(labels.outcome, by, axis=0)
    known = (outcome != UNKNOWN) & (ends < count)
    return Labels(
        np.where(known, outcome, UNKNOWN).astype(np.int8),
        np.where(known, np.roll(labels.returns, by, axis=0), np.nan),
        np.where(known, ends, -1).astype(np.int32),
    )


def permuted(subject: Subject) -> Finding:
    """Outcomes dealt anew among the shares of each session leave nothing to know."""

    def once(seed: int) -> float:
        dealt = _dealt(subject.labels, seed)
        return p_value(subject.parts.walk(subject.features, dealt, ONE)[ONE[0].kind])

    p = _again(once)
    true = subject.unseen[ONE[0].kind]
    # true labels of neighbouring sessions overlap and would make any score look sure
    real = p_value(true.only(true.session % APART == 0))
    beside = f"with the true outcomes p is {real:.3f}"
    if p < LEAST_P:
        return leak("permuted", f"scores tell outcomes dealt at random (p {p:.3f} over {DRAWS} "
                    f"deals): they have seen them; {beside}", p)  # fmt: skip
    return passed("permuted", f"outcomes dealt at random within each session are not told (p "
                  f"{p:.3f} over {DRAWS} deals); {beside}", p)  # fmt: skip


def _again(once: Callable[[int], float]) -> float:
    """A p-value; a small one is asked for again on other numbers, and the larger counts."""
    p = once(6)
    return p if p >= LEAST_P else max(p, once(16))


def _dealt(labels: Labels, seed: int) -> Labels:
    """Each session's labels on other shares of the session that have one."""
    rng = np.random.default_rng(seed)
    outcome, returns, ends = labels.outcome.copy(), labels.returns.copy(), labels.ends.copy()
    for row in range(len(outcome)):
        known = np.flatnonzero(labels.outcome[row] != UNKNOWN)
        order = rng.permutation(known)
        for into, of in zip(
            (outcome, returns, ends), (labels.outcome, labels.returns, labels.ends), strict=True
        ):
            into[row, known] = of[row, order]  # type: ignore[index]
    return Labels(outcome, returns, ends)


def p_value(cases: Unseen) -> float:
    """How often outcomes dealt anew within their sessions are told as well as those they have.

    It holds where outcomes of neighbouring sessions have nothing in common.
    """
    scores = cases.raw[:, 2]
    hits = (cases.outcome == 1).astype(np.float64)
    _, session = np.unique(cases.session, return_inverse=True)
    usual = np.bincount(session, scores) / np.bincount(session)
    over = scores - usual[session]
    true, rng = float(over @ hits), np.random.default_rng(7)
    by_session = np.argsort(session, kind="stable")
    beaten = 0
    for _ in range(DRAWS):
        order = np.lexsort((rng.random(len(hits)), session))
        beaten += float(over[by_session] @ hits[order]) >= true - 1e-12
    return (1 + beaten) / (1 + DRAWS)


def too_good(subject: Subject) -> Finding:
    """A daily model or column better than honest ones are is a leak until shown otherwise."""
    found = measure(subject.judged, subject.panel)
    worst, ic, accuracy = _best_column(subject)
    if found.ic.blocks:
        model = (
            f"the model's rank IC is {found.ic.value:.3f} ± {found.ic.se:.3f}, next-day accuracy "
            f"{found.accuracy.value:.1%}"
        )
    else:
        model = "the model says the same of all shares"
    figure = found.ic.value if found.ic.blocks else 0.0
    alone = f"the best single column is {worst} with IC {ic:.3f} and accuracy {accuracy:.1%}"
    good = (found.ic, found.ic_next)
    sure = any(one.value > max(SUSPECT_IC, SURE * one.se) for one in good)
    suspect = sure or found.accuracy.value > SUSPECT_ACCURACY
    if suspect or abs(ic) > SUSPECT_IC or max(accuracy, 1 - accuracy) > SUSPECT_ACCURACY:
        return leak("too_good", f"{model}; {alone}: over {SUSPECT_IC} or {SUSPECT_ACCURACY:.0%} is "
                    "a leak until shown otherwise", figure)  # fmt: skip
    return passed("too_good", f"{model}; {alone}", figure)


def _best_column(subject: Subject) -> tuple[str, float, float]:
    """The column that goes best with the next session's return, if surely, its IC and accuracy."""
    ahead = next_returns(subject.panel)
    best = ("none surely", 0.0, 0.5)
    for name, values in subject.whole.items():
        ic, se, accuracy = alone(values.astype(np.float64), ahead)
        if abs(ic) > max(SURE * se, abs(best[1])):
            best = (name, ic, accuracy)
    return best


def alone(values: Floats, ahead: Floats) -> tuple[float, float, float]:
    """Mean rank IC of a column with what comes, its standard error, and how often signs agree.

    Nothing sure for a column that tells shares apart on too few sessions.
    """
    known = ~np.isnan(values) & ~np.isnan(ahead)
    one, two = (rank(np.where(known, part, np.nan)) for part in (values, ahead))
    differ = np.nanmax(np.where(known, values, -np.inf), axis=1) > np.nanmin(
        np.where(known, values, np.inf), axis=1
    )
    enough = (known.sum(axis=1) >= 5) & differ
    if enough.sum() < LEAST_SESSIONS:
        return 0.0, 1.0, 0.5
    one, two = one[enough] - 0.5, two[enough] - 0.5
    ics = np.nansum(one * two, axis=1) / np.sqrt(
        np.nansum(one**2, axis=1) * np.nansum(two**2, axis=1)
    )
    _, block = np.unique(np.flatnonzero(enough) // BLOCK, return_inverse=True)
    means = np.bincount(block, ics) / np.bincount(block)
    se = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else 1.0
    counted = (one != 0) & (two != 0) & ~np.isnan(one)
    accuracy = float(np.mean((one > 0)[counted] == (two > 0)[counted])) if counted.any() else 0.5
    return float(ics.mean()), se, accuracy


def random_columns(subject: Subject) -> Finding:
    """Random numbers earn no skill, and beside real columns no more than an even share."""

    def once(seed: int) -> float:
        alone_panel = feature_panel(subject.panel, _random(subject, seed))
        return p_value(subject.parts.walk(alone_panel, subject.labels, ONE)[ONE[0].kind])

    p, made = _again(once), _random(subject, 6)
    names = [name for name in subject.features.names if name != ENOUGH]
    beside = {name: subject.features.column(name) for name in (*names, ENOUGH)}
    beside |= {name: made[name].astype(np.float32) for name in list(made)[:BESIDE]}
    share, even = _share(subject, beside)
    said = f"p {p:.3f} alone; beside {len(names)} others each earns {share:.1%}, an even share is "
    if p < LEAST_P or share > CHANCE * even:
        return leak("random", f"random numbers earn what they cannot: {said}{even:.1%}", share)
    return passed("random", f"random numbers earn nothing: {said}{even:.1%}", share)


def _random(subject: Subject, seed: int) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    shape = subject.panel.close.shape
    return {f"random_{place}": rng.normal(size=shape) for place in range(RANDOM)}


def _share(subject: Subject, columns: dict[str, NDArray[np.float32]]) -> tuple[float, float]:
    """Mean part of a random column in all leanings, and an even part."""
    features = feature_panel(subject.panel, columns)
    start = subject.bounds[-2]
    fitted = subject.parts.fit(ONE[0], features, subject.labels, start)
    chosen = subject.parts.weighed(features, subject.labels, start)
    leaning = np.abs(fitted.leaning(chosen.cases)).mean(axis=0)
    random = [place for place, name in enumerate(features.names) if name.startswith("random_")]
    total = max(float(leaning.sum()), 1e-12)
    return float(leaning[random].mean() / total), 1.0 / len(features.names)


def _skill(judged: Judged) -> Skill:
    """Skill over the benchmark that is harder to beat."""
    hits, session = judged.cases.outcome == 1, judged.cases.session
    found = [
        skill_of(judged.p, base, hits, session, apart=APART, seed=SEED)
        for base in (judged.base, judged.alike)
    ]
    return min(found, key=lambda one: one.low)
