"""The risk loop: what it measures, what it stops, and that it never lets go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.desk.approve import check_click
from core.desk.fund import add_money, take_money
from core.desk.kill import effective_level, resume, set_level
from core.desk.protect import protect
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.watch import Returns, watch
from core.domain.charges import Charges
from core.domain.risk import DESK, KillLevel, RiskSnapshot
from core.errors import ApprovalRefused
from core.store import accounts, bars, ledger, quotes, risk
from core.treasury import post
from tests.desk.morning import OPENING, Morning, a_card, a_history
from tests.made import MIDCO, rs

NORMAL, PAUSE, REDUCE, HALT = (
    KillLevel.NORMAL,
    KillLevel.PAUSE,
    KillLevel.REDUCE,
    KillLevel.HALT,
)


def look(morning: Morning, scope: str = "event") -> RiskSnapshot:
    """One look of the loop with nothing remembered in memory."""
    found = watch(morning.desk, returns=Returns())
    return next(one for one in found if one.scope == scope)


def lose(morning: Morning, rupees: str) -> None:
    """Money that is gone, as a fee of that size would take it."""
    morning.clock.pass_seconds(1)
    gone = post.charge(
        account_id="event",
        charges=Charges(dp=rs(rupees)),
        at=morning.clock.now(),
        reference=f"lost at {morning.clock.now()}",
    )
    with morning.desk.store.write() as tx:
        ledger.post(tx, gone)


def gain(morning: Morning, rupees: str) -> None:
    """The same the other way."""
    lose(morning, f"-{rupees}")


def test_a_quiet_morning_is_worth_what_was_paid_in(morning: Morning):
    found = look(morning)
    assert (found.equity, found.cash, found.level) == (OPENING, OPENING, NORMAL)
    assert (found.day_pnl.paise, found.total_pnl.paise, found.drawdown) == (0, 0, 0.0)
    assert found.breaches == ()
    assert look(morning, DESK).equity == OPENING


def test_a_position_is_marked_at_the_last_price_and_risks_down_to_its_stop(morning: Morning):
    look(morning)
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    assert look(morning).unprotected == 1
    protect(morning.dealer)
    morning.tick("510")
    found = look(morning)
    assert found.invested == rs("51000")
    assert found.at_risk == rs("3000")  # 100 x (510 - 480)
    assert found.unprotected == 0
    assert dict(found.sectors).keys() == {"Chemicals"}
    assert found.equity == morning.cash() + rs("51000")
    with morning.desk.store.read() as tx:
        assert risk.latest(tx, "event") == found


# of ₹20 lakh, 1.5 % may be lost in a day (₹30,000) and entries pause at 70 % of that (₹21,000)
@pytest.mark.parametrize(
    ("lost", "level"), [("20900", NORMAL), ("21000", PAUSE), ("29900", PAUSE), ("30000", REDUCE)]
)
def test_a_days_loss_raises_the_level_step_by_step(morning: Morning, lost: str, level: KillLevel):
    look(morning)
    lose(morning, lost)
    look(morning)
    assert effective_level(morning.desk, "event") is level
    assert effective_level(morning.desk, DESK) is level  # one account is the whole desk


def test_a_loss_that_recovers_stays_paused_until_a_person_resumes(morning: Morning):
    look(morning)
    lose(morning, "22000")
    look(morning)
    gain(morning, "22000")
    found = look(morning)
    assert (found.day_pnl.paise, found.breaches) == (0, ())
    assert effective_level(morning.desk, "event") is PAUSE
    for scope in ("event", DESK):
        resume(morning.desk, scope=scope, reason="looked at it", by="me")
    look(morning)
    assert effective_level(morning.desk, "event") is NORMAL


def test_the_loop_never_softens_what_a_person_set(morning: Morning):
    look(morning)
    set_level(morning.desk, HALT, reason="enough", by="me")
    lose(morning, "22000")
    assert look(morning).level is HALT
    assert effective_level(morning.desk) is HALT


def test_a_deep_drawdown_halts_and_money_taken_out_is_none(morning: Morning):
    look(morning)
    take_money(morning.desk, "event", rs("1000000"), reference="house", by="me")
    found = look(morning)
    assert (found.drawdown, found.day_pnl.paise, found.level) == (0.0, 0, NORMAL)
    # ₹10 lakh are left; 8 % under the peak pauses and 10 % halts, each first seen a session later
    lose(morning, "81000")
    morning.clock.move_to(datetime(2026, 11, 25, 4, 0, tzinfo=UTC))
    found = look(morning)
    assert found.day_pnl.paise == 0
    assert found.drawdown == pytest.approx(-0.081)
    assert effective_level(morning.desk, "event") is PAUSE
    lose(morning, "20000")
    morning.clock.move_to(datetime(2026, 11, 26, 4, 0, tzinfo=UTC))
    look(morning)
    assert effective_level(morning.desk, "event") is HALT


def test_a_new_day_starts_its_loss_anew_and_money_paid_in_is_no_profit(morning: Morning):
    look(morning)
    lose(morning, "10000")
    look(morning)
    morning.clock.move_to(datetime(2026, 11, 25, 4, 0, tzinfo=UTC))
    assert look(morning).day_pnl.paise == 0
    add_money(morning.desk, "event", rs("500000"), reference="bonus", by="me")
    found = look(morning)
    assert (found.day_pnl.paise, found.total_pnl) == (0, rs("-10000"))


def test_the_day_counts_from_the_official_close_and_not_from_the_first_look(morning: Morning):
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    morning.tick("510")
    morning.clock.move_to(datetime(2026, 11, 25, 4, 0, tzinfo=UTC))
    morning.tick("490", prev_close="508")
    # 100 MIDCO opened under yesterday's close before anybody looked: 100 x (490 - 508)
    assert look(morning).day_pnl == rs("-1800")


def test_a_book_that_suddenly_swings_twice_as_much_pauses(morning: Morning):
    calm = a_history()
    wild = calm.close.copy()
    column = calm.isins.index(MIDCO.isin)
    wild[:, column] = 500.0 * (1 + 0.002 * np.sin(np.arange(len(calm.sessions)) * 1.3))
    wild[-6:, column] *= [1.04, 0.96, 1.05, 0.95, 1.04, 0.97]
    with morning.desk.store.write() as tx:
        bars.put_panel(tx, replace(calm, close=wild), source="TEST")
    morning.approve()
    send_prepared(morning.dealer)
    settle(morning.dealer)
    found = look(morning)
    [breach] = found.breaches
    assert (breach.name, breach.level) == ("Volatility spike", PAUSE)
    assert breach.value >= breach.limit
    assert effective_level(morning.desk, "event") is PAUSE


def test_a_paused_account_refuses_the_next_click(morning: Morning):
    look(morning)
    lose(morning, "22000")
    look(morning)
    card = a_card(morning.clock)
    with morning.desk.store.read() as tx:
        quote = quotes.by_isin(tx, card.isin)
    with pytest.raises(ApprovalRefused, match="is at PAUSE"):
        check_click(
            card,
            seen_hash=card.bound_hash,
            quote=quote,
            level=effective_level(morning.desk, "event"),
            at=morning.clock.now(),
        )


def test_a_closed_account_is_not_watched(morning: Morning):
    with morning.desk.store.write() as tx:
        accounts.close(tx, "event", morning.clock.now())
    assert [one.scope for one in watch(morning.desk, returns=Returns())] == [DESK]


def test_returns_are_read_once_a_session(morning: Morning):
    returns = Returns()
    today = morning.clock.now().date()
    with morning.desk.store.read() as tx:
        first = returns.of(tx, today=today)
        again = returns.of(tx, today=today)
    assert first is again
    assert len(first[MIDCO.isin]) == 79
