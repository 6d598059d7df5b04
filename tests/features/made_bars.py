"""One share's bars for tests of indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from core.features.compute import period_numbers
from core.features.own_bars import OwnBars
from core.panel import Floats, Panel
from tests.models.made import days


def bars_of(
    close: Sequence[float] | Floats,
    *,
    open: Sequence[float] | Floats | None = None,
    high: Sequence[float] | Floats | None = None,
    low: Sequence[float] | Floats | None = None,
    volume: Sequence[float] | Floats | None = None,
    index: Sequence[float] | Floats | None = None,
) -> OwnBars:
    """Bars of weekdays from a Monday; what is not told is the close, or 1,000 shares."""
    closes = np.asarray(close, dtype=np.float64)
    week, month = period_numbers(days(len(closes)))

    def part(values: Sequence[float] | Floats | None, usual: Floats) -> Floats:
        return usual if values is None else np.asarray(values, dtype=np.float64)

    return OwnBars(
        open=part(open, closes),
        high=part(high, closes),
        low=part(low, closes),
        close=closes,
        volume=part(volume, np.full(len(closes), 1000.0)),
        week=week,
        month=month,
        index=part(index, np.full(len(closes), np.nan)),
    )


def of_panel(panel: Panel, *, upto: int | None = None, index: Floats | None = None) -> OwnBars:
    """The first share's bars, or the first few of them."""
    some = slice(0, upto)
    names = ("close", "open", "high", "low", "volume")
    close, *rest = (np.ascontiguousarray(getattr(panel, name)[some, 0]) for name in names)
    return bars_of(close, index=index, **dict(zip(names[1:], rest, strict=True)))


def tail(bars: OwnBars, count: int) -> OwnBars:
    """The last bars alone, as if nothing had gone before."""
    names = [one.name for one in fields(bars) if not one.name.startswith("_")]
    return OwnBars(**{name: getattr(bars, name)[-count:] for name in names})
