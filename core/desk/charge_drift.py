"""Compare each broker's own charges of the day's orders with the schedule, and say what drifts.

Every order that filled is asked about once, at its average price. Brokers answer unrounded, some
with stamp duty cut to the rupee and GST without the SEBI fee, so STT and stamp duty may be ₹1
apart and the fees 2 paise and the GST of the SEBI fee. More is a rate that changed: an alarm, once
a day and item, and a line in the log for each order.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.books import kind_of, schedule
from core.desk.desk import Desk
from core.domain.account import Broker, BrokerLogin
from core.domain.charges import Charges
from core.domain.clock import IST, ist_day
from core.domain.money import Money, total
from core.domain.order import TERMINAL, Order, OrderType
from core.domain.ports import BrokerMore, ChargeEstimate
from core.domain.words import rupees
from core.errors import MunimError, SourceWrong
from core.store import alerts, fills, orders, settings
from core.treasury.charges import charges

LOG = logging.getLogger(__name__)
ASKED = "charges asked:"
AT_ONCE = 10  # orders a look asks about
PAISE = Money(2)
WHOLE_RUPEE = Money.rupees(1)


@dataclass(frozen=True, slots=True)
class Drift:
    """One item of one order that the broker charges otherwise."""

    order_id: str
    symbol: str
    isin: str
    item: str
    ours: Money
    theirs: Money


def compare_charges(desk: Desk, login: BrokerLogin, known: BrokerMore) -> None:
    """Look for drift; what cannot be asked now is logged and asked at the next look."""
    try:
        look_for_drift(desk, login, known)
    except MunimError as failure:
        LOG.warning("charges login=%s not compared: %s", login.id, failure)


def look_for_drift(desk: Desk, login: BrokerLogin, known: BrokerMore) -> str:
    """Ask about orders that filled today and were not asked about; returns a sentence.

    Empty where nothing was to be asked. Raises what asking the broker raises; those orders are
    asked about again.
    """
    if login.broker is Broker.PAPER:
        return ""
    now = desk.clock.now()
    with desk.store.read() as tx:
        due = _due(tx, login, now)[:AT_ONCE]
    if not due:
        return ""
    told = known.charges([order for order, _ in due])
    if len(told) != len(due):
        raise SourceWrong(
            f"{login.label}: asked the charges of {len(due)} orders and {len(told)} came back"
        )
    found = [
        drift
        for (order, ours), theirs in zip(due, told, strict=True)
        for drift in drifts(order, ours, theirs)
    ]
    with desk.store.write() as tx:
        _keep(tx, login, [order.id for order, _ in due], now)
        for drift in found:
            _say(tx, login, drift, at=now)
    LOG.info("charges login=%s orders=%d drifts=%d", login.id, len(due), len(found))
    if not found:
        return f"charges of {len(due)} orders agree with {login.label}"
    return _sentence(login, found[0])


def drifts(order: Order, ours: Charges, theirs: ChargeEstimate) -> list[Drift]:
    """Items further apart than the ways of rounding explain."""
    gst_of_fee = Money(-(-ours.sebi.paise * 18 // 100))
    pairs = (
        ("brokerage", ours.brokerage, theirs.brokerage, PAISE),
        ("STT", ours.stt, theirs.transaction_tax, WHOLE_RUPEE),
        ("exchange fee", ours.exchange, theirs.exchange_fee, PAISE),
        ("SEBI fee", ours.sebi, theirs.sebi_fee, PAISE),
        ("stamp duty", ours.stamp, theirs.stamp_duty, WHOLE_RUPEE),
        ("GST", ours.gst, theirs.gst, PAISE + gst_of_fee),
    )
    return [
        Drift(order.id, order.symbol, order.isin, item, mine, said)
        for item, mine, said, allowed in pairs
        if abs(mine - said) > allowed
    ]


def _due(tx: Session, login: BrokerLogin, now: datetime) -> list[tuple[Order, Charges]]:
    """Orders of today that are over and filled, priced at their average, and what they cost."""
    today = ist_day(now)
    asked = _asked(tx, login, now)
    found = []
    for order in orders.sent_since(tx, datetime.combine(today, time(), IST)):
        if order.login_id != login.id or order.status not in TERMINAL or order.id in asked:
            continue
        done = fills.of_order(tx, order.id)
        qty = sum(abs(fill.qty) for fill in done)
        if not qty:
            continue
        price = Money(total(fill.notional for fill in done).paise // qty)
        ours = charges(
            schedule(),
            broker=login.broker,
            product=order.product,
            exchange=done[0].exchange,
            side=order.side,
            qty=qty,
            price=price,
            on=today,
            security=kind_of(order.isin, order.symbol),
        )
        priced = replace(
            order, qty=qty, order_type=OrderType.LIMIT, limit_price=price, trigger_price=None
        )
        found.append((priced, ours))
    return found


def _asked(tx: Session, login: BrokerLogin, now: datetime) -> set[str]:
    row = settings.get(tx, ASKED + login.id, {})
    return set(row["orders"]) if row.get("day") == ist_day(now).isoformat() else set()


def _keep(tx: Session, login: BrokerLogin, asked: Sequence[str], now: datetime) -> None:
    names = sorted({*_asked(tx, login, now), *asked})
    settings.put(tx, ASKED + login.id, {"day": ist_day(now).isoformat(), "orders": names})


def _say(tx: Session, login: BrokerLogin, drift: Drift, *, at: datetime) -> None:
    """One line in the log an order, one alarm a day and item."""
    LOG.warning(
        "charges drift login=%s order=%s item=%s ours_paise=%d theirs_paise=%d",
        login.id,
        drift.order_id,
        drift.item,
        drift.ours.paise,
        drift.theirs.paise,
    )
    name = f"charges:{login.id}:{drift.item}:{ist_day(at)}"
    if not alerts.is_known(tx, name):
        raise_alarm(
            tx,
            id=name,
            isin=drift.isin,
            symbol=drift.symbol,
            at=at,
            sentence=_sentence(login, drift),
        )


def _sentence(login: BrokerLogin, drift: Drift) -> str:
    return (
        f"{drift.symbol}: {login.label} charges {rupees(drift.theirs)} {drift.item} for order "
        f"{drift.order_id} and the schedule says {rupees(drift.ours)}; compare the day's contract "
        "note and bring data/charges.json up to date"
    )
