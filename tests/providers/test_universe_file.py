import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest

from core.domain.instrument import CapClass, Series
from core.errors import BadInput
from core.providers.universe_file import COLUMNS, load_listings, load_universe

REPOSITORY = Path(__file__).resolve().parents[2]
COMMITTED = REPOSITORY / "data" / "universe.csv"
REAL = REPOSITORY.parent / "shared" / "data" / "reference"

ABB = {
    "isin": "INE117A01022",
    "symbol": "ABB",
    "name": "ABB India Ltd.",
    "sector": "Capital Goods",
    "cap_class": "large",
    "series": "EQ",
    "band_pct": "",
    "has_derivatives": "yes",
    "bse_code": "500002",
    "yahoo": "ABB.NS",
    "kite": "ABB",
    "kite_token": "3329",
    "upstox": "NSE_EQ|INE117A01022",
    "fyers": "NSE:ABB-EQ",
}


def written(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def real(name: str) -> list[dict[str, str]]:
    if not REAL.exists():
        pytest.skip("the shared reference data is not beside this checkout")
    with (REAL / name).open(encoding="utf-8-sig", newline="") as lines:
        return [
            {key.strip(): value.strip() for key, value in row.items()}
            for row in csv.DictReader(lines)
        ]


def test_the_universe_is_174_shares_82_large_52_mid_and_40_small():
    shares = load_universe(COMMITTED)
    assert len(shares) == 174
    assert Counter(share.cap_class for share in shares) == {
        CapClass.LARGE: 82,
        CapClass.MID: 52,
        CapClass.SMALL: 40,
    }
    assert len({share.sector for share in shares}) >= 10
    assert all(share.series is Series.EQ and share.exchange == "NSE" for share in shares)


def test_a_derivative_stock_has_no_fixed_band_and_every_other_has_one():
    for share in load_universe(COMMITTED):
        assert (share.band_pct is None) == share.has_derivatives, share.symbol


def test_each_broker_names_a_share_in_its_own_way():
    listings = load_listings(COMMITTED)
    sbi = listings["INE062A01020"]
    assert (sbi.symbol, sbi.bse_code) == ("SBIN", "500112")
    assert (sbi.yahoo, sbi.kite, sbi.kite_token) == ("SBIN.NS", "SBIN", 779521)
    assert (sbi.upstox, sbi.fyers) == ("NSE_EQ|INE062A01020", "NSE:SBIN-EQ")
    codes = [listing.bse_code for listing in listings.values() if listing.bse_code]
    assert len(set(codes)) == len(codes) == 172
    assert all(code.isdigit() and len(code) == 6 for code in codes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"isin": "INE117"}, "line 2: ABB: 'INE117' is not a 12-character ISIN"),
        ({"cap_class": "huge"}, "line 2: 'huge' is not a valid CapClass"),
        ({"band_pct": "7"}, "line 2: ABB: band 7% is none of 2, 5, 10, 20"),
        ({"band_pct": "x"}, "line 2: invalid literal"),
        ({"has_derivatives": "maybe"}, "has_derivatives 'maybe'; write yes or no"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, change: dict[str, str], words: str):
    path = written(tmp_path / "shares.csv", ABB | change)
    with pytest.raises(BadInput, match=words):
        load_universe(path)


def test_a_share_listed_twice_is_refused(tmp_path: Path):
    with pytest.raises(BadInput, match=r"shares\.csv lists INE117A01022 twice"):
        load_universe(written(tmp_path / "shares.csv", ABB, ABB))
    with pytest.raises(BadInput, match="lists ABB twice"):
        load_universe(written(tmp_path / "shares.csv", ABB, ABB | {"isin": "INE117A01030"}))
    with pytest.raises(BadInput, match="lists INE117A01022 twice"):
        load_listings(written(tmp_path / "shares.csv", ABB, ABB))


def test_a_missing_column_or_file_is_named(tmp_path: Path):
    with pytest.raises(BadInput, match="has no column fyers"):
        load_universe(written(tmp_path / "shares.csv", ABB, columns=COLUMNS[:-1]))
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        load_listings(tmp_path / "none.csv")


@pytest.mark.realdata
def test_every_isin_name_and_series_is_the_exchanges_own():
    listed = {row["SYMBOL"]: row for row in real("EQUITY_L.csv")}
    for share in load_universe(COMMITTED):
        assert listed[share.symbol]["ISIN NUMBER"] == share.isin
        assert listed[share.symbol]["SERIES"] == share.series


@pytest.mark.realdata
def test_size_classes_sectors_and_derivatives_are_the_index_makers_own():
    by_class = {
        CapClass.LARGE: {row["Symbol"] for row in real("ind_nifty100list.csv")},
        CapClass.MID: {row["Symbol"] for row in real("ind_niftymidcap150list.csv")},
        CapClass.SMALL: {row["Symbol"] for row in real("ind_niftysmallcap250list.csv")},
    }
    industries = {row["Symbol"]: row["Industry"] for row in real("ind_nifty500list.csv")}
    lists = json.loads((REAL / "nse_fno_underlyings_2026-07-24.json").read_text("utf-8"))
    derivatives = {row["symbol"] for row in lists["data"]["UnderlyingList"]}
    for share in load_universe(COMMITTED):
        assert share.symbol in by_class[share.cap_class]
        assert industries[share.symbol] == share.sector
        assert (share.symbol in derivatives) == share.has_derivatives


@pytest.mark.realdata
def test_most_shares_have_real_prices_beside_the_repository():
    priced = {row["symbol"] for row in real("../prices/SYMBOLS.csv")}
    assert sum(share.symbol in priced for share in load_universe(COMMITTED)) >= 100


@pytest.mark.realdata
def test_bse_codes_are_those_of_bses_own_filings_wherever_one_appears():
    rows = []
    path = REAL.parent / "filings" / "bse_announcements_2026-01_2026-03.csv.gz"
    if not path.exists():
        pytest.skip("the shared filings are not beside this checkout")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines)]
    named = {row[2]: row[1] for row in rows[1:]}
    held = 0
    shares = {share.isin: share for share in load_universe(COMMITTED)}
    for isin, listing in load_listings(COMMITTED).items():
        if listing.bse_code in named:
            first = shares[isin].name.lower().split()[0].rstrip(".")
            assert named[listing.bse_code].lower().startswith(first[:3]), listing.symbol
            held += 1
    print(f"{held} of 172 BSE codes appear in BSE's filings and name the same company")
    assert held > 20
