"""The Upstox sandbox put together: house, sessions, faults, routes and feeds as one application."""

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
from core.sandbox.kite.state import Candles, Charging
from core.sandbox.limits import Windows
from core.sandbox.upstox.answers import BAD_TOKEN, FAILED, TURNED_DOWN, UpstoxError, refused
from core.sandbox.upstox.brackets import Brackets
from core.sandbox.upstox.feed import MarketFeed
from core.sandbox.upstox.routes import FEED_PATHS, routes
from core.sandbox.upstox.session import NO_TOKEN, App, Sessions
from core.sandbox.upstox.sockets import bearer
from core.sandbox.upstox.state import CAPS, Upstox
from core.sandbox.upstox.updates import Updates
from core.sandbox.wire import Answer, Door

USER: Final = User("7AB123", "Sandbox Trader")
# Upstox names no limit of resting GTTs, of changes to an order, or of a trigger's distance
RULES: Final = Rules(gtts_max=100_000, gtt_gap_bps_min=0, modifications_max=100_000)
ORDER: Final = r"/v[23]/order"
VERBS: Final = (
    ("POST", r"/v2/login/authorization/token", "login"),
    ("GET", r"/v2/login/authorization/dialog", "login_page"),
    ("POST", r"/v2/login/authorization/dialog", "login_page"),
    ("DELETE", r"/v2/logout", "logout"),
    ("POST", ORDER + r"/place", "place"),
    ("PUT", ORDER + r"/modify", "modify"),
    ("DELETE", ORDER + r"/cancel", "cancel"),
    ("GET", ORDER + r"/retrieve-all", "orders"),
    ("GET", ORDER + r"/trades.*", "trades"),
    ("GET", ORDER + r"/(details|history)", "history"),
    ("POST", ORDER + r"/gtt/place", "place_gtt"),
    ("PUT", ORDER + r"/gtt/modify", "modify_gtt"),
    ("DELETE", ORDER + r"/gtt/cancel", "cancel_gtt"),
    ("GET", ORDER + r"/gtt", "gtts"),
    ("GET", r"/v2/portfolio/short-term-positions", "positions"),
    ("PUT", r"/v2/portfolio/convert-position", "convert"),
    ("GET", r"/v2/portfolio/long-term-holdings", "holdings"),
    ("GET", r"/v2/user/get-funds-and-margin", "funds"),
    ("GET", r"/v2/user/payments/payout", "payouts"),
    ("GET", r"/v2/user/profile", "profile"),
    ("POST", r"/v2/charges/margin", "margin"),
    ("GET", r"/v2/charges/brokerage", "charges"),
    ("GET", r"/v[23]/market-quote/.*", "quote"),
    ("GET", r"/v3/historical-candle/.*", "candles"),
    ("GET", r"/v[23]/feed/.*", "authorize"),
)


class UpstoxDialect:
    """What the door asks about Upstox's language."""

    def __init__(self, upstox: Upstox) -> None:
        self._upstox = upstox

    def verb(self, method: str, path: str) -> str:
        """The fault list's word for a request."""
        found = (word for verb, form, word in VERBS if verb == method and re.fullmatch(form, path))
        return next(found, "unknown")

    def user(self, scope: Scope) -> str:
        """Who asks; empty where the token opens nothing."""
        try:
            return self._upstox.sessions.user_of(bearer(dict(scope["headers"])))
        except UpstoxError:
            return ""

    def error(self, kind: FaultKind, fault: Fault) -> Answer:
        """Upstox's words for a scripted failure."""
        match kind:
            case FaultKind.THROTTLE_429:  # Upstox sends no Retry-After
                error = UpstoxError("UDAPI10005", "Too Many Request Sent")
            case FaultKind.TOKEN_DIE:
                error = UpstoxError(BAD_TOKEN, NO_TOKEN)
            case FaultKind.IP_REFUSED:
                words = fault.text or "Access to this API is blocked due to static IP restrictions"
                error = UpstoxError("UDAPI1154", words)
            case FaultKind.REFUSE:
                error = UpstoxError(TURNED_DOWN, fault.text or "Refused by the sandbox")
            case FaultKind.READ_5XX:
                error = UpstoxError(FAILED, "Something went wrong", status=503)
            case _:
                error = UpstoxError(FAILED, "Something went wrong", status=fault.status)
        response = refused(error)
        return Answer(response.status_code, list(response.raw_headers), bytes(response.body))

    def token_dies(self, user: str) -> None:
        """End a user's session, or everybody's where nobody is named."""
        self._upstox.sessions.kill(user)


class UpstoxSandbox:
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
        forgets_ended_gtts: bool = False,
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
            rules=rules or RULES,
            squares_off=squares_off,
        )
        self.registered = registered or App()
        self.faults = Faults(clock, seed=seed)
        self.sessions = Sessions(
            self.registered,
            [user.user_id for user in users],
            clock=clock,
            path=home / "upstox_sessions.json" if home else None,
        )
        self.windows = Windows(CAPS if limits else {}, clock)
        self.upstox = Upstox(
            house=self.house,
            app=self.registered,
            sessions=self.sessions,
            faults=self.faults,
            windows=self.windows,
            charging=charging,
            candles=candles,
            rejects_in_book=rejects_in_book,
            forgets_ended_gtts=forgets_ended_gtts,
        )
        self.brackets = Brackets(self.upstox, home / "upstox_brackets.json" if home else None)
        self.faults.on_change(self._fills_at_most)
        self.app: ASGIApp = Door(
            self._routes(), faults=self.faults, dialect=UpstoxDialect(self.upstox), clock=clock
        )

    def log_in(self, user_id: str = USER.user_id) -> str:
        """An access token without the login dialog, ending the user's other session."""
        return self.sessions.grant(user_id).access_token

    def end_session(self, user_id: str = "") -> None:
        """End a user's session, or everybody's."""
        self.sessions.kill(user_id)

    def close(self) -> None:
        """Close the journals."""
        self.house.close()

    def _routes(self) -> Starlette:
        market = MarketFeed(self.upstox).sockets.endpoint
        updates = Updates(self.upstox, self.brackets).sockets.endpoint
        sockets = [
            WebSocketRoute(FEED_PATHS["market"], market),
            WebSocketRoute("/v3/feed/market-data-feed", market),
            WebSocketRoute(FEED_PATHS["portfolio"], updates),
            WebSocketRoute("/v2/feed/portfolio-stream-feed", updates),
        ]
        return Starlette(
            routes=[*routes(self.upstox, self.brackets), *sockets],
            exception_handlers={404: _no_route, 405: _no_route},
        )

    def _fills_at_most(self) -> None:
        fault = self.faults.standing(FaultKind.PARTIAL)
        self.house.partial(fault.count if fault else None)


async def _no_route(request: Request, error: Exception) -> Response:
    return refused(UpstoxError("UDAPI10000", "This request is not supported by Upstox API"))
