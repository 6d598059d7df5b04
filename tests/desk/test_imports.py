"""Files come in whole or not at all, once, and the exchange's bars stand over others."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.config import settings_now
from core.desk import imports
from core.desk.check_files import check_files
from core.desk.desk import Desk, calendar_now, open_desk
from core.desk.imports import import_files
from core.domain.bar_windows import trading_windows
from core.errors import BadInput, NotFound
from core.market.resample import by_day, days_in
from core.store import audit, bar_extras, bar_merge, bars, flows, index_bars, instruments, intraday
from tests.cli.terminal import Terminal, make_terminal

HEAD = "date,open,high,low,close,volume\n"
UDIFF = "TradDt,TckrSymb,SctySrs,OpnPric,HghPric,LwPric,ClsPric,LastPric,TtlTradgVol\n"
DAYS = (date(2026, 3, 9), date(2026, 3, 10))


@pytest.fixture
def desk(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An empty store stamped replay."""
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings_now.cache_clear()
    return open_desk()


@pytest.fixture
def munim(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    return make_terminal(monkeypatch, capsys)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def a_persons_bars(folder: Path) -> Path:
    rows = "".join(f"{day},3000,3010,2990,3001,1000\n" for day in DAYS)
    return written(folder, "TCS.csv", HEAD + rows)


def the_exchanges_bars(folder: Path) -> Path:
    rows = f"{DAYS[0]},TCS,EQ,3000,3010,2990,3005,3004.5,1000\n"
    return written(folder, "day.csv", UDIFF + rows)


def minute_bars(folder: Path) -> Path:
    rows = "".join(
        f"{DAYS[0]} 09:{minute}:00+05:30,3000,3010,2990,3001,10\n" for minute in range(15, 25)
    )
    return written(folder, "TCS_1min.csv", HEAD + rows)


def levels(folder: Path) -> Path:
    return written(
        folder, "index.csv", "Date,Index,Open,High,Low,Close\n2026-03-09,NIFTY,9,12,8,10\n"
    )


def take(desk: Desk, *files: Path):
    return import_files(desk, files, fmt="auto", factors=None, by="me")


def isin(desk: Desk) -> str:
    with desk.store.read() as tx:
        return instruments.by_symbol(tx, "TCS").isin


def test_the_same_file_again_changes_nothing_and_says_so(desk, tmp_path):
    assert take(desk, a_persons_bars(tmp_path)).unchanged == 0
    again = take(desk, a_persons_bars(tmp_path))
    assert (again.unchanged, again.replaced, again.files[0].written) == (2, 0, 0)
    assert "nothing changed: all 2 bars were stored before" in again.sentence


def test_the_exchanges_file_stands_and_the_other_bar_is_kept(desk, tmp_path):
    take(desk, a_persons_bars(tmp_path))
    done = take(desk, the_exchanges_bars(tmp_path))
    assert (done.replaced, done.not_taken) == (1, 0)
    assert "1 replaced a bar that told otherwise, which is kept beside" in done.sentence
    with desk.store.read() as tx:
        share = isin(desk)
        assert bars.read_raw(tx, [share]).close[:, 0].tolist() == [3005, 3001]
        assert bar_merge.last_trades(tx, share) == {DAYS[0]: 3004.5}
        (one,) = bar_merge.conflicts(tx, share)
        assert (one.source, one.close, one.kept_source) == ("plain:TCS.csv", 3001, "udiff:day.csv")
    back = take(desk, a_persons_bars(tmp_path))
    assert (back.unchanged, back.not_taken) == (1, 1)
    assert "an exchange's file stands over any other" in back.sentence


def test_vwap_trades_and_delivery_come_in_beside_the_bars(desk, tmp_path):
    head = (
        "SYMBOL, SERIES, DATE1, OPEN_PRICE, HIGH_PRICE, LOW_PRICE, LAST_PRICE, CLOSE_PRICE, "
        "AVG_PRICE, TTL_TRD_QNTY, NO_OF_TRADES, DELIV_QTY\n"
    )
    rows = "TCS, EQ, 09-Mar-2026, 3000, 3010, 2990, 3004, 3005, 3002.5, 1000, 40, 600\n"
    rows += "TCS, EQ, 10-Mar-2026, 3000, 3010, 2990, 3004, 3005, 3002.5, 1000, 40, -\n"
    take(desk, written(tmp_path, "sec_bhavdata_full.csv", head + rows))
    with desk.store.read() as tx:
        found = bar_extras.read(tx, bars.read_raw(tx, [isin(desk)]))
    assert found["vwap"].tolist() == [[3002.5]] * 2 and found["trades"].tolist() == [[40.0]] * 2
    np.testing.assert_equal(found["delivery"], [[600.0], [np.nan]])


def test_files_of_several_kinds_come_in_together(desk, tmp_path):
    done = take(desk, a_persons_bars(tmp_path), minute_bars(tmp_path), levels(tmp_path))
    assert [(one.format, one.written) for one in done.files] == [
        ("plain", 2),
        ("kite minutes", 10),
        ("index levels", 1),
    ]
    with desk.store.read() as tx:
        found = intraday.read(tx, isin(desk), 1)
        windows = {day: trading_windows(desk.calendar, day) for day in days_in(found)}
        assert by_day(found, windows).last.tolist() == [3001]
        assert index_bars.read(tx, "NIFTY 50").close.tolist() == [10]
        assert audit.entries(tx)[-1].verb == "import"
    again = take(desk, minute_bars(tmp_path), levels(tmp_path))
    assert again.sentence.count("nothing changed, it was imported before") == 2


def test_one_file_that_cannot_be_read_leaves_nothing_of_the_others(desk, tmp_path):
    wrong = written(tmp_path, "SBIN.csv", HEAD + "2026-03-09,ten,11,9,10,5\n")
    with pytest.raises(BadInput, match=r"SBIN.csv, line 2, column OPEN: found 'ten'"):
        take(desk, a_persons_bars(tmp_path), wrong)
    with desk.store.read() as tx, pytest.raises(NotFound):
        bars.read_raw(tx, ["INE467B01029"])


def test_a_failure_while_writing_leaves_nothing_half_written(desk, tmp_path, monkeypatch):
    def fail(*_given: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(imports, "put_file", fail)
    with pytest.raises(OSError, match="disk is full"):
        take(desk, a_persons_bars(tmp_path), levels(tmp_path))
    with desk.store.read() as tx, pytest.raises(NotFound):
        bars.read_raw(tx, ["INE467B01029"])


def test_minutes_of_an_unknown_name_are_refused_before_anything_is_written(desk, tmp_path):
    unknown = minute_bars(tmp_path).rename(tmp_path / "NOSUCH_1min.csv")
    with pytest.raises(BadInput, match="NOSUCH is no share of the universe and no index"):
        take(desk, a_persons_bars(tmp_path), unknown)
    with desk.store.read() as tx:
        assert intraday.series(tx) == []


def test_a_list_of_actions_is_sent_to_its_own_command(desk, tmp_path):
    text = (
        "SYMBOL,COMPANY,PURPOSE,EX_DATE,RECORD_DATE,FACE_VALUE\nTCS,T,Bonus 1:1,10-Mar-2026,-,1\n"
    )
    with pytest.raises(BadInput, match="use `munim data actions import` for it"):
        take(desk, written(tmp_path, "ca.csv", text))


def test_flows_come_in_from_a_cash_list(desk, tmp_path):
    text = "date,fii_buy,fii_sell,fii_net,dii_buy,dii_sell,dii_net\n2026-03-09,5,7,-2,4,1,3\n"
    assert take(desk, written(tmp_path, "cash.csv", text)).files[0].written == 2
    with desk.store.read() as tx:
        assert flows.read(tx, "DII").net.tolist() == [3]


def test_a_folder_is_checked_without_writing(desk, tmp_path):
    a_persons_bars(tmp_path)
    written(tmp_path, "bulk.csv", "Date,Symbol,Security Name\n1,2,3\n")
    found = check_files([tmp_path], calendar_now())
    said = {one.file: (one.format, one.taken) for one in found if one.file.endswith(".csv")}
    assert said == {"TCS.csv": ("plain", 2), "bulk.csv": ("", 0)}
    with pytest.raises(BadInput, match="there is no file or folder"):
        check_files([tmp_path / "none"], calendar_now())
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="there is no file in that folder"):
        check_files([tmp_path / "empty"], calendar_now())


def test_the_terminal_checks_previews_and_maps(munim, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    file = written(
        folder, "TCS.csv", "date,open,high,low,settled,volume\n2026-03-09,10,12,9,11,5\n"
    )
    (row,) = munim("data", "check-files", str(folder), "--json").document
    assert (row["format"], row["file"]) == ("refused", "TCS.csv")
    assert "found no column for close" in row["sentence"]
    assert (
        "say which with --map close=COLUMN" in munim("data", "import", str(file), "--preview").out
    )
    mapped = ("data", "import", str(file), "--map", "close=settled")
    (seen,) = munim(*mapped, "--preview", "--json").document
    assert (seen["taken"], seen["columns"][4]["column"]) == (1, "SETTLED")
    assert "close from SETTLED 100%, you said so" in munim(*mapped, "--preview").out
    assert munim(*mapped, "--json").document["bars"] == 1
    assert (
        "no column settle" in munim("data", "import", str(file), "--map", "close=settle").sentence
    )
