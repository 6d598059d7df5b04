"""When each broker ends MIS, from the committed rows and the desk's calendar."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from core.desk.desk import REFERENCE
from core.domain.account import Broker
from core.domain.calendar import Calendar
from core.domain.square_off import CutOffs, SquaresOff
from core.providers.square_off_file import load_cut_offs


class Dated(Protocol):
    """Whatever knows the trading days: the desk, or what a decision knows."""

    @property
    def calendar(self) -> Calendar:
        """The trading calendar."""


def squares_off(desk: Dated, broker: Broker) -> SquaresOff:
    """A broker's square-off by share and day; None for a day that does not trade."""
    return _rows().at(broker, desk.calendar)


@cache
def _rows() -> CutOffs:
    return load_cut_offs(REFERENCE / "square_off.json")
