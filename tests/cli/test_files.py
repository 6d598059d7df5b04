"""Verbs over files: indicators, weights, tags, and real history into a replay store."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from talib import abstract

from core.desk.desk import Desk, calendar_now
from core.domain.clock import ist_day
from core.features.indicators_talib import from_talib
from tests.cli.terminal import Terminal


@pytest.fixture
def prices(tmp_path: Path) -> Path:
    """80 sessions of two shares: STEADY gains 0.1 % a session, SWINGS goes up and down."""
    file = tmp_path / "prices.csv"
    days = calendar_now().sessions(date(2026, 1, 1), date(2026, 6, 30))[:80]
    lines = ["symbol,date,open,high,low,close,volume"]
    for place, day in enumerate(days):
        for symbol, close in (
            ("STEADY", 100 * 1.001**place * (1 + 0.001 * (place % 2))),
            ("SWINGS", 100 + 5 * math.sin(place)),
        ):
            lines.append(f"{symbol},{day},{close},{close + 1},{close - 1},{close},1000")
    file.write_text("\n".join(lines) + "\n")
    return file


def test_an_indicator_is_talibs_own(munim: Terminal, prices: Path):
    said = munim("indicators", str(prices), "--set", "sma,rsi", "--json").document
    steady, swings = said["symbols"]
    assert (steady["symbol"], steady["rows"], set(steady["last"])) == ("STEADY", 80, {"SMA", "RSI"})
    mean = sum(100 + 5 * math.sin(place) for place in range(50, 80)) / 30  # SMA is over 30
    assert swings["last"]["SMA"] == pytest.approx(mean)


def test_every_indicator_goes_to_a_file(munim: Terminal, prices: Path, tmp_path: Path):
    out = tmp_path / "out.csv"
    said = munim("indicators", str(prices), "--out", str(out))
    assert "MACD_macdsignal" in said.out
    rows = list(csv.DictReader(out.open()))
    assert len(rows) == 160
    assert len(rows[0]) > 120
    assert rows[0]["RSI"] == ""  # it needs 14 sessions before
    for symbol in ("STEADY", "SWINGS"):
        mine = [row for row in rows if row["symbol"] == symbol]
        for one in from_talib():
            for column, wanted in zip(
                one.columns, _directly(one.name, prices, symbol), strict=True
            ):
                found = [float(row[column] or "nan") for row in mine]
                known = slice(one.warm_up - 1, None)
                np.testing.assert_array_equal(found[known], wanted[known], column)


def _directly(name: str, prices: Path, symbol: str) -> list[np.ndarray]:
    """What TA-Lib says of a file's prices."""
    rows = [row for row in csv.DictReader(prices.open()) if row["symbol"] == symbol]
    parts = ("open", "high", "low", "close", "volume")
    said = abstract.Function(name)({one: np.array([float(row[one]) for row in rows])
                                    for one in parts})  # fmt: skip
    return list(said) if isinstance(said, list | tuple) else [said]


def test_a_group_is_chosen_by_its_name_and_each_series_is_described(munim: Terminal, prices: Path):
    said = munim("indicators", str(prices), "--set", "candles,ichimoku", "--json").document
    last = said["symbols"][0]["last"]
    assert len(last) == 61 + 4 and "ICHIMOKU_span_b" in last
    assert set(said["meanings"]) == set(last)
    meant = said["meanings"]["ICHIMOKU_span_b"]
    assert (meant["unit"], meant["warm_up"], meant["per"]) == ("rupees", 78, "session")
    assert said["meanings"]["CDLDOJI"]["source"].startswith("TA-Lib ")
    # 80 bars of STEADY: half way between the extremes of bars 3 to 54, 26 before the last
    highs = [100 * 1.001**place * (1 + 0.001 * (place % 2)) + 1 for place in range(2, 54)]
    lows = [high - 2 for high in highs]
    assert last["ICHIMOKU_span_b"] == pytest.approx((max(highs) + min(lows)) / 2)


