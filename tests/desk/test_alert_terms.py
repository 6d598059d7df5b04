"""Price lines go through an ex-date once, and say what they were."""

from __future__ import annotations

from datetime import UTC, date, datetime

from core.desk.alerts import ask_alert, ask_move_alert, fire_alerts, rescale_alerts
from core.domain.action import ActionKind
from core.store import actions, alerts
from tests.desk.morning import Morning
from tests.desk.test_apply_action import an_action
from tests.made import MIDCO, rs


def go(morning: Morning, day: date, price: str) -> None:
    morning.clock.move_to(datetime(day.year, day.month, day.day, 5, 0, tzinfo=UTC))
    morning.tick(price, prev_close=price)


def test_a_line_is_rescaled_on_the_ex_date_once_with_its_history(morning: Morning):
    line = ask_alert(morning.desk, "MIDCO", rs("450"), by="me")
    move = ask_move_alert(morning.desk, "MIDCO", -0.4, by="me")
    with morning.desk.store.write() as tx:
        actions.put(tx, an_action())
    assert rescale_alerts(morning.desk) == 0  # the day has not come
    go(morning, date(2026, 11, 25), "250")
    assert fire_alerts(morning.desk) == 0  # 250 is over 225: the split itself sets nothing off
    assert rescale_alerts(morning.desk) == 0
    with morning.desk.store.read() as tx:
        after, untouched = alerts.by_id(tx, line.id), alerts.by_id(tx, move.id)
    assert after.level == rs("225") and untouched == move
    assert after.sentence == (
        "MIDCO price below 225.00, was 450.00 before the split 2:1 of 25 Nov 2026"
    )
    go(morning, date(2026, 11, 25), "224")
    assert fire_alerts(morning.desk) == 1


def test_a_line_asked_for_in_new_terms_and_one_before_a_dividend_stay(morning: Morning):
    before = ask_alert(morning.desk, "MIDCO", rs("450"), by="me")
    with morning.desk.store.write() as tx:
        actions.put(tx, an_action(ActionKind.DIVIDEND, 0, 0))
    go(morning, date(2026, 11, 25), "250")
    late = ask_alert(morning.desk, "MIDCO", rs("300"), by="me")
    with morning.desk.store.write() as tx:
        alerts.put(tx, before)
        actions.put(tx, an_action(ActionKind.BONUS, 1, 1))
    assert rescale_alerts(morning.desk) == 1
    with morning.desk.store.read() as tx:
        assert alerts.by_id(tx, late.id).level == rs("300")
        assert MIDCO.symbol in alerts.by_id(tx, before.id).sentence
