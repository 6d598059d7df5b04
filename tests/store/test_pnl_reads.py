"""What profit and loss reads, on both databases."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from core.domain.event import EventType
from core.domain.ledger import TransactionKind
from core.domain.succession import Succession
from core.panel import Panel
from core.store import (
    accounts,
    bars,
    cards,
    closes,
    events,
    instruments,
    ledger,
    orders,
    plans,
    successions,
)
from core.store.engine import Store
from core.store.ledger_days import began, moves
from core.store.trade_causes import causes
from core.treasury import post
from tests.made import (
    ACCOUNT,
    LOGIN,
    MIDCO,
    T0,
    a_card,
    a_plan,
    a_tag,
    an_event,
    an_order,
    later,
    rs,
)

DAYS = (date(2026, 11, 19), date(2026, 11, 20))


def test_moves_come_oldest_first_and_those_after_a_line_alone(any_store: Store):
    def add(at: datetime, amount: str) -> None:
        with any_store.write() as tx:
            made = post.deposit(account_id=ACCOUNT.id, amount=rs(amount), at=at, reference=amount)
            ledger.post(tx, made)

    with any_store.write() as tx:
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)
        assert began(tx, [ACCOUNT.id]) is None and moves(tx) == []
    add(later(60), "2")
    add(T0, "1")
    with any_store.read() as tx:
        one, two = moves(tx)
        last = ledger.newest_posting(tx)
        assert (last[0], last[2]) == (4, one.id) and ledger.maker_of(tx, last[1]) == one.id
        assert ledger.maker_of(tx, last[1] + 1) == ""
        assert began(tx, [ACCOUNT.id]) == T0 and began(tx, ["another"]) is None
    assert (one.at, one.kind) == (T0, TransactionKind.DEPOSIT)
    assert one.lines == (("funding", -100, 0), ("cash", 100, 0))
    assert two.lines[1] == ("cash", 200, 0)
    add(later(120), "4")
    with any_store.read() as tx:
        assert [move.at for move in moves(tx, after=last[1])] == [later(120)]


def test_an_order_is_traced_to_its_card_and_event(any_store: Store):
    news = an_event()
    card = a_card(trigger=news.id)
    with any_store.write() as tx:
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)
        instruments.put(tx, [MIDCO])
        events.put(tx, news)
        events.put_tags(tx, [a_tag(news, isin=MIDCO.isin)])
        cards.put(tx, card)
        plans.put(tx, a_plan(card_id=card.id))
        orders.put(tx, an_order())
    with any_store.read() as tx:
        found = causes(tx, [ACCOUNT.id])
        assert causes(tx, ["another"]) == {}
    one = found["or1"]
    assert (one.plan_id, one.strategy) == ("pl1", card.signal.strategy)
    assert one.event_type == EventType.ORDER_WIN.value


def test_closes_follow_a_share_to_its_new_isin(any_store: Store):
    old, new = "INE111A01011", "INE111A01029"
    grid = np.array([[100.0, 200.0], [101.5, np.nan]])
    panel = Panel(DAYS, (old, "INE222A01022"), grid, grid, grid, grid, grid, np.ones_like(grid))
    with any_store.write() as tx:
        bars.put_panel(tx, panel, source="TEST")
        known = Succession(old, new, DAYS[1] + timedelta(days=1), "TEST")
        successions.put(tx, [known])
    with any_store.read() as tx:
        found = closes.between(tx, [new, "INE222A01022", "INE333A01033"], *DAYS)
    assert found == {
        new: {DAYS[0]: rs(100), DAYS[1]: rs("101.50")},
        "INE222A01022": {DAYS[0]: rs(200)},
    }
