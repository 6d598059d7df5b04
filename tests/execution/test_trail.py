"""Desk stops and trailing against good ticks and bad ones."""

from dataclasses import replace

import pytest

from core.domain.order import Purpose, Side
from core.domain.protection import ProtectionStatus
from core.execution.protect import begin
from core.execution.trail import (
    desk_leg_hit,
    desk_stop_hit,
    is_jump,
    is_unfillable,
    kept_target_hit,
    trail,
)
from tests.made import SHORT, a_plan, quote, rs

P = ProtectionStatus
TICK = rs("0.05")
LONG = a_plan()
SOLD = a_plan(side=Side.SELL, bracket=SHORT)


def armed(of=LONG, *, stop=None, status=P.ARMED_LOCAL):
    return replace(begin(of), status=status, qty=100, stop=stop or of.bracket.stop)


@pytest.mark.parametrize(
    ("ltp", "leg"),
    [("480.05", None), ("480", Purpose.STOP), ("470", Purpose.STOP), ("540", Purpose.TARGET)],
)
def test_the_desk_stop_is_hit_at_its_price(ltp, leg):
    assert desk_leg_hit(armed(), quote(ltp)) is leg
    assert desk_stop_hit(armed(), quote(ltp)) is (leg is Purpose.STOP)


def test_a_short_is_stopped_above():
    assert desk_leg_hit(armed(SOLD), quote("520")) is Purpose.STOP
    assert desk_leg_hit(armed(SOLD), quote("460")) is Purpose.TARGET
    assert desk_leg_hit(armed(SOLD), quote("500")) is None


def test_only_a_desk_stop_that_stands_can_be_hit():
    assert not desk_stop_hit(armed(status=P.VERIFIED), quote("470"))
    assert desk_stop_hit(armed(status=P.STOP_FAILED), quote("470"))
    assert not desk_stop_hit(replace(armed(), qty=0), quote("470"))


@pytest.mark.parametrize("status", [P.PLACED, P.VERIFIED])
def test_a_kept_target_is_hit_beside_a_stop_that_rests_alone(status):
    assert not kept_target_hit(armed(status=status), quote("539.95"))
    assert kept_target_hit(armed(status=status), quote("540"))
    assert not kept_target_hit(armed(status=status), quote("470"))  # the broker's stop sells
    assert kept_target_hit(armed(SOLD, status=status), quote("460"))
    assert not kept_target_hit(replace(armed(status=status), qty=0), quote("540"))
    assert not kept_target_hit(armed(status=status), quote("600"), previous=rs("500"))


def test_a_target_under_the_desks_own_stop_is_not_told_twice():
    assert not kept_target_hit(armed(status=P.ARMED_LOCAL), quote("540"))


def test_one_wild_tick_sells_nothing_and_the_next_at_that_price_does():
    # 400 is 20 % under the tick before; when 401 follows it is no jump any more
    assert not desk_stop_hit(armed(), quote("400"), previous=rs("500"))
    assert desk_stop_hit(armed(), quote("401"), previous=rs("400"))


def test_a_jump_is_more_than_fifteen_percent():
    assert not is_jump(rs("575"), rs("500"))
    assert is_jump(rs("575.05"), rs("500"))
    assert not is_jump(rs("575"), rs("0"))


def test_without_bids_a_long_cannot_be_sold():
    assert is_unfillable(armed(), quote("450", bid_qty=0))
    assert not is_unfillable(armed(), quote("450"))
    assert is_unfillable(armed(SOLD), quote("550", ask_qty=0))


def test_the_stop_follows_the_best_price_by_its_distance():
    # best 530 less 15 is 515
    assert trail(LONG, armed(), quote("528"), best=rs("530"), tick=TICK) == rs("515")
    # 530.03 less 15 is 515.03, down to the tick
    assert trail(LONG, armed(), quote("528"), best=rs("530.03"), tick=TICK) == rs("515")


def test_a_short_follows_down():
    # best 470 plus 15 is 485
    assert trail(SOLD, armed(SOLD), quote("472"), best=rs("470"), tick=TICK) == rs("485")


def test_a_trail_in_percent_grows_with_the_best_price():
    plan = a_plan(bracket=replace(LONG.bracket, trail_bps=300))
    # 3 % of 530 is 15.90 and of 535 is 16.05, down to the tick
    assert trail(plan, armed(), quote("528"), best=rs("530"), tick=TICK) == rs("514.10")
    assert trail(plan, armed(), quote("533"), best=rs("535"), tick=TICK) == rs("518.95")
    sold = a_plan(side=Side.SELL, bracket=replace(SOLD.bracket, trail_bps=300))
    assert trail(sold, armed(SOLD), quote("472"), best=rs("470"), tick=TICK) == rs("484.10")


def test_trailing_begins_where_the_card_says():
    assert trail(LONG, armed(), quote("519"), best=rs("519.95"), tick=TICK) is None


def test_a_stop_is_never_loosened():
    tight = armed(stop=rs("515"))
    assert trail(LONG, tight, quote("528"), best=rs("530"), tick=TICK) is None
    assert trail(LONG, tight, quote("528"), best=rs("525"), tick=TICK) is None


def test_a_stop_is_never_set_at_or_above_the_market():
    # 530 less 15 is 515, and the last trade 516 leaves 0.19 %, under 0.25 %
    assert trail(LONG, armed(), quote("516"), best=rs("530"), tick=TICK) is None
    assert trail(LONG, armed(), quote("510"), best=rs("530"), tick=TICK) is None


def test_a_spike_tightens_nothing():
    spike = quote("600")  # 20 % over the previous close and over the tick before
    assert trail(LONG, armed(), spike, best=rs("600"), tick=TICK) is None
    assert trail(LONG, armed(), spike, best=rs("600"), tick=TICK, previous=rs("505")) is None
    # the spike stays in `best` after the price came back: 600 against 505
    assert trail(LONG, armed(), quote("505"), best=rs("600"), tick=TICK) is None


def test_no_trail_rule_and_no_shares_mean_no_trail():
    none = a_plan(bracket=replace(LONG.bracket, trail=rs("0")))
    assert trail(none, armed(), quote("528"), best=rs("530"), tick=TICK) is None
    empty = replace(armed(), qty=0)
    assert trail(LONG, empty, quote("528"), best=rs("530"), tick=TICK) is None
