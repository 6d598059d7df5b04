import csv
from datetime import date
from pathlib import Path

import pytest

from core.desk.masters import load_masters
from core.desk.universe import (
    OWN,
    all_universes,
    drop_universe,
    import_universe,
    universe_named,
    universe_of_watchlist,
)
from core.desk.watchlist import save_watchlist
from core.errors import BadInput, NotFound
from core.store import audit
from tests.desk.morning import MIDCO, Morning
from tests.providers.test_masters import FYERS

MAY, AUGUST = date(2020, 5, 31), date(2026, 8, 1)


def written(path: Path, *symbols: str) -> Path:
    path.write_text("\n".join(["ticker", *symbols]), encoding="utf-8")
    return path


def test_the_desks_own_universe_stands_first_and_cannot_be_replaced(morning: Morning, tmp_path):
    [own] = all_universes(morning.desk)
    assert (own.name, len(own.now)) == (OWN, 174)
    assert universe_named(morning.desk, OWN) == own
    with pytest.raises(BadInput, match="choose another name"):
        import_universe(morning.desk, OWN, written(tmp_path / "a.csv", "SBIN"), by="asha")
    with pytest.raises(BadInput, match="stays; make another beside it"):
        drop_universe(morning.desk, OWN, by="asha")


def test_a_list_of_symbols_is_read_as_they_were_called_that_day(any_morning: Morning, tmp_path):
    desk = any_morning.desk
    path = written(tmp_path / "mine.csv", "TATAGLOBAL", "NIITTECH", MIDCO.symbol, "NOSUCH")
    read = import_universe(desk, "mine", path, as_of=date(2020, 1, 31), by="asha")
    # today's ISINs: NIITTECH is COFORGE, whose ISIN turned at the split of 2025
    isins = [one.isin for one in read.universe.now]
    assert isins == ["INE192A01025", "INE591G01025", MIDCO.isin]
    assert read.unresolved == ("NOSUCH",)
    assert "no ISIN is known for 1: NOSUCH" in read.sentence
    assert universe_named(desk, "mine") == read.universe
    with desk.store.read() as tx:
        [entry] = audit.entries(tx, subject="mine")
    assert (entry.verb, entry.actor) == ("import universe", "asha")


def test_a_symbol_outside_the_desk_is_found_in_a_master_with_isins(morning: Morning, tmp_path):
    path = written(tmp_path / "fund.csv", "GOLDFUND")
    with pytest.raises(BadInput, match="load an instrument master of Upstox or Fyers"):
        import_universe(morning.desk, "funds", path, by="asha")
    master = tmp_path / "fyers.csv"
    line = FYERS.replace("SBIN", "GOLDFUND").replace("INE062A01020", "INF204KB17I5")
    master.write_text(line, encoding="utf-8")
    load_masters(morning.desk, [master], by="asha")
    read = import_universe(morning.desk, "funds", path, by="asha")
    assert [one.isin for one in read.universe.now] == ["INF204KB17I5"]


def test_a_watchlist_becomes_a_universe_dated_today(morning: Morning):
    save_watchlist(morning.desk, "Mine", [MIDCO.symbol], by="asha")
    read = universe_of_watchlist(morning.desk, "from list", "Mine", by="asha")
    assert (read.joined, read.universe.source) == ((MIDCO.symbol,), "watchlist Mine")
    assert read.universe.read_as_of == (date(2026, 11, 23),)
    with pytest.raises(NotFound, match="no watchlist is named None"):
        universe_of_watchlist(morning.desk, "x", "None", by="asha")


def test_a_dropped_universe_is_gone_and_recorded(morning: Morning, tmp_path):
    import_universe(morning.desk, "mine", written(tmp_path / "a.csv", "SBIN"), by="asha")
    drop_universe(morning.desk, "mine", by="asha")
    assert [one.name for one in all_universes(morning.desk)] == [OWN]
    with pytest.raises(NotFound, match="no universe is named mine"):
        drop_universe(morning.desk, "mine", by="asha")
    with pytest.raises(BadInput, match="NOSUCH; load an instrument master"):
        import_universe(morning.desk, "x", written(tmp_path / "b.csv", "NOSUCH"), by="asha")


@pytest.mark.realdata
def test_nses_own_lists_load_whole_and_two_dates_show_who_left(morning: Morning, real_files: Path):
    folder = real_files / "reference"
    for name, file, size in (
        ("NIFTY 50", "ind_nifty50list.csv", 50),
        ("NIFTY 100", "ind_nifty100list.csv", 100),
        ("Microcap 250", "ind_niftymicrocap250list.csv", 249),
        ("All shares", "EQUITY_L.csv", 2_384),
    ):
        read = import_universe(morning.desk, name, folder / file, as_of=AUGUST, by="asha")
        assert (len(read.universe.now), read.unresolved) == (size, ()), name
    old = folder / "ind_nifty500list_2020-05.csv"
    first = import_universe(morning.desk, "NIFTY 500", old, as_of=MAY, by="asha")
    second = import_universe(
        morning.desk, "NIFTY 500", folder / "ind_nifty500list.csv", as_of=AUGUST, by="asha"
    )
    print(f"{first.sentence}; {second.sentence}")
    assert (len(first.universe.now), len(second.universe.now)) == (501, 500)
    assert 501 - len(second.left) + len(second.joined) == 500
    with old.open(encoding="utf-8") as lines:
        listed = {row["Symbol"] for row in csv.DictReader(lines)}
    assert len(second.universe.on(MAY)) == 501 == len(listed)
