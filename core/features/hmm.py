"""Four hidden states of the market, and how likely each is at a session's close.

A Gaussian hidden Markov model on the market's return, its volatility and its breadth. Only
filtered probabilities are given: those of a session use it and what came before, never what came
after, and the model they come from was fitted before that session's year began. Source of
the filter: L. Rabiner, A tutorial on hidden Markov models, Proc. IEEE 77 (1989).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from core.domain.signal import Regime
from core.panel import Floats, Panel

STATES = 4
NEEDED = 500  # sessions a first fit takes
STARTS, LATER_STARTS = 8, 2  # random beginnings; a refit also begins where the last one ended
SPAN = 20  # sessions of volatility
BREADTH = 50  # sessions of the average that a share is above or below
ROUNDS = 100
LEAST_VARIANCE = 1e-2  # of standardised observations; a state on a few days is no regime
SEED = 7


@dataclass(frozen=True, slots=True)
class States:
    """A fitted model: `names` says which regime each state is, in the order of the arrays.

    `mean` and `spread` standardise the observations (3,), `centres` and `variances` are (4, 3) of
    what is standardised, `moves` (4, 4) says how likely a state follows another, `first` (4,)
    where it begins. `likelihood` is the mean log-likelihood a session, `others` those of the
    beginnings that lost.
    """

    names: tuple[Regime, ...]
    mean: Floats
    spread: Floats
    centres: Floats
    variances: Floats
    moves: Floats
    first: Floats
    likelihood: float
    others: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """The model as plain lists."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in plain.items()
        }

    def durations(self) -> dict[Regime, float]:
        """Sessions each regime lasts on average."""
        stays = np.diag(self.moves)
        return {
            name: float(1.0 / max(1.0 - stay, 1e-9))
            for name, stay in zip(self.names, stays, strict=True)
        }

    def table(self) -> dict[Regime, dict[Regime, float]]:
        """How likely each regime is the session after another."""
        return {
            name: dict(zip(self.names, map(float, row), strict=True))
            for name, row in zip(self.names, self.moves, strict=True)
        }


def states_from(fields: Mapping[str, Any]) -> States:
    """A model back from plain lists."""
    arrays = ("mean", "spread", "centres", "variances", "moves", "first")
    return States(
        names=tuple(Regime(name) for name in fields["names"]),
        likelihood=float(fields["likelihood"]),
        others=tuple(fields["others"]),
        **{name: np.asarray(fields[name], np.float64) for name in arrays},
    )


@dataclass(frozen=True, slots=True)
class Told:
    """Filtered chances of each regime by session, shape (n_sessions, 4) in the order of Regime.

    NaN while there is too little history. `states` is the model that speaks of the last session.
    """

    chances: Floats
    states: States | None

    def regimes(self) -> tuple[Regime | None, ...]:
        """The likeliest regime of each session, None while nothing is known."""
        order = tuple(Regime)
        return tuple(
            None if np.isnan(row[0]) else order[int(np.argmax(row))] for row in self.chances
        )


def observe(panel: Panel, returns: Floats) -> Floats:
    """What the states show, shape (n_sessions, 3): return, log volatility, breadth.

    Args:
        returns: the market's, shape (n_sessions - 1,).

    Returns:
        NaN in the first sessions, while volatility or breadth has no history.
    """
    close = panel.adjusted().close
    out = np.full((len(close), 3), np.nan)
    out[1:, 0] = returns
    if len(returns) >= SPAN:
        seen = np.lib.stride_tricks.sliding_window_view(returns, SPAN)
        out[SPAN:, 1] = 0.5 * np.log(np.maximum((seen**2).mean(axis=1), 1e-10))
    if len(close) >= BREADTH:
        window = np.lib.stride_tricks.sliding_window_view(close, BREADTH, axis=0)
        usual = window.mean(axis=-1)
        known = ~np.isnan(usual) & ~np.isnan(close[BREADTH - 1 :])
        above = (close[BREADTH - 1 :] > usual) & known
        count = known.sum(axis=1)
        out[BREADTH - 1 :, 2] = np.where(count > 0, above.sum(axis=1) / np.maximum(count, 1), 0.5)
    return out


def tell(sessions: Sequence[date], observed: Floats) -> Told:
    """Filtered chances at every session, refitted as each calendar year begins.

    Args:
        sessions: oldest first; observed: shape (n_sessions, 3), NaN at the start.
    """
    begins = int(np.isnan(observed).any(axis=1).sum())
    chances = np.full((len(sessions), STATES), np.nan)
    states: States | None = None
    edges = [*_years(sessions, first=begins + NEEDED), len(sessions)]
    for start, end in pairwise(edges):
        states = _fit_once(np.ascontiguousarray(observed[begins:start]), states)
        chances[start:end] = _in_order(
            states, filtered(states, observed[begins:end])[start - begins :]
        )
    return Told(chances, states)


