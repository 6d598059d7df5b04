"""Only an approval signed with a session's key outside the store is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from core.desk import access, sign
from core.desk.approve import approve_card
from core.desk.send import send_order
from core.domain.account import LoginMode, Market
from core.domain.card import Approval, CardStatus
from core.domain.clock import SteppedClock
from core.domain.order import Order, OrderStatus, Purpose, Side
from core.errors import ApprovalRefused
from core.store import approvals, cards, orders
from core.store.sql import flat
from core.store.tables_trade import approvals as approval_rows
from tests.desk.morning import Morning
from tests.made import a_card, an_approval, an_order


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock(datetime(2026, 11, 20, 4, 0, tzinfo=UTC))


def altered(morning: Morning, order: Order, **columns: object) -> Order:
    """Somebody writes over the approval's row; then the worker comes to send."""
    with morning.desk.store.write() as tx:
        found = approval_rows.c.id == order.approval_id
        tx.execute(update(approval_rows).where(found).values(**columns))
    return send_order(morning.dealer, order.id)


def test_a_click_with_the_key_of_its_session_is_sent(morning: Morning):
    card = morning.put()
    session = access.open_session(morning.desk.home)
    order = approve_card(
        morning.desk,
        card.id,
        seen_hash=card.bound_hash,
        nonce="n1",
        approver="me",
        signer=sign.web_signer(morning.desk.home, session),
    )
    assert send_order(morning.dealer, order.id).status is OrderStatus.OPEN
    assert morning.alarms() == []


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"signature": ""}, "carries no signature"),
        ({"signature": "0" * 64}, "does not carry the signature of its session"),
        ({"approver": "somebody else"}, "does not carry the signature"),
        ({"nonce": "another"}, "does not carry the signature"),
        ({"clicked_at": datetime(2026, 11, 23, 6, 0, tzinfo=UTC)}, "does not carry the signature"),
        ({"clicked": 1_001.5}, "does not carry the signature"),
        ({"signed_by": "web-" + "0" * 64}, "a session that has ended or never was"),
        ({"signed_by": "../../desk-id"}, "a session that has ended or never was"),
    ],
)
def test_an_approval_altered_in_the_store_is_refused_and_alarmed(
    morning: Morning, columns: dict[str, object], why: str
):
    ended = altered(morning, morning.approve(), **columns)
    assert ended.status is OrderStatus.CANCELLED and why in ended.reason
    assert morning.broker.sends() == []
    assert morning.card().status is CardStatus.REFUSED
    assert [why in alarm for alarm in morning.alarms()] == [True]
    morning.books_are_clean()


def test_an_approval_put_into_the_store_by_hand_is_refused_and_alarmed(morning: Morning):
    # The row of a real click is replaced by one that fits the card in every column.
    order = morning.approve()
    card = morning.card()
    forged = an_approval(
        card, id=order.approval_id, nonce="by hand", clicked=morning.clock.monotonic()
    )
    with morning.desk.store.write() as tx:
        tx.execute(approval_rows.delete().where(approval_rows.c.id == order.approval_id))
        tx.execute(insert(approval_rows).values(**flat(forged)))
    ended = send_order(morning.dealer, order.id)
    assert "carries no signature" in ended.reason
    assert morning.broker.sends() == [] and len(morning.alarms()) == 1


def test_a_signature_of_one_approval_does_not_fit_another(morning: Morning):
    first = morning.approve()
    second = morning.approve(morning.put(replace(morning.card(), id="cd2", status=CardStatus.OPEN)))
    with morning.desk.store.read() as tx:
        stolen = approvals.by_id(tx, first.approval_id).signature
    assert "does not carry" in altered(morning, second, signature=stolen).reason


def test_what_a_session_signed_dies_with_the_session(morning: Morning):
    card = morning.put()
    session = access.open_session(morning.desk.home)
    signer = sign.web_signer(morning.desk.home, session)
    order = approve_card(
        morning.desk, card.id, seen_hash=card.bound_hash, nonce="n", approver="me", signer=signer
    )
    access.set_password(morning.desk.home, "a sentence that is long")
    assert "has ended" in send_order(morning.dealer, order.id).reason
    with pytest.raises(ApprovalRefused, match="no session that may approve"):
        sign.web_signer(morning.desk.home, session)


