"""The Markets page as a browser meets it: script time, bytes on the wire, first paint.

    python -m tests.bench.markets_page [--views 20]

It starts a desk of its own on a free port and an empty home, waits for the simulated market's
bars, puts all shares of the universe on the list and asks for 1,250 bars with three strips, and
prints a table. Script time runs from a rerun asked for over a WebSocket to `script finished`,
with what is held named as a browser names it; bytes are those of the WebSocket, not compressed;
paint is the moment the candles and the list stand in Chromium, cold with a web process just started
and a browser just opened, each time anew.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import (
    Browser,
    Page,
    Playwright,
    StorageState,
    WebSocket,
    sync_playwright,
)
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from core.desk.chart_choice import choose_chart
from core.desk.watchlist import save_watchlist
from core.store import bars, instruments
from tests.e2e.stack import Stack, free_port, wait_until
from ui.frame import PERSON

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
BARS, STRIPS = 1_250, ("RSI", "MACD", "ATR")
VISITS, WARM_UPS, COLD = 5, 3, 3
SETTLED = 4.0  # seconds
PRICED = ("plotly_chart", "bidi_component")  # messages that carry prices
LIMITS = {"script": 250.0, "first": 450.0, "again": 20.0, "cold": 3.0, "warm": 2.0}
PAINTED = """() => {
  const chart = document.querySelector('.st-key-symbol_chart .cartesianlayer .trace.boxes path');
  const row = document.querySelector('.m-list tbody tr');
  return chart !== null && row !== null }"""
DONE = """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState
  === 'notRunning'"""


@dataclass
class Wire:
    """Bytes of what came over a browser's WebSocket."""

    sizes: list[int] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("websocket", self._open)

    def _open(self, line: WebSocket) -> None:
        line.on("framereceived", lambda frame: self.sizes.append(len(frame)))


@dataclass
class Session:
    """One page session over a WebSocket of its own, which keeps what a browser would keep."""

    line: ClientConnection
    page: str = ""
    held: set[str] = field(default_factory=set)

    def run(self) -> tuple[float, int, bool]:
        """Ask for the whole script once: milliseconds, bytes, and whether a price had moved.

        A price that moved meanwhile sends the chart or the list anew; else both come as hashes.
        """
        asked = BackMsg()
        asked.rerun_script.query_string = "symbol=RELIANCE"
        asked.rerun_script.page_script_hash = self.page
        asked.rerun_script.page_name = "" if self.page else "markets"
        asked.rerun_script.cached_message_hashes.extend(sorted(self.held))
        begun = time.perf_counter()
        self.line.send(asked.SerializeToString())
        size, moved = 0, False
        while True:
            raw = self.line.recv(timeout=60)
            assert isinstance(raw, bytes)
            size += len(raw)
            said = ForwardMsg.FromString(raw)
            kind = said.WhichOneof("type")
            moved |= said.delta.new_element.WhichOneof("type") in PRICED
            if said.metadata.cacheable and kind != "ref_hash":
                self.held.add(said.hash)
            if kind == "navigation":
                self.page = said.navigation.page_script_hash
            if kind == "script_finished":
                return (time.perf_counter() - begun) * 1e3, size, moved


