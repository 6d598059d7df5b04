from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.domain.calendar import Calendar
from core.domain.instrument import CapClass, Instrument
from core.domain.words import counted
from core.errors import BadInput, NoData
from core.providers.bar_file import why_refused
from core.providers.bar_panel import to_panel
from core.providers.calendar_file import load_calendar
from core.providers.files import read_bars
from core.providers.renames import RENAMES, current_symbol
from core.providers.universe_file import load_universe

REFERENCE = Path(__file__).resolve().parents[2] / "data"
SEC = """\
SYMBOL, SERIES, DATE1, PREV_CLOSE, OPEN_PRICE, HIGH_PRICE, LOW_PRICE, LAST_PRICE, CLOSE_PRICE, \
AVG_PRICE, TTL_TRD_QNTY, TURNOVER_LACS, NO_OF_TRADES, DELIV_QTY, DELIV_PER
SBIN, EQ, 16-Dec-2025, 900, 901.5, 910, 899, 905, 904.25, 903, 1200, 10, 5, -, -
SBIN, BL, 16-Dec-2025, 900, 900, 900, 900, 900, 900, 900, 99, 10, 5, -, -
8GS2026, GS, 16-Dec-2025, 105, 105, 106, 105, 106, 106, 105, 449, 1, 7, 449, 100
"""
OLD = """\
SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,TOTALTRADES,ISIN,
SBIN,EQ,300,310,299,305,305,300,1000,300000,13-Jul-20,10,INE062A01020,
XYZ,BZ,3,3,3,3,3,3,10,30,13-Jul-20,1,INE000000XYZ,
XYZ,BE,4,4,4,4,4,4,10,40,13-Jul-20,1,INE000000XYZ,
"""
UDIFF = """\
TradDt,Sgmt,FinInstrmTp,ISIN,TckrSymb,SctySrs,OpnPric,HghPric,LwPric,ClsPric,TtlTradgVol
2026-07-14,CM,STK,INE062A01020,SBIN,EQ,800,810,795,805,5000
"""
KAGGLE = """\
Date,Symbol,Series,Prev Close,Open,High,Low,Last,Close,VWAP,Volume,Turnover,Trades
2020-01-01,SBIN,EQ,330,331,335,329,334,334.5,333,1000,33300,
"""
HEAD = "date,open,high,low,close,volume,symbol\n"


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    return load_calendar(REFERENCE / "calendar.json")


def share(isin: str, symbol: str) -> Instrument:
    return Instrument(isin, symbol, f"{symbol} Ltd.", "Financial Services", CapClass.LARGE)


SBIN = share("INE062A01020", "SBIN")


def written(folder: Path, text: str, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "form", "close", "day"),
    [
        (SEC, "sec_bhavdata", 904.25, date(2025, 12, 16)),
        (OLD, "bhavcopy", 305, date(2020, 7, 13)),
        (UDIFF, "udiff", 805, date(2026, 7, 14)),
        (KAGGLE, "kaggle", 334.5, date(2020, 1, 1)),
        (HEAD + "06-Apr-2026,10,12,9,11,5,SBIN.NS\n", "plain", 11, date(2026, 4, 6)),
    ],
)
def test_each_layout_is_recognised_by_its_columns(tmp_path, text, form, close, day):
    bars = read_bars(written(tmp_path, text))
    assert bars.format == form
    assert (bars.rows.symbol[0], bars.rows.close[0], bars.rows.day[0].item()) == (
        "SBIN",
        close,
        day,
    )
    assert bars.words.startswith(f"bars.csv ({form}): {counted(len(bars.rows), 'bar')} of")
    again = read_bars(written(tmp_path, text), form)
    assert len(again.rows) == len(bars.rows)


def test_of_several_series_the_share_s_own_is_taken_and_the_rest_counted(tmp_path):
    assert read_bars(written(tmp_path, SEC)).left_out == 2
    bars = read_bars(written(tmp_path, OLD))
    assert bars.left_out == 1
    assert bars.rows.close[bars.rows.symbol == "XYZ"].tolist() == [4]  # BE before BZ


