"""Yahoo through yfinance: daily and intraday bars, and a company's figures.

Left alone yfinance turns a refusal, a web page or a missing symbol into an empty frame and asks
again with other cookies. Here the answer is judged on the wire, before yfinance sees it.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

import requests

from core.domain.clock import IST
from core.errors import BadInput, NoData, NotFound, SourceWrong, Throttled
from core.providers.ask_bars import ask_bars
from core.providers.bar_run import DAY, BarRun, Fundamentals, Quarter, Row, Span
from core.providers.net.gate import Answer, Gate
from core.providers.net.wire import wire_session
from core.providers.universe_file import Listing
from core.providers.yahoo_figures import QUARTERLY, WANTED, read_figures, read_quarters

COOKIE_HOSTS: Final = frozenset({"fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com"})
FIGURES: Final = ("/v8/", "/v10/", "/v7/", "/ws/")  # paths that answer in JSON
CHART: Final = "/v8/finance/chart/"
ACCOUNTS: Final = (
    "https://query2.finance.yahoo.com/ws/fundamentals-timeseries/v1/finance/timeseries/"
)
INTERVALS: Final = {DAY: "1d", 1: "1m", 5: "5m", 15: "15m", 30: "30m", 60: "60m"}
DAYS_AT_ONCE: Final = {DAY: 36_500, 1: 7, 5: 59, 15: 59, 30: 59, 60: 700}
COLUMNS: Final = ("Open", "High", "Low", "Close", "Volume")
ZONE: Final = "Asia/Kolkata"


class Yahoo:
    """A BarSource and a FundamentalsSource; yfinance keeps no file of its own."""

    name = "yfinance"

    def __init__(self, gate: Gate, *, root: str | None = None) -> None:
        import yfinance
        from yfinance import cache

        yfinance.config.debug.hide_exceptions = False
        cache.get_tz_cache().dummy = True
        cache.get_cookie_cache().dummy = True  # it would pickle cookies into a file
        self._gate = gate
        self._session = wire_session(
            gate.policy, root=root, free_hosts=COOKIE_HOSTS, judge=self._judge
        )

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        """Daily bars in today's share terms."""
        return self._bars(share, Span(share.symbol, start, end))

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        """Bars of so many minutes; Yahoo keeps the short ones for weeks only."""
        if minutes not in INTERVALS or minutes == DAY:
            raise BadInput(f"Yahoo has no bars of {minutes} minutes; choose 1, 5, 15, 30 or 60")
        return self._bars(share, Span(share.symbol, start, end, minutes))

    def fundamentals(self, share: Listing) -> Answer[Fundamentals]:
        """A company's figures, asked once a day."""
        return self._gate.ask(
            f"figures:{share.yahoo}",
            lambda: self._figures(share.yahoo),
            lambda found: read_figures(found, share),
            ttl=timedelta(days=1),
        )

    def quarters(self, share: Listing) -> Answer[tuple[Quarter, ...]]:
        """Revenue and profit of the last quarters, asked once a day."""
        return self._gate.ask(
            f"quarters:{share.yahoo}",
            lambda: self._accounts(share.yahoo),
            lambda found: read_quarters(found, share),
            ttl=timedelta(days=1),
        )

    def _bars(self, share: Listing, span: Span) -> Answer[BarRun]:
        return ask_bars(
            self._gate,
            span,
            days=DAYS_AT_ONCE[span.minutes],
            fetch=lambda part: self._frame(share.yahoo, part),
            rows=lambda found, part: read_rows(found, part, asked=share.yahoo),
        )

    def _ticker(self, symbol: str) -> Any:
        """A yfinance ticker over our session, without its memory of earlier answers."""
        import yfinance
        from yfinance.data import YfData

        shared = YfData(session=self._session)
        if len(self._session.cookies):
            shared._cookie = True  # it would ask the cookie host before every question
        YfData.cache_get.cache_clear()
        ticker = yfinance.Ticker(symbol, session=self._session)
        ticker._tz = ZONE  # it would ask Yahoo for it first
        return ticker

    def _frame(self, symbol: str, part: Span) -> dict[str, Any]:
        from yfinance import exceptions as yahoo

        ticker = self._ticker(symbol)
        try:
            frame = _quietly(
                ticker.history,
                start=part.start.isoformat(),
                end=(part.end + timedelta(days=1)).isoformat(),
                interval=INTERVALS[part.minutes],
                auto_adjust=False,
                actions=False,
            )
        except yahoo.YFRateLimitError:
            raise Throttled("Yahoo says it was asked too often") from None
        except (yahoo.YFPricesMissingError, yahoo.YFInvalidPeriodError):
            raise NoData(f"Yahoo has no bar of {symbol} from {part.start} to {part.end}") from None
        except yahoo.YFException as error:
            raise SourceWrong(f"Yahoo's answer is refused ({type(error).__name__})") from None
        starts = [int(at.timestamp()) for at in frame.index]
        columns = [frame[name].astype(float).tolist() for name in COLUMNS]
        rows = [list(row) for row in zip(starts, *columns, strict=True)]
        return {"symbol": (ticker.history_metadata or {}).get("symbol", ""), "rows": rows}

    def _figures(self, symbol: str) -> dict[str, Any]:
        from yfinance import exceptions as yahoo

        try:
            info: Mapping[str, Any] = self._ticker(symbol).get_info()
        except yahoo.YFRateLimitError:
            raise Throttled("Yahoo says it was asked too often") from None
        except yahoo.YFException as error:
            raise SourceWrong(f"Yahoo's answer is refused ({type(error).__name__})") from None
        return {name: info.get(name) for name in WANTED}

    def _accounts(self, symbol: str) -> dict[str, Any]:
        """The series as Yahoo sends them: yfinance would drop the currency they are in."""
        from yfinance import exceptions as yahoo

        now = self._gate.now()
        asked = {
            "symbol": symbol,
            "type": ",".join(QUARTERLY),
            "period1": int((now - timedelta(days=2 * 365)).timestamp()),
            "period2": int(now.timestamp()),
        }
        try:
            found = self._ticker(symbol)._data.get_raw_json(f"{ACCOUNTS}{symbol}", params=asked)
        except yahoo.YFRateLimitError:
            raise Throttled("Yahoo says it was asked too often") from None
        except yahoo.YFException as error:
            raise SourceWrong(f"Yahoo's answer is refused ({type(error).__name__})") from None
        return {"series": found["timeseries"]["result"] or []}

    def _judge(self, path: str, response: requests.Response) -> None:
        """Refuse what yfinance would swallow: an unknown symbol, no JSON, no chart, the future."""
        if not path.startswith(FIGURES):
            return
        if response.status_code == 404:
            raise NotFound("Yahoo has nothing under this name; check it in the universe")
        if response.status_code >= 400:
            raise SourceWrong(f"Yahoo refused the question ({response.status_code})")
        try:
            found = json.loads(response.content)
        except ValueError:
            raise SourceWrong(
                f"Yahoo sent {len(response.content)} bytes that are cut off or no JSON"
            ) from None
        if path.startswith(CHART):
            refuse_chart(found, now=self._gate.now())


def _quietly(call: Callable[..., Any], **arguments: Any) -> Any:
    """Without yfinance's warnings about its own use of pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return call(**arguments)


def refuse_chart(found: Any, *, now: datetime) -> None:
    """Raise SourceWrong for a chart without a result, or with a bar of a time to come."""
    results = found["chart"]["result"] if isinstance(found, dict) and "chart" in found else None
    if not results:
        raise SourceWrong("Yahoo sent no chart where one was expected; nothing of it is used")
    newest = max(results[0].get("timestamp") or [0])
    if newest > now.timestamp():
        at = datetime.fromtimestamp(newest, IST)
        raise SourceWrong(f"Yahoo has a bar of {at.date()}, after now ({now.astimezone(IST):%F})")


def read_rows(found: Mapping[str, Any], part: Span, *, asked: str) -> list[Row]:
    """Rows of the share that was asked for; raises SourceWrong for another one's."""
    if str(found["symbol"]).upper() != asked.upper():
        raise SourceWrong(
            f"Yahoo was asked for {asked} and answered with {found['symbol'] or 'no name'}; "
            "nothing of it is used"
        )
    return list(found["rows"])
