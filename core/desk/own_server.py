"""Ask the desk's own page what a stranger would: a foreign name, a foreign site, no session.

The answers are looked at, not the settings, so a gate that is not in front of the page is found.
"""

from __future__ import annotations

import base64
import http.client
import secrets
from typing import Final

from core.config import Settings

SECONDS: Final = 3.0
FOREIGN: Final = "http://evil.test"
WEBSOCKET: Final = "/_stcore/stream"


def why_open(settings: Settings) -> str:
    """What the page lets a stranger do; empty when it turned every one of them away."""
    own = f"{settings.bind}:{settings.port}"
    upgrade = {
        "Host": own,
        "Origin": FOREIGN,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
    }
    form = {"Host": own, "Origin": FOREIGN, "Content-Type": "application/x-www-form-urlencoded"}
    asked = (
        ("a foreign Host header", "GET", "/", {"Host": "evil.test"}, 403),
        ("a form from another site", "POST", "/enter", form, 403),
        ("a request without a session", "GET", "/", {"Host": own}, 401),
        ("a WebSocket from another site", "GET", WEBSOCKET, upgrade, 403),
    )
    try:
        for what, verb, path, headers, wanted in asked:
            status = _status(settings, verb, path, headers)
            if status != wanted:
                return (
                    f"{what} was answered with {status} and not {wanted}; start the page with "
                    "make run, which puts its gate in front"
                )
    except OSError as no:
        return f"the page at {own} does not answer ({type(no).__name__}); start it with make run"
    except http.client.HTTPException as no:
        return f"the page at {own} answers what cannot be read ({type(no).__name__})"
    return ""


def _status(settings: Settings, verb: str, path: str, headers: dict[str, str]) -> int:
    line = http.client.HTTPConnection(settings.bind, settings.port, timeout=SECONDS)
    try:
        line.putrequest(verb, path, skip_host=True, skip_accept_encoding=True)
        for name, value in headers.items():
            line.putheader(name, value)
        if verb == "POST":
            line.putheader("Content-Length", "0")
        line.endheaders()
        return line.getresponse().status
    finally:
        line.close()