def test_a_file_of_one_share_is_named_after_it(tmp_path):
    text = "Date,Open,High,Low,Close,Adj Close,Volume\n2026-04-06,10,12,9,11,11,5\n"
    bars = read_bars(written(tmp_path, text, "reliance.NS.csv"))
    assert bars.rows.symbol.tolist() == ["RELIANCE"]
    by_isin = "ISIN,Date,Open,High,Low,Close,Volume\nINE062A01020,2026-04-06,10,12,9,11,5\n"
    panel, unmatched = to_panel(read_bars(written(tmp_path, by_isin)), [SBIN])
    assert panel.isins == (SBIN.isin,) and unmatched == ()


def test_rows_that_cannot_be_bars_are_refused_and_counted(tmp_path):
    lines = (
        "2026-04-06,10,12,9,11,5,A",
        "2026-04-06,10,10.5,9,11,5,B",  # closes above its high
        "2026-04-06,nan,12,9,11,5,C",
        "2026-04-06,inf,inf,9,11,5,D",
        "2026-04-06,-10,12,-11,11,5,E",
        "2026-04-06,10,12,9,11,-5,F",
        "2026-04-06,10,12,9,11,6,A",
        "2026-04-06,0,12,0,11,6,G",
        "2026-04-07,10,12,9,11,6,A",
    )
    bars = read_bars(written(tmp_path, HEAD + "\n".join(lines) + "\n"))
    assert bars.rows.day.tolist() == [date(2026, 4, 6), date(2026, 4, 7)]
    assert [(one.line, one.symbol) for one in bars.refused] == [
        (3, "B"),
        (4, "C"),
        (5, "D"),
        (6, "E"),
        (7, "F"),
        (8, "A"),
        (9, "G"),
    ]
    assert sum(why_refused(bars).values()) == 7
    assert "7 rows refused, first line 3: open and close must lie" in bars.words


def test_days_without_a_session_are_refused(tmp_path, calendar):
    rows = ["2026-04-06", "2026-04-05", "2031-01-01"]
    text = HEAD + "".join(f"{day},10,12,9,11,5,A\n" for day in rows)
    bars = read_bars(written(tmp_path, text), calendar=calendar)
    assert bars.rows.day.tolist() == [date(2026, 4, 6)]
    assert [one.reason for one in bars.refused] == [
        "2026-04-05 is not a trading day",
        "2031-01-01 is outside the calendar, 2012-01-01 to 2026-12-31",
    ]
    sunday = written(tmp_path, HEAD + "2026-04-05,10,12,9,11,5,A\n")
    with pytest.raises(BadInput, match="no row is on a trading day; line 2, 2026-04-05 is not"):
        read_bars(sunday, calendar=calendar)


