"""A requests session for one vendor: hard timeouts, a size limit, one User-Agent, our errors.

Every vendor's client is given this session, so that a slow, dead or wrong server ends in the
same few sentences. No sentence holds an address, because some vendors take their key in it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from core.errors import SessionDead, SourceFailed, SourceWrong, Throttled
from core.providers.net.policy import USER_AGENT, Policy

Judge = Callable[[str, requests.Response], None]
PIECE: Final = 65_536
RETRY_AFTER_MAX: Final = 86_400.0

# its debug lines hold whole addresses, and some vendors take their key in the address
logging.getLogger("urllib3").setLevel(logging.INFO)


class Wire(HTTPAdapter):
    """Sends once, reads to the end within `total_seconds`, judges the answer.

    Args:
        root: where to send instead of the vendor's own host; for tests and sandboxes.
        free_hosts: hosts whose answers only carry cookies, so their status and text are free.
        judge: what else a vendor's file wants to refuse, given the path and the answer.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        root: str | None = None,
        free_hosts: frozenset[str] = frozenset(),
        judge: Judge | None = None,
    ) -> None:
        super().__init__(max_retries=0)
        self._policy = policy
        self._root = root
        self._free_hosts = free_hosts
        self._judge_more = judge

    def send(  # type: ignore[override]
        self, request: requests.PreparedRequest, stream: bool = False, **rest: Any
    ) -> requests.Response:
        """Send a request and return the whole answer; raises our errors, and only those."""
        policy = self._policy
        asked = urlsplit(request.url or "")
        if self._root is not None:
            base = urlsplit(self._root)
            request.url = urlunsplit((base.scheme, base.netloc, asked.path, asked.query, ""))
            request.headers.pop("Host", None)
        request.headers["User-Agent"] = USER_AGENT
        ends = time.monotonic() + policy.total_seconds
        rest["timeout"] = (policy.connect_seconds, policy.read_seconds)
        try:
            response = super().send(request, stream=True, **rest)
            body = self._body(response, ends)
        except requests.exceptions.ConnectTimeout:
            raise SourceFailed(
                f"{policy.label} took no connection within {policy.connect_seconds:g} s"
            ) from None
        except (requests.exceptions.ReadTimeout, urllib3.exceptions.TimeoutError):
            raise SourceFailed(
                f"{policy.label} was silent for {policy.read_seconds:g} s after the question"
            ) from None
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as e:
            raise SourceFailed(
                f"{policy.label} cannot be reached ({type(e).__name__}); check the network"
            ) from None
        response._content = body
        response._content_consumed = True
        if (asked.hostname or "") not in self._free_hosts:
            self._judge(response, body)
            if self._judge_more is not None:
                self._judge_more(asked.path, response)
        return response

    def _body(self, response: requests.Response, ends: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while piece := response.raw.read1(PIECE, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self._policy.bytes_max:
                raise SourceWrong(
                    f"{self._policy.label} sent more than {self._policy.bytes_max} bytes; "
                    "ask for a shorter span"
                )
            if time.monotonic() > ends:
                raise SourceFailed(
                    f"{self._policy.label} did not finish within {self._policy.total_seconds:g} s"
                )
        response.close()
        return b"".join(pieces)

    def _judge(self, response: requests.Response, body: bytes) -> None:
        """Turn a status or a web page into an error; other answers are the vendor's to read."""
        label, status = self._policy.label, response.status_code
        if status == 429:
            wait = _retry_after(response.headers.get("Retry-After", ""))
            words = "" if wait is None else f" and asks for {wait:.0f} s of rest"
            raise Throttled(f"{label} says it was asked too often{words}", retry_after=wait)
        if status in (401, 403):
            raise SessionDead(f"{label} refuses us ({status}); {self._policy.way_in}")
        if status >= 500:
            raise SourceFailed(f"{label} is in trouble of its own ({status})")
        kind = response.headers.get("Content-Type", "")
        if "html" in kind.lower() or body.lstrip()[:1] == b"<":
            raise SourceWrong(f"{label} answered with a web page where figures were expected")


def wire_session(
    policy: Policy,
    *,
    root: str | None = None,
    free_hosts: frozenset[str] = frozenset(),
    judge: Judge | None = None,
) -> requests.Session:
    """A session that goes through a Wire for every address.

    It never takes a password from a netrc file, which would replace the vendor's own key.
    """
    session = requests.Session()
    session.trust_env = root is None  # the environment's proxy, except towards a test's server
    session.auth = lambda request: request
    wire = Wire(policy, root=root, free_hosts=free_hosts, judge=judge)
    session.mount("https://", wire)
    session.mount("http://", wire)
    return session


def get_json(
    session: requests.Session,
    policy: Policy,
    url: str,
    *,
    params: dict[str, str],
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """One GET whose answer is a JSON object; raises SourceWrong for anything else."""
    response = session.get(url, params=params, headers=headers)
    try:
        found = response.json()
    except ValueError:
        raise SourceWrong(
            f"{policy.label} sent {len(response.content)} bytes that are cut off or no JSON"
        ) from None
    if not isinstance(found, dict):
        raise SourceWrong(f"{policy.label} sent a {type(found).__name__}, expected an object")
    return found


def _retry_after(text: str) -> float | None:
    """Seconds from a Retry-After header, given as a number or a date; None when unreadable."""
    try:
        wait = float(text)
    except ValueError:
        try:
            wait = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return min(max(0.0, wait), RETRY_AFTER_MAX)
