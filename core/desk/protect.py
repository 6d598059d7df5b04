"""Keep every held share under a stop: armed here at once, then at the broker, then read back.

One step a plan a pass; `core.execution.protect.next_step` says which, and this file does it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.can_hold import gtts_noted, note_gtts
from core.desk.dealer import Dealer
from core.desk.ex_dates import held_through
from core.desk.exit import is_selling
from core.desk.partial_exit import tell_unknown_sales, to_cover, wish_key
from core.desk.together import together
from core.domain.clock import ist_day
from core.domain.order import WORKING, Product, Purpose
from core.domain.plan import ENDED, Plan, PlanStatus
from core.domain.ports import BrokerSession, GttOrder
from core.domain.protection import Protection, ProtectionStatus
from core.errors import BrokerRefused, OutcomeUnknown, SourceFailed, Throttled
from core.execution.plan import closing_side
from core.execution.protect import Step, Verb, begin, next_step
from core.execution.protect_step import after as stepped
from core.store import audit, fills, orders, plan_rows, plans, protections, settings

P = ProtectionStatus
COVERED_PLANS = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)
RETRY_SECONDS = 15.0  # between two tries of a broker stop that was refused
REFUSED = "broker stop refused: "
WAITS = "broker stop waits: "
WAIT_SECONDS = 2.0  # after a broker said that requests come too fast
REQUESTS = (Verb.PLACE, Verb.RESIZE, Verb.CANCEL)
PASSES = 4  # arm, place, read back, verify: one call covers a fill when the broker answers


def protect(dealer: Dealer) -> int:
    """Bring every live plan to a read-back stop; returns how many steps were taken."""
    return sum(protect_login(dealer, login_id) for login_id in sorted(dealer.sessions))


def protect_login(dealer: Dealer, login_id: str) -> int:
    """The same for the plans of one login."""
    steps = 0
    for _ in range(PASSES):
        taken = _one_pass(dealer, login_id)
        steps += taken
        if not taken:
            break
    return steps


def _one_pass(dealer: Dealer, login_id: str) -> int:
    desk, session = dealer.desk, dealer.session(login_id)
    with desk.store.read() as tx:
        mine = [
            plan
            for plan in plans.with_status(tx, *COVERED_PLANS)
            if plan.login_id == login_id
            and plan.product is not Product.MIS  # those rest under a stop order
        ]
        plan_rows.read_ahead(tx, [plan.id for plan in mine])
        settings.read_ahead(tx, [wish_key(plan.id) for plan in mine])
        live = [
            plan
            for plan in mine
            if not (plan.status is PlanStatus.EXITING and is_selling(desk, tx, plan))
        ]
        torn = held_through(tx, live, today=ist_day(desk.clock.now()))
        live = [plan for plan in live if plan.id not in torn]  # a person says what they are now
        covers = {plan.id: protections.by_plan(tx, plan.id) or begin(plan) for plan in live}
        held = {plan.id: to_cover(desk, tx, plan) for plan in live}
        entering = {
            plan.id: any(
                order.purpose is Purpose.ENTRY and order.status in WORKING
                for order in orders.of_plan(tx, plan.id)
            )
            for plan in live
        }
        resting = [cover for cover in protections.live(tx) if cover.gtt_id]
        left = _left_over(tx, login_id, live)
    tell_unknown_sales(dealer, login_id)
    if not any(held.values()) and not resting and not left:
        return 0
    if bare := _bare(live, covers, held):  # before the broker is asked anything
        return sum(
            _do(dealer, session, plan, covers[plan.id], step) != covers[plan.id]
            for plan, step in bare
        )
    waiting = [plan.isin for plan in live if held[plan.id] and not covers[plan.id].gtt_id]
    live += left
    gtts, _ = together(session, session.gtts, lambda: _ready(session, waiting))
    fired = any(gtt.fired_order_id for gtt in gtts if gtt.gtt_id in {c.gtt_id for c in resting})
    told = session.orders() if fired else ()  # they only tell what became of a fired GTT
    _note(dealer, login_id, sum(gtt.active for gtt in gtts))
    booked = _booked_of(dealer, login_id, gtts)
    owned = {cover.plan_id: cover.gtt_id for cover in resting}
    taken = 0
    for plan in live:
        cover = covers.get(plan.id) or _cover(dealer, plan)
        step = next_step(
            cover,
            plan,
            held.get(plan.id, 0),
            gtts,
            orders=told,
            taken={gtt_id for name, gtt_id in owned.items() if name != plan.id},
            booked=booked,
            entry_working=entering.get(plan.id, False),
            seconds_since_write=seconds_since(dealer, cover),
        )
        if step.verb is Verb.NOTHING or (step.verb is Verb.RELEASE and cover.status is P.NONE):
            continue
        if step.verb in REQUESTS and seconds_since(dealer, cover) < pause(cover):
            continue  # the desk stop holds meanwhile
        after = _do(dealer, session, plan, cover, step)
        owned[plan.id] = after.gtt_id  # what one plan adopts in this pass no other may
        taken += after != cover
    return taken


def _bare(
    live: Sequence[Plan], covers: Mapping[str, Protection], held: Mapping[str, int]
) -> list[tuple[Plan, Step]]:
    """Plans whose shares nothing covers, each with the step that arms the desk stop."""
    steps = (
        (plan, next_step(covers[plan.id], plan, held[plan.id], ()))
        for plan in live
        if covers[plan.id].status in (P.NONE, P.STOP_FAILED, P.RELEASED)
    )
    return [(plan, step) for plan, step in steps if step.verb is Verb.ARM]


def _ready(session: BrokerSession, isins: Sequence[str]) -> None:
    """Let a session learn the prices that its next stops need, while another answer is awaited."""
    get_ready = getattr(session, "get_ready", None)
    if get_ready is not None and isins:
        with suppress(SourceFailed):  # placing asks again, and says what is wrong
            get_ready(isins)


def _booked_of(dealer: Dealer, login_id: str, gtts: Sequence[GttOrder]) -> dict[str, int]:
    """Shares in the books of every order that a GTT sent, by the broker's id of that order."""
    with dealer.desk.store.read() as tx:
        sent = {
            gtt.fired_order_id: orders.by_broker_id(tx, gtt.fired_order_id, login_id=login_id)
            for gtt in gtts
            if gtt.fired_order_id
        }
        return {
            name: abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
            for name, order in sent.items()
            if order is not None
        }


