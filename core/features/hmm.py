"""Four hidden states of the market, and how likely each is at a session's close.

A Gaussian hidden Markov model on the market's return, its volatility and its breadth. Only
filtered probabilities are given: those of a session use it and what came before, never what came
after, and the model they come from was fitted before that session's year began. Source of
the filter: L. Rabiner, A tutorial on hidden Markov models, Proc. IEEE 77 (1989).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.regime import Look
from core.domain.signal import Regime
from core.panel import Floats, Panel

STATES = 4
NEEDED = 500  # sessions a first fit takes
SPAN = 20  # sessions of volatility
BREADTH = 50  # sessions of the average that a share is above or below
YEAR = 252
STILL = 1e-12  # mean square of returns below which nothing moves


@dataclass(frozen=True, slots=True)
class States:
    """A fitted model: `names` says which regime each state is, in the order of the arrays.

    `mean` and `spread` standardise the observations (3,), `centres` and `variances` are (4, 3) of
    what is standardised, `moves` (4, 4) says how likely a state follows another, `first` (4,)
    where it begins, `counts` (4,) how many of the fit's sessions each state stands for.
    `likelihood` is the mean log-likelihood a session, `others` those of the beginnings that lost.
    `changed` is the share of the sessions of the fit before whose regime this one names otherwise,
    None for a first fit, and `fitted_to` the last session it was fitted on.
    """

    names: tuple[Regime, ...]
    mean: Floats
    spread: Floats
    centres: Floats
    variances: Floats
    moves: Floats
    first: Floats
    counts: Floats
    likelihood: float
    others: tuple[float, ...]
    changed: float | None = None
    fitted_to: date | None = None

    def to_json(self) -> dict[str, Any]:
        """The model as plain lists."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {name: _plain(value) for name, value in plain.items()}

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

    def looks(self) -> dict[Regime, Look]:
        """What each state is like; empty where an older Munim kept no counts."""
        if np.isnan(self.counts).any():
            return {}
        middle = self.centres * self.spread + self.mean
        errors = np.sqrt(self.variances[:, 0] / np.maximum(self.counts, 1.0)) * self.spread[0]
        vols = np.exp(middle[:, 1]) * np.sqrt(YEAR)
        rows = zip(middle[:, 0], errors, vols, middle[:, 2], self.counts, strict=True)
        return {name: Look(*map(float, row)) for name, row in zip(self.names, rows, strict=True)}


def states_from(fields: Mapping[str, Any]) -> States:
    """A model back from plain lists; what an older Munim did not keep is not known."""
    arrays = ("mean", "spread", "centres", "variances", "moves", "first")
    day = fields.get("fitted_to")
    return States(
        names=tuple(Regime(name) for name in fields["names"]),
        counts=np.asarray(fields.get("counts", [np.nan] * STATES), np.float64),
        likelihood=float(fields["likelihood"]),
        others=tuple(fields["others"]),
        changed=fields.get("changed"),
        fitted_to=None if day is None else date.fromisoformat(day),
        **{name: np.asarray(fields[name], np.float64) for name in arrays},
    )


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    return value.tolist() if isinstance(value, np.ndarray) else value


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

    Breadth is the share of the shares above their average of 50 sessions. Of one share alone that
    is 0 or 1 and nothing between, so its place is taken: which part of the 49 closes before lay
    below its own.

    Args:
        returns: the market's, shape (n_sessions - 1,).

    Returns:
        NaN in the first sessions, while volatility or breadth has no history, and where a return
        is missing or nothing has moved for 20 sessions.
    """
    close = panel.adjusted().close
    out = np.full((len(close), 3), np.nan)
    out[1:, 0] = returns
    if len(returns) >= SPAN:
        seen = np.lib.stride_tricks.sliding_window_view(returns, SPAN)
        square = (seen**2).mean(axis=1)
        out[SPAN:, 1] = 0.5 * np.log(np.where(square > STILL, square, np.nan))
    if len(close) >= BREADTH:
        window = np.lib.stride_tricks.sliding_window_view(close, BREADTH, axis=0)
        out[BREADTH - 1 :, 2] = _breadth(window) if close.shape[1] > 1 else _place(window[:, 0])
    return out


def _breadth(window: Floats) -> Floats:
    usual, now = window.mean(axis=-1), window[..., -1]
    known = ~np.isnan(usual)
    count = known.sum(axis=1)
    above = ((now > usual) & known).sum(axis=1)
    return np.where(count > 0, above / np.maximum(count, 1), 0.5)


def _place(window: Floats) -> Floats:
    """An equal close counts as half below; 0.5 where one of the sessions is missing."""
    before, now = window[:, :-1], window[:, -1:]
    below = ((before < now) + 0.5 * (before == now)).mean(axis=1)
    return np.where(np.isnan(window).any(axis=1), 0.5, below)


def tell(sessions: Sequence[date], observed: Floats) -> Told:
    """Filtered chances at every session, each year's by a model fitted before it began.

    Args:
        sessions: oldest first; observed: shape (n_sessions, 3), NaN where not known; such a
            session is passed over.
    """
    known = _known(observed)
    chances = np.full((len(sessions), STATES), np.nan)
    states: States | None = None
    for start, end, states in refits(sessions, observed):
        found = filtered(states, observed[known[:end]])[start:]
        chances[known[start:end]] = _in_order(states, found)
    return Told(chances, states)


def refits(sessions: Sequence[date], observed: Floats) -> Iterator[tuple[int, int, States]]:
    """Each model in turn, after the first known session it speaks of and the one it stops at.

    A refit as a calendar year begins goes on from the model before it.
    """
    known, states = _known(observed), None
    days = [sessions[place] for place in known]
    for start, end in pairwise([*_years(days, first=NEEDED), len(days)]):
        states = replace(_fit(observed[known[:start]], states), fitted_to=days[start - 1])
        yield start, end, states


def told_by(states: States, observed: Floats) -> Told:
    """Filtered chances of every session by one model; the past of its fit is not unseen."""
    known = _known(observed)
    chances = np.full((len(observed), STATES), np.nan)
    chances[known] = _in_order(states, filtered(states, observed[known]))
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


def _known(observed: Floats) -> NDArray[np.intp]:
    """The sessions that have a return, volatility and breadth."""
    return np.flatnonzero(~np.isnan(observed).any(axis=1))


def _fit(observed: Floats, before: States | None) -> States:
    from core.features.hmm_fit import fit_once  # the filter alone needs no learner

    return fit_once(observed, before)


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
