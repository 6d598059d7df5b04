"""Invented panels for the research tests: noise, and noise with a drift that the tilt foretells."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np

from core.panel import Floats, Panel

SHARES, SESSIONS = 24, 420
AT = datetime(2026, 4, 6, 10, 0, tzinfo=UTC)


def days(count: int) -> tuple[date, ...]:
    """Consecutive weekdays, the first a Monday."""
    start = date(2024, 1, 1)
    found = (start + timedelta(days=place) for place in range(2 * count))
    return tuple(day for day in found if day.weekday() < 5)[:count]


def isins(count: int) -> tuple[str, ...]:
    """INE000A00000 and on."""
    return tuple(f"INE{place:03d}A00000" for place in range(count))


def panel_of(
    *, open: Floats, high: Floats, low: Floats, close: Floats, volume: Floats | None = None
) -> Panel:
    """A panel without corporate actions; every session trades 1,000 shares unless told."""
    return Panel(
        sessions=days(len(close)),
        isins=isins(close.shape[1]),
        open=open,
        high=high,
        low=low,
        close=close,
        volume=np.full(close.shape, 1000.0) if volume is None else volume,
        factor=np.ones(close.shape),
    )


def noise(
    *,
    seed: int,
    shares: int = SHARES,
    sessions: int = SESSIONS,
    drift: Floats | None = None,
    size: Floats | None = None,
) -> Panel:
    """Random walks of 1.5 % a session, times a size and plus a drift, both (sessions, shares)."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0.0, 0.015, (sessions, shares))
    if size is not None:
        moves = moves * size
    if drift is not None:
        moves = moves + drift
    close = 100 * np.exp(np.cumsum(moves, axis=0))
    before = np.vstack([np.full((1, shares), 100.0), close[:-1]])
    open = before * np.exp(rng.normal(0.0, 0.003, close.shape))
    reach = np.exp(np.abs(rng.normal(0.0, 0.006, close.shape)))
    return panel_of(
        open=open,
        high=np.maximum(open, close) * reach,
        low=np.minimum(open, close) / reach,
        close=close,
        volume=rng.lognormal(12.0, 0.4, close.shape),
    )


def planted(*, seed: int) -> tuple[Panel, Floats]:
    """A panel whose next ten sessions drift the way of the tilt returned, and that tilt."""
    lean = _spells(seed=seed)
    return noise(seed=seed, drift=0.010 * _next(lean)), lean


def restless(*, seed: int) -> tuple[Panel, Floats]:
    """A panel whose next moves are small or large as the tilt returned says, and never lean."""
    lean = _spells(seed=seed)
    return noise(seed=seed, size=4.0 ** _next(lean)), lean


def _spells(*, seed: int) -> Floats:
    """-1, 0 or 1 for twelve sessions at a time."""
    rng = np.random.default_rng(seed + 1000)
    lean = np.zeros((SESSIONS, SHARES))
    for start in range(0, SESSIONS, 12):
        lean[start : start + 12] = rng.choice([-1.0, 0.0, 1.0], SHARES)
    return lean


def _next(lean: Floats) -> Floats:
    return np.vstack([np.zeros((1, SHARES)), lean[:-1]])
