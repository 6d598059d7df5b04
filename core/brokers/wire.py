"""The one way to a broker: each request leaves once, ends in time, is counted and remembered.

A broker's own client loses what an answer said: Kite's takes a success text under a 5xx status
for success, Upstox's drops fields that its models lack. So what came back is kept here for each
thread and judged in `errors`. A redirect is never followed, for it would send an order twice.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from core.domain.clock import Clock, ist_day

PIECE: Final = 65_536
BYTES_MAX: Final = 64_000_000
RETRY_AFTER_MAX: Final = 86_400.0
USER_AGENT: Final = "Munim/0.1 (a trading desk for one person)"
KINDS: Final = ("order writes", "quotes", "history", "other")

# its debug lines hold whole addresses, and a logout names the token in the address
logging.getLogger("urllib3").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a request may take, in seconds: to connect, between bytes, and altogether."""

    connect_seconds: float = 3.0
    read_seconds: float = 7.0
    total_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Said:
    """What an answer said, however the client reads it."""

    status: int
    error_type: str = ""
    message: str = ""
    retry_after: float | None = None
    readable: bool = False  # a JSON object, or a CSV file
    found: Mapping[str, Any] = field(default_factory=dict)  # the JSON object as it came


@dataclass(frozen=True, slots=True)
class Use:
    """How much of one rate limit was used; `day` counts the Indian day."""

    kind: str
    second: int
    minute: int
    day: int


@dataclass(frozen=True, slots=True)
class Dated:
    """The Date header of an answer, between two readings of this machine's clock."""

    header: str
    asked_at: datetime
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """Who gave an answer over TLS, and the SHA-256 of its bytes."""

    host: str
    sha256: str


class Wire(HTTPAdapter):
    """Sends once and keeps the books about it; safe for several threads.

    Args:
        read: what an answer of this broker's said.
        kind: which of `KINDS` a method and a path count as.
    """

    def __init__(
        self,
        clock: Clock,
        patience: Patience,
        *,
        read: Callable[[requests.Response], Said],
        kind: Callable[[str, str], str],
    ) -> None:
        super().__init__(max_retries=0)
        self._read = read
        self._kind = kind
        self._clock = clock
        self._patience = patience
        self._here = threading.local()
        self._lock = threading.Lock()
        self._sent: dict[str, deque[float]] = {kind: deque() for kind in KINDS}
        self._today: dict[str, int] = dict.fromkeys(KINDS, 0)
        self._day: date | None = None
        self.skew_seconds: float | None = None
        self.dated: Dated | None = None  # the last answer that told a time
        self.answered_at: datetime | None = None

    def forget(self) -> None:
        """Start a call of this thread with nothing said."""
        self._here.said = None
        self._here.answer = None
        self._here.sent = 0

    @property
    def said(self) -> Said | None:
        """What the last answer to this thread said; None when none came."""
        found: Said | None = getattr(self._here, "said", None)
        return found

    @property
    def answer(self) -> Answer | None:
        """Who gave the last answer to this thread; None when none came over TLS."""
        found: Answer | None = getattr(self._here, "answer", None)
        return found

    @property
    def sent(self) -> int:
        """Requests this thread sent since `forget`."""
        found: int = getattr(self._here, "sent", 0)
        return found

    def uses(self) -> tuple[Use, ...]:
        """How much of each rate limit is used now."""
        now = self._clock.monotonic()
        with self._lock:
            self._turn_day()
            return tuple(
                Use(
                    kind,
                    second=sum(1 for at in times if now - at < 1),
                    minute=sum(1 for at in times if now - at < 60),
                    day=self._today[kind],
                )
                for kind, times in self._sent.items()
            )

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, stream: bool = False, **rest: Any
    ) -> requests.Response:
        """Send a request and return the whole answer; raises what `requests` raises."""
        patience = self._patience
        request.headers["User-Agent"] = USER_AGENT
        rest["timeout"] = (patience.connect_seconds, patience.read_seconds)
        self._count(request)
        ends, began = time.monotonic() + patience.total_seconds, self._clock.now()
        response = super().send(request, stream=True, **rest)
        response._content = _body(response, ends)
        response._content_consumed = True
        self._keep(response, began)
        return response

    def _count(self, request: requests.PreparedRequest) -> None:
        method, path = (request.method or "").upper(), urlsplit(request.url or "").path
        kind, now = self._kind(method, path), self._clock.monotonic()
        self._here.sent = self.sent + 1
        with self._lock:
            self._turn_day()
            self._today[kind] += 1
            times = self._sent[kind]
            times.append(now)
            while times and now - times[0] >= 60:
                times.popleft()

    def _turn_day(self) -> None:
        today = ist_day(self._clock.now())
        if self._day != today:
            self._day, self._today = today, dict.fromkeys(KINDS, 0)

    def _keep(self, response: requests.Response, began: datetime) -> None:
        self._here.said = self._read(response)
        self._here.answer = _answer_of(response)
        ended = self._clock.now()
        self.answered_at = ended
        try:
            told = parsedate_to_datetime(response.headers["Date"])
        except (KeyError, ValueError, TypeError):
            return
        if told.tzinfo is not None:
            # the header has whole seconds, so on average it is half a second old
            here = began + (ended - began) / 2
            self.skew_seconds = (told - here).total_seconds() + 0.5
            self.dated = Dated(response.headers["Date"], began, ended)


def _answer_of(response: requests.Response) -> Answer | None:
    """Who gave an answer over TLS, and its hash; None for a sandbox's."""
    place = urlsplit(response.url)
    if place.scheme != "https":
        return None
    return Answer(place.hostname or "", hashlib.sha256(response.content).hexdigest())


def session_over(wire: Wire, *, is_loopback: bool) -> requests.Session:
    """A session that goes through the wire alone, follows nothing and reads no netrc file."""
    session = requests.Session()
    session.trust_env = not is_loopback  # the environment's proxy, except towards a sandbox
    session.auth = lambda request: request
    session.max_redirects = 0
    session.mount("https://", wire)
    session.mount("http://", wire)
    return session


def is_loopback(root: str | None) -> bool:
    """Whether an address is a sandbox on this machine."""
    return root is not None and urlsplit(root).hostname in ("127.0.0.1", "::1", "localhost")


def _body(response: requests.Response, ends: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for piece in response.iter_content(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > BYTES_MAX or time.monotonic() > ends:
            response.close()
            raise requests.exceptions.ReadTimeout("the answer is too long or too slow")
    return b"".join(pieces)


def object_in(response: requests.Response) -> Mapping[str, Any] | None:
    """The JSON object of an answer; None for another text."""
    try:
        found = json.loads(response.content)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def retry_after(response: requests.Response) -> float | None:
    """Seconds from a Retry-After header, a number or a date; None when unreadable."""
    text = response.headers.get("Retry-After", "")
    try:
        wait = float(text)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(0.0, wait), RETRY_AFTER_MAX)
