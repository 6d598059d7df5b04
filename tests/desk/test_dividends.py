"""Dividends of held shares: owed at the ex-date, in cash when paid, with tax as it was deducted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.desk.books import standing
from core.desk.dividends import accrue, mark_paid, owed, take_in
from core.desk.exit import exit_position
from core.domain.action import ActionKind
from core.domain.money import Money
from core.errors import BadInput
from core.exchange.values import PaidOut
from core.store import actions, ledger, quotes
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.test_apply_action import agrees, an_action, apply_action, ex_day, held, work
from tests.made import MIDCO, rs

PAYS = replace(an_action(ActionKind.DIVIDEND, 0, 0), amount=rs("4.50"))


def went_ex(morning: Morning) -> None:
    with morning.desk.store.write() as tx:
        actions.put(tx, PAYS)
    morning.clock.move_to(datetime(2026, 11, 25, 3, 44, tzinfo=UTC))
    morning.broker.paper.go_ex(PAYS, base=rs("500"), pays_on=date(2026, 11, 27))
    morning.clock.move_to(datetime(2026, 11, 25, 5, 0, tzinfo=UTC))
    morning.tick("500")
    work(morning)


def test_what_was_held_as_the_ex_date_began_is_owed_once(morning: Morning):
    held(morning)
    with morning.desk.store.write() as tx:
        actions.put(tx, PAYS)
    assert accrue(morning.desk) == 0  # its day has not come
    went_ex(morning)
    assert (accrue(morning.desk), accrue(morning.desk)) == (1, 0)
    with morning.desk.store.read() as tx:
        [one] = owed(tx)
        now = standing(tx, ACCOUNT.id, quotes.all_quotes(tx))
    assert one.amount == rs("450") and now.earned.dividends == rs("450")
    assert now.owed == rs("450") and now.equity == now.cash + now.invested + rs("450")
    agrees(morning)


def test_on_the_simulator_the_money_arrives_in_full(morning: Morning):
    held(morning)
    went_ex(morning)
    accrue(morning.desk)
    before = morning.cash()
    assert morning.broker.paper.payments() == ()
    morning.clock.move_to(datetime(2026, 11, 27, 5, 0, tzinfo=UTC))
    payments = morning.broker.paper.payments()
    assert [one.amount for one in payments] == [rs("450")]
    assert take_in(morning.desk, "paper", payments) == 1
    assert take_in(morning.desk, "paper", payments) == 0
    assert morning.cash() == before + rs("450")
    with morning.desk.store.read() as tx:
        assert owed(tx) == [] and ledger.balance(tx, ACCOUNT.id, "receivable") == Money(0)
    agrees(morning)


def test_less_money_than_owed_is_tax_that_the_company_deducted(morning: Morning):
    held(morning)
    went_ex(morning)
    accrue(morning.desk)
    before = morning.cash()
    with pytest.raises(BadInput, match="came and ₹450"):
        mark_paid(morning.desk, PAYS.id, received=rs("451"), by="me")
    [made] = mark_paid(morning.desk, PAYS.id, received=rs("405"), by="me")
    assert "deducted as tax" in made.words
    assert morning.cash() == before + rs("405")
    assert morning.cash("charges:tds") == rs("45")
    with pytest.raises(BadInput, match="no dividend"):
        mark_paid(morning.desk, PAYS.id, received=None, by="me")
    agrees(morning)


def test_shares_bought_on_the_ex_date_get_nothing(morning: Morning):
    went_ex(morning)
    held(morning)
    assert accrue(morning.desk) == 0
    assert morning.broker.paper.payments() == ()


def test_a_dividend_waits_for_shares_in_old_terms(morning: Morning):
    held(morning)
    ex_day(morning, an_action(), "251", "250")
    later = replace(PAYS, id="ca-later", ex_date=date(2026, 11, 26))
    with morning.desk.store.write() as tx:
        actions.put(tx, later)
    morning.clock.move_to(datetime(2026, 11, 26, 5, 0, tzinfo=UTC))
    morning.tick("251", prev_close="251")
    assert accrue(morning.desk) == 0
    apply_action(morning.desk, "ca-split", by="me")
    assert accrue(morning.desk) == 1
    with morning.desk.store.read() as tx:
        assert [one.amount for one in owed(tx)] == [rs("900")]  # on 200 new shares


def test_money_of_an_action_the_desk_does_not_know_of_is_refused_in_words(morning: Morning):
    stray = PaidOut(morning.clock.now(), PAYS.id, MIDCO.isin, rs("1"), "dividend")
    with morning.desk.store.write() as tx:
        actions.put(tx, PAYS)
    assert take_in(morning.desk, "paper", [stray]) == 0


def test_an_ex_date_learned_months_late_is_booked_as_late(morning: Morning):
    held(morning)
    morning.clock.move_to(datetime(2027, 2, 24, 5, 0, tzinfo=UTC))
    morning.tick("500")
    assert accrue(morning.desk) == 0
    with morning.desk.store.write() as tx:
        actions.put(tx, PAYS)  # ex on 25 November, three months before
    assert (accrue(morning.desk), accrue(morning.desk)) == (1, 0)
    with morning.desk.store.read() as tx:
        [made] = [one for one in ledger.transactions(tx, ACCOUNT.id) if one.reference == PAYS.id]
        [one] = owed(tx)
    assert "learned by 24 Feb 2027" in made.words and one.amount == rs("450")
    agrees(morning)


def test_a_dividend_from_before_the_first_purchase_is_nobodys(morning: Morning):
    with morning.desk.store.write() as tx:
        actions.put(tx, replace(PAYS, ex_date=date(2026, 11, 20)))
    held(morning)
    assert accrue(morning.desk) == 0


def test_the_ex_date_entitles_and_not_a_record_date_that_differs(morning: Morning):
    held(morning)
    late = replace(PAYS, subject="Dividend - Rs 4.50, record date 26-Nov-2026")
    with morning.desk.store.write() as tx:
        actions.put(tx, late)
    went_ex(morning)
    exit_position(morning.desk, morning.plan().id, reason="mine", by="me")
    work(morning)
    assert morning.shares() == {}  # sold on the ex-date, before the record date
    assert accrue(morning.desk) == 1
    with morning.desk.store.read() as tx:
        assert [one.amount for one in owed(tx)] == [rs("450")]
