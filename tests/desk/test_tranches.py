"""Tranches let go by each trigger, once, also after a restart; and what is deployable then."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from core.desk.books import book
from core.desk.deploy import deployable_of, kept_back, plan_now, receipts
from core.desk.desk import Desk, desk_over
from core.desk.fund import add_money, plan_funding, take_money
from core.desk.recheck import failed_now
from core.desk.tranches import Indices, look_at_tranches, release_tranche
from core.domain.account import FundingKind, FundingPlan, Tranche, TrancheTrigger
from core.domain.event import EventType
from core.domain.money import ZERO, Money
from core.domain.risk import KillLevel
from core.errors import BadInput, NotFound, Refused
from core.store import accounts, audit, events, funding, index_bars, mandates, quotes, risk
from core.treasury.tranches import TrancheStatus
from tests.desk.morning import Morning
from tests.made import a_tag, rs
from tests.views.shelf import EVENT, snapshot

LAKH = rs("100000")
MONDAY = date(2026, 11, 23)  # the morning's day
T = TrancheTrigger


def save(desk: Desk, *parts: Tranche, **changes: Any) -> FundingPlan:
    terms = {
        "account_id": "event",
        "version": 1,
        "kind": FundingKind.LUMP_SUM,
        "lump_sum": Money(sum(one.amount.paise for one in parts)),
        "instalment": ZERO,
        "day_of_month": 0,
        "starts_on": MONDAY,
        "months": 0,
        "tranches": parts,
    }
    return plan_funding(desk, FundingPlan(**(terms | changes)), by="me")


def free(desk: Desk) -> Money:
    with desk.store.read() as tx:
        day = desk.clock.now().date()
        return deployable_of(tx, "event", calendar=desk.calendar, today=day).amount


def states(desk: Desk) -> list[TrancheStatus]:
    with desk.store.read() as tx:
        plan = funding.current(tx, "event")
        day = desk.clock.now().date()
        now = plan_now(tx, plan, calendar=desk.calendar, today=day)
    return [one.status for one in now.tranches]


def released(desk: Desk) -> list[str]:
    """What the record says was let go."""
    with desk.store.read() as tx:
        found = audit.entries(tx, subject="event")
        audit.verify(tx)
    return [one.body for one in found if one.verb == "release tranche"]


def put_index(desk: Desk, *levels: float) -> None:
    days = desk.calendar.sessions(MONDAY, MONDAY + timedelta(days=20))[: len(levels)]
    closes = np.array(levels)
    with desk.store.write() as tx:
        index_bars.put(
            tx,
            ["NIFTY 50"] * len(levels),
            np.array(days, dtype="datetime64[D]"),
            [closes, closes, closes, closes, closes * 0],
            np.ones(len(levels)),
            "TEST",
        )


def test_an_immediate_tranche_goes_with_the_plan_and_the_rest_waits(morning: Morning):
    # 20 lakh lies there, 9 of it is the lump sum: 3 at once, 6 wait; the floor keeps 50,000
    save(morning.desk, Tranche(LAKH * 3), Tranche(LAKH * 6, T.CLICK))
    assert states(morning.desk) == [TrancheStatus.RELEASED, TrancheStatus.WAITING]
    assert free(morning.desk) == LAKH * 14 - rs("50000")
    assert look_at_tranches(morning.desk) == []


def test_sizing_and_guardrails_see_only_what_is_let_go(morning: Morning):
    card = morning.put()  # 100 at up to 505: 50,500
    with morning.desk.store.read() as tx:
        assert failed_now(morning.desk, tx, card) == ()
    save(morning.desk, Tranche(LAKH * 20, T.CLICK))  # all the cash there is waits
    with morning.desk.store.read() as tx:
        failed = failed_now(morning.desk, tx, card)
    assert [row.name for row in failed] == ["Cash after"]
    release_tranche(morning.desk, "event", 1, why="go", by="me")
    with morning.desk.store.read() as tx:
        assert failed_now(morning.desk, tx, card) == ()


def test_a_day_that_is_no_session_lets_go_on_the_next(morning: Morning):
    # Tue 24 Nov 2026 is Guru Nanak Jayanti, a holiday
    save(morning.desk, Tranche(LAKH, T.DATE, on=date(2026, 11, 24)))
    morning.clock.move_to(datetime(2026, 11, 24, 5, 0, tzinfo=UTC))
    assert look_at_tranches(morning.desk) == []
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    assert look_at_tranches(morning.desk) == [
        "Event tactical: tranche 1 of ₹1,00,000.00 is let go: 25 Nov 2026 came, the first session "
        "from 24 Nov 2026 on"
    ]


def test_a_fall_of_the_index_to_exactly_the_level_lets_go_once_with_its_evidence(
    morning: Morning,
):
    desk = morning.desk
    save(desk, Tranche(LAKH, T.INDEX_FALL, fall=0.05))
    put_index(desk, 20_000, 19_000.5)
    morning.clock.move_to(datetime(2026, 11, 26, 5, 0, tzinfo=UTC))
    assert look_at_tranches(desk, indices=Indices()) == []
    put_index(desk, 20_000, 19_000.5, 19_000)
    morning.clock.move_to(datetime(2026, 11, 27, 5, 0, tzinfo=UTC))
    assert look_at_tranches(desk, indices=Indices()) == [
        "Event tactical: tranche 1 of ₹1,00,000.00 is let go: NIFTY 50 closed at 19,000.00 on "
        "26 Nov 2026, 5.00 % under its 20,000.00 of 23 Nov 2026; 5.00 % was asked for"
    ]
    # another process over the same store, with nothing remembered
    again = desk_over(desk.settings, desk.store, desk.clock)
    assert look_at_tranches(again, indices=Indices()) == []
    assert len(released(desk)) == 1
    assert '"day":"2026-11-26"' in released(desk)[0]


def test_a_fall_seen_only_after_the_index_rose_again_still_counts(morning: Morning):
    save(morning.desk, Tranche(LAKH, T.INDEX_FALL, fall=0.05))
    put_index(morning.desk, 20_000, 18_500, 20_500)  # the worker slept over the second day
    morning.clock.move_to(datetime(2026, 11, 27, 5, 0, tzinfo=UTC))
    assert len(look_at_tranches(morning.desk, indices=Indices())) == 1


def test_without_an_index_a_simulated_market_falls_back_on_its_average(morning: Morning):
    # both shares' closes of Monday and Wednesday: 500 -> 470, 6 % down
    save(morning.desk, Tranche(LAKH, T.INDEX_FALL, fall=0.06))
    put_bars(morning.desk, 500.0, 470.0)
    morning.clock.move_to(datetime(2026, 11, 25, 11, 0, tzinfo=UTC))
    found = look_at_tranches(morning.desk, indices=Indices())
    assert len(found) == 1 and "Simulated index closed at 94.00" in found[0]


def put_bars(desk: Desk, *closes: float) -> None:
    from core.panel import Panel
    from core.store import bars
    from tests.made import MIDCO, RELIANCE

    days = desk.calendar.sessions(MONDAY, MONDAY + timedelta(days=20))[: len(closes)]
    close = np.column_stack([closes, closes])
    panel = Panel(
        sessions=tuple(days), isins=(MIDCO.isin, RELIANCE.isin), open=close, high=close, low=close,
        close=close, volume=np.ones_like(close), factor=np.ones_like(close),
    )  # fmt: skip
    with desk.store.write() as tx:
        bars.put_panel(tx, panel, source="TEST")


@pytest.mark.parametrize(("drawdown", "fires"), [(-0.0999, False), (-0.10, True), (-0.2, True)])
def test_an_accounts_drawdown_lets_go_at_the_level(morning: Morning, drawdown: float, fires: bool):
    save(morning.desk, Tranche(LAKH, T.ACCOUNT_FALL, fall=0.10))
    look = replace(snapshot("event"), at=morning.clock.now(), drawdown=drawdown)
    with morning.desk.store.write() as tx:
        risk.put(tx, look)
    assert bool(look_at_tranches(morning.desk)) is fires


def test_an_event_of_the_named_type_lets_go_and_one_from_before_does_not(morning: Morning):
    desk = morning.desk
    early = a_tag(event_id="ev-early", event_type=EventType.RESULTS, known_at=desk.clock.now())
    with desk.store.write() as tx:
        events.put(tx, replace(EVENT, id="ev-early", headline="Early", known_at=desk.clock.now()))
        events.put_tags(tx, [early])
    morning.clock.pass_seconds(60)
    save(desk, Tranche(LAKH, T.EVENT, event_type="results"))
    assert look_at_tranches(desk) == []
    morning.clock.pass_seconds(60)
    later = replace(early, event_id="ev-later", known_at=desk.clock.now())
    with desk.store.write() as tx:
        events.put(tx, replace(EVENT, id="ev-later", known_at=desk.clock.now()))
        events.put_tags(tx, [replace(later, event_type=EventType.DIVIDEND, isin="INE000000001")])
    assert look_at_tranches(desk) == []
    with desk.store.write() as tx:
        events.put_tags(tx, [later])
    found = look_at_tranches(desk)
    assert len(found) == 1 and "results, known" in found[0] and "(event ev-later)" in found[0]
    assert look_at_tranches(desk) == []


def test_a_person_lets_go_with_a_reason_once(morning: Morning):
    desk = morning.desk
    save(desk, Tranche(LAKH * 5, T.INDEX_FALL, fall=0.2), Tranche(LAKH * 5, T.CLICK))
    before = free(desk)
    with pytest.raises(BadInput, match="needs a reason"):
        release_tranche(desk, "event", 1, why=" ", by="me")
    release_tranche(desk, "event", 1, why="cheap enough", by="me")
    assert free(desk) - before == LAKH * 5
    with pytest.raises(Refused, match="was let go before"):
        release_tranche(desk, "event", 1, why="again", by="me")
    with pytest.raises(NotFound, match="has no tranche 3; its funding plan has 2"):
        release_tranche(desk, "event", 3, why="what", by="me")
    assert ["cheap enough" in one for one in released(desk)] == [True]


def test_a_plan_saved_again_keeps_its_money_and_what_went(morning: Morning):
    desk = morning.desk
    first = save(desk, Tranche(LAKH * 3), Tranche(LAKH * 6, T.CLICK))
    held = free(desk)
    again = plan_funding(desk, replace(first, version=2, buffer=LAKH), by="me")
    assert (again.began_at, again.already_in) == (first.began_at, first.already_in)
    assert free(desk) == held - LAKH
    assert states(desk) == [TrancheStatus.RELEASED, TrancheStatus.WAITING]
    assert len(released(desk)) == 1


def test_money_of_the_day_before_the_plan_was_saved_lies_there_and_pays_no_instalment(
    morning: Morning,
):
    desk = morning.desk
    add_money(desk, "event", rs("75000"), reference="this morning", by="me")
    morning.clock.pass_seconds(60)
    sip = {"kind": FundingKind.SIP, "instalment": rs("25000"), "day_of_month": 23, "months": 6}
    plan = save(desk, **sip)
    morning.clock.pass_seconds(60)
    add_money(desk, "event", rs("25000"), reference="the first instalment", by="me")
    with desk.store.read() as tx:
        moves = funding.capital(tx, "event")
        now = plan_now(tx, plan, calendar=desk.calendar, today=MONDAY, until=date(2026, 12, 24))
    assert plan.already_in == morning.cash() - rs("25000")
    assert [one.status.value for one in now.standing.instalments] == ["paid", "upcoming"]
    # one that says it started in October counts what came from then to the day before
    older = replace(plan, starts_on=date(2026, 10, 1))
    early = replace(moves[0], at=moves[0].at - timedelta(days=20))
    assert [one.amount for one in receipts([older], [early, *moves])] == [rs("75000"), rs("25000")]
    assert [one.amount for one in receipts([plan], [early, *moves])] == [rs("25000")]


def test_a_tranche_that_fired_before_its_money_is_triggered_until_it_comes(morning: Morning):
    desk = morning.desk
    take_money(desk, "event", morning.cash(), reference="all of it", by="me")
    save(desk, Tranche(LAKH))
    assert states(desk) == [TrancheStatus.TRIGGERED]
    morning.clock.pass_seconds(1)
    add_money(desk, "event", LAKH, reference="the lump sum", by="me")
    assert states(desk) == [TrancheStatus.RELEASED]


def test_nothing_goes_before_the_plan_starts_or_after_the_account_closed(morning: Morning):
    desk = morning.desk
    save(desk, Tranche(LAKH), starts_on=date(2026, 12, 1))
    assert states(desk) == [TrancheStatus.WAITING]
    with desk.store.write() as tx:
        accounts.close(tx, "event", desk.clock.now())
    morning.clock.move_to(datetime(2026, 12, 1, 5, 0, tzinfo=UTC))
    assert look_at_tranches(desk) == []


def test_another_line_before_one_that_went_does_not_hold_it_back_again(morning: Morning):
    desk = morning.desk
    first = save(desk, Tranche(LAKH * 3, T.CLICK), Tranche(LAKH * 6, T.CLICK))
    release_tranche(desk, "event", 2, why="cheap", by="me")
    morning.clock.pass_seconds(60)
    parts = (Tranche(LAKH, T.CLICK), *first.tranches)
    plan_funding(desk, replace(first, version=2, lump_sum=LAKH * 10, tranches=parts), by="me")
    assert states(desk) == [TrancheStatus.WAITING, TrancheStatus.WAITING, TrancheStatus.RELEASED]
    # two alike are told apart by their order
    twice = save(desk, *[Tranche(LAKH, T.CLICK)] * 2, version=3, starts_on=date(2026, 11, 20))
    release_tranche(desk, "event", 2, why="one", by="me")
    assert twice.version == 3
    assert states(desk) == [TrancheStatus.WAITING, TrancheStatus.RELEASED]


def test_a_tranche_named_later_waits_for_a_fall_from_then_on(morning: Morning):
    desk = morning.desk
    first = save(desk, Tranche(LAKH, T.CLICK))
    put_index(desk, 20_000, 18_000, 18_100, 17_900)  # 23, 25, 26 and 27 November
    morning.clock.move_to(datetime(2026, 11, 26, 11, 0, tzinfo=UTC))
    parts = (*first.tranches, Tranche(LAKH, T.INDEX_FALL, fall=0.05))
    plan_funding(desk, replace(first, version=2, lump_sum=LAKH * 2, tranches=parts), by="me")
    assert states(desk) == [TrancheStatus.WAITING, TrancheStatus.WAITING]
    morning.clock.move_to(datetime(2026, 11, 27, 11, 0, tzinfo=UTC))
    assert look_at_tranches(desk, indices=Indices()) == []  # 1.1 % under 18,100
    put_index(desk, 20_000, 18_000, 18_100, 17_195)
    assert len(look_at_tranches(desk, indices=Indices())) == 1


def test_a_sip_that_becomes_a_hybrid_keeps_what_was_paid(morning: Morning):
    desk = morning.desk
    sip = {"kind": FundingKind.SIP, "instalment": rs("25000"), "day_of_month": 23, "months": 6}
    first = save(desk, **sip)
    morning.clock.pass_seconds(60)
    add_money(desk, "event", rs("25000"), reference="November", by="me")
    morning.clock.pass_seconds(60)
    both = replace(first, version=2, kind=FundingKind.HYBRID, lump_sum=LAKH * 30)
    plan = plan_funding(desk, both, by="me")
    with desk.store.read() as tx:
        now = plan_now(tx, plan, calendar=desk.calendar, today=MONDAY)
    # 20 lakh and the instalment lie free and count; 9.75 lakh is still to come
    assert [one.status.value for one in now.standing.instalments] == ["paid"]
    assert now.standing.lump_due == LAKH * 30 - morning.cash()
    again = plan_funding(desk, replace(plan, version=3, lump_sum=LAKH * 40), by="me",
                         counts_cash=False)  # fmt: skip
    with desk.store.read() as tx:
        now = plan_now(tx, again, calendar=desk.calendar, today=MONDAY)
    assert now.standing.lump_due == LAKH * 40 - morning.cash()


def test_what_sizing_may_spend_is_what_the_page_calls_deployable(morning: Morning):
    desk = morning.desk

    def sized() -> Money:
        with desk.store.read() as tx:
            prices = quotes.all_quotes(tx)
            kept = kept_back(tx, ["event"], calendar=desk.calendar, today=MONDAY)["event"]
            found = book(
                tx, "event", prices=prices, instruments={}, level=KillLevel.NORMAL,
                since=date(2026, 11, 20), kept=kept,
            )  # fmt: skip
            return found.cash_free - mandates.current(tx, "event").cash_floor

    assert sized() == free(desk)
    save(desk, Tranche(LAKH * 3), Tranche(LAKH * 6, T.CLICK), buffer=LAKH)
    assert sized() == free(desk) == LAKH * 13 - rs("50000")
    morning.approve()
    assert morning.reserved() > ZERO and sized() == free(desk)
    release_tranche(desk, "event", 2, why="cheap", by="me")
    assert sized() == free(desk) == LAKH * 19 - rs("50000") - morning.reserved()


def test_what_an_earlier_plan_let_go_frees_nothing_of_this_one_when_money_goes_out(
    morning: Morning,
):
    desk = morning.desk
    save(desk, Tranche(LAKH * 5), starts_on=date(2026, 11, 20))
    morning.clock.pass_seconds(60)
    save(desk, Tranche(LAKH * 3), Tranche(LAKH * 6, T.CLICK), version=2)
    before = free(desk)  # 20 lakh less the floor and the 6 that wait
    assert before == LAKH * 14 - rs("50000")
    morning.clock.pass_seconds(60)
    take_money(desk, "event", LAKH * 2, reference="out", by="me")
    assert free(desk) == before - LAKH * 2
