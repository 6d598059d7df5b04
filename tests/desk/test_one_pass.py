"""A card that is written waits for whatever is decided after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from core.desk import one_pass
from core.desk.one_pass import decide_share
from core.desk.stages import Case
from core.domain.account import LoginMode
from tests.made import ACCOUNT, MIDCO, a_card


@dataclass
class Knows:
    """What is known, of which only the waiting cards matter here."""

    waiting: tuple[object, ...] = ()


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The account "tactical" gets a card and no other does; what is recorded is kept."""
    kept: list[object] = []

    def together(known: object, cases: list[Case]) -> list[object]:
        return [
            SimpleNamespace(card=a_card() if case.account.id == ACCOUNT.id else None)
            for case in cases
        ]

    monkeypatch.setattr(one_pass, "decide_together", together)
    monkeypatch.setattr(one_pass, "record", lambda desk, decision: kept.append(decision))
    return kept


def test_a_new_card_waits_for_the_next_share_of_the_pass(recorded: list[object]):
    other = replace(ACCOUNT, id="other")
    cases = [Case(MIDCO, account, LoginMode.PAPER) for account in (ACCOUNT, other)]
    made, after = decide_share(None, Knows(("before",)), cases)  # type: ignore[arg-type]
    assert made == recorded and len(made) == 2
    assert after.waiting == ("before", a_card())


def test_without_a_card_nothing_changes(recorded: list[object]):
    known = Knows()
    case = Case(MIDCO, replace(ACCOUNT, id="other"), LoginMode.PAPER)
    _, after = decide_share(None, known, [case])  # type: ignore[arg-type]
    assert after is known and len(recorded) == 1
