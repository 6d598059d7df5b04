"""Fitting the hidden states: several beginnings at first, then on from the model before.

The likelihood has many summits of nearly the same height, and which one is the highest changes
with a few more sessions: choosing the highest anew at each refit gives up to a third of the past
another name. So a refit climbs on from where the model before it stood and is held to it as by 60
sessions more of each state, and another beginning takes its place only where it is likelier by a
wide margin.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from hmmlearn.hmm import GaussianHMM

from core.domain.signal import Regime
from core.features.hmm import STATES, States, filtered, states_from
from core.panel import Floats

STARTS, LATER_STARTS = 8, 2  # random beginnings; a refit also begins where the last one ended
HELD = 60.0  # sessions that a state counts for as it was in the model before
MARGIN = 0.1  # of mean log-likelihood a session that another beginning has to be ahead
ROUNDS = 100
LEAST_VARIANCE = 1e-2  # of standardised observations; a state on a few days is no regime
SEED = 7


class _Floored(GaussianHMM):  # type: ignore[misc]
    """hmmlearn holds variances to its floor where it begins, and here every step does."""

    _covars_: Floats

    def _do_mstep(self, stats: dict[str, Any]) -> None:
        super()._do_mstep(stats)
        held: Floats = np.maximum(self._covars_, self.min_covar)
        self._covars_ = held


def fit_once(observed: Floats, before: States | None) -> States:
    """Fit, or give what the same observations gave before in this process."""
    words = "" if before is None else json.dumps(before.to_json())
    return _remembered(np.ascontiguousarray(observed).tobytes(), words)


@lru_cache(maxsize=64)
def _remembered(content: bytes, before: str) -> States:
    observed = np.frombuffer(content, np.float64).reshape(-1, 3)
    return fit_states(observed, states_from(json.loads(before)) if before else None)


def fit_states(observed: Floats, before: States | None = None, *, seed: int = SEED) -> States:
    """The likeliest model of several beginnings, or the one that goes on from `before`.

    Args:
        observed: shape (n, 3) without NaN.
        before: the model in use; others have to be ahead of it by a margin.
    """
    mean, spread = observed.mean(axis=0), np.maximum(observed.std(axis=0), 1e-12)
    standard = (observed - mean) / spread
    beginnings: list[States | int] = [
        seed + step for step in range(LATER_STARTS if before else STARTS)
    ]
    if before is not None:
        beginnings.append(before)
    found = [_from(standard, one, mean, spread) for one in beginnings]
    scores = [float(model.score(standard)) / len(standard) for model in found]
    ahead = [score - MARGIN * isinstance(one, int) * (before is not None)
             for score, one in zip(scores, beginnings, strict=True)]  # fmt: skip
    best = int(np.argmax(ahead))
    model = found[best]
    centres = np.asarray(model.means_, np.float64)
    states = States(
        names=_named(centres),
        mean=mean,
        spread=spread,
        centres=centres,
        variances=np.array([np.diag(one) for one in model.covars_], np.float64),
        moves=np.asarray(model.transmat_, np.float64),
        first=np.asarray(model.startprob_, np.float64),
        counts=np.asarray(model.predict_proba(standard).sum(axis=0), np.float64),
        likelihood=scores[best],
        others=tuple(sorted(score for place, score in enumerate(scores) if place != best)),
    )
    return states if before is None else replace(states, changed=_changed(before, states, observed))


def _changed(before: States, states: States, observed: Floats) -> float:
    """Share of the sessions that the model before had seen whose likeliest name is another."""
    past = observed[: round(float(before.counts.sum()))]
    then, now = (
        [one.names[place] for place in filtered(one, past).argmax(axis=1)]
        for one in (before, states)
    )
    return float(np.mean([one is not other for one, other in zip(then, now, strict=True)]))


def _from(standard: Floats, beginning: States | int, mean: Floats, spread: Floats) -> Any:
    """Fit from one beginning; in logarithms, at three times the cost, where scaling underflows."""
    logging.getLogger("hmmlearn").setLevel(logging.ERROR)  # a last step down by 0.001 is no news
    try:
        model = _begun(beginning, mean, spread, how="scaling").fit(standard)
        model.score(standard)
        return model
    except ValueError as wrong:
        if "underflow" not in str(wrong):
            raise
        return _begun(beginning, mean, spread, how="log").fit(standard)


def _begun(beginning: States | int, mean: Floats, spread: Floats, *, how: str) -> Any:
    seeded = isinstance(beginning, int)
    held = {} if isinstance(beginning, int) else _held(beginning, mean, spread)
    model = _Floored(
        n_components=STATES,
        covariance_type="diag",
        n_iter=ROUNDS,
        tol=1e-2,
        min_covar=LEAST_VARIANCE,
        random_state=beginning if seeded else SEED,
        implementation=how,
        init_params="stmc" if seeded else "",
        **held,
    )
    if not isinstance(beginning, int):
        model.startprob_, model.transmat_ = beginning.first, beginning.moves
        model.means_ = held["means_prior"]
        model.covars_ = np.maximum(held["covars_prior"] / HELD, LEAST_VARIANCE)
    return model


def _held(before: States, mean: Floats, spread: Floats) -> dict[str, Any]:
    """What the model before says of centres, variances and moves, as hmmlearn's priors."""
    return {
        "means_prior": (before.centres * before.spread + before.mean - mean) / spread,
        "means_weight": HELD,
        "covars_prior": HELD * before.variances * (before.spread / spread) ** 2,
        "covars_weight": 1.0 + HELD,
        "transmat_prior": 1.0 + HELD * before.moves,
    }


def _named(centres: Floats) -> tuple[Regime, ...]:
    """The most restless state is volatile; of the others breadth and return say bull to bear.

    A state is named for what it is like, and not for what it was called: one that goes on from a
    bear's and has become the most restless is volatile.
    """
    names: list[Regime] = [Regime.SIDEWAYS] * STATES
    restless = int(np.argmax(centres[:, 1]))
    others = [place for place in range(STATES) if place != restless]
    others.sort(key=lambda place: float(centres[place, 0] + centres[place, 2]))
    names[restless] = Regime.VOLATILE
    names[others[0]], names[others[-1]] = Regime.BEAR, Regime.BULL
    return tuple(names)
