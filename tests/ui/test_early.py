from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from core.config import Settings
from tests.e2e.stack import free_port
from ui.early import IMPORTS, PARTS, Early, import_early, scripts
from ui.server import listen


def pages() -> TestClient:
    """Two pages and a file behind the middleware."""

    async def html(_: object) -> HTMLResponse:
        return HTMLResponse("<p>")

    async def plain(_: object) -> PlainTextResponse:
        return PlainTextResponse("x")

    routes = [Route("/markets", html), Route("/risk", html), Route("/cards", plain)]
    return TestClient(Early(Starlette(routes=routes)))


def test_scripts_are_followed_into_what_they_import_once_each(tmp_path: Path) -> None:
    (tmp_path / "Chart.a1.js").write_text('import{o as e}from"./base.js";import"./lib.js";')
    (tmp_path / "base.js").write_text('import{x}from "./lib.js"')
    (tmp_path / "lib.js").write_text("")
    assert scripts(["Chart", "Gone"], tmp_path) == ("Chart.a1.js", "base.js", "lib.js")


def test_every_part_of_the_installed_streamlit_is_found() -> None:
    found = scripts(PARTS)
    for part in PARTS:
        assert any(name.startswith(f"{part}.") for name in found)


def test_only_the_html_of_a_page_with_a_chart_names_scripts() -> None:
    with pages() as browser:
        assert "PlotlyChart" in browser.get("/markets").headers["link"]
        assert "link" not in browser.get("/risk").headers
        assert "link" not in browser.get("/cards").headers


def test_what_is_imported_early_can_be_imported() -> None:
    thread = import_early(IMPORTS)
    thread.join(60)
    assert not thread.is_alive()


def test_the_grid_is_declared_by_no_early_import_so_that_its_files_are_served() -> None:
    code = (
        "import sys; from ui.early import IMPORTS, import_early; import_early(IMPORTS).join(60); "
        "print('ui.grid' in sys.modules, 'st_aggrid' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True", "False"]


def test_answers_do_not_wait_for_the_browsers_acknowledgement(tmp_path: Path) -> None:
    async def accepted() -> int:
        with listen(Settings(_env_file=None, home=tmp_path, port=free_port())) as taken:
            taken.setblocking(False)
            loop = asyncio.get_running_loop()
            _, writer = await asyncio.open_connection(*taken.getsockname())
            connection, _ = await loop.sock_accept(taken)
            with connection:
                writer.close()
                return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)

    assert asyncio.run(accepted())
