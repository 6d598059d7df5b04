"""What a first visit would wait for, done early: the browser's scripts and the server's imports.

Streamlit's browser part asks for the code of a chart only when the chart has come over the
WebSocket. A page that is known to draw one names it in the `Link` header of its HTML, so that the
browser fetches and compiles it meanwhile.
"""

from __future__ import annotations

import importlib
import logging
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPTS: Final = Path(streamlit.__file__).parent / "static" / "static" / "js"
PLACE: Final = "/static/js/"  # where Streamlit serves them
NEEDED: Final = re.compile(r'(?:from|import)\s*"\./([\w.-]+\.js)"')
CONTEXT_LOGGER: Final = "streamlit.runtime.scriptrunner_utils.script_run_context"
CHARTED: Final = frozenset({"/markets", "/cards"})
PARTS: Final = ("PlotlyChart", "BidiComponent", "Html", "Button", "ButtonGroup", "Selectbox")
IMPORTS: Final = (
    "plotly.graph_objects",
    "core.market.indicators",
    "ui.grid",
    "ui.beside",
    "ui.market_board",
    "ui.watchlist",
    "ui.symbol",
)


def scripts(parts: Sequence[str], folder: Path = SCRIPTS) -> tuple[str, ...]:
    """File names of the parts and of all they import; a part that is not there is left out."""
    found: dict[str, None] = {}
    waiting = [path.name for part in parts for path in sorted(folder.glob(f"{part}.*.js"))[:1]]
    while waiting:
        name = waiting.pop(0)
        path = folder / name
        if name not in found and path.is_file():
            found[name] = None
            waiting.extend(NEEDED.findall(path.read_text(encoding="utf-8")))
    return tuple(found)


class Early:
    """ASGI middleware: names the scripts of a chart beside the HTML of a page that draws one."""

    def __init__(self, app: ASGIApp, *, parts: Sequence[str] = PARTS) -> None:
        self._app = app
        self._link = ", ".join(f"<{PLACE}{name}>; rel=modulepreload" for name in scripts(parts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def named(message: Message) -> None:
            if message["type"] == "http.response.start" and self._link:
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers["link"] = self._link
            await send(message)

        charted = scope["type"] == "http" and scope["path"].rstrip("/") in CHARTED
        await self._app(scope, receive, named if charted else send)


def import_early(modules: Sequence[str] = IMPORTS) -> threading.Thread:
    """Import what the heaviest page needs beside the start; a first visit finds it done."""

    # a component that is declared at import wants no session, though Streamlit says so each time
    logging.getLogger(CONTEXT_LOGGER).addFilter(lambda line: "missing Script" not in line.msg)

    def load() -> None:
        for module in modules:
            importlib.import_module(module)

    thread = threading.Thread(target=load, name="early imports", daemon=True)
    thread.start()
    return thread
