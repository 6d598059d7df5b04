"""One share's own bars, adjusted and without gaps, with what several columns share.

The same object may hold the last bars of many shares end to end: a column of finite memory is
then right wherever its whole memory lies in one share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from core.features.rolling import Places, change, last_all, mean
from core.features.talib_functions import ta
from core.panel import Floats

Ints = NDArray[np.int64]
Still = Literal["closes", "bars"]


@dataclass(frozen=True, slots=True, eq=False)
class OwnBars:
    """Each array has shape (n_bars,), oldest first.

    `week` and `month` number the calendar week and month of each bar. `index` is the level of the
    market index at the same closes, the last known one carried on, NaN before the first.
    """

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    week: Ints
    month: Ints
    index: Floats
    _kept: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made when first asked for under a name."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    @property
    def returns(self) -> Floats:
        """Simple return of each bar."""
        found: Floats = self.once("returns", lambda: change(self.close, 1))
        return found

    @property
    def squares(self) -> Floats:
        """Squared returns."""
        found: Floats = self.once("squares", lambda: self.returns**2)
        return found

    @property
    def cubes(self) -> Floats:
        """Cubed returns."""
        found: Floats = self.once("cubes", lambda: self.returns**3)
        return found

    @property
    def true_range(self) -> Floats:
        """The bar's range with the gap before it."""
        found: Floats = self.once(
            "true range", lambda: ta().TRANGE(self.high, self.low, self.close)
        )
        return found

    @property
    def atr(self) -> Floats:
        """Simple mean of 14 true ranges, the ATR of labels and brackets."""
        found: Floats = self.once("atr", lambda: mean(self.true_range, 14))
        return found

    def stood(self, still: Still, bars: int) -> Places:
        """The places up to which the last so many bars, or all so far, closed at one price.

        Where `still` is bars they had no other price either.
        """

        def made() -> Places:
            same = np.append(still == "closes", self.close[1:] == self.close[:-1])
            if still == "bars":
                one = self.high == self.low
                same[0] = one[0]
                same[1:] &= one[1:] & one[:-1]
            moved = np.flatnonzero(~same)
            never = np.arange(moved[0] if len(moved) else len(same))
            return np.union1d(never, last_all(same, bars - 1))

        found: Places = self.once(f"{still} stood {bars}", made)
        return found

    @property
    def usual_volume(self) -> Floats:
        """Mean volume of 20 bars."""
        found: Floats = self.once("usual volume", lambda: mean(self.volume, 20))
        return found

    @property
    def typical(self) -> Floats:
        """A third of high, low and close."""
        found: Floats = self.once("typical", lambda: (self.high + self.low + self.close) / 3.0)
        return found

    @property
    def index_returns(self) -> Floats:
        """Simple return of the index over each bar of the share."""
        found: Floats = self.once("index returns", lambda: change(self.index, 1))
        return found

    def sma(self, sessions: int) -> Floats:
        """Simple mean of closes."""
        found: Floats = self.once(f"sma {sessions}", lambda: mean(self.close, sessions))
        return found
