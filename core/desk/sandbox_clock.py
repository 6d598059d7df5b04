"""The clock of a sandbox broker, told by the desk so that both play the same second.

Only a port of this machine is ever asked, over plain HTTP and without a proxy.
"""

from __future__ import annotations

import http.client
import json
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from core.errors import SourceFailed

SECONDS: Final = 0.5  # a port of this machine answers in milliseconds
BYTES_MAX: Final = 65_536


def tell_time(control: str, *, at: datetime, speed: float) -> datetime:
    """Set a sandbox's market time and its speed; returns its time after that."""
    return _answered(control, "POST", {"set": at.isoformat(), "speed": speed})


def ask_time(control: str) -> datetime:
    """A sandbox's market time; raises SourceFailed."""
    return _answered(control, "GET", None)


def _answered(control: str, verb: str, body: dict[str, Any] | None) -> datetime:
    place = urlsplit(control)
    line = http.client.HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
    try:
        line.request(verb, "/clock", json.dumps(body) if body is not None else None)
        answer = line.getresponse()
        found = json.loads(answer.read(BYTES_MAX))
        if answer.status == http.HTTPStatus.OK:
            return datetime.fromisoformat(found["now"])
        fault = str(found.get("error", answer.status))
    except (OSError, http.client.HTTPException) as error:
        fault = type(error).__name__
    except (ValueError, KeyError, TypeError, AttributeError):
        fault = "an answer that is no time"
    finally:
        line.close()
    raise SourceFailed(
        f"the sandbox's clock at {control} could not be told ({fault}); is munim sandbox running?"
    )
