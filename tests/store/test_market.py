import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.event import Event, Priority, TaggedEvent
from core.domain.instrument import Instrument
from core.domain.quote import Quote
from core.errors import NotFound
from core.store import events, instruments, quotes
from tests.made import RELIANCE, T0, TCS, a_tag, an_event, an_instrument, later
from tests.made import quote as a_quote

INFY = an_instrument(isin="INE009A01021", symbol="INFY", name="Infosys Limited")
MM = an_instrument(isin="INE101A01026", symbol="M&M", name="Mahindra & Mahindra")


def tag(of: Event, on: Instrument = TCS) -> TaggedEvent:
    return a_tag(of, on=on)


def quote(of: Instrument = TCS, ltp: str = "3000") -> Quote:
    """Five billion shares traded: more than 32 bits hold."""
    return replace(a_quote(ltp, of=of), volume=5_000_000_000, received_at=later(0.25))


def test_instruments_come_back_by_isin_and_symbol(any_store):
    with any_store.write() as tx:
        instruments.put(tx, [TCS, INFY])
        instruments.put(tx, [])
        assert instruments.by_isin(tx, TCS.isin) == TCS
        assert instruments.by_symbol(tx, " infy ") == INFY
        assert instruments.all_instruments(tx) == [INFY, TCS]


def test_a_known_isin_is_replaced(any_store):
    renamed = replace(INFY, symbol="INFOSYS", band_pct=None, has_derivatives=True)
    with any_store.write() as tx:
        instruments.put(tx, [INFY])
        instruments.put(tx, [renamed])
        assert instruments.all_instruments(tx) == [renamed]
        assert instruments.search(tx, "INFOSYS") == [renamed]


def test_the_newer_isin_carries_the_symbol_after_a_split(any_store):
    split = replace(TCS, isin="INE467B01037")
    with any_store.write() as tx:
        instruments.put(tx, [TCS])
        instruments.put(tx, [split])
        assert instruments.by_symbol(tx, "TCS") == split


def test_an_unknown_symbol_names_near_ones(any_store):
    with any_store.write() as tx:
        with pytest.raises(NotFound, match="there are none yet"):
            instruments.by_symbol(tx, "TCS")
        instruments.put(tx, [TCS, INFY, RELIANCE])
        with pytest.raises(NotFound, match="symbol RELIANC; near ones are RELIANCE"):
            instruments.by_symbol(tx, "RELIANC")
        with pytest.raises(NotFound, match="ISIN INE467B01028; near ones are INE467B01029"):
            instruments.by_isin(tx, "INE467B01028")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("rel", ["RELIANCE"]),
        ("INE009", ["INFY"]),
        ("tata cons", ["TCS"]),
        ("mahindra", ["M&M"]),
        ("m&m", ["M&M"]),
        ("limi", ["INFY"]),
        ("zzz", []),
        ('" OR *', []),
        ("", []),
    ],
)
def test_search_finds_by_the_beginnings_of_words(any_store, typed, found):
    with any_store.write() as tx:
        instruments.put(tx, [TCS, INFY, MM, RELIANCE])
    with any_store.read() as tx:
        assert [one.symbol for one in instruments.search(tx, typed)] == found


def test_a_symbol_that_matches_comes_before_a_name_that_does(any_store):
    other = an_instrument(isin="INE000000011", symbol="AAA", name="Infy Suppliers")
    with any_store.write() as tx:
        instruments.put(tx, [other, INFY])
        assert [one.symbol for one in instruments.search(tx, "infy")] == ["INFY", "AAA"]
        assert len(instruments.search(tx, "infy", limit=1)) == 1


def test_a_tick_replaces_the_last_price(any_store):
    with any_store.write() as tx:
        quotes.put(tx, [quote(), quote(INFY, "1500")])
        quotes.put(tx, [quote(TCS, "3001")])
    with any_store.read() as tx:
        assert quotes.by_isin(tx, TCS.isin) == quote(TCS, "3001")
        assert quotes.all_quotes(tx) == {
            TCS.isin: quote(TCS, "3001"),
            INFY.isin: quote(INFY, "1500"),
        }
        with pytest.raises(NotFound, match="X has no price yet"):
            quotes.by_isin(tx, "X")


def test_an_event_is_kept_once(any_store):
    with any_store.write() as tx:
        assert events.put(tx, an_event("TCS wins an order")) is True
        assert events.put(tx, an_event("TCS wins an order")) is False
        assert events.by_id(tx, an_event("TCS wins an order").id) == an_event("TCS wins an order")
        with pytest.raises(NotFound, match="no event has the id x"):
            events.by_id(tx, "x")


