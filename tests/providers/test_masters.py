import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from core.domain.listed import Kind
from core.errors import BadInput
from core.providers.masters import read_master

KITE = """instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,\
tick_size,lot_size,instrument_type,segment,exchange
779521,3045,SBIN,STATE BANK OF INDIA,0.0,,0.0,0.1,1,EQ,NSE,NSE
3813889,14898,CENTRALBK-BE,CENTRAL BANK OF INDIA,0.0,,0.0,0.05,1,EQ,NSE,NSE
4268801,16675,BAJAJ-AUTO,BAJAJ AUTO,0.0,,0.0,1.0,1,EQ,NSE,NSE
256265,1001,Nifty 50,NIFTY 50,0.0,,0.0,0.0,0,EQ,INDICES,NSE
9485826,37054,NIFTY25NOVFUT,NIFTY,0.0,2025-11-25,0.0,0.1,75,FUT,NFO-FUT,NFO
39471874,154187,ZYDUSLIFE26JAN760PE,ZYDUSLIFE,0.0,2026-01-27,760.0,0.05,900,PE,NFO-OPT,NFO
"""
FYERS = (
    "10100000003045,STATE BANK OF INDIA,0,1,0.05,INE062A01020,0915-1530|1815-1915:,2024-06-25,,"
    "NSE:SBIN-EQ,10,10,3045,SBIN,3045,-1.0,XX,10100000003045,None,1,4.3\n"
    "101000000026000,NIFTY50-INDEX,10,0,0.05,,0915-1530|1815-1915:,2024-06-25,,"
    "NSE:NIFTY50-INDEX,10,10,26000,NIFTY,26000,-1.0,XX,101000000026000,None,0,0.0\n"
)
UPSTOX = {
    "SBIN": {
        "segment": "NSE_EQ",
        "name": "STATE BANK OF INDIA",
        "exchange": "NSE",
        "isin": "INE062A01020",
        "instrument_type": "EQ",
        "instrument_key": "NSE_EQ|INE062A01020",
        "lot_size": 1,
        "freeze_quantity": 100000.0,
        "exchange_token": "3045",
        "tick_size": 10.0,
        "trading_symbol": "SBIN",
        "cas_eligible": True,
    },
    "Nifty 50": {
        "segment": "NSE_INDEX",
        "name": "Nifty 50",
        "exchange": "NSE",
        "instrument_type": "INDEX",
        "instrument_key": "NSE_INDEX|Nifty 50",
        "exchange_token": "26000",
        "trading_symbol": "Nifty 50",
    },
}
ANGEL = {
    "SBIN-EQ": {
        "token": "3045",
        "symbol": "SBIN-EQ",
        "name": "SBIN",
        "expiry": "",
        "strike": "-1.000000",
        "lotsize": "1",
        "instrumenttype": "",
        "exch_seg": "NSE",
        "tick_size": "5.000000",
    }
}


def written(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def test_kites_file_gives_series_kinds_and_ticks_in_paise(tmp_path: Path):
    rows = read_master(written(tmp_path / "kite.csv", KITE))
    assert [(one.symbol, one.series, one.kind) for one in rows] == [
        ("SBIN", "EQ", Kind.SHARE),
        ("CENTRALBK", "BE", Kind.OTHER_SHARE),
        ("BAJAJ-AUTO", "EQ", Kind.SHARE),
        ("NIFTY 50", "", Kind.INDEX),
        ("NIFTY25NOVFUT", "", Kind.FUTURE),
        ("ZYDUSLIFE26JAN760PE", "", Kind.OPTION),
    ]
    assert [one.tick_paise for one in rows] == [10, 5, 100, None, 10, 5]
    assert (rows[1].called, rows[1].token) == ("CENTRALBK-BE", "3813889")
    assert (rows[5].expiry, rows[5].strike_paise, rows[5].lot) == (date(2026, 1, 27), 76_000, 900)


def test_a_stray_index_column_and_gzip_change_nothing(tmp_path: Path):
    lines = KITE.splitlines()
    strayed = "\n".join(f"{'' if n == 0 else n - 1},{line}" for n, line in enumerate(lines))
    rows = read_master(written(tmp_path / "kite.csv.gz", strayed))
    assert rows == read_master(written(tmp_path / "kite.csv", KITE))


def test_fyers_columns_are_told_by_position(tmp_path: Path):
    share, index = read_master(written(tmp_path / "fyers.csv", FYERS))
    assert (share.symbol, share.called, share.isin) == ("SBIN", "NSE:SBIN-EQ", "INE062A01020")
    assert (share.token, share.tick_paise, share.series) == ("10100000003045", 5, "EQ")
    assert (index.symbol, index.kind, index.series) == ("NIFTY50", Kind.INDEX, "")


def test_upstox_and_angel_write_ticks_in_paise_already(tmp_path: Path):
    share, index = read_master(written(tmp_path / "u.json", json.dumps(UPSTOX)))
    assert (share.called, share.tick_paise, share.freeze_qty) == ("NSE_EQ|INE062A01020", 10, 100000)
    assert (share.cas_eligible, index.cas_eligible, index.tick_paise) == (True, None, None)
    assert index.kind is Kind.INDEX
    [angel] = read_master(written(tmp_path / "a.json", json.dumps(list(ANGEL.values()))))
    assert (angel.broker, angel.symbol, angel.called, angel.tick_paise) == (
        "angel",
        "SBIN",
        "SBIN-EQ",
        5,
    )


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("x.csv", "a,b\n1,2\n", "looks like no master"),
        ("x.csv", "", "looks like no master"),
        ("x.csv", KITE.replace("76", "n", 1).replace("0.1,1,EQ", "ten,1,EQ"), "line 2"),
        ("x.csv", KITE.splitlines()[0] + "\n", "holds no instrument"),
        ("x.csv", FYERS + "1,2,3\n", "line 3 has .*3 columns, not 21"),
        ("x.json", "{", "is no JSON"),
        ("x.json", '[{"token": "1"}]', "no angel master: line 1"),
        ("x.csv", "\x1f\x8b no gzip", "x.csv"),
    ],
)
def test_a_file_that_is_no_master_is_refused_by_name(
    tmp_path: Path, name: str, text: str, words: str
):
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match=words):
        read_master(path)


def test_a_missing_file_and_an_unknown_broker_are_refused(tmp_path: Path):
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        read_master(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="'icici' is none of kite"):
        read_master(written(tmp_path / "kite.csv", KITE), broker="icici")
