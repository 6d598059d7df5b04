"""Prints, for every real market file, what its notes promise and what the desk made of it.

`python -m tests.bench.show_files [FOLDER]`; the folder is shared/data beside the repository
unless another is named. Everything is loaded into a scratch store, twice, and the dirty list of
flows is held against the cleaned one. The test marked `realdata` holds the same figures.
"""

from __future__ import annotations

import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.desk.bars_plan import plan_bars, put_bars
from core.desk.check_files import FileChecked, check_files
from core.desk.desk import REFERENCE, calendar_now
from core.desk.put_file import put_file
from core.domain.account import Market
from core.domain.instrument import CapClass, Instrument
from core.providers.bar_file import BarFile
from core.providers.flow_files import FlowFile
from core.providers.market_files import ActionFile, open_market_file
from core.providers.renames import current_symbol
from core.providers.universe_file import load_universe
from core.store.engine import Store, open_store

REAL = Path(__file__).resolve().parents[3] / "shared" / "data"
FOLDERS = (
    "prices",
    "index",
    "intraday",
    "bhavcopy",
    "corporate_actions",
    "flows",
    "options",
)
DIRTY = "flows/fii_dii_cash_2007_2026_wide.csv"
CLEANED = "flows/fii_dii_cash_2007_2026_CLEANED.csv"
# rows that the notes beside the files state; files without a number there are left out
STATED: Mapping[str, int] = {
    "prices/nse_sec_bhavdata_full_unadjusted_2019_2026.parquet": 185_441,
    "prices/nse_cm_bhavcopy_unadjusted_2016_2017.parquet": 59_661,
    "prices/nse_adjusted_daily_1994_2024.parquet": 368_825,
    "prices/nse_full_market_EQ_2025Q3_unadjusted.parquet": 130_158,
    "index/nse_index_daily_2002_2025.csv.gz": 39_557,
    "index/india_vix_2012_2026_NSE_format.csv": 3_613,
    "intraday/HDFCBANK_1min_2023-04_2023-06.csv.gz": 15_001,
    "intraday/SBIN_1min_2023-04_2023-06.csv.gz": 15_001,
    "intraday/BANKNIFTY_1min_2023-04_2023-06.csv.gz": 15_001,
    "intraday/INDIAVIX_1min_2023-04_2023-06.csv.gz": 15_001,
    "intraday/RELIANCE_5min_2025-08_2025-12.csv.gz": 5_112,
    "bhavcopy/bhavcopy_udiff_sample_2026-07.csv": 31,
    "corporate_actions/nse_ca_2023-07.json": 343,
    "corporate_actions/nse_corporate_actions_2026-08.csv": 239,
    "corporate_actions/implied_adjustment_factors_DERIVED.csv": 67,
    "flows/fii_dii_cash_2007_2026_wide.csv": 4_025,
    "flows/fii_dii_cash_2007_2026_CLEANED.csv": 4_025,
    "flows/fo_participant_oi_2012_2026.csv.gz": 17_330,
    "options/nse_option_chain_BANKNIFTY_2023-05.json.gz": 638,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One file: rows stated beside it, what reading found, and rows stored at the first and
    second import; None where nothing is stored."""

    path: str
    stated: int | None
    found: FileChecked
    stored: int | None
    again: int | None


def every_file(folder: Path, store: Store) -> Iterator[Shown]:
    """Each file read, stored and stored again."""
    for part in FOLDERS:
        for one in check_files([folder / part], calendar_now()):
            path = f"{part}/{one.file}"
            stored = again = None
            if one.format:
                stored, again = _stored_twice(folder / path, store)
            yield Shown(path, STATED.get(path), one, stored, again)


def differences(folder: Path) -> tuple[int, int]:
    """Rows of the dirty list put right, and how many differ from the cleaned one."""
    dirty = open_market_file(folder / DIRTY, calendar_now())
    cleaned = open_market_file(folder / CLEANED, calendar_now())
    assert isinstance(dirty, FlowFile) and isinstance(cleaned, FlowFile)
    rows = [
        {
            (day, who): tuple(float(one.amounts[name][at]) for name in ("buy", "sell", "net"))
            for at, (day, who) in enumerate(zip(one.day.tolist(), one.who, strict=True))
        }
        for one in (dirty, cleaned)
    ]
    keys = rows[0].keys() | rows[1].keys()
    return dirty.rows, sum(rows[0].get(key) != rows[1].get(key) for key in keys)


def _stored_twice(path: Path, store: Store) -> tuple[int | None, int | None]:
    file = open_market_file(path, calendar_now())
    if isinstance(file, ActionFile):
        return None, None
    universe = load_universe(REFERENCE / "universe.csv")
    isins = {current_symbol(one.symbol): one.isin for one in universe}
    done = []
    for _ in range(2):
        with store.write() as tx:
            if isinstance(file, BarFile):
                plan = plan_bars(file, [*universe, *_others(file, universe)], (), set())
                done.append(put_bars(tx, plan).written)
            else:
                done.append(put_file(tx, file, isins))
    return done[0], done[1]


def _others(file: BarFile, universe: list[Instrument]) -> list[Instrument]:
    """An instrument for each symbol outside the universe, so that every row has a place."""
    known = {one.symbol for one in universe}
    outside = sorted(set(file.rows.symbol.tolist()) - known)
    return [
        Instrument(_isin_of(symbol), symbol, symbol, "Other", CapClass.SMALL) for symbol in outside
    ]


def _isin_of(symbol: str) -> str:
    """A made ISIN, the same for a symbol in every file."""
    return f"INX{zlib.crc32(symbol.encode()) % 10**9:09d}"


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REAL
    heads = ("stated", "read", "taken", "refused", "left out", "stored", "again")
    print(f"{'file':70} " + " ".join(f"{head:>8}" for head in heads) + "  sentence")
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(f"sqlite:///{scratch}/files.db", Market.REPLAY)
        for one in every_file(folder, store):
            found = one.found
            numbers = (
                one.stated, found.rows if found.format else None,
                found.taken if found.format else None, found.refused if found.format else None,
                found.left_out if found.format else None, one.stored, one.again,
            )  # fmt: skip
            cells = " ".join(f"{'-' if number is None else number:>8}" for number in numbers)
            print(f"{one.path:70} {cells}  {found.sentence}")
        store.close()
    rows, off = differences(folder)
    print(f"{DIRTY} put right: {rows} rows, {off} differ from {CLEANED}")


if __name__ == "__main__":
    main()
