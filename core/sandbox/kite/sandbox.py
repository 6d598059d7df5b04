"""The Kite sandbox put together: house, sessions, faults, routes and stream as one application."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Scope

from core.brokers.paper import PhaseOf
from core.domain.clock import Clock
from core.domain.instrument import Instrument
from core.domain.square_off import SquaresOff
from core.exchange.rules import Rules
from core.sandbox.faults import Fault, FaultKind, Faults
from core.sandbox.house import House, User
from core.sandbox.kite.answers import KiteError, refused
from core.sandbox.kite.postback import Postbacks
from core.sandbox.kite.routes import credentials, routes
from core.sandbox.kite.session import App, Sessions
from core.sandbox.kite.state import CAPS, Candles, Charging, Kite
from core.sandbox.kite.stream import Streams
from core.sandbox.limits import Windows
from core.sandbox.wire import Answer, Door

USER: Final = User("AB1234", "Sandbox Trader")
VERBS: Final = (
    ("POST", r"/session/token", "login"),
    ("DELETE", r"/session/token", "logout"),
    ("POST", r"/orders/[^/]+", "place"),
    ("PUT", r"/orders/[^/]+/[^/]+", "modify"),
    ("DELETE", r"/orders/[^/]+/[^/]+", "cancel"),
    ("GET", r"/orders", "orders"),
    ("GET", r"/orders/[^/]+/trades", "trades"),
    ("GET", r"/orders/[^/]+", "history"),
    ("GET", r"/trades", "trades"),
    ("POST", r"/gtt/triggers", "place_gtt"),
    ("PUT", r"/gtt/triggers/[^/]+", "modify_gtt"),
    ("DELETE", r"/gtt/triggers/[^/]+", "cancel_gtt"),
    ("GET", r"/gtt/triggers.*", "gtts"),
    ("GET", r"/portfolio/positions", "positions"),
    ("PUT", r"/portfolio/positions", "convert"),
    ("GET", r"/portfolio/holdings.*", "holdings"),
    ("GET", r"/user/margins.*", "funds"),
    ("GET", r"/user/profile", "profile"),
    ("POST", r"/margins/.*", "margin"),
    ("POST", r"/charges/.*", "charges"),
    ("GET", r"/quote.*", "quote"),
    ("GET", r"/instruments/historical/.*", "candles"),
    ("GET", r"/instruments.*", "instruments"),
    ("GET", r"/connect/login", "login_page"),
    ("POST", r"/connect/login", "login_page"),
)


class KiteDialect:
    """What the door asks about Kite's language."""

    def __init__(self, kite: Kite) -> None:
        self._kite = kite

    def verb(self, method: str, path: str) -> str:
        """The fault list's word for a request."""
        found = (word for verb, form, word in VERBS if verb == method and re.fullmatch(form, path))
        return next(found, "unknown")

    def user(self, scope: Scope) -> str:
        """Who asks; empty where the token opens nothing."""
        try:
            return self._kite.sessions.user_of(*credentials(scope))
        except KiteError:
            return ""

    def error(self, kind: FaultKind, fault: Fault) -> Answer:
        """Kite's words for a scripted failure."""
        match kind:
            case FaultKind.THROTTLE_429:
                error = KiteError("NetworkException", "Too many requests", status=429)
            case FaultKind.TOKEN_DIE:
                error = KiteError("TokenException", "Incorrect `api_key` or `access_token`.")
            case FaultKind.IP_REFUSED:
                words = fault.text or "Request from an IP address that is not registered."
                error = KiteError("PermissionException", words)
            case FaultKind.REFUSE:
                error = KiteError("OrderException", fault.text or "Refused by the sandbox.")
            case FaultKind.READ_5XX:
                error = KiteError("NetworkException", "Gateway timed out", status=503)
            case _:
                words = "Couldn't reach the order management system"
                kinds = {500: "GeneralException", 503: "NetworkException"}
                error = KiteError(
                    kinds.get(fault.status, "DataException"), words, status=fault.status
                )
        wait = fault.seconds if kind is FaultKind.THROTTLE_429 else 0.0
        response = refused(error, retry_after=wait)
        return Answer(response.status_code, list(response.raw_headers), bytes(response.body))

    def token_dies(self, user: str) -> None:
        """End a user's session, or everybody's where nobody is named."""
        self._kite.sessions.kill(user)


class KiteSandbox:
    """A sandbox in this process; `app` is what a server serves.

    `limits` off takes the rate windows away, for tests that send faster than a broker allows.
    """

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        *,
        clock: Clock,
        phase_of: PhaseOf,
        users: Sequence[User] = (USER,),
        registered: App | None = None,
        home: Path | None = None,
        rules: Rules | None = None,
        limits: bool = True,
        rejects_in_book: bool = False,
        charging: Charging | None = None,
        candles: Candles | None = None,
        seed: int = 0,
        squares_off: SquaresOff | None = None,
    ) -> None:
        self.house = House(
            instruments,
            clock=clock,
            phase_of=phase_of,
            users=users,
            home=home,
            rules=rules,
            squares_off=squares_off,
        )
        self.registered = registered or App()
        self.faults = Faults(clock, seed=seed)
        self.sessions = Sessions(
            self.registered,
            [user.user_id for user in users],
            clock=clock,
            path=home / "kite_sessions.json" if home else None,
        )
        self.windows = Windows(CAPS if limits else {}, clock)
        self.kite = Kite(
            house=self.house,
            app=self.registered,
            sessions=self.sessions,
            faults=self.faults,
            windows=self.windows,
            charging=charging,
            candles=candles,
            rejects_in_book=rejects_in_book,
        )
        self.postbacks = Postbacks(self.kite) if self.registered.postback_url else None
        self.faults.on_change(self._fills_at_most)
        every = [*routes(self.kite), WebSocketRoute("/", Streams(self.kite).endpoint)]
        self.app: ASGIApp = Door(
            Starlette(routes=every, exception_handlers={404: _no_route, 405: _no_route}),
            faults=self.faults,
            dialect=KiteDialect(self.kite),
            clock=clock,
        )

    def log_in(self, user_id: str = USER.user_id) -> str:
        """An access token without the login page, ending the user's other session."""
        return self.sessions.grant(user_id).access_token

    def end_session(self, user_id: str = "") -> None:
        """End a user's session, or everybody's."""
        self.sessions.kill(user_id)

    def close(self) -> None:
        """Close the journals."""
        if self.postbacks is not None:
            self.postbacks.close()
        self.house.close()

    def _fills_at_most(self) -> None:
        fault = self.faults.standing(FaultKind.PARTIAL)
        self.house.partial(fault.count if fault else None)


async def _no_route(request: Request, error: Exception) -> Response:
    return refused(KiteError("GeneralException", "Route not found", status=404))
