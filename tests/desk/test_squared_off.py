"""A broker's own square-off, an order without a tag, against plans of several accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from core.desk.books import order_charges
from core.desk.exit import exit_position
from core.desk.reconcile import reconcile
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.trade_costs import trade_costs
from core.domain.account import Broker
from core.domain.card import Leg
from core.domain.charges import Security
from core.domain.clock import IST, ist_day
from core.domain.ledger import CASH, Transaction, TransactionKind, external_account
from core.domain.mandate import Objective
from core.domain.money import ZERO
from core.domain.order import Fill, OrderStatus, OrderType, Product, Side, Validity
from core.domain.plan import PlanStatus
from core.exchange.values import Ticket
from core.mandates.defaults import default_mandate
from core.store import accounts, audit, fills, hypotheses, ledger, mandates
from core.treasury import post
from tests.desk.morning import ACCOUNT, OPENING, Morning, a_card, work_exits
from tests.made import MIDCO, T0

NAMES = (ACCOUNT.id, "second", "third")


@pytest.fixture
def three(morning: Morning) -> Morning:
    """Thirty MIDCO for the day, ten in each of three accounts of one login."""
    for number, name in enumerate(NAMES, start=1):
        if name != ACCOUNT.id:
            _another(morning, name)
        _bought(morning, f"cd{number}", name)
    assert held(morning) == dict.fromkeys(NAMES, 10)
    return morning


def _another(morning: Morning, name: str) -> None:
    with morning.desk.store.write() as tx:
        accounts.put_account(tx, replace(ACCOUNT, id=name, name=name))
        mandates.put(tx, default_mandate(name, Objective.BALANCED, signed_at=T0))
        ledger.post(tx, post.deposit(account_id=name, amount=OPENING, at=T0, reference="opening"))


def _bought(morning: Morning, card: str, account: str) -> None:
    legs = (Leg(Side.BUY, 10, Product.MIS),)
    made = a_card(morning.clock, id=card, account_id=account, account_name=account, legs=legs,
                  horizon_sessions=0)  # fmt: skip
    morning.approve(morning.put(made))
    morning.tick("500")
    send_prepared(morning.dealer)
    settle(morning.dealer)


def squares_off(
    morning: Morning, qty: int, *, at: str = "15:20", size: int = 4_000, day: int = 23
) -> str:
    """The broker sells so many itself, a quarter of the size shown of them at once."""
    hour, minute = (int(part) for part in at.split(":"))
    then = datetime(2026, 11, day, hour, minute, tzinfo=IST)
    morning.clock.pass_seconds((then - morning.clock.now()).total_seconds() - 1)
    morning.tick("500", size=size)
    return morning.broker.paper.place_ticket(
        Ticket("", MIDCO.isin, "MIDCO", Side.SELL, qty, OrderType.MARKET, Product.MIS,
               Validity.DAY, None, None)
    )  # fmt: skip


def held(morning: Morning) -> dict[str, int]:
    """Shares of each bucket that is not empty."""
    names = [*NAMES, external_account("paper")]
    with morning.desk.store.read() as tx:
        return {name: one.qty for name in names for one in ledger.positions(tx, name)}


def of_broker(morning: Morning) -> list[Fill]:
    with morning.desk.store.read() as tx:
        done = fills.recent(tx)[::-1]
    return [one for one in done if morning.order(one.order_id).tag.startswith("SQUARED")]


def fees(morning: Morning) -> list[Transaction]:
    with morning.desk.store.read() as tx:
        return [one for name in NAMES for one in ledger.transactions(tx, name)
                if one.kind is TransactionKind.CHARGES]  # fmt: skip


def test_a_square_off_closes_each_plan_at_the_price_told_and_parts_one_fee(three: Morning):
    name = squares_off(three, 30)
    assert settle(three.dealer) == 3
    assert held(three) == {}
    assert {three.plan(f"cd{n}").status for n in (1, 2, 3)} == {PlanStatus.CLOSED}
    [told] = [one for one in three.broker.trades() if one.order_id == name]
    assert {(one.qty, one.price, one.trade_id) for one in of_broker(three)} == {
        (-10, told.price, told.trade_id)
    }
    assert sorted(one.postings[0].amount.paise for one in fees(three)) == [-1967, -1967, -1966]
    three.books_are_clean()


def test_what_the_broker_squares_off_ran_out_of_time_like_a_card_nobody_traded(morning: Morning):
    legs = (Leg(Side.BUY, 10, Product.MIS),)
    made = morning.put(a_card(morning.clock, legs=legs, horizon_sessions=0), with_belief=True)
    morning.approve(made)
    morning.tick("500")
    send_prepared(morning.dealer)
    settle(morning.dealer)
    squares_off(morning, 10)
    settle(morning.dealer)
    with morning.desk.store.read() as tx:
        belief = hypotheses.by_card(tx, made.id)
    assert belief is not None and (belief.taken, belief.outcome) == (True, "time")
    assert belief.pnl is not None and belief.pnl < ZERO  # bought and sold at 500, less charges


def test_its_charges_are_those_of_one_order_and_sum_to_the_paisa(three: Morning):
    """One order of ₹14,998.50 pays 0.03 %, once; three of a third would round three times."""
    name = squares_off(three, 30)
    settle(three.dealer)
    [told] = [one for one in three.broker.trades() if one.order_id == name]
    whole = order_charges(Broker.PAPER, product=Product.MIS, side=Side.SELL, qty=30,
                          price=told.price, on=ist_day(told.traded_at),
                          security=Security.SHARE)  # fmt: skip
    with three.desk.store.read() as tx:
        booked = [ledger.transaction(tx, f"trade:{f.exchange}:{f.order_id}:{f.trade_id}")
                  for f in of_broker(three)]  # fmt: skip
    for item, amount in whole.items:
        parts = [line.amount for one in booked if one for line in one.postings
                 if line.ledger == f"charges:{item}"]  # fmt: skip
        assert sum(part.paise for part in parts) == amount.paise, item


def test_what_each_plan_cost_holds_its_part_of_the_fee_and_adds_up_to_the_cash(three: Morning):
    squares_off(three, 30)
    settle(three.dealer)
    with three.desk.store.read() as tx:
        for number, name in enumerate(NAMES, start=1):
            plan = three.plan(f"cd{number}")
            done = fills.of_plan(tx, plan.id)
            costs = trade_costs({plan.id: done}, ledger.transactions(tx, name))[plan.id]
            gross = sum(-fill.qty * fill.price.paise for fill in done)
            gained = ledger.balance(tx, name, CASH) - OPENING
            assert gained.paise == gross - costs.paise
            assert costs.paise > 1966


def test_what_was_filled_is_shared_out_and_the_rest_stays_with_the_plans(three: Morning):
    squares_off(three, 30, size=80)
    settle(three.dealer)
    assert [one.qty for one in of_broker(three)].count(-7) == 2  # 20 of 30: 7, 7 and 6
    assert sorted(held(three).values()) == [3, 3, 4]
    settle(three.dealer)
    settle(three.dealer)
    assert sorted(held(three).values()) == [3, 3, 4]
    three.tick("500", size=4_000)
    settle(three.dealer)
    assert held(three) == {}
    assert len(fees(three)) == 3
    assert {one.status for one in three.orders() if one.tag.startswith("SQUARED")} == {
        OrderStatus.FILLED
    }


def test_one_that_ends_unfilled_is_told_of_each_plan(three: Morning):
    name = squares_off(three, 30, size=80)
    settle(three.dealer)
    three.broker.paper.cancel(name)
    settle(three.dealer)
    assert sorted(held(three).values()) == [3, 3, 4]
    assert sum(said.startswith("MIDCO: order orpaper-") for said in three.alarms()) == 3
    assert three.plan("cd1").status is PlanStatus.HOLDING


def test_shares_beyond_what_the_plans_hold_are_elsewhere_and_the_trades_agree(three: Morning):
    squares_off(three, 35)
    settle(three.dealer)
    assert held(three) == {external_account("paper"): -5}
    assert three.plan("cd3").status is PlanStatus.CLOSED
    # the owner bears his five thirty-fifths of the fee: 50 * 30 / 35 and 9 * 30 / 35
    assert sum(one.postings[0].amount.paise for one in fees(three)) == -(4286 + 771)
    reconcile(three.dealer)
    assert not any("post a correction" in said for said in three.alarms())


def test_a_smaller_order_takes_its_part_of_each_and_a_second_one_the_rest(three: Morning):
    squares_off(three, 10)
    settle(three.dealer)
    assert sorted(held(three).values()) == [6, 7, 7]
    squares_off(three, 20, at="15:21")
    settle(three.dealer)
    assert held(three) == {}
    assert len(fees(three)) == 6  # each order of the broker's costs its fee


def test_an_untagged_sale_before_the_minute_is_the_owners_own(three: Morning):
    squares_off(three, 30, at="15:19")
    settle(three.dealer)
    assert held(three) == dict.fromkeys(NAMES, 10) | {external_account("paper"): -30}
    assert (of_broker(three), fees(three)) == ([], [])


def test_a_position_of_an_earlier_day_is_delivery_and_has_no_part(three: Morning):
    squares_off(three, 30, day=25)
    settle(three.dealer)
    assert held(three)[external_account("paper")] == -30
    assert of_broker(three) == []


def test_shares_sold_by_phone_are_missing_from_the_newest_plan_first(three: Morning):
    squares_off(three, 5, at="15:00")
    settle(three.dealer)
    squares_off(three, 25)
    settle(three.dealer)
    assert held(three) == {"third": 5, external_account("paper"): -5}


class Late:
    """A broker that shows the trades of one order later than its order book."""

    def __init__(self, broker: Any, order_id: str) -> None:
        self._broker, self._order_id = broker, order_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._broker, name)

    def trades(self) -> list[Fill]:
        return [one for one in self._broker.trades() if one.order_id != self._order_id]


def test_it_waits_for_the_trades_of_our_own_exit_before_it_is_shared_out(three: Morning):
    exit_position(three.desk, three.plan("cd1").id, reason="enough", by="me")
    work_exits(three.dealer)
    send_prepared(three.dealer)
    [mine] = [one for one in three.broker.orders() if one.side is Side.SELL and one.filled_qty]
    blind = replace(three.dealer, sessions={"paper": Late(three.broker, mine.broker_order_id)})
    squares_off(three, 20)
    assert settle(blind) == 0
    assert held(three) == dict.fromkeys(NAMES, 10)
    assert settle(three.dealer) == 3
    assert held(three) == {}
    assert {one.account_id for one in of_broker(three)} == {"second", "third"}
    with three.desk.store.read() as tx:
        audit.verify(tx)
