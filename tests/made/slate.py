"""A slate of candidates that every filter of the balanced mandate lets through."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.domain.instrument import Instrument
from core.mandates.slate import Covariances, Slate
from tests.made.market import RELIANCE

SECTORS = ("Energy", "IT", "Pharma", "Autos", "Power", "Metals")


def some_shares(count: int) -> tuple[Instrument, ...]:
    """Large caps S000, S001, … over six sectors."""
    return tuple(
        replace(
            RELIANCE,
            isin=f"INE{at:03d}A01018",
            symbol=f"S{at:03d}",
            name=f"Share {at}",
            sector=SECTORS[at % len(SECTORS)],
            has_derivatives=False,
            band_pct=20,
        )
        for at in range(count)
    )


def one_factor(count: int, *, vol: float = 0.30, pairs: float = 0.3) -> np.ndarray:
    """Covariance of shares of one volatility and one correlation."""
    return vol**2 * (pairs * np.ones((count, count)) + (1 - pairs) * np.eye(count))


def a_slate(count: int = 6, **changes: object) -> Slate:
    """Measured candidates; the first has the best edge, the last the worst."""
    shares = some_shares(count)
    matrix = one_factor(count)
    fields = {
        "shares": shares,
        "strategy": "momentum",
        "horizon_sessions": 10,
        "edge": 0.02 - 0.001 * np.arange(count),
        "p_stop": np.full(count, 0.3),
        "score": np.linspace(0.9, 0.1, count),
        "risk": np.full(count, 0.04),
        "vol": np.full(count, 0.30),
        "turnover": np.full(count, 2e9),
        "quality": np.full(count, 100.0),
        "to_results": np.full(count, np.inf),
        "to_ex_date": np.full(count, np.inf),
        "together": Covariances(tuple(share.isin for share in shares), matrix),
    }
    return Slate(**(fields | changes))
