"""The gate in front of every page: whose Host, which Origin, and a session or a way to get one.

A request reaches Streamlit only with a session cookie. Without one it gets a small page that
says how to get in, and a WebSocket is closed before it opens, so no script runs for a stranger.
"""

from __future__ import annotations

import html
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core.desk import access
from core.desk.logins import RETURN_PATH
from core.errors import Refused

# a broker sends a browser back without the desk's cookie; that page keeps nothing
OPEN_PATHS: Final = frozenset({"/enter", "/healthz", RETURN_PATH})
OPEN_FOLDER: Final = "/app/static/"  # fonts and the mark, which the locked page draws too
PORT: Final = re.compile(r":\d{1,5}$")
FORM_BYTES_MAX: Final = 4096
TRIES: Final = parse("5/minute")
HOW: Final = (
    "Open the link that <code>make run</code> printed, or ask for a fresh one with "
    "<code>munim doctor</code>. A link works once."
)


def cookie_name(port: int) -> str:
    """A browser keeps cookies by host, not by port; two desks on one machine need two names."""
    return f"munim_{port}"


class Gate:
    """ASGI middleware: refuses foreign hosts, foreign origins and whoever has no session."""

    def __init__(self, app: ASGIApp, *, home: Path, port: int, hosts: frozenset[str]) -> None:
        self._app = app
        self._home = home
        self._cookie = cookie_name(port)
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        refused = self._refusal(asked)
        if refused is None:
            await self._app(scope, receive, _guarded(send, asked.headers.get("host", "")))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused[1]})
        else:
            status, sentence = refused
            page = _page(self._home, sentence, status=status, form=status == 401)
            await page(scope, receive, _guarded(send, ""))

    def _refusal(self, asked: HTTPConnection) -> tuple[int, str] | None:
        """Status and sentence of a no; None for a yes."""
        host, origin = asked.headers.get("host", ""), asked.headers.get("origin")
        if PORT.sub("", host).strip("[]").lower() not in self._hosts:
            return 403, "This desk does not answer to that name."
        writes = asked.scope["type"] == "websocket" or asked.scope["method"] not in ("GET", "HEAD")
        if origin != f"http://{host}" and (writes or origin is not None):
            return 403, "This request comes from another site."
        if asked.scope["type"] == "http" and _is_open(asked.url.path):
            return None
        if access.is_session(self._home, asked.cookies.get(self._cookie, "")):
            return None
        return 401, ""


def access_routes(home: Path, port: int) -> list[Route]:
    """`/enter`, which takes a link's token or the password, and `/healthz`."""
    limiter = MovingWindowRateLimiter(MemoryStorage())

    async def enter(request: Request) -> Response:
        token = request.query_params.get("token", "")
        if not token or request.method != "GET" or "sec-purpose" in request.headers:
            return _page(home, "", status=401)  # looking ahead must not use up the link
        try:
            session = access.redeem(home, token)
        except Refused as no:
            return _page(home, f"Not opened: {no}.", status=401)
        return _welcome(session, port)

    async def password(request: Request) -> Response:
        if int(request.headers.get("content-length") or FORM_BYTES_MAX + 1) > FORM_BYTES_MAX:
            return _page(home, "Not opened: that is no password.", status=413)
        if not limiter.hit(TRIES, "password"):
            return _page(home, "Not opened: five tries in a minute; wait one minute.", status=429)
        typed = parse_qs((await request.body()).decode("utf-8", "replace")).get("password", [""])
        try:
            right = await run_in_threadpool(access.check_password, home, typed[0])
        except Refused as no:
            return _page(home, f"Not opened: {no}.", status=401)
        if not right:
            return _page(home, "Not opened: that is not the password.", status=401)
        return _welcome(access.open_session(home), port)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"ok": True})

    return [
        Route("/enter", enter, methods=["GET"]),
        Route("/enter", password, methods=["POST"]),
        Route("/healthz", healthz, methods=["GET"]),
    ]


def _is_open(path: str) -> bool:
    return path in OPEN_PATHS or path.startswith(OPEN_FOLDER)


def _welcome(session: str, port: int) -> Response:
    """To the desk, with the session in a cookie that no script and no other site can use."""
    response = RedirectResponse("/", status_code=303, headers={"Referrer-Policy": "no-referrer"})
    response.set_cookie(
        cookie_name(port),
        session,
        max_age=access.SESSION_HOURS * 3600,
        httponly=True,
        samesite="strict",
    )
    return response


def _guarded(send: Send, host: str) -> Send:
    """Add to each answer what a browser must not do with it."""
    own = f"'self' ws://{host}" if host else "'self'"
    rules = {
        # Streamlit's own scripts, AgGrid's column functions and Plotly need inline and eval;
        # what matters is that nothing is fetched from, sent to or framed by another site.
        "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' "
        "'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"font-src 'self' data:; worker-src 'self' blob:; connect-src {own} data: blob:; "
        "form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors 'self'",
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }

    async def guarded(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in rules.items():
                headers.setdefault(name, value)
        await send(message)

    return guarded


def _page(home: Path, sentence: str, *, status: int, form: bool = True) -> HTMLResponse:
    """The locked page; `sentence` says what just went wrong, if anything did."""
    why = f"<p class=no>{html.escape(sentence)}</p>" if sentence else ""
    ask = PASSWORD_FORM if form and access.has_password(home) else ""
    how = f"<p>{HOW}</p>" if form else ""
    return HTMLResponse(
        PAGE.format(why=why, how=how, form=ask), status, {"Cache-Control": "no-store"}
    )


PASSWORD_FORM: Final = (
    '<form method="post" action="/enter"><label>Password '
    '<input name="password" type="password" autocomplete="current-password" autofocus></label>'
    "<button>Open the desk</button></form>"
)
PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Munim · locked</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/app/static/favicon.svg">
<style>
@font-face{{font-family:Plex;src:url(/app/static/plex-latin.woff2);font-weight:100 700}}
:root{{color-scheme:light dark}}
body{{font:400 14px/1.5 Plex,sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.25rem;
color:light-dark(#1F2733,#E2E7ED);background:light-dark(#FFFFFF,#11151A)}}
h1{{font-size:20px;font-weight:600;display:flex;gap:10px;align-items:center}} img{{width:26px}}
.no{{border-left:3px solid light-dark(#C4243A,#FF7A85);padding-left:10px}}
form{{display:flex;gap:8px;align-items:end}} label{{flex:1}}
input{{display:block;width:100%;box-sizing:border-box}} input,button{{font:inherit;padding:4px 10px;
border:1px solid light-dark(#E1E5EA,#2A323C);border-radius:4px}}
button{{background:light-dark(#1F5FBF,#2F6FD0);color:#fff}}
</style><h1><img src="/app/static/favicon.svg" alt="">Munim is locked</h1>{why}{how}{form}</html>
"""
