"""Long-only weights with caps: equal, least variance, risk parity, best Sharpe, and the frontier.

Quadratic problems go to Clarabel through cvxpy, imported where they are solved. Covariances are
scaled before they are handed over: on raw daily numbers (1e-4) a QP solver's tolerances are as
large as the answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from core.errors import BadInput
from core.panel import Floats
from core.portfolio.constraints import Constraints, check, groups_of
from core.portfolio.moments import moments, risk_parity

__all__ = ["Constraints", "Method", "Weights", "frontier", "optimize"]

SCALE = 1e4
FRONTIER_POINTS = 20
SOLVE_SECONDS = 10.0
DUST = 1e-4


class Method(StrEnum):
    """How weights are chosen."""

    EQUAL = "equal"
    MIN_VARIANCE = "min_variance"
    RISK_PARITY = "risk_parity"
    MAX_SHARPE = "max_sharpe"


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by ISIN and what they would have been: per year, fractions."""

    method: Method
    weights: tuple[tuple[str, float], ...]
    mean: float
    vol: float

    @property
    def sharpe(self) -> float:
        """Mean over volatility; the risk-free rate is not taken off."""
        return self.mean / self.vol if self.vol > 0 else 0.0


def optimize(
    isins: Sequence[str],
    returns: Floats,
    method: Method | str,
    constraints: Constraints | None = None,
) -> Weights:
    """Weights over `isins` from their past daily returns.

    Args:
        returns: simple daily returns, shape (n_sessions, n_shares), no gaps.

    Raises:
        BadInput: an unknown method, or caps that cannot add up.
        NoData: fewer than MIN_SESSIONS sessions, or a return that is missing.
    """
    rules = constraints or Constraints()
    way = _method(method)
    check(isins, returns, rules)
    mean, covariance = moments(returns)
    if way is Method.EQUAL:
        found = _closest(np.full(len(isins), rules.invested / len(isins)), isins, rules)
    elif way is Method.MIN_VARIANCE:
        found = _least_variance(covariance, isins, rules)
    elif way is Method.RISK_PARITY:
        found = _closest(risk_parity(covariance) * rules.invested, isins, rules)
    else:
        found = _best_sharpe(mean, covariance, isins, rules)
    return _weights(way, isins, found, mean, covariance)


def frontier(
    isins: Sequence[str],
    returns: Floats,
    constraints: Constraints | None = None,
    *,
    points: int = FRONTIER_POINTS,
) -> tuple[Weights, ...]:
    """The least volatility for each mean, from least variance up to the highest mean."""
    rules = constraints or Constraints()
    check(isins, returns, rules)
    mean, covariance = moments(returns)
    low = float(_least_variance(covariance, isins, rules) @ mean)
    high = float(_highest_mean(mean, isins, rules) @ mean)
    targets = np.linspace(low, max(low, high), points)
    solved = [_least_variance(covariance, isins, rules, mean=mean, at_least=t) for t in targets]
    return tuple(_weights(Method.MIN_VARIANCE, isins, w, mean, covariance) for w in solved)


def _least_variance(
    covariance: Floats,
    isins: Sequence[str],
    rules: Constraints,
    *,
    mean: Floats | None = None,
    at_least: float = 0.0,
) -> Floats:
    """The least variance, with a mean of `at_least` per year where `mean` is given."""
    cp = _cvxpy()

    w = cp.Variable(len(isins))
    limits = _limits(cp, w, isins, rules)
    if mean is not None:
        limits.append(mean @ w >= at_least - 1e-9)
    return _solve(cp, cp.Minimize(cp.quad_form(w, cp.psd_wrap(covariance * SCALE))), limits, w)


def _highest_mean(mean: Floats, isins: Sequence[str], rules: Constraints) -> Floats:
    cp = _cvxpy()

    w = cp.Variable(len(isins))
    return _solve(cp, cp.Maximize(mean @ w), _limits(cp, w, isins, rules), w)


def _closest(wanted: Floats, isins: Sequence[str], rules: Constraints) -> Floats:
    """The allowed weights nearest to the wanted ones; the same when those are allowed."""
    cp = _cvxpy()

    w = cp.Variable(len(isins))
    return _solve(cp, cp.Minimize(cp.sum_squares((w - wanted) * SCALE**0.5)),
                  _limits(cp, w, isins, rules), w)  # fmt: skip


def _best_sharpe(
    mean: Floats, covariance: Floats, isins: Sequence[str], rules: Constraints
) -> Floats:
    """Highest mean over volatility by a search along the frontier, finer near the best point."""
    low = float(_least_variance(covariance, isins, rules) @ mean)
    high = float(_highest_mean(mean, isins, rules) @ mean)
    best = _least_variance(covariance, isins, rules)
    for _ in range(2):
        targets = np.linspace(low, max(low, high), 11)
        tried = [_least_variance(covariance, isins, rules, mean=mean, at_least=t) for t in targets]
        scores = [_ratio(w, mean, covariance) for w in tried]
        top = int(np.argmax(scores))
        if scores[top] >= _ratio(best, mean, covariance):
            best = tried[top]
        low, high = float(targets[max(0, top - 1)]), float(targets[min(10, top + 1)])
    return best


def _ratio(weights: Floats, mean: Floats, covariance: Floats) -> float:
    return float(weights @ mean) / math.sqrt(float(weights @ covariance @ weights))


def _cvxpy() -> Any:
    """The solver's library, loaded when first needed: a second and 130 MB the desk can spare."""
    import cvxpy

    return cvxpy


def _limits(cp: Any, w: Any, isins: Sequence[str], rules: Constraints) -> list[Any]:
    limits = [cp.sum(w) == rules.invested, w >= rules.weight_min, w <= rules.weight_max]
    for group in groups_of(isins, rules).values():
        limits.append(cp.sum(w[group]) <= rules.sector_max)
    return limits


def _solve(cp: Any, goal: Any, limits: list[Any], w: Any) -> Floats:
    problem = cp.Problem(goal, limits)
    problem.solve(solver=cp.CLARABEL, time_limit=SOLVE_SECONDS)
    if problem.status not in ("optimal", "optimal_inaccurate") or w.value is None:
        raise BadInput(
            f"the caps leave no weights to choose from (solver says {problem.status}); relax one"
        )
    return np.asarray(w.value, dtype=np.float64)


def _method(method: Method | str) -> Method:
    try:
        return Method(method)
    except ValueError:
        known = ", ".join(Method)
        raise BadInput(f"{method!r} is no method; use one of {known}") from None


def _weights(
    method: Method, isins: Sequence[str], raw: Floats, mean: Floats, covariance: Floats
) -> Weights:
    """Without the solver's dust; what is left is scaled back to the sum that was asked for."""
    kept = np.where(raw < DUST, 0.0, raw)
    kept = kept * (raw.sum() / kept.sum())
    return Weights(
        method=method,
        weights=tuple((isin, float(w)) for isin, w in zip(isins, kept, strict=True)),
        mean=float(kept @ mean),
        vol=math.sqrt(float(kept @ covariance @ kept)),
    )
