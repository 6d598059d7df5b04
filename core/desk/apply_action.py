"""Put a split, bonus, consolidation or demerger of held shares into the books, on a person's word.

Books, plans, stops and what a trailing stop remembers change together in one transaction; the
worker then places the stop anew and reads it back, and only that protects again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.propose import AccountChange, PlanChange, Proposal, Split, divided, proposal_of
from core.desk.share_terms import ex_moment
from core.desk.tighten import best_key
from core.domain.action import CorporateAction, ShareChange, in_words, share_ratio
from core.domain.instrument import snap
from core.domain.ledger import EXTERNAL
from core.domain.money import Money
from core.domain.words import day, qty
from core.errors import BadInput
from core.store import actions, audit, ledger, plans, protections, reconciliations, settings
from core.treasury.terms import recount


@dataclass(frozen=True, slots=True)
class Applied:
    """What was changed, in one sentence."""

    action_id: str
    accounts: int
    plans: int
    sentence: str


def apply_action(
    desk: Desk,
    action_id: str,
    *,
    by: str,
    keeps: Decimal | None = None,
    leaves: Decimal | None = None,
) -> Applied:
    """Confirm what an action made of everything that was held through it.

    Args:
        keeps: for a demerger, the percent of cost that stays with the share.
        leaves: the percent that goes with the business that left.

    Raises:
        NotFound: no such action.
        BadInput: nothing waits, the new shares are not there, or the cost is not split.
    """
    if (keeps is None) is not (leaves is None):
        raise BadInput("a demerger needs both numbers, --keeps and --leaves, in percent")
    split = None if keeps is None or leaves is None else Split(keeps, leaves)
    at = desk.clock.now()
    with desk.store.write() as tx:
        found = proposal_of(desk, tx, action_id, split=split)
        if found.why_not:
            raise BadInput(found.why_not)
        for change in found.changes:
            _book(tx, found.action, change, by=by, at=at)
            for one in change.plans:
                _move_plan(tx, found, one, at=at)
        _forget_explained(tx, found.action.isin)
    return _told(found)


def percent(typed: str, *, name: str) -> Decimal:
    """A percent as a person types it; raises BadInput for what is no number."""
    try:
        value = Decimal(typed.replace("%", "").strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise BadInput(f"{name}: {typed!r} is no percent; type a number such as 68.28")
    return value


def _book(
    tx: Session, action: CorporateAction, change: AccountChange, *, by: str, at: datetime
) -> None:
    words = (
        f"{action.symbol}: {qty(change.qty)} became {qty(change.new_qty)}, {in_words(action)} of "
        f"{day(action.ex_date)}"
    )
    made = recount(
        account_id=change.account_id,
        isin=action.isin,
        old_qty=change.qty,
        new_qty=change.new_qty,
        cost=change.cost,
        at=ex_moment(action.ex_date),
        action_id=action.id,
        words=words,
        leaves=change.leaves,
    )
    if not ledger.post(tx, made):
        raise BadInput(f"{words}: it is in the books already")
    body = {
        "account": change.account_id,
        "qty": change.qty,
        "to": change.new_qty,
        "cost_paise": change.cost.paise,
        "leaves_paise": change.leaves.paise,
    }
    audit.append(tx, at=at, actor=by, verb="apply action", subject=action.id, body=body)


def _move_plan(tx: Session, found: Proposal, one: PlanChange, *, at: datetime) -> None:
    action, plan = found.action, one.plan
    why = f"{in_words(action)} of {day(action.ex_date)} confirmed"
    actions.put_changes(
        tx,
        [
            ShareChange(
                action_id=action.id,
                plan_id=plan.id,
                account_id=plan.account_id,
                isin=action.isin,
                qty=one.new_qty - one.qty,
                at=at,
                words=why,
            )
        ],
    )
    ratio = share_ratio(action) or Fraction(1)
    approved = plan.qty * ratio.numerator // ratio.denominator
    plans.save(
        tx,
        replace(
            plan,
            qty=max(approved, abs(one.new_qty)),  # no exit may sell more than a plan's shares
            bracket=one.bracket,
            version=plan.version + 1,
        ),
    )
    cover = protections.by_plan(tx, plan.id)
    if cover is not None:
        trailed = snap(divided(cover.stop, found.divisor), one.tick, up=False)
        protections.save(
            tx,
            replace(
                cover,
                qty=abs(one.new_qty),
                stop=max(one.bracket.stop, trailed),
                target=one.bracket.target,
                gtt_id="",
                reason=f"{why}; the stop is being placed anew",
                version=cover.version + 1,
            ),
        )
    kept = settings.get(tx, best_key(plan), None)
    if kept is not None:
        best = divided(Money(int(kept["best_paise"])), found.divisor)
        settings.put(tx, best_key(plan), {**kept, "best_paise": best.paise})


def _forget_explained(tx: Session, isin: str) -> None:
    for seen in reconciliations.all_latest(tx):
        kept = tuple(row for row in seen.explained if row.isin != isin)
        if kept != seen.explained:
            reconciliations.put(tx, replace(seen, explained=kept))


def _told(found: Proposal) -> Applied:
    of_desk = [one for one in found.changes if not one.account_id.startswith(EXTERNAL)]
    moved = sum(len(one.plans) for one in found.changes)
    counts = ", ".join(f"{one.name} {qty(one.qty)} to {qty(one.new_qty)}" for one in found.changes)
    return Applied(
        action_id=found.action.id,
        accounts=len(of_desk),
        plans=moved,
        sentence=(
            f"{found.action.symbol} {in_words(found.action)} is in the books: {counts}; cost is "
            "unchanged, and the worker places the stop anew"
        ),
    )
