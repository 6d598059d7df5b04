"""Local servers that speak each vendor's protocol, well or in one of the ways vendors fail."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from core.desk.desk import REFERENCE
from core.domain.clock import IST
from core.providers.bar_run import midnight
from core.providers.universe_file import Listing, load_listings

SHARE: Listing = load_listings(REFERENCE / "universe.csv")["INE002A01018"]
START, END = date(2026, 8, 19), date(2026, 8, 21)  # Wednesday to Friday
BARS: list[tuple[date, float, float, float, float, int]] = [
    (date(2026, 8, 19), 1400.0, 1412.5, 1395.0, 1410.0, 5_000_000),
    (date(2026, 8, 20), 1410.0, 1420.0, 1401.0, 1404.5, 6_100_000),
    (date(2026, 8, 21), 1404.0, 1409.9, 1380.0, 1388.2, 7_250_000),
]
FAULTS = (
    "slow",
    "drip",
    "html",
    "cut",
    "in trouble",
    "throttled",
    "dead",
    "unauthorised",
    "future",
    "negative",
    "wrong symbol",
    "other shape",
)
Bars = list[tuple[date, float, float, float, float, int]]


def bars_of(fault: str) -> Bars:
    """The right bars, or with the one defect a fault names."""
    day, opened, high, low, close, volume = BARS[-1]
    if fault == "future":
        return [*BARS[:-1], (date(2031, 1, 1), opened, high, low, close, volume)]
    if fault == "negative":
        return [*BARS[:-1], (day, opened, high, -low, close, volume)]
    return BARS


def kite(path: str, query: dict[str, str], fault: str) -> tuple[str, str]:
    """Kite's candles, instruments and quote."""
    if path.startswith("/instruments/historical/"):
        candles = [
            [f"{day}T00:00:00+0530", opened, high, low, close, volume]
            for day, opened, high, low, close, volume in bars_of(fault)
        ]
        return _json({"status": "success", "data": {"candles": candles}})
    if path.startswith("/instruments"):
        name = "SOMETHING" if fault == "wrong symbol" else "RELIANCE"
        head = "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,"
        head += "tick_size,lot_size,instrument_type,segment,exchange"
        return f"{head}\n738561,2885,{name},RELIANCE,0.0,,0.0,0.05,1,EQ,NSE,NSE\n", "text/csv"
    day = {"open": 1404, "high": 1409.9, "low": 1380, "close": 1404.5}
    quote = {"timestamp": "2026-08-21 15:45:56", "last_trade_time": "2026-08-21 15:29:59"}
    return _json(
        {
            "status": "success",
            "data": {"NSE:RELIANCE": {**quote, "last_price": 1388.2, "ohlc": day}},
        }
    )


def upstox(path: str, query: dict[str, str], fault: str) -> tuple[str, str]:
    """Upstox's V3 candles, newest first."""
    candles = [
        [f"{day}T00:00:00+05:30", opened, high, low, close, volume, 0]
        for day, opened, high, low, close, volume in reversed(bars_of(fault))
    ]
    return _json({"status": "success", "data": {"candles": candles}})


def fyers(path: str, query: dict[str, str], fault: str) -> tuple[str, str]:
    """Fyers's history; a day starts at midnight UTC."""
    candles = [[midnight(day) + 19_800, *rest] for day, *rest in bars_of(fault)]
    return _json({"s": "ok", "candles": candles})


def alphavantage(path: str, query: dict[str, str], fault: str) -> tuple[str, str]:
    """Alpha Vantage's daily series, newest first."""
    days = {
        str(day): {
            "1. open": f"{opened:.4f}",
            "2. high": f"{high:.4f}",
            "3. low": f"{low:.4f}",
            "4. close": f"{close:.4f}",
            "5. volume": str(volume),
        }
        for day, opened, high, low, close, volume in reversed(bars_of(fault))
    }
    name = "TCS.BSE" if fault == "wrong symbol" else query.get("symbol", "")
    return _json({"Meta Data": {"2. Symbol": name}, "Time Series (Daily)": days})


def finnhub(path: str, query: dict[str, str], fault: str) -> tuple[str, str]:
    """Finnhub's candles and quote."""
    if path.endswith("/quote"):
        at = int(datetime(2026, 8, 21, 15, 30, tzinfo=IST).timestamp())
        return _json({"c": 1388.2, "o": 1404, "h": 1409.9, "l": 1380, "pc": 1404.5, "t": at})
    rows = bars_of(fault)
    lists = {name: [row[place] for row in rows] for place, name in enumerate("ohlcv", start=1)}
    return _json({"s": "ok", "t": [midnight(row[0]) + 19_800 for row in rows], **lists})


