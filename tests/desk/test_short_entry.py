"""A short sale from the click to the send: its plan, its margin, its guardrails once more.

The card sells 100 MIDCO short between 495 and 505 with a stop at 520 and a target at 460; the
account's mandate holds within the day and allows it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.send import send_prepared
from core.domain.card import Card, CardStatus, Leg
from core.domain.instrument import Series, Surveillance
from core.domain.mandate import Holding
from core.domain.money import ZERO
from core.domain.order import OrderStatus, Product, Side
from core.domain.plan import PlanStatus
from core.domain.signal import Regime
from core.errors import ApprovalRefused, BadInput
from core.store import instruments, mandates
from tests.desk.morning import ACCOUNT, Morning, a_card
from tests.made import MIDCO, SHORT, rs

# sold at 495: brokerage 14.85, STT 12.38, exchange 1.52, SEBI 0.05, GST 2.96: 31.76, 0.32 a share
MARGIN = rs("49532")


@pytest.fixture
def shorting(morning: Morning) -> Morning:
    """The account may sell short since this morning."""
    sign(morning, version=2, holding=Holding.DAY, shorts=True)
    return morning


def sign(morning: Morning, **changes: object) -> None:
    with morning.desk.store.write() as tx:
        mandates.put(tx, replace(mandates.current(tx, ACCOUNT.id), **changes))


def short_card(morning: Morning) -> Card:
    card = a_card(morning.clock, bracket=SHORT)
    return replace(
        card,
        legs=(Leg(Side.SELL, 100, Product.MIS),),
        horizon_sessions=0,
        mandate_version=2,
        playbook="weakness, sold short",
        signal=replace(card.signal, direction=-1, edge=0.0, has_vote=False),
        meta_label=replace(card.meta_label, has_vote=False, regime=Regime.BEAR),
    )


def test_a_click_on_a_short_makes_a_sale_at_the_foot_of_its_band(shorting: Morning):
    order = shorting.approve(shorting.put(short_card(shorting)))
    assert (order.side, order.qty, order.product) == (Side.SELL, 100, Product.MIS)
    assert order.limit_price == rs(495)
    plan = shorting.plan()
    assert (plan.side, plan.bracket, plan.status) == (Side.SELL, SHORT, PlanStatus.ENTERING)
    assert plan.time_exit_on == plan.opened_at.date()


def test_margin_for_the_whole_worth_is_set_aside_at_the_click(shorting: Morning):
    shorting.approve(shorting.put(short_card(shorting)))
    assert shorting.reserved() == MARGIN
    shorting.books_are_clean()


@pytest.mark.parametrize("price", ["494.95", "505.05"])
def test_a_click_beyond_either_end_of_the_band_is_refused(shorting: Morning, price: str):
    card = shorting.put(short_card(shorting))
    shorting.tick(price)
    with pytest.raises(ApprovalRefused, match="outside the card's"):
        shorting.approve(card)
    assert shorting.reserved() == ZERO


def test_a_bid_below_the_band_is_refused_though_the_last_trade_stands_in_it(shorting: Morning):
    card = shorting.put(short_card(shorting))
    shorting.tick("495")  # bid 494.95
    with pytest.raises(ApprovalRefused, match=r"bid .*494.* is below the approved band"):
        shorting.approve(card)


def test_a_short_passes_every_guardrail_and_leaves_once(shorting: Morning):
    shorting.approve(shorting.put(short_card(shorting)))
    [sent] = send_prepared(shorting.dealer)
    assert sent.status in (OrderStatus.OPEN, OrderStatus.FILLED), sent.reason
    assert shorting.card().status is CardStatus.ORDERED
    assert send_prepared(shorting.dealer) == []


def test_the_cash_floor_is_held_against_the_top_of_the_band_at_the_click(shorting: Morning):
    # 20,00,000 less the floor leaves 50,500; the top of the band takes 50,500 and 120 of charges
    sign(shorting, cash_floor=rs("1949500"), version=3)
    card = shorting.put(replace(short_card(shorting), mandate_version=3))
    with pytest.raises(
        ApprovalRefused, match=r"need \u20b950,620.00 and \u20b950,500.00 is deployable"
    ):
        shorting.approve(card)
    assert send_prepared(shorting.dealer) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        # 50,500 of 20,00,000 is 2.525 %, and 2,500 to the stop 0.125 %
        ({"position_weight_max": 0.025}, "MIDCO after the trade: 2.53 % of a limit of 2.50 %"),
        ({"sector_weight_max": 0.025, "position_weight_max": 0.025}, "Chemicals after the trade"),
        ({"gross_exposure_max": 0.025}, "All positions after the trade: 2.53 %"),
        ({"risk_per_trade_max": 0.0012}, "loses \u20b92,500.00: 0.13 % of a limit of 0.12 %"),
        # 550 x 1.2 - 495 = 165 a share, 16,500 of 20,00,000; 100 of a median million shares
        ({"drawdown_max": 0.008, "daily_loss_max": 0.008}, "0.83 % of a limit of 0.80 %"),
        ({"volume_share_max": 0.00005}, "100 shares are 0.010 % of a median day"),
    ],
)
def test_every_limit_counts_a_short_at_the_send_as_it_would_a_purchase(
    shorting: Morning, change: dict[str, object], words: str
):
    sign(shorting, version=3, **change)
    shorting.approve(shorting.put(replace(short_card(shorting), mandate_version=3)))
    refused_at_the_send(shorting, words)


def refused_at_the_send(morning: Morning, words: str) -> None:
    [ended] = send_prepared(morning.dealer)
    assert ended.status is OrderStatus.CANCELLED and words in ended.reason
    assert morning.card().status is CardStatus.REFUSED
    assert morning.reserved() == ZERO
    assert morning.shares() == {}


def test_shorts_taken_out_of_the_mandate_after_the_click_stop_the_send(shorting: Morning):
    shorting.approve(shorting.put(short_card(shorting)))
    sign(shorting, version=3, shorts=False)
    refused_at_the_send(shorting, "The signal does not point up")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"series": Series.BE}, "series BE"),
        ({"surveillance": Surveillance.ASM}, "brokers take no intraday order"),
        ({"surveillance": Surveillance.GSM}, "GSM list"),
    ],
)
def test_a_share_that_may_not_be_sold_short_by_now_stops_the_send(
    shorting: Morning, change: dict[str, object], words: str
):
    shorting.approve(shorting.put(short_card(shorting)))
    with shorting.desk.store.write() as tx:
        instruments.put(tx, [replace(MIDCO, **change)])
    refused_at_the_send(shorting, words)


def test_no_short_is_approved_in_a_series_that_is_delivery_only(shorting: Morning):
    card = shorting.put(short_card(shorting))
    with shorting.desk.store.write() as tx:
        instruments.put(tx, [replace(MIDCO, series=Series.BZ)])
    with pytest.raises(ApprovalRefused, match="series BZ is delivery only"):
        shorting.approve(card)


def test_a_short_whose_levels_are_those_of_a_purchase_is_no_plan(shorting: Morning):
    card = short_card(shorting)
    turned = replace(card, bracket=replace(SHORT, stop=rs(480), target=rs(540)))
    with pytest.raises(BadInput, match="are those of a BUY"):
        shorting.approve(shorting.put(turned))
    assert shorting.orders() == []
