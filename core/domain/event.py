"""What happened and when we could have known: filings, headlines and what they were tagged as.

`event_at` is when it happened, `known_at` when the desk could first have read it; every
stage looks only at what has `known_at` at or before its own `as_of`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from core.errors import BadInput


class Priority(IntEnum):
    """How soon an event is read; lower goes first."""

    URGENT = 0
    NORMAL = 1
    ROUTINE = 2


class EventType(StrEnum):
    """What kind of thing happened, in the exchanges' own categories where there is one."""

    RESULTS = "results"
    ORDER_WIN = "order win"
    EXPANSION = "expansion"
    ACQUISITION = "acquisition"
    FUND_RAISE = "fund raise"
    DIVIDEND = "dividend"
    BUYBACK = "buyback"
    BONUS_SPLIT = "bonus or split"
    RATING = "rating"
    MANAGEMENT = "management change"
    REGULATORY = "regulatory"
    LITIGATION = "litigation"
    INSOLVENCY = "insolvency"
    PLEDGE = "pledge"
    GUIDANCE = "guidance"
    PRODUCT = "product"
    MACRO = "macro"
    ROUTINE = "routine"


class Stance(IntEnum):
    """Which way the text leans for the share."""

    NEGATIVE = -1
    NEUTRAL = 0
    POSITIVE = 1


@dataclass(frozen=True, slots=True)
class Event:
    """One item of news or one filing, as it was received."""

    id: str
    source: str
    source_id: str
    headline: str
    event_at: datetime
    known_at: datetime
    body: str = ""
    url: str = ""
    priority: Priority = Priority.NORMAL
    simulated: bool = False

    def __post_init__(self) -> None:
        if not self.headline.strip():
            raise BadInput(f"{self.source} {self.source_id}: an event needs a headline")
        if self.event_at.tzinfo is None or self.known_at.tzinfo is None:
            raise BadInput(f"{self.source} {self.source_id}: event times need a time zone")


@dataclass(frozen=True, slots=True)
class TaggedEvent:
    """One event read for one instrument.

    `impact` and `confidence` are fractions in [0, 1]; `matched` are the words that decided.
    """

    event_id: str
    isin: str
    symbol: str
    event_type: EventType
    stance: Stance
    impact: float
    confidence: float
    matched: tuple[str, ...]
    known_at: datetime
    tagger: str = "rules-1"


def event_id(source: str, source_id: str, headline: str) -> str:
    """A content-derived id: the same item from the same source is the same event."""
    basis = "\x1f".join((source, source_id, squeeze(headline)))
    return "ev" + hashlib.sha256(basis.encode()).hexdigest()[:18]


def squeeze(headline: str) -> str:
    """The headline without case, punctuation and repeated blanks, for finding duplicates."""
    return re.sub(r"[^a-z0-9]+", " ", headline.lower()).strip()