def test_an_old_row_without_a_signature_is_read_and_never_genuine(morning: Morning):
    old = Approval(**{**flat(an_approval()), "signed_by": "", "signature": ""})  # type: ignore[arg-type]
    why = sign.why_not_genuine(morning.desk.home, old, a_card(), market=Market.SIM)
    assert "carries no signature" in why


def test_keys_are_for_their_owner_alone_and_hold_nothing_the_browser_has(tmp_path, clock):
    session = access.open_session(tmp_path, clock=clock)
    folder = tmp_path / "approval_keys"
    [file] = folder.iterdir()
    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert session not in file.read_text()
    assert sign.why_keys_are_open(tmp_path) == ""
    file.chmod(0o644)
    assert "can be read by others" in sign.why_keys_are_open(tmp_path)


def test_a_web_key_ends_with_its_session_and_is_removed_at_the_next_login(tmp_path, clock):
    session = access.open_session(tmp_path, clock=clock)
    clock.pass_seconds(access.SESSION_HOURS * 3600 + 1)
    with pytest.raises(ApprovalRefused):
        sign.web_signer(tmp_path, session, clock=clock)
    access.open_session(tmp_path, clock=clock)
    assert len(list((tmp_path / "approval_keys").iterdir())) == 1


def test_a_terminal_has_a_fresh_key_for_each_approval(tmp_path, clock):
    first, second = (sign.terminal_signer(tmp_path, clock=clock) for _ in range(2))
    assert first.key != second.key and first.id != second.id
    clock.at += timedelta(minutes=11)
    sign.terminal_signer(tmp_path, clock=clock)
    assert len(list((tmp_path / "approval_keys").glob("terminal-*"))) == 1


def test_a_script_never_approves_under_a_live_market(tmp_path):
    with pytest.raises(ApprovalRefused, match="a script approves in replay"):
        sign.script_signer(tmp_path, Market.LIVE)


@pytest.mark.parametrize("elsewhere", [Market.REPLAY, Market.LIVE])
def test_a_scripts_key_is_refused_in_another_market(tmp_path, elsewhere: Market):
    signer = sign.script_signer(tmp_path, Market.SIM)
    card = a_card(market=elsewhere)
    plain = replace(an_approval(card), signed_by=signer.id)
    signed = replace(
        plain, signature=sign.signature(signer, plain, mode=card.mode, market=elsewhere)
    )
    why = sign.why_not_genuine(tmp_path, signed, card, market=elsewhere)
    assert f"signed by a script of sim and this market is {elsewhere}" in why


def test_a_signature_for_paper_does_not_open_real_money(tmp_path):
    signer = sign.terminal_signer(tmp_path)
    card = a_card()
    plain = replace(an_approval(card), signed_by=signer.id)
    signed = replace(
        plain, signature=sign.signature(signer, plain, mode=card.mode, market=card.market)
    )
    assert sign.why_not_genuine(tmp_path, signed, card, market=Market.SIM) == ""
    live = replace(card, mode=LoginMode.LIVE)
    assert "does not carry" in sign.why_not_genuine(tmp_path, signed, live, market=Market.SIM)


def test_a_store_reads_back_what_was_signed(morning: Morning):
    order = morning.approve()
    with morning.desk.store.read() as tx:
        stored = approvals.by_id(tx, order.approval_id)
        card = cards.by_id(tx, stored.card_id)
    assert sign.why_not_genuine(morning.desk.home, stored, card, market=Market.SIM) == ""


def test_an_order_put_in_by_hand_as_an_exit_that_buys_is_dropped_and_alarmed(morning: Morning):
    order = morning.approve()
    send_order(morning.dealer, order.id)
    by_hand = an_order(
        id="byhand",
        tag="AAHANDHANDHANDHAND",
        plan_id=order.plan_id,
        account_id=order.account_id,
        login_id=order.login_id,
        purpose=Purpose.EXIT,
        side=Side.BUY,
        qty=10,
        status=OrderStatus.PREPARED,
    )
    with morning.desk.store.write() as tx:
        orders.put(tx, by_hand)
        orders.put(tx, replace(by_hand, id="noplan", tag="AAHANDHANDHANDHANF", plan_id="none"))
    ended = [send_order(morning.dealer, name) for name in ("byhand", "noplan")]
    assert [one.status for one in ended] == [OrderStatus.CANCELLED] * 2
    assert "ends by SELL" in ended[0].reason and "belongs to no plan" in ended[1].reason
    assert len(morning.broker.sends()) == 1 and len(morning.alarms()) == 2
