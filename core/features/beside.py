"""What stands beside prices, as it was known by each close; a part that nobody has is None.

Whoever fills it answers for "known by": flows that the exchange says in the evening belong to the
next session, and a results date counts from the day it was announced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.calendar import Calendar
from core.panel import Floats, Panel

A_SESSION = ("index", "vix", "fii", "dii")
A_CELL = (
    "since_results",
    "to_results",
    "delivery",
    "trades",
    "vwap",
    "implied_vol",
    "put_call",
    "open_interest",
    "basis",
)


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """Market series have shape (n_sessions,), series of shares (n_sessions, n_instruments).

    NaN where a value was not known by the close. `index` and `vix` are levels, `fii` and `dii`
    rupees bought less sold in the cash market, in any one unit. `sectors` names each share's
    sector, "" where none is known. `since_results` and `to_results` count sessions; `filings`
    counts what became known between the close before and this one, by kind. `delivery` is the
    fraction of volume taken home, `vwap` raw rupees, `implied_vol` a year's fraction, `put_call`
    open puts over calls, `open_interest` contracts, `basis` the future over the share less one.
    """

    index: Floats | None = None
    vix: Floats | None = None
    fii: Floats | None = None
    dii: Floats | None = None
    sectors: tuple[str, ...] | None = None
    since_results: Floats | None = None
    to_results: Floats | None = None
    filings: Mapping[str, Floats] = field(default_factory=lambda: MappingProxyType({}))
    delivery: Floats | None = None
    trades: Floats | None = None
    vwap: Floats | None = None
    implied_vol: Floats | None = None
    put_call: Floats | None = None
    open_interest: Floats | None = None
    basis: Floats | None = None
    calendar: Calendar | None = None

    def fits(self, panel: Panel) -> None:
        """Raise ValueError where a part is of another shape than the panel."""
        sessions, shares = panel.close.shape
        for name in (*A_SESSION, *A_CELL):
            part = getattr(self, name)
            wanted = (sessions,) if name in A_SESSION else (sessions, shares)
            if part is not None and part.shape != wanted:
                raise ValueError(f"beside {name} has shape {part.shape}, the panel says {wanted}")
        for kind, counts in self.filings.items():
            if counts.shape != (sessions, shares):
                raise ValueError(f"filings of {kind} have shape {counts.shape}, not the panel's")
        if self.sectors is not None and len(self.sectors) != shares:
            raise ValueError(f"{len(self.sectors)} sectors for {shares} shares")

    def rows(self, rows: slice) -> Beside:
        """Some of the sessions."""
        parts: dict[str, Any] = {
            name: getattr(self, name)[rows]
            for name in (*A_SESSION, *A_CELL)
            if getattr(self, name) is not None
        }
        filings = {kind: counts[rows] for kind, counts in self.filings.items()}
        return replace(self, filings=filings, **parts)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of what is there."""
        return tuple(one.name for one in fields(self) if _is_there(getattr(self, one.name)))


def _is_there(part: object) -> bool:
    return part is not None and (not isinstance(part, Mapping) or bool(part))


def carried(series: Floats) -> Floats:
    """The last known value on each place, NaN before the first."""
    known: NDArray[np.bool_] = ~np.isnan(series)
    last = np.maximum.accumulate(np.where(known, np.arange(len(series)), -1))
    return np.where(last >= 0, series[np.maximum(last, 0)], np.nan)
