"""What each vendor is asked for bars inside the day and over long spans, and its own refusals."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from core.domain.clock import IST
from core.errors import NoData, NotFound, SessionDead, SourceFailed, SourceWrong, Throttled
from core.providers.bar_run import chunks, freshness
from tests.providers.contract import NOW, bench
from tests.providers.vendor_servers import END, SHARE, START

FIVE = int(datetime(2026, 8, 21, 9, 15, tzinfo=IST).timestamp())
BAR = [1400.0, 1402.0, 1399.0, 1401.0, 5000]
DAY = END
FIGURES = {
    "summaryDetail": {"marketCap": 18.7e12, "trailingPE": 24.5, "beta": 0.4},
    "financialData": {"debtToEquity": 36.6, "returnOnEquity": 0.085},
    "quoteType": {"symbol": "RELIANCE.NS"},
}


def told(value: object) -> tuple[str, str]:
    return json.dumps(value), "application/json"


@pytest.mark.parametrize(
    ("vendor", "answer", "asks"),
    [
        (
            "upstox",
            {"status": "success", "data": {"candles": [["2026-08-21T09:15:00+05:30", *BAR, 0]]}},
            "/v3/historical-candle/NSE_EQ%7CINE002A01018/minutes/5/2026-08-21/2026-08-21",
        ),
        ("fyers", {"s": "ok", "candles": [[FIVE, *BAR]]}, "resolution=5&"),
        (
            "finnhub",
            {"s": "ok", "t": [FIVE], **{name: [BAR[i]] for i, name in enumerate("ohlcv")}},
            "resolution=5&",
        ),
        (
            "kite",
            {"status": "success", "data": {"candles": [["2026-08-21T09:15:00+0530", *BAR]]}},
            "/instruments/historical/738561/5minute",
        ),
    ],
)
def test_bars_of_five_minutes_are_asked_in_the_vendors_words(
    tmp_path: Path, vendor: str, answer: object, asks: str
):
    with bench(vendor, tmp_path) as made:
        made.server.answers = {"/": told(answer)}
        if vendor == "kite":
            made.server.answers = {"/instruments/historical": told(answer)}
        run = made.source.intraday(SHARE, DAY, DAY, minutes=5).value
        assert any(asks in path for path in made.server.asked)
    assert (run.minutes, run.starts.tolist()) == (5, [FIVE])
    assert (run.open[0], run.high[0], run.low[0], run.close[0], run.volume[0]) == tuple(BAR)


def test_a_long_span_is_asked_in_parts_and_comes_back_as_one(tmp_path: Path):
    # Fyers answers 366 days at once: 2025-08-20 to 2026-08-21 are 367 days
    with bench("fyers", tmp_path) as made:
        first = date(2025, 8, 20)
        early = [int(datetime(2025, 8, 20, 5, 30, tzinfo=IST).timestamp()), *BAR]
        made.server.answers = {"/": told({"s": "ok", "candles": [early]})}
        with pytest.raises(SourceWrong, match="asked from 2026-08-21 to 2026-08-21 and came from"):
            made.source.daily(SHARE, first, END)
        made.server.answers = {}
        assert len(made.server.asked) == 2
        made.server.answers = {"/": told({"s": "no_data"})}
        answer = made.source.daily(SHARE, first, END)  # the first part is kept, the second empty
    assert answer.value.sessions == (first,)


def test_spans_are_cut_without_a_gap():
    parts = chunks(date(2026, 1, 1), date(2026, 1, 10), days=4)
    assert [(first.day, last.day) for first, last in parts] == [(1, 4), (5, 8), (9, 10)]


def test_an_answer_with_today_in_it_serves_for_minutes_and_an_older_one_for_a_day():
    assert freshness(date(2026, 8, 22), NOW) == timedelta(minutes=5)
    assert freshness(date(2026, 8, 21), NOW) == timedelta(days=1)


@pytest.mark.parametrize(
    ("vendor", "answer", "error"),
    [
        ("fyers", {"s": "error", "code": -16, "message": "no"}, SessionDead),
        ("fyers", {"s": "error", "code": -300, "message": "no"}, NotFound),
        ("fyers", {"s": "error", "code": 429, "message": "no"}, Throttled),
        ("fyers", {"s": "error", "code": -50, "message": "no"}, SourceWrong),
        ("fyers", {"s": "no_data"}, NoData),
        ("finnhub", {"s": "no_data"}, NoData),
        ("finnhub", {"error": "what"}, SourceWrong),
        ("alphavantage", {"Error Message": "Invalid API call secret-token"}, NotFound),
        ("alphavantage", {"Note": "our standard call frequency is 5 per minute"}, Throttled),
        ("alphavantage", {"Information": "25 requests per day, secret-token"}, Throttled),
        ("alphavantage", {"Information": "this is a premium endpoint"}, SessionDead),
        ("kite", {"status": "error", "error_type": "TokenException", "message": "x"}, SessionDead),
        ("kite", {"status": "error", "error_type": "InputException", "message": "x"}, NotFound),
        (
            "kite",
            {"status": "error", "error_type": "NetworkException", "message": ""},
            SourceFailed,
        ),
        ("kite", {"status": "error", "error_type": "MarginException", "message": ""}, SourceWrong),
        ("yfinance", {"chart": {"result": None, "error": {"code": "Not Found"}}}, SourceWrong),
    ],
)
def test_what_a_vendor_says_in_the_body_becomes_our_error(
    tmp_path: Path, vendor: str, answer: object, error: type[Exception]
):
    with bench(vendor, tmp_path) as made:
        where = {"kite": "/instruments/historical", "yfinance": "/v8/"}.get(vendor, "/")
        made.server.answers = {where: told(answer)}
        with pytest.raises(error) as failed:
            made.source.daily(SHARE, START, END)
    assert "secret-token" not in str(failed.value)


def test_a_day_of_requests_used_up_rests_an_hour(tmp_path: Path):
    with bench("alphavantage", tmp_path) as made:
        made.server.answers = {"/": told({"Information": "limit is 25 requests per day"})}
        with pytest.raises(Throttled, match="25 a day"):
            made.source.daily(SHARE, START, END)
        assert made.state.not_before - NOW == timedelta(hours=1)


def test_a_finnhub_quote_of_zeros_is_an_unknown_share(tmp_path: Path):
    with bench("finnhub", tmp_path) as made:
        zeros = {"c": 0, "o": 0, "h": 0, "l": 0, "pc": 0, "t": 0}
        made.server.answers = {"/": told(zeros)}
        with pytest.raises(NotFound, match="knows no RELIANCE"):
            made.source.last_price(SHARE)


def test_a_companys_figures_come_in_our_units(tmp_path: Path):
    with bench("yfinance", tmp_path) as made:
        made.server.answers = company(FIGURES)
        found = made.source.fundamentals(SHARE).value
    assert (found.market_cap, found.trailing_pe, found.beta) == (18.7e12, 24.5, 0.4)
    assert found.debt_to_equity == pytest.approx(0.366)  # Yahoo says 36.6 for 36.6 %
    assert found.eps is None


def test_another_companys_figures_and_none_at_all_are_refused(tmp_path: Path):
    with bench("yfinance", tmp_path) as made:
        made.server.answers = company({}, symbol="TCS.NS")
        with pytest.raises((SourceWrong, NoData)):
            made.source.fundamentals(SHARE)
        made.server.answers = company({"quoteType": {"symbol": "RELIANCE.NS"}})
        with pytest.raises(NoData, match="no figures"):
            made.source.fundamentals(SHARE)


def company(
    figures: dict[str, object], *, symbol: str = "RELIANCE.NS"
) -> dict[str, tuple[str, str]]:
    return {
        "/v10/": told({"quoteSummary": {"result": [figures] if figures else [], "error": None}}),
        "/v7/": told({"quoteResponse": {"result": [{"symbol": symbol}], "error": None}}),
        "/ws/": told({"timeseries": {"result": [], "error": None}}),
    }


@pytest.mark.parametrize(
    ("candles", "sentence"),
    [
        ([[FIVE, 100, 90, 80, 85, 1]], "opens at 100 and closes at 85 outside 80 to 90"),
        ([[FIVE, 1, 1, 1, None, 1]], "shape nobody expects|no number"),
        ([[FIVE, 1, 1, 1, 1]], "has 5 parts, expected 6"),
        ([[FIVE, 1, 1, 1, 1, 1], [FIVE, 1, 1, 1, 1, 1]], "two bars of 2026-08-21"),
        ([[FIVE, 1, 1, 1, 1, -5]], "shows -5"),
        ([[FIVE, float("nan"), 1, 1, 1, 1]], "no number"),
    ],
)
def test_a_bar_that_cannot_be_is_refused(
    tmp_path: Path, candles: list[list[object]], sentence: str
):
    with bench("fyers", tmp_path) as made:
        made.server.answers = {"/": told({"s": "ok", "candles": candles})}
        with pytest.raises(SourceWrong, match=sentence):
            made.source.daily(SHARE, START, END)


def accounts(symbol: str, **series: list[tuple[str, float, str]]) -> dict[str, tuple[str, str]]:
    """Yahoo's time series of a company's accounts, as its endpoint shapes them."""
    result = [
        {
            "meta": {"symbol": [symbol], "type": [kind]},
            "timestamp": [0] * len(points),
            kind: [
                {"asOfDate": day, "currencyCode": money, "reportedValue": {"raw": value}}
                for day, value, money in points
            ],
        }
        for kind, points in series.items()
    ]
    return {"/ws/": told({"timeseries": {"result": result, "error": None}})}


def test_quarters_come_newest_first_with_the_money_they_are_in(tmp_path: Path):
    points = [("2026-03-31", 2.3e12, "INR"), ("2026-06-30", 2.4e12, "INR")]
    with bench("yfinance", tmp_path) as made:
        made.server.answers = accounts(
            "RELIANCE.NS",
            quarterlyTotalRevenue=points,
            quarterlyNetIncome=[("2026-06-30", 2.1e11, "INR")],
        )
        found = made.source.quarters(SHARE).value
    assert [(str(one.ends), one.revenue, one.profit) for one in found] == [
        ("2026-06-30", 2.4e12, 2.1e11),
        ("2026-03-31", 2.3e12, None),
    ]
    assert {one.currency for one in found} == {"INR"}


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (accounts("TCS.NS", quarterlyTotalRevenue=[("2026-06-30", 1.0, "INR")]), SourceWrong,
         "asked for the accounts of RELIANCE.NS and answered with TCS.NS"),
        (accounts("RELIANCE.NS"), NoData, "no quarters"),
        (accounts("RELIANCE.NS", quarterlyTotalRevenue=[("2026-06-30", 1.0, "INR")],
                  quarterlyNetIncome=[("2026-06-30", 1.0, "USD")]), SourceWrong,
         "mix INR and USD"),
        ({"/ws/": told({"hello": 1})}, SourceWrong, "shape nobody expects"),
    ],
)  # fmt: skip
def test_quarters_that_cannot_be_are_refused(
    tmp_path: Path, answer: dict[str, tuple[str, str]], error: type[Exception], sentence: str
):
    with bench("yfinance", tmp_path) as made:
        made.server.answers = answer
        with pytest.raises(error, match=sentence):
            made.source.quarters(SHARE)


def test_ratios_of_rupees_over_dollars_are_left_out(tmp_path: Path):
    with bench("yfinance", tmp_path) as made:
        figures = {**FIGURES, "financialData": {"financialCurrency": "USD", "grossMargins": 0.3}}
        made.server.answers = company(figures)
        found = made.source.fundamentals(SHARE).value
    assert (found.currency, found.trailing_pe, found.price_to_book) == ("USD", None, None)
    assert (found.market_cap, found.gross_margin) == (18.7e12, 0.3)
