import csv
import gzip
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.errors import BadInput, NotFound
from core.providers.names import Identity, Names, Vendor, load_exceptions
from core.providers.renames import (
    COLUMNS,
    Certainty,
    Kind,
    changes_now,
    current_isin,
    current_symbol,
    isin_chain,
    load_changes,
)
from core.providers.universe_file import load_listings

FACTS = Path(__file__).resolve().parents[2] / "data"
HDR = ",".join(COLUMNS)


@pytest.fixture(scope="module")
def names() -> Names:
    return Names(load_listings(FACTS / "universe.csv"), changes_now())


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("isin", "on", "symbol", "number"),
    [
        ("INE758T01015", "2025-04-08", "ZOMATO", "INE758T01015"),
        ("INE758T01015", "2025-04-09", "ETERNAL", "INE758T01015"),
        ("INE214T01019", "2022-12-02", "LTI", "INE214T01019"),
        ("INE214T01019", "2026-02-26", "LTIM", "INE214T01019"),
        ("INE214T01019", "2026-02-27", "LTM", "INE214T01019"),
        ("INE591G01025", "2020-08-19", "NIITTECH", "INE591G01017"),
        ("INE591G01017", "2025-06-03", "COFORGE", "INE591G01017"),
        ("INE591G01017", "2025-06-04", "COFORGE", "INE591G01025"),
        ("INE296A01032", "2016-09-08", "BAJFINANCE", "INE296A01016"),
        ("INE062A01020", "2012-01-02", "SBIN", "INE062A01020"),
    ],
)
def test_a_share_is_known_by_what_it_was_called_that_day(
    names: Names, isin: str, on: str, symbol: str, number: str
):
    assert names.on(isin, day(on)) == Identity(symbol, number, certain=True)


def test_between_two_lists_a_change_is_not_certain(names: Names):
    # VBL's ISIN changed after 31 May 2020 and no later than 25 Jun 2024
    assert names.on("INE200M01039", day("2020-05-31")) == Identity("VBL", "INE200M01013", True)
    assert not names.on("INE200M01039", day("2022-01-03")).certain
    assert names.on("INE200M01039", day("2024-06-25")) == Identity("VBL", "INE200M01021", True)


def test_each_vendor_writes_the_name_of_that_day_in_its_own_way(names: Names):
    before = day("2024-06-25")
    called = {vendor: names.called("INE296A01032", vendor, before) for vendor in Vendor}
    assert called == {
        Vendor.NSE: "BAJFINANCE",
        Vendor.BSE: "500034",
        Vendor.YAHOO: "BAJFINANCE.NS",
        Vendor.KITE: "BAJFINANCE",
        Vendor.UPSTOX: "NSE_EQ|INE296A01024",  # the key carries the ISIN from before the split
        Vendor.FYERS: "NSE:BAJFINANCE-EQ",
        Vendor.ANGEL: "BAJFINANCE-EQ",
    }
    assert names.called("INE758T01015", Vendor.FYERS, before) == "NSE:ZOMATO-EQ"
    with pytest.raises(NotFound, match="CDSL is not listed at BSE"):
        names.called("INE736A01011", Vendor.BSE, before)


def test_any_isin_of_a_share_finds_its_chain(names: Names):
    chain = ("INE296A01016", "INE296A01024", "INE296A01032")
    assert all(names.chain(isin) == chain and isin_chain(isin) == chain for isin in chain)
    assert current_isin("INE296A01016") == "INE296A01032"
    assert current_isin("INE018I01017") == "INE018I01017"  # MINDTREE merged: not the same share
    with pytest.raises(NotFound, match="INE000000000"):
        names.chain("INE000000000")
    with pytest.raises(NotFound, match="INE000000000"):
        names.on("INE000000000", day("2024-01-01"))


def test_an_old_symbol_finds_the_share_of_today_on_its_days_only(names: Names):
    assert names.by_symbol("ZOMATO", day("2024-01-01")) == "INE758T01015"
    with pytest.raises(NotFound, match="called ZOMATO on 2026-01-01"):
        names.by_symbol("ZOMATO", day("2026-01-01"))


def test_the_history_of_a_share_holds_its_demerger(names: Names):
    kinds = [(one.kind, one.new_symbol) for one in names.history("INE155A01022")]
    assert kinds == [(Kind.DEMERGER, "TMCV"), (Kind.RENAME, "TMPV")]


