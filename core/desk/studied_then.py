"""What may be learnt from: every share stored, on the sessions on which it took part as known then.

What is traded today says only how many shares take part at most, never which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session

from core.domain.instrument import Instrument
from core.errors import NoData
from core.models.taking_part import RULE, taking_part
from core.panel import Panel
from core.store import bars, instruments

LEFT = 20  # sessions without a bar at the end, after which a share counts as gone


@dataclass(frozen=True, slots=True, eq=False)
class Then:
    """Bars, and which shares take part on each session, of the panel's shape."""

    panel: Panel
    members: NDArray[np.bool_]

    def last(self, count: int) -> Then:
        """The newest sessions, with the shares that take part on one of them.

        Raises:
            NoData: none does.
        """
        first = self.panel.sessions[-min(count, len(self.panel.sessions))]
        panel, members = self.panel.since(first), self.members[-count:]
        some = np.flatnonzero(members.any(axis=0))
        if not len(some):
            raise NoData(
                f"none of {len(panel.isins)} shares {RULE} since {first}; import prices of more "
                "or larger shares"
            )
        return Then(panel.only([panel.isins[column] for column in some]), members[:, some])

    @property
    def left(self) -> tuple[str, ...]:
        """ISINs of the shares that traded no more at the end."""
        gone = np.flatnonzero(np.isnan(self.panel.close[-LEFT:]).all(axis=0))
        return tuple(self.panel.isins[column] for column in gone)


def studied_then(tx: Session, *, until: date) -> Then:
    """All shares stored, traded today or not; funds only where they are traded.

    The panel has no sessions where no bar is stored.
    """
    listed = instruments.all_instruments(tx)
    aside = [one for one in listed if one.is_fund and not one.is_traded]
    isins: list[str] | None = None
    if aside:
        names = {one.isin for one in aside}
        wanted = sorted(one.isin for one in listed if one.isin not in names)
        isins = sorted(bars.with_bars(tx, wanted, until=until))
    panel = bars.read_panel(tx, isins, end=until)
    return Then(panel, taking_part(panel, most=most_at_once(listed)))


def most_at_once(listed: Sequence[Instrument]) -> int | None:
    """How many shares take part on one session at most: as many as are traded today."""
    return sum(one.is_traded for one in listed) or None
