"""The real market files: every one loads with the rows stated beside it, or is refused by name."""

from __future__ import annotations

import pytest

from core.desk.check_files import check_files
from core.desk.desk import calendar_now
from core.domain.account import Market
from core.store.engine import open_store
from tests.bench.show_files import FOLDERS, STATED, differences, every_file

REFUSED_WHOLE = {
    "prices/SYMBOLS.csv": "summary of other price files",
    "index/dirty_india_vix_2008_2025_mixed_dates.csv": (
        "mixes two ways of writing a date, 2464 of 10 characters such as '12/31/2021' and 1803 of "
        "8 characters such as '05/06/25'"
    ),
    "corporate_actions/nse_adjustment_calculator.xlsx": "calculator with formulas",
    "corporate_actions/nse_board_meetings_2026.csv": "board meetings",
    "flows/FOVOLT_16122025.csv": "daily volatility of underlyings",
    "flows/fo_16122025.csv": "turnover by product",
    "flows/oi_cli_limit_16-DEC-2025.lst": "position limits",
}
ROWS_REFUSED = {
    "prices/nse_adjusted_daily_1994_2024.parquet": 10_702,  # last bars, two series, 68 impossible
    "index/india_vix_2012_2026_NSE_format.csv": 1,
    "index/nse_index_daily_2002_2025.csv.gz": 1,
    "intraday/TCS_1min_2018-07_google_format.txt.gz": 4,  # opening trades
}
READ_OF_THE_BUNDLE = {"MA161225.csv", "bc16122025.csv", "sec_bhavdata_full_16122025.csv"}
BUNDLE = "bhavcopy/nse_daily_reports_2025-12-16/"


@pytest.mark.realdata
@pytest.mark.parametrize("part", FOLDERS)
def test_every_real_file_is_read_with_its_stated_rows_or_refused_by_name(real_files, part):
    for one in check_files([real_files / part], calendar_now()):
        path = f"{part}/{one.file}"
        if path.startswith(BUNDLE):
            read = path.removeprefix(BUNDLE) in READ_OF_THE_BUNDLE
            assert bool(one.format) is read, one.sentence
            assert read or "is not read; " in one.sentence
            continue
        assert bool(one.format) is (path not in REFUSED_WHOLE), one.sentence
        assert REFUSED_WHOLE.get(path, "") in one.sentence
        if one.format:
            assert one.rows == STATED.get(path, one.rows)
            assert one.refused == ROWS_REFUSED.get(path, 0), one.sentence


@pytest.mark.realdata
def test_the_dirty_flows_put_right_are_the_cleaned_ones(real_files):
    assert differences(real_files) == (4_025, 0)


@pytest.mark.realdata
@pytest.mark.slow
def test_every_real_file_is_stored_and_a_second_import_changes_nothing(real_files, tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'files.db'}", Market.REPLAY, scratch=True)
    shown = list(every_file(real_files, store))
    store.close()
    assert all(one.again in (0, None) for one in shown)
    stored = {one.path: one.stored for one in shown}
    assert stored["prices/nse_adjusted_daily_1994_2024.parquet"] == 358_123
    assert stored["index/nse_index_daily_2002_2025.csv.gz"] == 39_556
    assert stored["options/nse_option_chain_BANKNIFTY_2023-05.json.gz"] == 1_170
    assert stored["intraday/RELIANCE_5min_2025-08_2025-12.csv.gz"] == 5_112
