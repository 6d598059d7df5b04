"""When an intraday plan ends: it leaves well before its broker would close it.

From the broker's own minute on the desk sends nothing more for such a plan, so that two sales can
never race; what is left then is the broker's to close. Shares that outlive their day are delivery
and a person's to sell.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.square_off import squares_off
from core.domain.account import Broker
from core.domain.clock import ist_day
from core.domain.instrument import Instrument, Series
from core.domain.order import Product
from core.domain.plan import Plan
from core.domain.words import ist_time
from core.errors import OutsideCalendar
from core.store import accounts, instruments

LEAVES_BEFORE = timedelta(minutes=10)  # the broker closes it or continuous trading ends
ENTERS_BEFORE = timedelta(minutes=30)  # it leaves; a shorter trade pays its charges for nothing
DELIVERY_ONLY = frozenset({Series.BE, Series.BZ})


def closed_by_broker_at(desk: Desk, broker: Broker, share: Instrument) -> datetime | None:
    """From when on a broker closes intraday positions today; None on a day without trading."""
    try:
        found = squares_off(desk, broker)(share, ist_day(desk.clock.now()))
    except OutsideCalendar:
        return None
    return None if found is None else found.at


def leaves_at(desk: Desk, broker: Broker, share: Instrument) -> datetime | None:
    """When the desk takes an intraday position off today; None on a day without trading."""
    at = closed_by_broker_at(desk, broker, share)
    if at is None:
        return None
    day = ist_day(desk.clock.now())
    ends = desk.calendar.continuous_until(day, has_derivatives=share.has_derivatives)
    return min(at, ends) - LEAVES_BEFORE


def last_entry_at(desk: Desk, broker: Broker, share: Instrument) -> datetime | None:
    """Until when an intraday position may be opened today; None on a day without trading."""
    at = leaves_at(desk, broker, share)
    return None if at is None else at - ENTERS_BEFORE


def why_no_day_trade(desk: Desk, broker: Broker, share: Instrument) -> str:
    """Why no intraday position may be opened in a share now; empty when one may."""
    if share.series in DELIVERY_ONLY:
        return f"{share.symbol}: series {share.series} is delivery only; use CNC, or leave it"
    until = last_entry_at(desk, broker, share)
    if until is None:
        return f"{share.symbol}: there is no trading today"
    if desk.clock.now() < until:
        return ""
    return (
        f"{share.symbol}: no intraday position is opened after {ist_time(until)}, for the desk "
        f"takes it off at {ist_time(until + ENTERS_BEFORE)}; use CNC, or wait for tomorrow"
    )


def must_leave(desk: Desk, tx: Session, plan: Plan) -> bool:
    """Whether an intraday plan's time is up."""
    if plan.product is not Product.MIS:
        return False
    at = leaves_at(desk, _broker(tx, plan), instruments.by_isin(tx, plan.isin))
    return at is None or desk.clock.now() >= at


def why_hands_off(desk: Desk, tx: Session, plan: Plan) -> str:
    """Why the desk sends nothing more for an intraday plan; empty while it may."""
    if plan.product is not Product.MIS:
        return ""
    if ist_day(plan.opened_at) != ist_day(desk.clock.now()):
        return (
            f"{plan.symbol}: an intraday position of {ist_day(plan.opened_at)} is still in the "
            "books; it counts as delivery since, so sell it at the broker"
        )
    at = closed_by_broker_at(desk, _broker(tx, plan), instruments.by_isin(tx, plan.isin))
    if at is not None and desk.clock.now() < at:
        return ""
    since = "" if at is None else f" since {ist_time(at)}"
    return f"{plan.symbol}: its broker closes intraday positions itself{since}"


def _broker(tx: Session, plan: Plan) -> Broker:
    return accounts.login(tx, plan.login_id).broker
