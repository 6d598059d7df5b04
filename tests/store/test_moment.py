"""What a reading transaction keeps: many plans in a few statements, and nothing where it writes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from core.domain.action import ShareChange
from core.domain.order import OrderStatus, Side, advance
from core.domain.protection import ProtectionStatus
from core.errors import NotFound
from core.store import (
    actions,
    fills,
    instruments,
    orders,
    plan_rows,
    plans,
    protections,
    quotes,
    settings,
)
from core.store.engine import Store
from tests.made import (
    MIDCO,
    RELIANCE,
    T0,
    a_fill,
    a_plan,
    a_protection,
    an_order,
    quote,
    rs,
)

STATEMENTS_OF_A_READ = 5  # plans, orders, fills, share changes, protections


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    said: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    event.listen(store.engine, "before_cursor_execute", hear)
    yield said
    event.remove(store.engine, "before_cursor_execute", hear)


def put_plans(store: Store, count: int) -> list[str]:
    """Plans with an entry filled in two parts and an exit order, each under its own stop."""
    names = [f"pl{number}" for number in range(count)]
    with store.write() as tx:
        for name in names:
            plans.put(tx, a_plan(name, card_id=f"cd{name}"))
            orders.put(tx, an_order(f"in{name}", plan_id=name, broker_order_id=f"b{name}"))
            out = an_order(f"out{name}", plan_id=name, side=Side.SELL)
            orders.put(tx, replace(out, prepared_at=T0 + timedelta(minutes=1)))
            for trade, qty, of in (("t1", 60, "in"), ("t2", -30, "out"), ("t3", 40, "in")):
                fills.put(tx, a_fill(f"{trade}{name}", order_id=f"{of}{name}", qty=qty))
            protections.put(tx, a_protection(ProtectionStatus.ARMED_LOCAL, plan_id=name))
        change = ShareChange("ac1", names[0], "tactical", MIDCO.isin, 100, T0, "bonus 1:1")
        actions.put_changes(tx, [change])
    return names


def rows_of(tx, name: str) -> tuple[object, ...]:
    of_plan = orders.of_plan(tx, name)
    return (
        of_plan,
        [fills.of_order(tx, order.id) for order in of_plan],
        fills.of_plan(tx, name),
        actions.changes_of_plan(tx, name),
        protections.by_plan(tx, name),
    )


def test_rows_read_ahead_are_those_read_one_by_one(any_store: Store):
    names = [*put_plans(any_store, 3), "pl of nothing"]
    with any_store.read() as tx:
        one_by_one = [rows_of(tx, name) for name in names]
    with any_store.read() as tx:
        plan_rows.read_ahead(tx, names)
        assert [rows_of(tx, name) for name in names] == one_by_one
    with any_store.write() as tx:
        plan_rows.read_ahead(tx, names)
        assert [rows_of(tx, name) for name in names] == one_by_one
    assert [fill.trade_id for fill in one_by_one[0][2]] == ["t1pl0", "t2pl0", "t3pl0"]
    assert [len(part) for part in one_by_one[0][:4]] == [2, 2, 3, 1]
    assert one_by_one[3] == ([], [], [], [], None)


@pytest.mark.parametrize("count", [2, 40])
def test_statements_do_not_grow_with_plans(store: Store, count: int):
    names = put_plans(store, count)
    with store.read() as tx:
        tx.connection()
        with counted(store) as said:
            plan_rows.read_ahead(tx, names)
            for name in names:
                rows_of(tx, name)
    assert len(said) <= STATEMENTS_OF_A_READ


def test_a_writing_transaction_sees_what_it_wrote_after_it_asked(any_store: Store):
    put_plans(any_store, 1)
    with any_store.write() as tx:
        plan_rows.read_ahead(tx, ["pl0"])
        order = orders.of_plan(tx, "pl0")[0]
        assert orders.by_broker_id(tx, "bpl0", login_id="paper-1") == order
        sent = replace(advance(order, OrderStatus.SENT), sent_at=T0)
        orders.save(tx, sent)
        settings.read_ahead(tx, ["best"])
        settings.put(tx, "best", 5)
        assert orders.of_plan(tx, "pl0")[0] == sent
        assert orders.by_broker_id(tx, "bpl0", login_id="paper-1") == sent
        assert settings.get(tx, "best") == 5


def test_an_answer_lasts_no_longer_than_its_transaction(any_store: Store):
    with any_store.read() as tx:
        assert settings.get(tx, "best", "none") == "none"
    with any_store.write() as tx:
        settings.put_all(tx, {"best": {"at": 1}, "worst": 2})
    with any_store.read() as tx:
        settings.read_ahead(tx, ["best", "worst", "never"])
        asked = [settings.get(tx, key, "none") for key in ("best", "worst", "never")]
        assert asked == [{"at": 1}, 2, "none"]
        settings.get(tx, "best")["at"] = 9  # what a caller does to a value is its own
        assert settings.get(tx, "best") == {"at": 1}


def test_prices_come_back_whole_and_the_newest_trade_is_known(any_store: Store):
    first = replace(quote("500", seconds=2), month_close=rs("498.05"))
    ist = datetime.fromisoformat("2026-11-23T09:20:01.000007+05:30")
    second = replace(quote("1400", of=RELIANCE), received_at=ist)
    with any_store.read() as tx:
        assert quotes.newest(tx) is None
    with any_store.write() as tx:
        quotes.put(tx, [])
        quotes.put(tx, [replace(first, ltp=rs("1")), second])
        quotes.put(tx, [first])
    with any_store.read() as tx:
        assert quotes.all_quotes(tx) == {first.isin: first, second.isin: second}
        assert quotes.newest(tx) == first
        quotes.read_ahead(tx, [MIDCO.isin, "INE000000000"])
        assert quotes.last(tx, MIDCO.isin) == first
        assert quotes.last(tx, "INE000000000") is None


def test_a_price_without_a_zone_is_refused(any_store: Store):
    naive = replace(quote("500"), at=T0.replace(tzinfo=None))
    with pytest.raises(TypeError, match="has no time zone"), any_store.write() as tx:
        quotes.put(tx, [naive])


def test_some_instruments_are_found_and_an_unknown_one_is_left_out(any_store: Store):
    with any_store.write() as tx:
        instruments.put(tx, [MIDCO, replace(RELIANCE, is_traded=False)])
    with any_store.read() as tx:
        found = instruments.of(tx, [RELIANCE.isin, MIDCO.isin, "INE000000000"])
        assert found == {MIDCO.isin: MIDCO, RELIANCE.isin: replace(RELIANCE, is_traded=False)}
        assert instruments.by_isin(tx, MIDCO.isin) == MIDCO
        with pytest.raises(NotFound, match="no instrument has the ISIN INE000000000"):
            instruments.by_isin(tx, "INE000000000")


def test_orders_are_found_by_many_ids_of_a_broker_the_newest_of_each(any_store: Store):
    put_plans(any_store, 2)
    again = an_order("again", plan_id="pl0", broker_order_id="bpl0")
    with any_store.write() as tx:
        orders.put(tx, replace(again, prepared_at=T0 + timedelta(days=1)))
    with any_store.read() as tx:
        found = orders.by_broker_ids(tx, ["bpl0", "bpl1", "b9"], login_id="paper-1")
        assert orders.by_broker_ids(tx, ["bpl0"], login_id="other") == {"bpl0": None}
        assert orders.by_broker_id(tx, "bpl1", login_id="paper-1") == found["bpl1"]
        assert {name: one and one.id for name, one in found.items()} == {
            "bpl0": "again",
            "bpl1": "inpl1",
            "b9": None,
        }


def test_the_freshest_price_is_that_of_a_share_with_derivatives(any_store: Store):
    with any_store.write() as tx:
        instruments.put(tx, [replace(MIDCO, has_derivatives=False)])
        instruments.put(tx, [replace(RELIANCE, has_derivatives=True)])
        quotes.put(tx, [quote("500", seconds=9)])
    with any_store.read() as tx:
        assert quotes.freshest_liquid(tx) is None
    with any_store.write() as tx:
        quotes.put(tx, [quote("1400", of=RELIANCE, seconds=3)])
    with any_store.read() as tx:
        assert quotes.freshest_liquid(tx) == quote("1400", of=RELIANCE, seconds=3)


def test_protections_at_a_status_are_found(any_store: Store):
    put_plans(any_store, 2)
    with any_store.read() as tx:
        found = protections.with_status(tx, ProtectionStatus.ARMED_LOCAL)
        assert [one.plan_id for one in found] == ["pl0", "pl1"]
        assert protections.with_status(tx, ProtectionStatus.UNFILLABLE) == []
