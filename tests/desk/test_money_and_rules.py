"""Money in and out, mandates signed, cards that end by themselves, and the desk's check-up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from core.desk.doctor import rows
from core.desk.fund import add_money, plan_funding, take_money
from core.desk.kill import set_level
from core.desk.mandate import sign
from core.desk.report import make_report
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.upkeep import SETTLE, drifted, expire_cards
from core.desk.watchlist import save_watchlist
from core.domain.account import FundingKind, FundingPlan
from core.domain.card import CardStatus
from core.domain.job import Heartbeat
from core.domain.ledger import FUNDING
from core.domain.money import ZERO, Money
from core.domain.risk import KillLevel
from core.domain.words import ist_time
from core.errors import BadInput, NotFound, Repeated
from core.store import funding, heartbeat, ledger, mandates, reports, settings
from tests.desk.morning import OPENING, Morning, a_card
from tests.made import MIDCO, RELIANCE, rs


def test_money_is_paid_in_once_for_one_reference(morning: Morning):
    add_money(morning.desk, "event", rs("5000"), reference="October", by="me")
    with pytest.raises(BadInput, match="'October' was already posted to Event tactical"):
        add_money(morning.desk, "event", rs("5000"), reference="October", by="me")
    assert morning.cash() == OPENING + rs("5000")
    with morning.desk.store.read() as tx:
        assert [one.amount for one in funding.capital(tx, "event")] == [rs("5000")]
    morning.books_are_clean()


def test_the_same_rupees_without_a_reference_are_booked_twice_only_when_it_is_meant(
    morning: Morning,
):
    """The second press of a minute later is the same money; the third says that it is more."""
    first = ist_time(morning.desk.clock.now(), seconds=False)
    add_money(morning.desk, "event", rs("5000"), by="me")
    morning.clock.pass_seconds(60)
    with pytest.raises(Repeated, match=f"was added to Event tactical at {first} today"):
        add_money(morning.desk, "event", rs("5000"), by="me")
    assert morning.cash() == OPENING + rs("5000")
    add_money(morning.desk, "event", rs("5000"), by="me", again=True)
    add_money(morning.desk, "event", rs("5000"), by="me", again=True)  # in the same second
    add_money(morning.desk, "event", rs("6000"), by="me")  # another sum is not asked about
    add_money(morning.desk, "event", rs("5000"), reference="NEFT 9", by="me")
    take_money(morning.desk, "event", rs("5000"), by="me")  # nor the other way
    with pytest.raises(Repeated, match="was taken out of Event tactical"):
        take_money(morning.desk, "event", rs("5000"), by="me")
    assert morning.cash() == OPENING + rs("21000")
    morning.clock.pass_seconds(86_400)
    add_money(morning.desk, "event", rs("5000"), by="me")
    morning.books_are_clean()


def test_only_free_cash_can_be_taken_out(morning: Morning):
    morning.approve()
    free = morning.cash()
    with pytest.raises(BadInput, match=f"has {free} free and"):
        take_money(morning.desk, "event", free + Money(1), reference="all", by="me")
    take_money(morning.desk, "event", free, reference="all", by="me")
    assert (morning.cash(), morning.reserved() > ZERO) == (ZERO, True)
    assert morning.cash(FUNDING) == free - OPENING
    morning.books_are_clean()


@pytest.mark.parametrize("move", [add_money, take_money])
@pytest.mark.parametrize("amount", ["0", "-1"])
def test_an_amount_at_or_under_nothing_moves_nothing(morning: Morning, move, amount: str):
    with pytest.raises(BadInput, match="moves nothing"):
        move(morning.desk, "event", rs(amount), reference="x", by="me")
    assert morning.cash() == OPENING


def test_money_for_an_unknown_account_is_refused(morning: Morning):
    with pytest.raises(NotFound):
        add_money(morning.desk, "nobody", rs("1"), reference="x", by="me")


def test_a_funding_plan_is_kept_as_a_version(morning: Morning):
    plan = FundingPlan(
        account_id="event",
        version=1,
        kind=FundingKind.SIP,
        lump_sum=ZERO,
        instalment=rs("25000"),
        day_of_month=5,
        starts_on=date(2026, 12, 5),
        months=24,
    )
    kept = plan_funding(morning.desk, plan, by="me")
    # it began now, and the opening money that lay free then pays no instalment
    assert kept == replace(
        plan, began_at=morning.clock.now(), saved_at=morning.clock.now(), already_in=OPENING
    )
    with morning.desk.store.read() as tx:
        assert funding.current(tx, "event") == kept


def test_signing_a_mandate_supersedes_the_cards_written_under_the_old_one(morning: Morning):
    morning.put()
    with morning.desk.store.read() as tx:
        rules = mandates.current(tx, "event")
    signed = sign(morning.desk, replace(rules, positions_max=3), by="me")
    assert (signed.version, signed.signed_at) == (2, morning.clock.now())
    card = morning.card()
    assert card.status is CardStatus.SUPERSEDED
    assert card.status_reason == "mandate version 2 was signed"


def test_signing_for_an_unknown_account_changes_nothing(morning: Morning):
    with morning.desk.store.read() as tx:
        rules = mandates.current(tx, "event")
    with pytest.raises(NotFound):
        sign(morning.desk, replace(rules, account_id="nobody"), by="me")


def test_a_card_expires_and_an_approved_one_does_not(morning: Morning):
    approved = morning.put()
    morning.put(a_card(morning.clock, id="cd2"))
    morning.approve(approved)
    morning.clock.pass_seconds(3_599)
    assert expire_cards(morning.desk) == 0
    morning.clock.pass_seconds(1)
    assert (expire_cards(morning.desk), expire_cards(morning.desk)) == (1, 0)
    assert morning.card("cd2").status is CardStatus.EXPIRED
    assert morning.card("cd1").status is CardStatus.APPROVED


def test_a_card_has_drifted_once_its_price_is_outside_and_it_is_a_minute_old(morning: Morning):
    card = morning.put()
    morning.tick("506")
    assert drifted(morning.desk) == []
    morning.clock.pass_seconds(SETTLE.total_seconds())
    assert drifted(morning.desk) == [card]
    morning.tick("505")
    assert drifted(morning.desk) == []


def test_a_watchlist_keeps_its_order_and_refuses_what_is_not_listed(morning: Morning):
    kept = save_watchlist(morning.desk, " Mine ", ["reliance", "MIDCO", "RELIANCE"], by="me")
    assert (kept.name, kept.isins) == ("Mine", (RELIANCE.isin, MIDCO.isin))
    with pytest.raises(NotFound, match="MIDCOO"):
        save_watchlist(morning.desk, "Mine", ["MIDCOO"], by="me")
    with pytest.raises(BadInput, match="needs a name"):
        save_watchlist(morning.desk, "", ["MIDCO"], by="me")


def test_the_report_tells_the_days_trades_and_may_be_written_twice(morning: Morning):
    morning.approve(morning.put(with_belief=True))
    send_prepared(morning.dealer)
    settle(morning.dealer)
    with morning.desk.store.write() as tx:
        settings.put(tx, f"results:{RELIANCE.isin}", ["2026-11-25"])
    first = make_report(morning.desk, by="me")
    second = make_report(morning.desk, by="me")
    assert first.day == second.day == date(2026, 11, 23)
    for words in ("Event tactical", "MIDCO", "500.05", "RELIANCE"):
        assert words in second.markdown
    with morning.desk.store.read() as tx:
        assert reports.latest(tx, "eod") == second


def test_a_report_on_a_holiday_is_written_all_the_same(morning: Morning):
    morning.clock.move_to(datetime(2026, 11, 28, 5, 0, tzinfo=UTC))  # a Saturday
    assert make_report(morning.desk, by="me").day == date(2026, 11, 28)


def found(morning: Morning) -> dict[str, tuple[bool, str]]:
    """The check-up's rows by name."""
    return {row.name: (row.ok, row.sentence) for row in rows(morning.desk)}


