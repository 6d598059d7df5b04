"""Alpha Vantage: daily bars at BSE, as traded that day. It lists no NSE share.

It says everything under status 200, its limit too, and repeats the key in that text; so none of
its text is passed on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from core.domain.clock import ist_day
from core.errors import BadInput, NotFound, SessionDead, SourceWrong, Throttled
from core.providers.ask_bars import ask_bars
from core.providers.bar_run import BarRun, Row, Span, midnight
from core.providers.net.gate import Answer, Gate
from core.providers.net.wire import get_json, wire_session
from core.providers.universe_file import Listing

URL: Final = "https://www.alphavantage.co/query"
SERIES: Final = "Time Series (Daily)"
PARTS: Final = ("1. open", "2. high", "3. low", "4. close", "5. volume")
COMPACT_REACH: Final = timedelta(days=120)  # the short answer holds the last hundred sessions
WHOLE: Final = 36_500  # days: it answers everything at once
HOUR: Final = 3_600.0  # seconds of rest once the day's requests are used up
MINUTE: Final = 60.0
TOO_OFTEN: Final = ("rate limit", "call frequency", "per day", "per minute", "per second")


class AlphaVantage:
    """A BarSource of daily bars. `root` is another host, without a path."""

    name = "alphavantage"

    def __init__(self, gate: Gate, keys: Mapping[str, str], *, root: str | None = None) -> None:
        self._gate = gate
        self._session = wire_session(gate.policy, root=root)
        self._key = keys["MUNIM_ALPHAVANTAGE_KEY"]

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        """Daily bars as traded at BSE that day."""
        asked = f"{share.symbol}.BSE"

        def fetch(part: Span) -> dict[str, Any]:
            short = ist_day(self._gate.now()) - part.start < COMPACT_REACH
            params = {
                "function": "TIME_SERIES_DAILY",
                "symbol": asked,
                "outputsize": "compact" if short else "full",
                "apikey": self._key,
            }
            found = get_json(self._session, self._gate.policy, URL, params=params)
            refuse(found, asked)
            return {"symbol": found["Meta Data"]["2. Symbol"], "days": found[SERIES]}

        return ask_bars(
            self._gate,
            Span(share.symbol, start, end),
            days=WHOLE,
            fetch=fetch,
            rows=lambda found, part: read_days(
                found, part, asked=asked, today=ist_day(self._gate.now())
            ),
            raw=True,
        )

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        """It has none for Indian shares; raises BadInput."""
        raise BadInput("Alpha Vantage has no intraday bars of Indian shares; ask a broker")


def refuse(found: Mapping[str, Any], asked: str) -> None:
    """Raise what an answer without bars means."""
    if "Error Message" in found:
        raise NotFound(f"Alpha Vantage knows no {asked}; it lists shares of BSE only")
    words = str(found.get("Note") or found.get("Information") or "").lower()
    if any(sign in words for sign in TOO_OFTEN):
        raise Throttled(
            "Alpha Vantage says its limit is used up; the free one is 25 a day",
            retry_after=HOUR if "day" in words else MINUTE,
        )
    if words:
        raise SessionDead("Alpha Vantage refuses the key, or the plan lacks this; set another key")
    if SERIES not in found:
        raise SourceWrong(f"Alpha Vantage sent no daily series of {asked}")


def read_days(found: Mapping[str, Any], part: Span, *, asked: str, today: date) -> list[Row]:
    """The days of the span; the answer always holds more."""
    if str(found["symbol"]).upper() != asked.upper():
        raise SourceWrong(
            f"Alpha Vantage was asked for {asked} and answered with {found['symbol']}; not used"
        )
    days = {date.fromisoformat(text): bar for text, bar in found["days"].items()}
    if days and max(days) > today:
        raise SourceWrong(f"Alpha Vantage: {asked} has a bar of {max(days)}, after today, {today}")
    return [
        [midnight(day), *(bar[name] for name in PARTS)]
        for day, bar in days.items()
        if part.start <= day <= part.end
    ]
