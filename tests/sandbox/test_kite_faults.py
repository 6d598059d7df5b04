"""Each scripted fault as the official client sees it, with the request list as ground truth."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from kiteconnect import exceptions as said

from core.domain.calendar import Phase
from core.errors import BadInput
from core.exchange.rules import Rules
from core.sandbox.faults import Fault, FaultKind, fault_of
from tests.made import RELIANCE
from tests.sandbox.kite_client import Bench, bench

K = FaultKind


@pytest.fixture
def at() -> Iterator[Bench]:
    with bench() as made:
        yield made


def script(at: Bench, kind: FaultKind, **fields: Any) -> None:
    at.sandbox.faults.script(Fault(kind, **fields))


def sent(at: Bench) -> list[str]:
    return [request.fields["tag"] for request in at.sandbox.faults.sends("place")]


def tags(at: Bench) -> list[str | None]:
    return [row["tag"] for row in at.kite.orders()]


def test_a_request_dropped_before_the_house_leaves_no_order(at: Bench) -> None:
    script(at, K.DROP_BEFORE_ACCEPT)
    with pytest.raises(requests.ConnectionError):
        at.place(tag="lost", price=480)
    assert sent(at) == ["lost"]
    assert tags(at) == []
    at.place(tag="next", price=480)
    assert tags(at) == ["next"]


@pytest.mark.parametrize(
    ("kind", "raised"),
    [
        (K.ACCEPT_THEN_DROP, requests.ConnectionError),
        (K.ACCEPT_THEN_5XX, said.DataException),
        (K.HTML_502, said.DataException),
        (K.TRUNCATE_JSON, said.DataException),
    ],
)
def test_an_order_whose_answer_is_lost_stands_all_the_same(
    at: Bench, kind: FaultKind, raised: type[Exception]
) -> None:
    script(at, kind, verb="place")
    with pytest.raises(raised):
        at.place(tag="there", price=480)
    assert tags(at) == ["there"]
    (request,) = at.sandbox.faults.sends("place")
    assert request.fault == kind
    assert request.verdict.startswith("200 inside")


def test_an_answer_that_is_late_is_a_timeout_with_an_order_behind_it(at: Bench) -> None:
    script(at, K.DELAY, seconds=1.0)
    at.kite.timeout = 0.2
    with pytest.raises(requests.ReadTimeout):
        at.place(tag="slow", price=480)
    at.kite.timeout = 5
    assert tags(at) == ["slow"]


def test_a_new_order_can_stay_out_of_reads_for_a_while(at: Bench) -> None:
    script(at, K.DELAY_VISIBILITY, seconds=90)
    number = at.place(tag="late", price=505)
    assert at.kite.orders() == []
    assert at.kite.trades() == []
    with pytest.raises(said.OrderException):
        at.kite.order_history(number)
    at.clock.pass_seconds(90)
    assert tags(at) == ["late"]


def test_throttling_ip_and_refusals_come_before_the_house(at: Bench) -> None:
    script(at, K.THROTTLE_429, seconds=3)
    with pytest.raises(said.NetworkException) as caught:
        at.place()
    assert caught.value.code == 429
    script(at, K.IP_REFUSED)
    with pytest.raises(said.PermissionException) as refused:
        at.place()
    assert refused.value.code == 403
    script(at, K.REFUSE, text="no")
    with pytest.raises(said.OrderException, match="no"):
        at.place()
    assert at.kite.orders() == []


def test_a_throttled_answer_says_how_long_to_wait(at: Bench) -> None:
    script(at, K.THROTTLE_429, seconds=3, verb="any")
    answer = requests.get(f"{at.served.base}/orders", timeout=5)
    assert answer.headers["Retry-After"] == "3"


def test_a_session_that_dies_in_the_middle_stays_dead(at: Bench) -> None:
    script(at, K.TOKEN_DIE, verb="orders")
    for _ in range(2):
        with pytest.raises(said.TokenException):
            at.kite.orders()


def test_reads_can_fail_while_writes_work(at: Bench) -> None:
    script(at, K.READ_5XX, verb="read", times=2)
    at.place(tag="w", price=480)
    for _ in range(2):
        with pytest.raises(said.NetworkException):
            at.kite.orders()
    assert tags(at) == ["w"]


def test_the_exchange_may_reject_after_the_answer(at: Bench) -> None:
    script(at, K.REJECT_ASYNC, seconds=2, text="Order entered is below the minimum")
    number = at.place(price=480)
    assert at.kite.orders()[0]["status"] == "OPEN"
    at.clock.pass_seconds(2)
    at.kite.profile()
    row = at.kite.order_history(number)[-1]
    assert (row["status"], row["status_message"]) == (
        "REJECTED",
        "Order entered is below the minimum",
    )


def test_a_quote_can_fill_no_more_than_is_allowed(at: Bench) -> None:
    script(at, K.PARTIAL, count=3)
    at.place(price=505, quantity=10)  # the quote that stands shows 400
    number = at.place(price=499, quantity=10)
    at.price("498")
    at.price("498")
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert (row["filled_quantity"], row["status"]) == (6, "OPEN")
    at.sandbox.faults.clear(K.PARTIAL)
    at.price("498")
    (row,) = [row for row in at.kite.orders() if row["order_id"] == number]
    assert row["status"] == "COMPLETE"


def test_tags_and_statuses_can_come_back_strange(at: Bench) -> None:
    at.place(tag="mine", price=480)
    script(at, K.ALTER_TAG, text="1:{tag}")
    script(at, K.UNKNOWN_STATUS, text="AMO RUNG BACK")
    (row,) = at.kite.orders()
    assert (row["tag"], row["status"]) == ("1:mine", "AMO RUNG BACK")
    script(at, K.ALTER_TAG, text="")
    assert tags(at) == [None]
    at.sandbox.faults.clear()
    assert tags(at) == ["mine"]


def test_the_book_can_be_wiped_while_orders_live_on(at: Bench) -> None:
    at.place(tag="old", price=480)
    at.clock.pass_seconds(1)
    script(at, K.WIPE_ORDERBOOK)
    at.clock.pass_seconds(1)
    at.place(tag="new", price=480)
    assert tags(at) == ["new"]
    at.sandbox.faults.clear()
    assert tags(at) == ["old", "new"]


def test_an_order_id_can_be_given_out_twice(at: Bench) -> None:
    first = at.place(tag="one", price=480)
    script(at, K.ORDER_ID_REUSE)
    assert at.place(tag="two", price=481) == first
    assert [(row["tag"], row["order_id"]) for row in at.kite.orders()] == [
        ("one", first),
        ("two", first),
    ]


def test_an_order_over_the_freeze_quantity_is_cut_into_children() -> None:
    with bench(rules=Rules(qty_freeze=40)) as at:
        fields = {"tradingsymbol": "MIDCO", "exchange": "NSE", "transaction_type": "BUY",
                  "product": "CNC", "order_type": "LIMIT", "price": 480}  # fmt: skip
        with pytest.raises(said.InputException, match="freeze quantity 40"):
            at.place()
        answer = at.kite.place_autoslice_order("regular", quantity=100, **fields)
        numbers = [child["order_id"] for child in answer["children"]]
        assert answer["order_id"] == numbers[0]
        book = {row["order_id"]: row["quantity"] for row in at.kite.orders()}
        assert [book[number] for number in numbers] == [40, 40, 20]


def test_a_slice_fault_cuts_a_plain_order_and_a_later_child_may_fail() -> None:
    with bench() as at:
        script(at, K.SLICE, count=3)
        answer = requests.post(
            f"{at.served.base}/orders/regular",
            headers={"Authorization": f"token {at.kite.api_key}:{at.kite.access_token}"},
            data={"tradingsymbol": "MIDCO", "exchange": "NSE", "transaction_type": "BUY",
                  "product": "CNC", "order_type": "LIMIT", "price": 505, "quantity": 9000},
            timeout=5,
        ).json()["data"]  # fmt: skip
        kinds = [child.get("error", {}).get("error_type", "") for child in answer["children"]]
        assert kinds == ["", "MarginException", "MarginException"]


def test_a_fault_waits_for_the_nth_request_that_fits(at: Bench) -> None:
    script(at, K.REFUSE, verb="place", nth=2, where={"tag": "b"}, text="second b")
    for tag in ("a", "b"):
        at.place(tag=tag, price=480)
    with pytest.raises(said.OrderException, match="second b"):
        at.place(tag="b", price=480)
    at.place(tag="b", price=480)
    assert sent(at) == ["a", "b", "b", "b"]


def test_a_fault_of_one_user_leaves_the_other_alone(at: Bench) -> None:
    script(at, K.REFUSE, user="CD5678")
    assert at.place(price=480)


def test_a_fault_is_read_from_json_and_nonsense_is_named() -> None:
    made = fault_of(json.loads('{"kind": "delay", "seconds": 2, "verb": "orders"}'))
    assert made == Fault(K.DELAY, verb="orders", seconds=2)
    with pytest.raises(BadInput, match="'fire' is no kind of fault"):
        fault_of({"kind": "fire"})
    with pytest.raises(BadInput, match="has no colour"):
        fault_of({"kind": "delay", "colour": 1})
    with pytest.raises(BadInput, match="nth, times and count"):
        fault_of({"kind": "delay", "nth": 0})


def test_writes_are_counted_against_ten_a_second_and_invalid_ones_too() -> None:
    with bench(limits=True) as at:
        for _ in range(10):
            with pytest.raises(said.InputException):
                at.place(quantity=0)
        with pytest.raises(said.NetworkException, match="10 in 1 s") as caught:
            at.place()
        assert caught.value.code == 429
        at.clock.pass_seconds(1)
        assert at.place(price=480)


def test_quotes_are_asked_once_a_second() -> None:
    with bench(limits=True) as at:
        at.kite.ltp("NSE:MIDCO")
        with pytest.raises(said.NetworkException, match="Too many requests"):
            at.kite.ohlc("NSE:MIDCO")


def test_four_hundred_writes_a_minute_are_the_most() -> None:
    with bench(limits=True) as at:
        windows = at.sandbox.windows
        for _ in range(400):
            at.clock.pass_seconds(0.125)
            assert windows.why_not("write", "CD5678") == ""
        at.clock.pass_seconds(0.125)
        assert windows.why_not("write", "CD5678") == "400 in 60 s"
        at.clock.pass_seconds(61)
        assert windows.why_not("write", "CD5678") == ""


def test_a_closed_market_takes_no_regular_order_and_an_open_one_no_amo() -> None:
    shut = bench(phase_of=lambda item, now: Phase.CLOSED)
    with shut as at, pytest.raises(said.OrderException, match="After Market Order"):
        at.place()
    with bench() as at, pytest.raises(said.OrderException, match="place a regular one"):
        at.place(variety="amo")


def test_a_rejection_may_come_in_the_book_instead_of_the_answer() -> None:
    with bench(rejects_in_book=True) as at:
        number = at.place(transaction_type="SELL")
        (row,) = at.kite.orders()
        assert (row["order_id"], row["status"]) == (number, "REJECTED")
        assert row["exchange_order_id"] is None
        assert "0 held" in row["status_message"]


def test_the_twenty_sixth_change_of_an_order_is_refused(at: Bench) -> None:
    number = at.place(price=460)
    for step in range(25):
        at.kite.modify_order("regular", number, price=461 + step)
    with pytest.raises(said.OrderException, match="changed 25 times"):
        at.kite.modify_order("regular", number, price=499)


def test_the_book_is_empty_on_the_next_morning(at: Bench) -> None:
    at.place(tag="yesterday", price=480)
    at.clock.move_to(datetime(2026, 11, 23, 22, 0, tzinfo=UTC))  # 03:30 IST, the token lives
    assert at.kite.orders() == []


def test_a_share_without_a_price_has_no_quote(at: Bench) -> None:
    assert at.kite.ltp(f"NSE:{RELIANCE.symbol}") == {}
