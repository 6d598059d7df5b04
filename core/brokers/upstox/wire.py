"""The one way to Upstox: each request leaves once, to the two hosts that were given, and ends.

Left alone the client retries a change and a cancel up to four times, ignores a timeout that is a
float and loses fields its models lack. It is given this pool instead of its own, and what came
back is kept for each thread and judged in `errors`.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests

from core.brokers.wire import Said, object_in, retry_after
from core.errors import BadSetting

FORM: Final = "application/x-www-form-urlencoded"
WRITE_PATHS: Final = ("/v2/order", "/v3/order")


class Pool:
    """What the client takes for its urllib3 pool: one request through our session."""

    def __init__(self, session: requests.Session, hosts: frozenset[str]) -> None:
        self._session = session
        self._hosts = hosts

    def request(
        self,
        method: str,
        url: str,
        *,
        fields: Any = None,
        body: str | None = None,
        headers: Any = None,
        **rest: Any,
    ) -> SimpleNamespace:
        """Send once; raises BadSetting for any host but the given ones, before a byte leaves."""
        check_host(url, self._hosts)
        asked: dict[str, Any] = {"headers": headers}
        if method == "GET":
            asked["params"] = fields
        elif (headers or {}).get("Content-Type") == FORM:
            asked["data"] = urlencode(fields or {})
        else:
            asked["data"] = body
        response = self._session.request(method, url, **asked)
        return SimpleNamespace(
            status=response.status_code,
            reason=response.reason,
            data=response.content,
            headers=response.headers,
            getheaders=lambda: response.headers,
            getheader=response.headers.get,
        )


def origin(url: str) -> str:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def check_host(url: str, hosts: frozenset[str]) -> None:
    """Raise BadSetting unless an address is at one of the hosts."""
    if origin(url) not in hosts:
        raise BadSetting(
            f"a request for {origin(url)} was stopped, for this login speaks to "
            f"{' and '.join(sorted(hosts))} alone; make its session anew"
        )


def said_by(response: requests.Response) -> Said:
    """The first UDAPI code and its message, with the whole answer."""
    status, wait = response.status_code, retry_after(response)
    found = object_in(response)
    if found is None:
        return Said(status, retry_after=wait)
    problems = found.get("errors")
    first = problems[0] if isinstance(problems, list) and problems else {}
    problem = first if isinstance(first, dict) else {}
    return Said(
        status=status,
        error_type=str(problem.get("errorCode") or problem.get("error_code") or ""),
        message=str(problem.get("message") or ""),
        retry_after=wait,
        readable=True,
        found=found,
    )


def kind_of(method: str, path: str) -> str:
    """Which of Upstox's rate limits a request counts against."""
    if method != "GET" and path.startswith(WRITE_PATHS):
        return "order writes"
    if "/market-quote/" in path:
        return "quotes"
    return "history" if "/historical-candle/" in path else "other"
