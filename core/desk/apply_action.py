"""Put a split, bonus, consolidation or demerger of held shares into the books, on a person's word.

Books, plans, stops and what a trailing stop remembers change together in one transaction; the
worker then places the stop anew and reads it back, and only that protects again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.estimate import price_ratio, worth_key
from core.desk.plan_terms import PlanChange, divided
from core.desk.propose import AccountChange, Proposal, Split, proposal_of
from core.desk.rename_isin import rename
from core.desk.share_terms import ex_moment, newest_quote
from core.desk.tighten import best_key
from core.domain.action import ActionKind, CorporateAction, ShareChange, in_words, share_ratio
from core.domain.instrument import snap
from core.domain.ledger import EXTERNAL, SPUN_OFF
from core.domain.money import Money, total
from core.domain.plan import ENDED, PlanStatus
from core.domain.words import day, qty, rupees
from core.errors import BadInput
from core.store import (
    actions,
    audit,
    ledger,
    plans,
    protections,
    quotes,
    reconciliations,
    settings,
)
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
            _keep_worth(tx, found, change)
            for one in change.plans:
                _move_plan(tx, found, one, at=at)
        if found.renamed is not None:
            rename(tx, found.action, *found.renamed)
        _forget_explained(tx, found.action.isin, *(found.renamed or ()))
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
        change.recount,
        account_id=change.account_id,
        at=ex_moment(action.ex_date),
        action_id=action.id,
        words=words,
    )
    if not ledger.post(tx, made):
        raise BadInput(f"{words}: it is in the books already")
    body = {
        "account": change.account_id,
        "qty": change.qty,
        "to": change.new_qty,
        "cost_paise": change.cost.paise,
        "leaves_paise": change.leaves.paise,
        "gain_paise": change.recount.gain.paise,
    }
    audit.append(tx, at=at, actor=by, verb="apply action", subject=action.id, body=body)


def _keep_worth(tx: Session, found: Proposal, change: AccountChange) -> None:
    """Value what left at what the price lost, so that confirming moves no figure by itself."""
    if not change.leaves or change.account_id.startswith(EXTERNAL):
        return
    isins = [found.action.isin, *(found.renamed or ())]
    last = newest_quote(quotes.all_quotes(tx), isins)
    lost = price_ratio(tx, found.action, last).ratio - 1
    if last is None or lost <= 0:
        return
    worth = Fraction(last.ltp.paise) * lost * change.recount.old
    name = SPUN_OFF + change.recount.successor
    key = worth_key(change.account_id, name)
    before = ledger.balance(tx, change.account_id, name) - change.leaves
    earlier = int(settings.get(tx, key, before.paise))
    settings.put(tx, key, earlier + worth.numerator // worth.denominator)


def _move_plan(tx: Session, found: Proposal, one: PlanChange, *, at: datetime) -> None:
    action, plan = found.action, one.plan
    isin = found.renamed[1] if found.renamed else plan.isin
    why = f"{in_words(action)} of {day(action.ex_date)} confirmed"
    change = ShareChange(
        action_id=action.id,
        plan_id=plan.id,
        account_id=plan.account_id,
        isin=isin,
        qty=one.new_qty - one.qty,
        at=at,
        words=why,
    )
    actions.put_changes(tx, [change])
    if plan.status in ENDED and not one.new_qty:
        return
    ratio = share_ratio(action) or Fraction(1)
    approved = plan.qty * ratio.numerator // ratio.denominator
    # shares that an exit in old terms left behind are held again
    plans.save(
        tx,
        replace(
            plan,
            status=PlanStatus.HOLDING if plan.status in ENDED else plan.status,
            isin=isin,
            qty=max(approved, abs(one.new_qty)),  # no exit may sell more than a plan's shares
            bracket=one.bracket,
            version=plan.version + 1,
        ),
    )
    _move_cover(tx, found, one, isin=isin, why=why)


def _move_cover(tx: Session, found: Proposal, one: PlanChange, *, isin: str, why: str) -> None:
    """The stop in new terms, to be placed anew, and what a trailing stop remembers."""
    cover = protections.by_plan(tx, one.plan.id)
    if cover is not None:
        trailed = snap(divided(cover.stop, found.divisor), one.tick, up=False)
        protections.save(
            tx,
            replace(
                cover,
                isin=isin,
                qty=abs(one.new_qty),
                stop=max(one.bracket.stop, trailed),
                target=one.bracket.target,
                gtt_id="",
                reason=f"{why}; the stop is being placed anew",
                version=cover.version + 1,
            ),
        )
    kept = settings.get(tx, best_key(one.plan), None)
    if kept is not None:
        best = divided(Money(int(kept["best_paise"])), found.divisor)
        settings.put(tx, best_key(one.plan), {**kept, "best_paise": best.paise})


def _forget_explained(tx: Session, *isins: str) -> None:
    for seen in reconciliations.all_latest(tx):
        kept = tuple(row for row in seen.explained if row.isin not in isins)
        if kept != seen.explained:
            reconciliations.put(tx, replace(seen, explained=kept))


def _told(found: Proposal) -> Applied:
    of_desk = [one for one in found.changes if not one.account_id.startswith(EXTERNAL)]
    moved = sum(len(one.plans) for one in found.changes)
    counts = ", ".join(f"{one.name} {qty(one.qty)} to {qty(one.new_qty)}" for one in found.changes)
    named = f"; it goes on as {found.renamed[1]}" if found.renamed else ""
    return Applied(
        action_id=found.action.id,
        accounts=len(of_desk),
        plans=moved,
        sentence=(
            f"{found.action.symbol} {in_words(found.action)} is in the books: {counts}{named}; "
            f"{_cost_words(of_desk)}, and the worker places the stop anew{_next_step(found.action)}"
        ),
    )


def _next_step(action: CorporateAction) -> str:
    if action.kind is not ActionKind.DEMERGER:
        return ""
    return f". munim data actions allotted {action.id} books the new shares once credited"


def _cost_words(changes: Sequence[AccountChange]) -> str:
    gain = total(one.recount.gain for one in changes if one.recount.since)
    if not gain:
        return "cost is unchanged"
    return f"{rupees(gain)} that sales since the ex-date took out too much is cost again"
