"""Members' chances pooled into one: each counts by the skill it showed, or by a stacker.

The pool adds the members' log-chances with an exponent each, so a member's reasons add up the
same way. Exponents come from cases whose labels had ended before those they are used on.
Source of the pool: R. Ranjan and T. Gneiting, Combining probability forecasts, J. R. Stat. Soc.
B 72 (2010).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.domain.signal import Regime
from core.models.calibrate import Bools
from core.models.samples import APART, THIN, known_by
from core.models.walk import Judged, Outcomes, Unseen
from core.panel import Floats

SKILL, STACK = "skill", "stack"
ANY = "any"  # regimes without a row of their own
HALVED = 0.5  # what a fold counts against the one after it
USUAL = 6.0  # stretches of sessions at which a regime's own skill counts as much as all's
RIDGE = 0.02  # pull of the stacker towards equal exponents
LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Blend:
    """Exponents of the members by regime; `how` says where they come from."""

    kinds: tuple[str, ...]
    how: str
    exponents: Mapping[str, tuple[float, ...]]

    def to_json(self) -> dict[str, Any]:
        """The blend as plain lists."""
        exponents = {name: list(powers) for name, powers in self.exponents.items()}
        return {"kinds": list(self.kinds), "how": self.how, "exponents": exponents}

    def of(self, regime: Regime | None) -> tuple[float, ...]:
        """The exponents in a regime."""
        return self.exponents.get(ANY if regime is None else regime.value, self.exponents[ANY])

    def pooled(self, scores: Sequence[Floats], regimes: Sequence[Regime | None]) -> Floats:
        """One set of chances, shape (n, 3), from the members' in the order of `kinds`."""
        by_regime = {regime: self.of(regime) for regime in set(regimes)}
        return pool(scores, np.array([by_regime[regime] for regime in regimes]))


def blend_from(fields: Mapping[str, Any]) -> Blend:
    """A blend back from plain lists."""
    exponents = {name: tuple(powers) for name, powers in fields["exponents"].items()}
    return Blend(tuple(fields["kinds"]), fields["how"], exponents)


def equal(kinds: tuple[str, ...]) -> Blend:
    """Every member counts the same."""
    return Blend(kinds, SKILL, {ANY: (1.0 / len(kinds),) * len(kinds)})


def pool(scores: Sequence[Floats], powers: Floats) -> Floats:
    """Chances pooled by exponents, which are (n, n_members) or (n_members,)."""
    logs = np.log(np.maximum(np.stack(scores, axis=1), LEAST))
    summed = (logs * np.atleast_2d(powers)[:, :, None]).sum(axis=1)
    odds = np.exp(summed - summed.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), np.float64)


def blend_forward(
    unseen: Mapping[str, Unseen],
    judged: Mapping[str, Judged],
    regimes: Sequence[Regime | None],
) -> tuple[Floats, Blend]:
    """Pool each fold by what earlier folds showed; gives the chances and the blend for what comes.

    Args:
        unseen, judged: the members' out-of-fold cases, the same cases in the same order.
        regimes: the regime after each session, as known at its close.
    """
    blends = blends_forward(unseen, judged, regimes)
    first = next(iter(unseen.values()))
    raw = np.empty_like(first.raw)
    for fold, blend in enumerate(blends[:-1]):
        now = first.fold == fold
        raw[now] = repooled(unseen, blend, regimes)[now]
    return raw, blends[-1]


def repooled(
    unseen: Mapping[str, Unseen], blend: Blend, regimes: Sequence[Regime | None]
) -> Floats:
    """What a blend makes of every out-of-fold case, shape (n, 3)."""
    at = [regimes[place] for place in next(iter(unseen.values())).session.tolist()]
    return blend.pooled([unseen[kind].raw for kind in blend.kinds], at)


def blends_forward(
    unseen: Mapping[str, Unseen],
    judged: Mapping[str, Judged],
    regimes: Sequence[Regime | None],
) -> list[Blend]:
    """The blend of every fold, from what earlier folds showed, and last the one for what comes."""
    first = next(iter(unseen.values()))
    lost = {how: np.zeros(len(first.raw)) for how in (SKILL, STACK)}
    chosen = []
    for fold in range(int(first.fold.max()) + 1):
        now = first.fold == fold
        start = int(first.session[now].min())
        found = _fitted(unseen, judged, regimes, start=start)
        chosen.append(found[_better(lost, known_by(first.ends, start))])
        at = [regimes[place] for place in first.session[now].tolist()]
        scores = [one.raw[now] for one in unseen.values()]
        for how, blend in found.items():
            lost[how][now] = _losses(blend.pooled(scores, at), first.outcome[now])
    after = len(regimes) + 2 * APART
    whole = _fitted(unseen, judged, regimes, start=after)
    return [*chosen, whole[_better(lost, known_by(first.ends, after))]]