@pytest.mark.parametrize(
    ("text", "fmt", "words"),
    [
        ("a,b\n1,2\n", "auto", "found no column for date among A, B"),
        (SEC, "kaggle", "found no column DATE, expected it in a kaggle file"),
        (SEC, "parquet7", "'parquet7' is no known file format; use auto or one of sec_bhavdata"),
        (SEC.replace("904.25", "904..25"), "auto", "line 2, column CLOSE_PRICE: found '904..25'"),
        (SEC.replace("EQ", "GS"), "auto", "no row of series EQ, BE, BZ among 3"),
        (HEAD + "2026-04-06,10,9,9,11,5,A\n", "auto", "all 1 rows were refused, the first on line"),
        (
            HEAD + "2026-04-06 09:15:00,10,12,9,11,5,A\n" * 3,
            "auto",
            "line 3: found another row of A on 2026-04-06, expected one bar a session",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path, text, fmt, words):
    with pytest.raises(BadInput, match=words):
        read_bars(written(tmp_path, text), fmt)


def test_a_panel_holds_known_shares_and_names_the_rest(tmp_path):
    lines = ("2026-04-07,20,22,19,21,7,A", "2026-04-06,10,12,9,11,5,A", "2026-04-07,5,5,5,5,1,Z")
    bars = read_bars(written(tmp_path, HEAD + "\n".join(lines) + "\n2026-04-06,3,3,3,3,3,B\n"))
    shares = [share("INE0000000B1", "B"), share("INE0000000A1", "A"), SBIN]
    panel, unmatched = to_panel(bars, shares)
    assert unmatched == ("Z",)
    assert panel.sessions == (date(2026, 4, 6), date(2026, 4, 7))
    assert panel.isins == ("INE0000000B1", "INE0000000A1")
    np.testing.assert_array_equal(panel.close, [[3, 11], [np.nan, 21]])
    assert (panel.factor == 1).all()
    with pytest.raises(NoData, match="none of its 3 symbols"):
        to_panel(bars, [SBIN])


def test_old_and_new_symbols_of_a_company_make_one_line(tmp_path):
    text = HEAD + (
        "2025-04-08,10,10,10,10,1,ZOMATO\n2025-04-09,11,11,11,11,1,ETERNAL\n"
        "2025-04-09,99,99,99,99,1,ZOMATO\n2025-04-08,50,50,50,50,1,OTHER\n"
    )
    bars = read_bars(written(tmp_path, text))
    for symbol in ("ETERNAL", "ZOMATO"):
        panel, _ = to_panel(bars, [share("INE758T01015", symbol)])
        assert panel.close[0, 0] == 10
        assert panel.close[1, 0] == (11 if symbol == "ETERNAL" else 99)
    panel, unmatched = to_panel(
        bars, [SBIN, share("INE758T01015", "ETERNAL")], aliases={"OTHER": "SBIN"}
    )
    assert unmatched == () and panel.close[0].tolist() == [50, 10]


def test_symbol_changes_lead_to_the_last_one_and_end():
    assert current_symbol("LTI") == "LTM"
    assert current_symbol("SBIN") == "SBIN"
    assert all(current_symbol(old) not in RENAMES for old in RENAMES)


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "form", "bars", "refused", "known"),
    [
        (
            "prices/nse_sec_bhavdata_full_unadjusted_2019_2026.parquet",
            "sec_bhavdata",
            185_441,
            0,
            100,
        ),
        ("prices/nse_full_market_EQ_2025Q3_unadjusted.parquet", "sec_bhavdata", 130_158, 0, 160),
        ("prices/nse_cm_bhavcopy_unadjusted_2016_2017.parquet", "bhavcopy", 48_568, 0, 90),
        ("prices/nse_adjusted_daily_1994_2024.parquet", "plain", 186_853, 181_972, 60),
        ("bhavcopy/cm01Jan2020bhav.csv", "bhavcopy", 1_673, 0, 150),
        ("bhavcopy/cm06SEP2017bhav.csv", "bhavcopy", 1_578, 0, 130),
        ("bhavcopy/quirk_2020-07-13_two_digit_year.csv", "bhavcopy", 2, 0, 2),
        ("bhavcopy/BhavCopy_NSE_CM_0_0_0_20250630_F_0000.csv.zip", "udiff", 2_386, 0, 170),
        ("bhavcopy/bhavcopy_udiff_sample_2026-07.csv", "udiff", 30, 0, 3),
        (
            "bhavcopy/nse_daily_reports_2025-12-16/sec_bhavdata_full_16122025.csv",
            "sec_bhavdata",
            2_514,
            0,
            170,
        ),
    ],
)
def test_real_files_are_read_whole(real_files, calendar, name, form, bars, refused, known):
    found = read_bars(real_files / name, calendar=calendar)
    assert (found.format, len(found.rows), len(found.refused)) == (form, bars, refused)
    panel, _ = to_panel(found, load_universe(REFERENCE / "universe.csv"))
    assert len(panel.isins) >= known
    assert (panel.high >= panel.low)[np.isfinite(panel.close)].all()


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("index/dirty_india_vix_2008_2025_mixed_dates.csv", "found no column for close"),
        ("intraday/HDFCBANK_1min_2023-04_2023-06.csv.gz", "intraday bars are not read"),
        ("bhavcopy/fo01Jan2020bhav.csv.gz", "found no column for volume"),
    ],
)
def test_real_files_of_another_kind_are_refused(real_files, name, words):
    with pytest.raises(BadInput, match=words):
        read_bars(real_files / name)
