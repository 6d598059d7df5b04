from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import LoginMode, Market
from core.domain.card import Card, CardStatus, Leg, card_id
from core.domain.money import Money
from core.domain.order import Product, Side
from core.domain.verdict import Opinion, Verdict
from core.errors import BadInput
from tests import made
from tests.made import BRACKET, EVIDENCE, T0, rs


def a_card() -> Card:
    """Ten shares between 495 and 505, a stop at 485 and a target at 535."""
    return made.a_card(
        symbol="SBIN",
        legs=(Leg(Side.BUY, 10, Product.CNC),),
        bracket=replace(BRACKET, stop=rs(485), target=rs(535)),
    )


CARD = a_card()
names = st.text(min_size=1, max_size=20)
counts = st.integers(1, 10_000)
prices = st.integers(1, 10_000_000).map(Money)


def with_evidence(card: Card, evidence) -> Card:
    return replace(card, verdict=replace(card.verdict, evidence=tuple(evidence)))


def on_bracket(name: str):
    return prices.map(lambda price: replace(CARD, bracket=replace(CARD.bracket, **{name: price})))


def on_leg(**strategies):
    return st.fixed_dictionaries(strategies).map(
        lambda change: replace(CARD, legs=(replace(CARD.legs[0], **change),))
    )


def on_card(name: str, values):
    return values.map(lambda value: replace(CARD, **{name: value}))


BOUND = {
    "id": on_card("id", names),
    "version": on_card("version", counts),
    "market": on_card("market", st.sampled_from(Market)),
    "mode": on_card("mode", st.sampled_from(LoginMode)),
    "account": on_card("account_id", names),
    "isin": on_card("isin", names),
    "symbol": on_card("symbol", names),
    "qty": on_leg(qty=counts),
    "side": on_leg(side=st.sampled_from(Side)),
    "product": on_leg(product=st.sampled_from(Product)),
    "legs": st.lists(st.builds(Leg, st.sampled_from(Side), counts, st.sampled_from(Product)),
                     min_size=1, max_size=3).map(lambda legs: replace(CARD, legs=tuple(legs))),
    "entry low": on_bracket("entry_low"),
    "entry high": on_bracket("entry_high"),
    "stop": on_bracket("stop"),
    "target": on_bracket("target"),
    "trail": on_bracket("trail"),
    "trail from": on_bracket("trail_from"),
    "mandate": on_card("mandate_version", counts),
    "horizon": on_card("horizon_sessions", counts),
    "expiry": on_card("expires_at", st.integers(-5000, 5000).map(
        lambda seconds: CARD.expires_at + timedelta(seconds=seconds))),
    "evidence": st.lists(names, max_size=3).map(
        lambda ids: with_evidence(CARD, (replace(EVIDENCE, id=one) for one in ids))),
}  # fmt: skip


def bound(card: Card) -> tuple[object, ...]:
    """What a click signs, as values."""
    return (
        *(getattr(card, name) for name in ("id", "version", "market", "mode", "account_id")),
        *(getattr(card, name) for name in ("isin", "symbol", "legs", "bracket")),
        *(getattr(card, name) for name in ("mandate_version", "horizon_sessions", "expires_at")),
        sorted(item.id for item in card.verdict.evidence),
    )


@pytest.mark.parametrize("name", BOUND)
def test_a_change_of_anything_signed_changes_the_hash(name: str):
    @given(BOUND[name])
    def holds(changed: Card) -> None:
        same = bound(changed) == bound(CARD)
        assert (changed.bound_hash == CARD.bound_hash) == same

    holds()


@given(BOUND["id"], BOUND["symbol"])
def test_text_cannot_slip_from_one_signed_field_into_another(one: Card, other: Card):
    mixed = replace(one, symbol=other.symbol)
    assert (mixed.bound_hash == CARD.bound_hash) == (bound(mixed) == bound(CARD))


@pytest.mark.parametrize(
    "unsigned",
    [
        replace(CARD, status=CardStatus.APPROVED, status_reason="clicked"),
        replace(CARD, account_name="Renamed", sector="Banks", playbook="Other"),
        replace(CARD, written_at=T0 + timedelta(hours=1)),
        replace(CARD, signal=replace(CARD.signal, edge=0.4)),
        replace(
            CARD,
            verdict=Verdict(Opinion.OPPOSES, "Other words.", ("a risk",), CARD.verdict.evidence),
        ),
    ],
)
def test_prose_and_status_stand_outside_the_hash(unsigned: Card):
    assert unsigned.bound_hash == CARD.bound_hash


def test_the_order_of_evidence_does_not_matter_but_its_set_does():
    second = replace(EVIDENCE, id="ev2")
    there = with_evidence(CARD, (EVIDENCE, second))
    back = with_evidence(CARD, (second, EVIDENCE))
    assert there.bound_hash == back.bound_hash != CARD.bound_hash


def test_the_hash_is_the_same_in_every_process():
    assert CARD.bound_hash == a_card().bound_hash
    assert len(CARD.bound_hash) == 64


def test_a_card_counts_its_legs_signed_and_needs_one():
    two = replace(CARD, legs=(*CARD.legs, Leg(Side.SELL, 4, Product.CNC)))
    assert two.qty == 6
    with pytest.raises(BadInput, match="SBIN: a card needs a leg"):
        replace(CARD, legs=())
    with pytest.raises(BadInput, match="leg for 0 shares"):
        Leg(Side.BUY, 0, Product.CNC)


def test_the_same_cause_on_the_same_account_is_the_same_card():
    cause = {"account_id": "a", "isin": "i", "trigger": "ev1", "as_of": T0}
    assert card_id(**cause) == card_id(**cause)
    changed = {card_id(**(cause | {name: "x"})) for name in ("account_id", "isin", "trigger")}
    changed.add(card_id(**(cause | {"as_of": T0 + timedelta(seconds=1)})))
    assert len(changed | {card_id(**cause)}) == 5


def test_a_bracket_measures_reward_in_risks():
    # risk 505 - 485 = 20, reward 535 - 505 = 30
    assert CARD.bracket.risk_per_share == rs(20)
    assert CARD.bracket.reward_to_risk == 1.5
    assert replace(CARD.bracket, stop=rs(505)).reward_to_risk == 0.0


def test_a_trail_in_percent_is_signed_and_one_by_distance_signs_as_before():
    bracket = replace(CARD.bracket, trail_bps=250)
    assert replace(CARD, bracket=bracket).bound_hash != CARD.bound_hash
    assert replace(CARD, bracket=replace(bracket, trail_bps=0)).bound_hash == CARD.bound_hash
