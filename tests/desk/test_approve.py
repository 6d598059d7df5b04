"""One click: what it commits, and everything that turns it down without a trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from core.desk.approve import reject_card
from core.desk.books import order_charges
from core.desk.kill import kill_file, set_level
from core.domain.account import Broker, LoginMode, Market
from core.domain.card import Card, CardStatus, Leg
from core.domain.charges import Security
from core.domain.money import Money
from core.domain.order import OrderStatus, Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.domain.risk import DESK, KillLevel
from core.domain.verdict import Evidence, EvidenceKind
from core.errors import ApprovalRefused, BadInput, IllegalTransition, NotFound
from core.store import audit, hypotheses
from core.store import cards as card_rows
from core.store.codec import to_json
from core.store.tables_trade import cards
from tests.desk.morning import OPENING, Morning, a_card, approval_count
from tests.made import MIDCO, RELIANCE, T0, rs


def test_a_click_commits_the_intent_and_sends_nothing(morning: Morning):
    order = morning.approve()
    assert (order.status, order.purpose, order.qty) == (OrderStatus.PREPARED, Purpose.ENTRY, 100)
    assert order.limit_price == rs("505")  # the worst price the click signed
    assert morning.card().status is CardStatus.APPROVED
    assert morning.plan().status is PlanStatus.ENTERING
    assert morning.broker.writes == []
    morning.books_are_clean()


def test_a_click_sets_cash_aside_for_the_worst_price_and_its_charges(morning: Morning):
    morning.approve()
    costs = order_charges(
        Broker.PAPER,
        product=Product.CNC,
        side=Side.BUY,
        qty=100,
        price=rs("505"),
        on=T0.date(),
        security=Security.SHARE,
    ).total
    # 100 x 505 and the charges, each share's part rounded up to the paisa
    assert morning.reserved() == rs("50500") + Money(-(-costs.paise // 100)) * 100
    assert morning.cash() == OPENING - morning.reserved()


def test_the_time_exit_stands_ten_sessions_from_today(morning: Morning):
    # Tue 24 Nov is a holiday, so ten sessions after Mon 23 Nov 2026 are over on Tue 8 Dec
    morning.approve()
    assert morning.plan().time_exit_on.isoformat() == "2026-12-08"


def test_a_click_marks_the_belief_as_taken(morning: Morning):
    card = morning.put(with_belief=True)
    morning.approve(card)
    with morning.desk.store.read() as tx:
        belief = hypotheses.by_card(tx, card.id)
    assert belief is not None and belief.taken


def test_a_click_leaves_one_audit_entry_that_names_hash_plan_and_tag(morning: Morning):
    order = morning.approve()
    with morning.desk.store.read() as tx:
        [entry] = [row for row in audit.entries(tx) if row.verb == "approve"]
    assert entry.actor == "me"
    assert order.tag in entry.body and morning.card().bound_hash in entry.body


def refused(morning: Morning, why: str, card: Card | None = None, *, seen: str = "") -> None:
    """A click that must be refused in these words and leave nothing behind."""
    drawn = card or morning.card()
    before = morning.card(drawn.id).status
    with pytest.raises(ApprovalRefused, match=why):
        from core.desk.approve import approve_card

        approve_card(
            morning.desk,
            drawn.id,
            seen_hash=seen or drawn.bound_hash,
            nonce="another click",
            approver="me",
        )
    assert morning.card(drawn.id).status is before
    assert morning.orders() == []
    assert morning.reserved() == Money(0)
    assert approval_count(morning.desk, drawn.id) == 0


def with_bracket(**changes: Money) -> Callable[[Card], Card]:
    return lambda card: replace(card, bracket=replace(card.bracket, **changes))


def with_leg(**changes: object) -> Callable[[Card], Card]:
    return lambda card: replace(card, legs=(replace(card.legs[0], **changes),))


def with_evidence(card: Card) -> Card:
    one = Evidence(id="ev9", kind=EvidenceKind.EVENT, fact="f", source="NSE", known_at=T0)
    return replace(card, verdict=replace(card.verdict, evidence=(one,)))


BOUND: dict[str, Callable[[Card], Card]] = {
    "market": lambda card: replace(card, market=Market.LIVE),
    "mode": lambda card: replace(card, mode=LoginMode.LIVE),
    "account": lambda card: replace(card, account_id="other"),
    "share": lambda card: replace(card, isin=RELIANCE.isin),
    "symbol": lambda card: replace(card, symbol="RELIANCE"),
    "quantity": with_leg(qty=1_000),
    "side": with_leg(side=Side.SELL),
    "product": with_leg(product=Product.MIS),
    "one more leg": lambda card: replace(card, legs=(*card.legs, Leg(Side.BUY, 100, Product.CNC))),
    "lower end of the band": with_bracket(entry_low=rs("490")),
    "upper end of the band": with_bracket(entry_high=rs("510")),
    "stop": with_bracket(stop=rs("470")),
    "target": with_bracket(target=rs("545")),
    "trail": with_bracket(trail=rs("16")),
    "where the trail begins": with_bracket(trail_from=rs("521")),
    "mandate version": lambda card: replace(card, mandate_version=2),
    "horizon": lambda card: replace(card, horizon_sessions=20),
    "evidence": with_evidence,
    "expiry": lambda card: replace(card, expires_at=card.expires_at + timedelta(hours=1)),
}


@pytest.mark.parametrize("field", BOUND)
def test_a_card_altered_in_the_store_after_it_was_drawn_is_refused(morning: Morning, field: str):
    drawn = morning.put()
    altered = BOUND[field](drawn)
    with morning.desk.store.write() as tx:
        tx.execute(update(cards).where(cards.c.id == drawn.id).values(body=to_json(altered)))
    with pytest.raises((ApprovalRefused, NotFound)):
        morning.approve(drawn)
    assert morning.orders() == []
    assert approval_count(morning.desk, drawn.id) == 0


@pytest.mark.parametrize("field", BOUND)
def test_a_click_on_a_page_that_showed_something_else_is_refused(morning: Morning, field: str):
    card = morning.put()
    refused(morning, "changed since it was drawn", card, seen=BOUND[field](card).bound_hash)


def test_a_click_on_an_older_version_is_refused(morning: Morning):
    old = morning.put()
    with morning.desk.store.write() as tx:
        card_rows.save(tx, replace(old, status=CardStatus.SUPERSEDED))
    new = morning.put(replace(old, version=2))
    refused(morning, "changed since it was drawn", new, seen=old.bound_hash)


def test_the_second_click_on_one_card_is_refused(morning: Morning):
    card = morning.put()
    morning.approve(card)
    with pytest.raises(ApprovalRefused, match="is APPROVED, not OPEN"):
        morning.approve(card, nonce="a second one")
    assert len(morning.orders()) == 1


def test_one_nonce_is_good_for_one_card(morning: Morning):
    first = morning.put()
    second = morning.put(a_card(morning.clock, id="cd2", isin=RELIANCE.isin, symbol="RELIANCE"))
    morning.approve(first, nonce="n1")
    with pytest.raises(ApprovalRefused, match="used before"):
        morning.approve(second, nonce="n1")
    assert morning.card("cd2").status is CardStatus.OPEN
    assert len(morning.orders()) == 1


def test_a_card_is_dead_from_the_second_it_expires(morning: Morning):
    card = morning.put()
    morning.clock.move_to(card.expires_at)
    refused(morning, "expired at 06:00:02 UTC")


@pytest.mark.parametrize(("ltp", "says"), [("505.05", "505.05"), ("494.95", "494.95")])
def test_a_price_outside_the_signed_band_is_refused(morning: Morning, ltp: str, says: str):
    morning.put()
    morning.tick(ltp)
    refused(morning, f"trades at ₹{says}, outside")


def test_an_ask_above_the_band_is_refused_with_the_last_trade_inside(morning: Morning):
    morning.put()
    morning.tick("505")  # the ask is 505.05
    refused(morning, "ask ₹505.05 is above the approved band")


@pytest.mark.parametrize("level", [level for level in KillLevel if level])
@pytest.mark.parametrize("scope", [DESK, "event"])
def test_no_click_passes_a_stopped_desk_or_account(morning: Morning, level: KillLevel, scope: str):
    set_level(morning.desk, level, scope=scope, reason="enough", by="me")
    morning.put()  # in the same instant; an account's stop ends the cards that wait already
    refused(morning, f"is at {level.name}")


@pytest.mark.parametrize(("words", "level"), [("HALT", "HALT"), ("PAUSE", "PAUSE"), ("?", "HALT")])
def test_the_level_in_the_file_counts_when_the_store_forgot_it(
    morning: Morning, words: str, level: str
):
    # an older backup was restored; a file that cannot be read is taken for the strictest stop
    morning.put()
    kill_file(morning.desk.home).write_text(words)
    refused(morning, f"is at {level}")


def test_another_accounts_stop_does_not_stop_this_one(morning: Morning):
    set_level(morning.desk, KillLevel.HALT, scope="another", reason="enough", by="me")
    assert morning.approve().status is OrderStatus.PREPARED


def test_a_rejection_keeps_its_reason_and_needs_one(morning: Morning):
    card = morning.put()
    with pytest.raises(BadInput, match="needs a reason"):
        reject_card(morning.desk, card.id, reason="  ", by="me")
    reject_card(morning.desk, card.id, reason=" too late ", by="me")
    kept = morning.card()
    assert (kept.status, kept.status_reason) == (CardStatus.REJECTED, "too late")
    with pytest.raises(IllegalTransition):
        reject_card(morning.desk, card.id, reason="again", by="me")
    refused(morning, "is REJECTED, not OPEN")


def test_a_click_on_a_card_that_is_not_there_names_it(morning: Morning):
    with pytest.raises(NotFound, match="cd404"):
        morning.approve(a_card(morning.clock, id="cd404"))


def test_the_morning_has_the_prices_the_tests_speak_of(morning: Morning):
    assert morning.tick("500").ask == rs("500.05")
    assert morning.broker.holdings() == {}
    assert MIDCO.band_pct == 10
