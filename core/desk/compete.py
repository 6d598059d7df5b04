"""What keeps the cards that wait for one account from being had together.

A scan's card is sized beside all that wait, so cards compete only after news came, money went out
or a limit was cut. Whichever gets its yes first takes what it needs, and the guardrails of the
others are held again at their send.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from core.desk.caps import capped
from core.desk.deploy import deployable_of
from core.domain.calendar import Calendar
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.money import total
from core.domain.plan import PlanStatus
from core.domain.words import counted, rupees
from core.store import cards, ledger, mandates, plans


def competition(tx: Session, card: Card, *, calendar: Calendar, at: datetime) -> tuple[str, ...]:
    """A sentence for each thing there is too little of for all cards of the account; mostly none.

    Only a card that waits competes.
    """
    waiting = [
        one
        for one in cards.with_status(tx, CardStatus.OPEN)
        if one.account_id == card.account_id and one.expires_at > at
    ]
    if len(waiting) < 2 or card.id not in {one.id for one in waiting}:
        return ()
    need = total(one.allocation.notional + one.allocation.charges for one in waiting)
    cash = deployable_of(tx, card.account_id, calendar=calendar, today=ist_day(at)).amount
    who = f"{counted(len(waiting), 'card')} wait here ({_names(waiting)})"
    found = []
    if need > cash:
        found.append(
            f"{who} and need {rupees(need)}, while {rupees(cash)} may be spent: a yes to one "
            "leaves too little for the rest."
        )
    most, taken = mandates.current(tx, card.account_id).positions_max, _taken(tx, card.account_id)
    if len(taken | {one.isin for one in waiting}) > most:
        free = counted(max(0, most - len(taken)), "place")
        found.append(f"{who}, and {free} of at most {most} is left for them.")
    costs = total(one.allocation.notional for one in waiting)
    for cap in capped(tx, card.account_id, at=at):
        left = cap.caps.per_day - cap.used
        if costs > left:
            found.append(
                f"{who} and cost {rupees(costs)}, while {cap.of} may send {rupees(left)} more "
                "today."
            )
    return tuple(found)


def _taken(tx: Session, account_id: str) -> set[str]:
    """Shares that are held or being bought."""
    coming = plans.with_status(tx, PlanStatus.ENTERING)
    held = {one.isin for one in ledger.positions(tx, account_id) if one.qty}
    return held | {one.isin for one in coming if one.account_id == account_id}


def _names(waiting: Sequence[Card]) -> str:
    return ", ".join(sorted(one.symbol for one in waiting))