def yfinance(path: str, query: dict[str, str], fault: str) -> tuple[str, str]:
    """Yahoo's chart, the crumb it hands out, and its page of cookies."""
    if path.endswith("/getcrumb"):
        return "crumb", "text/plain"
    if not path.startswith("/v8/"):
        return "cookies", "text/plain"
    rows = bars_of(fault)
    names = ("open", "high", "low", "close", "volume")
    quote = {name: [row[place] for row in rows] for place, name in enumerate(names, start=1)}
    name = "TCS.NS" if fault == "wrong symbol" else path.rsplit("/", 1)[-1]
    meta = {
        "currency": "INR",
        "symbol": name,
        "exchangeName": "NSI",
        "instrumentType": "EQUITY",
        "gmtoffset": 19800,
        "timezone": "IST",
        "exchangeTimezoneName": "Asia/Kolkata",
        "priceHint": 2,
        "dataGranularity": "1d",
        "currentTradingPeriod": {
            part: {"timezone": "IST", "start": 0, "end": 0, "gmtoffset": 19800}
            for part in ("pre", "regular", "post")
        },
    }
    found = {
        "meta": meta,
        "timestamp": [midnight(row[0]) + 33_300 for row in rows],
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": quote["close"]}]},
    }
    return _json({"chart": {"result": [found], "error": None}})


SPEAKS: dict[str, Callable[[str, dict[str, str], str], tuple[str, str]]] = {
    "kite": kite,
    "upstox": upstox,
    "fyers": fyers,
    "alphavantage": alphavantage,
    "finnhub": finnhub,
    "yfinance": yfinance,
}


def _json(value: Any) -> tuple[str, str]:
    return json.dumps(value), "application/json"


@dataclass
class VendorServer:
    """A running server: set `fault` at any time; `asked` holds every request's path and query."""

    vendor: str
    root: str
    stop: Callable[[], None]
    fault: str = ""
    retry_after: str = "120"
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)  # by the path's beginning
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


@contextmanager
def serving(vendor: str) -> Iterator[VendorServer]:
    """A server on a free port of loopback, closed at the end."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    closed = threading.Event()

    def stop() -> None:
        if not closed.is_set():
            closed.set()
            server.shutdown()
            server.server_close()

    state = VendorServer(vendor, f"http://127.0.0.1:{server.server_address[1]}", stop)
    server.RequestHandlerClass = _speaker(state)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield state
    finally:
        stop()


def _speaker(state: VendorServer) -> type[BaseHTTPRequestHandler]:
    class Speaker(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            state.asked.append(self.path)
            state.agents.add(self.headers.get("User-Agent", ""))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            text, kind = SPEAKS[state.vendor](parts.path, query, state.fault)
            for path, told in state.answers.items():
                if parts.path.startswith(path):
                    text, kind = told
            _say(self, state, text.encode(), kind)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Say nothing."""

    return Speaker


def _say(to: BaseHTTPRequestHandler, state: VendorServer, body: bytes, kind: str) -> None:
    status, headers = 200, {}
    if state.fault == "slow":
        time.sleep(0.3)
    elif state.fault == "html":
        body, kind = b"<!DOCTYPE html><html><body>Will be right back</body></html>", "text/html"
    elif state.fault == "cut":
        body = body[: len(body) // 2]
        if kind == "text/csv":
            body, kind = b'{"status": "succ', "application/json"
    elif state.fault == "other shape":
        body, kind = (
            b'{"status": "success", "s": "ok", "data": {}, "hello": [1]}',
            "application/json",
        )
    elif state.fault == "in trouble":
        status, body, kind = 503, b'{"message": "maintenance"}', "application/json"
    elif state.fault == "throttled":
        status, body, kind = 429, b'{"message": "too many"}', "application/json"
        headers = {"Retry-After": state.retry_after}
    elif state.fault == "unauthorised":
        status, body, kind = 401, b'{"message": "token secret-token"}', "application/json"
    try:
        to.send_response(status)
        to.send_header("Content-Type", kind)
        to.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            to.send_header(name, value)
        to.end_headers()
        if state.fault == "drip":
            for place in range(len(body)):
                to.wfile.write(body[place : place + 1])
                to.wfile.flush()
                time.sleep(0.03)
        else:
            to.wfile.write(body)
    except OSError:
        return  # the asker gave up, as it should
