"""A login's way from a person's wish to an open session, as everybody may see it.

No token and no one-time code is ever part of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

ASK_SECONDS: Final = 600.0  # how long a link may be used
TERMINAL: Final = "terminal"  # the session of an ask that was typed


class AskStatus(StrEnum):
    """Where a wish to log in is."""

    ASKED = "ASKED"  # the worker makes a link
    READY = "READY"  # the link waits for a person
    RETURNED = "RETURNED"  # the one-time code waits for the worker
    DONE = "DONE"
    REFUSED = "REFUSED"


ENDED: Final = (AskStatus.DONE, AskStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class LoginAsk:
    """One wish to log in.

    `session` is the hash of the desk session that asked; `state_hash` that of the word which the
    broker hands back; `asked` is in monotonic seconds. `link` is empty once used.
    """

    id: str
    login_id: str
    session: str
    asked_by: str
    asked_at: datetime
    asked: float
    status: AskStatus = AskStatus.ASKED
    link: str = ""
    state_hash: str = ""
    sentence: str = ""


class SessionStatus(StrEnum):
    """Whether a login's session can be used."""

    CLOSED = "CLOSED"  # nobody logged in
    OPENING = "OPENING"  # a session is kept, and the broker is asked
    OPEN = "OPEN"
    SILENT = "SILENT"  # open, and the broker does not answer
    DEAD = "DEAD"  # the broker ended it


WORKS: Final = (SessionStatus.OPEN, SessionStatus.SILENT)


@dataclass(frozen=True, slots=True)
class LoginState:
    """What the worker last saw of a login; `beat` is in monotonic seconds.

    `facts` is plain JSON for the broker page: limits used, streams, verified calls, capability.
    """

    login_id: str
    status: SessionStatus
    sentence: str
    user: str
    since: datetime | None
    expires_at: datetime | None
    read_at: datetime | None
    beat: float
    facts: dict[str, Any]

    @property
    def works(self) -> bool:
        """Whether orders may go out and reads come back."""
        return self.status in WORKS
