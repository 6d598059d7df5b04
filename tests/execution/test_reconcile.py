"""Desk books against broker books, each difference in one sentence."""

from dataclasses import replace

from core.domain.ledger import Position
from core.execution.reconcile import DifferenceKind, fill_differences, holding_differences
from tests.made import MIDCO, RELIANCE, a_fill, rs

K = DifferenceKind
OURS = {"or1": "b1"}


def fill(trade_id="t1", **changes):
    return a_fill(trade_id, account_id="ac1", **changes)


def trade(trade_id="t1", **more):
    return fill(trade_id, **{"order_id": "b1", **more})


def position(account_id, qty):
    return Position(account_id=account_id, isin=MIDCO.isin, qty=qty, cost=rs("1"))


def test_equal_books_have_no_differences():
    assert fill_differences([fill()], [trade()], broker_order_ids=OURS) == []
    assert holding_differences([position("a", 5)], {MIDCO.isin: 5}, symbols={}) == []


def test_each_kind_of_difference_is_worded():
    found = fill_differences(
        [fill("t1"), fill("t2"), fill("t3", qty=50)],
        [trade("t1"), trade("t3", qty=60), trade("t4"), trade("t5", order_id="phone")],
        broker_order_ids=OURS,
    )
    assert {d.kind: d.trade.trade_id for d in found} == {
        K.MISSING_FILL: "t4",
        K.EXTERNAL: "t5",
        K.UNKNOWN_FILL: "t2",
        K.CHANGED_FILL: "t3",
    }
    words = {d.kind: d.sentence for d in found}
    assert "trade t4, 100 at ₹500.00, order b1, is not in the books yet" in words[K.MISSING_FILL]
    assert "is of no order of this desk" in words[K.EXTERNAL]
    assert "a person decides" in words[K.UNKNOWN_FILL]
    assert "is 60 at ₹500.00 at the broker and 50" in words[K.CHANGED_FILL]


def test_a_trade_id_used_by_another_order_is_another_trade():
    found = fill_differences(
        [fill()], [trade(), replace(trade(), order_id="b2")], broker_order_ids=OURS
    )
    assert [d.kind for d in found] == [K.EXTERNAL]


def test_holdings_are_the_sum_of_accounts_and_the_external_bucket():
    # 60 + 40 of ours and 7 of the owner's own against 107 at the broker
    both = [position("a", 60), position("b", 40)]
    at_broker = {MIDCO.isin: 107}
    symbols = {MIDCO.isin: "MIDCO"}
    external = {MIDCO.isin: 7}
    assert holding_differences(both, at_broker, symbols=symbols, external=external) == []
    (more,) = holding_differences(both, at_broker, symbols=symbols)
    assert (more.desk_qty, more.broker_qty) == (100, 107)
    assert more.sentence == (
        "MIDCO: the broker holds 107 and the desk's books 100; 7 more than we know of"
    )


def test_shares_that_left_are_seen():
    (fewer,) = holding_differences([position("a", 60)], {}, symbols={})
    assert "0 and the desk's books 60; 60 fewer" in fewer.sentence
    (new,) = holding_differences([], {RELIANCE.isin: 3}, symbols={})
    assert new.symbol == RELIANCE.isin
