"""Finnhub: candles and the last price over plain REST. Indian shares need a paid plan.

An unknown symbol and an empty span give the same `no_data`, and the last price of a symbol it
does not know is a row of zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from core.domain.money import Money
from core.errors import BadInput, NoData, NotFound, SourceWrong
from core.providers.ask_bars import ask_bars
from core.providers.bar_run import DAY, BarRun, LastPrice, Row, Span, midnight
from core.providers.net.gate import Answer, Gate
from core.providers.net.wire import get_json, wire_session
from core.providers.universe_file import Listing

HOST: Final = "https://finnhub.io/api/v1"
RESOLUTIONS: Final = {DAY: "D", 1: "1", 5: "5", 15: "15", 30: "30", 60: "60"}
DAYS_AT_ONCE: Final = {DAY: 3650}
INTRADAY_DAYS_AT_ONCE: Final = 30
PARTS: Final = ("t", "o", "h", "l", "c", "v")


class Finnhub:
    """A BarSource and a LastPriceSource. `root` is another host, without a path."""

    name = "finnhub"

    def __init__(self, gate: Gate, keys: Mapping[str, str], *, root: str | None = None) -> None:
        self._gate = gate
        self._session = wire_session(gate.policy, root=root)
        self._headers = {"X-Finnhub-Token": keys["MUNIM_FINNHUB_KEY"]}

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        """Daily bars in today's share terms."""
        return self._bars(share, Span(share.symbol, start, end))

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        """Bars of so many minutes; raises BadInput for a length Finnhub does not make."""
        if minutes not in RESOLUTIONS or minutes == DAY:
            raise BadInput(f"Finnhub has no bars of {minutes} minutes; choose 1, 5, 15, 30 or 60")
        return self._bars(share, Span(share.symbol, start, end, minutes))

    def last_price(self, share: Listing) -> Answer[LastPrice]:
        """The last trade."""
        return self._gate.ask(
            f"quote:{share.yahoo}",
            lambda: self._get("/quote", {"symbol": share.yahoo}),
            lambda found: read_quote(found, share.symbol),
            ttl=timedelta(seconds=5),
        )

    def _bars(self, share: Listing, span: Span) -> Answer[BarRun]:
        def fetch(part: Span) -> dict[str, Any]:
            params = {
                "symbol": share.yahoo,
                "resolution": RESOLUTIONS[part.minutes],
                "from": str(midnight(part.start)),
                "to": str(midnight(part.end) + 86_399),
            }
            return self._get("/stock/candle", params)

        days = DAYS_AT_ONCE.get(span.minutes, INTRADAY_DAYS_AT_ONCE)
        return ask_bars(self._gate, span, days=days, fetch=fetch, rows=read_candles)

    def _get(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        url = HOST + path
        return get_json(self._session, self._gate.policy, url, params=params, headers=self._headers)


def read_candles(found: Mapping[str, Any], part: Span) -> list[Row]:
    """Candles given as one list a part; the lists must be of one length."""
    if found.get("s") == "no_data":
        raise NoData(f"Finnhub has no bar of {part.symbol} from {part.start} to {part.end}")
    if found.get("s") != "ok":
        raise SourceWrong("Finnhub refused the question without saying why")
    lists = [found[name] for name in PARTS]
    if len({len(one) for one in lists}) != 1:
        raise SourceWrong(f"Finnhub: the parts of {part.symbol}'s bars are not of one length")
    return [list(row) for row in zip(*lists, strict=True)]


def read_quote(found: Mapping[str, Any], symbol: str) -> LastPrice:
    """A quote as a last price; all zeros means that the symbol is not known."""
    if not found["c"] and not found["t"]:
        raise NotFound(f"Finnhub knows no {symbol}; check its name in the universe")
    ltp = Money.rupees(str(found["c"]))
    if ltp <= Money(0):
        raise SourceWrong(f"Finnhub: {symbol} shows a last price of {ltp}; it is not used")
    return LastPrice(
        symbol=symbol,
        source="finnhub",
        ltp=ltp,
        open=Money.rupees(str(found["o"])),
        high=Money.rupees(str(found["h"])),
        low=Money.rupees(str(found["l"])),
        prev_close=Money.rupees(str(found["pc"])),
        at=datetime.fromtimestamp(found["t"], UTC),
    )
