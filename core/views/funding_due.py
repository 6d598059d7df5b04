"""Money that people promised and that has not come, in one sentence an account."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from core.desk.deploy import PlanNow, plan_now
from core.desk.desk import Desk
from core.domain.account import Account
from core.domain.clock import ist_day
from core.domain.money import Money
from core.domain.words import rupees
from core.errors import OutsideCalendar
from core.store import funding
from core.treasury.funding import InstalmentStatus
from core.treasury.tranches import TrancheStatus


def due_lines(desk: Desk, tx: Session, running: Sequence[Account]) -> tuple[str, ...]:
    """Instalments due today or missed, and tranches let go whose money is still to come."""
    names = {one.id: one.name for one in running}
    said = due_words(desk, tx, sorted(names))
    return tuple(f"{names[of]}: {words}." for of, words in said.items())


def due_words(desk: Desk, tx: Session, account_ids: Sequence[str]) -> dict[str, str]:
    """The same by account, those of which nothing is due left out."""
    today, found = ist_day(desk.clock.now()), {}
    for plan in funding.of_accounts(tx, account_ids).values():
        if not plan.instalment and not plan.tranches:
            continue
        try:
            now = plan_now(tx, plan, calendar=desk.calendar, today=today)
        except OutsideCalendar:
            continue  # the account's own page says so
        if said := _said(now):
            found[plan.account_id] = said
    return found


def _said(now: PlanNow) -> str:
    due = any(one.status is InstalmentStatus.DUE for one in now.standing.instalments)
    lacking = Money(
        sum(
            (one.tranche.amount - one.free).paise
            for one in now.tranches
            if one.status is TrancheStatus.TRIGGERED
        )
    )
    said = []
    if due:
        missed = f", {rupees(now.standing.asked)} with what was missed"
        more = missed if now.standing.carried else ""
        said.append(f"an instalment of {rupees(now.plan.instalment)} is due today{more}")
    elif now.standing.carried:
        said.append(f"{rupees(now.standing.carried)} of instalments were missed and are carried on")
    if lacking:
        said.append(f"{rupees(lacking)} of a tranche that was let go has not come")
    return "; ".join(said)