def test_a_row_that_is_no_bar_is_left_out_and_said(munim: Terminal, tmp_path: Path):
    file = tmp_path / "holed.csv"
    file.write_text(
        "symbol,date,open,high,low,close,volume\n"
        "AAA,2026-01-01,10,11,9,10,\nAAA,2026-01-02,10,11,9,10,500\n"
    )
    said = munim("indicators", str(file), "--set", "obv")
    assert said.code == 0 and "1 row refused, first line 2" in said.err
    refused = munim("indicators", str(file), "--set", "obv", "--json").document["refused"]
    assert [row["line"] for row in refused] == [2]


def test_an_unknown_indicator_names_near_ones(munim: Terminal, prices: Path):
    said = munim("indicators", str(prices), "--set", "RSY")
    assert said.code == 2
    assert "RSY is no indicator; near it are" in said.sentence
    nowhere = munim("indicators", str(prices), "--out", "/no/such/place.csv")
    assert nowhere.code == 2


def test_a_csv_of_indicators_takes_the_place_of_nothing_else(
    munim: Terminal, prices: Path, tmp_path: Path
):
    before = prices.read_text()
    same = munim("indicators", str(prices), "--set", "SMA", "--out", str(prices))
    assert (same.code, prices.read_text()) == (2, before)
    assert "is the file the prices are in" in same.sentence
    folder = munim("indicators", str(prices), "--set", "SMA", "--out", str(tmp_path))
    assert folder.code == 2 and "is a folder; name the CSV" in folder.sentence


def test_without_a_file_it_says_what_there_is(munim: Terminal, tmp_path: Path):
    rows = {row["indicator"]: row for row in munim("indicators", "--json").document}
    assert len(rows) > 150
    assert (rows["RSI"]["warm_up"], rows["RSI"]["start"]) == ("15 bars", "fades")
    assert (rows["RSI_WEEK"]["warm_up"], rows["SMA"]["start"]) == ("15 weeks", "")
    assert rows["OBV"]["start"] == "counts from the first bar"
    few = munim("indicators", "--set", "ichimoku,atr")
    assert few.code == 0 and "G. Hosoda" in few.out and "RSI" not in few.out
    columns = {row["column"]: row for row in munim("indicators", "--columns", "--json").document}
    assert len(columns) > 150 and sum(row["taken"] == "yes" for row in columns.values()) == 28
    assert columns["rsi_14"]["memory"] == "264 bars" and columns["rsi_14"]["version"] == 2
    assert columns["week_ret"]["warm_up"] == "2 weeks" and columns["iv_place"]["beside"]
    for wrong in (("--out", str(tmp_path / "x.csv")), ("prices.csv", "--columns")):
        assert munim("indicators", *wrong).code == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("date,open,high,low,close\n2026-01-01,1,2,1,1\n", "found no column for volume"),
        ("date,open,high,low,close,volume\n2026-01-01,1,ten,1,1,5\n",
         "line 2, column HIGH: found 'ten', expected a number"),
        ("date,open,high,low,close,volume\n", "found 1 line, expected a header and rows"),
        ("", "the file is empty"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_prices_is_told_in_one_sentence(
    munim: Terminal, tmp_path: Path, text: str, says: str
):
    file = tmp_path / "A.csv"
    file.write_text(text)
    said = munim("indicators", str(file))
    assert said.code == 2 and says in said.sentence and "\n" not in said.sentence.strip()


def test_rows_may_stand_in_any_order_and_a_day_twice_counts_once(munim: Terminal, tmp_path: Path):
    head = "symbol,date,open,high,low,close,volume\n"
    first, second, third = (f"A,2026-01-0{day},{day},{day},{day},{day},5\n" for day in (1, 2, 5))
    file, ordered = tmp_path / "mixed.csv", tmp_path / "ordered.csv"
    file.write_text(head + third + first + second + second)
    ordered.write_text(head + first + second + third)
    said, wanted = (
        munim("indicators", str(one), "--set", "MOM,OBV,TRANGE,STREAK", "--json").document
        for one in (file, ordered)
    )
    assert said["symbols"] == wanted["symbols"] and not wanted["refused"]
    assert [row["reason"] for row in said["refused"]] == ["the symbol has another row that day"]


def test_weights_of_a_file_sum_to_what_is_invested(munim: Terminal, prices: Path, tmp_path: Path):
    caps = tmp_path / "caps.json"
    caps.write_text('{"weight_max": 0.6, "invested": 0.9}')
    said = munim("optimize", str(prices), "--method", "min_variance", "--constraints", str(caps),
                 "--json").document  # fmt: skip
    weights = {row["symbol"]: row["weight"] for row in said["weights"]}
    assert sum(weights.values()) == pytest.approx(0.9)
    assert weights["STEADY"] == pytest.approx(0.6, abs=1e-3)  # the calmer one, at its cap
    assert "volatility" in munim("optimize", str(prices), "--method", "equal").out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is no JSON document"),
        ('{"moon": 1}', "nothing else"),
        ('{"weight_max": "all"}', "write a fraction"),
        ('{"sectors": 1}', "must map"),
        ('{"weight_max": 0.1}', "raise the cap or add shares"),
    ],
)
def test_caps_that_cannot_be_are_refused(
    munim: Terminal, prices: Path, tmp_path: Path, text: str, says: str
):
    caps = tmp_path / "caps.json"
    caps.write_text(text)
    said = munim("optimize", str(prices), "--method", "equal", "--constraints", str(caps))
    assert said.code == 2
    assert says in said.sentence
    gone = munim("optimize", str(prices), "--method", "equal", "--constraints", "none.json")
    assert "no such file" in gone.sentence
    assert munim("optimize", str(prices), "--method", "luck").code == 2


