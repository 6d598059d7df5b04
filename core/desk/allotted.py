"""Book the shares that a demerger brought, once the depository credited them, on a person's word.

They are the owner's from then on: the desk trades no new listing. Each account gives its demerged
business away at what it is worth in the books, which counts as money taken out; the shares stand
in the login's EXTERNAL bucket, where a sale of them is booked, and the tax lots carry cost and day
of the parent's lots over to the new ISIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.elsewhere import ACCEPTED
from core.desk.estimate import worth_key
from core.desk.explained import accounts_of
from core.domain.action import ActionKind, CorporateAction, share_ratio_of_demerger
from core.domain.ledger import (
    EXTERNAL,
    FUNDING,
    OUTSIDE,
    REALISED,
    SPUN_OFF,
    Posting,
    Transaction,
    TransactionKind,
    external_account,
    position_ledger,
)
from core.domain.money import ZERO, Money, total
from core.domain.words import day, rupees
from core.domain.words import qty as in_words
from core.errors import BadInput
from core.store import accounts, actions, audit, ledger, settings
from core.treasury import post
from core.treasury.terms import action_entry, counted_anew

ALLOTTED = "allotted:"  # how reference and id of such an entry begin


@dataclass(frozen=True, slots=True)
class Allotted:
    """What was booked; `cost` went over from the parent, `worth` is what accounts gave away."""

    action_id: str
    login_id: str
    isin: str
    symbol: str
    shares: int
    cost: Money
    worth: Money
    sentence: str


@dataclass(frozen=True, slots=True)
class _Business:
    """A demerged business in one account: old shares it came from, its ledger and its cost."""

    old: int
    ledger: str
    cost: Money


def book_allotted(
    desk: Desk,
    action_id: str,
    *,
    isin: str,
    symbol: str,
    by: str,
    shares: int = 0,
    login_id: str = "",
) -> Allotted:
    """Put the new company's shares of one login into the books.

    Args:
        shares: as the broker counts them; 0 where the demerger's own ratio says it.
        login_id: may be left out where one login alone held the parent.

    Raises:
        NotFound: no such action.
        BadInput: no demerger that is in the books, no ISIN of another share, a count that nothing
            tells, or booked before.
    """
    at = desk.clock.now()
    isin, symbol = isin.strip().upper(), symbol.strip().upper()
    with desk.store.write() as tx:
        action = actions.by_id(tx, action_id)
        _check(action, isin, symbol)
        login = _login(tx, action, login_id)
        given = _given(tx, action, login)
        count = shares or _by_ratio(action, given)
        if ledger.is_posted(tx, _entry(login, action)):
            raise BadInput(f"{symbol}: the shares of action {action_id} are in the books already")
        _take_accepted_back(tx, login, isin, symbol, count, at=at)
        worth = ZERO
        for name, business in sorted(given.items()):
            if business.cost:
                worth += _give_away(tx, action, name, business, symbol, at=at)
        cost = total(one.cost for one in given.values())
        words = f"{symbol}: {in_words(count)} allotted by the demerger of {action.symbol}"
        ledger.post(
            tx,
            post.elsewhere(
                login_id=login, isin=isin, qty=count, worth=cost, at=at,
                reference=f"{ALLOTTED}{action.id}", words=words,
            ),
        )  # fmt: skip
        body = {"login": login, "isin": isin, "shares": count, "cost_paise": cost.paise}
        audit.append(tx, at=at, actor=by, verb="book allotted", subject=action_id, body=body)
    return Allotted(
        action_id, login, isin, symbol, count, cost, worth,
        f"{words} of {day(action.ex_date)}, at a cost of {rupees(cost)}; they are yours beside the "
        f"accounts, which gave {rupees(worth)} of worth away",
    )  # fmt: skip


def _check(action: CorporateAction, isin: str, symbol: str) -> None:
    if action.kind is not ActionKind.DEMERGER:
        raise BadInput(f"action {action.id} is no demerger but a {action.kind.value.lower()}")
    if len(isin) != 12 or not isin.isalnum() or isin == action.isin or not symbol:
        raise BadInput(
            f"ISIN {isin!r} and symbol {symbol!r} name no new company; {action.symbol} is "
            f"{action.isin}, and the exchange's listing circular has both"
        )


def _login(tx: Session, action: CorporateAction, asked: str) -> str:
    """The login that is meant, one whose books have the action."""
    with_it = set(ledger.accounts_with(tx, action_entry(action.id, "")))
    found = [one.id for one in accounts.logins(tx) if with_it & accounts_of(tx, one.id)]
    if asked:
        asked = accounts.login(tx, asked).id
        found = [one for one in found if one == asked]
    if not found:
        raise BadInput(
            f"{action.symbol}: no shares of {asked or 'any login'} went through action {action.id} "
            "in the books; confirm it first"
        )
    if len(found) > 1:
        raise BadInput(f"{action.symbol} was held at {', '.join(found)}; name one with --login")
    return found[0]


def _given(tx: Session, action: CorporateAction, login_id: str) -> dict[str, _Business]:
    """What the demerger made in each account of a login, its EXTERNAL bucket included."""
    found = {}
    for name in sorted(accounts_of(tx, login_id)):
        made = ledger.transaction(tx, action_entry(action.id, name))
        if made is not None:
            lines = [one for one in made.postings if one.ledger.startswith(SPUN_OFF)]
            cost = total(one.amount for one in lines)
            found[name] = _Business(counted_anew(made)[0], lines[0].ledger if lines else "", cost)
    return found


def _by_ratio(action: CorporateAction, given: Mapping[str, _Business]) -> int:
    ratio = share_ratio_of_demerger(action)
    if ratio is None:
        raise BadInput(
            f"{action.symbol}: the list gave no ratio for its demerger; say with --shares how many "
            "the broker credited"
        )
    whole = sum(one.old for one in given.values()) * ratio
    return whole.numerator // whole.denominator


def _entry(login_id: str, action: CorporateAction) -> str:
    return f"{external_account(login_id)}:{ALLOTTED}{action.id}"


def _take_accepted_back(
    tx: Session, login_id: str, isin: str, symbol: str, count: int, *, at: datetime
) -> None:
    """Reverse the difference that a person accepted for these shares, if they were faster."""
    accepted = [
        one
        for one in ledger.transactions(tx, external_account(login_id))
        if one.reference.startswith(ACCEPTED)
        and one.postings[0].ledger == position_ledger(isin)
        and not ledger.is_posted(tx, f"correction:{one.id}")
    ]
    stands = sum(one.postings[0].qty for one in accepted)
    if stands not in (0, count):
        raise BadInput(
            f"{symbol}: {stands} were accepted as a difference and {count} are to be booked; give "
            "--shares as the broker counts them"
        )
    for one in accepted:
        ledger.post(tx, post.correction(one, at=at, reason="a demerger brought these shares"))


def _give_away(
    tx: Session,
    action: CorporateAction,
    account_id: str,
    business: _Business,
    symbol: str,
    *,
    at: datetime,
) -> Money:
    """Take the demerged business out of an account; returns its worth, 0 for the owner's own."""
    key = worth_key(account_id, business.ledger)
    stands = ledger.balance(tx, account_id, business.ledger)
    own = not account_id.startswith(EXTERNAL)
    kept = Money(int(settings.get(tx, key, stands.paise))) if own else stands
    worth = Money(kept.paise * business.cost.paise // stands.paise)
    lines = [
        Posting(business.ledger, -business.cost),
        Posting(FUNDING if own else OUTSIDE, worth),
    ]
    if worth != business.cost:
        lines.append(Posting(REALISED, business.cost - worth))
    words = f"{symbol}: the business that left {action.symbol} is the owner's now"
    made = Transaction(
        id=f"{ALLOTTED}{action.id}:{account_id}",
        account_id=account_id,
        kind=TransactionKind.ACTION,
        at=at,
        reference=action.id,
        postings=tuple(lines),
        words=words,
    )
    ledger.post(tx, made)
    if own and stands != business.cost:  # another business left the same share; the past needs both
        settings.put(tx, key, (kept - worth).paise)
    return worth if own else ZERO
