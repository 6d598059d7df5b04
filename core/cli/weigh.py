"""Weights over a file of daily prices: its closes become returns, its symbols the shares."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from core.errors import BadInput
from core.portfolio.optimize import Constraints, Method, Weights, optimize
from core.providers.bar_file import BarFile

CAPS = ("weight_max", "weight_min", "sector_max", "invested")


def weigh(bars: BarFile, method: str, limits: Constraints | None) -> tuple[list[str], Weights]:
    """Weights by symbol over the sessions that every share of the file traded.

    Raises:
        BadInput: an unknown method, one share only, caps that cannot add up.
        NoData: too few sessions.
    """
    if method not in list(Method):
        raise BadInput(f"{method!r} is no method; use one of {', '.join(Method)}")
    rows = bars.rows
    names, across = np.unique(rows.symbol, return_inverse=True)
    days, down = np.unique(rows.day, return_inverse=True)
    if len(names) < 2:
        raise BadInput(f"{bars.name} has the prices of {len(names)} share; give two or more")
    close = np.full((len(days), len(names)), np.nan)
    close[down, across] = rows.close
    whole = close[np.isfinite(close).all(axis=1)]
    shares = [str(name) for name in names]
    return shares, optimize(shares, whole[1:] / whole[:-1] - 1.0, method, limits)


def limits_in(path: Path) -> Constraints:
    """Caps from a JSON file, fractions of the money; raises BadInput naming the bad part."""
    if not path.is_file():
        raise BadInput(f"{path.name}: there is no such file; check the path {path}")
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as wrong:
        raise BadInput(f"{path.name} is no JSON document: {wrong}") from None
    if not isinstance(given, dict) or set(given) - {*CAPS, "sectors"}:
        raise BadInput(f"{path.name} may hold {', '.join(CAPS)} and sectors, and nothing else")
    for name in CAPS:
        if not isinstance(given.get(name, 0.0), int | float):
            raise BadInput(f"{path.name}: {name} is {given[name]!r}; write a fraction such as 0.1")
    caps = {name: float(given[name]) for name in CAPS if name in given}
    sectors = given.get("sectors", {})
    if not isinstance(sectors, dict):
        raise BadInput(f"{path.name}: sectors must map symbols to sectors")
    return Constraints(sectors={str(k): str(v) for k, v in sectors.items()}, **caps)
