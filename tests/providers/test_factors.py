from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from core.domain.instrument import CapClass, Instrument
from core.errors import BadInput
from core.panel import Panel, factor_grid
from core.providers.bar_panel import to_panel
from core.providers.factors import (
    Factor,
    price_breaks,
    read_factors,
    resolved,
    without_breaks,
)
from core.providers.files import read_bars
from core.providers.universe_file import load_universe

DAYS = tuple(date(2026, 4, day) for day in (6, 7, 8, 9))
NAN = np.nan


def share(isin: str, symbol: str) -> Instrument:
    return Instrument(isin, symbol, symbol, "Power", CapClass.LARGE)


A, B = share("INE0000000A1", "ETERNAL"), share("INE0000000B1", "B")


def panel_of(*closes: tuple[float, float]) -> Panel:
    prices = np.array(closes, dtype=float)
    return Panel(
        sessions=DAYS[: len(prices)],
        isins=(A.isin, B.isin),
        open=prices,
        high=prices,
        low=prices,
        close=prices,
        volume=np.ones(prices.shape),
        factor=np.ones(prices.shape),
    )


def with_factors(panel: Panel, listed: list[Factor], shares: list[Instrument]):
    """The panel with the list's factors as of its last session, and the list's unknown names."""
    known, unknown = resolved(listed, shares, source="test")
    columns = {isin: place for place, isin in enumerate(panel.isins)}
    grid = factor_grid(panel.sessions, columns, known, as_of=panel.sessions[-1])
    return replace(panel, factor=grid), unknown


HALVED = panel_of((200, 10), (202, 10), (100, 10), (101, 10))


def test_prices_before_the_ex_date_are_divided():
    panel, unknown = with_factors(HALVED, [Factor("ETERNAL", DAYS[2], 2.0)], [A, B])
    assert panel.factor[:, 0].tolist() == [2, 2, 1, 1] and unknown == ()
    assert panel.adjusted().close[:, 0].tolist() == [100, 101, 100, 101]
    assert panel.close[0, 0] == 200  # raw stays raw


def test_factors_multiply_and_names_may_be_isins_or_old_symbols():
    both = [Factor("ZOMATO", DAYS[1], 5.0), Factor(A.isin, DAYS[3], 2.0), Factor("Q", DAYS[1], 2.0)]
    panel, unknown = with_factors(HALVED, both, [A, B])
    assert panel.factor[:, 0].tolist() == [10, 2, 2, 1]
    assert [one.name for one in unknown] == ["Q"]


def test_a_factor_after_the_last_session_changes_nothing():
    panel, _ = with_factors(HALVED, [Factor("B", date(2026, 4, 10), 2.0)], [A, B])
    assert (panel.factor == 1).all()


def test_an_unexplained_halving_is_listed_and_can_be_cut_off():
    # 202 to 100 overnight: 100 / 202 - 1 = -0.505
    (found,) = price_breaks(HALVED)
    assert (found.isin, found.before, found.session) == (A.isin, DAYS[1], DAYS[2])
    assert found.change == pytest.approx(-0.505, abs=1e-3)
    cut = without_breaks(HALVED, [found])
    assert np.isnan(cut.close[:2, 0]).all() and np.isfinite(cut.close[2:, 0]).all()
    assert np.isfinite(cut.close[:, 1]).all() and np.isfinite(HALVED.close).all()
    explained, _ = with_factors(HALVED, [Factor("ETERNAL", DAYS[2], 2.0)], [A])
    assert price_breaks(explained) == []


def test_a_break_inside_a_hole_is_found():
    (found,) = price_breaks(panel_of((200, 10), (NAN, 10), (NAN, 10), (90, 10)))
    assert (found.before, found.session) == (DAYS[0], DAYS[3])


def test_a_factor_list_is_read_and_its_mistakes_named(tmp_path: Path):
    path = tmp_path / "factors.csv"
    path.write_text("symbol,ex_date,divisor\nB,2026-04-07,2\n")
    assert read_factors(path) == [Factor("B", date(2026, 4, 7), 2.0)]
    path.write_text("symbol,ex_date,divisor\nB,2026-04-07,2\nB,2026-04-08,0\n")
    with pytest.raises(BadInput, match=r"factors.csv, line 3, column DIVISOR: found 0.0, expected"):
        read_factors(path)
    path.write_text("symbol,when,divisor\nB,2026-04-07,2\n")
    with pytest.raises(BadInput, match="found no column ex_date among SYMBOL, WHEN, DIVISOR"):
        read_factors(path)


@pytest.mark.realdata
def test_the_real_list_explains_most_breaks_of_the_real_prices(real_files):
    universe = load_universe(Path(__file__).resolve().parents[2] / "data" / "universe.csv")
    bars = read_bars(real_files / "prices/nse_sec_bhavdata_full_unadjusted_2019_2026.parquet")
    raw, _ = to_panel(bars, universe)
    listed = read_factors(real_files / "corporate_actions/implied_adjustment_factors_DERIVED.csv")
    panel, unknown = with_factors(raw, listed, universe)
    assert len(listed) == 67 and unknown == ()
    before, after = price_breaks(raw), price_breaks(panel)
    assert len(before) > 25 and len(after) < 15
    reliance = next(one.isin for one in universe if one.symbol == "RELIANCE")
    assert all(one.isin != reliance for one in after)
    assert price_breaks(without_breaks(panel, after)) == []
