"""Lists a person follows and the lines he asked to be told about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.money import Money


@dataclass(frozen=True, slots=True)
class Watchlist:
    """A named, ordered list of ISINs."""

    name: str
    isins: tuple[str, ...]


class AlertKind(StrEnum):
    """What an alert waits for; ALARM is the desk's own."""

    PRICE_ABOVE = "price above"
    PRICE_BELOW = "price below"
    UP_BY = "up by"
    DOWN_BY = "down by"
    CROSSES_UP = "crosses up"
    CROSSES_DOWN = "crosses down"
    EVENT = "event"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Alert:
    """One line to watch, or one alarm the desk raised; `fired_at` is None while it waits.

    `level` is the price waited for. `bound` is the day's move as a fraction, or the value an
    indicator has to cross, None where it is the close that crosses the indicator. `watched` names
    the indicator or the kind of event. `told` says what was seen when it went off. `scaled_by`
    are the corporate actions that put its price into new share terms.
    """

    id: str
    kind: AlertKind
    isin: str
    symbol: str
    level: Money | None
    sentence: str
    created_at: datetime
    fired_at: datetime | None = None
    seen_at: datetime | None = None
    bound: float | None = None
    watched: str = ""
    told: str = ""
    dropped: bool = False
    scaled_by: tuple[str, ...] = ()