def _better(lost: Mapping[str, Floats], known: Bools) -> str:
    """The way that lost less on cases whose labels had ended; later ones are not counted yet."""
    return STACK if lost[STACK][known].sum() < lost[SKILL][known].sum() else SKILL


def _fitted(
    unseen: Mapping[str, Unseen],
    judged: Mapping[str, Judged],
    regimes: Sequence[Regime | None],
    *,
    start: int,
) -> dict[str, Blend]:
    """Both ways of weighing, from cases known before a session; equal while there are none."""
    kinds = tuple(unseen)
    even = equal(kinds)
    past = next(iter(unseen.values())).ended_before(start)
    if len(kinds) == 1 or not len(past.session):
        return {SKILL: even, STACK: Blend(kinds, STACK, even.exponents)}
    known = [one.ended_before(start).raw[past.session % THIN == 0] for one in unseen.values()]
    stacked = _stacked(known, past.outcome[past.session % THIN == 0])
    skills = [_skills(one, regimes, start=start) for one in judged.values()]
    return {
        SKILL: Blend(kinds, SKILL, _by_skill(skills)),
        STACK: Blend(kinds, STACK, {ANY: stacked}),
    }


def _by_skill(skills: Sequence[Mapping[str, float]]) -> dict[str, tuple[float, ...]]:
    """Exponents by skill over the base rate in each regime; a member below it gets none."""
    return {
        name: _shares([found.get(name, found.get(ANY, 0.0)) for found in skills])
        for name in sorted({ANY, *(name for found in skills for name in found)})
    }


def _shares(skills: Sequence[float]) -> tuple[float, ...]:
    earned = np.maximum(np.array(skills), 0.0)
    total = float(earned.sum())
    count = len(earned)
    return tuple((earned / total).tolist()) if total > 0 else (1.0 / count,) * count


def _skills(found: Judged, regimes: Sequence[Regime | None], *, start: int) -> dict[str, float]:
    """1 - Brier / base by regime, recent folds counting more; empty before anything is judged."""
    cases = found.cases
    kept = np.flatnonzero(known_by(cases.ends, start))
    if not len(kept):
        return {}
    hits, fold = cases.outcome[kept] == 1, cases.fold[kept]
    weight = HALVED ** (fold.max() - fold).astype(np.float64)
    ours = weight * (found.p[kept] - hits) ** 2
    base = weight * (found.base[kept] - hits) ** 2
    overall = 1.0 - float(ours.sum() / max(base.sum(), LEAST))
    said = np.array([_name(regime) for regime in regimes])[cases.session[kept]]
    skills = {ANY: overall}
    for name in sorted(set(said.tolist()) - {ANY}):
        here = said == name
        stretches = len(np.unique(cases.session[kept][here])) / APART
        own = 1.0 - float(ours[here].sum() / max(base[here].sum(), LEAST))
        skills[name] = (stretches * own + USUAL * overall) / (stretches + USUAL)
    return skills


def _name(regime: Regime | None) -> str:
    return ANY if regime is None else regime.value


def _stacked(scores: Sequence[Floats], outcome: Outcomes) -> tuple[float, ...]:
    """Exponents from 0 to 2 that lose least on the cases given."""
    from scipy.optimize import minimize

    even = np.full(len(scores), 1.0 / len(scores))

    def lost(powers: Floats) -> float:
        return float(_losses(pool(scores, powers), outcome).mean()) + RIDGE * float(
            ((powers - even) ** 2).sum()
        )

    found = minimize(lost, even, method="L-BFGS-B", bounds=[(0.0, 2.0)] * len(scores))
    return tuple(float(power) for power in found.x)


def _losses(chances: Floats, outcome: Outcomes) -> Floats:
    """Log loss of each case."""
    said = chances[np.arange(len(outcome)), outcome.astype(np.int64) + 1]
    return np.asarray(-np.log(np.maximum(said, LEAST)), np.float64)
