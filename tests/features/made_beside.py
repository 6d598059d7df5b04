"""Everything that can stand beside an invented panel, all of it invented too."""

from __future__ import annotations

import numpy as np

from core.desk.desk import calendar_now
from core.features.beside import Beside
from core.features.happened import KINDS
from core.panel import Floats, Panel


def beside_of(panel: Panel, *, seed: int, missing: float = 0.1) -> Beside:
    """Every part; `missing` of what is told a session or a share is not known."""
    rng = np.random.default_rng(seed)
    shape = panel.close.shape

    def level(start: float, step: float, *size: int) -> Floats:
        return start * np.exp(np.cumsum(rng.normal(0.0, step, size), axis=0))

    def holed(values: Floats) -> Floats:
        return np.where(rng.random(values.shape) < missing, np.nan, values)

    return Beside(
        index=holed(level(20_000.0, 0.01, shape[0])),
        vix=holed(level(15.0, 0.05, shape[0])),
        fii=holed(rng.normal(0.0, 2_000.0, shape[0])),
        dii=holed(rng.normal(0.0, 2_000.0, shape[0])),
        sectors=tuple(("Banks", "Software", "")[place % 3] for place in range(shape[1])),
        since_results=rng.integers(0, 60, shape).astype(np.float64),
        to_results=holed(rng.integers(0, 60, shape).astype(np.float64)),
        filings={kind: rng.poisson(0.2, shape).astype(np.float64) for kind in KINDS},
        delivery=holed(rng.uniform(0.2, 0.8, shape)),
        trades=holed(rng.integers(100, 9_000, shape).astype(np.float64)),
        vwap=panel.close * np.exp(rng.normal(0.0, 0.003, shape)),
        implied_vol=holed(level(0.25, 0.03, *shape)),
        put_call=holed(level(1.0, 0.05, *shape)),
        open_interest=holed(level(1e6, 0.05, *shape)),
        basis=holed(rng.normal(0.002, 0.002, shape)),
        calendar=calendar_now(),
    )
