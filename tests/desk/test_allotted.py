"""Shares that a demerger brought: in the books beside the accounts, and in the tax lots."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.desk.allotted import book_allotted
from core.desk.apply_action import apply_action
from core.desk.books import standing
from core.desk.demat import demat_lots
from core.desk.elsewhere import ACCEPTED, book_elsewhere
from core.desk.pnl import days_of, stretch_pnl, whose
from core.desk.pnl_by import By, rows_by
from core.domain.action import ActionKind
from core.domain.ledger import REALISED, SPUN_OFF, external_account
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Product
from core.errors import BadInput, NotFound
from core.store import audit, ledger, quotes
from core.treasury import post
from core.treasury.lots import Term
from core.treasury.pnl import sum_pnl
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.test_apply_action import an_action, ex_day, held
from tests.made import MIDCO, rs

CHILD, NAME = "INE0CHI01011", "CHILDCO"
WAY = {"isin": CHILD, "symbol": NAME, "by": "me"}


@pytest.fixture
def torn(morning: Morning) -> Morning:
    """100 MIDCO held through a demerger of one for one, a fifth of its cost gone."""
    held(morning)
    ex_day(morning, an_action(ActionKind.DEMERGER, 1, 1), "400", "500")
    apply_action(morning.desk, "ca-demerger", by="me", keeps=Decimal("80"), leaves=Decimal("20"))
    return morning


def equity(morning: Morning) -> Money:
    with morning.desk.store.read() as tx:
        return standing(tx, ACCOUNT.id, quotes.all_quotes(tx)).equity


def external(morning: Morning) -> dict[str, int]:
    with morning.desk.store.read() as tx:
        return {one.isin: one.qty for one in ledger.positions(tx, external_account("paper"))}


def test_the_new_shares_stand_beside_the_accounts_and_the_business_leaves_them(torn: Morning):
    before, cost = equity(torn), torn.cash(SPUN_OFF + MIDCO.isin)
    realised = torn.cash(REALISED)
    done = book_allotted(torn.desk, "ca-demerger", **WAY)
    assert (done.shares, done.cost) == (100, cost)
    assert external(torn) == {CHILD: 100}
    # what the account gave away is its worth, and what that was above cost is earned
    assert torn.cash(SPUN_OFF + MIDCO.isin) == ZERO
    assert before - equity(torn) == done.worth
    assert torn.cash(REALISED) - realised == cost - done.worth
    torn.books_are_clean()
    with torn.desk.store.read() as tx:
        assert [one.verb for one in audit.entries(tx)][-1] == "book allotted"


def test_a_sale_of_the_new_shares_takes_cost_and_day_of_the_parent_s_lots(torn: Morning):
    cost = torn.cash(SPUN_OFF + MIDCO.isin)
    book_allotted(torn.desk, "ca-demerger", **WAY)
    at = torn.clock.now()
    sale = Fill("B1", "T1", "NSE", "", CHILD, NAME, -100, rs("150"), Product.CNC, at)
    with torn.desk.store.write() as tx:
        book_elsewhere(tx, "paper", sale, at=at)
    with torn.desk.store.read() as tx:
        lots = demat_lots(tx, "paper")
    [sold] = lots.sold
    assert lots.left_out == ()
    assert (sold.isin, sold.acquired_on, sold.cost) == (CHILD, date(2026, 11, 23), cost)
    assert (sold.term, sold.gain) == (Term.SHORT, rs("15000") - cost)
    assert {lot.isin for lot in lots.lots} == {MIDCO.isin}
    assert external(torn) == {}


def test_a_difference_that_was_accepted_for_them_is_taken_back(torn: Morning):
    at = torn.clock.now()
    accepted = post.elsewhere(
        login_id="paper", isin=CHILD, qty=100, worth=rs("15000"), at=at,
        reference=f"{ACCEPTED}:{CHILD}:x", words=f"{NAME}: +100 accepted by me: new",
    )  # fmt: skip
    with torn.desk.store.write() as tx:
        ledger.post(tx, accepted)
    with pytest.raises(BadInput, match="100 were accepted as a difference and 90 are to be booked"):
        book_allotted(torn.desk, "ca-demerger", shares=90, **WAY)
    book_allotted(torn.desk, "ca-demerger", **WAY)
    assert external(torn) == {CHILD: 100}
    with torn.desk.store.read() as tx:
        lots = demat_lots(tx, "paper").lots
    assert sorted((lot.isin, lot.qty) for lot in lots) == [(CHILD, 100), (MIDCO.isin, 100)]


def test_it_is_booked_once_and_for_a_new_company_only(torn: Morning):
    for changes in ({"isin": MIDCO.isin}, {"isin": "INE0"}, {"symbol": " "}):
        with pytest.raises(BadInput, match="name no new company"):
            book_allotted(torn.desk, "ca-demerger", **{**WAY, **changes})
    book_allotted(torn.desk, "ca-demerger", **WAY)
    with pytest.raises(BadInput, match="are in the books already"):
        book_allotted(torn.desk, "ca-demerger", **WAY)


def test_a_demerger_without_a_ratio_asks_for_the_shares(morning: Morning):
    held(morning)
    ex_day(morning, replace(an_action(ActionKind.DEMERGER), new=0, old=0), "400", "500")
    with pytest.raises(BadInput, match="confirm it first"):
        book_allotted(morning.desk, "ca-demerger", **WAY)
    apply_action(morning.desk, "ca-demerger", by="me", keeps=Decimal("80"), leaves=Decimal("20"))
    with pytest.raises(BadInput, match="say with --shares how many"):
        book_allotted(morning.desk, "ca-demerger", **WAY)
    assert book_allotted(morning.desk, "ca-demerger", shares=25, **WAY).shares == 25


def test_another_action_or_none_is_refused(morning: Morning):
    held(morning)
    ex_day(morning, an_action(ActionKind.SPLIT, 2, 1), "250", "500")
    with pytest.raises(BadInput, match="is no demerger but a split"):
        book_allotted(morning.desk, "ca-split", **WAY)
    with pytest.raises(NotFound):
        book_allotted(morning.desk, "ca-none", **WAY)


def test_it_moves_no_profit_and_its_worth_is_money_taken_out(torn: Morning):
    today = torn.clock.now().date()
    first = date(2026, 11, 23)

    def earned() -> Money:
        with torn.desk.store.read() as tx:
            whole = stretch_pnl(torn.desk, tx, whose(tx), first, today)
            days = days_of(torn.desk, tx, whose(tx), first, today)
            parts = rows_by(torn.desk, tx, whose(tx), first, today, By.STRATEGY)
        assert sum_pnl(one.earned for one in days) == whole
        assert sum_pnl(one.earned for one in parts) == whole
        return whole.net

    before = earned()
    done = book_allotted(torn.desk, "ca-demerger", **WAY)
    assert earned() == before
    with torn.desk.store.read() as tx:
        assert days_of(torn.desk, tx, whose(tx), today, today)[-1].flow == -done.worth
