"""Accounts opened, cloned, paused, resumed and closed; versions bound into cards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.desk.account import (
    clone_account,
    close_account,
    obstacles,
    open_account,
    pause_account,
    resume_account,
)
from core.desk.approve import approve_card
from core.desk.desk import desk_over
from core.desk.fund import add_money, take_money
from core.desk.kill import set_level
from core.desk.mandate import history, sign, version_of, why_not_bound
from core.desk.recheck import failed_now
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.transfer import propose
from core.desk.upkeep import drifted, end_stopped
from core.domain.card import CardStatus
from core.domain.mandate import Objective
from core.domain.money import ZERO
from core.domain.order import OrderStatus
from core.domain.risk import KillLevel
from core.domain.transfer import TransferStatus
from core.errors import ApprovalRefused, BadInput, NotFound, Refused
from core.mandates.defaults import default_mandate
from core.mandates.size import allocate
from core.store import accounts, audit, cards, mandates, transfers
from tests.desk.morning import Morning, a_card
from tests.desk.test_tranches import save
from tests.made import T0, a_book, a_candidate, a_mandate, free, rs

RULES = default_mandate("x", Objective.MAX_PROFIT, signed_at=T0)


def mandate(morning: Morning, name: str = "event"):
    with morning.desk.store.read() as tx:
        return mandates.current(tx, name)


def test_an_account_is_opened_with_rules_of_its_own_and_is_in_the_record(morning: Morning):
    made = open_account(
        morning.desk, "  Family  core ", login_id="paper", rules=RULES, by="me", why="for school"
    )
    assert (made.id, made.name) == ("family-core", "Family core")
    signed = mandate(morning, "family-core")
    assert (signed.account_id, signed.version) == ("family-core", 1)
    assert signed.signed_at == morning.clock.now()
    with morning.desk.store.read() as tx:
        told = history(tx, "family-core")
        audit.verify(tx)
    assert [(one.by, one.why) for one in told] == [("me", "for school")]


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("   ", BadInput, "a name of 0 characters"),
        ("x" * 61, BadInput, "a name of 61 characters"),
        ("Event tactical", BadInput, "exists already"),
    ],
)
def test_a_name_that_cannot_be_used_opens_nothing(morning: Morning, name: str, error, words: str):
    with pytest.raises(error, match=words):
        open_account(morning.desk, name, login_id="paper", rules=RULES, by="me")
    with morning.desk.store.read() as tx:
        assert len(accounts.accounts(tx)) == 1


def test_names_that_make_one_id_get_two_and_none_is_that_of_the_desk(morning: Morning):
    ids = [
        open_account(morning.desk, name, login_id="paper", rules=RULES, by="me").id
        for name in ("Long term", "Long-term!", "Desk", "मुनीम")
    ]
    assert len(set(ids)) == 4 and "desk" not in ids and ids[3] == "account"
    with pytest.raises(NotFound, match="no login has the id nobody"):
        open_account(morning.desk, "Other", login_id="nobody", rules=RULES, by="me")


def test_a_clone_has_the_rules_of_the_version_named_and_a_life_of_its_own(morning: Morning):
    sign(morning.desk, replace(mandate(morning), positions_max=3), by="me")
    now = clone_account(morning.desk, "event", name="Twin", by="me")
    old = clone_account(morning.desk, "event", name="Elder", version=1, by="me")
    assert mandate(morning, now.id).positions_max == 3
    assert mandate(morning, old.id).positions_max == 12
    sign(morning.desk, replace(mandate(morning, now.id), positions_max=5), by="me")
    assert mandate(morning).positions_max == 3
    with pytest.raises(NotFound, match="event has no mandate version 9; it has 1 to 2"):
        clone_account(morning.desk, "event", name="Third", version=9, by="me")


def test_history_says_who_signed_what_and_why(morning: Morning):
    sign(morning.desk, replace(mandate(morning), positions_max=3), by="me", why=" calmer ")
    sign(morning.desk, replace(mandate(morning), positions_max=4), by="terminal")
    with morning.desk.store.read() as tx:
        told = history(tx, "event")
        assert version_of(tx, "event", 2).positions_max == 3
        assert version_of(tx, "event").version == 3
    assert [(one.mandate.version, one.by, one.why) for one in told] == [
        (3, "terminal", ""), (2, "me", "calmer"), (1, "", ""),
    ]  # fmt: skip


def test_a_version_signed_meanwhile_is_not_signed_over(morning: Morning):
    seen = mandate(morning)
    sign(morning.desk, replace(seen, positions_max=3), by="another tab", over=1)
    with pytest.raises(Refused, match="version 2 was signed since version 1 was read"):
        sign(morning.desk, replace(seen, positions_max=9), by="me", over=1)
    assert mandate(morning).positions_max == 3


def test_a_card_of_an_older_version_is_refused_at_the_click(morning: Morning):
    sign(morning.desk, replace(mandate(morning), positions_max=3), by="me")
    late = morning.put()  # decided under version 1 while version 2 was signed
    with morning.desk.store.read() as tx:
        assert "written under mandate version 1" in why_not_bound(tx, late)
        fresh = replace(late, mandate_version=2)
        assert why_not_bound(tx, fresh) == ""
    with pytest.raises(ApprovalRefused, match=r"mandate version 1 .* and version 2 stands"):
        morning.approve(late)
    assert morning.orders() == []
    assert drifted(morning.desk) == [late]  # so it is rewritten under the rules that stand
    with morning.desk.store.write() as tx:
        cards.put(tx, replace(late, id="cd5", mandate_version=2))
    assert drifted(morning.desk) == [late]


def test_rules_signed_between_the_click_and_the_send_turn_the_order_down(morning: Morning):
    morning.approve()
    sign(morning.desk, replace(mandate(morning), positions_max=5), by="me")
    [order] = send_prepared(morning.dealer)
    assert order.status is OrderStatus.CANCELLED
    assert "mandate version 1 of Event tactical and version 2 stands" in order.reason
    assert morning.reserved() == ZERO


def test_a_paused_account_lets_no_entry_through_and_keeps_what_it_holds_safe(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    assert morning.shares()
    pause_account(morning.desk, "event", why="on holiday", by="me")
    card = morning.put(a_card(morning.clock, id="cd2"))
    # another process, as after a restart
    again = desk_over(morning.desk.settings, morning.desk.store, morning.desk.clock)
    with pytest.raises(ApprovalRefused, match="Event tactical is at PAUSE"):
        approve_card(again, "cd2", seen_hash=card.bound_hash, nonce="n", approver="me")
    with again.store.read() as tx:
        assert "Kill level" in {row.name for row in failed_now(again, tx, card)}
    keep_safe(morning.dealer)
    assert morning.cover().covers == 100
    with pytest.raises(Refused, match="is paused already: on holiday"):
        pause_account(morning.desk, "event", why="again", by="me")
    resume_account(morning.desk, "event", why="back", by="me")
    with again.store.read() as tx:
        assert "Kill level" not in {row.name for row in failed_now(again, tx, card)}
    with pytest.raises(Refused, match="is not paused"):
        resume_account(morning.desk, "event", why="back", by="me")


def test_a_pause_needs_a_reason_and_resuming_lifts_no_stricter_level(morning: Morning):
    with pytest.raises(BadInput, match="needs a reason"):
        pause_account(morning.desk, "event", why=" ", by="me")
    set_level(morning.desk, KillLevel.HALT, scope="event", reason="too deep", by="risk loop")
    with pytest.raises(Refused, match="stands at HALT, set by risk loop: too deep; munim resume"):
        resume_account(morning.desk, "event", why="fine", by="me")
    with pytest.raises(BadInput, match="stricter than PAUSE"):
        pause_account(morning.desk, "event", why="calm", by="me")


def test_an_account_with_shares_orders_or_money_is_not_closed_and_each_is_named(morning: Morning):
    morning.approve()
    with pytest.raises(Refused) as refused:
        close_account(morning.desk, "event", why="done", by="me")
    sentence = str(refused.value)
    assert "1 open order (MIDCO)" in sentence and "reserved for orders" in sentence
    assert "in cash (move it to another account or take it out)" in sentence
    send_prepared(morning.dealer)
    settle(morning.dealer)
    with morning.desk.store.read() as tx:
        left = obstacles(tx, "event", today=morning.clock.now().date())
    assert left[1].what == "1 trade of today" and left[1].step.startswith("close it tomorrow")
    assert left[0].what.startswith("100 MIDCO at a cost of ₹50,0")
    assert left[0].step == "munim exit MIDCO --account event"
    with morning.desk.store.read() as tx:
        assert accounts.by_id(tx, "event").closed_at is None


def test_an_empty_account_closes_for_good_and_takes_its_cards_with_it(morning: Morning):
    take_money(morning.desk, "event", morning.cash(), reference="out", by="me")
    card = morning.put()
    with pytest.raises(BadInput, match="needs a reason"):
        close_account(morning.desk, "event", why="", by="me")
    closed = close_account(morning.desk, "event", why="merged", by="me")
    assert closed.closed_at == morning.clock.now()
    assert morning.card().status is CardStatus.SUPERSEDED
    assert morning.card().status_reason == "Event tactical was closed"
    # a card that was being written meanwhile
    with morning.desk.store.write() as tx:
        cards.put(tx, replace(card, id="cd9"))
    late = morning.card("cd9")
    with pytest.raises(ApprovalRefused, match="Event tactical is closed"):
        morning.approve(late)
    for refused in (
        lambda: add_money(morning.desk, "event", rs("1"), reference="x", by="me"),
        lambda: sign(morning.desk, mandate(morning), by="me"),
        lambda: pause_account(morning.desk, "event", why="x", by="me"),
        lambda: close_account(morning.desk, "event", why="x", by="me"),
        lambda: save(morning.desk, lump_sum=rs("5"), starts_on=morning.clock.now().date()),
    ):
        with pytest.raises(Refused, match="was closed on 23 Nov 2026"):
            refused()
    assert morning.cash() == ZERO
    morning.books_are_clean()


def test_a_paused_account_is_sized_to_nothing_and_the_row_says_why(morning: Morning):
    sized = [
        allocate(a_candidate(), a_mandate(), a_book(kill_level=level), charges=free)
        for level in (KillLevel.NORMAL, KillLevel.PAUSE)
    ]
    assert [one.qty for one in sized] == [97, 0]
    paused = sized[1]
    assert "The account stands at PAUSE" in paused.rejected
    pause_account(morning.desk, "event", why="on holiday", by="me")
    card = morning.put()
    with morning.desk.store.read() as tx:
        [row] = [one for one in failed_now(morning.desk, tx, card) if one.name == "Kill level"]
    assert row.sentence == "The account stands at PAUSE; no entry leaves until resumed."


def test_pausing_ends_the_waiting_cards_of_that_account_and_of_no_other(morning: Morning):
    open_account(morning.desk, "Other", login_id="paper", rules=mandate(morning), by="me")
    mine, other = morning.put(), morning.put(a_card(morning.clock, id="cd2", account_id="other"))
    pause_account(morning.desk, "event", why="on holiday", by="me")
    ended = morning.card(mine.id)
    assert ended.status is CardStatus.SUPERSEDED
    assert ended.status_reason == "the account stands at PAUSE: on holiday"
    assert morning.card(other.id).status is CardStatus.OPEN
    with pytest.raises(ApprovalRefused):
        morning.approve(mine)
    with morning.desk.store.read() as tx:
        [entry] = [one for one in audit.entries(tx, subject="event") if one.verb == "kill level"]
    assert '"cards_ended":1' in entry.body
    # one that was being written meanwhile
    late = morning.put(a_card(morning.clock, id="cd3"))
    assert end_stopped(morning.desk) == 1 and end_stopped(morning.desk) == 0
    assert morning.card(late.id).status is CardStatus.SUPERSEDED
    resume_account(morning.desk, "event", why="back", by="me")
    fresh = morning.put(a_card(morning.clock, id="cd4"))
    assert end_stopped(morning.desk) == 0
    morning.approve(fresh)


def test_every_stricter_level_of_an_account_ends_its_cards_and_the_desks_ends_none(
    morning: Morning,
):
    card = morning.put()
    set_level(morning.desk, KillLevel.PAUSE, reason="a moment", by="me")
    assert end_stopped(morning.desk) == 0 and morning.card(card.id).status is CardStatus.OPEN
    set_level(morning.desk, KillLevel.HALT, scope="event", reason="too deep", by="risk loop")
    assert morning.card(card.id).status_reason == "the account stands at HALT: too deep"


def test_two_cards_that_need_more_than_there_is_end_with_a_clear_no_at_the_second_click(
    morning: Morning,
):
    first = morning.put()  # 100 at up to 505 is 50,500 and its charges
    second = morning.put(a_card(morning.clock, id="cd2"))
    # 1.5 lakh stays and 50,000 of it is the floor: one card can be had, the floor is not used
    rest = morning.cash() - rs("150000")
    take_money(morning.desk, "event", rest, reference="most of it", by="me")
    morning.approve(first)
    with pytest.raises(ApprovalRefused) as refused:
        morning.approve(second)
    said = str(refused.value)
    assert "Event tactical: 100 MIDCO need ₹50," in said and "is deployable (₹50," in said
    assert "is reserved for orders, ₹50,000.00 is the cash floor); add money" in said
    assert len(morning.orders()) == 1 and morning.card("cd2").status is CardStatus.OPEN
    add_money(morning.desk, "event", rs("60000"), reference="more", by="me")
    morning.approve(second)
    assert len(morning.orders()) == 2


@pytest.mark.parametrize("name", ["EVENT TACTICAL", "event", "Event"])
def test_a_name_that_a_command_could_take_for_another_account_is_refused(
    morning: Morning, name: str
):
    with pytest.raises(BadInput, match=r"Event tactical \(event\) exists already"):
        open_account(morning.desk, name, login_id="paper", rules=RULES, by="me")


def test_closing_calls_off_transfers_that_nobody_approved(morning: Morning):
    twin = clone_account(morning.desk, "event", name="Twin", by="me")
    asked = propose(
        morning.desk, from_account="event", to_account=twin.id, amount=rs("1000"),
        reason="to begin with", by="me",
    )  # fmt: skip
    close_account(morning.desk, twin.id, why="a trial", by="me")
    with morning.desk.store.read() as tx:
        ended = transfers.by_id(tx, asked.id)
    assert (ended.status, ended.ended) == (TransferStatus.CANCELLED, "Twin was closed")
    morning.books_are_clean()
