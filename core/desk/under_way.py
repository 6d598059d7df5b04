"""What is under way at a login, so that its broker is asked as often as that needs and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from sqlmodel import Session

from core.desk.dealer import Dealer
from core.desk.paced import PacedSession
from core.domain.order import Order, OrderStatus, Side
from core.domain.plan import ENDED, Plan, PlanStatus
from core.domain.ports import BrokerSession
from core.domain.protection import Protection, ProtectionStatus
from core.execution.reads import Need
from core.store import fills, orders, plans, protections, settings

UNSETTLED = (OrderStatus.SENT, OrderStatus.UNKNOWN, OrderStatus.OPEN)
HELD = (PlanStatus.HOLDING, PlanStatus.EXITING)
PARTS = "sell part:"  # how a wish to sell some of a plan is kept


def is_due(dealer: Dealer, login_id: str) -> bool:
    """Whether a login is to be looked at now."""
    session = dealer.sessions.get(login_id)
    if not isinstance(session, PacedSession):
        return True  # it costs nothing to ask
    if session.silent or session.died:
        return True  # which asks nothing and says why
    with dealer.desk.store.read() as tx:
        names = under_way(tx, login_id)
    return session.looks.is_due(names, session.seconds)


def stops_may_move(dealer: Dealer, login_id: str) -> bool:
    """Whether stops are to be looked at: one is not read back, or the GTTs were read just now."""
    session = dealer.sessions.get(login_id)
    if not isinstance(session, PacedSession) or session.has_read("gtts"):
        return True
    with dealer.desk.store.read() as tx:
        return Need.STOP in under_way(tx, login_id).values()


def any_due(dealer: Dealer) -> bool:
    """Whether one of the logins that are asked sparingly is to be looked at now."""
    sparing = [name for name, one in dealer.sessions.items() if isinstance(one, PacedSession)]
    return any(is_due(dealer, name) for name in sorted(sparing))


def may_look_up(session: BrokerSession) -> bool:
    """Whether orders of unknown outcome are looked up now; counts as begun when they are."""
    return not isinstance(session, PacedSession) or session.looks.looks_up(session.seconds)


def may_compare(session: BrokerSession) -> bool:
    """Whether shares are compared now; counts as begun when they are."""
    return not isinstance(session, PacedSession) or session.looks.compares(session.seconds)


def look_anew(session: BrokerSession) -> None:
    """Let the next look read everything, also in the look that is under way."""
    if isinstance(session, PacedSession):
        session.forget()
        session.looks.missed()


@contextmanager
def one_look(sessions: Iterable[BrokerSession]) -> Iterator[None]:
    """Within it a sparing session reads each list once, and anew after each write."""
    with ExitStack() as stack:
        for session in sessions:
            if isinstance(session, PacedSession):
                stack.enter_context(session.one_look())
        yield


def under_way(tx: Session, login_id: str) -> dict[str, Need]:
    """Names of what is not at rest, each with what reading it is for; LOOK for what only rests."""
    found: dict[str, Need] = {}
    for order in orders.with_status(tx, *UNSETTLED):
        if order.login_id == login_id:
            found.update(_of_order(tx, order))
    covers = {one.plan_id: one for one in protections.live(tx)}
    parts = {name.removeprefix(PARTS) for name in settings.starting(tx, PARTS)}
    live = [one for one in plans.with_status(tx, *HELD) if one.login_id == login_id]
    for plan in live:
        cover = covers.get(plan.id)
        if plan.status is PlanStatus.EXITING:
            found[f"leaving:{plan.id}"] = Need.STOP
        if cover is None or not _is_at_rest(plan, cover):
            found[f"stop:{plan.id}"] = Need.STOP
        if plan.id in parts:
            found[f"part:{plan.id}"] = Need.STOP
    known = {plan.id for plan in live}
    for plan_id, cover in covers.items():
        if cover.gtt_id and plan_id not in known:
            plan = plans.by_id(tx, plan_id)
            if plan.login_id == login_id and plan.status in ENDED:
                found[f"stop:{plan_id}"] = Need.STOP
    return found


def _of_order(tx: Session, order: Order) -> dict[str, Need]:
    """An order that moves; one that rests whole is named so that it is followed while new."""
    filled = abs(sum(fill.qty for fill in fills.of_order(tx, order.id)))
    name = f"order:{order.id}:{filled}"
    if order.closes:
        return {name: Need.STOP}
    rests = order.status is OrderStatus.OPEN and not filled
    return {name: Need.LOOK if rests else Need.FOLLOW}


def _is_at_rest(plan: Plan, cover: Protection) -> bool:
    """Whether a stop was read back and is the one that the plan wants now."""
    if cover.status is not ProtectionStatus.VERIFIED:
        return False
    tighter = max if plan.side is Side.BUY else min
    return tighter(plan.bracket.stop, cover.stop) == cover.stop
