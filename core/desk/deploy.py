"""What of an account's cash may go into the market now, read from books, mandate and plan.

`core.treasury.funding.deployable` is the one sum; here is only what goes into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from core.desk.short_cash import blocked
from core.desk.unsettled import kept_by_brokers
from core.domain.account import FundingPlan, LateMoney
from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.domain.ledger import CASH, RESERVED
from core.store import funding, ledger, mandates
from core.store.funding import Capital
from core.treasury.funding import Deployable, FundingStanding, Receipt, deployable, standing
from core.treasury.kept import NOTHING, KeptBack, beyond
from core.treasury.tranches import TrancheState, held_back, tranche_states


@dataclass(frozen=True, slots=True)
class PlanNow:
    """A plan with what became of its lump sum, instalments and tranches."""

    plan: FundingPlan
    standing: FundingStanding
    tranches: tuple[TrancheState, ...]

    @property
    def kept_back(self) -> KeptBack:
        waiting = held_back(self.tranches, lump_in=self.standing.lump_in)
        return KeptBack(self.plan.buffer, waiting, self.standing.late_held)


def plan_now(
    tx: Session, plan: FundingPlan, *, calendar: Calendar, today: date, until: date | None = None
) -> PlanNow:
    """One plan as of a day; instalments are shown up to `until`, today when left out.

    Raises:
        OutsideCalendar: an instalment lies outside the loaded calendar.
    """
    return plans_now(tx, [plan], calendar=calendar, today=today, until=until)[plan.account_id]


def plans_now(
    tx: Session,
    plans: Sequence[FundingPlan],
    *,
    calendar: Calendar,
    today: date,
    until: date | None = None,
) -> dict[str, PlanNow]:
    """The same of many accounts' plans, by account."""
    names = [one.account_id for one in plans]
    moves, fired = funding.capital_of(tx, names), funding.firings_of(tx, names)
    found = {}
    for plan in plans:
        counted = receipts(plan, moves[plan.account_id])
        now = standing(plan, calendar, receipts=counted, today=today, until=until or today)
        states = tranche_states(plan, fired[plan.account_id], lump_in=now.lump_in)
        found[plan.account_id] = PlanNow(plan, now, states)
    return found


def receipts(plan: FundingPlan, moves: Sequence[Capital]) -> list[Receipt]:
    """Money that counts for a plan: what moved since it was saved, and what came before that.

    What came before counts from the plan's start to the day before it was saved; the rest lay in
    the account already, and what was taken out before is no money of the plan.
    """
    saved, found = plan.began_at, []
    for one in moves:
        on, came = ist_day(one.at), one.amount.paise > 0
        if saved is None:
            counts = on >= plan.starts_on
        elif one.at == saved:  # a clock that stands still, as while the worker is silent
            counts = came
        else:
            counts = one.at > saved or (came and plan.starts_on <= on < ist_day(saved))
        if counts:
            found.append(Receipt(on, one.amount))
    return found


def kept_back(
    tx: Session, account_ids: Sequence[str], *, calendar: Calendar, today: date
) -> Mapping[str, KeptBack]:
    """What plans and brokers keep of the cash of each of these accounts, read for all at once."""
    found = _kept_by_plans(tx, account_ids, calendar=calendar, today=today)
    sold = kept_by_brokers(tx, account_ids, calendar=calendar, today=today)
    rules = mandates.of_accounts(tx, list(sold)) if sold else {}
    for name, parts in sold.items():
        stays = rules[name].cash_floor + found[name].by_plan
        unsettled, settles_on = beyond(parts, stays=stays)
        found[name] = replace(found[name], unsettled=unsettled, settles_on=settles_on)
    return found


def _kept_by_plans(
    tx: Session, account_ids: Sequence[str], *, calendar: Calendar, today: date
) -> dict[str, KeptBack]:
    """What the funding plan of each keeps; nothing for one without a plan."""
    plans = funding.of_accounts(tx, account_ids)
    waits = [
        one for one in plans.values() if one.tranches or one.late_money is LateMoney.EVENLY
    ]  # the others keep a buffer alone, and nothing more is read for them
    now = plans_now(tx, waits, calendar=calendar, today=today) if waits else {}
    return {
        name: now[name].kept_back
        if name in now
        else KeptBack(plans[name].buffer)
        if name in plans
        else NOTHING
        for name in account_ids
    }


def deployable_of(tx: Session, account_id: str, *, calendar: Calendar, today: date) -> Deployable:
    """Deployable cash of an account under the mandate and the funding plan that stand."""
    return deployables(tx, [account_id], calendar=calendar, today=today)[account_id]


def deployables(
    tx: Session, account_ids: Sequence[str], *, calendar: Calendar, today: date
) -> dict[str, Deployable]:
    """The same of many accounts."""
    if len(account_ids) > 1:
        ledger.read_ahead(tx, account_ids)
    rules = mandates.of_accounts(tx, account_ids)
    kept = kept_back(tx, account_ids, calendar=calendar, today=today)
    found = {}
    for name in account_ids:
        reserved = ledger.balance(tx, name, RESERVED)
        found[name] = deployable(
            cash=ledger.balance(tx, name, CASH) + reserved,
            reserved=reserved,
            floor=rules[name].cash_floor,
            buffer=kept[name].buffer,
            waiting=kept[name].waiting,
            late=kept[name].late,
            unsettled=kept[name].unsettled,
            settles_on=kept[name].settles_on,
            blocked=blocked(tx, name),
        )
    return found
