"""One snapshot of a share's options and futures in four numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from core.panel import Floats

CALL, PUT, FUTURE = "CE", "PE", "FUT"


@dataclass(frozen=True, slots=True)
class ChainSummary:
    """NaN where the snapshot does not say.

    `implied_vol` a year's fraction at the money of the nearest expiry after the day, since what
    expires on it is priced by the hour; `put_call` open puts over open calls and `open_interest`
    all contracts, both over all expiries; `basis` the nearest future over the share less one.
    """

    implied_vol: float
    put_call: float
    open_interest: float
    basis: float


def summary(
    *,
    day: date,
    kind: Sequence[str],
    expiry: Sequence[date],
    strike: Floats,
    values: Mapping[str, Floats],
) -> ChainSummary:
    """The numbers of the contracts that have not expired before `day`.

    Args:
        values: `implied_vol` in percent a year, `open_interest`, `last`, `settle` and
            `underlying_price`, each as long as `kind`.
    """
    alive = np.array([one >= day for one in expiry], dtype=np.bool_)
    kinds, until = np.array(kind, dtype=np.str_), np.array(expiry, dtype="datetime64[D]")
    price = _first_known(values["underlying_price"][alive])
    held = values["open_interest"]
    calls, puts = (_sum_of_known(held[alive & (kinds == one)]) for one in (CALL, PUT))
    lasting = alive & (kinds != FUTURE) & (until > np.datetime64(day))
    return ChainSummary(
        implied_vol=_at_the_money(lasting, until, strike, values, price),
        put_call=puts / calls if calls > 0 else np.nan,
        open_interest=_sum_of_known(held[alive]) or np.nan,
        basis=_basis(alive & (kinds == FUTURE), until, values, price),
    )


def _at_the_money(
    of: NDArray[np.bool_],
    until: NDArray[np.datetime64],
    strike: Floats,
    values: Mapping[str, Floats],
    price: float,
) -> float:
    """Mean of call and put at the strike nearest to the price; nothing is said by a zero."""
    told = of & (values["implied_vol"] > 0)
    if not told.any() or np.isnan(price):
        return np.nan
    near = told & (until == until[told].min())
    apart = np.where(near, np.abs(strike - price), np.inf)
    return float(values["implied_vol"][apart == apart.min()].mean()) / 100.0


def _basis(
    of: NDArray[np.bool_],
    until: NDArray[np.datetime64],
    values: Mapping[str, Floats],
    price: float,
) -> float:
    paid = np.where(values["last"] > 0, values["last"], values["settle"])
    told = of & (paid > 0)
    if not told.any() or np.isnan(price):
        return np.nan
    return float(paid[told & (until == until[told].min())][0] / price - 1.0)


def _sum_of_known(values: Floats) -> float:
    """NaN where none is known, which is not none."""
    known = values[~np.isnan(values)]
    return float(known.sum()) if known.size else np.nan


def _first_known(values: Floats) -> float:
    known = values[values > 0]
    return float(known[0]) if known.size else np.nan