def test_headlines_are_tagged_and_not_stored(munim: Terminal, desk: Desk, tmp_path: Path):
    file = tmp_path / "news.txt"
    file.write_text("TCS bags order worth Rs 500 crore\n\nNothing about anyone\n")
    rows = munim("tag", str(file), "--json").document
    assert [(row["symbol"], row["stance"]) for row in rows] == [("TCS", "POSITIVE")]
    file.write_bytes(b"\xff\xfe\x00")
    assert "is no text" in munim("tag", str(file)).sentence


def test_bars_and_filings_come_into_a_replay_store(
    munim: Terminal, replay_desk: Desk, tmp_path: Path
):
    days = calendar_now().sessions(date(2026, 1, 1), date(2026, 6, 30))[:80]
    file = tmp_path / "TCS.csv"
    file.write_text("date,open,high,low,close,volume\n" + "".join(
        f"{day},{3000 + place},{3010 + place},{2990 + place},{3001 + place},1000\n"
        for place, day in enumerate(days)
    ))  # fmt: skip
    done = munim("data", "import", str(file), "--json").document
    assert (done["bars"], done["symbols"], done["sessions"]) == (80, 1, 80)
    quality = munim("data", "quality", "TCS", "--json").document
    assert (quality["sessions"], quality["score"], quality["findings"]) == (80, 100.0, [])
    today = ist_day(replay_desk.clock.now())
    known = max(day for day in days if day < today)  # what comes later is not told
    for words in (("regime",), ("regime", "TCS")):
        said = munim(*words, "--json").document
        assert said["as_of"] == known.isoformat()
    news = tmp_path / "filings.csv"
    news.write_text(
        "dt,company,scrip code,subject,pdf link\n"
        "2026-02-02 10:00:00,Tata Consultancy Services Ltd,532540,"
        "Receipt of order worth Rs 500 crore,https://x/1.pdf\n"
    )
    stored = munim("ingest", str(news), "--json").document
    assert (stored["read"], stored["stored"], stored["mapped"]) == (1, 1, 1)
    assert munim("tag", str(news), "--json").document[0]["symbol"] == "TCS"
