"""Who is who: shipped shares, then universes, then masters; strangers are refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core.config import Settings
from core.desk.desk import Desk, desk_over
from core.desk.imports import import_files
from core.desk.masters import load_masters
from core.desk.share_names import plain_name, share_names, shares_named
from core.desk.traded import traded_with_bars
from core.desk.universe import drop_universe, import_universe, trade_universe
from core.domain.account import Market
from core.domain.clock import SteppedClock
from core.domain.instrument import Series
from core.errors import BadInput, NoData, NotFound
from core.store import bars, instruments
from core.store.engine import open_store
from tests.providers.test_masters import FYERS

NOW = datetime(2026, 8, 22, 6, 0, tzinfo=UTC)
TODAY = date(2026, 8, 22)
MICRONS = "INE144J01027"
HEAD = "date,symbol,open,high,low,close,volume\n"


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """An empty desk over a replay store."""
    store = open_store(sqlite_url, Market.REPLAY, scratch=True)
    settings = Settings(home=tmp_path / "home", market=Market.REPLAY)
    yield desk_over(settings, store, SteppedClock(NOW))
    store.close()


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def a_master(desk: Desk, folder: Path, *, series: str = "EQ") -> None:
    line = FYERS.splitlines()[0].replace("INE062A01020", MICRONS)
    line = line.replace("SBIN-EQ", f"20MICRONS-{series}").replace("SBIN", "20MICRONS")
    load_masters(desk, [written(folder, "fyers.csv", line + "\n")], broker="fyers", by="me")


def a_universe(desk: Desk, folder: Path) -> None:
    text = f"Symbol,ISIN Code,Company Name\n20MICRONS,{MICRONS},20 Microns Ltd.\n"
    import_universe(desk, "tiny", written(folder, "tiny.csv", text), as_of=TODAY, by="me")


def daily(folder: Path, *symbols: str) -> Path:
    rows = "".join(f"2026-08-21,{one},100,101,99,100.5,1000\n" for one in symbols)
    return written(folder, "days.csv", HEAD + rows)


@pytest.mark.parametrize(
    "name",
    ["RELIANCE", "reliance ", "INE002A01018", "RELIANCE.NS", "NSE:RELIANCE-EQ",
     "NSE_EQ|INE002A01018", "RELIANCE-EQ", "500325"],
)  # fmt: skip
def test_every_vendors_name_leads_to_the_shipped_share(desk: Desk, name: str):
    [share] = shares_named(desk, [name], TODAY)
    assert share.instrument.isin == "INE002A01018" and share.instrument.is_traded
    assert (share.listing.yahoo, share.told_by) == ("RELIANCE.NS", "data/universe.csv")


def test_a_hyphen_of_a_symbol_is_no_series():
    assert plain_name("BAJAJ-AUTO") == plain_name("NSE:BAJAJ-AUTO-EQ") == "BAJAJ-AUTO"


def test_an_old_symbol_and_an_old_isin_lead_to_todays_share(desk: Desk):
    old, today = share_names(desk), date(2020, 1, 31)
    assert old.find("NIITTECH", today).instrument.symbol == "COFORGE"
    assert old.find("NIITTECH", TODAY).instrument.symbol == "COFORGE"
    assert old.find("INE591G01017", TODAY).instrument.isin == "INE591G01025"


def test_a_universe_tells_before_a_master_and_neither_makes_a_share_traded(
    desk: Desk, tmp_path: Path
):
    with pytest.raises(NotFound, match=r"20MICRONS is no share known here; .*munim data masters"):
        shares_named(desk, ["20MICRONS"], TODAY)
    a_master(desk, tmp_path, series="BE")
    [share] = shares_named(desk, ["20MICRONS"], TODAY)
    assert (share.told_by, share.instrument.isin) == ("fyers's master", MICRONS)
    assert (share.instrument.series, share.instrument.is_traded) == (Series.BE, False)
    assert (share.listing.yahoo, share.listing.fyers) == ("20MICRONS.NS", "NSE:20MICRONS-BE")
    a_universe(desk, tmp_path)
    [share] = shares_named(desk, [MICRONS], TODAY)
    assert (share.told_by, share.instrument.name) == ("universe tiny", "20 Microns Ltd.")
    assert share.instrument.series is Series.BE  # the master still tells how it is traded


def test_all_strangers_are_refused_together_with_their_count(desk: Desk):
    with pytest.raises(NotFound, match=r"2 names no list here knows \(NOSUCH, NORTHIS\); import"):
        shares_named(desk, ["RELIANCE", "NOSUCH", "NORTHIS"], TODAY)


def test_daily_bars_of_a_share_from_a_master_are_kept_and_it_is_only_looked_at(
    desk: Desk, tmp_path: Path
):
    file = daily(tmp_path, "TCS", "20MICRONS", "NOSUCH")
    alone = import_files(desk, [file], fmt="auto", factors=None, by="me")
    assert alone.unmatched == ("20MICRONS", "NOSUCH")
    assert "2 names no list here knows (20MICRONS, NOSUCH); import a master" in alone.sentence
    a_master(desk, tmp_path)
    done = import_files(desk, [file], fmt="auto", factors=None, by="me")
    assert done.unmatched == ("NOSUCH",)
    assert "1 share of no traded universe can be looked at in Markets" in done.sentence
    with desk.store.read() as tx:
        assert bars.read_raw(tx, [MICRONS]).close.tolist() == [[100.5]]
        assert not instruments.by_symbol(tx, "20MICRONS").is_traded
        assert traded_with_bars(tx, until=TODAY) == ["INE467B01029"]


def test_bars_of_a_share_that_merged_are_kept_without_a_master(desk: Desk, tmp_path: Path):
    # HDFC left on 13 Jul 2023; a model that never saw it would learn that shares do not leave
    file = daily(tmp_path, "TCS", "HDFC")
    assert import_files(desk, [file], fmt="auto", factors=None, by="me").unmatched == ()
    [share] = shares_named(desk, ["HDFC"], TODAY)
    assert share.told_by == "data/symbol_changes.csv"
    with desk.store.read() as tx:
        assert bars.read_raw(tx, ["INE001A01036"]).close.tolist() == [[100.5]]
        assert not instruments.by_symbol(tx, "HDFC").is_traded
        assert traded_with_bars(tx, until=TODAY) == ["INE467B01029"]


def test_a_file_of_strangers_alone_says_what_to_import(desk: Desk, tmp_path: Path):
    with pytest.raises(NoData, match="import a master of Upstox or Fyers first"):
        import_files(desk, [daily(tmp_path, "NOSUCH")], fmt="auto", factors=None, by="me")


def test_a_share_is_traded_while_a_traded_universe_has_it(desk: Desk, tmp_path: Path):
    a_universe(desk, tmp_path)
    import_files(desk, [daily(tmp_path, "20MICRONS")], fmt="auto", factors=None, by="me")

    def is_traded() -> bool:
        with desk.store.read() as tx:
            return instruments.by_isin(tx, MICRONS).is_traded

    assert not is_traded()
    assert trade_universe(desk, "tiny", traded=True, by="me") == ("munim", "tiny")
    assert is_traded()
    with desk.store.read() as tx:
        assert traded_with_bars(tx, until=TODAY) is None  # nobody is outside
    assert trade_universe(desk, "tiny", traded=False, by="me") == ("munim",)
    assert not is_traded()
    trade_universe(desk, "tiny", traded=True, by="me")
    drop_universe(desk, "tiny", by="me")
    assert not is_traded()
    with desk.store.read() as tx:
        assert traded_with_bars(tx, until=TODAY) == []
        assert bars.sessions(tx, []) == ()


def test_the_desks_own_universe_and_a_simulated_market_are_refused(
    desk: Desk, sqlite_url: str, tmp_path: Path
):
    with pytest.raises(BadInput, match="always traded"):
        trade_universe(desk, "munim", traded=False, by="me")
    with pytest.raises(NotFound):
        trade_universe(desk, "nosuch", traded=True, by="me")


@pytest.mark.realdata
def test_names_outside_the_shipped_list_are_found_in_real_masters(
    real_files: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
):
    outside = ["20MICRONS", "21STCENMGM", "BANKBEES", "DHFL", "GOLDBEES", "HDFC", "MINDTREE",
               "NIFTYBEES", "RCOM", "SETFGOLD", "SILVER1", "TMCV"]  # fmt: skip

    def known() -> list[str]:
        names = share_names(desk, outside)
        found = []
        for name in outside:
            try:
                found.append(names.find(name, TODAY).instrument.symbol)
            except NotFound:
                continue
        return found

    counts = [len(known())]
    master = real_files / "broker" / "upstox_NSE_instruments_2025-03.json.gz"
    load_masters(desk, [master], by="me")
    counts.append(len(known()))
    lists = real_files / "reference"
    old, new = lists / "ind_nifty500list_2020-05.csv", lists / "EQUITY_L.csv"
    import_universe(desk, "NIFTY 500 of 2020", old, as_of=date(2020, 5, 31), by="me")
    import_universe(desk, "NSE listed", new, as_of=date(2026, 7, 31), by="me")
    counts.append(len(known()))
    never = sorted(set(outside) - set(known()))
    with capsys.disabled():
        print(
            f"\nof 12 names outside: {counts[0]} known, {counts[1]} with a master, "
            f"{counts[2]} with two lists; never: {never}"
        )
    assert counts[:2] == [3, 10] and counts[2] >= 9
