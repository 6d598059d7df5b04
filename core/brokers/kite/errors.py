"""What an answer of Kite's means for the caller: no, too soon, unknown, or logged out.

A definite no needs a 4xx status and an error type that says the order was turned down. Whatever
else goes wrong with a write leaves its outcome unknown, and with a read can be asked again.
No sentence holds an address, a key or a token, and none is chained to an error that does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.brokers.kite.wire import Said
from core.errors import (
    BrokerRefused,
    MunimError,
    OutcomeUnknown,
    SessionDead,
    SourceFailed,
    SourceWrong,
    Throttled,
)

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
ADDRESS: Final = re.compile(r"\b(?:https?|wss?)://\S+")
MESSAGE_MAX: Final = 300


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call: what was tried, in words, and whether it may have changed something."""

    login: str
    doing: str
    is_write: bool


def judged(
    attempt: Attempt, said: Said | None, *, fault: str, secrets: Sequence[str] = ()
) -> MunimError:
    """The error to raise for a call that did not end well.

    Args:
        said: what came back; None when nothing did.
        fault: the kind of failure, as the class name of what the client raised.
        secrets: texts that must not appear in the sentence.
    """
    if said is None:
        return _lost(attempt, f"no answer came ({fault})")
    message = clean(said.message, secrets)
    if said.status == 429:
        return _too_soon(attempt, said)
    if said.status in (401, 403):
        return _forbidden(attempt, said, message)
    if 400 <= said.status < 500 and said.error_type in DEFINITE:
        return _no(attempt, said, message)
    if not said.readable:
        return _lost(attempt, f"an answer that is cut off or no JSON came ({said.status})")
    if said.status < 400 and not said.error_type:
        return _lost(attempt, f"the answer lacks what was asked for ({fault})")
    words = f": {message}" if message else ""
    return _lost(attempt, f"{said.error_type or 'an error'} came ({said.status}){words}")


def is_about_address(said: Said) -> bool:
    """Whether Kite turned away the machine's address and not the session."""
    return said.status in (401, 403) and ABOUT_ADDRESS.search(said.message) is not None


def clean(message: str, secrets: Sequence[str] = ()) -> str:
    """A broker's message without addresses, keys and tokens, in one line."""
    text = SECRET.sub(r"\1=…", ADDRESS.sub("…", " ".join(message.split())))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text[:MESSAGE_MAX].rstrip(". ")


def _too_soon(attempt: Attempt, said: Said) -> Throttled:
    wait = "" if said.retry_after is None else f" and asks for {said.retry_after:g} s of rest"
    kept = "; it was not accepted" if attempt.is_write else ""
    return Throttled(
        f"{attempt.login}: Kite was asked too often{wait} when asked to {attempt.doing}{kept}; "
        "wait, then look again",
        retry_after=said.retry_after,
    )


def _forbidden(attempt: Attempt, said: Said, message: str) -> MunimError:
    if is_about_address(said):
        return SessionDead(
            f"{attempt.login}: Kite takes no orders from this machine's address when asked to "
            f"{attempt.doing} ({message}); register the fixed IP at Kite's developer console"
        )
    if said.error_type in DEFINITE:
        return _no(attempt, said, message)
    if said.error_type == "TokenException" or said.status == 401:
        return SessionDead(
            f"{attempt.login}: Kite ended the session when asked to {attempt.doing} "
            f"({message or said.status}); log in again"
        )
    return _lost(attempt, f"{said.error_type or 'a refusal without a reason'} came ({said.status})")


def _no(attempt: Attempt, said: Said, message: str) -> MunimError:
    reason = message or f"{said.error_type}, {said.status}"
    if attempt.is_write:
        return BrokerRefused(f"{attempt.login}: Kite refused to {attempt.doing}: {reason}")
    return SourceWrong(f"{attempt.login}: Kite refused to {attempt.doing}: {reason}")


def _lost(attempt: Attempt, what: str) -> MunimError:
    if attempt.is_write:
        return OutcomeUnknown(
            f"{attempt.login}: whether Kite did {attempt.doing} is not known, {what}; "
            "look it up and send nothing again"
        )
    return SourceFailed(f"{attempt.login}: Kite could not {attempt.doing}, {what}; ask again")
