"""Every lifecycle goes where its table says and nowhere else."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain import card, order, plan, protection
from core.domain.card import CardStatus
from core.domain.money import ZERO
from core.domain.order import WORKING, Fill, OrderStatus, OrderType, Product, Side
from core.domain.plan import PlanStatus
from core.domain.protection import ProtectionStatus
from core.errors import BadInput, IllegalTransition
from tests.made import MIDCO, T0, a_card, a_plan, a_protection, an_order, rs

LIFECYCLES = {
    "order": (order, OrderStatus, lambda status: an_order(status=status)),
    "card": (card, CardStatus, lambda status: a_card(status=status)),
    "plan": (plan, PlanStatus, lambda status: a_plan(status=status)),
    "protection": (protection, ProtectionStatus, a_protection),
}
MOVES = [
    (name, here, there)
    for name, (_, statuses, _) in LIFECYCLES.items()
    for here in statuses
    for there in statuses
]


@pytest.mark.parametrize(("name", "here", "there"), MOVES, ids=str)
def test_a_lifecycle_goes_only_where_its_table_says(name: str, here, there):
    module, _, make = LIFECYCLES[name]
    start = make(here)
    if there in module.NEXT[here]:
        moved = module.advance(start, there, reason="because")
        assert moved.status is there
        assert getattr(moved, "reason", getattr(moved, "status_reason", "")) == "because"
    else:
        with pytest.raises(IllegalTransition, match=f"{here} .*cannot become {there}"):
            module.advance(start, there)


@pytest.mark.parametrize("name", LIFECYCLES)
def test_every_status_has_a_row_and_something_leads_to_every_later_one(name: str):
    module, statuses, _ = LIFECYCLES[name]
    assert set(module.NEXT) == set(statuses)
    reached = {there for row in module.NEXT.values() for there in row}
    first = next(iter(statuses))
    assert reached | {first} == set(statuses)
    # every status can still come to an end
    ends = {status for status in statuses if not module.NEXT[status]}
    ends |= getattr(module, "ENDED", frozenset())  # over, unless a late fill brings shares
    grew = True
    while grew:
        more = {status for status in statuses if module.NEXT[status] & ends}
        grew = not more <= ends
        ends |= more
    assert ends == set(statuses)


def test_a_sent_order_is_never_prepared_again():
    for status, following in order.NEXT.items():
        assert OrderStatus.PREPARED not in following, status
        assert OrderStatus.SENT not in following or status is OrderStatus.PREPARED


def test_working_and_terminal_leave_only_the_absent_out():
    assert frozenset({OrderStatus.ABSENT}) == set(OrderStatus) - WORKING - order.TERMINAL


def test_moving_an_order_keeps_an_earlier_reason_and_counts_the_version():
    sent = order.advance(an_order(reason="scan"), OrderStatus.SENT)
    assert (sent.reason, sent.version) == ("scan", 2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"qty": 0}, "an order for 0 shares"),
        ({"limit_price": None}, "a LIMIT order needs a limit price"),
        ({"order_type": OrderType.SL}, "a SL order needs a trigger price"),
        ({"order_type": OrderType.SL_M, "limit_price": None}, "a SL-M order needs a trigger"),
        ({"limit_price": ZERO}, "must be above ₹0"),
    ],
)
def test_an_order_cannot_hold_nonsense(change: dict[str, object], words: str):
    with pytest.raises(BadInput, match=words):
        an_order(**change)


def test_a_market_order_needs_no_price():
    assert an_order(order_type=OrderType.MARKET, limit_price=None).limit_price is None


def test_a_fill_knows_its_notional_and_is_never_for_nothing():
    given_ = Fill("o1", "t1", "NSE", "a", MIDCO.isin, "MIDCO", -4, rs("520.50"), Product.CNC, T0)
    assert given_.notional == rs(2082)
    with pytest.raises(BadInput, match="fill t1 is for no shares"):
        replace(given_, qty=0)
    with pytest.raises(BadInput, match="wait for a price"):
        replace(given_, price=ZERO)
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)


@given(st.text(min_size=1), st.text(min_size=1))
def test_an_order_s_tag_fits_every_broker_and_tells_intents_apart(one: str, other: str):
    tag = order.tag_for(one, desk="m7")
    assert tag.isalnum() and tag.isascii() and len(tag) == 18
    assert tag.startswith("M7")
    assert (tag == order.tag_for(other, desk="m7")) == (one == other)


@pytest.mark.parametrize("desk", ["", "abc", "a-"])
def test_a_desk_instance_is_two_letters(desk: str):
    with pytest.raises(BadInput, match="two letters or digits"):
        order.tag_for("intent", desk=desk)


def test_protection_covers_only_what_is_armed_placed_or_verified():
    covering = {ProtectionStatus.ARMED_LOCAL, ProtectionStatus.PLACED, ProtectionStatus.VERIFIED}
    for status in ProtectionStatus:
        assert a_protection(status, qty=10).covers == (10 if status in covering else 0)
    with pytest.raises(BadInput, match="cannot cover -1 shares"):
        a_protection(ProtectionStatus.NONE, qty=-1)
