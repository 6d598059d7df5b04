"""The door of a sandbox: every request is kept and may meet a scripted fault.

A fault strikes before the house works or after it; a connection is cut by its transport, so
that the client sees what a dead network shows and not a tidy error page.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.domain.clock import Clock
from core.sandbox.faults import Fault, FaultKind, Faults

SECRET: Final = frozenset(
    {"access_token", "api_secret", "checksum", "request_token", "password", "client_secret", "code"}
)
BEFORE: Final = frozenset(
    {
        FaultKind.DROP_BEFORE_ACCEPT,
        FaultKind.THROTTLE_429,
        FaultKind.TOKEN_DIE,
        FaultKind.IP_REFUSED,
        FaultKind.READ_5XX,
        FaultKind.REFUSE,
    }
)
HTML = b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
CUT: Final = "munim.cut"  # the scope's key for what cuts the connection
MET: Final = "munim.fault"  # and for the fault that a route itself has to act on


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Dialect(Protocol):
    """What the door needs to know of a broker's language."""

    def verb(self, method: str, path: str) -> str:
        """The fault list's word for a request, such as place or orders."""

    def user(self, scope: Scope) -> str:
        """Who asks, by the token he shows; empty for nobody."""

    def error(self, kind: FaultKind, fault: Fault) -> Answer:
        """The broker's own JSON for a refused, throttled or failed request."""

    def token_dies(self, user: str) -> None:
        """End a user's session."""


class Door:
    """An ASGI application in front of a dialect's routes; its Date header is the sandbox's time."""

    def __init__(self, inner: ASGIApp, *, faults: Faults, dialect: Dialect, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._faults = faults
        self._dialect = dialect

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass a socket and the server's own messages on."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        body = await _whole(receive)
        fields = fields_of(scope, body)
        verb = self._dialect.verb(scope["method"], scope["path"])
        user = self._dialect.user(scope)
        number = self._faults.arrived(
            scope["method"], scope["path"], verb=verb, user=user, fields=masked(fields)
        )
        fault = self._faults.take(verb, fields, user)
        verdict = await self._serve(scope, body, self._dated(send), fault=fault, user=user)
        self._faults.ended(number, verdict, fault=fault.kind if fault else "")

    def _dated(self, send: Send) -> Send:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self._clock.now().astimezone(UTC), usegmt=True)
                message["headers"] = [*message["headers"], (b"date", now.encode())]
            await send(message)

        return dated

    async def _serve(
        self, scope: Scope, body: bytes, send: Send, *, fault: Fault | None, user: str
    ) -> str:
        if fault is not None and fault.kind in BEFORE:
            return await self._before(scope, send, fault, user)
        scope.setdefault("state", {})[MET] = fault
        answer = await _ask(self._inner, scope, body)
        if fault is not None:
            return await self._after(scope, send, fault, answer)
        await _give(send, answer)
        return str(answer.status)

    async def _before(self, scope: Scope, send: Send, fault: Fault, user: str) -> str:
        if fault.kind is FaultKind.DROP_BEFORE_ACCEPT:
            await _cut(scope, send)
            return "dropped before the house heard of it"
        if fault.kind is FaultKind.TOKEN_DIE:
            self._dialect.token_dies(user)
        answer = self._dialect.error(fault.kind, fault)
        await _give(send, answer)
        return str(answer.status)

    async def _after(self, scope: Scope, send: Send, fault: Fault, answer: Answer) -> str:
        done = f"{answer.status} inside"
        match fault.kind:
            case FaultKind.ACCEPT_THEN_DROP:
                await _cut(scope, send)
                return f"{done}, then the connection was cut"
            case FaultKind.DELAY:
                await asyncio.sleep(fault.seconds)
            case FaultKind.ACCEPT_THEN_5XX:
                answer = self._dialect.error(fault.kind, fault)
            case FaultKind.HTML_502:
                answer = Answer(502, [(b"content-type", b"text/html")], HTML)
            case FaultKind.TRUNCATE_JSON:
                half = answer.body[: len(answer.body) // 2]
                answer = Answer(answer.status, _without_length(answer.headers), half)
            case _:
                pass  # the route read it from the scope
        await _give(send, answer)
        return f"{done}, {answer.status} outside"


def fields_of(scope: Scope, body: bytes) -> dict[str, str]:
    """Query and form fields, or the top level of a JSON body, as text."""
    fields = dict(parse_qsl(scope.get("query_string", b"").decode(), keep_blank_values=True))
    kind = dict(scope["headers"]).get(b"content-type", b"")
    if b"json" in kind and body:
        try:
            plain = json.loads(body)
        except ValueError:
            return fields
        rows = plain if isinstance(plain, list) else [plain]
        for row in rows[:1]:
            if isinstance(row, dict):
                fields.update({str(name): str(value) for name, value in row.items()})
    elif body:
        fields.update(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return fields


def masked(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields as they may be kept: what opens a session is left out."""
    return {name: "…" if name in SECRET else value for name, value in fields.items()}


async def _whole(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


async def _ask(app: ASGIApp, scope: Scope, body: bytes) -> Answer:
    """Let the routes answer into a value."""
    start: MutableMapping[str, Any] = {}
    out = bytearray()
    given = False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        elif message["type"] == "http.response.body":
            out.extend(message.get("body", b""))

    await app(scope, receive, send)
    return Answer(start["status"], list(start["headers"]), bytes(out))


async def _give(send: Send, answer: Answer) -> None:
    headers = [*_without_length(answer.headers), (b"content-length", b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _cut(scope: Scope, send: Send) -> None:
    """End the connection without a word; the answer after it goes nowhere."""
    cut = scope.get("state", {}).get(CUT)
    if cut is not None:
        cut(scope["client"])
    await _give(send, Answer(502, [(b"content-type", b"text/plain")], b""))


def _without_length(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]