def test_the_facts_are_dated_sourced_and_lead_somewhere():
    changes = changes_now()
    assert {one.kind for one in changes} == set(Kind)
    assert all(one.source for one in changes)
    assert all((one.new_symbol and one.new_isin) or one.kind is Kind.END for one in changes)
    assert len({(one.kind, one.old_symbol, one.old_isin, one.day) for one in changes}) == len(
        changes
    )
    for one in changes:  # no chain runs in a circle
        assert current_symbol(one.old_symbol) != one.old_symbol or one.kind is not Kind.RENAME
        assert len(set(isin_chain(one.old_isin))) == len(isin_chain(one.old_isin))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2020-01-01,by,RENAME,A,B,X,X,,n,s", "needs the day its old name was last seen"),
        ("2020-01-01,exact,RENAME,A,B,X,X,2019-01-01,n,s", "no other change has one"),
        ("2020-01-01,by,RENAME,A,B,X,X,2020-01-01,n,s", "seen until 2020-01-01"),
        ("2020-01-01,exact,SOLD,A,B,X,X,,n,s", "'SOLD' is not a valid Kind"),
        ("1 Jan,exact,RENAME,A,B,X,X,,n,s", "line 2"),
    ],
)
def test_a_wrong_fact_is_refused_by_line(tmp_path: Path, line: str, words: str):
    path = tmp_path / "changes.csv"
    path.write_text(f"{HDR}\n{line}\n", encoding="utf-8")
    with pytest.raises(BadInput, match=words):
        load_changes(path)


def test_a_file_of_facts_that_is_missing_or_shaped_otherwise_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        load_changes(tmp_path / "none.csv")
    (tmp_path / "odd.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"odd\.csv must have the columns"):
        load_changes(tmp_path / "odd.csv")


def test_every_exception_names_a_share_a_vendor_and_a_reason(names: Names):
    exceptions = load_exceptions(FACTS / "name_exceptions.csv")
    listed = {one.symbol for one in load_listings(FACTS / "universe.csv").values()}
    assert all(one.symbol in listed and one.reason for one in exceptions)
    assert exceptions[0].holds("BSE", Vendor.BSE, day("2020-01-01"))
    assert not exceptions[2].holds("CHOLAFIN", Vendor.UPSTOX, day("2025-04-01"))


Listed = dict[str, str]  # a vendor's name to the ISIN it gives; "" where it gives none


def kite(folder: Path) -> Listed:
    with gzip.open(folder / "kite_instruments_NSE_2026-01.csv.gz", "rt", encoding="utf-8") as rows:
        return {row["tradingsymbol"]: "" for row in csv.DictReader(rows)}


def upstox(folder: Path) -> Listed:
    with gzip.open(folder / "upstox_NSE_instruments_2025-03.json.gz", "rt") as text:
        rows = json.load(text)
    return {row["instrument_key"]: row.get("isin", "") for row in rows.values()}


def fyers(folder: Path) -> Listed:
    with gzip.open(folder / "fyers_NSE_CM_symbol_master_2024-06.csv.gz", "rt") as rows:
        return {row[9]: row[5] for row in csv.reader(rows)}


def angel(folder: Path) -> Listed:
    with gzip.open(folder / "angelone_instruments_2025-03.json.gz", "rt") as text:
        return {row["symbol"]: "" for row in json.load(text).values()}


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("vendor", "read", "on"),
    [
        (Vendor.KITE, kite, "2026-01-15"),
        (Vendor.UPSTOX, upstox, "2025-03-31"),
        (Vendor.FYERS, fyers, "2024-06-25"),
        (Vendor.ANGEL, angel, "2025-03-31"),
    ],
)
def test_every_share_is_found_in_a_brokers_master_by_its_name_of_that_day(
    names: Names, real_files: Path, vendor: Vendor, read, on: str
):
    master = read(real_files / "broker")
    exceptions = load_exceptions(FACTS / "name_exceptions.csv")
    found, excepted, missing = 0, [], []
    for isin, listing in load_listings(FACTS / "universe.csv").items():
        then = names.on(isin, day(on))
        called = names.called(isin, vendor, day(on))
        if any(one.holds(listing.symbol, vendor, day(on)) for one in exceptions):
            excepted.append(listing.symbol)
        elif called not in master or master[called] not in ("", then.isin):
            missing.append((listing.symbol, called, master.get(called)))
        else:
            found += 1
    print(f"{vendor} on {on}: {found} of 174 found, excepted {excepted}, missing {missing}")
    assert missing == []
    assert found + len(excepted) == 174


