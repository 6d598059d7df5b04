"""Lists of NSE, BSE and Yahoo become actions of known shares; made-up rows in their shapes."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from core.domain.action import ActionKind, known_by_ex_date
from core.domain.money import Money
from core.domain.succession import Succession
from core.errors import BadInput
from core.providers.action_files import read_listed
from core.providers.bar_file import BarRows
from core.providers.isin_changes import isin_changes
from core.providers.listed_action import to_actions
from tests.made import MIDCO, RELIANCE

EX = date(2026, 11, 19)
NSE_ROW = {
    "symbol": "RELIANCE",
    "isin": RELIANCE.isin,
    "subject": " Bonus 1:1",
    "exDate": "19-Nov-2026",
    "faceVal": "10",
    "caBroadcastDate": None,
}


def nse(tmp_path, *rows: dict):
    path = tmp_path / "nse.json"
    path.write_text(json.dumps(rows))
    return path


def test_nses_answer_is_read_with_its_broadcast_time(tmp_path):
    told = {"caBroadcastDate": "12-Nov-2026 17:30:00", "exDate": "20-Nov-2026"}
    path = nse(tmp_path, NSE_ROW, NSE_ROW | told, NSE_ROW | {"exDate": "-"})
    one, two = read_listed(path)
    assert (one.ex_date, one.isin, one.known_at) == (EX, RELIANCE.isin, None)
    assert two.known_at == datetime(2026, 11, 12, 12, 0, tzinfo=UTC)


def test_nses_csv_of_its_site_and_of_its_reports(tmp_path):
    site = tmp_path / "site.csv"
    site.write_text(
        "SYMBOL,COMPANY,PURPOSE,EX_DATE,RECORD_DATE,FACE_VALUE\n"
        "RELIANCE,Reliance,Rights 1:4 @ Premium Rs 90/-,19-Nov-2026,19-Nov-2026,10\n"
    )
    daily = tmp_path / "bc191126.csv"
    daily.write_text(
        "SERIES,SYMBOL,SECURITY,EX_DT,PURPOSE\n"
        "EQ,MIDCO,Midco Ltd,19/11/2026,INTDIV - RS 5 PER SH\n"
        "N1,MIDCO,Midco NCD,19/11/2026,INTEREST PAYMENT\n"
        "BE,MIDCO,Midco Ltd,,ANNUAL GENERAL MEETING\n"
    )
    found, unknown = to_actions(read_listed(site) + read_listed(daily), [RELIANCE, MIDCO])
    assert unknown == ()
    assert [(one.symbol, one.kind, one.amount) for one in found] == [
        ("RELIANCE", ActionKind.RIGHTS, Money.rupees("100")),
        ("MIDCO", ActionKind.DIVIDEND, Money.rupees("5")),
    ]
    assert found[0].known_at == known_by_ex_date(EX)


def test_bse_rows_find_their_share_by_scrip_code(tmp_path):
    path = tmp_path / "bse.csv"
    path.write_text(
        "Security Code,Security Name,Company Name,Ex Date,Purpose,Record Date\n"
        "500999,MIDC,Midco Ltd,19 Nov 2026,Bonus issue 1:2,-\n"
        "500998,OTHER,Other Ltd,19 Nov 2026,Spin Off ,-\n"
    )
    (found,), unknown = to_actions(read_listed(path), [MIDCO], bse_codes={"500999": MIDCO.isin})
    assert (found.isin, found.symbol, found.new, found.old) == (MIDCO.isin, "MIDCO", 1, 2)
    assert unknown == ("OTHER",)


def test_yahoos_splits_are_ratios(tmp_path):
    stamp = int(datetime(2026, 11, 19, 3, 45, tzinfo=UTC).timestamp())
    split = {"date": stamp, "numerator": 3.0, "denominator": 2.0, "splitRatio": "3:2"}
    result = {"meta": {"symbol": "RELIANCE.NS"}, "events": {"splits": {str(stamp): split}}}
    path = tmp_path / "yahoo.json"
    path.write_text(json.dumps({"chart": {"result": [result], "error": None}}))
    (found,), _ = to_actions(read_listed(path), [RELIANCE])
    assert (found.kind, found.new, found.old) == (ActionKind.SPLIT, 3, 2)
    assert (found.ex_date, found.source) == (EX, "YAHOO")
    path.write_text(json.dumps({"chart": {"result": [{"meta": {"symbol": "X.NS"}}]}}))
    assert read_listed(path) == []
    path.write_text(json.dumps({"chart": {"result": None, "error": "Not Found"}}))
    with pytest.raises(BadInput, match="Yahoo answered 'Not Found' and no chart"):
        read_listed(path)
    result["events"]["splits"][str(stamp)]["numerator"] = 1.5
    path.write_text(json.dumps({"chart": {"result": [result]}}))
    with pytest.raises(BadInput, match=r"a split of 1.5:2.0, expected whole numbers"):
        read_listed(path)


def test_several_actions_of_one_subject_have_ids_of_their_own(tmp_path):
    row = NSE_ROW | {"subject": "Dividend - Rs 5 Per Share/Special Dividend - Rs 3 Per Share"}
    found, _ = to_actions(read_listed(nse(tmp_path, row, row)), [RELIANCE])
    assert [one.amount for one in found] == [Money.rupees("5"), Money.rupees("3")]
    assert len({one.id for one in found}) == 2


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", "{", "a.json: not a JSON text that can be read"),
        ("a.json", '{"rows": 1}', "expected a list of actions"),
        ("a.json", '[{"symbol": "X"}]', "action 1: KeyError.*expected symbol, isin, subject"),
        ("a.csv", "A,B\n1,2\n", "found the columns A, B, expected a list of NSE"),
        (
            "a.csv",
            "SYMBOL,PURPOSE,EX_DATE\nX,Bonus 1:1,soon\n",
            "found the ex-date 'soon', expected one like 06-Apr-2026",
        ),
    ],
)
def test_what_is_no_list_is_refused_in_a_sentence(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_text(content)
    if name.endswith("json") and content.startswith("[{"):
        path.write_text(json.dumps([{"symbol": "X", "exDate": "19-Nov-2026"}]))
    with pytest.raises(BadInput, match=said):
        read_listed(path)
    with pytest.raises(BadInput, match="there is no such file"):
        read_listed(tmp_path / "none.json")


def rows(*bars: tuple[str, str, int]) -> BarRows:
    symbol, isin, day = zip(*bars, strict=True)
    ones = np.ones(len(bars))
    return BarRows(
        line=np.arange(len(bars)),
        symbol=np.array(symbol),
        isin=np.array(isin),
        day=np.array([f"2026-11-{one}" for one in day], dtype="datetime64[D]"),
        open=ones,
        high=ones,
        low=ones,
        close=ones,
        volume=ones,
    )


def test_a_new_isin_of_the_same_issuer_is_a_change_and_another_issuers_is_not():
    found = isin_changes(
        rows(
            ("SPLITCO", "INE461C01038", 19),
            ("SPLITCO", "INE461C01020", 18),
            ("PASSED", "INE111A01011", 18),
            ("PASSED", "INE222A01022", 19),
            ("BARE", "", 18),
        ),
        source="file",
    )
    assert found == [Succession("INE461C01020", "INE461C01038", EX, "file")]


def test_a_share_is_found_under_an_older_symbol_or_isin(tmp_path):
    eternal = replace(RELIANCE, isin="INE758T01015", symbol="ETERNAL")
    row = NSE_ROW | {"symbol": "ZOMATO", "isin": "INE000000000"}
    (found,), _ = to_actions(read_listed(nse(tmp_path, row)), [eternal])
    assert found.symbol == "ETERNAL"


@pytest.mark.realdata
def test_every_real_list_is_read_whole(real_files):
    folder = real_files / "corporate_actions"
    counts = {
        "nse_ca_2016-01.json": 19,
        "nse_ca_2023-07.json": 343,
        "nse_corporate_actions_2026-08.csv": 239,
        "bse_ca_2016-01.csv": 24,
        "bse_ca_2023-07.csv": 332,
        "yahoo_splits_KOTHARIPRO_2015-12.json": 1,
        "yahoo_splits_RELIANCE_2023-07.json": 0,
    }
    assert {name: len(read_listed(folder / name)) for name in counts} == counts


@pytest.mark.realdata
def test_the_archive_round_two_events_shows_the_new_isin_and_both_divisors(real_files):
    from core.market.adjust import bonus_divisor, split_divisor
    from core.providers.files import read_bars

    read = read_bars(real_files / "corporate_actions/ca_adjust_archive.csv").rows
    assert isin_changes(read, source="x") == [
        Succession("INE461C01020", "INE461C01038", date(2016, 1, 7), "x")
    ]
    for symbol, ex, divisor in (
        ("KOTHARIPRO", "2016-01-05", bonus_divisor(1, 2)),
        ("GREENPLY", "2016-01-06", split_divisor(5, 1)),
    ):
        mine = read.where(read.symbol == symbol)
        before = mine.close[mine.day < np.datetime64(ex)][-1]
        opened = mine.open[mine.day == np.datetime64(ex)][0]
        assert before / opened == pytest.approx(divisor, rel=0.01)
