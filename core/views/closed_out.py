"""Short sales that their day did not buy back and nobody has booked yet."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from core.desk.closed_out import undelivered
from core.desk.desk import Desk
from core.domain.clock import ist_day
from core.domain.words import day, qty
from core.errors import OutsideCalendar
from core.store import accounts

GONE = "closed account"


@dataclass(frozen=True, slots=True)
class ShortToBook:
    """One plan whose shares the exchange bought in; the form asks for price and charges."""

    plan_id: str
    label: str
    sentence: str
    button: str


def closed_out_view(desk: Desk) -> tuple[ShortToBook, ...]:
    """What waits for a person to read it on the contract note, the oldest first."""
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        waiting = undelivered(tx, today=today)
        names = {one.id: one.name for one in accounts.accounts(tx)} if waiting else {}
    return tuple(
        ShortToBook(
            plan_id=plan.id,
            label=f"{plan.symbol} short in {names.get(plan.account_id, GONE)}",
            sentence=f"{qty(short)} shares sold short on {day(plan.opened_at)} were not bought "
            f"back: {_when(desk, ist_day(plan.opened_at), today)}",
            button=f"Book {qty(short)} {plan.symbol} as bought in",
        )
        for plan, short in waiting
    )


def _when(desk: Desk, sold_on: date, today: date) -> str:
    try:
        settles = desk.calendar.next_session(sold_on)
    except OutsideCalendar:
        return "the exchange buys them in or closes them out on the session after."
    if settles > today:
        return f"the exchange buys them in or closes them out on {day(settles)}; book it then."
    return (
        f"the exchange bought them in or closed them out on {day(settles)}. Price and charges "
        "stand on the contract note."
    )


def closed_out_signature(desk: Desk) -> Hashable:
    """Changes when a short begins or ceases to wait."""
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        return tuple((plan.id, short) for plan, short in undelivered(tx, today=today))
