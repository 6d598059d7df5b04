"""Where a broker sends the browser after a login: the code goes to the store, and nowhere else.

The desk's cookie is not sent with a step that begins at another site, so the first answer is a
page that posts the code from here; the gate then asks for the session and the origin as ever.
Neither answer is kept by the browser, and the code is in no log.
"""

from __future__ import annotations

import html
from typing import Final
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.config import Settings
from core.desk.desk import open_desk
from core.desk.logins import CODES, RETURN_PATH, one_of, take_return
from core.errors import MunimError
from ui.auth import cookie_name

CODE_PATH: Final = "/broker/code"
BYTES_MAX: Final = 4096
LONGEST: Final = 512


def return_routes(settings: Settings) -> list[Route]:
    """The address a broker returns to, and the one that keeps the code."""

    async def back(request: Request) -> Response:
        asked = {name: values[:1] for name, values in parse_qs(request.url.query).items()}
        code = next((one_of(asked, name) for name in CODES if name in asked), "")
        return _page(FORM.format(
            action=CODE_PATH,
            state=html.escape(one_of(asked, "state")[:LONGEST]),
            code=html.escape(code[:LONGEST]),
        ))  # fmt: skip

    async def keep(request: Request) -> Response:
        if int(request.headers.get("content-length") or BYTES_MAX + 1) > BYTES_MAX:
            return _page(_sentence("That is no login."), status=413)
        typed = parse_qs((await request.body()).decode("utf-8", "replace"))
        session = request.cookies.get(cookie_name(settings.port), "")
        try:
            ask = await run_in_threadpool(
                lambda: take_return(
                    open_desk(settings),
                    state=one_of(typed, "state"),
                    code=one_of(typed, "code"),
                    session=session,
                )
            )
        except MunimError as no:
            return _page(_sentence(f"Not logged in: {no}."), status=400)
        return RedirectResponse(
            f"/broker?login={quote(ask.login_id)}",
            status_code=303,
            headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"},
        )

    return [
        Route(RETURN_PATH, back, methods=["GET"]),
        Route(CODE_PATH, keep, methods=["POST"]),
    ]


def _page(body: str, *, status: int = 200) -> HTMLResponse:
    # "same-origin" keeps the address from every other site and the Origin header in the post
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
    return HTMLResponse(PAGE.format(body=body), status, headers)


def _sentence(words: str) -> str:
    link = '<p><a href="/broker">To the Broker page</a></p>'
    return f"<p class=no>{html.escape(words)}</p>{link}"


FORM: Final = (
    '<form method="post" action="{action}"><input type="hidden" name="state" value="{state}">'
    '<input type="hidden" name="code" value="{code}"><p>Taking you back to the desk. If you asked '
    "in a terminal, copy this page's address there.</p><button>Go on</button></form>"
    "<script>document.forms[0].submit()</script>"
)
PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Munim · login</title>
<meta name="viewport" content="width=device-width"><style>
:root{{color-scheme:light dark}}
body{{font:400 14px/1.5 sans-serif;max-width:34rem;margin:18vh auto 0;padding:0 1.25rem}}
.no{{border-left:3px solid light-dark(#C4243A,#FF7A85);padding-left:10px}}
</style>{body}</html>
"""
