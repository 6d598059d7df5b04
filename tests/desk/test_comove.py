"""How a share moves with a book, and what else sizing is told about an account."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from core.desk.books import order_charges, schedule
from core.desk.comove import Usual, comovement, correlation, covariances, usual_of
from core.desk.facts import ShareFacts, share_facts
from core.desk.left import last_left, sessions_since
from core.desk.taken import taken_today
from core.desk.ticket_costs import ticket_costs
from core.domain.account import Broker
from core.domain.charges import Security
from core.domain.mandate import Holding
from core.domain.order import OrderStatus, Product, Purpose, Side
from core.mandates.after import book_after
from core.mandates.size import allocate
from core.risk.covariance import shrunk_covariance
from core.store import fills, orders
from core.treasury.charges import dp_charge
from tests.desk.morning import ACCOUNT, Morning, a_card, a_history
from tests.made import (
    T0,
    a_book,
    a_candidate,
    a_fill,
    a_held,
    a_mandate,
    an_instrument,
    an_order,
    free,
    rs,
)

SHARE = Security.SHARE


def facts(isin: str, returns: np.ndarray) -> ShareFacts:
    """Facts of which only the returns matter here."""
    return ShareFacts(isin, rs(100), rs(2), 0.3, 50.0, 0.0, rs(10), 1e6, returns, returns)


def moving(seed: int, sessions: int = 59) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.02, sessions)


def test_an_empty_book_moves_with_nothing():
    found = comovement(facts("A", moving(1)), {}, a_book(), usual=Usual(0.25, 0.3))
    assert found is not None and (found.book, found.with_book, found.pairs) == (0.0, 0.0, 0.25)


def test_a_book_is_weighed_at_its_values():
    mine, other = moving(1), moving(2)
    book = a_book(positions=(a_held("B", value=400_000),), gross=0.4)
    found = comovement(facts("A", mine), {"B": facts("B", other)}, book)
    spread = shrunk_covariance(np.column_stack([mine, other]))
    assert found is not None
    assert found.book == pytest.approx(0.4**2 * spread[1, 1])
    assert found.with_book == pytest.approx(0.4 * spread[0, 1])


def test_only_sessions_that_both_traded_count():
    mine, other = moving(1), moving(2)
    other[:31] = math.nan
    book = a_book(positions=(a_held("B"),), gross=0.05)
    assert comovement(facts("A", mine), {"B": facts("B", other)}, book) is None
    other[20:31] = 0.01
    assert comovement(facts("A", mine), {"B": facts("B", other)}, book) is not None


def test_a_share_that_never_moved_or_is_not_known_leaves_it_unmeasured():
    book = a_book(positions=(a_held("B"),), gross=0.05)
    still = facts("B", np.zeros(59))
    assert comovement(facts("A", moving(1)), {"B": still}, book) is None
    assert comovement(facts("A", moving(1)), {}, book) is None


def test_facts_keep_returns_by_session_beside_those_without_gaps():
    panel = a_history()
    found = share_facts(panel, panel.isins[0])
    assert len(found.by_session) == 59
    assert found.by_session == pytest.approx(found.returns)


def test_correlation_is_of_what_both_earn_and_not_of_what_both_do():
    mine = moving(1)
    held = {"B": facts("B", mine * 0.5), "C": facts("C", moving(3))}
    bought = a_book(positions=(a_held("B"),), gross=0.05)
    sold = a_book(positions=(replace(a_held("B"), qty=-10),), gross=0.05)
    assert correlation(facts("A", mine), held, bought) == pytest.approx(1.0)
    assert correlation(facts("A", mine), held, bought, direction=-1) == 0.0
    assert correlation(facts("A", mine), held, sold) == 0.0
    assert correlation(facts("A", mine), held, sold, direction=-1) == pytest.approx(1.0)
    assert correlation(facts("B", mine), held, bought) == 0.0  # nothing else is held


def test_correlation_looks_at_the_same_sessions_and_is_unknown_with_too_few():
    mine, gone = moving(1), moving(1)
    gone[40:45] = np.nan  # the same share with a week without a price
    book = a_book(positions=(a_held("B"),), gross=0.05)
    assert correlation(facts("A", mine), {"B": facts("B", gone)}, book) == pytest.approx(1.0)
    gone[10:] = np.nan
    assert math.isnan(correlation(facts("A", mine), {"B": facts("B", gone)}, book))
    assert math.isnan(correlation(facts("A", mine), {"B": facts("B", np.zeros(59))}, book))


def test_all_shares_together_leave_out_what_has_a_gap():
    panel = a_history()
    both = covariances(panel)
    assert both.isins == panel.isins and both.matrix.shape == (2, 2)
    assert -1 <= usual_of(panel).pairs <= 1
    assert usual_of(panel).vol > 0
    panel.close[-5, 1] = math.nan
    assert covariances(panel).isins == panel.isins[:1]
    few = covariances(panel.until(panel.sessions[9]))
    assert (few.isins, few.matrix.shape) == ((), (0, 0))


def test_a_delivery_ticket_pays_the_depository_on_its_way_out():
    on = date(2026, 11, 20)
    entry, back = ticket_costs(Broker.ZERODHA, a_mandate(), side=Side.BUY, on=on, security=SHARE)

    def plain(side: Side) -> object:
        return order_charges(Broker.ZERODHA, product=Product.CNC, side=side, qty=100,
                             price=rs(500), on=on, security=SHARE).total  # fmt: skip

    fee = dp_charge(schedule(), broker=Broker.ZERODHA, on=on)
    assert entry(100, rs(500)) == plain(Side.BUY)
    assert back(100, rs(500)) == plain(Side.SELL) + fee and fee.paise > 0


def test_a_ticket_for_the_day_pays_none():
    on, mandate = date(2026, 11, 20), a_mandate(holding=Holding.DAY, shorts=True)
    _, back = ticket_costs(Broker.ZERODHA, mandate, side=Side.SELL, on=on, security=SHARE)
    assert (
        back(10, rs(500))
        == order_charges(
            Broker.ZERODHA,
            product=Product.MIS,
            side=Side.BUY,
            qty=10,
            price=rs(500),
            on=on,
            security=SHARE,
        ).total
    )


def test_the_book_after_a_trade_holds_the_shares_and_not_their_cash():
    made = allocate(a_candidate(), a_mandate(), a_book(), charges=lambda q, p: rs(100))
    after = book_after(a_book(), made, sector=an_instrument().sector)
    # 97 at 1,003 and 100 of charges
    assert after.cash_free == rs(1_000_000 - 97 * 1003 - 100)
    assert after.equity == rs(999_900)
    assert after.gross == pytest.approx(97 * 1003 / 999_900)
    assert after.positions[0].at_risk == rs(97 * 43)
    none = allocate(a_candidate(rsi=91.0), a_mandate(), a_book(), charges=free)
    assert book_after(a_book(), none, sector="Energy") == a_book()


def test_the_last_exit_is_looked_up_only_where_a_mandate_waits(morning: Morning):
    exit_order = an_order(
        id="or9", tag="AAEXIT9", purpose=Purpose.EXIT, side=Side.SELL, account_id=ACCOUNT.id
    )
    fill = a_fill(order_id="or9", account_id=ACCOUNT.id, qty=-100, traded_at=T0)
    with morning.desk.store.write() as tx:
        orders.put(tx, exit_order)
        fills.put(tx, fill)
        later = T0 + timedelta(days=3)
        waits = {ACCOUNT.id: a_mandate(cooling_off_sessions=5)}
        left = last_left(tx, waits, at=later)
        assert last_left(tx, {ACCOUNT.id: a_mandate()}, at=later) == {}
    assert left == {(ACCOUNT.id, fill.isin): T0.date()}
    calendar = morning.desk.calendar
    assert sessions_since(calendar, T0.date(), T0.date()) == 0
    assert sessions_since(calendar, calendar.add_sessions(T0.date(), 2), T0.date()) == 2
    assert sessions_since(calendar, T0.date(), None) is None


def test_waiting_cards_and_entries_of_the_day_are_taken(morning: Morning):
    sent = an_order(id="or8", tag="AASENT8", account_id="other", status=OrderStatus.FILLED,
                    purpose=Purpose.ENTRY, qty=40, sent_at=T0)  # fmt: skip
    dead = an_order(id="or7", tag="AADEAD7", account_id="third", status=OrderStatus.REJECTED,
                    purpose=Purpose.ENTRY, qty=70, sent_at=T0)  # fmt: skip
    card = a_card(morning.clock)
    with morning.desk.store.write() as tx:
        orders.put(tx, sent)
        orders.put(tx, dead)
        found = taken_today(tx, [card], at=T0)
    assert found == {card.isin: {ACCOUNT.id: card.qty, "other": 40}}


def test_an_entry_that_ended_filled_in_part_is_taken_as_far_as_it_filled(morning: Morning):
    ended = an_order(id="or6", tag="AAPART6", account_id="other", status=OrderStatus.CANCELLED,
                     purpose=Purpose.ENTRY, qty=70, sent_at=T0)  # fmt: skip
    parts = [a_fill(order_id="or6", account_id="other", trade_id=f"t{n}", qty=n) for n in (20, 5)]
    with morning.desk.store.write() as tx:
        orders.put(tx, ended)
        for part in parts:
            fills.put(tx, part)
        assert taken_today(tx, [], at=T0) == {ended.isin: {"other": 25}}


def test_a_fund_s_ticket_is_taxed_as_a_fund():
    # an equity fund's units: nothing to buy and 0.001 % to sell, ₹0.50 of ₹50,000, where a share
    # pays 0.1 % each way, ₹50
    on, mandate = date(2026, 11, 20), a_mandate()
    of = {
        kind: ticket_costs(Broker.ZERODHA, mandate, side=Side.BUY, on=on, security=kind)
        for kind in (Security.EQUITY_FUND, Security.SHARE)
    }
    fund, share = of[Security.EQUITY_FUND], of[Security.SHARE]
    assert share[0](100, rs(500)) - fund[0](100, rs(500)) == rs("50")
    assert share[1](100, rs(500)) - fund[1](100, rs(500)) == rs("49.50")
