"""What the treasury suggests today, and the rule of each account that lets it give."""

from __future__ import annotations

from sqlmodel import Session

from core.desk.deploy import plan_now
from core.desk.desk import Desk
from core.desk.purse import purses
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money
from core.domain.words import rupees
from core.errors import BadInput, OutsideCalendar
from core.store import accounts, audit, funding, settings, transfers
from core.treasury.purse import Purse
from core.treasury.suggest import Suggestion, suggestions

RULE = "treasury keeps:"  # then the account; the value is in paise


def keep_to_deploy(desk: Desk, account_id: str, amount: Money | None, *, by: str) -> Money | None:
    """Set what an account keeps to deploy before it may give; None takes the rule away.

    Raises:
        NotFound: no such account.
        BadInput: an amount below ₹0.
    """
    if amount is not None and amount < ZERO:
        raise BadInput(f"an account cannot keep {rupees(amount)}; use ₹0 or more")
    with desk.store.write() as tx:
        account = accounts.by_id(tx, account_id)
        if amount is None:
            settings.drop(tx, RULE + account.id)
        else:
            settings.put(tx, RULE + account.id, amount.paise)
        body = {"keeps_paise": None if amount is None else amount.paise}
        audit.append(
            tx, at=desk.clock.now(), actor=by, verb="treasury rule", subject=account_id, body=body
        )
    return amount


def rules(tx: Session) -> dict[str, Money]:
    """What each account with a rule keeps, by id."""
    found = settings.starting(tx, RULE)
    return {key.removeprefix(RULE): Money(int(paise)) for key, paise in found.items()}


def suggested(tx: Session, desk: Desk) -> tuple[Suggestion, ...]:
    """What could be moved now; empty while no account has a rule."""
    keeps = rules(tx)
    if not keeps:
        return ()
    running = [one for one in accounts.accounts(tx) if one.closed_at is None]
    found = purses(tx, desk, running)
    return suggestions(
        found,
        keeps=keeps,
        missed=_missed(tx, desk, found),
        under_way=[one for one in transfers.under_way(tx) if not one.is_overdue(desk.clock.now())],
    )


def _missed(tx: Session, desk: Desk, of: dict[str, Purse]) -> dict[str, Money]:
    """Missed instalments still asked for; a plan beyond the loaded calendar tells none."""
    found = {}
    for name, plan in funding.of_accounts(tx, list(of)).items():
        try:
            now = plan_now(tx, plan, calendar=desk.calendar, today=ist_day(desk.clock.now()))
        except OutsideCalendar:
            continue
        lacks = now.standing.carried - now.standing.part_paid
        if now.standing.carried and lacks > ZERO:
            found[name] = lacks
    return found
