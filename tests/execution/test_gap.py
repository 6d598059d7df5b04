"""What a gap beyond the stop costs, by hand."""

from __future__ import annotations

from core.domain.allocation import Bracket
from core.domain.instrument import PriceBand
from core.domain.money import Money
from core.domain.order import Side
from core.exchange.matching import child_of
from core.exchange.rules import Rules
from core.exchange.values import Gtt, GttLeg
from core.execution.gap import gap_losses, stop_limit
from tests.made import BRACKET, T0, a_gtt, rs

TICK = Money(5)


def ten_rupees(side: Side, price: Money) -> Money:
    """Charges that can be added in the head."""
    return rs("10")


def test_the_loss_counts_from_the_opening_price_with_both_charges():
    found = gap_losses(BRACKET, side=Side.BUY, qty=100, tick=TICK, costs=ten_rupees)
    # bought at 505, stop 480: 5 % below opens at 456.00, 10 % at 432.00, 20 % at 384.00
    assert [one.opens_at for one in found] == [rs("456"), rs("432"), rs("384")]
    # (505 - 456) x 100 + 20, and so on
    assert [one.loss for one in found] == [rs("4920"), rs("7320"), rs("12120")]


def test_an_opening_beyond_the_fired_orders_limit_has_to_be_followed():
    found = gap_losses(BRACKET, side=Side.BUY, qty=100, tick=TICK, costs=ten_rupees)
    assert stop_limit(rs("480"), Side.SELL, tick=TICK) == rs("465.60")
    assert [one.limit_reaches for one in found] == [False, False, False]


def test_a_short_loses_when_the_share_opens_above_its_stop():
    short = Bracket(
        entry_low=rs("495"), entry_high=rs("505"), stop=rs("520"), target=rs("460"),
        trail=rs("10"), trail_from=rs("480"),
    )  # fmt: skip
    found = gap_losses(short, side=Side.SELL, qty=10, tick=TICK, costs=ten_rupees)
    # 5 % above 520 is 546.00: (546 - 495) x 10 + 20
    assert (found[0].opens_at, found[0].loss) == (rs("546"), rs("530"))
    assert stop_limit(rs("520"), Side.BUY, tick=TICK) == rs("535.60")


def test_the_stated_limit_is_the_one_the_exchange_sends_inside_a_wide_band():
    pair = a_gtt()
    assert stop_limit(pair.stop, pair.side, tick=TICK) == rs("465.60")
    resting = Gtt("g1", pair.isin, pair.symbol, pair.side, pair.qty, pair.product, pair.stop,
                  pair.target, placed_at=T0)  # fmt: skip
    wide = PriceBand(rs("400"), rs("600"))
    child = child_of(resting, GttLeg.STOP, band=wide, tick=TICK, rules=Rules())
    assert child.limit == rs("465.60")
    narrow = PriceBand(rs("475"), rs("525"))
    held = child_of(resting, GttLeg.STOP, band=narrow, tick=TICK, rules=Rules())
    assert held.limit == rs("475")
