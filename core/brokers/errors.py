"""What a broker's answer means for the caller: no, too soon, unknown, or logged out.

Each adapter says by `Manners` what its broker's words mean; the sentences are made here. Whatever
is not a definite no leaves the outcome of a write unknown, and a read can be asked again. No
sentence holds an address, a key or a token, and none is chained to an error that does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.brokers.wire import Said
from core.errors import (
    BrokerRefused,
    MunimError,
    OutcomeUnknown,
    SessionDead,
    SourceFailed,
    SourceWrong,
    Throttled,
)

ADDRESS: Final = re.compile(r"\b(?:https?|wss?)://\S+")
MESSAGE_MAX: Final = 300


class Meaning(Enum):
    """What an answer that brought nothing means."""

    TOO_SOON = "the broker was asked too often"
    ENDED = "the session ended"
    ADDRESS = "the machine's address may not send orders"
    NO = "the request was turned down"
    UNCLEAR = "anything else"


@dataclass(frozen=True, slots=True)
class Manners:
    """How one broker answers.

    Args:
        broker: its name in sentences.
        meaning: what an answer that brought nothing means.
        secret: a name that must not be shown with what follows it, in two groups.
        where_to_register: where a person names the machine's address.
    """

    broker: str
    meaning: Callable[[Said], Meaning]
    secret: re.Pattern[str]
    where_to_register: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call: what was tried, in words, and whether it may have changed something."""

    login: str
    doing: str
    is_write: bool


def judged(
    attempt: Attempt,
    said: Said | None,
    manners: Manners,
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
    who, broker, doing = attempt.login, manners.broker, attempt.doing
    if said is None:
        if was_sent:
            return _lost(attempt, broker, f"no answer came ({fault})")
        return _no(attempt, f"{broker}'s client does not {doing} ({fault}); nothing was sent")
    message = clean(said.message, manners, secrets)
    meaning = manners.meaning(said)
    if meaning is Meaning.TOO_SOON:
        return _too_soon(attempt, broker, said)
    if meaning is Meaning.ENDED:
        return SessionDead(
            f"{who}: {broker} ended the session when asked to {doing} ({message or said.status}); "
            "log in again"
        )
    if meaning is Meaning.ADDRESS:
        return SessionDead(
            f"{who}: {broker} takes no orders from this machine's address when asked to {doing} "
            f"({message}); register the fixed IP {manners.where_to_register}"
        )
    if meaning is Meaning.NO:
        reason = message or f"{said.error_type}, {said.status}"
        return _no(attempt, f"{broker} refused to {doing}: {reason}")
    return _lost(attempt, broker, _unclear(said, message, fault))


def clean(message: str, manners: Manners, secrets: Sequence[str] = ()) -> str:
    """A broker's message without addresses, keys and tokens, in one line."""
    text = manners.secret.sub(r"\1=…", ADDRESS.sub("…", " ".join(message.split())))
    for secret in secrets:
        if secret:
            text = text.replace(secret, "…")
    return text[:MESSAGE_MAX].rstrip(". ")


def _unclear(said: Said, message: str, fault: str) -> str:
    if not said.readable:
        return f"an answer that is cut off or no JSON came ({said.status})"
    if said.status < 400 and not said.error_type:
        return f"the answer lacks what was asked for ({fault})"
    words = f": {message}" if message else ""
    return f"{said.error_type or 'an error'} came ({said.status}){words}"


def _too_soon(attempt: Attempt, broker: str, said: Said) -> Throttled:
    wait = "" if said.retry_after is None else f" and asks for {said.retry_after:g} s of rest"
    kept = "; it was not accepted" if attempt.is_write else ""
    return Throttled(
        f"{attempt.login}: {broker} was asked too often{wait} when asked to {attempt.doing}{kept}; "
        "wait, then look again",
        retry_after=said.retry_after,
    )


def _no(attempt: Attempt, what: str) -> MunimError:
    sentence = f"{attempt.login}: {what}"
    return BrokerRefused(sentence) if attempt.is_write else SourceWrong(sentence)


def _lost(attempt: Attempt, broker: str, what: str) -> MunimError:
    if attempt.is_write:
        return OutcomeUnknown(
            f"{attempt.login}: whether {broker} did {attempt.doing} is not known, {what}; "
            "look it up and send nothing again"
        )
    return SourceFailed(f"{attempt.login}: {broker} could not {attempt.doing}, {what}; ask again")