def main(argv: Sequence[str] | None = None) -> int:
    """Print the table; 1 when a figure is over its limit."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.markets_page")
    parser.add_argument("--views", type=int, default=20)
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder), free_port())
        try:
            rows = measure(stack, views=asked.views)
        finally:
            stack.stop()
    print(f"{'figure':58}{'value':>10}  {'limit':>8}  n")
    for name, value, limit, unit, count in rows:
        print(f"{name:58}{value:>7.1f} {unit:<3} {limit:>6.0f} {unit:<3} {count}")
    return int(any(value > limit for _, value, limit, _, _ in rows))


def measure(stack: Stack, *, views: int) -> list[tuple[str, float, float, str, int]]:
    """Every figure of the page with its limit."""
    stack.start("worker", "web")
    wait_until(lambda: _is_ready(stack), what="1,250 bars of every share", seconds=300)
    time.sleep(20)  # the first scan and training are over, as on a running desk
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        tabs = browser.new_context()
        stack.enter(tabs.new_page())
        state = tabs.storage_state()
        tabs.close()
        browser.close()
        cold = statistics.median(_cold_visit(stack, play, state) for _ in range(COLD))
        browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        warm, sent = _later_visits(stack, browser, state)
        browser.close()
    scripts, again, still = _script_times(stack, state, views)
    return [
        ("server script, warm, p50", statistics.median(scripts), LIMITS["script"], "ms", views),
        ("server script, warm, p95", _p95(scripts), LIMITS["script"], "ms", views),
        ("bytes of the first view", sent, LIMITS["first"], "kB", 1),
        ("bytes of a rerun that changes nothing", again, LIMITS["again"], "kB", still),
        ("candles on the screen, new process and browser, median", cold, LIMITS["cold"], "s", COLD),
        ("candles on the screen, later visits, median", warm, LIMITS["warm"], "s", VISITS),
    ]


def _is_ready(stack: Stack) -> bool:
    """All shares on the list and the chart's choices kept, once the bars are there."""
    desk = stack.desk()
    with desk.store.read() as tx:
        symbols = [one.symbol for one in instruments.all_instruments(tx)]
        if not symbols or len(bars.sessions(tx)) < BARS:
            return False
    save_watchlist(desk, "Everything", symbols, by=PERSON)
    choose_chart(desk, PERSON, lines=["EMA 20", "SMA 50", "Bollinger 20 2"], strips=STRIPS,
                 span="All")  # fmt: skip
    return True


def _cold_visit(stack: Stack, play: Playwright, state: StorageState) -> float:
    """Seconds to the candles of a web process that served nobody, in a browser that knows nothing.

    The process has had SETTLED seconds for its early imports, as before a person's first click.
    """
    stack.kill("web")
    stack.start("web")
    time.sleep(SETTLED)
    browser = play.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    tabs = browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
    page = tabs.new_page()
    taken = _visit(stack, page)
    browser.close()
    return taken


def _later_visits(stack: Stack, browser: Browser, state: StorageState) -> tuple[float, float]:
    """Median seconds to the candles once the browser holds the scripts; kB of the first view."""
    tabs = browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900})
    page, wire = tabs.new_page(), Wire()
    wire.listen(page)
    _visit(stack, page)
    page.wait_for_function(DONE)
    sent = sum(wire.sizes) / 1e3
    warm = statistics.median(_visit(stack, page) for _ in range(VISITS))
    tabs.close()
    return warm, sent


def _visit(stack: Stack, page: Page) -> float:
    begun = time.monotonic()
    page.goto(f"{stack.address}/markets?symbol=RELIANCE")
    page.wait_for_function(PAINTED, polling="raf", timeout=60_000)
    return time.monotonic() - begun


def _script_times(stack: Stack, state: StorageState, views: int) -> tuple[list[float], float, int]:
    """Milliseconds of warm reruns; median kB of those that change nothing, and how many."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in state["cookies"])
    address = stack.address.replace("http", "ws") + "/_stcore/stream"
    headers = {"Cookie": cookies}
    with connect(address, subprotocols=[Subprotocol("streamlit")], additional_headers=headers,
                 origin=Origin(stack.address), max_size=None) as line:  # fmt: skip
        session = Session(line)
        for _ in range(WARM_UPS):
            session.run()
        found = [session.run() for _ in range(views)]
    still = [size for _, size, moved in found if not moved]
    if not still:
        raise RuntimeError(f"a price moved before each of {views} reruns; ask for more --views")
    return [taken for taken, _, _ in found], statistics.median(still) / 1e3, len(still)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


if __name__ == "__main__":
    sys.exit(main())
