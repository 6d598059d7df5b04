from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.event import Event, event_id, squeeze
from core.errors import BadInput

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
EVENT = Event(
    id="ev1", source="NSE", source_id="7", headline="L&T wins an order", event_at=AT, known_at=AT
)


def test_the_same_item_from_the_same_source_is_the_same_event():
    one = event_id("NSE", "7", "L&T wins an order!")
    assert one == event_id("NSE", "7", "  l&t WINS an   order")
    assert one.startswith("ev") and len(one) == 20


@given(st.tuples(st.text(), st.text(), st.text()), st.tuples(st.text(), st.text(), st.text()))
def test_an_id_differs_when_source_number_or_words_differ(one, other):
    # the separator cannot come from a source's own number
    one, other = (tuple(part.replace("\x1f", "") for part in parts) for parts in (one, other))
    same = (*one[:2], squeeze(one[2])) == (*other[:2], squeeze(other[2]))
    assert (event_id(*one) == event_id(*other)) == same


@given(st.text())
def test_squeezing_twice_changes_nothing_more(headline: str):
    assert squeeze(squeeze(headline)) == squeeze(headline)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"headline": "  "}, "NSE 7: an event needs a headline"),
        ({"event_at": datetime(2026, 11, 20)}, "event times need a time zone"),  # noqa: DTZ001
        ({"known_at": datetime(2026, 11, 20)}, "event times need a time zone"),  # noqa: DTZ001
    ],
)
def test_an_event_needs_words_and_times_with_a_zone(change: dict[str, object], words: str):
    with pytest.raises(BadInput, match=words):
        replace(EVENT, **change)