def test_the_same_headline_from_elsewhere_is_a_duplicate_for_a_day(any_store):
    first = an_event("TCS wins an order!")
    other = an_event("tcs  WINS an order", source="paper", source_id="9")
    with any_store.write() as tx:
        assert events.put(tx, first)
        assert not events.put(tx, replace(other, known_at=T0 + timedelta(hours=24)))
        assert not events.put(tx, replace(other, known_at=T0 - timedelta(hours=24)))
        assert events.put(tx, replace(other, known_at=T0 + timedelta(hours=24, seconds=1)))


def test_one_source_may_file_two_texts_under_one_headline(any_store):
    first = an_event("Outcome of board meeting", source_id="1", body="TCS pays ₹10")
    other = an_event("Outcome of board meeting", source_id="2", body="INFY pays ₹20")
    again = an_event("Outcome of board meeting", source_id="3", body="INFY pays ₹20")
    with any_store.write() as tx:
        assert [events.put(tx, one) for one in (first, other, again)] == [True, True, False]


def test_undecided_events_come_urgent_first_then_oldest(any_store):
    slow = an_event("a", source_id="1", known_at=later(-60))
    new = an_event("b", source_id="2", known_at=later(5))
    urgent = an_event("c", source_id="3", known_at=later(9), priority=Priority.URGENT)
    with any_store.write() as tx:
        for one in (new, slow, urgent):
            events.put(tx, one)
        assert [one.headline for one in events.undecided(tx)] == ["c", "a", "b"]
        events.mark(tx, urgent.id, "card written")
        events.mark(tx, urgent.id, "card refused")
        assert [one.headline for one in events.undecided(tx)] == ["a", "b"]
        with pytest.raises(NotFound):
            events.mark(tx, "nothing", "x")


def test_recent_events_carry_tags_and_outcome(any_store):
    old, new = an_event("a", source_id="1"), an_event("b", source_id="2", known_at=later(5))
    with any_store.write() as tx:
        events.put(tx, old)
        events.put(tx, new)
        events.put_tags(tx, [tag(old), tag(old, on=INFY)])
        events.mark(tx, old.id, "no card")
        assert events.recent(tx) == [
            (new, [], ""),
            (old, [tag(old, on=INFY), tag(old)], "no card"),
        ]
        assert len(events.recent(tx, limit=1)) == 1
        assert events.tags_of_event(tx, old.id) == [tag(old, on=INFY), tag(old)]


def test_more_recent_events_than_the_database_binds_variables_are_read(store):
    made = [an_event(f"news {n}", known_at=later(n)) for n in range(1_050)]
    with store.write() as tx:
        events.put_archive(tx, made)
        events.put_tags(tx, [tag(one) for one in made])
        tx.connection().connection.driver_connection.setlimit(
            sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 501
        )
        found = events.recent(tx, limit=10**6)
        few = events.recent(tx, limit=2)
    assert found == [(one, [tag(one)], events.ARCHIVED) for one in reversed(made)]
    assert [one.headline for one, _, _ in few] == ["news 1049", "news 1048"]


def test_tags_are_found_by_time_and_instrument(any_store):
    old, new = an_event("a", source_id="1"), an_event("b", source_id="2", known_at=later(60))
    with any_store.write() as tx:
        events.put(tx, old)
        events.put(tx, new)
        events.put_tags(tx, [tag(old), tag(new)])
        events.put_tags(tx, [replace(tag(new), impact=0.1)])  # read again
        assert events.tags_between(tx, T0, later(60)) == [replace(tag(new), impact=0.1)]
        assert events.tags_between(tx, later(-1), later(59)) == [tag(old)]
        assert [one.event_id for one in events.tags_of_isin(tx, TCS.isin)] == [new.id, old.id]
        assert len(events.tags_of_isin(tx, TCS.isin, limit=1)) == 1


def test_archived_news_is_decided_already_and_kept_once(any_store):
    past = [an_event("a", source_id="1"), an_event("b", source_id="2", known_at=later(-9))]
    with any_store.write() as tx:
        events.put_archive(tx, [])
        events.put_archive(tx, past)
        events.put_archive(tx, past)
        assert events.undecided(tx) == []
        found = events.recent(tx)
        assert [(one.headline, outcome) for one, _, outcome in found] == [
            ("a", events.ARCHIVED),
            ("b", events.ARCHIVED),
        ]
        assert events.put(tx, past[0]) is False
