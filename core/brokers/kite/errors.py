"""What Kite's answers mean: a definite no needs a 4xx status and an error type that says so."""

from __future__ import annotations

import re
from typing import Final

from core.brokers.errors import Manners, Meaning
from core.brokers.kite import NAME
from core.brokers.wire import Said

# MarginException, HoldingException and UserException are Kite's words that its client lacks
DEFINITE: Final = frozenset(
    {
        "InputException",
        "OrderException",
        "MarginException",
        "HoldingException",
        "UserException",
        "PermissionException",
    }
)
ABOUT_ADDRESS: Final = re.compile(r"\bIPs?\b|\bip address|whitelist", re.IGNORECASE)
SECRET: Final = re.compile(
    r"(?i)\b(access_token|request_token|refresh_token|enctoken|api_key|api_secret|checksum)"
    r"(\s*[=:]\s*|%3D)[^\s&,;\"']+"
)


def meaning(said: Said) -> Meaning:
    """What an answer that brought nothing means."""
    forbidden = said.status in (401, 403)
    if said.status == 429:
        return Meaning.TOO_SOON
    if forbidden and ABOUT_ADDRESS.search(said.message):
        return Meaning.ADDRESS
    if 400 <= said.status < 500 and said.error_type in DEFINITE:
        return Meaning.NO
    if forbidden and (said.error_type == "TokenException" or said.status == 401):
        return Meaning.ENDED
    return Meaning.UNCLEAR


MANNERS: Final = Manners(NAME, meaning, SECRET, "at Kite's developer console")
