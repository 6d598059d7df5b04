"""Upstox's login dialog as a sandbox has it: a name, any PIN, and a redirect with a code."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from core.sandbox.upstox.answers import UpstoxError
from core.sandbox.upstox.state import Upstox

PAGE = """<!doctype html><html><head><meta charset="utf-8"><title>Upstox sandbox</title></head>
<body style="font-family:sans-serif;max-width:24em;margin:4em auto">
<h1>Upstox sandbox</h1><p><b>This is not Upstox.</b> A simulated broker on this machine;
never type a real PIN here.</p>{words}</body></html>"""
FORM = """<form method="post">{hidden}
<p><label>User <input name="user_id" value="{user}"></label></p>
<p><label>PIN <input name="pin" type="password" placeholder="anything"></label></p>
<p><button>Log in</button></p></form><p>{error}</p>"""
ASKED = ("response_type", "client_id", "redirect_uri", "state")


def form(upstox: Upstox, asked: Mapping[str, str], *, error: str = "") -> Response:
    """The form; another app's id or address is refused."""
    _check(upstox, asked)
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(asked[name])}">'
        for name in ASKED
        if name in asked
    )
    user = upstox.house.users[0].user_id
    words = FORM.format(hidden=hidden, user=escape(user), error=escape(error))
    return HTMLResponse(PAGE.format(words=words), status_code=400 if error else 200)


def submit(upstox: Upstox, fields: Mapping[str, str]) -> Response:
    """Log in and go back to the app with a code and the state that was given."""
    _check(upstox, fields)
    if not fields.get("pin"):
        return form(upstox, fields, error="Type any PIN.")
    try:
        told = {"code": upstox.sessions.code(fields.get("user_id", ""))}
    except UpstoxError as wrong:
        return form(upstox, fields, error=str(wrong))
    if "state" in fields:
        told["state"] = fields["state"]
    parts = urlsplit(upstox.app.redirect_uri)
    query = urlencode([*parse_qsl(parts.query), *told.items()])
    where = urlunsplit(parts._replace(query=query))
    return RedirectResponse(where, status_code=302, headers={"Referrer-Policy": "no-referrer"})


def _check(upstox: Upstox, asked: Mapping[str, str]) -> None:
    app = upstox.app
    given = asked.get("client_id"), asked.get("redirect_uri"), asked.get("response_type")
    if given != (app.client_id, app.redirect_uri, "code"):
        raise UpstoxError("UDAPI100068", "Check your 'client_id' and 'redirect_uri'")
