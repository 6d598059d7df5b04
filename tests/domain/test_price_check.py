"""Live prices: ages by phase, a stream and a request that must agree, ticks that are not used."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from core.domain.calendar import Phase
from core.domain.price_check import (
    FeedSeen,
    Pair,
    Seen,
    seen_of,
    stalled_for,
    why_no_feed,
    why_not_tick,
    why_unsure,
)
from core.domain.quote import SLOW
from tests.made import T0, quote, rs

OPENED = T0 - timedelta(hours=1)
FEED = FeedSeen(T0, "z", "Zerodha AB1234", tick_at=T0, since=OPENED)


def ago(seconds: float) -> datetime:
    return T0 - timedelta(seconds=seconds)


def seen(ltp: str, *, told: float = 0, made: float = 0, close: str = "500") -> Seen:
    return Seen(rs(ltp), rs(close), ago(made), ago(told), "zerodha")


def unsure(stream: Seen | None, request: Seen | None, phase: Phase = Phase.CONTINUOUS) -> str:
    return why_unsure(Pair(stream, request), "MIDCO", phase=phase, now=T0)


def no_feed(liquid: Phase = Phase.CONTINUOUS, **changes: object) -> str:
    feed = replace(FEED, **changes)  # type: ignore[arg-type]
    return why_no_feed(feed, liquid=liquid, now=T0, opened_at=OPENED)


def test_a_stream_and_a_request_within_one_percent_let_an_entry_through():
    # 504.9 is 0.98 % over 500, 505.1 is 1.02 %
    assert unsure(seen("504.9"), seen("500")) == ""
    assert unsure(seen("505.1"), seen("500")) == (
        "MIDCO: the stream says ₹505.10 and the request ₹500.00, 1.02 % apart and at most 1.00 % "
        "is allowed; wait until they agree"
    )


def test_one_source_alone_is_not_enough():
    assert "the stream told no price" in unsure(None, seen("500"))
    assert "the stream stands alone" in unsure(seen("500"), None)


@pytest.mark.parametrize(
    ("stream", "request_", "phase", "words"),
    [
        (seen("500", told=61), seen("500"), Phase.CONTINUOUS, "told it 61 s ago, at most 60 s"),
        (seen("500"), seen("500", told=16), Phase.CONTINUOUS, "for 16 s ago, at most 15 s"),
        (seen("500", told=61), seen("500"), Phase.PRE_OPEN, ""),
        (seen("500"), seen("500", told=31), Phase.CLOSING_AUCTION, "31 s ago, at most 30 s"),
        (seen("500", made=61), seen("500", made=62), Phase.CONTINUOUS, "made its last price 61 s"),
        (seen("500", made=61), seen("500", made=5), Phase.CONTINUOUS, ""),
    ],
)
def test_each_age_is_bound_by_the_phase(stream: Seen, request_: Seen, phase: Phase, words: str):
    found = unsure(stream, request_, phase)
    assert (words in found) if words else found == ""


def test_two_closes_of_one_day_mean_two_shares():
    found = unsure(seen("500", close="500"), seen("500", close="499"))
    assert "it closed at ₹500.00 and the request at ₹499.00, so one is another share's" in found


def test_fifteen_seconds_without_a_liquid_tick_hold_every_entry_in_continuous_trading():
    assert no_feed(tick_at=ago(14.9)) == ""
    assert "told no liquid share for 15 s, at most 15 s" in no_feed(tick_at=ago(15))
    assert no_feed(Phase.CLOSING_AUCTION, tick_at=ago(90)) == ""
    assert no_feed(tick_at=None, since=ago(10)) == ""  # it has just begun


def test_a_stall_counts_from_the_open_at_the_earliest():
    feed = replace(FEED, tick_at=ago(9_000), since=ago(9_000))
    assert stalled_for(feed, now=T0, opened_at=ago(5)) == 5.0


def test_no_login_an_old_look_and_slow_prices_say_so():
    assert "no login brings live prices" in no_feed(login="")
    assert "looked at live prices 16 s ago, at most 15 s" in no_feed(looked_at=ago(16))
    assert "by request only, for the stream is down; entries wait" in (
        no_feed(slow="the stream is down")
    )


def test_the_first_price_of_a_day_waits_for_another_beside_it():
    first = quote("500")
    assert "nothing stands beside it" in why_not_tick(first, last=None, request=None)
    assert why_not_tick(first, last=None, request=seen_of(quote("501"))) == ""
    yesterday = quote("500", at=T0 - timedelta(days=1))
    assert "nothing stands beside it" in why_not_tick(first, last=yesterday, request=None)


def test_a_jump_of_more_than_a_tenth_is_taken_only_when_a_request_agrees():
    last, jumped = quote("500"), quote("551", seconds=1)
    assert why_not_tick(quote("550", seconds=1), last=last, request=None) == ""
    found = why_not_tick(jumped, last=last, request=None)
    assert (
        found == "₹551.00 is 10.20 % from the last price ₹500.00, at most 10.00 % is taken unasked"
    )
    assert why_not_tick(jumped, last=last, request=seen_of(quote("549", seconds=1))) == ""


def test_a_tick_of_another_share_and_one_of_tomorrow_are_not_used():
    asked = seen_of(quote("500"))
    found = why_not_tick(quote("500", prev_close="799"), last=quote("500"), request=asked)
    assert "it says it closed at ₹799.00 and the request ₹500.00" in found
    early = replace(quote("500", seconds=11), received_at=T0)
    assert "11 s ahead of this machine's, at most 10 s" in (
        why_not_tick(early, last=quote("500"), request=None)
    )


def test_a_price_says_that_it_is_slow():
    assert not quote("500").is_slow
    assert replace(quote("500"), source="zerodha" + SLOW).is_slow
