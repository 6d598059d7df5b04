"""Kite's login page as a sandbox has it: a name, any password, and a redirect with a token."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.sandbox.kite.answers import KiteError
from core.sandbox.kite.state import Kite

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Kite sandbox</title></head>
<body style="font-family:sans-serif;max-width:24em;margin:4em auto">
<h1>Kite sandbox</h1><p><b>This is not Zerodha.</b> A simulated broker on this machine;
never type a real password here.</p>{words}</body></html>"""
FORM = """<form method="post">{hidden}
<p><label>User <input name="user_id" value="{user}"></label></p>
<p><label>Password <input name="password" type="password" placeholder="anything"></label></p>
<p><button>Log in</button></p></form><p>{error}</p>"""
PASSED_ON = ("redirect_params", "state")


def form(kite: Kite, asked: Mapping[str, str], *, error: str = "") -> Response:
    """The form; an api_key of another app is refused."""
    if asked.get("api_key") != kite.app.api_key:
        raise KiteError("InputException", "Invalid `api_key`.")
    fields = [(name, asked[name]) for name in ("api_key", "v", *PASSED_ON) if name in asked]
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields
    )
    user = kite.house.users[0].user_id
    words = FORM.format(hidden=hidden, user=escape(user), error=escape(error))
    return HTMLResponse(PAGE.format(words=words), status_code=400 if error else 200)


def submit(kite: Kite, fields: Mapping[str, str]) -> Response:
    """Log in and go back to the app with a request token, or show the token."""
    if fields.get("api_key") != kite.app.api_key:
        raise KiteError("InputException", "Invalid `api_key`.")
    if not fields.get("password"):
        return form(kite, fields, error="Type any password.")
    try:
        token = kite.sessions.request_token(fields.get("user_id", ""))
    except KiteError as wrong:
        return form(kite, fields, error=str(wrong))
    told = {"action": "login", "type": "login", "status": "success", "request_token": token}
    told.update(parse_qsl(fields.get("redirect_params", "")))
    if "state" in fields:
        told["state"] = fields["state"]
    if not kite.app.redirect_url:
        return HTMLResponse(PAGE.format(words=f"<p>request_token: <code>{token}</code></p>"))
    parts = urlsplit(kite.app.redirect_url)
    query = urlencode([*parse_qsl(parts.query), *told.items()])
    where = urlunsplit(parts._replace(query=query))
    return RedirectResponse(where, status_code=302, headers={"Referrer-Policy": "no-referrer"})
