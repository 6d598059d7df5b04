"""What a broker cannot hold is said at card time, with the reason and the way out."""

from dataclasses import replace

import pytest

from core.domain.account import Broker
from core.domain.capability import CAPABILITIES, Wanted, what_rests, why_not
from core.domain.instrument import Series
from core.domain.order import OrderType, Product, Side, Validity, tag_for
from core.exchange.rules import Rules
from tests.made import rs

PAIR = Wanted(
    symbol="MIDCO",
    side=Side.BUY,
    product=Product.CNC,
    order_type=OrderType.LIMIT,
    validity=Validity.DAY,
    tag=tag_for("or1", desk="AB"),
    stop=rs("480"),
    target=rs("530"),
    ltp=rs("500"),
)


@pytest.mark.parametrize("broker", [Broker.PAPER, Broker.ZERODHA, Broker.UPSTOX])
def test_an_ordinary_card_can_be_held(broker):
    assert why_not(broker, PAIR) == ()
    assert why_not(broker, replace(PAIR, target=None)) == ()
    assert why_not(broker, replace(PAIR, product=Product.MIS, side=Side.SELL)) == ()


def test_a_broker_that_ties_no_target_to_a_stop_says_who_keeps_it():
    assert what_rests(Broker.UPSTOX, PAIR) == (
        "MIDCO: upstox rests the stop alone; the desk sells at the target ₹530.00 while it runs, "
        "after it has taken the stop away"
    )
    assert what_rests(Broker.UPSTOX, replace(PAIR, target=None)) == ""
    assert what_rests(Broker.ZERODHA, PAIR) == ""


def test_every_broker_has_a_row_with_sources():
    assert set(CAPABILITIES) == set(Broker)
    for broker, can in CAPABILITIES.items():
        assert can.broker is broker and can.sources and all(can.sources.values())
        assert len(tag_for("or1", desk="AB")) <= can.tag_max


def test_a_broker_that_is_not_built_holds_nothing():
    assert why_not(Broker.FYERS, PAIR) == (
        "MIDCO: Munim cannot trade at fyers yet; choose another login",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"gtts_active": 250}, "zerodha rests 250 GTTs and 250 are active; cancel some first"),
        (
            {"stop": rs("499")},
            "its stop ₹499.00 is 0.20 % from the last price ₹500.00 and zerodha wants 0.25 % or "
            "more; move it away",
        ),
        (
            {"target": rs("501.20"), "stop": None},
            "its target ₹501.20 is 0.24 % from the last price ₹500.00 and zerodha wants 0.25 % or "
            "more; move it away",
        ),
        ({"tag": "A" * 21}, "zerodha takes tags up to 20 characters, this has 21"),
        ({"tag": "AB-1"}, "zerodha takes letters and digits in a tag, this is 'AB-1'"),
        ({"side": Side.SELL}, "a short position cannot be kept overnight; use MIS, or leave it"),
        (
            {"series": Series.BE, "product": Product.MIS},
            "series BE is delivery only; use CNC, or leave it",
        ),
    ],
)
def test_each_limit_has_its_sentence(change, reason):
    assert why_not(Broker.ZERODHA, replace(PAIR, **change)) == (f"MIDCO: {reason}",)


def test_a_quarter_percent_away_is_enough():
    near = replace(PAIR, stop=rs("498.75"), target=rs("501.25"))
    assert why_not(Broker.ZERODHA, near) == ()
    assert why_not(Broker.ZERODHA, replace(near, stop=rs("499"), ltp=None)) == ()


def test_every_reason_is_given_at_once():
    both = replace(PAIR, stop=rs("499"), gtts_active=250)
    assert len(why_not(Broker.ZERODHA, both)) == 2


def test_a_narrower_broker_says_what_it_lacks(monkeypatch):
    narrow = replace(
        CAPABILITIES[Broker.UPSTOX],
        gtt_pair=False,
        desk_keeps_target=False,
        gtt_single=False,
        gtt_products=frozenset({Product.CNC}),
        order_types=frozenset({OrderType.LIMIT}),
        products=frozenset({Product.CNC}),
        validities=frozenset({Validity.DAY}),
    )
    monkeypatch.setitem(CAPABILITIES, Broker.UPSTOX, narrow)
    assert "leave the target" in why_not(Broker.UPSTOX, PAIR)[0]
    assert "give it a target" in why_not(Broker.UPSTOX, replace(PAIR, target=None))[0]
    odd = replace(PAIR, product=Product.MIS, order_type=OrderType.SL_M, validity=Validity.IOC)
    assert len(why_not(Broker.UPSTOX, odd)) == 4


def test_paper_and_zerodha_share_the_exchanges_rules():
    rules = Rules()
    for broker in (Broker.PAPER, Broker.ZERODHA):
        can = CAPABILITIES[broker]
        assert (can.gtt_max, can.gtt_gap_bps_min, can.modifications_max) == (
            rules.gtts_max,
            rules.gtt_gap_bps_min,
            rules.modifications_max,
        )
