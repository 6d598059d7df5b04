"""When an intraday plan ends: it leaves well before its broker would close it.

From the broker's own minute on the desk sends nothing more for such a plan, so that two sales can
never race; what is left then is the broker's to close. Shares that outlive their day are delivery
and a person's to sell.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.square_off import Dated, squares_off
from core.domain.account import Broker
from core.domain.clock import ist_day
from core.domain.instrument import Instrument, Series
from core.domain.order import Product, Side
from core.domain.plan import Plan
from core.domain.words import ist_time
from core.errors import OutsideCalendar
from core.store import accounts, instruments

LEAVES_BEFORE = timedelta(minutes=10)  # the broker closes it or continuous trading ends
ENTERS_BEFORE = timedelta(minutes=30)  # it leaves; a shorter trade pays its charges for nothing
DELIVERY_ONLY = frozenset({Series.BE, Series.BZ})


def closed_by_broker_at(
    of: Dated, broker: Broker, share: Instrument, *, at: datetime
) -> datetime | None:
    """From when on a broker closes intraday positions that day; None without trading."""
    try:
        found = squares_off(of, broker)(share, ist_day(at))
    except OutsideCalendar:
        return None
    return None if found is None else found.at


def leaves_at(of: Dated, broker: Broker, share: Instrument, *, at: datetime) -> datetime | None:
    """When the desk takes an intraday position off that day; None without trading."""
    closes = closed_by_broker_at(of, broker, share, at=at)
    if closes is None:
        return None
    ends = of.calendar.continuous_until(ist_day(at), has_derivatives=share.has_derivatives)
    return min(closes, ends) - LEAVES_BEFORE


def last_entry_at(of: Dated, broker: Broker, share: Instrument, *, at: datetime) -> datetime | None:
    """Until when an intraday position may be opened that day; None without trading."""
    leaves = leaves_at(of, broker, share, at=at)
    return None if leaves is None else leaves - ENTERS_BEFORE


def why_no_day_trade(of: Dated, broker: Broker, share: Instrument, *, at: datetime) -> str:
    """Why no intraday position may be opened in a share now; empty when one may."""
    if share.series in DELIVERY_ONLY:
        return f"{share.symbol}: series {share.series} is delivery only; use CNC, or leave it"
    until = last_entry_at(of, broker, share, at=at)
    if until is None:
        return f"{share.symbol}: there is no trading today"
    if at < until:
        return ""
    return (
        f"{share.symbol}: no intraday position is opened after {_hm(until)}, for the desk "
        f"takes it off at {_hm(until + ENTERS_BEFORE)}; use CNC, or wait for tomorrow"
    )


def what_ends(of: Dated, broker: Broker, share: Instrument, *, at: datetime) -> str:
    """What a card says of the end of an intraday position; empty without trading."""
    leaves, closes = (
        leaves_at(of, broker, share, at=at),
        closed_by_broker_at(of, broker, share, at=at),
    )
    if leaves is None or closes is None:
        return ""
    return (
        f"{share.symbol}: held for today only. The stop rests as an order at the exchange, the "
        f"target is the desk's while it runs, and the position leaves at {_hm(leaves)}, "
        f"before {broker} closes it itself at {_hm(closes)} for a fee"
    )


def must_leave(desk: Desk, tx: Session, plan: Plan) -> bool:
    """Whether an intraday plan's time is up."""
    if plan.product is not Product.MIS:
        return False
    at = desk.clock.now()
    leaves = leaves_at(desk, _broker(tx, plan), instruments.by_isin(tx, plan.isin), at=at)
    return leaves is None or at >= leaves


def ends_today(desk: Desk, tx: Session, plan: Plan) -> str:
    """`till 15:10` of an intraday plan, for a table; empty of any other."""
    if plan.product is not Product.MIS:
        return ""
    at, share = desk.clock.now(), instruments.by_isin(tx, plan.isin)
    leaves = leaves_at(desk, _broker(tx, plan), share, at=at)
    return "" if leaves is None else f"till {_hm(leaves)}"


def why_hands_off(desk: Desk, tx: Session, plan: Plan) -> str:
    """Why the desk sends nothing more for an intraday plan; empty while it may."""
    if plan.product is not Product.MIS:
        return ""
    if ist_day(plan.opened_at) != ist_day(desk.clock.now()):
        since = "it counts as delivery since, so sell it at the broker"
        if plan.side is Side.SELL:
            since = "its shares are owed to the exchange since, so the desk buys none back"
        return (
            f"{plan.symbol}: an intraday position of {ist_day(plan.opened_at)} is still in the "
            f"books; {since}"
        )
    at, share = desk.clock.now(), instruments.by_isin(tx, plan.isin)
    closes = closed_by_broker_at(desk, _broker(tx, plan), share, at=at)
    if closes is not None and at < closes:
        return ""
    since = "" if closes is None else f" since {_hm(closes)}"
    return f"{plan.symbol}: its broker closes intraday positions itself{since}"


def _broker(tx: Session, plan: Plan) -> Broker:
    return accounts.login(tx, plan.login_id).broker


def _hm(at: datetime) -> str:
    return ist_time(at, seconds=False)
