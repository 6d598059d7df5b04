"""What becomes of an order nobody watched, from the broker's order book alone."""

from dataclasses import replace

import pytest

from core.domain.order import OrderStatus
from core.domain.reconciliation import Lookup
from core.execution.plan import entry_order
from core.execution.recover import (
    Finding,
    absent_after,
    counted,
    follow,
    is_for_a_person,
    may_be_absent,
    on_restart,
    same_tag,
    unclear,
)
from tests.made import T0, a_broker_order, a_fill, a_plan, rs

S = OrderStatus
ORDER = entry_order(a_plan(), prepared_at=T0, desk="AB", quote=None, tick=rs("0.05"))


def stored(status):
    return replace(ORDER, status=status)


def there(*, tag=ORDER.tag, **more):
    return a_broker_order(tag=tag, **more)


def test_a_prepared_order_was_never_sent_and_is_called_off():
    result = on_restart(ORDER, [there()])
    assert result.finding is Finding.MOVED
    assert result.order.status is S.CANCELLED
    assert "approve again" in result.order.reason


def test_a_sent_order_is_unknown_first_and_adopted_on_the_next_look():
    result = on_restart(stored(S.SENT), [there()])
    assert (result.finding, result.order.status) == (Finding.MOVED, S.UNKNOWN)
    result = on_restart(result.order, [there()])
    assert (result.finding, result.order.status) == (Finding.ADOPTED, S.OPEN)
    assert result.order.broker_order_id == "b1"
    assert result.order.version == ORDER.version + 2  # one move at a time


@pytest.mark.parametrize("status", [S.OPEN, S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED])
def test_an_unknown_order_takes_the_brokers_word(status):
    result = on_restart(stored(S.UNKNOWN), [there(status=status, reason="their reason")])
    assert (result.order.status, result.order.reason) == (status, "their reason")


def test_an_unknown_order_that_is_not_there_waits_and_is_never_sent_again():
    result = on_restart(stored(S.UNKNOWN), [])
    assert result.finding is Finding.WAITS
    assert result.order == stored(S.UNKNOWN)


def test_an_order_without_tag_is_only_suggested():
    alike, other = a_broker_order("b7", tag=""), a_broker_order("b8", tag="", qty=99)
    result = on_restart(stored(S.UNKNOWN), [alike, other])
    assert result.finding is Finding.WAITS
    assert result.suggestions == (alike,)


def test_two_orders_of_one_tag_are_for_a_person():
    result = on_restart(stored(S.UNKNOWN), [there(), replace(there(), broker_order_id="b2")])
    assert result.finding is Finding.CONFLICT
    assert "2 orders of one tag (b1, b2)" in result.reason


def test_our_tag_on_other_terms_is_for_a_person():
    result = on_restart(stored(S.UNKNOWN), [there(qty=99)])
    assert result.finding is Finding.CONFLICT
    assert "BUY 99 MIDCO instead of BUY 100 MIDCO" in result.reason


def test_an_order_that_surfaces_after_absent_is_adopted_and_says_so():
    result = on_restart(stored(S.ABSENT), [there(status=S.EXPIRED)])
    assert result.finding is Finding.ADOPTED
    assert "after it was called absent" in result.reason
    assert result.order.status is S.CANCELLED  # ABSENT knows no expiry


def test_a_working_or_finished_order_is_left_to_the_daily_reads():
    for status in (S.OPEN, S.FILLED):
        assert on_restart(stored(status), [there()]).finding is Finding.UNCHANGED


@pytest.mark.parametrize(
    ("theirs", "same"),
    [
        (ORDER.tag, True),
        (f"1:{ORDER.tag}", True),
        (ORDER.tag.lower(), True),
        (f" {ORDER.tag} ", True),
        (ORDER.tag[:12], True),
        (ORDER.tag[:11], False),
        ("", False),
        (None, False),
        ("ABAAAAAAAAAAAAAAAA", False),
    ],
)
def test_a_tag_is_known_however_it_comes_back(theirs, same):
    assert same_tag(theirs, ORDER.tag) is same


def test_follow_moves_with_the_broker_and_is_quiet_without_news():
    open_here = follow(stored(S.SENT), there())
    assert (open_here.status, open_here.broker_order_id) == (S.OPEN, "b1")
    assert follow(open_here, there()) is None
    assert follow(open_here, there(status=S.FILLED)).status is S.FILLED


def test_follow_keeps_the_brokers_new_word_without_a_move():
    open_here = follow(stored(S.SENT), there())
    told = follow(open_here, replace(there(), broker_status="TRIGGER PENDING"))
    assert (told.status, told.broker_status) == (S.OPEN, "TRIGGER PENDING")
    assert told.version == open_here.version + 1


def test_a_finished_order_never_reverts():
    for status in (S.FILLED, S.CANCELLED, S.REJECTED, S.EXPIRED):
        assert follow(stored(status), there(status=S.OPEN)) is None
    assert follow(ORDER, there()) is None  # never sent, whatever the broker shows


@pytest.mark.parametrize(
    ("reads", "seconds", "explained", "absent"),
    [
        (3, 120.0, False, True),
        (2, 500.0, False, False),
        (9, 119.9, False, False),
        (9, 500.0, True, False),
    ],
)
def test_absent_needs_three_reads_two_minutes_and_nothing_unexplained(
    reads, seconds, explained, absent
):
    assert absent_after(reads, seconds, explained=explained) is absent


def read_at(*moments, doubt=None):
    """The lookup after a read at each of these seconds; `doubt` maps a second to its sentence."""
    found = Lookup("or1", T0, began=moments[0])
    for seconds in moments:
        found = counted(found, seconds=seconds, unclear=(doubt or {}).get(seconds, ""))
    return found


def test_clean_reads_are_counted_ten_seconds_apart():
    found = read_at(100.0, 101.0, 105.0, 110.0, 119.9, 120.0)
    assert (found.reads, found.first, found.last) == (3, 100.0, 120.0)
    assert not may_be_absent(found)
    assert may_be_absent(read_at(100.0, 160.0, 220.0))


def test_what_is_unclear_starts_the_count_anew_and_is_a_persons_after_two_minutes():
    found = read_at(100.0, 160.0, 220.0, doubt={160.0: "shares differ"})
    assert (found.reads, found.first, found.unclear) == (1, 220.0, "")
    stays = read_at(100.0, 160.0, 219.0, doubt=dict.fromkeys((100.0, 160.0, 219.0), "alike"))
    assert (stays.reads, stays.unclear) == (0, "alike")
    assert not is_for_a_person(stays, seconds=219.0)
    assert is_for_a_person(stays, seconds=220.0)
    assert not is_for_a_person(found, seconds=900.0)


def test_a_clock_that_went_back_starts_the_count_anew():
    found = read_at(100.0, 160.0, 5.0)
    assert (found.reads, found.began, found.first) == (1, 5.0, 5.0)


def clear(**more):
    return unclear(
        stored(S.UNKNOWN),
        **{"alike": [], "trades": [], "desk_qty": 7, "broker_qty": 7, "wiped": False, **more},
    )


def test_only_a_whole_order_book_and_equal_shares_prove_an_absence():
    bought, sold = a_fill(order_id="b9"), a_fill(order_id="b9", qty=-100)
    assert clear() == clear(trades=[sold]) == ""
    assert "was wiped before" in clear(wiped=True)
    assert "broker order b1 has the same terms" in clear(alike=[there(tag="")])
    assert "of broker order b9 belongs to no order of ours" in clear(trades=[bought])
    assert "holds 8 and the desk's books 7" in clear(broker_qty=8)
