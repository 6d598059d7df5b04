"""Four numbers of an option chain, worked by hand; what it does not say is missing."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.features.chain import ChainSummary, summary
from core.panel import Floats

DAY, NEXT = date(2026, 11, 24), date(2026, 12, 29)
NAN = float("nan")


def chain(
    *,
    held: tuple[float, ...] = (100.0, 60.0, 40.0, 20.0),
    vol: tuple[float, ...] = (90.0, 95.0, 22.0, 26.0),
) -> ChainSummary:
    """Call and put at 100, first of the expiry on the day itself and then of the next."""
    values: dict[str, Floats] = {
        "open_interest": np.array(held),
        "implied_vol": np.array(vol),
        "underlying_price": np.full(4, 101.0),
        "last": np.ones(4),
        "settle": np.ones(4),
    }
    return summary(
        day=DAY,
        kind=["CE", "PE", "CE", "PE"],
        expiry=[DAY, DAY, NEXT, NEXT],
        strike=np.full(4, 100.0),
        values=values,
    )


def test_what_expires_today_gives_no_volatility_but_is_still_held():
    said = chain()
    assert said.implied_vol == pytest.approx(0.24)  # (22 + 26) / 2, not the 90 of the last hour
    assert said.put_call == pytest.approx(80 / 140)
    assert said.open_interest == pytest.approx(220)
    assert np.isnan(said.basis)
    assert np.isnan(chain(vol=(90.0, 95.0, 0.0, NAN)).implied_vol)


def test_puts_that_are_not_told_are_not_none():
    untold = chain(held=(100.0, NAN, 40.0, NAN))
    assert np.isnan(untold.put_call) and untold.open_interest == pytest.approx(140)
    assert chain(held=(100.0, 0.0, 40.0, 0.0)).put_call == 0.0
    assert np.isnan(chain(held=(NAN,) * 4).open_interest)
