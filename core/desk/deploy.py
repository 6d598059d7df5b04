"""What of an account's cash may go into the market now, read from books, mandate and plan.

`core.treasury.deployable` is the one sum; here is only what goes into it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import Session

from core.desk.short_cash import blocked
from core.desk.unsettled import kept_by_brokers
from core.domain.account import Firing, FundingPlan, LateMoney
from core.domain.calendar import Calendar
from core.domain.card import Card
from core.domain.clock import ist_day
from core.domain.ledger import CASH, RESERVED
from core.domain.words import qty, rupees
from core.store import funding, ledger, mandates, transfers
from core.store.funding import Capital
from core.treasury.deployable import Deployable, deployable
from core.treasury.funding import FundingStanding, LetGo, Receipt, standing
from core.treasury.kept import NOTHING, KeptBack, beyond
from core.treasury.post import CORRECTED, INSTALMENT, LEG
from core.treasury.tranches import TrancheState, held_back, tranche_ids, tranche_states

SHOWN_DAYS = 186
KEPT = {
    "reserved": "is reserved for orders",
    "blocked": "is kept by short sales",
    "floor": "is the cash floor",
    "buffer": "is the buffer",
    "waiting": "waits for tranches",
    "late": "of late instalments waits",
    "unsettled": "has not settled",
}


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
    saved = funding.versions_of(tx, names)
    found = {}
    for plan in plans:
        name = plan.account_id
        terms = of_one_plan(plan, saved[name])
        now = standing(
            plan,
            calendar,
            receipts=receipts(terms, moves[name], returns=_returns(tx, name, moves[name])),
            today=today,
            until=until or today,
            earlier=terms[:-1],
            let_go=_let_go(terms, fired[name]),
        )
        states = tranche_states(plan, fired[name], lump_in=now.lump_in)
        found[name] = PlanNow(plan, now, states)
    return found


def _let_go(terms: Sequence[FundingPlan], fired: Sequence[Firing]) -> list[LetGo]:
    """The tranches of one plan's versions that went; those of an earlier plan are left out."""
    mine = {name for one in terms for name in tranche_ids(one)}
    return [LetGo(ist_day(one.fired_at), one.amount) for one in fired if one.tranche_id in mine]


def shown_until(calendar: Calendar, today: date) -> date:
    """The last day to which instalments are shown: half a year on, or what the calendar holds.

    It stops a week before the calendar's end, so that a day that is no session finds the next.
    """
    last = calendar.last - timedelta(days=7)
    return max(today, min(today + timedelta(days=SHOWN_DAYS), last))


def of_one_plan(plan: FundingPlan, versions: Sequence[FundingPlan]) -> tuple[FundingPlan, ...]:
    """The versions that are one plan with this one, oldest first, itself last."""
    before = [one for one in versions if one.version < plan.version]
    return (*(one for one in before if one.began_at == plan.began_at is not None), plan)


def receipts(
    terms: Sequence[FundingPlan], moves: Sequence[Capital], *, returns: Container[str] = ()
) -> list[Receipt]:
    """Money that counts for a plan: what moved since it was saved, and what came before that.

    What came before counts from the plan's start to the day before it was saved; the rest lay in
    the account already, and what was taken out before is no money of the plan. What was booked
    wrongly counts no more, nor does what takes it back.

    A transfer moves money that was free already, so it counts for neither account's plan: only one
    of which a person said that it pays an instalment does, and a return, which is money taken out.

    Args:
        terms: the plan's versions, oldest first.
        returns: transfers that went to the owner.
    """
    first, found = terms[0], []
    wrong = _taken_back(first, moves)
    for one in _netted(moves, returns):
        if one.id in wrong or not _counts(first, one):
            continue
        stood = [now.version for now in terms if now.saved_at and now.saved_at <= one.at]
        found.append(Receipt(ist_day(one.at), one.amount, max(stood, default=0)))
    return found


def _counts(first: FundingPlan, one: Capital) -> bool:
    saved = first.began_at
    on, came = ist_day(one.at), one.amount.paise > 0
    if saved is None:
        return on >= first.starts_on
    if one.at == saved:  # a clock that stands still, as while the worker is silent
        return came
    return one.at > saved or (came and first.starts_on <= on < ist_day(saved))


def _netted(moves: Sequence[Capital], returns: Container[str]) -> list[Capital]:
    """Moves without transfers that count for no plan; a return less what came back of it."""
    kept, at = [], dict[str, int]()
    for one in moves:
        if not one.id.startswith(LEG):
            kept.append(one)
            continue
        _, name, leg = one.id.split(":", 2)
        if leg == INSTALMENT:
            kept.append(one)
        elif name in at:
            kept[at[name]] = replace(kept[at[name]], amount=kept[at[name]].amount + one.amount)
        elif name in returns:
            at[name] = len(kept)
            kept.append(one)
    return [one for one in kept if one.amount]


def _taken_back(first: FundingPlan, moves: Sequence[Capital]) -> set[str]:
    """Wrong entries and what takes them back, by id.

    What takes back money that lay in the account when the plan was saved still is taken out.
    """
    known = {one.id: one for one in moves}
    pairs = [(one, known.get(one.id.removeprefix(CORRECTED)))
             for one in moves if one.id.startswith(CORRECTED)]  # fmt: skip
    found = {was.id for _, was in pairs if was is not None}
    return found | {
        one.id
        for one, was in pairs
        if one.amount.paise > 0 or (was is not None and _counts(first, was))
    }


def _returns(tx: Session, account_id: str, moves: Sequence[Capital]) -> frozenset[str]:
    """Transfers of an account that went to its owner; none is read where none moved money."""
    if not any(one.id.startswith(LEG) for one in moves):
        return frozenset()
    return frozenset(one.id for one in transfers.of_account(tx, account_id) if one.is_return)


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


def why_no_cash(tx: Session, card: Card, *, calendar: Calendar, today: date) -> str:
    """Why an account's cash does not reach for a card now, with both numbers; empty when it does.

    The send asks the same of the guardrail "Cash after".
    """
    need = card.bracket.entry_high * abs(card.qty) + card.allocation.charges
    free = deployable_of(tx, card.account_id, calendar=calendar, today=today)
    if need <= free.amount:
        return ""
    kept = [f"{rupees(amount)} {KEPT[name]}" for name, amount in free.parts
            if name in KEPT and amount]  # fmt: skip
    why = f" ({', '.join(kept)})" if kept else ""
    return (
        f"{card.account_name}: {qty(abs(card.qty))} {card.symbol} need {rupees(need)} and "
        f"{rupees(free.amount)} is deployable{why}; add money, or wait for a smaller card"
    )
