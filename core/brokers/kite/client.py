"""Zerodha's own client behind two verbs: read, to be asked again, and write, never sent again."""

from __future__ import annotations

from typing import Any, Final

from core.brokers.client import BrokerClient, id_in
from core.brokers.kite.errors import MANNERS
from core.brokers.kite.wire import kind_of, said_by
from core.brokers.wire import Patience, Said, Wire, is_loopback, session_over
from core.domain.clock import Clock

# where a GTT's answer names it; an order's answer is its id
NAMED_BY: Final = {
    "place_gtt": "trigger_id",
    "modify_gtt": "trigger_id",
    "delete_gtt": "trigger_id",
}


class Client(BrokerClient):
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
        from kiteconnect.exceptions import KiteException

        wire = Wire(clock, patience or Patience(), read=said_by, kind=kind_of)
        super().__init__(
            user_id=user_id,
            called="Zerodha",
            wire=wire,
            manners=MANNERS,
            raises=KiteException,
            secrets=[api_key, token],
            is_sandbox=is_loopback(root),
        )
        self._kite = KiteConnect(api_key=api_key, access_token=token, root=root)
        self._kite.reqsession = session_over(wire, is_loopback=self.is_sandbox)

    def read(self, doing: str, method: str, *arguments: Any, **named: Any) -> Any:
        """One question; raises SourceFailed, SourceWrong, Throttled or SessionDead."""
        call = getattr(self._kite, method)
        return self._asked(doing, lambda: call(*arguments, **named))

    def write(self, doing: str, method: str, **named: Any) -> str:
        """One request that changes something, sent once; returns the id that Kite gives.

        Raises BrokerRefused, Throttled, SessionDead, or OutcomeUnknown.
        """
        call, field = getattr(self._kite, method), NAMED_BY.get(method)
        return self._sent(
            doing,
            lambda: call(**named),
            lambda answer: id_in(answer[field] if field else answer),
        )

    def log_out(self) -> None:
        """End the session at Kite."""
        self.read("log out", "invalidate_access_token")

    def replace_token(self, token: str) -> None:
        """Go on with the token of a new login."""
        self._secrets.append(token)
        self._kite.set_access_token(token)
        self.died = ""

    def _answer(self, said: Said, found: Any, fault: str) -> Any:
        if fault:
            raise LookupError(fault)
        return found
