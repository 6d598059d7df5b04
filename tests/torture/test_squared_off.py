"""Scenarios of a broker's own square-off against several accounts of one login."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from core.domain.card import Leg
from core.domain.ledger import external_account
from core.domain.order import Fill, OrderStatus, OrderType, Product, Purpose, Side, Validity
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.exchange.values import Ticket
from core.store import fills, ledger
from tests.desk.morning import ACCOUNT, a_card
from tests.made import MIDCO
from tests.torture.stage import LOGIN, Killed, Stage
from tests.torture.test_day_trades import to

SIZES = {ACCOUNT.id: 100, "second": 60, "third": 41}
FEE, GST = 50_00, 9_00  # of one square-off, in paise


def three_plans(stage: Stage) -> None:
    """201 MIDCO for the day, in three accounts of one login, each under its own stop order."""
    for number, (account, qty) in enumerate(SIZES.items(), start=1):
        if account != ACCOUNT.id:
            stage.another_account(account)
        legs = (Leg(Side.BUY, qty, Product.MIS),)
        card = a_card(stage.clock, id=f"cd{number}", account_id=account, account_name=account,
                      legs=legs, horizon_sessions=0)  # fmt: skip
        stage.approve(stage.put(card))
    stage.beat(size=4_000, times=2)
    assert stage.paper.holdings() == {MIDCO.isin: 201}


def nobody_buys(stage: Stage) -> None:
    """Until a minute before the square-off, so that our own exits sell nothing."""
    for clock in ("15:10:00", "15:13:00", "15:16:00", "15:19:00"):
        to(stage, clock, bid_qty=0)
    assert stage.paper.holdings()[MIDCO.isin] >= 201


def held(stage: Stage) -> dict[str, int]:
    """Shares of each bucket of the login that is not empty."""
    names = [*SIZES, external_account(LOGIN)]
    with stage.desk.store.read() as tx:
        return {name: one.qty for name in names for one in ledger.positions(tx, name)}


def charged(stage: Stage, item: str) -> int:
    """Paise that the three accounts paid for one item of all their charges."""
    with stage.desk.store.read() as tx:
        return sum(ledger.balance(tx, name, f"charges:{item}").paise for name in SIZES)


def squared(stage: Stage) -> list[Fill]:
    """What was booked of the broker's own orders, in the order it was kept."""
    with stage.desk.store.read() as tx:
        return [fill for fill in fills.recent(tx)[::-1] if "SQUARED" in tag_of(stage, fill)]


def tag_of(stage: Stage, fill: Fill) -> str:
    return stage.order(fill.order_id).tag


def statuses(stage: Stage) -> set[PlanStatus]:
    return {stage.plan(f"cd{number}").status for number in (1, 2, 3)}


def test_one_square_off_of_three_accounts_is_shared_out_to_the_share_and_paisa(stage: Stage):
    three_plans(stage)
    nobody_buys(stage)
    brokerage, gst = charged(stage, "brokerage"), charged(stage, "gst")
    to(stage, "15:20:01", bid_qty=400)  # a quarter of a size is taken at a time
    stage.beat(times=6, bid_qty=400)
    assert (held(stage), stage.paper.holdings()) == ({}, {})
    assert statuses(stage) == {PlanStatus.CLOSED}
    sold: Counter[str] = Counter()
    for fill in squared(stage):
        sold[fill.account_id] -= fill.qty
    assert sold == SIZES
    assert len({fill.trade_id for fill in squared(stage)}) == 3  # 100, 100 and 1
    # one order of the broker's own: 20 rupees at most, and its fee once
    assert charged(stage, "brokerage") - brokerage == FEE + 20_00
    assert charged(stage, "gst") - gst in range(GST + 3_60, GST + 4_60)  # and on other charges
    rows = [one for one in stage.orders() if one.tag.startswith("SQUARED")]
    assert {(one.qty, one.status) for one in rows} == {
        (qty, OrderStatus.FILLED) for qty in SIZES.values()
    }
    assert any("closes 60 intraday shares, its part of 201," in said for said in stage.alarms())