def told_by(states: States, observed: Floats) -> Told:
    """Filtered chances of every session by one model; the past of its fit is not unseen."""
    begins = int(np.isnan(observed).any(axis=1).sum())
    chances = np.full((len(observed), STATES), np.nan)
    if begins < len(observed):
        chances[begins:] = _in_order(states, filtered(states, observed[begins:]))
    return Told(chances, states)


def filtered(states: States, observed: Floats) -> Floats:
    """Chances of each state given everything up to a session, shape (n, 4)."""
    density = _density(states, observed)
    out = np.empty_like(density)
    now = states.first
    for place, row in enumerate(density):
        joint = (now if place == 0 else now @ states.moves) * row
        total = joint.sum()
        now = joint / total if total > 0 else np.full(STATES, 1.0 / STATES)
        out[place] = now
    return out


def fit_states(observed: Floats, before: States | None = None, *, seed: int = SEED) -> States:
    """The likeliest model of several beginnings, its states named as `before` named them.

    Args:
        observed: shape (n, 3) without NaN.
        before: the model in use; one beginning is there, and its names are kept.
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
    best = int(np.argmax(scores))
    model = found[best]
    centres = np.asarray(model.means_, np.float64)
    return States(
        names=_named(centres) if before is None else _kept(centres, mean, spread, before),
        mean=mean,
        spread=spread,
        centres=centres,
        variances=np.array([np.diag(one) for one in model.covars_], np.float64),
        moves=np.asarray(model.transmat_, np.float64),
        first=np.asarray(model.startprob_, np.float64),
        likelihood=scores[best],
        others=tuple(sorted(score for place, score in enumerate(scores) if place != best)),
    )


@lru_cache(maxsize=64)
def _remembered(content: bytes, before: _Same | None) -> States:
    observed = np.frombuffer(content, np.float64).reshape(-1, 3)
    return fit_states(observed, None if before is None else before.states)


@dataclass(frozen=True, slots=True)
class _Same:
    """A model that stands for itself in a cache."""

    states: States

    def __hash__(self) -> int:
        return hash(self.states.centres.tobytes())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and np.array_equal(
            self.states.centres, other.states.centres
        )


def _fit_once(observed: Floats, before: States | None) -> States:
    """Fit, or give what the same observations gave before in this process."""
    return _remembered(observed.tobytes(), None if before is None else _Same(before))


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
    from hmmlearn.hmm import GaussianHMM

    seeded = isinstance(beginning, int)
    model = GaussianHMM(
        n_components=STATES,
        covariance_type="diag",
        n_iter=ROUNDS,
        tol=1e-2,
        min_covar=LEAST_VARIANCE,
        random_state=beginning if seeded else SEED,
        implementation=how,
        init_params="stmc" if seeded else "",
    )
    if not isinstance(beginning, int):
        model.startprob_, model.transmat_ = beginning.first, beginning.moves
        model.means_ = (beginning.centres * beginning.spread + beginning.mean - mean) / spread
        model.covars_ = np.maximum(
            beginning.variances * (beginning.spread / spread) ** 2, LEAST_VARIANCE
        )
    return model


def _named(centres: Floats) -> tuple[Regime, ...]:
    """The most restless state is volatile; of the others breadth and return say bull to bear."""
    names: list[Regime] = [Regime.SIDEWAYS] * STATES
    restless = int(np.argmax(centres[:, 1]))
    others = [place for place in range(STATES) if place != restless]
    others.sort(key=lambda place: float(centres[place, 0] + centres[place, 2]))
    names[restless] = Regime.VOLATILE
    names[others[0]], names[others[-1]] = Regime.BEAR, Regime.BULL
    return tuple(names)


def _kept(centres: Floats, mean: Floats, spread: Floats, before: States) -> tuple[Regime, ...]:
    """Each state takes the name of the one it stands nearest to in the model before it."""
    from scipy.optimize import linear_sum_assignment

    then = (before.centres * before.spread + before.mean - mean) / spread
    apart = ((centres[:, None] - then[None]) ** 2).sum(axis=-1)
    rows, columns = linear_sum_assignment(apart)
    names = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return tuple(before.names[names[place]] for place in range(STATES))


def _density(states: States, observed: Floats) -> Floats:
    """How likely each state shows what was seen, up to a factor a session, shape (n, 4)."""
    standard = (observed - states.mean) / states.spread
    far = (standard[:, None] - states.centres) ** 2 / states.variances
    logs = -0.5 * (far + np.log(states.variances)).sum(axis=-1)
    return np.asarray(np.exp(logs - logs.max(axis=1, keepdims=True)), np.float64)


def _in_order(states: States, chances: Floats) -> Floats:
    return chances[:, [states.names.index(name) for name in Regime]]


def _years(sessions: Sequence[date], *, first: int) -> list[int]:
    """Where a year begins, from session `first` on, which counts as one."""
    return [
        place
        for place in range(first, len(sessions))
        if place == first or sessions[place].year != sessions[place - 1].year
    ]
