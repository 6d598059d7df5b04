"""Upstox over its sandbox passes the contract of every broker, over real HTTP.

Three tests of pairs are said anew here, because Upstox ties no target to a stop of held shares.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from core.brokers.fake import Verb
from core.domain.clock import IST
from core.domain.order import OrderStatus, Product, Side
from core.errors import (
    BadInput,
    BrokerRefused,
    OutcomeUnknown,
    Throttled,
)
from core.sandbox.faults import Fault, FaultKind
from tests.brokers.contract import FaultyBrokerContract, Opened, order, rest
from tests.brokers.over_sandbox import at_sandbox
from tests.brokers.upstox.dialect import UPSTOX
from tests.made import MIDCO, rs


class TestUpstoxOverItsSandbox(FaultyBrokerContract):
    @pytest.fixture
    def opened(self) -> Iterator[Opened]:
        with at_sandbox(UPSTOX) as (opened, _):
            yield opened

    def test_a_gtt_is_read_back_changed_and_taken_away(self, opened: Opened) -> None:
        gtt_id = rest(opened.session)
        (gtt,) = opened.session.gtts()
        assert (gtt.gtt_id, gtt.qty, gtt.stop, gtt.target) == (gtt_id, 100, rs("480"), rs("0"))
        assert (gtt.side, gtt.product, gtt.active) == (Side.SELL, Product.CNC, True)
        opened.session.modify_gtt(gtt_id, qty=60, stop=rs("485"), target=rs("530"))
        (gtt,) = opened.session.gtts()
        assert (gtt.qty, gtt.stop) == (60, rs("485"))
        opened.session.cancel_gtt(gtt_id)
        assert [gtt.active for gtt in opened.session.gtts()] == [False]
        with pytest.raises(BrokerRefused, match="is not active"):
            opened.session.cancel_gtt(gtt_id)

    def test_the_target_fires_too_and_the_stop_is_gone_with_it(self, opened: Opened) -> None:
        # no: the target is the desk's, and a price beyond it leaves the broker's stop alone
        opened.session.place(order())
        opened.price("499")
        rest(opened.session)
        opened.price("531")
        (gtt,) = opened.session.gtts()
        assert gtt.active and gtt.target == rs("0")
        assert opened.session.holdings() == {MIDCO.isin: 100}

    def test_a_pair_whose_answer_is_lost_is_found_by_share_size_and_triggers(
        self, opened: Opened
    ) -> None:
        opened.script.accept_then_timeout(Verb.PLACE_GTT)
        with pytest.raises(OutcomeUnknown):
            rest(opened.session)
        (gtt,) = opened.session.gtts()
        assert (gtt.isin, gtt.qty, gtt.stop) == (MIDCO.isin, 100, rs("480"))
        assert opened.count(Verb.PLACE_GTT) == 1


@pytest.fixture
def at() -> Iterator[tuple[Opened, Any]]:
    with at_sandbox(UPSTOX) as made:
        yield made


def test_an_order_refused_in_the_book_alone_is_read_back_as_rejected():
    with at_sandbox(UPSTOX, rejects_in_book=True) as (_, session):
        session.place(order(side=Side.SELL))
        (found,) = session.orders()
        assert found.status is OrderStatus.REJECTED and "with 0 held" in found.reason


def test_slices_share_their_tag_and_the_first_id_is_the_answer(at):
    _, session = at
    session.sandbox.faults.script(Fault(FaultKind.SLICE, "place", count=3))
    first = session.place(order())
    found = session.orders()
    assert [one.qty for one in found] == [34, 34, 32]
    assert {one.tag for one in found} == {order().tag} and found[0].broker_order_id == first


# who can sell the same shares


def held(opened: Opened, session: Any) -> None:
    session.place(order())
    opened.price("499")


def test_a_second_stop_for_the_same_shares_is_refused_before_it_is_sent(at):
    opened, session = at
    held(opened, session)
    gtt_id = rest(session)
    with pytest.raises(BrokerRefused, match=f"{gtt_id} .100. can SELL 100 already, and 100 more"):
        rest(session)
    assert opened.count(Verb.PLACE_GTT) == 1


def test_two_stops_that_fit_into_what_is_held_both_rest(at):
    opened, session = at
    held(opened, session)
    rest(session, qty=60)
    rest(session, qty=40, stop=rs("485"))
    assert sorted(gtt.qty for gtt in session.gtts()) == [40, 60]


def test_a_working_sale_is_an_owner_too(at):
    opened, session = at
    held(opened, session)
    session.place(order("or2", side=Side.SELL, qty=40, limit="520"))
    with pytest.raises(BrokerRefused, match="40 already, and 100 more are over the 100 held"):
        rest(session)
    rest(session, qty=60)


def test_a_stop_grows_only_into_shares_that_nobody_else_sells(at):
    opened, session = at
    held(opened, session)
    first = rest(session, qty=60)
    rest(session, qty=40, stop=rs("485"))
    with pytest.raises(BrokerRefused, match="cancel one first"):
        session.modify_gtt(first, qty=61, stop=rs("480"), target=None)
    session.modify_gtt(first, qty=50, stop=rs("480"), target=None)


def test_owners_that_cannot_be_read_mean_that_nothing_was_sent(at):
    opened, session = at
    held(opened, session)
    session.fail_reads(1)
    with pytest.raises(Throttled, match="nothing was sent"):
        rest(session)
    assert opened.count(Verb.PLACE_GTT) == 0


def test_a_fired_stop_that_is_not_listed_any_more_is_found_by_its_order():
    with at_sandbox(UPSTOX, forgets_ended_gtts=True) as (opened, session):
        held(opened, session)
        gtt_id = rest(session)
        assert [gtt.active for gtt in session.gtts()] == [True]
        opened.price("479")
        (gtt,) = session.gtts()
        child = next(one for one in session.orders() if one.broker_order_id == gtt.fired_order_id)
        assert (gtt.gtt_id, gtt.active, child.side, child.tag) == (gtt_id, False, Side.SELL, "")
        assert session.gtts() == [gtt]


def test_one_placed_by_an_earlier_session_is_looked_out_for():
    with at_sandbox(UPSTOX, forgets_ended_gtts=True) as (opened, session):
        held(opened, session)
        session._memory.__init__()
        gtt_id = rest(session)
        (gtt,) = session.gtts()
        session._memory.__init__()  # a restart
        session.expect(gtt, opened.clock.now())
        opened.price("479")
        assert [(one.gtt_id, one.active) for one in session.gtts()] == [(gtt_id, False)]


def test_a_cancelled_one_that_is_not_listed_is_simply_gone():
    with at_sandbox(UPSTOX, forgets_ended_gtts=True) as (opened, session):
        held(opened, session)
        session.cancel_gtt(rest(session))
        assert session.gtts() == []


# what else is read


def test_nothing_counts_as_seen_on_the_wire(at):
    _, session = at
    assert not any(session.wire_verified.values())
    assert set(session.wire_reasons) == set(session.wire_verified)


def test_candles_join_finished_days_and_today(at):
    opened, session = at
    one = rs("500")
    session.sandbox.upstox.candles = lambda isin, interval, start, end: [
        (start + timedelta(hours=10), one, one, one, one, 10)
    ]
    now = opened.clock.now()
    found = session.candles(MIDCO.isin, now - timedelta(days=3, hours=1), now, minutes=30)
    assert [one.at.astimezone(IST).day for one in found] == [20, 23]
    assert [one.volume for one in found] == [10, 10]
    with pytest.raises(BadInput, match="28 days of 1-minute candles"):
        session.candles(MIDCO.isin, now - timedelta(days=29), now, minutes=1)
    with pytest.raises(BadInput, match="no candles of 7 minutes"):
        session.candles(MIDCO.isin, now, now, minutes=7)
