"""The guard against another share's price, the same for every broker's stream."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.brokers.guard import Guard, Offered, Rejected
from core.brokers.upstox.shares import UpstoxShare
from core.domain.money import Money
from core.domain.quote import Quote
from tests.made import MIDCO, quote, rs

MID = UpstoxShare(MIDCO.isin, "MIDCO", "NSE", f"NSE_EQ|{MIDCO.isin}", Money(5))


@pytest.fixture
def guard():
    return Guard()


def offer(guard, ltp="500", *, close="500", days=0):
    made = quote(ltp)
    made = replace(made, prev_close=rs(close), at=made.at + timedelta(days=days))
    return guard.take(Offered("number 7", MID, rs(ltp), made))


def test_a_plausible_tick_is_a_quote(guard):
    assert isinstance(offer(guard), Quote)
    assert isinstance(offer(guard, "549"), Quote)


def test_a_share_that_is_not_known_is_rejected(guard):
    found = guard.take(Offered("number 2305", None, rs("500"), None))
    assert found == Rejected("number 2305", "", rs("500"), "no share has the number 2305")


def test_another_shares_tick_is_told_by_its_previous_close(guard):
    offer(guard)
    found = offer(guard, "510", close="1310")
    assert isinstance(found, Rejected)
    assert found.why.startswith("MIDCO closed at ₹500.00 and this tick says ₹1,310.00")


def test_a_new_day_may_bring_a_new_close(guard):
    offer(guard)
    assert isinstance(offer(guard, "510", close="505", days=1), Quote)


def test_a_spike_is_rejected_and_forgotten(guard):
    offer(guard)
    spike = offer(guard, "600")
    assert isinstance(spike, Rejected)
    assert "more than 10% from its last price ₹500.00" in spike.why
    assert isinstance(offer(guard, "501"), Quote)
    assert isinstance(offer(guard, "600"), Rejected)


def test_a_true_gap_is_believed_at_the_third_tick(guard):
    offer(guard)
    kinds = [type(offer(guard, ltp)) for ltp in ("430", "431", "429", "428")]
    assert kinds == [Rejected, Rejected, Quote, Quote]


def test_spikes_that_disagree_are_never_believed(guard):
    offer(guard)
    kinds = {type(offer(guard, ltp)) for ltp in ("600", "400", "600", "400", "600")}
    assert kinds == {Rejected}


def test_a_price_of_nothing_is_rejected(guard):
    found = guard.take(Offered("number 7", MID, rs("0"), None))
    assert isinstance(found, Rejected) and found.why == "MIDCO at ₹0.00"


def test_a_tick_without_a_book_passes_and_is_the_price_the_next_is_measured_from(guard):
    assert guard.take(Offered("number 7", MID, rs("500"), None)) is None
    assert isinstance(offer(guard, "600"), Rejected)
