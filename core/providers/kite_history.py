"""Zerodha's Kite: historical candles and last prices through its own client.

Kite names a share by a number that its instrument list gives and that may change overnight, so
the list is asked once a day. The client sends a date as it stands unless it is a datetime.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from core.domain.clock import IST
from core.domain.money import Money
from core.errors import BadInput, NotFound, SessionDead, SourceFailed, SourceWrong, Throttled
from core.providers.ask_bars import ask_bars
from core.providers.bar_run import DAY, BarRun, LastPrice, Row, Span
from core.providers.net.gate import Answer, Gate
from core.providers.net.wire import wire_session
from core.providers.universe_file import Listing

INTERVALS: Final = {
    DAY: "day",
    1: "minute",
    3: "3minute",
    5: "5minute",
    15: "15minute",
    30: "30minute",
    60: "60minute",
}
DAYS_AT_ONCE: Final = {DAY: 2000, 1: 60, 3: 100, 5: 100, 15: 200, 30: 200, 60: 400}


class KiteHistory:
    """A BarSource and a LastPriceSource. `root` is another host, without a path."""

    name = "kite"

    def __init__(self, gate: Gate, keys: Mapping[str, str], *, root: str | None = None) -> None:
        from kiteconnect import KiteConnect

        self._gate = gate
        self._kite = KiteConnect(
            api_key=keys["MUNIM_KITE_API_KEY"],
            access_token=keys["MUNIM_KITE_ACCESS_TOKEN"],
            root=root,
        )
        self._kite.reqsession = wire_session(gate.policy, root=root)

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        """Daily bars in today's share terms."""
        return self._bars(share, Span(share.symbol, start, end))

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        """Bars of so many minutes; raises BadInput for a length Kite does not make."""
        if minutes not in INTERVALS or minutes == DAY:
            raise BadInput(f"Kite has no bars of {minutes} minutes; choose 1, 3, 5, 15, 30 or 60")
        return self._bars(share, Span(share.symbol, start, end, minutes))

    def last_price(self, share: Listing) -> Answer[LastPrice]:
        """The last trade on NSE."""
        key = f"NSE:{share.kite}"
        return self._gate.ask(
            f"quote:{key}",
            lambda: _plain_quote(self._call("quote", key), key),
            lambda found: read_quote(found, share.symbol),
            ttl=timedelta(seconds=1),
        )

    def token(self, share: Listing) -> int:
        """Kite's number for a share; raises NotFound."""
        tokens = self._gate.ask(
            "instruments:NSE",
            lambda: _plain_list(self._call("instruments", "NSE")),
            _tokens,
            ttl=timedelta(hours=20),
        ).value
        if share.kite not in tokens:
            raise NotFound(
                f"Kite lists no {share.kite} among its {len(tokens)} NSE shares; "
                "check its name in the universe"
            )
        return tokens[share.kite]

    def _bars(self, share: Listing, span: Span) -> Answer[BarRun]:
        token = self.token(share)

        def fetch(part: Span) -> list[Row]:
            candles = self._call(
                "historical_data",
                token,
                datetime.combine(part.start, time()),
                datetime.combine(part.end, time(23, 59, 59)),
                INTERVALS[part.minutes],
            )
            return [_plain_candle(candle) for candle in candles]

        days = DAYS_AT_ONCE[span.minutes]
        return ask_bars(self._gate, span, days=days, fetch=fetch, rows=_as_they_are)

    def _call(self, method: str, *arguments: Any) -> Any:
        """One read through the client, its errors in our words; its own text may quote a key."""
        from kiteconnect import exceptions as kite

        try:
            return getattr(self._kite, method)(*arguments)
        except kite.TokenException:
            raise SessionDead("Kite ended the session; log in again and set the new key") from None
        except kite.NetworkException as error:
            if error.code == 429:
                raise Throttled("Kite says it was asked too often") from None
            raise SourceFailed(f"Kite cannot reach its own servers ({error.code})") from None
        except kite.InputException:
            raise NotFound("Kite knows no such share, span or interval") from None
        except kite.DataException:
            raise SourceWrong("Kite sent an answer that is cut off or no JSON") from None
        except kite.KiteException as error:
            raise SourceWrong(f"Kite refused the question ({type(error).__name__})") from None


def read_quote(found: Mapping[str, Any], symbol: str) -> LastPrice:
    """A quote as a last price; its times are Indian and carry no offset."""
    day = found["ohlc"]
    ltp = Money.rupees(str(found["last_price"]))
    if ltp <= Money(0):
        raise SourceWrong(f"Kite: {symbol} shows a last price of {ltp}; it is not used")
    return LastPrice(
        symbol=symbol,
        source="kite",
        ltp=ltp,
        open=Money.rupees(str(day["open"])),
        high=Money.rupees(str(day["high"])),
        low=Money.rupees(str(day["low"])),
        prev_close=Money.rupees(str(day["close"])),
        at=datetime.fromisoformat(found["at"]).replace(tzinfo=IST),
    )


def _plain_quote(quotes: Mapping[str, Any], key: str) -> dict[str, Any]:
    if key not in quotes:
        raise NotFound(f"Kite gives no quote of {key}; check its name in the universe")
    found = quotes[key]
    at = found.get("last_trade_time") or found["timestamp"]
    day = {name: found["ohlc"][name] for name in ("open", "high", "low", "close")}
    return {"last_price": found["last_price"], "ohlc": day, "at": str(at)}


def _plain_list(instruments: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {one["tradingsymbol"]: int(one["instrument_token"]) for one in instruments}


def _tokens(found: dict[str, int]) -> dict[str, int]:
    if not found:
        raise SourceWrong("Kite sent an instrument list without one share")
    return found


def _plain_candle(candle: Mapping[str, Any]) -> Row:
    prices = [candle[name] for name in ("open", "high", "low", "close", "volume")]
    return [int(candle["date"].timestamp()), *prices]


def _as_they_are(payload: Any, part: Span) -> Sequence[Row]:
    rows: Sequence[Row] = payload
    return rows
