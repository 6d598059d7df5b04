from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.order import OrderStatus, Purpose
from core.domain.protection import Owner, Protection, ProtectionStatus, Shield, shield_of
from core.views.protected import Protected, protected, sold_plans
from tests.views.shelf import BEL_ORDER, NOW, SHIELD

P = ProtectionStatus


def say(
    held: int, shield: Protection | None, *, unproven: str = "", selling: bool = False
) -> Protected:
    return protected(held, shield, now=NOW, unproven=unproven, selling=selling)


def test_a_read_back_broker_stop_is_named_with_when_it_was() -> None:
    found = say(320, SHIELD)
    assert (found.word, found.proof, found.naked) == (
        Shield.BROKER,
        "GTT 4417 since 10:42:05",
        False,
    )


def test_a_stop_loss_order_at_the_exchange_is_a_broker_stop_too() -> None:
    assert say(320, replace(SHIELD, owner=Owner.EXCHANGE_SL)).proof == "stop order since 10:42:05"


@pytest.mark.parametrize(
    "unproven, word", [("", Shield.DESK), ("its last price is 9 s old", Shield.UNPROTECTED)]
)
def test_a_desk_stop_counts_only_while_it_would_act(unproven: str, word: Shield) -> None:
    armed = replace(SHIELD, status=P.ARMED_LOCAL, owner=Owner.LOCAL)
    assert say(320, armed, unproven=unproven).word is word
    assert say(320, SHIELD, unproven=unproven).word is Shield.BROKER


def test_what_stays_while_a_part_is_sold_is_said() -> None:
    found = say(400, SHIELD, selling=True)
    assert (found.word, found.naked) == (Shield.SELLING, False)
    assert found.proof == "an exit order is working; 320 of 400 stay, GTT 4417 since 10:42:05"


def test_fewer_covered_than_held_is_partly_and_needs_a_person() -> None:
    found = say(400, SHIELD)
    assert found.word is Shield.PARTLY and found.naked
    assert found.proof.startswith("320 of 400")


@pytest.mark.parametrize("shield", [None, replace(SHIELD, status=P.STOP_FAILED)])
def test_no_stop_is_unprotected(shield: Protection | None) -> None:
    assert say(320, shield).word is Shield.UNPROTECTED


def test_nothing_held_needs_no_stop_and_a_working_exit_is_one() -> None:
    assert say(0, None).word is Shield.NONE
    assert say(320, None, selling=True).word is Shield.SELLING


def test_only_a_closing_order_that_left_the_desk_sells_a_plan() -> None:
    leaving = replace(BEL_ORDER, purpose=Purpose.EXIT, status=OrderStatus.OPEN)
    held_back = replace(leaving, plan_id="other", status=OrderStatus.PREPARED)
    entry = replace(BEL_ORDER, plan_id="third", status=OrderStatus.OPEN)
    assert sold_plans([leaving, held_back, entry]) == {"pl-bel"}


def test_the_day_s_report_says_the_word_of_the_positions_page() -> None:
    assert shield_of(SHIELD, 320) is say(320, SHIELD).word is Shield.BROKER
    by_desk = replace(SHIELD, status=ProtectionStatus.ARMED_LOCAL)
    assert shield_of(by_desk, 320) is say(320, by_desk).word is Shield.DESK
    assert shield_of(SHIELD, 400) is say(400, SHIELD).word is Shield.PARTLY
    assert shield_of(None, -5) is say(-5, None).word is Shield.UNPROTECTED
    assert shield_of(SHIELD, 0) is say(0, SHIELD).word is Shield.NONE
