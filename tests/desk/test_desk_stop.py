"""A desk stop counts while its worker beats, its price is fresh and orders can go out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.brokers.fake import Verb
from core.desk.desk_stop import warn_unproven, why_unproven
from core.desk.open_market import PAPER_LOGIN
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.domain.account import Broker
from core.domain.job import Heartbeat
from core.domain.login import LoginState, SessionStatus
from core.domain.plan import PlanStatus
from core.store import accounts, heartbeat, logins, protections
from core.views.positions import positions_view
from tests.desk.morning import Morning


def beat(morning: Morning) -> None:
    with morning.desk.store.write() as tx:
        heartbeat.beat(
            tx,
            Heartbeat("worker-1", 1, morning.clock.now(), morning.clock.monotonic(), 1.0, None),
        )


@pytest.fixture
def armed(morning: Morning) -> Morning:
    """100 MIDCO under a desk stop, for the broker takes no GTT."""
    for _ in range(9):
        morning.broker.refuse("TPIN needed", Verb.PLACE_GTT)
    morning.approve()
    send_prepared(morning.dealer)
    keep_safe(morning.dealer)
    morning.tick("500")
    beat(morning)
    return morning


def why(morning: Morning) -> str:
    with morning.desk.store.read() as tx:
        plan = morning.plan()
        return why_unproven(morning.desk, tx, plan, protections.by_plan(tx, plan.id))


def word(morning: Morning) -> str:
    """The first word of the position's row on screen."""
    [row] = [one for one in positions_view(morning.desk).rows if one.symbol == "MIDCO"]
    return str(row.protected[0].text)  # type: ignore[index, union-attr]


def test_a_beating_worker_with_a_fresh_price_proves_the_desk_stop(armed: Morning):
    assert (why(armed), word(armed)) == ("", "Desk")
    assert warn_unproven(armed.desk) == []


def test_a_silent_worker_takes_the_word_away(armed: Morning):
    armed.clock.pass_seconds(5)
    assert (why(armed), word(armed)) == ("the worker is silent", "Unprotected")


def test_a_price_that_stands_still_is_alarmed_within_five_seconds_and_once(armed: Morning):
    said = []
    for second in range(1, 9):
        armed.clock.pass_seconds(1)
        beat(armed)
        said += [(second, sentence) for sentence in warn_unproven(armed.desk)]
    assert said == [
        (5, "MIDCO: 100 shares stand under a desk stop that would not act: its last price is 5 s "
            "old"),
    ]  # fmt: skip
    assert word(armed) == "Unprotected"
    assert sum("would not act" in alarm for alarm in armed.alarms()) == 1


def test_a_second_spell_is_told_again(armed: Morning):
    armed.clock.pass_seconds(6)
    beat(armed)
    assert len(warn_unproven(armed.desk)) == 1
    armed.tick("500")
    beat(armed)
    assert (warn_unproven(armed.desk), word(armed)) == ([], "Desk")
    armed.clock.pass_seconds(6)
    beat(armed)
    assert len(warn_unproven(armed.desk)) == 1


def test_while_nobody_trades_no_fresh_price_is_asked_for(armed: Morning):
    armed.clock.move_to(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))
    beat(armed)
    assert (why(armed), warn_unproven(armed.desk)) == ("", [])


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (None, "the session of Zerodha is closed"),
        (SessionStatus.OPEN, ""),
        (SessionStatus.SILENT, "the session of Zerodha is silent"),
        (SessionStatus.DEAD, "the session of Zerodha is dead"),
    ],
)
def test_at_a_real_broker_the_session_must_be_open(
    armed: Morning, status: SessionStatus | None, reason: str
):
    login = replace(PAPER_LOGIN, broker=Broker.ZERODHA, label="Zerodha", user_id="AB1234")
    with armed.desk.store.write() as tx:
        accounts.put_login(tx, login)
        if status is not None:
            logins.put_state(tx, LoginState(login.id, status, "", "", None, None, None, 0.0, {}))
    assert why(armed) == reason
    assert bool(warn_unproven(armed.desk)) == bool(reason)


def test_a_stop_at_the_broker_needs_no_proof_of_the_desk(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    keep_safe(morning.dealer)
    morning.clock.pass_seconds(60)
    assert (why(morning), word(morning), warn_unproven(morning.desk)) == ("", "Broker", [])


def test_a_fall_of_sixteen_percent_sells_once_a_second_tick_is_there(armed: Morning):
    armed.tick("419", prev_close="500")
    keep_safe(armed.dealer)
    assert armed.plan().status is PlanStatus.HOLDING  # one wild tick sells nothing
    keep_safe(armed.dealer)
    assert armed.plan().status is PlanStatus.HOLDING  # nor does looking at it twice
    armed.tick("418", prev_close="500")
    keep_safe(armed.dealer)
    assert armed.plan().status is PlanStatus.EXITING
