"""How a short sale ends: by the desk in time, by its broker, or by the exchange's auction."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from core.desk.closed_out import book_close_out
from core.desk.resolve import accept_difference
from core.domain.card import Leg
from core.domain.clock import IST
from core.domain.ledger import REALISED
from core.domain.order import OrderStatus, Product, Side
from core.domain.plan import PlanStatus
from core.errors import BadInput
from core.store import fills, ledger, reconciliations
from tests.desk.morning import ACCOUNT, lets_short
from tests.made import MIDCO, rs
from tests.torture.stage import Stage
from tests.torture.test_day_trades import to
from tests.torture.test_shorts import is_flat, short_card, shorted


def test_a_short_leaves_ten_minutes_before_its_broker_closes_it(stage: Stage):
    shorted(stage)
    to(stage, "15:09:58")
    assert stage.shares() == {MIDCO.isin: -100}
    to(stage, "15:10:00")
    stage.beat(times=2)
    assert is_flat(stage)
    assert stage.plan().status is PlanStatus.CLOSED


def test_the_broker_buys_back_what_our_exit_could_not_and_takes_its_fee(stage: Stage):
    shorted(stage)
    for clock in ("15:10:00", "15:13:00", "15:16:00", "15:19:00"):
        to(stage, clock, ask_qty=0)
    assert stage.paper.holdings() == {MIDCO.isin: -100}
    to(stage, "15:20:01")
    stage.beat(times=3)
    assert is_flat(stage)
    assert stage.plan().status is PlanStatus.CLOSED
    assert sum(one.status is OrderStatus.FILLED for one in stage.sales()) == 1
    assert any("the broker closes 100 intraday shares itself" in said for said in stage.alarms())
    assert stage.cash("charges:brokerage") >= rs("50")
    assert stage.cash("charges:dp") == rs("0")


def test_a_square_off_while_the_worker_is_down_is_booked_once_at_the_next_start(stage: Stage):
    shorted(stage)
    to(stage, "14:59:00")
    gone = stage.clock.now()
    for clock in ("15:19:58", "15:20:01", "15:20:02"):
        hour, minute, second = (int(part) for part in clock.split(":"))
        at = datetime(2026, 11, 23, hour, minute, second, tzinfo=IST)
        stage.clock.pass_seconds((at - stage.clock.now()).total_seconds() - 1)
        stage.tick("500")
    stage.away.append((gone, stage.clock.now()))
    assert stage.paper.holdings() == {}
    stage.restart()
    stage.beat(times=3)
    assert is_flat(stage)
    assert stage.plan().status is PlanStatus.CLOSED


def test_one_square_off_of_two_short_accounts_is_shared_out_to_the_share(stage: Stage):
    second = stage.second_account()
    version = lets_short(stage.desk, second)
    shorted(stage)
    legs = (Leg(Side.SELL, 61, Product.MIS),)
    other = {"account_id": second, "account_name": "Second", "mandate_version": version}
    short_card(stage, id="cd2", legs=legs, **other)
    stage.beat(times=2)
    assert stage.paper.holdings() == {MIDCO.isin: -161}
    for clock in ("15:10:00", "15:13:00", "15:16:00", "15:19:00"):
        to(stage, clock, ask_qty=0)
    to(stage, "15:20:01", ask_qty=200)  # a quarter of a size is taken at a time
    stage.beat(times=6, ask_qty=200)
    assert is_flat(stage)
    assert {stage.plan(name).status for name in ("cd1", "cd2")} == {PlanStatus.CLOSED}
    with stage.desk.store.read() as tx:
        assert ledger.positions(tx) == [] and ledger.elsewhere(tx) == []
        trades = [one for one in fills.recent(tx) if one.qty > 0]
    bought = Counter(dict.fromkeys((ACCOUNT.id, second), 0))
    for one in trades:
        bought[one.account_id] += one.qty
    assert bought == {ACCOUNT.id: 100, second: 61}


def undelivered(stage: Stage) -> None:
    """Nobody sells from the exit to the close, and the next session has begun."""
    shorted(stage)
    for clock in ("15:10:00", "15:13:00", "15:16:00", "15:19:00", "15:20:01", "15:29:58"):
        to(stage, clock, ask_qty=0)
    assert stage.paper.holdings() == {MIDCO.isin: -100}


def test_a_short_that_nobody_sold_to_is_told_with_its_auction_and_booked_by_a_person(stage: Stage):
    undelivered(stage)
    with pytest.raises(BadInput, match="the auction is on the next session"):
        close_out(stage, "600")
    stage.beat(ask_qty=0, times=3)
    to(stage, "15:31:00", ask_qty=0)
    stage.beat(ask_qty=0, times=16)
    told = " | ".join(stage.alarms())
    assert "100 intraday shares are still short, and its broker closes intraday" in told
    assert "100 shares sold short on 23 Nov 2026 were not bought back; they go to the" in told
    assert "auction on 25 Nov 2026 or are closed out in cash, at ₹60,000.00 if that is 20 %" in told
    gone = stage.clock.now()
    stage.clock.pass_seconds(2 * 86_400)  # past a holiday
    stage.away.append((gone, stage.clock.now()))
    stage.beat(times=16)
    assert stage.paper.holdings() == {}  # closed out
    assert stage.shares() == {MIDCO.isin: -100}
    assert "MIDCO: the broker holds 0 and the desk's books -100" in " | ".join(stage.alarms())
    assert len([one for one in stage.sales() if one.closes]) == 1  # and nothing more was sent
    close_out(stage, "600")
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.CLOSED)
    assert stage.cash(REALISED) == rs("10005")  # sold at 499.95
    stage.beat(times=16)
    with stage.desk.store.read() as tx:
        found = reconciliations.of_login(tx, "paper")
    assert found is not None and not found.mismatches and not found.trades
    with pytest.raises(BadInput, match="is not short"):
        close_out(stage, "600")


def test_a_close_out_takes_back_the_difference_that_was_accepted_for_it(stage: Stage):
    undelivered(stage)
    gone = stage.clock.now()
    stage.clock.pass_seconds(2 * 86_400)
    stage.away.append((gone, stage.clock.now()))
    stage.beat(times=16)
    accept_difference(stage.desk, "MIDCO", because="the auction", by="me")
    stage.beat(times=2)
    assert stage.shares() == {MIDCO.isin: -100}  # the account's own; the bucket has the rest
    close_out(stage, "590")
    with stage.desk.store.read() as tx:
        assert ledger.elsewhere(tx) == []
    assert (stage.shares(), stage.plan().status) == ({}, PlanStatus.CLOSED)


def close_out(stage: Stage, price: str) -> None:
    book_close_out(stage.desk, stage.plan().id, rs(price), because="contract note", by="me")
