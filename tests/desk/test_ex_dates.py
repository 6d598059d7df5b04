"""A split while a share is held: nothing is open in the old terms, or a person is told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from core.desk.ex_dates import coming, held_through, sessions_to_ex, why_frozen
from core.desk.exit import find_exits
from core.desk.kill import set_level
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.domain.action import ActionKind, ActionStatus, CorporateAction, known_by_ex_date
from core.domain.card import Leg
from core.domain.order import Product, Purpose, Side
from core.domain.plan import PlanStatus
from core.domain.risk import KillLevel
from core.store import actions
from tests.desk.morning import Morning, a_card, lets_short
from tests.made import MIDCO, SHORT

# Mon 23 Nov 2026 is the morning's day; 24 Nov is a holiday, so 25 Nov is the next session
BEFORE, EX = date(2026, 11, 26), date(2026, 11, 27)


def an_action(
    ex_date: date,
    kind: ActionKind = ActionKind.SPLIT,
    status: ActionStatus = ActionStatus.CONFIRMED,
) -> CorporateAction:
    return CorporateAction(
        id=f"ca-{kind}-{ex_date}",
        isin=MIDCO.isin,
        symbol=MIDCO.symbol,
        ex_date=ex_date,
        kind=kind,
        new=0 if kind is ActionKind.DIVIDEND else 2,
        old=0 if kind is ActionKind.DIVIDEND else 1,
        amount=None,
        subject="",
        source="TEST",
        known_at=known_by_ex_date(date(2026, 11, 20)),
        status=status,
    )


def listed(morning: Morning, *found: CorporateAction) -> None:
    with morning.desk.store.write() as tx:
        for one in found:
            actions.put(tx, one)


def go(morning: Morning, day: date, price: str) -> None:
    """Half past ten of a day at a price, and what the worker's pulse does then."""
    morning.clock.move_to(datetime(day.year, day.month, day.day, 5, 0, tzinfo=UTC))
    morning.tick(price)
    for _ in range(3):
        send_prepared(morning.dealer)
        keep_safe(morning.dealer)


def held(morning: Morning) -> Morning:
    morning.approve(morning.put(with_belief=True))
    for _ in range(2):
        send_prepared(morning.dealer)
        keep_safe(morning.dealer)
    assert morning.shares() == {MIDCO.isin: 100}
    return morning


def test_a_position_is_sold_on_the_last_session_before_a_split(morning: Morning):
    listed(held(morning), an_action(EX))
    go(morning, date(2026, 11, 25), "505")
    assert morning.plan().status is PlanStatus.HOLDING
    go(morning, BEFORE, "505")
    assert morning.shares() == {} and morning.broker.holdings() == {}
    assert [gtt for gtt in morning.broker.gtts() if gtt.active] == []
    assert morning.alarms() == []
    morning.books_are_clean()


@pytest.mark.parametrize(
    "action",
    [
        an_action(EX, ActionKind.DIVIDEND),
        an_action(EX, status=ActionStatus.INFERRED),
        an_action(date(2026, 12, 30)),
    ],
    ids=["a dividend", "a suggestion", "far away"],
)
def test_what_leaves_share_terms_alone_sells_nothing(morning: Morning, action: CorporateAction):
    listed(held(morning), action)
    go(morning, BEFORE, "505")
    assert morning.plan().status is PlanStatus.HOLDING


def test_a_position_held_through_is_left_to_a_person_who_is_told_once(morning: Morning):
    held(morning)
    listed(morning, an_action(date(2026, 11, 25)))
    go(morning, date(2026, 11, 25), "495")
    go(morning, BEFORE, "495")
    [alarm] = morning.alarms()
    assert alarm.startswith("MIDCO went ex on ") and "sell by hand" in alarm
    assert morning.plan().status is PlanStatus.HOLDING
    set_level(morning.desk, KillLevel.FLATTEN, reason="out", by="me")
    go(morning, date(2026, 11, 27), "495")
    assert morning.shares() == {}  # a person's word still sells what the desk counts


def test_a_stop_at_the_desk_does_not_fire_on_a_price_in_new_terms(morning: Morning):
    held(morning)
    listed(morning, an_action(date(2026, 11, 25)))
    [gtt] = [one for one in morning.broker.gtts() if one.active]
    morning.broker.cancel_gtt(gtt.gtt_id)  # as brokers do on an ex-date
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    morning.tick("250")
    find_exits(morning.dealer)
    assert morning.plan().status is PlanStatus.HOLDING
    assert [one for one in morning.orders() if one.purpose is Purpose.EXIT] == []


def test_sessions_to_an_ex_date_are_counted_from_today(morning: Morning):
    calendar = morning.desk.calendar
    monday = date(2026, 11, 23)
    assert sessions_to_ex(calendar, monday, None) is None
    assert sessions_to_ex(calendar, monday, date(2026, 11, 25)) == 1
    assert sessions_to_ex(calendar, monday, EX) == 3
    assert sessions_to_ex(calendar, date(2026, 11, 22), monday) == 1  # a Sunday
    assert sessions_to_ex(calendar, calendar.last, date(2027, 2, 1)) == 1
    listed(morning, an_action(EX), an_action(date(2026, 12, 30)))
    with morning.desk.store.read() as tx:
        assert coming(tx, [MIDCO.isin], today=monday) == {MIDCO.isin: EX}
        assert coming(tx, [MIDCO.isin], today=EX) == {MIDCO.isin: date(2026, 12, 30)}


def test_a_short_that_was_not_bought_back_is_owed_in_old_terms_and_freezes_nothing(
    morning: Morning,
):
    version = lets_short(morning.desk)
    legs = (Leg(Side.SELL, 100, Product.MIS),)
    terms = {"legs": legs, "bracket": SHORT, "horizon_sessions": 0, "mandate_version": version}
    morning.approve(morning.put(a_card(morning.clock, **terms)))
    send_prepared(morning.dealer)
    keep_safe(morning.dealer)
    assert morning.shares() == {MIDCO.isin: -100}
    today = date(2026, 11, 25)
    listed(morning, an_action(today))
    go(morning, today, "250")
    assert morning.shares() == {MIDCO.isin: -100}
    with morning.desk.store.read() as tx:
        assert why_frozen(tx, MIDCO.isin, today=today) == ""
        assert held_through(tx, [morning.plan()], today=today) == {}
