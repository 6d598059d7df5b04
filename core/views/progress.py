"""How far an approved card has got, in words that were read back: nothing is said early."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.booked import filled_qty
from core.desk.desk import Desk
from core.desk.desk_stop import why_unproven
from core.domain.card import Card, CardStatus
from core.domain.order import WORKING, Order, OrderStatus, Purpose
from core.domain.protection import Shield
from core.domain.words import ist_time, qty
from core.store import approvals, orders, plans, protections
from core.views.protected import protected

REACHED = (OrderStatus.OPEN, OrderStatus.FILLED)
DEAD = (OrderStatus.REJECTED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.ABSENT)


@dataclass(frozen=True, slots=True)
class Step:
    """One word of the way from click to cover; `note` is its proof."""

    word: str
    done: bool
    note: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """All steps, and the last word reached."""

    steps: tuple[Step, ...]
    word: str
    over: bool


def progress(desk: Desk, tx: Session, card: Card, *, now: datetime) -> Progress:
    """Read approval, order, fills and protection of a card that was said yes to."""
    approval = approvals.by_card(tx, card.id)
    if card.status not in (CardStatus.APPROVED, CardStatus.ORDERED, CardStatus.REFUSED):
        word = card.status.value.lower()
        return Progress((Step(word, True, card.status_reason, failed=True),), word, over=True)
    steps = [
        Step("approved", approval is not None, ist_time(approval.clicked_at) if approval else "")
    ]
    plan = plans.by_card(tx, card.id)
    entry = _entry(orders.of_plan(tx, plan.id)) if plan else None
    steps.extend(_order_steps(entry))
    if card.status is CardStatus.REFUSED:
        steps.append(Step("refused", True, card.status_reason, failed=True))
        return _summed(steps, over=True)
    held = filled_qty(tx, plan.id) if plan else 0
    wanted = abs(card.qty)
    dead = entry is not None and entry.status in DEAD
    if not (dead and not held):
        full = entry is not None and entry.status not in WORKING and held != 0
        note = f"{qty(abs(held))} of {qty(wanted)}" if held else ""
        steps.append(Step("filled", held != 0, note))
        cover = protections.by_plan(tx, plan.id) if plan else None
        why = why_unproven(desk, tx, plan, cover) if plan else ""
        shield = protected(held, cover, now=now, unproven=why)
        covered = shield.word in (Shield.BROKER, Shield.DESK)
        steps.append(Step("Protected", covered, f"{shield.word} · {shield.proof}" if held else ""))
        return _summed(steps, over=full and shield.word is Shield.BROKER)
    return _summed(steps, over=True)


def _entry(of_plan: list[Order]) -> Order | None:
    return next((order for order in of_plan if order.purpose is Purpose.ENTRY), None)


def _order_steps(entry: Order | None) -> list[Step]:
    if entry is None:
        return [Step("prepared", False), Step("sent", False), Step("accepted", False)]
    status = entry.status
    sent = entry.sent_at is not None
    steps = [
        Step("prepared", True, ist_time(entry.prepared_at)),
        Step("sent", sent, ist_time(entry.sent_at) if entry.sent_at else ""),
    ]
    if status is OrderStatus.UNKNOWN:
        return [*steps, Step("unknown, being looked up", True, entry.reason, failed=True)]
    if status in DEAD:
        return [*steps, Step(status.value.lower(), True, entry.reason, failed=True)]
    word = f"broker says {entry.broker_status}" if entry.broker_status else ""
    return [*steps, Step("accepted", status in REACHED, word)]


def _summed(steps: list[Step], *, over: bool) -> Progress:
    failed = next((step for step in steps if step.failed), None)
    done = [step.word for step in steps if step.done]
    word = failed.word if failed else (done[-1] if done else "waiting for the worker")
    return Progress(tuple(steps), word, over=over)
