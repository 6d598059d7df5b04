"""What an account takes of one share counts for its next in the same pass."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.desk import one_pass
from core.desk.one_pass import decide_share
from core.desk.stages import Case
from core.domain.account import LoginMode
from core.domain.candidate import Book
from core.mandates.size import allocate
from tests.made import ACCOUNT, MIDCO, RELIANCE, a_book, a_candidate, a_mandate, an_instrument, free


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every case gets a card of the size its book allows; what is recorded is kept."""
    kept: list[object] = []

    def together(known: object, cases: list[Case]) -> list[object]:
        made = []
        for case in cases:
            book = case.book or known.book(case.account.id)  # type: ignore[attr-defined]
            share = replace(an_instrument(), isin=case.instrument.isin)
            sized = allocate(a_candidate(instrument=share), a_mandate(), book, charges=free)
            card = object() if sized.qty else None
            made.append(SimpleNamespace(allocation=sized, card=card))
        return made

    monkeypatch.setattr(one_pass, "decide_together", together)
    monkeypatch.setattr(one_pass, "record", lambda desk, decision: kept.append(decision))
    return kept


def test_the_second_share_is_sized_on_what_the_first_left(recorded: list[object]):
    account = replace(ACCOUNT, id="tactical")
    known = SimpleNamespace(book=lambda _: a_book())
    cases = [Case(share, account, LoginMode.PAPER) for share in (MIDCO, RELIANCE)]
    books: dict[str, Book] = {}
    for case in cases:
        decide_share(None, known, [case], books)  # type: ignore[arg-type]
    first, second = (one.allocation for one in recorded)  # type: ignore[attr-defined]
    assert first.gross_before == 0.0
    assert second.gross_before == pytest.approx(first.gross_after)
    assert len(books["tactical"].positions) == 2


def test_an_account_without_a_card_keeps_its_book(recorded: list[object]):
    known = SimpleNamespace(book=lambda _: a_book(gross=0.95))
    books: dict[str, Book] = {}
    decide_share(None, known, [Case(MIDCO, ACCOUNT, LoginMode.PAPER)], books)  # type: ignore[arg-type]
    assert books == {} and len(recorded) == 1
