"""Every page draws without an error, asks nothing of the outside, and stays on loopback."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, ViewportSize, expect

from core.store import bars
from tests.e2e.stack import Stack, strip, told_on_failure, wait_until
from tools.screens import PAGES, settle

# Streamlit asks for these beside the page's own address before it asks at the root.
DEEP_LINK = re.compile(r"^/[a-z]+/_stcore/(health|host-config)$")

PHONE: ViewportSize = {"width": 480, "height": 900}
DESK: ViewportSize = {"width": 1440, "height": 900}

pytestmark = pytest.mark.e2e


@dataclass
class Heard:
    """What a browser complained of, and where it went."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def listen(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)
        page.on("websocket", lambda line: self.hosts.add(urlsplit(line.url).netloc))

    def _console(self, message: ConsoleMessage) -> None:
        path = urlsplit(message.location.get("url", "")).path
        if message.type == "error" and not DEEP_LINK.match(path):
            self.complaints.append(f"{message.text} ({path})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob"):
            self.hosts.add(parts.netloc)


def test_every_page_draws_and_nothing_leaves_the_machine(stack: Stack, tab: Page) -> None:
    stack.start("web", "worker")
    heard = Heard()
    heard.listen(tab)
    with told_on_failure(stack, tab):
        wait_until(lambda: has_bars(stack), what="prices to draw", seconds=180)
        stack.enter(tab)
        for name in PAGES:
            tab.goto(f"{stack.address}/{name}")
            settle(tab)
            expect(strip(tab)).to_be_visible()
            expect(tab.get_by_test_id("stException"), f"an error on /{name}").to_have_count(0)
            fits_a_phone(tab, name)
        tab.goto(f"{stack.address}/today")  # its own name leads to it as well
        settle(tab)
        assert urlsplit(tab.url).path == "/"
        assert heard.complaints == []
        assert heard.hosts == {f"127.0.0.1:{stack.port}"}


def fits_a_phone(tab: Page, name: str) -> None:
    """Nothing is wider than a phone; tables inside may scroll by themselves."""
    wide = tab.viewport_size
    tab.set_viewport_size(PHONE)
    tab.wait_for_timeout(400)
    over = tab.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth")
    assert over <= 0, f"/{name} is {over} px wider than a phone"
    tab.set_viewport_size(wide or DESK)


def has_bars(stack: Stack) -> bool:
    with stack.desk().store.read() as tx:
        return bool(bars.sessions(tx))


def test_every_listening_socket_is_on_loopback(stack: Stack) -> None:
    stack.start("web", "worker")
    listening = {
        (line.laddr.ip, line.laddr.port)
        for pid in stack.pids()
        for line in psutil.Process(pid).net_connections()
        if line.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", stack.port)}
