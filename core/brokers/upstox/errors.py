"""What an answer of Upstox's means for the caller: no, too soon, unknown, or logged out.

A definite no needs a 4xx status and a UDAPI code that says the request was turned down. Whatever
else goes wrong with a write leaves its outcome unknown, and with a read can be asked again.
No sentence holds an address, a key or a token, and none is chained to an error that does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.brokers.upstox.wire import UpstoxSaid
from core.errors import (
    BrokerRefused,
    MunimError,
    OutcomeUnknown,
    SessionDead,
    SourceFailed,
    SourceWrong,
    Throttled,
)

CODE: Final = re.compile(r"UDAPI\d+")
TOO_OFTEN: Final = "UDAPI10005"
WENT_WRONG: Final = "UDAPI100500"  # Upstox's word for an error of its own, under any status
ABOUT_ADDRESS_CODE: Final = "UDAPI1154"
ABOUT_ADDRESS: Final = re.compile(r"\bstatic ips?\b|\bip address|whitelist", re.IGNORECASE)
SECRET: Final = re.compile(
    r"(?i)\b(access_token|extended_token|client_secret|client_id|authorization|bearer|code)"
    r"(\s*[=:]\s*|%3D|\s+(?=eyJ))[^\s&,;\"']+"
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
    attempt: Attempt,
    said: UpstoxSaid | None,
    *,
    fault: str,
    was_sent: bool = True,
    secrets: Sequence[str] = (),
) -> MunimError:
    """The error to raise for a call that did not end well.

    Args:
        said: what came back; None when nothing did.
        fault: the kind of failure, as the class name of what the client raised.
        was_sent: whether a request left; one that the client itself refused did not.
        secrets: texts that must not appear in the sentence.
    """
    if said is None:
        return _lost(attempt, f"no answer came ({fault})") if was_sent else _unsent(attempt, fault)
    message = clean(said.message, secrets)
    if said.status == 429 or said.error_type == TOO_OFTEN:
        return _too_soon(attempt, said)
    if said.status == 401:
        return _ended(attempt, message or str(said.status))
    if is_about_address(said):
        return SessionDead(
            f"{attempt.login}: Upstox takes no orders from this machine's address when asked to "
            f"{attempt.doing} ({message}); register the fixed IP with Upstox's app"
        )
    if is_definite(said):
        return _no(attempt, said, message)
    if not said.readable:
        return _lost(attempt, f"an answer that is cut off or no JSON came ({said.status})")
    if said.status < 400 and not said.error_type:
        return _lost(attempt, f"the answer lacks what was asked for ({fault})")
    words = f": {message}" if message else ""
    return _lost(attempt, f"{said.error_type or 'an error'} came ({said.status}){words}")


def is_definite(said: UpstoxSaid) -> bool:
    """Whether Upstox said that the request was turned down."""
    named = CODE.fullmatch(said.error_type) is not None and said.error_type != WENT_WRONG
    return 400 <= said.status < 500 and said.status != 408 and named


def is_about_address(said: UpstoxSaid) -> bool:
    """Whether Upstox turned away the machine's address and not the session."""
    if said.error_type == ABOUT_ADDRESS_CODE:
        return True
    return said.status == 403 and ABOUT_ADDRESS.search(said.message) is not None


def clean(message: str, secrets: Sequence[str] = ()) -> str:
    """A broker's message without addresses, keys and tokens, in one line."""
    text = SECRET.sub(r"\1=…", ADDRESS.sub("…", " ".join(message.split())))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text[:MESSAGE_MAX].rstrip(". ")


def _too_soon(attempt: Attempt, said: UpstoxSaid) -> Throttled:
    wait = "" if said.retry_after is None else f" and asks for {said.retry_after:g} s of rest"
    kept = "; it was not accepted" if attempt.is_write else ""
    return Throttled(
        f"{attempt.login}: Upstox was asked too often{wait} when asked to {attempt.doing}{kept}; "
        "wait, then look again",
        retry_after=said.retry_after,
    )


def _ended(attempt: Attempt, message: str) -> SessionDead:
    return SessionDead(
        f"{attempt.login}: Upstox ended the session when asked to {attempt.doing} ({message}); "
        "log in again"
    )


def _no(attempt: Attempt, said: UpstoxSaid, message: str) -> MunimError:
    reason = message or f"{said.error_type}, {said.status}"
    if attempt.is_write:
        return BrokerRefused(f"{attempt.login}: Upstox refused to {attempt.doing}: {reason}")
    return SourceWrong(f"{attempt.login}: Upstox refused to {attempt.doing}: {reason}")


def _unsent(attempt: Attempt, fault: str) -> MunimError:
    what = f"{attempt.login}: Upstox's client does not {attempt.doing} ({fault}); nothing was sent"
    return BrokerRefused(what) if attempt.is_write else SourceWrong(what)


def _lost(attempt: Attempt, what: str) -> MunimError:
    if attempt.is_write:
        return OutcomeUnknown(
            f"{attempt.login}: whether Upstox did {attempt.doing} is not known, {what}; "
            "look it up and send nothing again"
        )
    return SourceFailed(f"{attempt.login}: Upstox could not {attempt.doing}, {what}; ask again")
