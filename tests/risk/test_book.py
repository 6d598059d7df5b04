"""One look at an account, the lines that stop it, and what if."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.domain.mandate import Objective
from core.domain.money import ZERO, Money
from core.domain.risk import DESK, KillLevel
from core.mandates.defaults import default_mandate
from core.risk.book import Line, combine, drawdown, high_water, snapshot
from core.risk.levels import breaches, desk_breaches, stricter
from core.risk.scenarios import gap_loss, scenarios

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
MANDATE = default_mandate("tactical", Objective.BALANCED, signed_at=AT)  # day 1.5 %, drawdown 10 %


def rs(amount: int) -> Money:
    return Money.rupees(amount)


def a_line(**changes: object) -> Line:
    base = Line("INE002A01018", "RELIANCE", "Energy", 100, rs(1000), rs(98_000), rs(950), 100)
    return replace(base, **changes)


def a_look(**changes):
    given = {
        "scope": "tactical", "at": AT, "lines": [a_line()], "cash": rs(100_000),
        "funded": rs(190_000), "day_start": rs(201_000), "peak": rs(210_000), "vol": 0.2,
        "level": KillLevel.NORMAL,
    }  # fmt: skip
    return snapshot(**{**given, **changes})


def test_a_look_adds_up():
    look = a_look()
    assert (look.equity, look.invested, look.cash) == (rs(200_000), rs(100_000), rs(100_000))
    assert look.at_risk == rs(5_000)
    assert (look.day_pnl, look.total_pnl) == (rs(-1_000), rs(10_000))
    assert look.day_return == pytest.approx(-1 / 201)
    assert look.drawdown == pytest.approx(-1 / 21)
    assert look.gross_exposure == pytest.approx(0.5)
    assert look.sectors == (("Energy", 0.5),)
    assert look.unprotected == 0


def test_shares_without_a_stop_risk_all_they_are_worth():
    assert a_line(stop=None).at_risk == rs(100_000)
    assert a_line(covered=60).at_risk == rs(60 * 50 + 40 * 1000)
    assert a_line(stop=rs(1100)).at_risk == ZERO
    assert a_look(lines=[a_line(covered=99), a_line(stop=None), a_line()]).unprotected == 2


def test_a_short_position_risks_what_lies_below_its_stop_and_counts_as_exposure():
    short = {"qty": -100, "cost": rs(-102_000)}
    assert a_line(stop=rs(1_050), **short).at_risk == rs(5_000)
    assert a_line(stop=rs(990), **short).at_risk == ZERO  # trailed below the price
    assert a_line(stop=None, **short).at_risk == rs(100_000)
    look = a_look(lines=[a_line(stop=rs(1_050), **short)], cash=rs(300_000))
    assert (look.equity, look.invested) == (rs(200_000), rs(-100_000))
    assert look.gross_exposure == pytest.approx(0.5)
    assert look.sectors == (("Energy", 0.5),)  # as guardrails count it


def test_an_empty_account_is_all_zeros():
    look = a_look(lines=[], cash=ZERO, funded=ZERO, day_start=ZERO, peak=ZERO)
    assert (look.day_return, look.drawdown, look.gross_exposure) == (0.0, 0.0, 0.0)


def test_the_desk_is_the_sum_of_its_accounts():
    other = a_line(sector="IT")
    both = combine(
        [a_look(), a_look(lines=[other, a_line()])],
        at=AT, peak=rs(500_000), vol=0.2, level=KillLevel.NORMAL,
    )  # fmt: skip
    assert both.scope == DESK and both.equity == rs(500_000)
    assert dict(both.sectors) == pytest.approx({"Energy": 0.4, "IT": 0.2})
    assert both.gross_exposure == pytest.approx(0.6)
    assert both.day_pnl == rs(98_000)
    assert both.day_return == pytest.approx(98 / 402)


def test_the_peak_moves_with_money_paid_in_and_out():
    assert high_water(rs(100), equity=rs(90)) == rs(100)
    assert high_water(rs(100), equity=rs(140), flow=rs(50)) == rs(150)
    assert drawdown(rs(90), rs(100)) == pytest.approx(-0.10)


@pytest.mark.parametrize(
    ("lost", "level"),
    [
        (0.0104, None),
        (0.0106, KillLevel.PAUSE),
        (0.0149, KillLevel.PAUSE),
        (0.0151, KillLevel.REDUCE),
    ],
)
def test_the_days_loss_pauses_at_seventy_percent_and_reduces_at_the_limit(lost, level):
    look = replace(a_look(), day_return=-lost, drawdown=0.0)
    found = breaches(look, MANDATE, vol_now=0.2, vol_usual=0.2)
    assert [breach.level for breach in found] == ([level] if level else [])


@pytest.mark.parametrize(
    ("depth", "level"), [(0.079, None), (0.081, KillLevel.PAUSE), (0.10, KillLevel.HALT)]
)
def test_drawdown_pauses_then_halts(depth, level):
    look = replace(a_look(), day_return=0.0, drawdown=-depth)
    found = breaches(look, MANDATE, vol_now=float("nan"), vol_usual=0.2)
    assert [breach.level for breach in found] == ([level] if level else [])


def test_a_volatility_spike_pauses_and_says_how_many_times():
    look = replace(a_look(), day_return=0.0, drawdown=0.0)
    assert breaches(look, MANDATE, vol_now=0.39, vol_usual=0.2) == ()
    (spike,) = breaches(look, MANDATE, vol_now=0.50, vol_usual=0.2)
    assert spike.level is KillLevel.PAUSE
    assert "50 % a year, 2.5 times the usual 20 %" in spike.sentence
    assert breaches(look, MANDATE, vol_now=0.5, vol_usual=0.0) == ()


def test_the_desk_has_lines_of_its_own():
    look = replace(a_look(), scope=DESK, day_return=-0.016, drawdown=-0.13)
    assert [b.level for b in desk_breaches(look)] == [KillLevel.REDUCE, KillLevel.HALT]


def test_a_level_never_comes_down_by_itself():
    look = replace(a_look(), day_return=-0.011, drawdown=0.0)
    found = breaches(look, MANDATE, vol_now=0.2, vol_usual=0.2)
    assert stricter(KillLevel.NORMAL, found) is KillLevel.PAUSE
    assert stricter(KillLevel.HALT, found) is KillLevel.HALT
    assert stricter(KillLevel.REDUCE, ()) is KillLevel.REDUCE


def test_scenarios_count_the_stops_a_gap_goes_through():
    outcomes = {o.name: o for o in scenarios([a_line()], rs(200_000), betas={"INE002A01018": 0.5})}
    assert outcomes["Market −5 %"].pnl == rs(-2_500)
    assert outcomes["Market −5 %"].stops_hit == 0
    gap = outcomes["Every share gaps −10 %"]
    assert (gap.pnl, gap.stops_hit) == (rs(-10_000), 1)
    assert gap.of_equity == pytest.approx(-0.05)


def test_a_gap_costs_the_open_or_the_stop_whichever_is_worse():
    assert gap_loss(qty=100, entry=rs(1000), stop=rs(950), gap=-0.02) == rs(5_000)
    assert gap_loss(qty=100, entry=rs(1000), stop=rs(950), gap=-0.20) == rs(20_000)


def test_a_book_with_a_short_is_looked_at_with_every_move_turned_upwards_too():
    # 100 sold short at a mark of 1,000 with a stop at 1,050: 10 % up costs 10,000 of 2,00,000
    short = replace(a_line(), qty=-100, stop=rs(1_050))
    outcomes = {o.name: o for o in scenarios([short], rs(200_000))}
    assert outcomes["Every share gaps −10 %"].pnl == rs(10_000)
    assert outcomes["Every share gaps −10 %"].stops_hit == 0
    up = outcomes["Every share gaps +10 %"]
    assert (up.pnl, up.stops_hit) == (rs(-10_000), 1)
    assert outcomes["Market +5 %"].pnl == rs(-5_000)
    assert len(outcomes) == 10 and len(scenarios([a_line()], rs(200_000))) == 5


def test_a_gap_upwards_costs_a_short_the_open_or_the_stop_whichever_is_worse():
    assert gap_loss(qty=100, entry=rs(1000), stop=rs(1050), gap=0.02) == rs(5_000)
    assert gap_loss(qty=100, entry=rs(1000), stop=rs(1050), gap=0.20) == rs(20_000)


def test_a_short_counts_in_its_sector_as_a_purchase_does():
    bought, short = a_line(), replace(a_line(), isin="INE009A01021", qty=-100, stop=rs(1_050))
    look = a_look(lines=[bought, short], cash=rs(200_000))
    # 1,00,000 bought and 1,00,000 sold short of 2,00,000
    assert look.sectors == (("Energy", 1.0),) and look.invested == ZERO
    both = combine([look], at=AT, peak=rs(200_000), vol=0.2, level=KillLevel.NORMAL)
    assert both.sectors == (("Energy", 1.0),)
