import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.event import Priority
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import NotFound
from core.store import events, instruments, quotes
from tests.store.examples import AT, TCS, event, instrument, later, tag

INFY = instrument("INE009A01021", "INFY", "Infosys Limited")
MM = instrument("INE101A01026", "M&M", "Mahindra & Mahindra")
RELIANCE = instrument("INE002A01018", "RELIANCE", "Reliance Industries")


def quote(isin: str = TCS, ltp: int = 300_000) -> Quote:
    price = Money(ltp)
    return Quote(
        isin=isin,
        ltp=price,
        bid=price,
        ask=price,
        bid_qty=5,
        ask_qty=6,
        open=price,
        high=price,
        low=price,
        prev_close=price,
        volume=5_000_000_000,
        at=AT,
        received_at=later(0.25),
        source="sim",
    )


def test_instruments_come_back_by_isin_and_symbol(any_store):
    with any_store.write() as tx:
        instruments.put(tx, [instrument(), INFY])
        instruments.put(tx, [])
        assert instruments.by_isin(tx, TCS) == instrument()
        assert instruments.by_symbol(tx, " infy ") == INFY
        assert instruments.all_instruments(tx) == [INFY, instrument()]


def test_a_known_isin_is_replaced(any_store):
    renamed = replace(INFY, symbol="INFOSYS", band_pct=None, has_derivatives=True)
    with any_store.write() as tx:
        instruments.put(tx, [INFY])
        instruments.put(tx, [renamed])
        assert instruments.all_instruments(tx) == [renamed]
        assert instruments.search(tx, "INFOSYS") == [renamed]


def test_the_newer_isin_carries_the_symbol_after_a_split(any_store):
    split = instrument("INE467B01037", "TCS")
    with any_store.write() as tx:
        instruments.put(tx, [instrument()])
        instruments.put(tx, [split])
        assert instruments.by_symbol(tx, "TCS") == split


def test_an_unknown_symbol_names_near_ones(any_store):
    with any_store.write() as tx:
        with pytest.raises(NotFound, match="there are none yet"):
            instruments.by_symbol(tx, "TCS")
        instruments.put(tx, [instrument(), INFY, RELIANCE])
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
        instruments.put(tx, [instrument(), INFY, MM, RELIANCE])
    with any_store.read() as tx:
        assert [one.symbol for one in instruments.search(tx, typed)] == found


def test_a_symbol_that_matches_comes_before_a_name_that_does(any_store):
    other = instrument("INE000000011", "AAA", "Infy Suppliers")
    with any_store.write() as tx:
        instruments.put(tx, [other, INFY])
        assert [one.symbol for one in instruments.search(tx, "infy")] == ["INFY", "AAA"]
        assert len(instruments.search(tx, "infy", limit=1)) == 1


def test_a_tick_replaces_the_last_price(any_store):
    with any_store.write() as tx:
        quotes.put(tx, [quote(), quote(INFY.isin, 150_000)])
        quotes.put(tx, [quote(TCS, 300_100)])
    with any_store.read() as tx:
        assert quotes.by_isin(tx, TCS) == quote(TCS, 300_100)
        assert quotes.all_quotes(tx) == {
            TCS: quote(TCS, 300_100),
            INFY.isin: quote(INFY.isin, 150_000),
        }
        with pytest.raises(NotFound, match="X has no price yet"):
            quotes.by_isin(tx, "X")


def test_an_event_is_kept_once(any_store):
    with any_store.write() as tx:
        assert events.put(tx, event("TCS wins an order")) is True
        assert events.put(tx, event("TCS wins an order")) is False
        assert events.by_id(tx, event("TCS wins an order").id) == event("TCS wins an order")
        with pytest.raises(NotFound, match="no event has the id x"):
            events.by_id(tx, "x")


def test_the_same_headline_from_elsewhere_is_a_duplicate_for_a_day(any_store):
    first = event("TCS wins an order!")
    other = event("tcs  WINS an order", source="paper", source_id="9")
    with any_store.write() as tx:
        assert events.put(tx, first)
        assert not events.put(tx, replace(other, known_at=AT + timedelta(hours=24)))
        assert not events.put(tx, replace(other, known_at=AT - timedelta(hours=24)))
        assert events.put(tx, replace(other, known_at=AT + timedelta(hours=24, seconds=1)))


def test_one_source_may_file_two_texts_under_one_headline(any_store):
    first = event("Outcome of board meeting", source_id="1", body="TCS pays ₹10")
    other = event("Outcome of board meeting", source_id="2", body="INFY pays ₹20")
    again = event("Outcome of board meeting", source_id="3", body="INFY pays ₹20")
    with any_store.write() as tx:
        assert [events.put(tx, one) for one in (first, other, again)] == [True, True, False]


def test_undecided_events_come_urgent_first_then_oldest(any_store):
    slow = event("a", source_id="1", known_at=later(-60))
    new = event("b", source_id="2", known_at=later(5))
    urgent = event("c", source_id="3", known_at=later(9), priority=Priority.URGENT)
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
    old, new = event("a", source_id="1"), event("b", source_id="2", known_at=later(5))
    with any_store.write() as tx:
        events.put(tx, old)
        events.put(tx, new)
        events.put_tags(tx, [tag(old), tag(old, INFY.isin)])
        events.mark(tx, old.id, "no card")
        assert events.recent(tx) == [
            (new, [], ""),
            (old, [tag(old, INFY.isin), tag(old)], "no card"),
        ]
        assert len(events.recent(tx, limit=1)) == 1
        assert events.tags_of_event(tx, old.id) == [tag(old, INFY.isin), tag(old)]


def test_more_recent_events_than_the_database_binds_variables_are_read(store):
    made = [event(f"news {n}", known_at=later(n)) for n in range(50)]
    with store.write() as tx:
        events.put_archive(tx, made)
        events.put_tags(tx, [tag(one) for one in made])
        tx.connection().connection.driver_connection.setlimit(
            sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 49
        )
        found = events.recent(tx, limit=10**6)
        few = events.recent(tx, limit=2)
    assert found == [(one, [tag(one)], events.ARCHIVED) for one in reversed(made)]
    assert [one.headline for one, _, _ in few] == ["news 49", "news 48"]


def test_tags_are_found_by_time_and_instrument(any_store):
    old, new = event("a", source_id="1"), event("b", source_id="2", known_at=later(60))
    with any_store.write() as tx:
        events.put(tx, old)
        events.put(tx, new)
        events.put_tags(tx, [tag(old), tag(new)])
        events.put_tags(tx, [replace(tag(new), impact=0.1)])  # read again
        assert events.tags_between(tx, AT, later(60)) == [replace(tag(new), impact=0.1)]
        assert events.tags_between(tx, later(-1), later(59)) == [tag(old)]
        assert [one.event_id for one in events.tags_of_isin(tx, TCS)] == [new.id, old.id]
        assert len(events.tags_of_isin(tx, TCS, limit=1)) == 1


def test_archived_news_is_decided_already_and_kept_once(any_store):
    past = [event("a", source_id="1"), event("b", source_id="2", known_at=later(-9))]
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
