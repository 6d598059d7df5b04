"""When a broker closes intraday positions itself, and what it takes for that, as dated rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.domain.account import Broker
from core.domain.calendar import Calendar
from core.domain.charges import PRICED_AS
from core.domain.clock import IST
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.errors import BadInput


@dataclass(frozen=True, slots=True)
class SquareOff:
    """From `at` on the broker closes MIS positions itself; each order of it costs `fee`."""

    at: datetime
    fee: Money


SquaresOff = Callable[[Instrument, date], SquareOff | None]  # None where nothing trades that day


@dataclass(frozen=True, slots=True)
class CutOff:
    """One broker's terms from a day on; times in IST, `fee` with GST.

    `minutes_before_end` counts from the end of continuous trading on days of other hours.
    """

    broker: Broker
    valid_from: date
    plain: time
    derivative: time
    minutes_before_end: int
    fee: Money
    source: str


@dataclass(frozen=True, slots=True)
class CutOffs:
    """Every row; the newest one begun by a day holds. Paper follows Zerodha."""

    rows: tuple[CutOff, ...]

    def row(self, broker: Broker, on: date) -> CutOff:
        """A broker's terms on a day; raises BadInput where no row reaches back to it."""
        of = PRICED_AS.get(broker, broker)
        found = [row for row in self.rows if row.broker is of and row.valid_from <= on]
        if not found:
            raise BadInput(f"no row says when {of} squares off on {on}; add one to square_off.json")
        return max(found, key=lambda row: row.valid_from)

    def of(self, broker: Broker, instrument: Instrument, on: date, calendar: Calendar) -> SquareOff:
        """When MIS in a share ends at a broker on a session, never after continuous trading."""
        row = self.row(broker, on)
        ends = calendar.continuous_until(on, has_derivatives=instrument.has_derivatives)
        latest = ends - timedelta(minutes=row.minutes_before_end)
        special = calendar.specials.get(on)
        if special is not None and special.trading:
            return SquareOff(latest, row.fee)
        regular = row.derivative if instrument.has_derivatives else row.plain
        at = datetime.combine(on, regular, IST)
        return SquareOff(at if at < ends else latest, row.fee)

    def at(self, broker: Broker, calendar: Calendar) -> SquaresOff:
        """A broker's square-off by share and day, as its exchange asks for it."""

        def when(instrument: Instrument, on: date) -> SquareOff | None:
            if not calendar.first <= on <= calendar.last or not calendar.is_session(on):
                return None
            return self.of(broker, instrument, on, calendar)

        return when
