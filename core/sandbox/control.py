"""The control port of a sandbox: faults, clock, sessions, shares and prices from outside.

It answers on loopback to whoever asks; a sandbox holds nothing worth guarding.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.domain.money import Money
from core.errors import BadInput, MunimError
from core.sandbox.clock import SandboxClock
from core.sandbox.faults import FaultKind, Faults, fault_of, plain_request
from core.sandbox.house import House


class Controlled(Protocol):
    """What a dialect's sandbox shows to its control port."""

    @property
    def house(self) -> House:
        """The house behind it."""

    @property
    def faults(self) -> Faults:
        """Its script of faults."""

    def end_session(self, user_id: str) -> None:
        """End a user's session, or everybody's when empty."""


def control_app(sandbox: Controlled) -> Starlette:
    """The control port's application."""
    control = Control(sandbox)
    return Starlette(
        routes=[
            Route("/faults", _told(control.faults), methods=["GET", "POST", "DELETE"]),
            Route("/clock", _told(control.clock), methods=["GET", "POST"]),
            Route("/token_die", _told(control.token_die), methods=["POST"]),
            Route("/credit", _told(control.credit), methods=["POST"]),
            Route("/money", _told(control.money), methods=["POST"]),
            Route("/quotes", _told(control.quotes), methods=["POST"]),
            Route("/journal", _told(control.journal), methods=["GET"]),
            Route("/requests", _told(control.requests), methods=["GET"]),
        ]
    )


class Control:
    """The verbs of the control port; each takes a request's method, query and JSON body."""

    def __init__(self, sandbox: Controlled) -> None:
        self._sandbox = sandbox

    def faults(self, method: str, query: dict[str, str], body: Any) -> Any:
        """Script one fault or a list; clear all of them, or those of a kind."""
        script = self._sandbox.faults
        if method == "POST":
            rows = body if isinstance(body, list) else [body]
            script.script(*[fault_of(row) for row in rows])
        elif method == "DELETE":
            script.clear(FaultKind(query["kind"]) if query.get("kind") else None)
        return plain(script.waiting())

    def clock(self, method: str, query: dict[str, str], body: Any) -> Any:
        """Set the market's time, move it on, or let it run at another speed."""
        house = self._sandbox.house
        clock = house.clock
        if method == "POST":
            if not isinstance(clock, SandboxClock):
                raise BadInput("this sandbox runs on a clock that its owner moves")
            if "set" in body:
                house.pass_to(_moment(body["set"]))
            if "advance" in body:
                house.pass_to(clock.now() + timedelta(seconds=float(body["advance"])))
            if "speed" in body:
                clock.run_at(float(body["speed"]))
        speed = clock.speed if isinstance(clock, SandboxClock) else 1.0
        return {"now": clock.now().isoformat(), "speed": speed}

    def token_die(self, method: str, query: dict[str, str], body: Any) -> Any:
        """End one user's session, or everybody's."""
        self._sandbox.end_session(str((body or {}).get("user", "")))
        return {"ended": True}

    def credit(self, method: str, query: dict[str, str], body: Any) -> Any:
        """Bring settled shares in: user, symbol, qty and what they cost."""
        house = self._sandbox.house
        price = Money.rupees(Decimal(str(body["price"]))) if "price" in body else None
        isin = house.instrument(body["symbol"]).isin
        house.credit(body["user"], isin, int(body["qty"]), price=price)
        return {"credited": int(body["qty"])}

    def money(self, method: str, query: dict[str, str], body: Any) -> Any:
        """Add money for a user, or pay it out where the rupees are below zero."""
        amount = Money.rupees(Decimal(str(body["rupees"])))
        self._sandbox.house.move_money(body["user"], amount)
        return {"moved_paise": amount.paise}

    def quotes(self, method: str, query: dict[str, str], body: Any) -> Any:
        """Bring a price: symbol, ltp, and whichever of bid, ask and sizes should change."""
        house = self._sandbox.house
        last = house.quote(house.instrument(body["symbol"]).isin)
        if last is None:
            raise BadInput(f"{body['symbol']} has no price yet that could change")
        ltp = Money.rupees(Decimal(str(body["ltp"])))
        changes: dict[str, Any] = {"ltp": ltp, "bid": ltp, "ask": ltp}
        for name in ("bid", "ask", "prev_close"):
            if name in body:
                changes[name] = Money.rupees(Decimal(str(body[name])))
        for name in ("bid_qty", "ask_qty", "volume"):
            if name in body:
                changes[name] = int(body[name])
        now = house.clock.now()
        high, low = max(last.high, ltp), min(last.low, ltp)
        quote = replace(last, **changes, high=high, low=low, at=now, received_at=now)
        house.on_quotes([quote])
        return {"at": now.isoformat()}

    def journal(self, method: str, query: dict[str, str], body: Any) -> Any:
        """Every exchange event of a user since the journal began."""
        house = self._sandbox.house
        user = query.get("user") or house.users[0].user_id
        return [
            {"kind": type(event).__name__, **plain(event)}
            for event in house.client(user).paper.past()
        ]

    def requests(self, method: str, query: dict[str, str], body: Any) -> Any:
        """Every request that reached the server."""
        verb = query.get("verb", "")
        kept = list(self._sandbox.faults.requests)
        return [plain_request(one) for one in kept if verb in ("", one.verb)]


def plain(value: Any) -> Any:
    """A value as JSON can hold it; money as paise."""
    if isinstance(value, Money):
        return value.paise
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    return value


Verb = Callable[[str, dict[str, str], Any], Any]


def _told(verb: Verb) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else {}
            return JSONResponse(verb(request.method, dict(request.query_params), body))
        except (MunimError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            words = f"{type(error).__name__}: {error}"
            return JSONResponse({"error": words}, status_code=400)

    return answer


def _moment(text: str) -> datetime:
    """A moment with its zone; raises BadInput."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise BadInput(f"{text} has no zone; write 2026-04-06T09:15:00+05:30")
    return at
