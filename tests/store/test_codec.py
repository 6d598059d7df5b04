import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from core.domain.card import Card
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.signal import FeatureRow, Signal
from core.errors import Tampered
from core.store.codec import from_json, to_json
from tests.made import BRACKET, T0, a_card, a_mandate, a_signal, rs


def card() -> Card:
    return a_card(bracket=replace(BRACKET, stop=rs(2950)))


def mandate() -> Mandate:
    return a_mandate(sectors_banned=frozenset({"Banks", "Pharma", "Metals"}))


def signal() -> Signal:
    return a_signal(edge=math.nan)


def test_a_card_comes_back_with_the_hash_a_click_signs():
    back = from_json(Card, to_json(card()))
    assert back.bound_hash == card().bound_hash
    assert back.bracket.stop == Money(295_000)
    assert isinstance(back.legs, tuple)
    assert isinstance(back.allocation.guardrails, tuple)


def test_nan_is_kept():
    row = FeatureRow(
        isin="x", as_of=T0, names=("a", "b"), values=(math.nan, 0.1), version="1", fingerprint="f"
    )
    back = from_json(FeatureRow, to_json(row))
    assert math.isnan(back["a"])
    assert back["b"] == 0.1
    assert math.isnan(from_json(Signal, to_json(signal())).edge)


def test_sets_are_written_in_one_order_and_come_back_frozen():
    text = to_json(mandate())
    assert '"sectors_banned":["Banks","Metals","Pharma"]' in text
    back = from_json(Mandate, text)
    assert back == mandate()
    assert isinstance(back.cap_classes, frozenset)


def test_a_time_keeps_its_moment_and_its_offset():
    ist = timezone(timedelta(hours=5, minutes=30))
    row = FeatureRow(
        isin="x",
        as_of=datetime(2026, 11, 20, 10, 0, tzinfo=ist),
        names=(),
        values=(),
        version="1",
        fingerprint="f",
    )
    back = from_json(FeatureRow, to_json(row))
    assert back.as_of == datetime(2026, 11, 20, 4, 30, tzinfo=UTC)
    assert back.as_of.isoformat() == "2026-11-20T10:00:00+05:30"


def test_a_time_without_a_zone_is_refused():
    row = FeatureRow(
        isin="x",
        as_of=datetime(2026, 1, 1),  # noqa: DTZ001
        names=(),
        values=(),
        version="1",
        fingerprint="f",
    )
    with pytest.raises(TypeError, match="has no time zone"):
        to_json(row)


def test_decimals_and_mappings_are_written_plainly():
    given = {"b": Decimal("1.50"), "a": [Money(5)], "on": date(2026, 11, 20)}
    assert to_json(given) == '{"a":[{"paise":5}],"b":"1.50","on":"2026-11-20"}'


def test_what_is_no_domain_value_is_refused():
    with pytest.raises(TypeError, match="no domain value"):
        to_json(object())


def test_a_spoiled_text_says_which_field():
    with pytest.raises(Tampered, match="a stored Money cannot be read: paise: Field required"):
        from_json(Money, '{"rupees": 5}')