def _note(dealer: Dealer, login_id: str, active: int) -> None:
    with dealer.desk.store.read() as tx:
        if gtts_noted(tx, login_id) == active:
            return
    with dealer.desk.store.write() as tx:
        note_gtts(tx, login_id, active, at=dealer.desk.clock.now())


def _left_over(tx: Session, login_id: str, live: Sequence[Plan]) -> list[Plan]:
    """Ended plans whose broker stop still rests: a hazard until it is cancelled."""
    others = {cover.plan_id for cover in protections.live(tx)} - {plan.id for plan in live}
    plans.read_ahead(tx, others)
    return [
        plan
        for plan in (plans.by_id(tx, name) for name in sorted(others))
        if plan.login_id == login_id and plan.status in ENDED and plan.product is not Product.MIS
    ]


def _cover(dealer: Dealer, plan: Plan) -> Protection:
    with dealer.desk.store.read() as tx:
        return protections.by_plan(tx, plan.id) or begin(plan)


def seconds_since(dealer: Dealer, cover: Protection) -> float:
    if cover.armed_at is None:
        return float("inf")
    market = (dealer.desk.clock.now() - cover.armed_at).total_seconds()
    return dealer.desk.real_seconds(market) if dealer.desk.real_seconds(1.0) else market


def _do(
    dealer: Dealer, session: BrokerSession, plan: Plan, cover: Protection, step: Step
) -> Protection:
    """One step: the request, if it needs one, then the new state with its audit entry."""
    at = dealer.desk.clock.now()
    dealer.stand_firm()
    try:
        after = _request(session, plan, cover, step, at=at)
    except BrokerRefused as refusal:
        after = refused(cover, str(refusal), at=at)
    except Throttled as busy:  # it was not accepted, so whatever stands goes on standing
        after = refused(cover, str(busy), at=at, waits=True)
    except OutcomeUnknown as lost:
        after = stepped(cover, replace(step, reason=str(lost)), at=at)
    if after != cover or step.verb is Verb.CANCEL:
        write_step(dealer, plan, cover, after, step)
    return after


def _request(
    session: BrokerSession, plan: Plan, cover: Protection, step: Step, *, at: datetime
) -> Protection:
    """The one broker request a step may need, and the protection after it."""
    want = step.wanted
    gtt_id = ""
    if step.verb is Verb.PLACE:
        gtt_id = session.place_gtt(
            isin=plan.isin,
            symbol=plan.symbol,
            qty=want.qty,
            side=closing_side(plan),
            stop=want.stop,
            target=want.target,
            product=plan.product,
        )
    elif step.verb is Verb.RESIZE:
        session.modify_gtt(step.gtt_id, qty=want.qty, stop=want.stop, target=want.target)
    elif step.verb is Verb.CANCEL:
        session.cancel_gtt(step.gtt_id)
    return stepped(cover, step, at=at, gtt_id=gtt_id)


def refused(cover: Protection, why: str, *, at: datetime, waits: bool = False) -> Protection:
    """The desk stop stays armed, and the broker is asked again a little later."""
    said = (WAITS if waits else REFUSED) + why
    return replace(cover, reason=said, armed_at=at, version=cover.version + 1)


def pause(cover: Protection) -> float:
    """Seconds to leave a broker alone that did not take the last request."""
    if cover.reason.startswith(WAITS):
        return WAIT_SECONDS
    return RETRY_SECONDS if was_refused(cover) else 0.0


def was_refused(cover: Protection) -> bool:
    return cover.reason.startswith(REFUSED)


def write_step(
    dealer: Dealer, plan: Plan, before: Protection, after: Protection, step: Step
) -> None:
    at = dealer.desk.clock.now()
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        if protections.by_plan(tx, plan.id) is None:
            protections.put(tx, after)
        elif after != before:
            protections.save(tx, after)
        audit.append(
            tx,
            at=at,
            actor="worker",
            verb="protect",
            subject=plan.id,
            body={
                "step": step.verb,
                "to": after.status,
                "qty": after.qty,
                "stop_paise": after.stop.paise,
                "gtt": after.gtt_id,
                "why": after.reason,
            },
        )
        if after.status is P.STOP_FAILED or was_refused(after):
            last = before.verified_at.isoformat() if before.verified_at else "never verified"
            raise_alarm(
                tx,
                id=f"unprotected:{plan.id}:{last}:{ist_day(at)}",  # each loss once a day
                isin=plan.isin,
                symbol=plan.symbol,
                at=at,
                sentence=f"{plan.symbol}: {after.qty} shares have no broker stop: {after.reason}",
            )
