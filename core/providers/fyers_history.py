"""Fyers: history over plain REST. Its own client downgrades half the environment and hides faults.

Fyers says what went wrong in the body, often under status 200; the codes are its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from core.errors import BadInput, NoData, NotFound, SessionDead, SourceWrong, Throttled
from core.providers.ask_bars import ask_bars
from core.providers.bar_run import DAY, MINUTES, BarRun, Row, Span
from core.providers.net.gate import Answer, Gate
from core.providers.net.wire import get_json, wire_session
from core.providers.universe_file import Listing

URL: Final = "https://api-t1.fyers.in/data/history"
DAYS_AT_ONCE: Final = {DAY: 366}
INTRADAY_DAYS_AT_ONCE: Final = 100
KEY_REFUSED: Final = frozenset({-8, -15, -16, -17})
UNKNOWN_SYMBOL: Final = frozenset({-300, -310})
TOO_OFTEN: Final = frozenset({-429, 429})


class FyersHistory:
    """A BarSource. `root` is another host, without a path."""

    name = "fyers"

    def __init__(self, gate: Gate, keys: Mapping[str, str], *, root: str | None = None) -> None:
        self._gate = gate
        self._session = wire_session(gate.policy, root=root)
        token = f"{keys['MUNIM_FYERS_APP_ID']}:{keys['MUNIM_FYERS_ACCESS_TOKEN']}"
        self._headers = {"Authorization": token}

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        """Daily bars in today's share terms."""
        return self._bars(share, Span(share.symbol, start, end))

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        """Bars of so many minutes."""
        if minutes not in MINUTES:
            raise BadInput(f"Fyers is asked for 1, 3, 5, 15, 30 or 60 minutes, not {minutes}")
        return self._bars(share, Span(share.symbol, start, end, minutes))

    def _bars(self, share: Listing, span: Span) -> Answer[BarRun]:
        def fetch(part: Span) -> dict[str, Any]:
            params = {
                "symbol": share.fyers,
                "resolution": "1D" if part.minutes == DAY else str(part.minutes),
                "date_format": "1",
                "range_from": part.start.isoformat(),
                "range_to": part.end.isoformat(),
                "cont_flag": "1",
            }
            return get_json(
                self._session, self._gate.policy, URL, params=params, headers=self._headers
            )

        days = DAYS_AT_ONCE.get(span.minutes, INTRADAY_DAYS_AT_ONCE)
        return ask_bars(self._gate, span, days=days, fetch=fetch, rows=read_history)


def read_history(found: Mapping[str, Any], part: Span) -> list[Row]:
    """Candles of [epoch, open, high, low, close, volume]; raises what the body says went wrong."""
    status, code = found.get("s"), found.get("code")
    if status == "no_data":
        raise NoData(f"Fyers has no bar of {part.symbol} from {part.start} to {part.end}")
    if code in KEY_REFUSED:
        raise SessionDead("Fyers refuses the key; log in there again and set the new one")
    if code in UNKNOWN_SYMBOL:
        raise NotFound(f"Fyers knows no {part.symbol}; check its name in the universe")
    if code in TOO_OFTEN:
        raise Throttled("Fyers says it was asked too often")
    if status != "ok":
        raise SourceWrong(f"Fyers refused the question (code {code})")
    return [list(candle) for candle in found["candles"]]
