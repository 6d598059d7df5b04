"""An ex-date at the simulated exchange: shares, fractions, GTTs, dividends, and the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.brokers.journal import Journal
from core.domain.action import ActionKind, CorporateAction, known_by_ex_date
from core.domain.calendar import Phase
from core.exchange.engine import Exchange
from core.exchange.values import Entitled, GttCancelled, PaidOut, TermsChanged
from tests.exchange.market import exchange, ticket
from tests.exchange.test_gtt import rest
from tests.made import LISTED, MIDCO, T0, quote, rs

EX = T0.date() + timedelta(days=2)
MORNING = T0 + timedelta(days=2)


def action(kind: ActionKind, new: int = 0, old: int = 0, *, amount: str = "") -> CorporateAction:
    return CorporateAction(
        id=f"ca-{kind.value}", isin=MIDCO.isin, symbol=MIDCO.symbol, ex_date=EX, kind=kind,
        new=new, old=old, amount=rs(amount) if amount else None, subject="", source="TEST",
        known_at=known_by_ex_date(EX), status="CONFIRMED",
    )  # fmt: skip


def held(qty: int) -> Exchange:
    market = exchange()
    market.credit(MIDCO.isin, qty, at=T0)
    market.on_quote(quote("500"), Phase.CONTINUOUS)
    rest(market, qty=qty)
    return market


def go(market: Exchange, one: CorporateAction, base: str = "250"):
    return market.go_ex(one, base=rs(base), pays_on=EX + timedelta(days=3), at=MORNING)


@pytest.mark.parametrize(
    ("kind", "new", "old", "after", "cash"),
    [
        (ActionKind.SPLIT, 5, 1, 505, "0"),
        (ActionKind.BONUS, 1, 2, 151, "125"),  # 151.5: half a share at 250
        (ActionKind.CONSOLIDATION, 1, 10, 10, "25"),  # 10.1: a tenth of a share at 250
    ],
)
def test_shares_multiply_fractions_are_paid_and_gtts_are_disabled(kind, new, old, after, cash):
    market = held(101)
    events = go(market, action(kind, new, old))
    assert market.book.delivery(MIDCO.isin) == after
    assert [e.cash for e in events if isinstance(e, TermsChanged)] == [rs(cash)]
    assert sum((e.amount.paise for e in events if isinstance(e, PaidOut)), 0) == rs(cash).paise
    [gone] = [e for e in events if isinstance(e, GttCancelled)]
    assert gone.reason.startswith("disabled by the broker: ex ")
    assert go(market, action(kind, new, old)) == ()  # once


@pytest.mark.parametrize("kind", [ActionKind.RIGHTS, ActionKind.DEMERGER])
def test_what_moves_only_the_price_ends_gtts_and_leaves_shares(kind):
    market = held(100)
    go(market, action(kind))
    assert market.book.delivery(MIDCO.isin) == 100 and not market.book.resting_gtts(MIDCO.isin)


def test_shares_bought_on_the_ex_date_are_in_new_terms_already():
    market = exchange()
    market.on_quote(replace(quote("250", at=MORNING), prev_close=rs("250")), Phase.CONTINUOUS)
    market.place(ticket(limit="251"), phase=Phase.CONTINUOUS, at=MORNING)
    go(market, action(ActionKind.SPLIT, 2, 1))
    assert market.book.delivery(MIDCO.isin) == 100
    assert go(market, action(ActionKind.DIVIDEND, amount="3")) == ()


def test_a_dividend_is_owed_from_the_ex_date_and_paid_in_full_on_its_day():
    market = held(100)
    events = go(market, action(ActionKind.DIVIDEND, amount="3"))
    assert [e.qty for e in events if isinstance(e, Entitled)] == [100]
    assert market.advance(MORNING + timedelta(days=2), lambda share: Phase.CLOSED)[1:] == ()
    events = market.advance(MORNING + timedelta(days=3), lambda share: Phase.CLOSED)
    assert [e.amount for e in events if isinstance(e, PaidOut)] == [rs("300")]
    assert market.book.resting_gtts(MIDCO.isin)  # a dividend disables nothing


def test_a_restart_folds_ex_dates_back_from_the_journal(tmp_path: Path):
    market = exchange()
    journal = Journal(tmp_path / "exchange.db", login_id="paper")
    journal.append(market.credit(MIDCO.isin, 101, at=T0))
    journal.append(go(market, action(ActionKind.BONUS, 1, 2)))
    journal.append(go(market, action(ActionKind.DIVIDEND, amount="3")))
    again = Exchange(LISTED, name="x")
    again.replay(journal.events())
    assert again.book == market.book
    assert go(again, action(ActionKind.BONUS, 1, 2)) == ()
    journal.close()


def test_the_book_of_a_journal_without_ex_dates_is_as_before(tmp_path: Path):
    journal = Journal(tmp_path / "exchange.db", login_id="paper")
    journal.append(exchange().credit(MIDCO.isin, 7, at=T0))
    again = Exchange(LISTED, name="x")
    again.replay(journal.events())
    assert again.book.holdings() == {MIDCO.isin: 7} and again.book.paid == []
    assert again.book.day == date(2026, 11, 23)
    journal.close()
