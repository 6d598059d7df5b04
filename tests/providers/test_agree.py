"""Two sources of one close: whose stands, and what is kept of both."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from core.errors import SourceWrong
from core.providers.agree import Dispute, Stored, settle
from core.providers.bar_run import BarRun, midnight

DAYS = [date(2026, 8, day) for day in (17, 18, 19, 20, 21)]
ISIN = "INE002A01018"


def run_of(source: str, closes: list[float]) -> BarRun:
    close = np.array(closes)
    starts = np.array([midnight(day) for day in DAYS[: len(closes)]], dtype=np.int64)
    return BarRun("RELIANCE", source, 0, starts, close, close, close, close, close * 10, False)


def stored(source: str, closes: list[float]) -> dict[date, Stored]:
    return {day: Stored(close, source) for day, close in zip(DAYS, closes, strict=False)}


def test_only_new_sessions_are_written_when_the_sources_agree():
    settled = settle(
        stored("BhavCopy_NSE_CM.csv", [100, 101, 102]),
        run_of("yfinance", [100.1, 101, 102, 103, 104]),
        isin=ISIN,
    )
    assert settled.run.sessions == tuple(DAYS[3:]) and settled.disputes == ()


def test_the_exchanges_file_stands_against_a_vendor_and_both_values_are_kept():
    settled = settle(
        stored("cm17AUG2026bhav.csv", [100, 101, 102]),
        run_of("yfinance", [100, 103, 102]),
        isin=ISIN,
    )
    assert settled.run.sessions == (DAYS[1],)  # the store keeps the losing one beside it
    assert settled.disputes == (
        Dispute(ISIN, DAYS[1], "cm17AUG2026bhav.csv", 101.0, "yfinance", 103.0),
    )


def test_a_broker_replaces_a_vendors_close_that_it_differs_from():
    settled = settle(
        stored("yfinance", [100, 101, 102]), run_of("kite", [100, 103, 102]), isin=ISIN
    )
    assert settled.run.sessions == (DAYS[1],) and settled.run.close.tolist() == [103]
    assert settled.disputes == (Dispute(ISIN, DAYS[1], "kite", 103.0, "yfinance", 101.0),)


def test_of_two_equals_the_one_that_was_there_first_stands():
    settled = settle(stored("kite", [100, 101, 102]), run_of("upstox", [100, 103, 102]), isin=ISIN)
    assert settled.disputes[0].kept_source == "kite"


def test_a_source_told_again_corrects_itself():
    settled = settle(stored("kite", [100, 101, 102]), run_of("kite", [100, 103, 102]), isin=ISIN)
    assert (settled.disputes[0].kept, settled.disputes[0].other) == (103.0, 101.0)


def test_half_a_percent_is_no_difference():
    settled = settle(stored("kite", [100.0]), run_of("finnhub", [100.49]), isin=ISIN)
    assert settled.disputes == ()


def test_a_run_that_is_far_off_on_most_days_is_another_share():
    with pytest.raises(SourceWrong, match=r"3 of 3 sessions \(204.00 against 102.00"):
        settle(stored("kite", [100, 101, 102]), run_of("upstox", [200, 202, 204]), isin=ISIN)
