"""Dividends of held shares: owed from the ex-date, in cash when they are paid.

Entitled is who held a share as its ex-date began, whatever the record date; under T+1 both are one
day, and before it the record date came a session later. What is owed is booked gross. Neither
exchange nor broker deducts tax: the company does, at 10 % for a resident once its dividends of a
financial year pass Rs 10,000, and the credit says so in less money. What is missing is booked as
tax deducted when the money is marked as paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.fractions import lost_fractions, parted
from core.desk.share_terms import ex_moment, unbooked
from core.domain.action import ActionKind, ActionStatus, CorporateAction
from core.domain.clock import ist_day
from core.domain.ledger import EXTERNAL, RECEIVABLE, Transaction, balance
from core.domain.money import Money, total
from core.domain.succession import members
from core.domain.words import day, qty, rupees
from core.errors import BadInput
from core.exchange.values import PaidOut
from core.store import accounts, actions, audit, ledger, quotes, successions
from core.treasury import post
from core.treasury.terms import fraction_paid

LOOK_BACK = timedelta(days=60)  # how long a payment of a statement is looked at
LATE = timedelta(days=7)  # an ex-date learned later than this is called late
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Owed:
    """A dividend of one account that is not paid yet."""

    action_id: str
    account_id: str
    symbol: str
    ex_date: date
    amount: Money


@dataclass(slots=True)
class Entitled:
    """Dividends of held shares that are not booked, worked out again when books or lists change."""

    key: object = None
    found: tuple[Transaction, ...] = ()

    def of(self, tx: Session, *, today: date) -> tuple[Transaction, ...]:
        """What each account is to be owed, oldest ex-date first; cheap while nothing changes."""
        key = (
            str(tx.get_bind().engine.url),
            today,
            ledger.newest_posting(tx),
            actions.confirmed(tx, until=today),
        )
        if key != self.key:
            self.found, self.key = tuple(_entitled(tx, today=today)), key
        return self.found


ENTITLED = Entitled()


def accrue(desk: Desk) -> int:
    """Book what is owed for ex-dates that have come; a second call changes nothing.

    A share that stands in old terms waits until they are confirmed. An ex-date learned late is
    booked as late, from the shares that the books say were held then.
    """
    at = desk.clock.now()
    today = ist_day(at)
    with desk.store.read() as tx:
        entitled = ENTITLED.of(tx, today=today)
        due = [made for made in entitled if _is_due(tx, made, today=today)]
    if not due:
        return 0
    with desk.store.write() as tx:
        booked = [made for made in due if ledger.post(tx, made)]
        for made in booked:
            body = {"account": made.account_id, "words": made.words}
            name = made.reference
            audit.append(tx, at=at, actor=WORKER, verb="dividend owed", subject=name, body=body)
    return len(booked)


def owed(tx: Session) -> list[Owed]:
    """Every dividend that went ex and is not paid, newest ex-date first."""
    found = []
    for account in accounts.accounts(tx):
        if not ledger.balance(tx, account.id, RECEIVABLE):
            continue
        booked = ledger.transactions(tx, account.id)
        for made in booked:
            amount = balance(made.postings, RECEIVABLE)
            if amount.paise > 0 and not ledger.is_posted(tx, _paid(made.reference, account.id)):
                action = actions.by_id(tx, made.reference)
                found.append(Owed(action.id, account.id, action.symbol, action.ex_date, amount))
    return found


def mark_paid(
    desk: Desk, action_id: str, *, received: Money | None, by: str, account_id: str = ""
) -> list[Transaction]:
    """Book a dividend's money, as a person read it on a bank statement.

    Args:
        received: what came for all accounts together, None when it came in full. What is missing
            is tax that the company deducted.
        account_id: one account only.

    Raises:
        BadInput: nothing is owed, or more came than was owed.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        mine = [
            one
            for one in owed(tx)
            if one.action_id == action_id and account_id in ("", one.account_id)
        ]
        whole = total(one.amount for one in mine)
        came = whole if received is None else received
        if not mine:
            raise BadInput(f"no dividend of action {action_id} is owed; munim data actions owed")
        if not 0 <= came.paise <= whole.paise:
            raise BadInput(
                f"{mine[0].symbol}: {rupees(came)} came and {rupees(whole)} is owed; give what "
                "came for this dividend alone, at most what is owed"
            )
        parts = parted(came, {one.account_id: one.amount for one in mine})
        return [_settle(tx, one, parts[one.account_id], at=at, by=by) for one in mine]


