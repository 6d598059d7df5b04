"""A pass over the floor asks the store as often for twelve held plans as for two."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import event

from core.desk.desk_stop import warn_unproven
from core.desk.exit import find_exits
from core.desk.protect import REFUSED
from core.desk.safe import keep_safe
from core.desk.watch import Returns, watch
from core.domain.job import Heartbeat
from core.domain.order import OrderStatus
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.store import fills, heartbeat, orders, plans, protections
from tests.desk.morning import ACCOUNT, Morning
from tests.made import T0, a_fill, a_plan, a_protection, an_order


def hold(morning: Morning, numbers: range) -> None:
    """Plans of a share each under the desk's own stop, whose broker is not asked again today."""
    mine = {"account_id": ACCOUNT.id, "login_id": "paper"}
    entry = an_order(status=OrderStatus.FILLED, qty=1, sent_at=T0, **mine)
    cover = a_protection(
        ProtectionStatus.ARMED_LOCAL,
        account_id=ACCOUNT.id,
        qty=1,
        armed_at=T0 + timedelta(hours=8),
        reason=f"{REFUSED}for the test",
    )
    with morning.desk.store.write() as tx:
        for number in numbers:
            name = f"pl{number}"
            held = a_plan(name, status=PlanStatus.HOLDING, card_id=f"cd{number}", qty=1, **mine)
            plans.put(tx, held)
            of = {"id": f"or{number}", "tag": f"T{number}", "plan_id": name}
            orders.put(tx, replace(entry, **of, broker_order_id=f"b{number}"))
            fills.put(
                tx, a_fill(f"t{number}", order_id=f"or{number}", qty=1, account_id=ACCOUNT.id)
            )
            protections.put(tx, replace(cover, plan_id=name))


def a_pass(morning: Morning, ltp: str, *, returns: Returns) -> list[str]:
    """The statements of one pass after a new price."""
    morning.tick(ltp)
    now, seconds = morning.clock.now(), morning.clock.monotonic()
    with morning.desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker-1", 1, now, seconds, 1.0, None))
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    engine = morning.desk.store.engine
    event.listen(engine, "before_cursor_execute", hear)
    keep_safe(morning.dealer)
    assert warn_unproven(morning.desk) == []
    watch(morning.desk, returns=returns)
    event.remove(engine, "before_cursor_execute", hear)
    return said


def test_a_pass_asks_no_more_often_for_more_plans(morning: Morning):
    returns = Returns()
    hold(morning, range(2))
    a_pass(morning, "500", returns=returns)
    few = a_pass(morning, "501", returns=returns)
    hold(morning, range(2, 12))
    a_pass(morning, "500", returns=returns)
    many = a_pass(morning, "501", returns=returns)
    assert len(few) == len(many)


def test_every_desk_stop_among_many_is_found_by_the_price_of_its_pass(morning: Morning):
    hold(morning, range(12))
    a_pass(morning, "500", returns=Returns())
    morning.tick("479")  # under the stop at 480
    find_exits(morning.dealer)
    with morning.desk.store.read() as tx:
        left = plans.with_status(tx, PlanStatus.HOLDING)
        leaving = plans.with_status(tx, PlanStatus.EXITING)
    assert not left
    assert {plan.reason for plan in leaving} == {"desk stop ₹480.00"}
