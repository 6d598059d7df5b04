"""What a broker cannot hold is refused before the card is shown, and at the click again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import pytest

from core.brokers.fake import Verb
from core.desk.can_hold import (
    Holder,
    gtts_noted,
    holder_of,
    note_gtts,
    what_will_rest,
    why_not_held,
)
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.desk.stages import Case, Stopped, write_card
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.card import Card, Leg
from core.domain.clock import IST
from core.domain.instrument import Instrument, Series
from core.domain.mandate import Holding
from core.domain.order import Product, Side
from core.errors import ApprovalRefused
from core.store import accounts, settings
from tests.desk.morning import ACCOUNT, Morning, a_card
from tests.made import BRACKET, MIDCO, SHORT, a_playbook, quote, rs


def drafted(
    morning: Morning,
    holder: Holder,
    *,
    ltp: str = "500",
    holding: Holding = Holding.NIGHTS,
    at: datetime | None = None,
    share: Instrument = MIDCO,
) -> Card:
    """The last stage, with everything before it done."""
    card = a_card(morning.clock)
    known = SimpleNamespace(
        at=at or morning.clock.now(),
        market=card.market,
        calendar=morning.desk.calendar,
        mandate=lambda _: SimpleNamespace(version=1, holding=holding),
        quotes={MIDCO.isin: quote(ltp)},
        holders={ACCOUNT.id: holder},
        last_entry_at=card.expires_at,
    )
    draft = SimpleNamespace(
        signal=card.signal, meta_label=card.meta_label, playbook=a_playbook(),
        allocation=replace(card.allocation, bracket=card.bracket, qty=100), verdict=card.verdict,
    )  # fmt: skip
    case = Case(instrument=share, account=ACCOUNT, mode=LoginMode.PAPER)
    return write_card(known, case, draft)  # type: ignore[arg-type]


def test_a_broker_with_room_gets_its_card(morning: Morning):
    assert drafted(morning, Holder(Broker.ZERODHA, 249))


@pytest.mark.parametrize(
    ("holder", "ltp", "words"),
    [
        (Holder(Broker.ZERODHA, 250), "500", "zerodha rests 250 GTTs and 250 are active"),
        (Holder(Broker.FYERS), "500", "cannot trade at fyers yet"),
        (Holder(Broker.ZERODHA), "480.50", "its stop ₹480.00 is 0.10 % from the last price"),
    ],
)
def test_what_its_broker_cannot_hold_is_no_card(
    morning: Morning, holder: Holder, ltp: str, words: str
):
    with pytest.raises(Stopped, match="MIDCO") as no:
        drafted(morning, holder, ltp=ltp)
    assert no.value.stage == "card" and words in no.value.sentence


@pytest.mark.parametrize(
    ("leg", "words"),
    [
        (Leg(Side.SELL, 100, Product.CNC), "a short position cannot be kept overnight"),
        (Leg(Side.BUY, 100, Product.MIS), "series BE is delivery only"),
        (Leg(Side.SELL, 100, Product.MIS), "series BE is delivery only"),
    ],
)
def test_a_leg_that_its_product_cannot_carry_is_refused(morning: Morning, leg: Leg, words: str):
    bracket = BRACKET if leg.side is Side.BUY else SHORT
    card = a_card(morning.clock, legs=(leg,), bracket=bracket)
    share = replace(MIDCO, series=Series.BE)
    assert words in why_not_held(Holder(Broker.PAPER), card, share, ltp=rs("500"))


def test_the_click_asks_the_broker_of_now_again(morning: Morning):
    card = morning.put()
    with morning.desk.store.write() as tx:
        settings.put(tx, "gtts:paper", 250)
    with pytest.raises(ApprovalRefused, match="250 GTTs"):
        morning.approve(card)
    assert morning.orders() == []


def test_what_rests_at_the_broker_is_counted_at_every_look(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    keep_safe(morning.dealer)
    assert [verb for verb, _ in morning.broker.writes].count(Verb.PLACE_GTT) == 1
    with morning.desk.store.read() as tx:
        assert holder_of(tx, ACCOUNT.id) == Holder(Broker.PAPER, 1)


def test_four_fifths_of_the_places_warn_once_a_day(morning: Morning):
    at = morning.clock.now()
    for active in (199, 200, 201):
        with morning.desk.store.write() as tx:
            note_gtts(tx, "paper", active, at=at)
    said = [alarm for alarm in morning.alarms() if "GTTs" in alarm]
    assert said == [
        "login paper rests 200 GTTs and 250 is the most; cancel what is no longer needed, or new "
        "stops stay at the desk"
    ]
    with morning.desk.store.read() as tx:
        assert gtts_noted(tx, "paper") == 201


def test_a_card_says_that_the_desk_keeps_its_target_where_the_broker_rests_the_stop_alone(
    morning: Morning,
):
    card = a_card(morning.clock)
    with morning.desk.store.write() as tx:
        assert what_will_rest(morning.desk, tx, card) == ""
        there = BrokerLogin("up", Broker.UPSTOX, LoginMode.PAPER, "Upstox", "UP1")
        accounts.put_login(tx, there)
        accounts.put_account(tx, replace(ACCOUNT, login_id="up"))
        said = what_will_rest(morning.desk, tx, card)
    assert said.startswith("MIDCO: upstox rests the stop alone; the desk sells at the target")


def test_a_mandate_within_the_day_writes_an_intraday_card_that_leaves_time_to_trade(
    morning: Morning,
):
    card = drafted(morning, Holder(Broker.PAPER), holding=Holding.DAY)
    assert (card.legs[0].side, card.legs[0].product) == (Side.BUY, Product.MIS)
    assert card.horizon_sessions == 0
    with morning.desk.store.read() as tx:
        said = what_will_rest(morning.desk, tx, card)
    assert "leaves at 15:10" in said and "before paper closes it itself at 15:20" in said
    late = datetime(2026, 11, 23, 14, 30, tzinfo=IST)
    until = drafted(morning, Holder(Broker.PAPER), holding=Holding.DAY, at=late).expires_at
    assert until <= datetime(2026, 11, 23, 14, 40, tzinfo=IST)


def test_no_intraday_card_is_written_late_or_for_a_share_that_is_delivery_only(morning: Morning):
    late = datetime(2026, 11, 23, 14, 40, tzinfo=IST)
    with pytest.raises(Stopped, match="no intraday position is opened after 14:40"):
        drafted(morning, Holder(Broker.PAPER), holding=Holding.DAY, at=late)
    with pytest.raises(Stopped, match="series BE is delivery only"):
        bare = replace(MIDCO, series=Series.BE)
        drafted(morning, Holder(Broker.PAPER), holding=Holding.DAY, share=bare)


def test_a_card_that_would_hold_a_share_the_other_way_on_its_login_is_not_shown(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    keep_safe(morning.dealer)
    short = a_card(morning.clock, id="cd2", legs=(Leg(Side.SELL, 10, Product.MIS),), bracket=SHORT)
    with morning.desk.store.read() as tx:
        holder = holder_of(tx, ACCOUNT.id)
    said = why_not_held(holder, short, MIDCO, ltp=rs("500"))
    assert said.startswith("MIDCO: Event tactical buys it on this login, and its broker nets both")
    more = a_card(morning.clock, id="cd3")
    assert why_not_held(holder, more, MIDCO, ltp=rs("500")) == ""
