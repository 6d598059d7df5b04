"""Every kind of market file is read, or refused with one sentence that names it."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadInput
from core.panel import IntradayBars
from core.providers import mapping
from core.providers.adjusted_file import AdjustedFile
from core.providers.bar_file import BarFile
from core.providers.calendar_file import load_calendar
from core.providers.flow_files import FlowFile
from core.providers.index_file import IndexFile
from core.providers.intraday_file import IntradayFile
from core.providers.market_files import ActionFile, open_market_file
from core.providers.option_files import OptionFile
from core.providers.participant_file import COLUMNS, ParticipantFile
from core.providers.source_rank import source_rank

CALENDAR = load_calendar(Path(__file__).resolve().parents[2] / "data" / "calendar.json")
WIDE = "date,category,buy_value,sell_value,net_value,category,buy_value,sell_value,net_value\n"
LEVELS = "Date,Index,Open,High,Low,Close,Volume\n"
MINUTES = "date,open,high,low,close,volume\n"


def opened(folder: Path, name: str, text: str):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return open_market_file(path, CALENDAR)


def minute(clock: str, price: float = 10.0, day: str = "2026-03-09") -> str:
    return f"{day} {clock}:00+05:30,{price},{price + 1},{price - 1},{price},5\n"


# --- index levels


def test_a_level_a_tenth_of_the_one_before_is_a_rebasing(tmp_path):
    rows = "2004-05-27,IT,21000,21300,20900,21264.2,1\n2004-05-28,IT,2100,2110,2000,2011.25,1\n"
    found = opened(tmp_path, "index.csv", LEVELS + rows)
    assert isinstance(found, IndexFile)
    assert found.index.tolist() == ["NIFTY IT"] * 2
    assert found.divisor.tolist() == [1.0, 10.0]
    assert "rebased 10:1 on 2004-05-28" in found.notes[0]


def test_a_large_move_is_no_rebasing(tmp_path):
    rows = "2009-05-15,NIFTY,3600,3700,3600,3671.65,1\n2009-05-18,NIFTY,4200,4400,4200,4323.15,1\n"
    assert opened(tmp_path, "index.csv", LEVELS + rows).divisor.tolist() == [1.0, 1.0]


def test_an_impossible_level_is_refused_by_name_and_line(tmp_path):
    rows = "2026-03-09,NIFTY,5,12,9,10,1\n2026-03-10,NIFTY,10,12,9,11,1\n"
    found = opened(tmp_path, "index.csv", LEVELS + rows)
    (one,) = found.refused
    assert (one.line, one.symbol) == (2, "NIFTY 50")
    assert "2026-03-09 open 5, high 12, low 9" in one.reason


def test_nse_vix_without_open_high_and_low_keeps_its_close(tmp_path):
    text = (
        "Date ,Open ,High ,Low ,Close ,Prev. Close ,Change ,% Change \n"
        "12-FEB-2021,0.0,0.0,0.0,23.045,0.0,23.05,\n15-FEB-2021,21,22,20,21.5,23,-2,-9\n"
    )
    found = opened(tmp_path, "vix.csv", text)
    assert (found.format, found.index[0], found.values[3].tolist()) == (
        "india vix",
        "INDIA VIX",
        [23.045, 21.5],
    )
    assert np.isnan(found.values[0][0])


def test_two_ways_of_writing_a_date_are_refused_with_both_and_their_counts(tmp_path):
    rows = "01/02/08,20,20,21,19\n" * 2 + "13/02/2009,20,20,21,19\n" * 3
    said = (
        "column DATE mixes two ways of writing a date, 3 of 10 characters such as '13/02/2009' "
        "and 2 of 8 characters such as '01/02/08', and in 2 of 5 rows"
    )
    with pytest.raises(BadInput, match=said):
        opened(tmp_path, "vix.csv", "Date,vix,Open,High,Low\n" + rows)


def test_the_index_table_of_the_market_report_is_read(tmp_path):
    text = (
        ",16-Dec-2025\nThe Nifty fell.\n\n, Number of Trades, 5\n\n"
        ",INDEX,PREVIOUS CLOSE,OPEN,HIGH,LOW,CLOSE,GAIN/LOSS\n"
        ",Nifty 50, 100, 101, 103, 99, 102, 2\n\n,OTHER,1,2,3,4,5,6\n"
    )
    found = opened(tmp_path, "MA161225.csv", text)
    assert (found.index.tolist(), found.day[0].item()) == (["NIFTY 50"], date(2025, 12, 16))
    with pytest.raises(BadInput, match=r"found no date or no INDEX table"):
        opened(tmp_path, "MA171225.csv", ",16-Dec-2025\nnothing\n")


# --- inside the day


def test_kite_minutes_are_seconds_since_1970_and_the_file_names_the_share(tmp_path):
    found = opened(tmp_path, "SBIN_1min.csv", MINUTES + minute("09:15") + minute("09:16"))
    assert isinstance(found, IntradayFile)
    assert (found.symbol, found.bars.minutes) == ("SBIN", 1)
    assert found.bars.start[0] == np.datetime64("2026-03-09T03:45", "s").astype(np.int64)
    assert found.notes == ("1-minute bars of 1 day", "373 bars missing")


def test_the_bar_at_the_close_is_the_closing_sessions_and_later_ones_are_refused(tmp_path):
    rows = "".join(minute(clock) for clock in ("15:28", "15:29", "15:30", "15:31"))
    found = opened(tmp_path, "SBIN_1min.csv", MINUTES + rows)
    assert len(found.bars) == 3
    assert "1 of them the closing session's trade" in found.notes
    (one,) = found.refused
    assert one.line == 5
    assert "2026-03-09 15:31: outside the hours of that day, 09:15 to 15:30" in one.reason


def test_bars_of_a_holiday_twice_told_or_impossible_are_refused(tmp_path):
    rows = minute("09:15") + minute("09:16") + minute("09:16") + minute("09:17", day="2026-03-08")
    rows += "2026-03-09 09:18:00+05:30,10,9,8,10,5\n2026-03-09 09:19:00+05:30,10,11,9,10,-1\n"
    found = opened(tmp_path, "SBIN_1min.csv", MINUTES + rows)
    assert [(one.line, one.reason.split(": ")[1]) for one in found.refused] == [
        (4, "another bar begins at that moment"),
        (5, "not a trading day"),
        (6, "open and close must lie in low..high above 0"),
        (7, "the volume is missing or negative"),
    ]


def test_times_without_a_zone_are_indian_and_may_not_be_mixed_with_others(tmp_path):
    plain = minute("09:15").replace("+05:30", "") + minute("09:16").replace("+05:30", "")
    found = opened(tmp_path, "SBIN_1min.csv", MINUTES + plain)
    assert found.bars.start[0] % 86_400 == (3 * 60 + 45) * 60
    utc = "2026-03-09T03:45:00Z,10,11,9,10,5\n2026-03-09T03:46:00Z,10,11,9,10,5\n"
    assert opened(tmp_path, "TCS_1min.csv", MINUTES + utc).bars.start[0] == found.bars.start[0]
    with pytest.raises(BadInput, match="mixes times with and without a zone"):
        opened(tmp_path, "INFY_1min.csv", MINUTES + plain + minute("09:17"))


def test_bars_all_outside_the_hours_say_the_first_reason(tmp_path):
    late = minute("19:15") + minute("19:16")
    with pytest.raises(BadInput, match=r"none of its 2 bars is taken; 2026-03-09 19:15: outside"):
        opened(tmp_path, "SBIN_1min.csv", MINUTES + late)


def test_bars_of_no_usual_length_are_refused(tmp_path):
    with pytest.raises(BadInput, match="420 seconds apart"):
        opened(tmp_path, "SBIN_7min.csv", MINUTES + minute("09:15") + minute("09:22"))


def test_google_rows_end_when_they_say_and_the_opening_trade_is_no_bar(tmp_path):
    # 1529466300 is 09:15:00 on 20 June 2018 in India
    text = (
        "EXCHANGE%3DNSE\nMARKET_OPEN_MINUTE=555\nINTERVAL=60\n"
        "COLUMNS=DATE,CLOSE,HIGH,LOW,OPEN,VOLUME,CDAYS\nDATA=\nTIMEZONE_OFFSET=330\n"
        "a1529466300,11,12,10,11,7,0\n1,11.5,12,10,11,8,0\n2,11,12,10,11.5,9,0\n"
    )
    found = opened(tmp_path, "TCS_google.txt", text)
    assert (len(found.bars), found.bars.open[0], found.bars.close[0]) == (2, 11.0, 11.5)
    assert found.bars.start[0] == 1_529_466_300
    assert found.refused[0].reason.startswith("2018-06-20 09:14")
    with pytest.raises(BadInput, match=r"line 7: found 'x,1', expected 7 numbers"):
        opened(tmp_path, "INFY_google.txt", text.replace("a1529466300,11,12,10,11,7,0", "x,1"))
    with pytest.raises(BadInput, match="its heading has no VOLUME"):
        opened(tmp_path, "INFY_google.txt", text.replace("VOLUME,CDAYS", "CDAYS,X"))


# --- flows


def swapped_row(day: date) -> str:
    return f"{day.month:02}-{day.day:02}-{day.year},DII,10,4,6,FII/FPI,5,7,-2\n"


def test_swapped_dates_of_a_year_are_put_right_by_its_trading_days(tmp_path):
    early = [date(2015, month, day) for month in range(1, 13) for day in range(1, 12)]
    early = [day for day in early if CALENDAR.is_session(day)]
    straight = "20-01-2015,DII,10,4,6,FII/FPI,5,7,-2\n"
    found = opened(tmp_path, "wide.csv", WIDE + straight + "".join(map(swapped_row, early)))
    assert isinstance(found, FlowFile)
    assert set(found.day.tolist()) == {*early, date(2015, 1, 20)}
    assert "dates of 2015" in found.notes[0]
    assert (found.who[:2], found.amounts["net"][:2].tolist()) == (("FII", "DII"), [-2.0, 6.0])


def test_a_year_where_neither_order_is_of_trading_days_is_refused(tmp_path):
    # 11 January and 1 November 2025 are Saturdays
    rows = "11-01-2025,DII,1,1,0,FII/FPI,1,1,0\n"
    with pytest.raises(BadInput, match="neither order fits"):
        opened(tmp_path, "wide.csv", WIDE + rows)


def test_negative_sales_become_positive_where_they_give_the_net(tmp_path):
    rows = "14-01-2026,DII,10,-4,6,FII/FPI,5,-7,-2\n"
    found = opened(tmp_path, "wide.csv", WIDE + rows)
    assert found.amounts["sell"].tolist() == [7.0, 4.0]
    assert "1 row with negative sales made positive" in found.notes


def test_days_without_a_session_and_wrong_nets_are_counted(tmp_path):
    rows = "date,fii_buy,fii_sell,fii_net,dii_buy,dii_sell,dii_net\n"
    rows += "2026-01-15,5,7,-2,1,1,0\n2026-01-16,5,7,-1,1,1,0\n2026-01-16,5,7,-1,1,1,0\n"
    found = opened(tmp_path, "tidy.csv", rows)
    assert found.refused[0].reason == "2026-01-16 stands on an earlier line"
    assert "in 1 row of FII and 0 of DII" in found.notes[0]
    assert found.notes[1] == "1 day without a session: 2026-01-15"


def test_a_line_of_the_wide_list_that_is_none_is_named(tmp_path):
    with pytest.raises(BadInput, match="line 2: expected nine cells"):
        opened(tmp_path, "wide.csv", WIDE + "14-01-2026,DII,1\n")


# --- participants and options


def test_a_daily_participant_file_takes_day_and_measure_from_its_title(tmp_path):
    title = '""Participant wise Open Interest (no. of contracts) as on Dec 16, 2025"",,\n'
    head = "Client Type," + ",".join(name.title() for name in COLUMNS.values()) + "\n"
    rows = "".join(f"{who}," + ",".join("1" * 14) + "\n" for who in ("Client", "DII", "FII", "Pro"))
    total = "TOTAL," + ",".join(["4"] * 14) + "\n"
    found = opened(tmp_path, "fao.csv", title + head + rows + total)
    assert isinstance(found, ParticipantFile)
    assert (found.measure, found.day[0].item(), found.notes) == (
        "OI",
        date(2025, 12, 16),
        ("1 day",),
    )
    off = opened(tmp_path, "fao.csv", title + head + rows + total.replace("4", "9"))
    assert "on 1 of them the four kinds do not sum to NSE's total" in off.notes


def test_an_option_chain_gives_a_row_for_each_call_and_put(tmp_path):
    leg = {
        "underlying": "NIFTY", "lastPrice": 0, "bidprice": 1.5, "askPrice": 2,
        "impliedVolatility": 12.5, "openInterest": 7, "changeinOpenInterest": -1,
        "totalTradedVolume": 3, "underlyingValue": 100.5,
    }  # fmt: skip
    strike = {"strikePrice": 100, "expiryDate": "26-Nov-2026", "CE": leg, "PE": leg}
    records = {"timestamp": "18-Nov-2026 15:30:00", "expiryDates": [], "data": [strike]}
    path = tmp_path / "chain.json.gz"
    path.write_bytes(gzip.compress(json.dumps({"records": records}).encode()))
    found = open_market_file(path, CALENDAR)
    assert isinstance(found, OptionFile)
    assert (found.rows, found.kind, found.expiry[0].item()) == (1, ("CE", "PE"), date(2026, 11, 26))
    assert np.isnan(found.values["last"][0])
    assert found.values["implied_vol"][0] == 12.5
    path.write_bytes(gzip.compress(b'{"records": {}}'))
    with pytest.raises(BadInput, match="is no option chain of NSE"):
        open_market_file(path, CALENDAR)


def test_a_derivatives_bhavcopy_shows_no_last_price_where_nothing_traded(tmp_path):
    head = (
        "INSTRUMENT,SYMBOL,EXPIRY_DT,STRIKE_PR,OPTION_TYP,OPEN,HIGH,LOW,CLOSE,SETTLE_PR,CONTRACTS,"
        "VAL_INLAKH,OPEN_INT,CHG_IN_OI,TIMESTAMP,\n"
    )
    rows = "FUTIDX,NIFTY,30-Jan-2020,0,XX,1,2,1,2,2,5,9,7,1,01-JAN-2020,\n"
    rows += "OPTIDX,NIFTY,30-Jan-2020,100,CE,0,0,0,9,1.5,0,0,7,1,01-JAN-2020,\n"
    found = opened(tmp_path, "fo.csv", head + rows)
    assert found.kind == ("FUT", "CE")
    assert found.values["last"][0] == 2
    assert np.isnan(found.values["last"][1])
    assert found.values["settle"].tolist() == [2, 1.5]


# --- adjusted series, plain tables and what is not read


def test_prices_that_are_no_whole_paise_are_kept_apart_without_their_last_session(tmp_path):
    days = CALENDAR.sessions(date(2026, 1, 1), date(2026, 3, 31))[:40]
    text = "date,symbol,open,high,low,close,volume\n"
    for place, day in enumerate(days):
        price = 100 + place / 3
        text += f"{day},GOOD,{price},{price},{price},{price},5.5\n"
        text += f"{day},STILL,50,50,50,50,5\n"
    found = opened(tmp_path, "vendor.csv", text)
    assert isinstance(found, AdjustedFile)
    assert set(found.symbol.tolist()) == {"GOOD"}
    assert len(found.day) == 39
    assert any("STILL quarantined with 40 rows, 39 closes unchanged" in one for one in found.notes)
    assert f"the last session {days[-1]} dropped from 2 series" in found.notes[0]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("bulk.csv", "Date,Symbol,Security Name\n1,2,3\n", "holds bulk deals of a day (2 lines)"),
        ("bh16122025.csv", "SYMBOL,SERIES,SECURITY,HIGH/LOW\nA,EQ,B,H\n", "price band"),
        ("an16122025.txt", "COMPANY NAME\n", "announcements of a day"),
        ("readme.txt", "National Stock Exchange\n", "description of its daily files"),
        ("oi_cli_limit_16-DEC-2025.lst", "SYMBOL,CLIENT_LIMIT,EXCHANGE\n", "position limits"),
    ],
)
def test_files_that_are_known_and_not_read_are_refused_by_name(tmp_path, name, text, what):
    with pytest.raises(BadInput) as refused:
        opened(tmp_path, name, text)
    assert what in str(refused.value)
    assert "is not read; " in str(refused.value)


def test_a_table_of_bars_called_like_a_known_file_is_read_all_the_same(tmp_path):
    text = "date,open,high,low,close,volume\n2026-03-09,10,11,9,10,5\n"
    assert isinstance(opened(tmp_path, "bulk.csv", text), BarFile)


def test_a_list_of_actions_is_known_as_one(tmp_path):
    text = (
        "SYMBOL,COMPANY,PURPOSE,EX_DATE,RECORD_DATE,FACE_VALUE\nSBIN,S,Bonus 1:1,10-Aug-2026,-,1\n"
    )
    found = opened(tmp_path, "ca.csv", text)
    assert isinstance(found, ActionFile)
    assert (found.rows, found.read) == (1, 1)


def test_the_exchanges_file_stands_over_a_persons_and_that_over_a_vendors():
    order = ["udiff:x.zip", "plain:mine.csv", "kite", "yfinance"]
    assert sorted(reversed(order), key=source_rank) == order


def test_columns_of_other_names_are_proposed_with_their_confidence(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "Trading Day,Opening,Highest,Lowest,Closing Price,Shares,Ticker\n"
        "2026-03-09,10,12,9,11,500,SBIN\n2026-03-10,10,8,9,11,500,SBIN\n"
    )
    seen = mapping.preview(path, {"volume": "Shares"})
    by = {one.field: one for one in seen.columns}
    assert (by["open"].column, by["close"].column, by["symbol"].confidence) == (
        "OPENING",
        "CLOSING PRICE",
        1.0,
    )
    assert (by["volume"].why, by["close"].confidence < 1) == ("you said so", True)
    assert (seen.taken, seen.refused, seen.rows[0]["low"]) == (1, 1, "9")
    assert "look at" in seen.sentence
    with pytest.raises(BadInput, match="found no column Volumes, expected it among"):
        mapping.preview(path, {"volume": "Volumes"})
    with pytest.raises(BadInput, match="'price' is none of date, open"):
        mapping.preview(path, {"price": "Shares"})
    read = mapping.read_mapped(path, {"volume": "Shares"})
    assert (len(read.rows), read.rows.symbol[0]) == (1, "SBIN")


def test_a_preview_says_which_column_it_misses(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("date,open,high,low,close\n2026-03-09,10,12,9,11\n")
    seen = mapping.preview(path)
    assert (seen.missing, seen.taken) == (("volume",), 0)
    assert "say which with --map volume=COLUMN" in seen.sentence
    with pytest.raises(BadInput, match="says no column"):
        mapping.parse_map(["close"])
    assert mapping.parse_map(["Close = Last Price"]) == {"close": "Last Price"}


def test_bars_inside_the_day_are_what_the_panel_module_speaks():
    with pytest.raises(ValueError, match="of 0 minutes"):
        IntradayBars("X", 0, np.array([1]), *[np.ones(1) for _ in range(5)])
