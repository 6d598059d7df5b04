"""What an answer of Kite's said, and which rate limit a request counts against.

Kite's client makes an error type it does not know a GeneralException, so the type is read here.
"""

from __future__ import annotations

import requests

from core.brokers.wire import Said, object_in, retry_after


def said_by(response: requests.Response) -> Said:
    """Kite's error type and message; an instrument list is a CSV file and says neither."""
    status, wait = response.status_code, retry_after(response)
    kind = response.headers.get("Content-Type", "").lower()
    found = object_in(response) if "json" in kind else None
    if found is None:
        return Said(status, retry_after=wait, readable="csv" in kind)
    return Said(
        status=status,
        error_type=str(found.get("error_type") or ""),
        message=str(found.get("message") or ""),
        retry_after=wait,
        readable=True,
        found=found,
    )


def kind_of(method: str, path: str) -> str:
    """Which of Kite's rate limits a request counts against."""
    if method != "GET" and path.startswith(("/orders", "/gtt")):
        return "order writes"
    if path.startswith("/quote"):
        return "quotes"
    return "history" if path.startswith("/instruments/historical") else "other"
