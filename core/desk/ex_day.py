"""The simulated exchange's ex-dates, as each session begins, and the money that follows.

The simulated companies pay a dividend ten sessions after its ex-date, in full. Real ones have
thirty days from their meeting and may deduct tax.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from core.brokers.paper import PaperBroker
from core.desk.desk import Desk
from core.desk.dividends import accrue, take_in
from core.desk.plan_terms import divided
from core.domain.action import CorporateAction, share_ratio
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.quote import Quote
from core.errors import OutsideCalendar
from core.exchange.trading_floor import broker_day

PAID_AFTER = 10  # sessions


def go_ex(
    desk: Desk,
    broker: PaperBroker,
    actions: Sequence[CorporateAction],
    prices: Sequence[Quote],
) -> None:
    """Let today's actions reach the shares at the exchange, before today's first price does."""
    today = broker_day(desk.clock.now())
    known = {quote.isin: quote for quote in prices}
    for action in actions:
        if action.ex_date == today and action.isin in known:
            base = _base(known[action.isin], action)
            broker.go_ex(action, base=base, pays_on=_pays_on(desk, today))


def book_money(desk: Desk, broker: PaperBroker) -> None:
    """Book what went ex and what was paid; cheap where there is nothing."""
    accrue(desk)
    take_in(desk, broker.login_id, broker.payments())


def _base(quote: Quote, action: CorporateAction) -> Money:
    """The last close in new terms."""
    if ist_day(quote.at) >= action.ex_date:
        return quote.prev_close
    return divided(quote.ltp, share_ratio(action) or Fraction(1))


def _pays_on(desk: Desk, today: date) -> date:
    """The session of payment; the calendar's last where it is not loaded so far."""
    try:
        return desk.calendar.add_sessions(today, PAID_AFTER)
    except OutsideCalendar:
        return desk.calendar.last
