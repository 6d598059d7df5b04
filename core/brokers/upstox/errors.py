"""What Upstox's answers mean: a definite no needs a 4xx status and a UDAPI code that says so."""

from __future__ import annotations

import re
from typing import Final

from core.brokers.errors import Manners, Meaning
from core.brokers.upstox import NAME
from core.brokers.wire import Said

CODE: Final = re.compile(r"UDAPI\d+")
TOO_OFTEN: Final = "UDAPI10005"
WENT_WRONG: Final = "UDAPI100500"  # Upstox's word for an error of its own, under any status
ABOUT_ADDRESS_CODE: Final = "UDAPI1154"
ABOUT_ADDRESS: Final = re.compile(r"\bstatic ips?\b|\bip address|whitelist", re.IGNORECASE)
SECRET: Final = re.compile(
    r"(?i)\b(access_token|extended_token|client_secret|client_id|authorization|bearer|code)"
    r"(\s*[=:]\s*|%3D|\s+(?=eyJ))[^\s&,;\"']+"
)


def meaning(said: Said) -> Meaning:
    """What an answer that brought nothing means."""
    code = said.error_type
    if said.status == 429 or code == TOO_OFTEN:
        return Meaning.TOO_SOON
    if said.status == 401:
        return Meaning.ENDED
    worded = said.status == 403 and ABOUT_ADDRESS.search(said.message)
    if code == ABOUT_ADDRESS_CODE or worded:
        return Meaning.ADDRESS
    named = CODE.fullmatch(code) is not None and code != WENT_WRONG
    if 400 <= said.status < 500 and said.status != 408 and named:
        return Meaning.NO
    return Meaning.UNCLEAR


MANNERS: Final = Manners(NAME, meaning, SECRET, "with Upstox's app")
