"""The web process: Streamlit's own ASGI app behind the gate, on one address.

    python -m ui.server [SCRIPT]

Streamlit is served by `st.App` under Uvicorn, so the gate stands before every route, static file
and WebSocket of it. SCRIPT is the page to serve, Home.py unless a test serves another.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from pathlib import Path
from threading import Event, Thread

import uvicorn
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from streamlit.runtime.pages_manager import PagesManager
from streamlit.starlette import App

from core.config import Settings, read_settings
from core.desk import access
from core.desk.second_look import keep_looking
from core.errors import BadSetting, MunimError
from core.store.engine import STORE_ERRORS, why_unusable
from ui.auth import Gate, access_routes
from ui.broker_return import return_routes
from ui.early import Early, import_early
from ui.menu import FIRST

HOME_PAGE = Path(__file__).resolve().parents[1] / "Home.py"
MESSAGE_BYTES_MAX = 64 * 2**20  # one upload or widget message from the browser


def build(settings: Settings, script: Path = HOME_PAGE) -> App:
    """The pages of `script` with the gate in front of them."""
    # Home.py names the pages; else the first visit to one would run its file without Home.py.
    PagesManager.uses_pages_directory = False
    hosts = frozenset({"127.0.0.1", "localhost", "::1", settings.bind})
    gate = Middleware(Gate, home=settings.home, port=settings.port, hosts=hosts)
    routes = [
        *access_routes(settings.home, settings.port),
        *return_routes(settings),
        Route(f"/{FIRST}", to_first),
    ]
    return App(script, routes=routes, middleware=[gate, Middleware(Early)])


async def to_first(request: Request) -> RedirectResponse:
    """The first page stands at "/" alone; its own name leads there, with what was asked of it."""
    return RedirectResponse(str(request.url.replace(scheme="", netloc="", path="/")))


class OneSentence(logging.Filter):
    """A failure of the store, or one with a sentence of ours, is logged without its traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        failure = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if isinstance(failure, MunimError):
            said = str(failure)
        elif isinstance(failure, STORE_ERRORS) and (why := why_unusable(failure)):
            said = f"the store cannot be used ({why})"
        else:
            return True
        record.msg, record.args, record.exc_info, record.exc_text = said, (), None, None
        return True


def listen(settings: Settings) -> socket.socket:
    """Take the port; raises BadSetting when it may not or cannot be had."""
    if not settings.is_loopback and not access.has_password(settings.home):
        raise BadSetting(
            f"MUNIM_BIND is {settings.bind}, which other machines can reach, and no password is "
            "set; start on 127.0.0.1, set one in Settings, then bind to that address"
        )
    family = socket.AF_INET6 if ":" in settings.bind else socket.AF_INET
    try:
        taken = socket.create_server((settings.bind, settings.port), family=family)
    except OSError as no:
        raise BadSetting(
            f"port {settings.port} on {settings.bind} cannot be had "
            f"({os.strerror(no.errno or 0)}); stop what listens there or set MUNIM_PORT to another"
        ) from None
    # accepted connections inherit it; without it an answer in two parts waits 40 ms for the
    # browser's acknowledgement, and asyncio leaves a socket alone that was made without a protocol
    taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return taken


def serve(settings: Settings, script: Path = HOME_PAGE) -> None:
    """Serve until SIGINT or SIGTERM."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with listen(settings) as taken:
        server = uvicorn.Server(
            uvicorn.Config(
                build(settings, script),
                log_level="warning",
                access_log=False,
                ws="websockets-sansio",
                ws_max_size=MESSAGE_BYTES_MAX,
                timeout_graceful_shutdown=2,
            )
        )
        # Streamlit gives this logger a handler of its own, and its lines hold the link's token.
        logging.getLogger("uvicorn.access").disabled = True
        for name in ("streamlit.error_util", "uvicorn.error"):
            logging.getLogger(name).addFilter(OneSentence())
        import_early()
        stopping = Event()
        Thread(target=keep_looking, args=(settings, stopping), daemon=True).start()
        try:
            server.run(sockets=[taken])
        finally:
            stopping.set()


def main() -> int:
    """The command; a MunimError is one sentence on stderr and exit 2."""
    try:
        serve(read_settings(), Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else HOME_PAGE)
    except MunimError as no:
        print(no, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
