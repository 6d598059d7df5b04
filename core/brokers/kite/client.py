"""Zerodha's own client behind two verbs: read, which may be asked again, and write, which may not.

Whatever the client raises becomes one of our errors before it leaves this file, and that error is
chained to nothing, because the client's texts and frames can hold addresses and tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import requests
import urllib3

from core.brokers.kite.errors import Attempt, is_about_address, judged
from core.brokers.kite.wire import Dated, KiteWire, Patience, Use, is_loopback, kite_session
from core.domain.clock import Clock
from core.errors import MunimError, SessionDead

# where each write's answer names what it made
NAMED_BY: Final = {
    "place_gtt": "trigger_id",
    "modify_gtt": "trigger_id",
    "delete_gtt": "trigger_id",
}


class Client:
    """One api key and one access token. `root` is another host, without a path."""

    def __init__(
        self,
        *,
        user_id: str,
        api_key: str,
        token: str,
        clock: Clock,
        root: str | None = None,
        patience: Patience | None = None,
    ) -> None:
        from kiteconnect import KiteConnect

        self.user_id = user_id
        self.is_sandbox = is_loopback(root)
        self.died = ""  # the sentence with which the session ended; reads and writes stop then
        self.address_refused: str | None = None  # by the last order; empty once one was taken
        self._secrets = [api_key, token]
        self._wire = KiteWire(clock, patience or Patience())
        self._kite = KiteConnect(api_key=api_key, access_token=token, root=root)
        self._kite.reqsession = kite_session(self._wire, is_loopback=self.is_sandbox)

    def __repr__(self) -> str:
        return f"Client({self.user_id})"

    def read(self, doing: str, method: str, *arguments: Any, **named: Any) -> Any:
        """One question; raises SourceFailed, SourceWrong, Throttled or SessionDead."""
        call = getattr(self._kite, method)
        return self._through(Attempt(self._who, doing, False), lambda: call(*arguments, **named))

    def write(self, doing: str, method: str, **named: Any) -> str:
        """One request that changes something, sent once; returns the id that Kite gives.

        Raises BrokerRefused, Throttled, SessionDead, or OutcomeUnknown.
        """
        call, field = getattr(self._kite, method), NAMED_BY.get(method)
        attempt = Attempt(self._who, doing, True)
        found = str(self._through(attempt, lambda: _named(call(**named), field)))
        self.address_refused = ""
        return found

    def keep_secret(self, *texts: str) -> None:
        """Never show these in a sentence."""
        self._secrets += texts

    def log_out(self) -> None:
        """End the session at Kite."""
        self.read("log out", "invalidate_access_token")

    def uses(self) -> tuple[Use, ...]:
        """How much of each rate limit is used now."""
        return self._wire.uses()

    @property
    def requests_of_last_call(self) -> int:
        """HTTP requests that this thread's last call sent."""
        return self._wire.sent

    @property
    def skew_seconds(self) -> float | None:
        """Kite's clock less ours, good to about a second; None before the first answer."""
        return self._wire.skew_seconds

    @property
    def dated(self) -> Dated | None:
        """The time of the last answer that told one, to judge this machine's clock by."""
        return self._wire.dated

    def replace_token(self, token: str) -> None:
        """Go on with the token of a new login."""
        self._secrets.append(token)
        self._kite.set_access_token(token)
        self.died = ""

    @property
    def _who(self) -> str:
        return f"Zerodha {self.user_id}"

    def _through(self, attempt: Attempt, call: Callable[[], Any]) -> Any:
        if self.died:
            raise SessionDead(self.died)
        answer, fault = self._tried(call)
        if not fault:
            said = self._wire.said
            if said is not None and said.status < 400:
                return answer
            fault = "an error status"
        error = judged(attempt, self._wire.said, fault=fault, secrets=self._secrets)
        self._remember_death(error)
        raise error

    def _tried(self, call: Callable[[], Any]) -> tuple[Any, str]:
        """The answer, or the name of what went wrong."""
        from kiteconnect.exceptions import KiteException

        self._wire.forget()
        try:
            return call(), ""
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return None, type(error).__name__
        except KiteException as error:
            return None, type(error).__name__
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            NameError,
            TypeError,
            ValueError,
        ) as e:
            return None, type(e).__name__  # the client stumbled over an answer it did not expect

    def _remember_death(self, error: MunimError) -> None:
        said = self._wire.said
        if not isinstance(error, SessionDead) or said is None:
            return
        if is_about_address(said):
            self.address_refused = str(error)  # which refuses writes alone; reads go on
        else:
            self.died = str(error)


def _named(answer: Any, field: str | None) -> str:
    """The id in a write's answer; LookupError or TypeError without one."""
    found = answer[field] if field else answer
    if not isinstance(found, (str, int)) or isinstance(found, bool) or not str(found):
        raise LookupError("no id")
    return str(found)
