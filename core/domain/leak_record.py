"""What the newest run of the leak tests found, as it is kept for the Models page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Verdict(StrEnum):
    """LEAK fails; NOT_ASKED says that there is nothing here the test could look at."""

    PASS = "pass"
    LEAK = "leak"
    NOT_ASKED = "not applicable"


@dataclass(frozen=True, slots=True)
class LeakTest:
    """One test: what it asks in a few words, and what it said."""

    name: str
    words: str
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class LeakRecord:
    """A run of every test; `features` is the version of the columns tested, "" for a file's."""

    subject: str
    at: datetime
    features: str
    first: date
    last: date
    sessions: int
    shares: int
    columns: int
    tests: tuple[LeakTest, ...]

    def those(self, verdict: Verdict) -> tuple[LeakTest, ...]:
        """The tests that ended so."""
        return tuple(one for one in self.tests if one.verdict is verdict)