def test_the_check_up_says_what_is_missing_and_the_way_out(morning: Morning):
    seen = found(morning)
    assert seen["worker"] == (False, "has never started; make run starts it")
    assert seen["model"][0] is False and "none is trained yet" in seen["model"][1]
    assert seen["bars"] == (True, "80 sessions, 29 Jul 2026 to 20 Nov 2026")
    assert seen["books"] == (True, "postings sum to ₹0.00")
    assert seen["audit"][0] and seen["kill level"] == (True, "Normal")
    assert seen["store"][1].startswith("stamped sim")


def test_the_check_up_hears_a_worker_and_misses_one_that_fell_silent(morning: Morning):
    beat = Heartbeat(
        worker="worker-1",
        fence=1,
        market_at=morning.clock.now(),
        monotonic=morning.clock.monotonic(),
        speed=1.0,
        feed_at=None,
    )
    with morning.desk.store.write() as tx:
        heartbeat.beat(tx, beat)
    morning.clock.pass_seconds(2)
    assert found(morning)["worker"] == (True, "last heard 2.0 s ago")
    morning.clock.pass_seconds(60)
    assert found(morning)["worker"] == (False, "last heard 62.0 s ago; start make run")


def test_the_check_up_shows_a_stop_and_a_record_that_was_changed(morning: Morning):
    set_level(morning.desk, KillLevel.HALT, reason="enough", by="me")
    assert found(morning)["kill level"][0] is False
    with morning.desk.store.engine.begin() as connection:
        triggers = connection.execute(
            text("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='audit'")
        ).scalars()
        for name in list(triggers):
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit SET body = '{}'"))
    ok, sentence = found(morning)["audit"]
    assert not ok and "entry 1 was changed" in sentence


def test_what_was_paid_in_is_what_the_books_hold(morning: Morning):
    with morning.desk.store.read() as tx:
        assert ledger.trial_balance(tx) == ZERO
        assert -ledger.balance(tx, "event", FUNDING) == OPENING
