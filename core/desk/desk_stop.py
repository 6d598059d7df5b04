"""Whether the desk's own stop would act now: its worker beats, its price is fresh, orders go out.

A desk stop counts only while all three are seen; one that is not is alarmed within five seconds,
once for each spell.
"""

from __future__ import annotations

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.booked import held_qty
from core.desk.desk import Desk
from core.desk.exit import trades_now
from core.domain.account import Broker
from core.domain.login import SessionStatus
from core.domain.order import WORKING
from core.domain.plan import Plan, PlanStatus
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.domain.words import age
from core.store import (
    accounts,
    instruments,
    logins,
    orders,
    plan_rows,
    plans,
    protections,
    quotes,
    settings,
)

SILENT_AFTER = 4.0  # real seconds without a heartbeat; looked at each second, told within five
PRICE_OLD_AFTER = 4.0  # real seconds
PREFIX = "unproven:"
HOLDS = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)


def why_unproven(desk: Desk, tx: Session, plan: Plan, cover: Protection | None) -> str:
    """Why a desk stop over this plan would not act now, in words; empty when it would.

    A stop that the broker holds needs no proof of this kind.
    """
    if cover is None or cover.status is ProtectionStatus.VERIFIED:
        return ""
    silent_for = desk.beat_age(tx)
    if silent_for is None or silent_for > SILENT_AFTER:
        return "the worker is silent"
    return _no_price(desk, tx, plan) or _no_session(tx, plan.login_id)


def warn_unproven(desk: Desk) -> list[str]:
    """Alarm each desk stop that would not act, once a spell; returns the new sentences."""
    with desk.store.read() as tx:
        told = {name.removeprefix(PREFIX) for name in settings.starting(tx, PREFIX)}
        armed = [one for one in protections.live(tx) if one.owner is Owner.LOCAL and one.covers]
        plan_rows.read_ahead(tx, [one.plan_id for one in armed])
        plan_rows.read_shares_ahead(tx, [one.isin for one in armed])
        reasons = {one.plan_id: _reason(desk, tx, one) for one in armed}
    wrong = {name: why for name, why in reasons.items() if why}
    over = told - set(wrong)
    new = [one for one in armed if one.plan_id in wrong and one.plan_id not in told]
    if not over and not new:
        return []
    at = desk.clock.now()
    said = []
    with desk.store.write() as tx:
        for plan_id in over:
            settings.drop(tx, PREFIX + plan_id)
        for one in new:
            settings.put(tx, PREFIX + one.plan_id, at.isoformat())
            sentence = f"{one.symbol}: {one.qty} shares stand under a desk stop that would not act"
            said.append(f"{sentence}: {wrong[one.plan_id]}")
            raise_alarm(
                tx,
                id=f"unprotected:{one.plan_id}:desk:{at.isoformat()}",
                isin=one.isin,
                symbol=one.symbol,
                at=at,
                sentence=said[-1],
            )
    return said


def _reason(desk: Desk, tx: Session, cover: Protection) -> str:
    """The same for a stop that covers shares still held and not on their way out."""
    plan = plans.by_id(tx, cover.plan_id)
    if plan.status not in HOLDS or not held_qty(tx, plan.id):
        return ""
    leaving = any(one.closes and one.status in WORKING for one in orders.of_plan(tx, plan.id))
    return "" if leaving else why_unproven(desk, tx, plan, cover)


def _no_price(desk: Desk, tx: Session, plan: Plan) -> str:
    quote = quotes.last(tx, plan.isin)
    if quote is None:
        return "it has no price"
    if not trades_now(desk, instruments.by_isin(tx, plan.isin)):
        return ""  # while nobody trades no newer price can come
    old = desk.real_seconds((desk.clock.now() - quote.received_at).total_seconds())
    return f"its last price is {age(old)} old" if old > PRICE_OLD_AFTER else ""


def _no_session(tx: Session, login_id: str) -> str:
    """The desk's own exchange lives in the worker; any other broker must have a session open."""
    login = accounts.login(tx, login_id)
    if login.broker is Broker.PAPER:
        return ""
    state = logins.state(tx, login_id)
    if state is not None and state.status is SessionStatus.OPEN:
        return ""
    word = "closed" if state is None else state.status.lower()
    return f"the session of {login.label} is {word}"
