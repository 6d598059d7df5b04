"""A click makes one plan; a plan makes a priced entry and exits that only reduce."""

from dataclasses import replace
from datetime import date

import pytest

from core.domain.card import Leg
from core.domain.instrument import PriceBand
from core.domain.order import OrderStatus, OrderType, Product, Purpose, Side, tag_for
from core.errors import ApprovalRefused, BadInput
from core.execution.plan import entry_order, exit_order, marketable_limit, order_id, plan_for
from tests.made import BRACKET, SHORT, T0, a_card, an_approval, quote, rs

BAND = PriceBand(low=rs("450"), high=rs("550"))
TICK = rs("0.05")


def card(**changes):
    return a_card(account_id="ac1", **changes)


def plan(*, side=Side.BUY, bracket=BRACKET):
    """What a click on a card of 100 becomes."""
    written = card(legs=(Leg(side, 100, Product.CNC),), bracket=bracket)
    return plan_for(
        written,
        an_approval(written),
        login_id="paper-1",
        opened_at=T0,
        time_exit_on=date(2026, 12, 7),
    )


def entry(of=None, *, price=None, tick=TICK, attempt=1):
    return entry_order(
        of or plan(), prepared_at=T0, desk="AB", quote=price, tick=tick, attempt=attempt
    )


def leave(of=None, *, qty=100, purpose=Purpose.EXIT, attempt=1):
    return exit_order(
        of or plan(),
        qty=qty,
        purpose=purpose,
        limit=rs("490"),
        prepared_at=T0,
        desk="AB",
        attempt=attempt,
    )


def test_a_plan_carries_what_was_signed_and_nothing_more():
    made = plan()
    assert (made.qty, made.side, made.product) == (100, Side.BUY, Product.CNC)
    assert (made.bracket, made.login_id) == (BRACKET, "paper-1")
    assert (made.card_id, made.approval_id, made.account_id) == ("cd1", "ap1", "ac1")
    assert made == plan()  # the same click is the same plan


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"card_version": 2}, "is for card cd1 version 2, not cd1 version 1"),
        ({"card_id": "other"}, "is for card other"),
        ({"bound_hash": "0" * 64}, "has changed since it was approved"),
    ],
)
def test_a_click_on_something_else_makes_no_plan(change, words):
    signed = replace(an_approval(card()), **change)
    with pytest.raises(ApprovalRefused, match=words):
        plan_for(card(), signed, login_id="p", opened_at=T0, time_exit_on=date(2026, 12, 7))


def test_a_card_with_two_legs_makes_no_plan():
    two = card(legs=(Leg(Side.BUY, 1, Product.CNC), Leg(Side.BUY, 2, Product.CNC)))
    with pytest.raises(BadInput, match="the card has 2"):
        plan_for(two, an_approval(two), login_id="p", opened_at=T0, time_exit_on=date(2026, 12, 7))


def test_a_card_whose_side_and_bracket_disagree_makes_no_plan():
    turned = card(legs=(Leg(Side.SELL, 100, Product.MIS),))
    with pytest.raises(BadInput, match=r"is to SELL, and its stop .*480.* are those of a BUY"):
        plan_for(turned, an_approval(turned), login_id="p", opened_at=T0,
                 time_exit_on=date(2026, 12, 7))  # fmt: skip


def test_the_plan_of_a_short_sale_carries_its_side():
    short = card(legs=(Leg(Side.SELL, 100, Product.MIS),), bracket=SHORT)
    made = plan_for(short, an_approval(short), login_id="p", opened_at=T0,
                    time_exit_on=date(2026, 12, 7))  # fmt: skip
    assert (made.side, made.product, made.bracket.side) == (Side.SELL, Product.MIS, Side.SELL)


def test_an_entry_is_a_limit_at_the_top_of_the_band_with_its_own_tag():
    order = entry()
    assert (order.order_type, order.limit_price) == (OrderType.LIMIT, rs("505"))
    assert (order.status, order.purpose, order.qty) == (OrderStatus.PREPARED, Purpose.ENTRY, 100)
    assert order.tag == tag_for(order.id, desk="AB") and len(order.tag) == 18
    assert entry() == order


def test_the_entry_limit_never_passes_the_signed_price_when_snapped():
    # with a ₹2 tick 505 becomes 504 for a buy; a short sells at 495, which becomes 496
    assert entry(tick=rs("2")).limit_price == rs("504")
    short = plan(side=Side.SELL, bracket=SHORT)
    assert entry(short, tick=rs("2")).limit_price == rs("496")


def test_another_attempt_is_another_order():
    assert entry(attempt=2).tag != entry().tag
    assert leave(attempt=2).id != leave().id
    assert entry().id == order_id(plan(), purpose=Purpose.ENTRY, attempt=1)


def test_an_entry_inside_the_band_goes():
    assert entry(price=quote("500")).limit_price == rs("505")


@pytest.mark.parametrize(
    ("ltp", "words"), [("506", "ask ₹506.05 is above"), ("490", "ask ₹490.05 is below")]
)
def test_a_price_that_left_the_band_needs_a_new_card(ltp, words):
    with pytest.raises(ApprovalRefused, match=words.replace(".", r"\.")):
        entry(price=quote(ltp))


def test_with_no_offers_the_last_trade_is_held_against_the_band():
    none = replace(quote("506"), ask=rs("0"))
    with pytest.raises(ApprovalRefused, match="above the approved band"):
        entry(price=none)


def test_an_exit_sells_what_is_held_and_no_more():
    order = leave(qty=60)
    assert (order.side, order.qty, order.purpose) == (Side.SELL, 60, Purpose.EXIT)
    with pytest.raises(BadInput, match="an exit of 101 is over the plan's 100"):
        leave(qty=101)
    with pytest.raises(BadInput, match="cannot have the purpose entry"):
        leave(purpose=Purpose.ENTRY)


def test_a_short_is_bought_back():
    assert leave(plan(side=Side.SELL, bracket=SHORT)).side is Side.BUY


@pytest.mark.parametrize(
    ("side", "ltp", "expected"),
    [
        (Side.SELL, "500", "494.95"),  # bid 499.95 less 1 % is 494.9505, down to 494.95
        (Side.BUY, "500", "505.05"),  # ask 500.05 plus 1 % is 505.0505, to the paisa 505.05
        (Side.SELL, "452", "450"),  # the band ends there
        (Side.BUY, "548", "550"),
    ],
)
def test_a_marketable_limit_goes_through_the_other_side_inside_the_band(side, ltp, expected):
    assert marketable_limit(side, quote(ltp), band=BAND, tick=TICK) == rs(expected)


def test_with_no_bid_a_marketable_limit_starts_from_the_last_trade():
    bare = replace(quote("500"), bid=rs("0"))
    assert marketable_limit(Side.SELL, bare, band=BAND, tick=TICK) == rs("495")
