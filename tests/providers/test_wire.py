"""Recorded real answers through the vendors' own files: what `wire_verified` stands on."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.desk.gaps import as_traded
from core.domain.action import ActionKind, Factor
from core.domain.clock import IST
from core.domain.money import Money
from core.errors import NotFound
from core.providers.catalog import VENDORS
from core.providers.files import read_bars
from tests.providers.contract import bench
from tests.providers.vendor_servers import SHARE

VERIFIED_HERE = {"kite", "yfinance"}


def test_only_vendors_with_a_recorded_answer_here_are_shown_as_verified():
    assert {one.name for one in VENDORS.values() if one.wire_verified} == VERIFIED_HERE


@pytest.mark.realdata
def test_kites_published_minute_candles_pass(real_files: Path, tmp_path: Path):
    mocks = real_files / "broker" / "kite_mocks"
    share = replace(SHARE, symbol="HESTERBIO", kite="HESTERBIO")
    with bench("kite", tmp_path) as made:
        made.server.answers = {
            "/instruments/historical": (
                (mocks / "historical_minute.json").read_text(),
                "application/json",
            ),
            "/instruments/NSE": ((mocks / "instruments_nse.csv").read_text(), "text/csv"),
        }
        day = date(2017, 12, 15)
        run = made.source.intraday(share, day, day, minutes=1).value
        with pytest.raises(NotFound, match="lists no RELIANCE"):
            made.source.daily(SHARE, day, day)
    assert len(run) == 6 and set(run.sessions) == {day}
    assert datetime.fromtimestamp(int(run.starts[0]), IST).time().isoformat() == "09:15:00"
    assert (run.open[0], run.high[0], run.low[0], run.close[0]) == (1704.5, 1705, 1699.25, 1702.8)
    assert run.volume[-1] == 802


@pytest.mark.realdata
def test_kites_published_quote_passes(real_files: Path, tmp_path: Path):
    share = replace(SHARE, symbol="INFY", kite="INFY")
    text = (real_files / "broker" / "kite_mocks" / "quote.json").read_text()
    with bench("kite", tmp_path) as made:
        made.server.answers = {"/quote": (text, "application/json")}
        found = made.source.last_price(share).value
    assert found.ltp == Money.rupees("1412.95") and found.prev_close == Money.rupees("1389.65")
    assert found.at == datetime(2021, 6, 8, 15, 45, 52, tzinfo=IST)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("file", "symbol", "first", "last", "bars"),
    [
        ("yahoo_splits_RELIANCE_2023-07.json", "RELIANCE", "2023-07-03", "2023-08-30", 42),
        ("yahoo_splits_KOTHARIPRO_2015-12.json", "KOTHARIPRO", "2015-12-01", "2016-02-26", 62),
    ],
)
def test_yahoos_recorded_charts_pass(
    real_files: Path, tmp_path: Path, file: str, symbol: str, first: str, last: str, bars: int
):
    run = recorded(real_files, tmp_path, file, symbol, first, last)
    assert len(run) == bars
    assert (str(run.sessions[0]), str(run.sessions[-1])) == (first, last)


@pytest.mark.realdata
def test_yahoos_prices_as_traded_are_the_exchanges_own(
    real_files: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The bonus of 2024 is undone to the paisa; Yahoo's demerger of 2023 is not the open's."""
    file = "yahoo_splits_RELIANCE_2023-07.json"
    run = recorded(real_files, tmp_path, file, "RELIANCE", "2023-07-03", "2023-08-30")
    raw = as_traded(run, derived_factors(real_files), isin=SHARE.isin, as_of=date(2026, 8, 22))
    rows = read_bars(
        real_files / "prices" / "nse_sec_bhavdata_full_unadjusted_2019_2026.parquet"
    ).rows
    mine = rows.symbol == "RELIANCE"
    closes = dict(zip(rows.day[mine].tolist(), rows.close[mine].tolist(), strict=True))
    ratio = {day: close / closes[day] for day, close in zip(raw.sessions, raw.close, strict=True)}
    apart = max(abs(value - 1) for value in ratio.values())
    with capsys.disabled():
        print(f"\n{len(ratio)} of {len(run)} closes kept, furthest apart {apart:.6%}")
    assert min(ratio) == date(2023, 7, 20)  # 13 sessions before the demerger are left out
    assert len(ratio) == 29 and apart < 0.0001
    undone = run.close[0] * 2 * 1.1015 / closes[date(2023, 7, 3)]
    assert undone == pytest.approx(1.0167, abs=0.0001)  # what they would have been off by


def recorded(real_files: Path, home: Path, file: str, symbol: str, first: str, last: str):
    text = (real_files / "corporate_actions" / file).read_text()
    share = replace(SHARE, symbol=symbol, yahoo=f"{symbol}.NS")
    with bench("yfinance", home) as made:
        made.server.answers = {"/v8/": (text, "application/json")}
        span = date.fromisoformat(first), date.fromisoformat(last)
        return made.source.daily(share, *span).value


def derived_factors(real_files: Path) -> list[Factor]:
    file = real_files / "corporate_actions" / "implied_adjustment_factors_DERIVED.csv"
    with file.open() as lines:
        return [
            Factor(
                isin=SHARE.isin,
                ex_date=date.fromisoformat(row["ex_date_first_session"]),
                divisor=float(row["implied_price_divisor"]),
                kind=ActionKind.OTHER,
                source="derived",
                known_at=datetime.fromisoformat(row["ex_date_first_session"]).replace(tzinfo=UTC)
                - timedelta(days=1),
            )
            for row in csv.DictReader(lines)
            if row["symbol"] == "RELIANCE"
        ]
