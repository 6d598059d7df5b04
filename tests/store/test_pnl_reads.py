"""What profit and loss reads, on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from core.domain.event import EventType
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
from core.store.ledger_days import began, posted_lines
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


def test_lines_come_oldest_first_within_their_bounds(any_store: Store):
    with any_store.write() as tx:
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)
        assert began(tx, [ACCOUNT.id]) is None
        for at, amount in ((later(60), "2"), (T0, "1"), (later(120), "4")):
            made = post.deposit(account_id=ACCOUNT.id, amount=rs(amount), at=at, reference=amount)
            ledger.post(tx, made)
    with any_store.read() as tx:
        found = posted_lines(tx, [ACCOUNT.id], since=T0, before=later(120))
        assert [line.amount for line in found if line.ledger == "cash"] == [rs(1), rs(2)]
        assert not any(line.is_trade for line in found)
        assert began(tx, [ACCOUNT.id]) == T0
        assert began(tx, ["another"]) is None


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
    assert (one.event_type, one.sector) == (EventType.ORDER_WIN.value, card.sector)


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
