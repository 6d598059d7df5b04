"""The price of a share's day: the feed's, or its last stored close where the feed has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from sqlmodel import Session

from core.domain.money import Money
from core.domain.quote import Quote
from core.domain.words import day, ist_time
from core.store import array_versions, bars

LOOK_BACK = 14  # calendar days before the newest session in which a share's last bar is sought


@dataclass(frozen=True, slots=True)
class DayPrice:
    """One share's day; `session` is None while the price is the feed's, `at` says when it was.

    `prev_close` is None where a share has one stored bar only.
    """

    ltp: Money
    prev_close: Money | None
    open: Money
    high: Money
    low: Money
    volume: int
    at: str
    session: date | None = None

    @property
    def change(self) -> float | None:
        """The move of the day as a fraction of the close before, None where that is not known."""
        if not self.prev_close:
            return None
        return (self.ltp - self.prev_close).share_of(self.prev_close)


class Closes:
    """Every share's last stored bar, read again only when bars came."""

    def __init__(self) -> None:
        self._key: tuple[str, int] | None = None
        self._bars: dict[str, DayPrice] = {}

    def of(self, tx: Session) -> Mapping[str, DayPrice]:
        """By ISIN; empty while no bar is stored."""
        key = (str(tx.get_bind().engine.url), array_versions.version(tx))
        if key != self._key:
            self._bars, self._key = _last_bars(tx), key
        return self._bars


CLOSES = Closes()


def of_quote(one: Quote) -> DayPrice:
    """What the feed told."""
    at = ist_time(one.received_at)
    return DayPrice(one.ltp, one.prev_close, one.open, one.high, one.low, one.volume, at)


def _last_bars(tx: Session) -> dict[str, DayPrice]:
    last = bars.last_session(tx)
    if last is None:
        return {}
    panel = bars.read_panel(tx, start=last - timedelta(days=LOOK_BACK))
    found = {}
    for column, isin in enumerate(panel.isins):
        known = np.flatnonzero(np.isfinite(panel.close[:, column]))
        if not known.size:
            continue
        row = known[-1]
        before = None
        if known.size > 1:
            terms = panel.factor[known[-2], column] / panel.factor[row, column]
            before = _money(panel.close[known[-2], column] / terms)
        session = panel.sessions[row]
        volume = panel.volume[row, column]
        found[isin] = DayPrice(
            ltp=_money(panel.close[row, column]),
            prev_close=before,
            open=_money(panel.open[row, column]),
            high=_money(panel.high[row, column]),
            low=_money(panel.low[row, column]),
            volume=int(volume) if np.isfinite(volume) else 0,
            at=day(session),
            session=session,
        )
    return found


def _money(rupees: float) -> Money:
    return Money(round(float(rupees) * 100))
