from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from core.domain.money import ZERO, Money
from core.domain.transfer import (
    NEXT,
    OWNER,
    Step,
    StepName,
    Transfer,
    TransferStatus,
    advance,
    bound_hash,
    confirmed,
    transfer_id,
)
from core.errors import BadInput, IllegalTransition

AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
S = TransferStatus
ACROSS = (
    Step(StepName.WITHDRAW, date(2026, 11, 23)),
    Step(StepName.BANK, date(2026, 11, 25)),
    Step(StepName.ADD, date(2026, 11, 25)),
)


def rs(amount: str) -> Money:
    return Money.rupees(amount)


def a_transfer(**changes: object) -> Transfer:
    fields: dict[str, object] = {
        "id": "tr1",
        "from_account": "a",
        "to_account": "b",
        "amount": rs("25000"),
        "reason": "instalment of November",
        "asked_by": "me",
        "made_at": AT,
        "expires_at": AT + timedelta(days=3),
        "steps": ACROSS,
    }
    return Transfer(**(fields | changes))


def test_money_is_on_its_way_between_the_first_and_the_last_step_with_what_was_seen():
    waiting = a_transfer()
    assert waiting.in_clearing == ZERO and not waiting.is_at_broker
    moving = advance(waiting, S.MOVING)
    assert (moving.in_clearing, moving.is_at_broker) == (rs("25000"), True)
    out = confirmed(moving, seen=rs("24990"), at=AT, by="me")
    assert (out.in_clearing, out.is_at_broker) == (rs("24990"), False)
    assert out.next_step == ACROSS[1]
    here = confirmed(out, seen=rs("24990"), at=AT, by="me")
    done = advance(confirmed(here, seen=rs("24980"), at=AT, by="me"), S.DONE)
    assert (done.in_clearing, done.on_its_way, done.next_step) == (ZERO, rs("24980"), None)


def test_it_is_called_off_while_it_is_at_its_broker_and_not_after():
    moving = advance(a_transfer(), S.MOVING)
    assert advance(moving, S.CANCELLED).in_clearing == ZERO
    gone = confirmed(moving, seen=rs("25000"), at=AT, by="me")
    with pytest.raises(IllegalTransition, match=r"₹25,000\.00 has left its broker"):
        advance(gone, S.CANCELLED)


@pytest.mark.parametrize("ended", [S.DONE, S.CANCELLED, S.EXPIRED])
def test_what_is_over_stays_over(ended: TransferStatus):
    over = a_transfer(status=ended)
    for to in S:
        with pytest.raises(IllegalTransition):
            advance(over, to)
    with pytest.raises(IllegalTransition, match="no step is left"):
        confirmed(over, seen=rs("1"), at=AT, by="me")


def test_every_status_has_a_row():
    assert set(NEXT) == set(S)


@pytest.mark.parametrize("seen", ["0", "-1", "25000.01"])
def test_more_than_was_on_its_way_or_nothing_cannot_be_seen(seen: str):
    with pytest.raises(BadInput, match=r"₹25,000\.00 was on its way"):
        confirmed(advance(a_transfer(), S.MOVING), seen=rs(seen), at=AT, by="me")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": ZERO}, "moves nothing"),
        ({"to_account": "a"}, "cannot pay itself"),
        ({"reason": " "}, "needs a reason"),
        ({"steps": ()}, "has no step"),
    ],
)
def test_a_transfer_that_says_nothing_cannot_be_made(changes: dict[str, object], words: str):
    with pytest.raises(BadInput, match=words):
        a_transfer(**changes)


def test_any_change_of_what_was_shown_makes_another_hash():
    shown = a_transfer()
    same = bound_hash(shown, "a:1")
    others = [
        replace(shown, amount=rs("25000.01")),
        replace(shown, from_account="c"),
        replace(shown, to_account=OWNER),
        replace(shown, expires_at=AT),
        replace(shown, version=2),
        replace(shown, steps=ACROSS[:2]),
    ]
    hashes = {bound_hash(one, "a:1") for one in others} | {bound_hash(shown, "a:2")}
    assert same not in hashes and len(hashes) == len(others) + 1
    assert bound_hash(replace(shown, reason="said otherwise"), "a:1") == same


def test_the_same_wish_at_the_same_moment_has_the_same_id():
    wish = {"from_account": "a", "to_account": "b", "amount": rs("1"), "reason": "x"}
    assert transfer_id(**wish, at=AT) == transfer_id(**wish, at=AT)
    assert transfer_id(**wish, at=AT) != transfer_id(**wish, at=AT + timedelta(seconds=1))