def test_what_a_square_off_cannot_sell_stays_with_each_plan_and_is_told(stage: Stage):
    three_plans(stage)
    nobody_buys(stage)
    to(stage, "15:20:01", bid_qty=80)
    stage.beat(bid_qty=0, times=2)
    assert stage.paper.holdings() == {MIDCO.isin: 181}
    # 20 of 201: 9.95, 5.97 and 4.08
    assert held(stage) == {ACCOUNT.id: 90, "second": 54, "third": 37}
    to(stage, "15:29:58", bid_qty=40)
    to(stage, "15:31:00", bid_qty=0)
    stage.beat(bid_qty=0, times=16)
    assert stage.paper.holdings() == {MIDCO.isin: 171}
    assert sum(held(stage).values()) == 171
    assert statuses(stage) <= {PlanStatus.HOLDING, PlanStatus.EXITING}
    told = " | ".join(stage.alarms())
    assert told.count("could not be squared off and become delivery") == 3
    assert told.count("intraday shares are still held") == 3
    assert not any(
        stage.cover(f"cd{number}").status is ProtectionStatus.VERIFIED for number in (1, 2, 3)
    )


def test_shares_of_no_plan_in_a_square_off_go_to_the_external_bucket(stage: Stage):
    three_plans(stage)
    ticket = Ticket("", MIDCO.isin, "MIDCO", Side.BUY, 40, OrderType.MARKET, Product.MIS,
                    Validity.DAY, None, None)  # fmt: skip
    stage.paper.place_ticket(ticket)
    stage.beat(times=2)
    assert held(stage) == SIZES | {external_account(LOGIN): 40}
    nobody_buys(stage)
    to(stage, "15:20:01", bid_qty=880)  # 220 of 241: the plans' come first
    assert held(stage) == {external_account(LOGIN): 21}
    assert stage.paper.holdings() == {MIDCO.isin: 21}
    stage.beat(times=16)
    assert (held(stage), stage.paper.holdings()) == ({}, {})
    assert statuses(stage) == {PlanStatus.CLOSED}
    assert not any("is -" in said for said in stage.alarms())  # the trade agrees, part by part


def test_one_account_that_left_in_time_has_no_part_in_the_square_off(stage: Stage):
    three_plans(stage)
    stage.leave("cd2")
    stage.beat(times=3)
    assert held(stage) == {ACCOUNT.id: 100, "third": 41}
    for clock in ("15:10:00", "15:13:00", "15:16:00", "15:19:00"):
        to(stage, clock, bid_qty=0)
    to(stage, "15:20:01")
    stage.beat(times=3)
    assert (held(stage), stage.paper.holdings()) == ({}, {})
    assert {fill.account_id for fill in squared(stage)} == {ACCOUNT.id, "third"}


def test_two_looks_and_a_restart_book_a_square_off_once(stage: Stage):
    three_plans(stage)
    nobody_buys(stage)
    to(stage, "15:20:01", bid_qty=400)
    first = squared(stage)
    stage.restart()
    stage.beat(times=6, bid_qty=400)
    stage.restart()
    stage.beat(times=16)
    assert squared(stage)[: len(first)] == first
    assert sum(fill.qty for fill in squared(stage)) == -201
    assert charged(stage, "brokerage") >= FEE
    assert sum("intraday shares" in said and "closes" in said for said in stage.alarms()) == 3


def ending(stage: Stage) -> None:
    """The square-off in three trades, the last of one share."""
    to(stage, "15:20:01", bid_qty=400)
    stage.beat(times=4, bid_qty=400)


@pytest.mark.parametrize(
    "lot", [0, *(pytest.param(one, marks=pytest.mark.torture) for one in (1, 2))]
)
def test_a_death_at_any_boundary_of_a_square_off_books_each_trade_once(
    stage_of: Callable[[], Stage], lot: int
):
    counted = stage_of()
    three_plans(counted)
    nobody_buys(counted)
    fuse = counted.kill_at(None)
    ending(counted)
    assert counted.judge() == []
    whole = (charged(counted, "brokerage"), charged(counted, "gst"), charged(counted, "stt"))
    for number in range(1 + lot, len(fuse.crossed) + 1, 3):
        stage = stage_of()
        three_plans(stage)
        nobody_buys(stage)
        stage.kill_at(number)
        with pytest.raises(Killed):
            ending(stage)
        stage.restart()
        stage.beat(times=5, bid_qty=400)
        where = f"killed at {fuse.crossed[number - 1]}, number {number}"
        assert stage.judge() == [], where
        assert (held(stage), stage.paper.holdings()) == ({}, {}), where
        assert statuses(stage) == {PlanStatus.CLOSED}, where
        assert [one for one in stage.sales() if one.purpose is Purpose.EXIT], where
        paid = (charged(stage, "brokerage"), charged(stage, "gst"), charged(stage, "stt"))
        assert paid == whole, where