def take_in(desk: Desk, login_id: str, payments: Sequence[PaidOut]) -> int:
    """Book money that a broker's statement shows; returns how many entries are new."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        names = {one.id for one in accounts.accounts(tx) if one.login_id == login_id}
        recent = [one for one in payments if at - one.at < LOOK_BACK]
        new = [one for one in recent if _waits(tx, one, names)]
    if not new:
        return 0
    with desk.store.write() as tx:
        return sum(_take(tx, one, names, at=at) for one in new)


def _waits(tx: Session, one: PaidOut, names: set[str]) -> bool:
    """Whether a payment has an entry to make for any account of a login."""
    dividend = [f"dividend:{one.action_id}:{name}" for name in names]
    for name, entry in zip(names, dividend, strict=True):
        if ledger.is_posted(tx, entry) and not ledger.is_posted(tx, _paid(one.action_id, name)):
            return True
    return any(
        not ledger.is_posted(tx, f"fraction:{one.action_id}:{name}")
        for name in lost_fractions(tx, one.action_id)
        if name in names
    )


def _take(tx: Session, one: PaidOut, names: set[str], *, at: datetime) -> int:
    mine = [o for o in owed(tx) if o.action_id == one.action_id and o.account_id in names]
    for due in mine:
        _settle(tx, due, due.amount, at=at, by=WORKER)
    lost = lost_fractions(tx, one.action_id)
    parts = parted(one.amount, lost) if lost else {}
    action = actions.by_id(tx, one.action_id)
    made = [
        fraction_paid(
            account_id=name,
            action_id=one.action_id,
            amount=parts[name],
            at=one.at,
            words=f"{action.symbol}: {one.words} paid in cash",
        )
        for name in sorted(parts)
        if not name.startswith(EXTERNAL) and parts[name]
    ]
    booked = [entry for entry in made if ledger.post(tx, entry)]
    for entry in booked:
        body = {"account": entry.account_id, "words": entry.words}
        audit.append(tx, at=at, actor=WORKER, verb="fraction paid", subject=action.id, body=body)
    return len(mine) + len(booked)


def _is_due(tx: Session, made: Transaction, *, today: date) -> bool:
    """Whether the share traded since the ex-date and nothing of it stands in old terms."""
    action = actions.by_id(tx, made.reference)
    chain = members([action.isin], successions.links(tx))
    seen = [quote for isin in chain if (quote := quotes.last(tx, isin)) is not None]
    traded = any(ist_day(quote.at) >= action.ex_date for quote in seen)
    return traded and not unbooked(tx, [action.isin], until=today)


def _entitled(tx: Session, *, today: date) -> list[Transaction]:
    began = ledger.first_moves(tx)
    if not began:
        return []
    links = successions.links(tx)
    first = ist_day(min(began.values()))
    found = []
    for action in reversed(actions.going_ex(tx, first, today)):
        if action.kind is not ActionKind.DIVIDEND or action.status is not ActionStatus.CONFIRMED:
            continue
        if action.amount is None or not action.amount:
            continue
        moment = ex_moment(action.ex_date)
        chain = members([action.isin], links)
        isins = [one for one in chain if one in began and began[one] <= moment]
        found += _of_dividend(tx, action, isins, today=today)
    return found


def _of_dividend(
    tx: Session, action: CorporateAction, isins: Sequence[str], *, today: date
) -> list[Transaction]:
    held: dict[str, int] = {}
    for isin in isins:
        for name, n in ledger.shares_of(tx, isin, before=ex_moment(action.ex_date)).items():
            held[name] = held.get(name, 0) + n
    entitled = {name: n for name, n in held.items() if n > 0 and not name.startswith(EXTERNAL)}
    late = f", learned by {day(today)}" if today - action.ex_date > LATE else ""
    per_share = action.amount or Money(0)
    return [
        post.dividend_owed(
            account_id=name,
            action_id=action.id,
            amount=per_share * shares,
            at=ex_moment(action.ex_date),
            words=f"dividend of {rupees(per_share)} on {qty(shares)} {action.symbol}, ex "
            f"{day(action.ex_date)}, before tax{late}",
        )
        for name, shares in sorted(entitled.items())
        if not ledger.is_posted(tx, f"dividend:{action.id}:{name}")
    ]


def _settle(tx: Session, one: Owed, came: Money, *, at: datetime, by: str) -> Transaction:
    made = post.dividend_paid(
        account_id=one.account_id,
        action_id=one.action_id,
        owed=one.amount,
        came=came,
        at=at,
        words=f"dividend of {one.symbol}, ex {day(one.ex_date)}, paid",
    )
    ledger.post(tx, made)
    body = {"account": one.account_id, "owed_paise": one.amount.paise, "came_paise": came.paise}
    audit.append(tx, at=at, actor=by, verb="dividend paid", subject=one.action_id, body=body)
    return made


def _paid(action_id: str, account_id: str) -> str:
    return f"paid:{action_id}:{account_id}"
