"""Shares about to go ex: what is announced, how near it is, and what was held through it.

A split, bonus, rights issue or demerger puts price and share count into new terms overnight. No
position of this desk is to be open then: its stop and target stand in the old ones. One that could
not be sold is frozen from the ex-date until a person confirms what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date

from sqlmodel import Session

from core.desk.alarm import warn_of_plan
from core.desk.dealer import Dealer
from core.desk.desk import Desk
from core.desk.estimate import is_kept, keep_first_price
from core.desk.share_terms import newest_quote, unbooked
from core.domain.action import in_words, share_ratio
from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.domain.order import WORKING, Side
from core.domain.plan import Plan, PlanStatus, advance
from core.domain.protection import NEXT, Owner, ProtectionStatus
from core.domain.protection import advance as advance_cover
from core.domain.succession import members, newest
from core.domain.words import day
from core.errors import BrokerRefused
from core.store import actions, audit, orders, plans, protections, quotes, successions

FLATTEN = "FLATTEN"  # the reason of an exit that no ex-date holds back


def coming(tx: Session, isins: Sequence[str], *, today: date) -> dict[str, date]:
    """The next ex-date after `today` of each share that has one announced."""
    found: dict[str, date] = {}
    links = successions.links(tx)
    for one in actions.moving(tx, members(isins, links), until=date.max, after=today):
        for isin in isins:
            if newest(isin, links) == newest(one.isin, links):
                found[isin] = min(one.ex_date, found.get(isin, one.ex_date))
    return found


def sessions_to_ex(calendar: Calendar, today: date, ex_date: date | None) -> int | None:
    """Sessions until an ex-date, 1 when it is the next one; None where none is announced.

    An ex-date beyond the loaded calendar counts as if it were its last day's morrow.
    """
    if ex_date is None:
        return None
    if ex_date > calendar.last:
        return calendar.count(today, calendar.last)
    return calendar.count(today, ex_date) - (1 if calendar.is_session(today) else 0)


def leaves_before(desk: Desk, tx: Session, isins: Sequence[str]) -> dict[str, date]:
    """Shares whose last session in the old terms is today, with the ex-date."""
    today = ist_day(desk.clock.now())
    near = coming(tx, isins, today=today)
    return {isin: ex for isin, ex in near.items() if sessions_to_ex(desk.calendar, today, ex) == 1}


def held_through(tx: Session, held: Sequence[Plan], *, today: date) -> Mapping[str, date]:
    """Ids of plans made before an ex-date that has come, with that ex-date.

    What is left of such a position counts other shares than the exchange does, until a person
    confirmed the action. A short one is bought in, in the terms in which it was sold.
    """
    found: dict[str, date] = {}
    if not held:
        return found
    links = successions.links(tx)
    first = min(ist_day(plan.opened_at) for plan in held)
    chain = members([plan.isin for plan in held], links)
    for one in actions.moving(tx, chain, until=today, after=first):
        for plan in held:
            torn = newest(plan.isin, links) == newest(one.isin, links)
            torn = torn and ist_day(plan.opened_at) < one.ex_date and plan.side is Side.BUY
            if torn and one.id not in {c.action_id for c in actions.changes_of_plan(tx, plan.id)}:
                found.setdefault(plan.id, one.ex_date)
    return found


def why_frozen(tx: Session, isin: str, *, today: date) -> str:
    """Why no new order in a share may go out: a position in old terms; empty when there is none."""
    for one in unbooked(tx, [isin], until=today):
        return (
            f"{one.action.symbol} went ex {in_words(one.action)} on {day(one.action.ex_date)} and "
            f"shares are still booked in old terms; confirm action {one.action.id} on Positions"
        )
    return ""


def freeze(dealer: Dealer) -> int:
    """Take every stop in old terms away and leave the position to a person; returns how many.

    The broker's pair is cancelled where it still rests: in old terms it would sell at once, or
    never. A sale that was asked for and did not happen waits too, unless FLATTEN asked.
    """
    desk = dealer.desk
    with desk.store.read() as tx:
        live = plans.with_status(tx, PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)
        torn = held_through(tx, live, today=ist_day(desk.clock.now()))
    if torn:
        _keep_first_prices(desk)
    frozen = [plan for plan in live if plan.id in torn and plan.reason != FLATTEN]
    for plan in frozen:
        if plan.login_id in dealer.sessions:
            _freeze(dealer, plan, torn[plan.id])
    return len(frozen)


def _keep_first_prices(desk: Desk) -> None:
    """Remember what a demerger or rights issue opened at, from which old shares are valued."""
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        waiting = [one for one in unbooked(tx, None, until=today) if not share_ratio(one.action)]
        new = [one for one in waiting if not is_kept(tx, one.action)]
        prices = quotes.all_quotes(tx) if new else {}
    priced = [
        (one.action, quote)
        for one in new
        if (quote := newest_quote(prices, (one.isin, one.successor))) is not None
        and ist_day(quote.at) >= one.action.ex_date
    ]
    if priced:
        with desk.store.write() as tx:
            for action, quote in priced:
                keep_first_price(tx, action, quote)


def _freeze(dealer: Dealer, plan: Plan, ex_date: date) -> None:
    with dealer.desk.store.read() as tx:
        cover = protections.by_plan(tx, plan.id)
        of_plan = orders.of_plan(tx, plan.id)
    warn_held_through(dealer.desk, plan, ex_date)
    sells = any(one.closes and one.status in WORKING for one in of_plan)
    stands = cover is not None and ProtectionStatus.STOP_FAILED in NEXT[cover.status]
    if cover is not None and cover.gtt_id:
        session = dealer.session(plan.login_id)
        if any(one.active and one.gtt_id == cover.gtt_id for one in session.gtts()):
            dealer.stand_firm()
            with suppress(BrokerRefused):  # it fired or went meanwhile; settling tells
                session.cancel_gtt(cover.gtt_id)
    if not stands and not (plan.status is PlanStatus.EXITING and not sells):
        return
    why = f"ex on {day(ex_date)}: its stop stands in old terms until a person confirms the action"
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        if cover is not None and stands:
            failed = advance_cover(cover, ProtectionStatus.STOP_FAILED, reason=why)
            protections.save(tx, replace(failed, owner=Owner.NONE))
        if plan.status is PlanStatus.EXITING and not sells:
            plans.save(tx, advance(plan, PlanStatus.HOLDING, reason=why))
        body = {"ex_date": ex_date.isoformat(), "why": why}
        at = dealer.desk.clock.now()
        audit.append(tx, at=at, actor="worker", verb="freeze", subject=plan.id, body=body)


def warn_held_through(desk: Desk, plan: Plan, ex_date: date) -> None:
    """Raise the alarm once: the desk leaves this position to a person."""
    name = f"ex-{plan.id}-{ex_date.isoformat()}"
    sentence = (
        f"{plan.symbol} went ex on {day(ex_date)} and could not be sold before; its shares, stop "
        "and target stand in old terms and nothing protects it: confirm the action on Positions, "
        "or sell by hand"
    )
    warn_of_plan(desk.store, plan, id=name, at=desk.clock.now(), sentence=sentence)