@pytest.mark.realdata
def test_kites_tokens_are_those_of_its_own_lists(names: Names, real_files: Path):
    folder = real_files / "broker"
    with gzip.open(folder / "kite_instruments_NSE_2026-01.csv.gz", "rt", encoding="utf-8") as rows:
        january = {
            row["tradingsymbol"]: int(row["instrument_token"]) for row in csv.DictReader(rows)
        }
    with gzip.open(folder / "kite_instruments_with_sector_2026-03.json.gz", "rt") as text:
        march = {row["tradingsymbol"]: row["instrument_token"] for row in json.load(text)}
    agreed = 0
    for isin, listing in load_listings(FACTS / "universe.csv").items():
        assert january[names.called(isin, Vendor.KITE, day("2026-01-15"))] == listing.kite_token
        later = march.get(names.called(isin, Vendor.KITE, day("2026-03-15")))
        assert later in (None, listing.kite_token), listing.symbol
        agreed += later is not None
    print(f"174 tokens as in January 2026, {agreed} of them as in March 2026")
    assert agreed > 100


def seen(folder: Path) -> Iterator[tuple[date, str, str, str]]:
    """Every (day, symbol, ISIN, file) that a dated exchange file shows in EQ, BE or BZ."""
    import pandas as pd

    normal = {"EQ", "BE", "BZ"}
    path = folder / "prices" / "nse_cm_bhavcopy_unadjusted_2016_2017.parquet"
    rows = pd.read_parquet(path, columns=["date", "SYMBOL", "SERIES", "ISIN"])
    rows = rows[rows["SERIES"].isin(normal)]
    for at, symbol, _, isin in rows.itertuples(index=False):
        yield pd.Timestamp(at).date(), symbol, isin, path.name
    for name, on in (("cm06SEP2017bhav.csv", "2017-09-06"), ("cm01Jan2020bhav.csv", "2020-01-01")):
        with (folder / "bhavcopy" / name).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                if row["SERIES"] in normal:
                    yield day(on), row["SYMBOL"], row["ISIN"], name
    for on in ("2025-06-30", "2025-07-02"):
        name = f"BhavCopy_NSE_CM_0_0_0_{on.replace('-', '')}_F_0000.csv.zip"
        with zipfile.ZipFile(folder / "bhavcopy" / name) as packed:
            text = io.TextIOWrapper(packed.open(packed.namelist()[0]), encoding="utf-8")
            for row in csv.DictReader(text):
                if row["SctySrs"] in normal:
                    yield day(on), row["TckrSymb"], row["ISIN"], name
    with (folder / "reference" / "ind_nifty500list_2020-05.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield day("2020-05-31"), row["Symbol"], row["ISIN Code"], "Nifty 500 of 2020"
    with (folder / "reference" / "EQUITY_L.csv").open(encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines, skipinitialspace=True):
            yield day("2026-07-31"), row["SYMBOL"], row["ISIN NUMBER"], "EQUITY_L"


@pytest.mark.realdata
def test_the_exchanges_own_dated_files_show_the_names_the_facts_say(names: Names, real_files: Path):
    by_issuer = {isin[:9]: isin for isin in load_listings(FACTS / "universe.csv")}
    checked: Counter[str] = Counter()
    wrong = set()
    for on, symbol, isin, name in seen(real_files):
        if (today := by_issuer.get(isin[:9])) is None:
            continue
        then = names.on(today, on)
        if then.certain:
            checked[name] += 1
            if (then.symbol, then.isin) != (symbol, isin):
                wrong.add((str(on), symbol, isin, then.symbol, then.isin))
    print(f"{sum(checked.values())} sightings in {len(checked)} files checked, {len(wrong)} differ")
    # the index list of May 2020 still carried the symbol that left trading on 27 Feb 2020
    assert wrong == {("2020-05-31", "TATAGLOBAL", "INE192A01025", "TATACONSUM", "INE192A01025")}
    assert sum(checked.values()) > 40_000


@pytest.mark.realdata
def test_an_exact_rename_falls_between_the_last_and_first_session_of_its_symbols(real_files: Path):
    with (real_files / "prices" / "SYMBOLS.csv").open(encoding="utf-8") as lines:
        span = {
            row["symbol"]: (row["raw19_first"], row["raw19_last"]) for row in csv.DictReader(lines)
        }
    held = 0
    for one in changes_now():
        if one.kind is Kind.RENAME and one.certainty is Certainty.EXACT and one.new_symbol in span:
            assert span[one.new_symbol][0] == str(one.day), one
            assert span[one.old_symbol][1] < str(one.day), one
            held += 1
    assert held == 8
