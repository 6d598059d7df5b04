"""Events, flows of big investors, and options: what stands beside prices, made free of scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.domain.event import EventType as E
from core.features.wide import (
    Look,
    Make,
    Wide,
    before,
    known_deviation,
    known_mean,
    known_place,
    summed,
    wide,
)
from core.panel import Floats

EVENTS, FLOWS, OPTIONS = "events", "flows", "options"
YEAR = 252
ALL = "all"
KINDS: dict[str, tuple[E, ...]] = {
    ALL: tuple(E),
    "results": (E.RESULTS,),
    "growth": (E.ORDER_WIN, E.EXPANSION, E.ACQUISITION, E.PRODUCT, E.GUIDANCE),
    "capital": (E.FUND_RAISE, E.DIVIDEND, E.BUYBACK, E.BONUS_SPLIT),
    "rating": (E.RATING,),
    "control": (E.MANAGEMENT, E.PLEDGE),
    "legal": (E.REGULATORY, E.LITIGATION, E.INSOLVENCY),
}


def _filed(kind: str, sessions: int) -> Make:
    def found(look: Look) -> Floats:
        counts = look.beside.filings.get(kind)
        return look.none if counts is None else summed(counts, sessions)[-look.rows :]

    return found


def _z(series: Floats) -> Floats:
    """The last 5 sessions' mean against a year, in deviations of single sessions."""
    size = known_deviation(series, YEAR)
    gap = known_mean(series, 5) - known_mean(series, YEAR)
    return np.where(size > 0, gap / size, np.nan)


def _against_usual(series: Floats) -> Floats:
    return series / known_mean(series, 20)


def _gap_to_vwap(look: Look) -> Floats:
    return look.of("vwap", lambda vwap: look.raw.close / vwap - 1.0)


def _trade_size(look: Look) -> Floats:
    return look.of(
        "trades",
        lambda trades: _against_usual(look.adjusted.volume / np.where(trades > 0, trades, np.nan)),
    )


def _part(part: str, make: Callable[[Floats], Floats]) -> Make:
    return lambda look: look.of(part, make)


MORE: tuple[Wide, ...] = (
    wide("since_results", EVENTS, "sessions since results", 1,
         _part("since_results", lambda x: x), beside="since_results"),
    wide("to_results", EVENTS, "sessions to announced results", 1,
         _part("to_results", lambda x: x), beside="to_results"),
    *(wide(f"filed_{kind}", EVENTS, f"filings and news of {kind}, 20 sessions", 20,
           _filed(kind, 20), beside="filings") for kind in KINDS),
    wide("filed_all_5", EVENTS, "filings and news of all kinds, 5 sessions", 5,
         _filed(ALL, 5), beside="filings"),
    wide("fii_z", FLOWS, "foreign investors' buying of 5 sessions against a year", 126,
         _part("fii", _z), beside="fii"),
    wide("dii_z", FLOWS, "domestic investors' buying of 5 sessions against a year", 126,
         _part("dii", _z), beside="dii"),
    wide("vix", FLOWS, "India VIX a year", 1, _part("vix", lambda x: x / 100.0), beside="vix",
         percent=True),
    wide("vix_change_1", FLOWS, "change of India VIX, last session", 2,
         _part("vix", lambda x: x / before(x, 1) - 1.0), beside="vix", percent=True),
    wide("vix_change_5", FLOWS, "change of India VIX, 5 sessions", 6,
         _part("vix", lambda x: x / before(x, 5) - 1.0), beside="vix", percent=True),
    wide("vix_place", FLOWS, "place of India VIX in its year", 126,
         _part("vix", lambda x: known_place(x, YEAR)), beside="vix", percent=True),
    wide("delivery", FLOWS, "share of volume taken home", 1,
         _part("delivery", lambda x: x), beside="delivery", percent=True),
    wide("delivery_ratio", FLOWS, "share taken home over its 20-session mean", 10,
         _part("delivery", _against_usual), beside="delivery"),
    wide("trade_size", FLOWS, "shares a trade over their 20-session mean", 10,
         _trade_size, beside="trades"),
    wide("vwap_gap", FLOWS, "close against the session's VWAP", 1,
         _gap_to_vwap, beside="vwap", percent=True),
    wide("iv_place", OPTIONS, "IV rank, place of implied volatility in its year", 126,
         _part("implied_vol", lambda x: known_place(x, YEAR)), beside="implied_vol", percent=True,
         version=2),
    wide("iv_change_5", OPTIONS, "change of implied volatility, 5 sessions", 6,
         _part("implied_vol", lambda x: x / before(x, 5) - 1.0), beside="implied_vol",
         percent=True, version=2),
    wide("iv_over_vol", OPTIONS, "implied over realised volatility", 21,
         lambda look: _part("implied_vol", lambda x: x)(look) / look.own("vol_20"),
         needs=("vol_20",), beside="implied_vol", version=2),
    wide("put_call", OPTIONS, "open puts over calls", 1,
         _part("put_call", lambda x: x), beside="put_call"),
    wide("put_call_change_5", OPTIONS, "change of open puts over calls, 5 sessions", 6,
         _part("put_call", lambda x: x / before(x, 5) - 1.0), beside="put_call", percent=True),
    wide("oi_change_1", OPTIONS, "change of open interest, last session", 2,
         _part("open_interest", lambda x: x / before(x, 1) - 1.0), beside="open_interest",
         percent=True),
    wide("oi_change_5", OPTIONS, "change of open interest, 5 sessions", 6,
         _part("open_interest", lambda x: x / before(x, 5) - 1.0), beside="open_interest",
         percent=True),
    wide("basis", OPTIONS, "future over the share", 1,
         _part("basis", lambda x: x), beside="basis", percent=True),
)  # fmt: skip
