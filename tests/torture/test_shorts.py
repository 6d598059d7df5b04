"""Scenarios of short sales within the day: a stop order above that buys back, a target below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.brokers.fake import Verb
from core.desk.booked import held_qty
from core.desk.books import book, standing
from core.desk.fund import take_money
from core.desk.give import closings_elsewhere, give_to_plan
from core.desk.kill import set_level
from core.desk.partial_exit import exit_part
from core.desk.settle import settle
from core.domain.card import Leg
from core.domain.clock import ist_day
from core.domain.ledger import REALISED
from core.domain.order import Order, OrderStatus, OrderType, Product, Purpose, Side, Validity
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused, BadInput
from core.exchange.values import Ticket
from core.store import quotes
from core.views.cash_lines import books_of
from tests.desk.morning import ACCOUNT, a_card, lets_short
from tests.made import MIDCO, SHORT, rs
from tests.torture.stage import Killed, Stage

P = ProtectionStatus
STRIDE = 12  # of the boundaries; another lot begins at another one
SELL = (Leg(Side.SELL, 100, Product.MIS),)


def short_card(stage: Stage, **changes: object) -> Order:
    """Approve 100 MIDCO to be sold short."""
    fields = {"legs": SELL, "bracket": SHORT, "horizon_sessions": 0}
    card = a_card(stage.clock, **(fields | {"mandate_version": lets_short(stage.desk)} | changes))
    return stage.approve(stage.put(card))


def shorted(stage: Stage, *, size: int = 400, **changes: object) -> Order:
    """A short position under a buy stop that was read back."""
    order = short_card(stage, **changes)
    stage.beat(size=size)
    return order


def stops(stage: Stage) -> list[Order]:
    """Stop orders of the desk, newest first."""
    return [one for one in stage.orders() if one.is_stop_order]


def at_broker(stage: Stage) -> list[tuple[Side, int, int, str]]:
    """(side, shares left, trigger in paise, word) of each working stop order."""
    return [
        (one.side, one.qty - one.filled_qty, one.trigger.paise, one.broker_status)
        for one in stage.paper.orders()
        if one.status is OrderStatus.OPEN and one.trigger is not None
    ]


def resting(qty: int, trigger: int = 52_000) -> list[tuple[Side, int, int, str]]:
    return [(Side.BUY, qty, trigger, "TRIGGER PENDING")]


def test_a_short_fill_rests_under_a_buy_stop_of_its_size_that_was_read_back(stage: Stage):
    shorted(stage)
    cover = stage.cover()
    assert (cover.status, cover.owner, cover.qty) == (P.VERIFIED, Owner.EXCHANGE_SL, 100)
    assert stage.shares() == {MIDCO.isin: -100}
    assert at_broker(stage) == resting(100)
    [stop] = stops(stage)
    assert (stop.purpose, stop.order_type, stop.side) == (Purpose.STOP, OrderType.SL, Side.BUY)
    assert stop.limit_price == rs("535.60")  # 3 % through, in the band of 550
    assert stage.plan().status is PlanStatus.HOLDING


def is_flat(stage: Stage) -> bool:
    return (stage.shares(), stage.paper.holdings()) == ({}, {})


def closers(stage: Stage) -> list[Purpose]:
    return [one.purpose for one in stage.sales() if one.closes]


def test_the_stop_that_fires_buys_back_once_and_books_the_loss(stage: Stage):
    shorted(stage)
    stage.beat("521", times=3)
    assert is_flat(stage)
    assert closers(stage) == [Purpose.STOP]
    assert (stage.plan().status, stage.cover().status) == (PlanStatus.CLOSED, P.RELEASED)
    # sold at 499.95 and bought back at 521.05: a debit stands positive
    assert stage.cash(REALISED) == rs("2110")


def test_a_short_keeps_its_proceeds_and_its_worth_from_every_other_trade(stage: Stage):
    free = stage.cash()
    shorted(stage)
    with stage.desk.store.read() as tx:
        prices = quotes.of(tx, [MIDCO.isin])
        now = standing(tx, ACCOUNT.id, prices)
        today = ist_day(stage.clock.now())
        held = book(
            tx, ACCOUNT.id, prices=prices, instruments={}, level=KillLevel.NORMAL, since=today
        )
    charges = free + rs("49995") - now.cash
    assert now.blocked == rs("99995")  # 49,995 got and 50,000 to buy back now
    assert held.cash_free == free - charges - rs("50000")
    assert now.equity == free - charges - rs("5")
    [one] = held.positions
    assert (one.qty, one.value, one.at_risk) == (-100, rs("50000"), rs("2000"))
    assert held.gross == pytest.approx(50_000 / (now.equity.paise / 100))


def test_partial_fills_enlarge_the_same_buy_stop(stage: Stage):
    shorted(stage, size=120)  # 30 a tick
    assert at_broker(stage) == resting(30)
    stage.beat(size=120)
    assert at_broker(stage) == resting(60)
    stage.beat(size=120, times=2)
    assert at_broker(stage) == resting(100)
    assert (len(stops(stage)), stage.cover().status) == (1, P.VERIFIED)


def test_the_target_below_is_the_desks_and_the_stop_goes_first(stage: Stage):
    shorted(stage)
    stage.beat("460", times=3)
    assert is_flat(stage)
    assert [one.status for one in stops(stage)] == [OrderStatus.CANCELLED]
    assert closers(stage) == [Purpose.EXIT]
    assert stage.cash(REALISED) < rs("-3900")  # a gain of about 40 a share


def test_a_person_leaves_while_the_stop_fires_and_it_buys_back_once(stage: Stage):
    shorted(stage)
    stage.leave()
    stage.tick("521")
    stage.work()
    stage.beat("521", times=3)
    assert is_flat(stage)
    assert closers(stage) == [Purpose.STOP]


def test_a_trail_comes_down_with_the_price_and_never_goes_up_again(stage: Stage):
    bracket = replace(SHORT, trail=rs("10"), trail_from=rs("490"))
    shorted(stage, bracket=bracket)
    stage.broker.accept_then_timeout(Verb.MODIFY)
    stage.beat("480", times=3)
    assert at_broker(stage) == resting(100, 49_000)
    stage.clock.pass_seconds(61)
    stage.beat("470", times=3)
    assert at_broker(stage) == resting(100, 48_000)
    stage.clock.pass_seconds(61)
    stage.beat("475", times=3)
    assert at_broker(stage) == resting(100, 48_000)
    assert (len(stops(stage)), stage.cover().status) == (1, P.VERIFIED)


def test_a_part_is_bought_back_after_its_stop_was_made_smaller(stage: Stage):
    shorted(stage)
    exit_part(stage.desk, stage.plan().id, 40, reason="half", by="me")
    stage.beat(times=4)
    assert stage.paper.holdings() == {MIDCO.isin: -60}
    assert at_broker(stage) == resting(60)
    assert stage.cover().status is P.VERIFIED


def test_a_stop_that_is_refused_leaves_the_desk_stop_which_buys_back(stage: Stage):
    short_card(stage)
    stage.tick("500", size=0)
    stage.work()
    stage.broker.refuse("RMS: blocked for MIS", Verb.PLACE)
    stage.beat(size=400)
    assert stage.cover().status is P.ARMED_LOCAL
    assert any("no broker stop" in said for said in stage.alarms())
    stage.beat("521", times=4)
    assert is_flat(stage)


def test_a_lost_answer_to_the_buy_stop_is_found_by_its_tag_and_never_sent_twice(stage: Stage):
    short_card(stage)
    stage.tick("500", size=0)
    stage.work()
    stage.broker.accept_then_timeout(Verb.PLACE)
    stage.beat(size=400, times=2)
    stage.beat(times=3)
    assert at_broker(stage) == resting(100)
    assert (len(stops(stage)), stage.cover().status) == (1, P.VERIFIED)


def test_a_stop_rejected_after_its_answer_or_taken_away_is_placed_again(stage: Stage):
    shorted(stage)
    [known] = [one for one in stage.paper.orders() if one.trigger is not None]
    stage.paper.turn_down(known.broker_order_id, "16419: order not allowed")
    stage.beat(times=3)
    assert at_broker(stage) == resting(100)
    known = next(one for one in stage.paper.orders() if one.status is OrderStatus.OPEN)
    stage.paper.cancel(known.broker_order_id)
    stage.beat(times=3)
    assert at_broker(stage) == resting(100)


def test_a_buy_stop_behind_a_gap_is_followed_upwards_as_one_order(stage: Stage):
    shorted(stage)
    stage.beat("542", times=1)  # above its limit of 535.60
    assert stage.paper.holdings() == {MIDCO.isin: -100}
    stage.beat("542", times=12)
    assert is_flat(stage)
    assert closers(stage) == [Purpose.STOP]
    assert len(stage.sales()) == 1


def test_an_upper_circuit_leaves_the_short_unfillable_with_an_alarm_until_sellers_come(
    stage: Stage,
):
    shorted(stage)
    stage.beat("549.95", times=6, ask_qty=0)
    assert stage.cover().status is P.UNFILLABLE
    assert stage.paper.holdings() == {MIDCO.isin: -100}
    [told] = [said for said in stage.alarms() if "cannot be bought back now" in said]
    assert "there are no offers at ₹549.95" in told
    stage.beat("549", times=3)
    assert is_flat(stage)
    assert len(stage.sales()) == 1


def test_half_bought_back_by_phone_within_the_day_makes_the_stop_smaller(stage: Stage):
    shorted(stage)
    by_phone(stage, Side.BUY, 50, Product.MIS)
    stage.beat(times=3)
    assert at_broker(stage) == resting(50)
    stage.leave()
    stage.beat(times=3)
    assert stage.paper.holdings() == {}


def test_a_purchase_by_phone_for_delivery_leaves_the_short_and_its_stop_as_they_are(stage: Stage):
    shorted(stage)
    by_phone(stage, Side.BUY, 50, Product.CNC)
    stage.beat(times=3)
    assert at_broker(stage) == resting(100)
    stage.leave()
    stage.beat(times=3)
    assert stage.paper.holdings() == {MIDCO.isin: 50}
    assert stage.shares() == {}


def by_phone(stage: Stage, side: Side, qty: int, product: Product) -> None:
    ticket = Ticket("", MIDCO.isin, "MIDCO", side, qty, OrderType.MARKET, product, Validity.DAY,
                    None, None)  # fmt: skip
    stage.paper.place_ticket(ticket)


def test_a_share_is_held_one_way_on_a_login(stage: Stage):
    other = stage.second_account()
    shorted(stage)
    long = {"account_id": other, "account_name": "Second"}
    for product in (Product.CNC, Product.MIS):
        legs = (Leg(Side.BUY, 10, product),)
        with pytest.raises(ApprovalRefused, match="MIDCO: Event tactical is short in it on this"):
            stage.another(f"cd-{product}", legs=legs, **long)
    stage.leave()
    stage.beat(times=3)
    stage.another("cd3", legs=(Leg(Side.BUY, 10, Product.CNC),), **long)
    stage.beat()
    with pytest.raises(ApprovalRefused, match="MIDCO: Second buys it on this login"):
        short_card(stage, id="cd4")
    assert [one.qty for one in stage.paper.orders()] == [100, 100, 100, 10]


def test_what_the_owner_holds_past_the_desk_is_not_sold_short_beside(stage: Stage):
    stage.by_phone(Side.BUY, 7)
    stage.beat(times=2)
    with pytest.raises(ApprovalRefused, match="what was done elsewhere has 7 shares on this login"):
        short_card(stage)


def test_the_rest_of_a_partial_short_taken_back_leaves_a_stop_of_what_was_sold(stage: Stage):
    shorted(stage, size=120)
    [entry] = [one for one in stage.paper.orders() if one.trigger is None]
    stage.paper.cancel(entry.broker_order_id)
    stage.beat(size=0, times=3)
    assert (stage.shares(), at_broker(stage)) == ({MIDCO.isin: -30}, resting(30))
    assert stage.cover().status is P.VERIFIED
    assert stage.reserved() == rs("0")


def test_a_purchase_by_phone_counts_as_the_shorts_own_when_a_person_says_so(stage: Stage):
    shorted(stage)
    by_phone(stage, Side.BUY, 100, Product.CNC)
    by_phone(stage, Side.BUY, 100, Product.MIS)
    stage.beat(times=3)
    plan = stage.plan()
    with stage.desk.store.read() as tx:
        assert held_qty(tx, plan.id) == 0
        [made] = closings_elsewhere(tx, plan)
    order = give_to_plan(stage.desk, made.id, plan.id, because="my order", by="me")
    assert (order.side, order.qty) == (Side.BUY, 100)
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.CLOSED)
    assert stage.paper.holdings() == {MIDCO.isin: 100}


def test_a_halt_takes_the_rest_of_a_short_entry_back_and_keeps_its_stop(stage: Stage):
    shorted(stage, size=120)
    set_level(stage.desk, KillLevel.HALT, reason="test", by="me")
    stage.beat(size=120, times=3)
    assert stage.paper.holdings() in ({MIDCO.isin: -30}, {MIDCO.isin: -60})
    assert at_broker(stage) == resting(-stage.shares()[MIDCO.isin])


def test_flatten_buys_back(stage: Stage):
    shorted(stage)
    set_level(stage.desk, KillLevel.FLATTEN, reason="test", by="me")
    stage.beat(times=4)
    assert is_flat(stage)


def test_what_the_owner_bought_between_click_and_send_stops_the_short(stage: Stage):
    order = short_card(stage)
    stage.by_phone(Side.BUY, 7)
    settle(stage.dealer)
    stage.beat(times=2)
    ended = stage.order(order.id)
    assert (ended.status, stage.paper.holdings()) == (OrderStatus.CANCELLED, {MIDCO.isin: 7})
    assert "what was done elsewhere has 7 shares on this login" in ended.reason
    assert stage.reserved() == rs("0")


def play(stage: Stage) -> None:
    """A short sale in pieces, bought back in part and let go."""
    short_card(stage)
    stage.beat(size=120, times=2)
    stage.beat(size=400, times=2)
    exit_part(stage.desk, stage.plan().id, 40, reason="half", by="me")
    stage.beat(times=3)
    stage.leave()
    stage.beat(times=3)


@pytest.mark.parametrize(
    "lot", [0, *(pytest.param(one, marks=pytest.mark.torture) for one in (1, 2, 3))]
)
def test_a_death_at_any_boundary_of_a_short_sale_leaves_one_owner_of_its_shares(
    stage_of: Callable[[], Stage], lot: int
):
    counted = stage_of()
    fuse = counted.kill_at(None)
    play(counted)
    assert counted.judge() == []
    for number in range(1 + lot * STRIDE, len(fuse.crossed) + 1, 4 * STRIDE):
        stage = stage_of()
        stage.kill_at(number)
        with pytest.raises(Killed):
            play(stage)
        stage.restart()
        stage.beat(times=3)
        stage.wait(150)
        if stage.plan().status is PlanStatus.HOLDING:
            stage.leave()
        stage.beat(times=4)
        where = f"killed at {fuse.crossed[number - 1]}, number {number}"
        assert stage.judge() == [], where
        assert (at_broker(stage), stage.paper.holdings()) == ([], {}), where


def test_what_a_short_sale_brought_can_be_neither_taken_out_nor_spent(stage: Stage):
    shorted(stage)
    free = stage.cash() - rs("99995")
    with pytest.raises(BadInput, match=f"has {free} free and"):
        take_money(stage.desk, ACCOUNT.id, free + rs("1"), reference="w1", by="me")
    with stage.desk.store.read() as tx:
        assert books_of(tx, "paper", [ACCOUNT], now=stage.clock.now()).free == free
    take_money(stage.desk, ACCOUNT.id, free, reference="w2", by="me")
    assert stage.cash() == rs("99995")
