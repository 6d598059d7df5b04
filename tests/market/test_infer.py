from datetime import date, timedelta

import numpy as np
import pytest

from core.domain.action import ActionKind
from core.market.infer import infer, market_moves
from core.panel import Panel

FIRST = date(2026, 6, 1)
SHARES, SESSIONS, EX = 6, 40, 30


def calm(*, shares: int = SHARES, seed: int = 7) -> Panel:
    """Shares at 100 that move half a percent a session, traded for ₹10 crore."""
    moves = np.random.default_rng(seed).normal(0, 0.005, (SESSIONS, shares))
    close = 100 * np.exp(np.cumsum(moves, axis=0))
    opens = np.vstack([close[:1], close[:-1]])
    return Panel(
        sessions=tuple(FIRST + timedelta(days=day) for day in range(SESSIONS)),
        isins=tuple(f"INE{share}" for share in range(shares)),
        open=opens,
        high=np.maximum(opens, close) * 1.004,
        low=np.minimum(opens, close) * 0.996,
        close=close,
        volume=1e9 / close,
        factor=np.ones((SESSIONS, shares)),
    )


def broken(divisor: float, *, crowd: float = 1.0, share: int = 0, row: int = EX) -> Panel:
    """The calm market with one share's prices divided from a session on; turnover times crowd."""
    panel = calm()
    for name in ("open", "high", "low", "close"):
        getattr(panel, name)[row:, share] /= divisor
    panel.volume[row:, share] *= divisor
    panel.volume[row, share] *= crowd
    return panel


@pytest.mark.parametrize(
    ("divisor", "kind", "ratio"),
    [
        (2.0, ActionKind.BONUS, (1, 1)),
        (1.5, ActionKind.BONUS, (1, 2)),
        (1.1, ActionKind.BONUS, (1, 10)),
        (5.0, ActionKind.SPLIT, (5, 1)),
        (10.0, ActionKind.SPLIT, (10, 1)),
        (0.1, ActionKind.CONSOLIDATION, (1, 10)),
        (1.75, ActionKind.DEMERGER, (0, 0)),
    ],
)
def test_a_break_is_snapped_to_the_ratio_it_looks_like(divisor, kind, ratio):
    (found,) = infer(broken(divisor))
    assert (found.kind, (found.new, found.old)) == (kind, ratio)
    assert found.divisor == pytest.approx(divisor, rel=0.03)
    assert found.ex_date == FIRST + timedelta(days=EX)
    assert found.confirmed_on == FIRST + timedelta(days=EX + 1)


def test_a_calm_market_suggests_nothing():
    assert infer(calm()) == []


def test_a_crash_that_everybody_trades_is_the_market():
    assert len(infer(broken(1.5, crowd=5))) == 1
    assert infer(broken(1.5, crowd=8)) == []
    assert infer(broken(1.1, crowd=3)) == []


def test_a_share_locked_at_its_band_is_the_market():
    panel = broken(1.25)
    for name in ("open", "high", "low"):
        getattr(panel, name)[EX, 0] = panel.close[EX, 0]
    assert infer(panel) == []


def test_a_bad_tick_is_gone_the_next_session():
    panel = calm()
    for name in ("open", "high", "low", "close"):
        getattr(panel, name)[EX, 0] /= 2
    assert infer(panel) == []


def test_an_open_that_the_close_takes_back_is_no_action():
    panel = calm()
    panel.open[EX, 0] /= 1.5
    panel.low[EX, 0] = panel.open[EX, 0]
    assert infer(panel) == []


def test_the_markets_own_move_is_taken_off_first():
    panel = calm()
    for name in ("open", "high", "low", "close"):
        getattr(panel, name)[EX:, :] *= 0.9
    assert infer(panel) == []  # everybody fell by a tenth
    for name in ("open", "high", "low", "close"):
        getattr(panel, name)[EX:, 0] /= 2
    panel.volume[EX:, 0] *= 2
    (found,) = infer(panel)
    assert found.divisor == 2.0


def test_a_small_break_on_a_wild_day_says_nothing():
    panel = broken(1.1)
    for name in ("open", "high", "low", "close"):
        getattr(panel, name)[EX:, :] *= 0.95
    assert infer(panel) == []


def test_a_hole_in_the_bars_hides_what_happened():
    panel = broken(2.0)
    for name in ("open", "high", "low", "close", "volume"):
        getattr(panel, name)[EX - 9 : EX, 0] = np.nan
    assert infer(panel) == []


def test_the_last_session_waits_for_the_next_one():
    panel = broken(2.0, row=SESSIONS - 1)
    assert infer(panel) == []


def test_a_factor_that_is_known_explains_the_break():
    panel = broken(2.0)
    panel.factor[:EX, 0] = 2.0
    assert infer(panel) == []


def test_a_known_dividend_explains_a_small_fall_and_no_large_one():
    paid = {("INE0", FIRST + timedelta(days=EX))}
    assert infer(broken(1.1), dividends=paid) == []
    assert len(infer(broken(2.0), dividends=paid)) == 1


def test_few_shares_say_nothing_about_the_market():
    gaps = np.full((2, 4), -0.1)
    assert market_moves(gaps).tolist() == [0, 0]
    assert market_moves(np.full((2, 5), -0.1)).tolist() == [-0.1, -0.1]
