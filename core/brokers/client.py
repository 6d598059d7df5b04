"""One session at a broker, through that broker's own client.

Whatever the client raises becomes one of our errors before it leaves this file, and that error is
chained to nothing, because the client's texts and frames can hold addresses and tokens.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final

import requests
import urllib3

from core.brokers.errors import Attempt, Manners, Meaning, judged
from core.brokers.wire import Answer, Dated, Said, Use, Wire
from core.errors import MunimError, SessionDead

# what a client stumbles with over an answer it did not expect
STUMBLES: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NameError,
    TypeError,
    ValueError,
)
BROKEN: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)


class BrokerClient(ABC):
    """What was asked, what was said, and how the session ended; safe for several threads."""

    def __init__(
        self,
        *,
        user_id: str,
        called: str,
        wire: Wire,
        manners: Manners,
        raises: type[Exception],
        secrets: list[str],
        is_sandbox: bool,
    ) -> None:
        self.user_id = user_id
        self.is_sandbox = is_sandbox
        self.died = ""  # the sentence with which the session ended; reads and writes stop then
        self.address_refused: str | None = None  # by the last order; empty once one was taken
        self.who = f"{called} {user_id}"
        self._wire = wire
        self._manners = manners
        self._faults = (*BROKEN, raises, *STUMBLES)
        self._secrets = secrets

    def __repr__(self) -> str:
        return f"Client({self.user_id})"

    def keep_secret(self, *texts: str) -> None:
        """Never show these in a sentence."""
        self._secrets += texts

    @abstractmethod
    def read(self, doing: str, method: str, *arguments: Any, **named: Any) -> Any:
        """One question; raises SourceFailed, SourceWrong, Throttled or SessionDead."""

    @abstractmethod
    def log_out(self) -> None:
        """End the session at the broker."""

    @abstractmethod
    def replace_token(self, token: str) -> None:
        """Go on with the token of a new login."""

    def uses(self) -> tuple[Use, ...]:
        """How much of each rate limit is used now."""
        return self._wire.uses()

    @property
    def requests_of_last_call(self) -> int:
        """HTTP requests that this thread's last call sent."""
        return self._wire.sent

    @property
    def skew_seconds(self) -> float | None:
        """The broker's clock less ours, good to about a second; None before the first answer."""
        return self._wire.skew_seconds

    @property
    def dated(self) -> Dated | None:
        """The time of the last answer that told one, to judge this machine's clock by."""
        return self._wire.dated

    @property
    def last_answer(self) -> Answer | None:
        """Who gave this thread's last answer, and its hash."""
        return self._wire.answer

    @abstractmethod
    def _answer(self, said: Said, found: Any, fault: str) -> Any:
        """What an answer below 400 brought; raises LookupError where it brought nothing."""

    def _asked(self, doing: str, call: Callable[[], Any]) -> Any:
        return self._through(Attempt(self.who, doing, is_write=False), call, lambda found: found)

    def _sent(self, doing: str, call: Callable[[], Any], named: Callable[[Any], str]) -> str:
        found: str = self._through(Attempt(self.who, doing, is_write=True), call, named)
        self.address_refused = ""
        return found

    def _through(
        self, attempt: Attempt, call: Callable[[], Any], wanted: Callable[[Any], Any]
    ) -> Any:
        if self.died:
            raise SessionDead(self.died)
        self._wire.forget()
        found, fault = self._tried(call)
        said = self._wire.said
        if said is not None and said.status < 400:
            try:
                return wanted(self._answer(said, found, fault))
            except STUMBLES as error:
                fault = fault or type(error).__name__
        problem = judged(
            attempt,
            said,
            self._manners,
            fault=fault or "an error status",
            was_sent=self._wire.sent > 0,
            secrets=self._secrets,
        )
        self._remember_death(problem, said)
        raise problem

    def _tried(self, call: Callable[[], Any]) -> tuple[Any, str]:
        """What the client returned, or the name of what went wrong."""
        try:
            return call(), ""
        except self._faults as error:
            return None, type(error).__name__

    def _remember_death(self, error: MunimError, said: Said | None) -> None:
        if not isinstance(error, SessionDead) or said is None:
            return
        if self._manners.meaning(said) is Meaning.ADDRESS:
            self.address_refused = str(error)  # which refuses writes alone; reads go on
        else:
            self.died = str(error)


def id_in(found: Any) -> str:
    """The id that a write's answer gives, or the first of several; LookupError without one."""
    first = found[0] if isinstance(found, list) and found else found
    if not isinstance(first, (str, int)) or isinstance(first, bool) or not str(first):
        raise LookupError("no id")
    return str(first)
