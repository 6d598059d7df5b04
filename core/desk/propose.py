"""What a position becomes when its share went ex: before and after, for a person to look at.

Shares are parted by what the broker counts: the whole of a login over its accounts, the whole of
an account over its plans, the largest fractions first. Cost stays to the paisa. Stop and target
move with the ratio, down to the tick. For a demerger a person says how the cost is split, in
percent, and prices move by the same split; for rights, which the desk never takes up, prices move
by the divisor that the list's issue price gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.estimate import price_ratio
from core.desk.explained import accounts_of, has_arrived
from core.desk.plan_terms import NewTerms, PlanChange, plan_changes
from core.desk.share_terms import Unbooked, expected, newest_quote, together, unbooked
from core.desk.unknown import shares_of
from core.domain.action import ActionKind, ActionStatus, CorporateAction, share_ratio
from core.domain.clock import ist_day
from core.domain.ledger import EXTERNAL
from core.domain.money import ZERO, Money, total
from core.domain.succession import members, newest
from core.domain.words import ist_time
from core.errors import BadInput
from core.store import (
    accounts,
    actions,
    factors,
    ledger,
    quotes,
    reconciliations,
    successions,
)
from core.treasury.terms import Recount, allot, cost_since

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Split:
    """How the cost of a demerged share is parted, in percent that sum to 100."""

    keeps: Decimal
    leaves: Decimal

    def __post_init__(self) -> None:
        if self.keeps <= 0 or self.leaves < 0 or self.keeps + self.leaves != HUNDRED:
            raise BadInput(
                f"the cost is split {self.keeps} % and {self.leaves} %, which is no split of "
                "100 %; the company's notice has both numbers"
            )


@dataclass(frozen=True, slots=True)
class AccountChange:
    """One account's position before and after; shares traded since the ex-date are in both."""

    account_id: str
    name: str
    recount: Recount
    plans: tuple[PlanChange, ...]

    @property
    def qty(self) -> int:
        """Signed shares that the books count now."""
        return self.recount.old + self.recount.since

    @property
    def new_qty(self) -> int:
        """Signed shares once the action is in the books."""
        return self.recount.new + self.recount.since

    @property
    def cost(self) -> Money:
        """What the books say all of them cost now."""
        return self.recount.cost

    @property
    def leaves(self) -> Money:
        """The part of cost that goes with a demerged business."""
        return self.recount.leaves


@dataclass(frozen=True, slots=True)
class Proposal:
    """What confirming an action would do; `why_not` says why it cannot be confirmed now.

    `renamed` are the old and the new ISIN where the action made a new one. `estimate` says how a
    share is valued until then, empty where that needs no estimate.
    """

    action: CorporateAction
    divisor: Fraction
    changes: tuple[AccountChange, ...]
    why_not: str
    renamed: tuple[str, str] | None = None
    estimate: str = ""


def proposals(desk: Desk) -> list[Proposal]:
    """Every action that waits for a person, oldest first."""
    today = ist_day(desk.clock.now())
    with desk.store.read() as tx:
        return [proposal(tx, one, split=None) for one in unbooked(tx, None, until=today)]


def proposal_of(desk: Desk, tx: Session, action_id: str, *, split: Split | None) -> Proposal:
    """What confirming one action would do; raises BadInput when it waits for nobody."""
    action = actions.by_id(tx, action_id)
    today = ist_day(desk.clock.now())
    for one in unbooked(tx, [action.isin], until=today):
        if one.action.id == action_id:
            return proposal(tx, one, split=split)
        raise BadInput(
            f"{action.symbol} went ex before, by action {one.action.id}; confirm that one first"
        )
    if action.status is not ActionStatus.CONFIRMED:
        raise BadInput(f"action {action_id} is {action.status}; accept it first")
    raise BadInput(
        f"no share of {action.symbol} was held through {action.ex_date}, or action {action_id} is "
        "in the books already"
    )


def proposal(tx: Session, waiting: Unbooked, *, split: Split | None) -> Proposal:
    """Before and after of one action over every login."""
    action = waiting.action
    found: list[AccountChange] = []
    names = {one.id: one.name for one in accounts.accounts(tx)}
    quote = newest_quote(quotes.all_quotes(tx), (waiting.isin, waiting.successor, action.isin))
    estimate = "" if share_ratio(action) else price_ratio(tx, action, quote).words
    renamed = (waiting.isin, waiting.successor) if waiting.isin != waiting.successor else None
    try:
        divisor = _divisor(tx, action, split)
        terms = NewTerms(waiting, divisor, quote)
        for login in accounts.logins(tx):
            found += _of_login(tx, terms, login.id, split, names)
        why_not = "" if found else f"no login holds {action.symbol}"
        if not why_not and (quote is None or ist_day(quote.at) < action.ex_date):
            why_not = f"{action.symbol} has no price in new terms yet; confirm after it opened"
    except BadInput as reason:
        return Proposal(action, Fraction(1), (), str(reason), renamed, estimate)
    return Proposal(action, divisor, tuple(found), why_not, renamed, estimate)


def _divisor(tx: Session, action: CorporateAction, split: Split | None) -> Fraction:
    """What prices are divided by; raises BadInput where a person has to say more."""
    if action.kind is ActionKind.DEMERGER:
        if split is None:
            raise BadInput(
                f"{action.symbol} demerged: say how its cost is split, in percent, with --keeps "
                "and --leaves; the company's notice has both"
            )
        return 100 / Fraction(split.keeps)
    if split is not None:
        raise BadInput(f"{action.symbol}: only the cost of a demerger is split, not of a "
                       f"{action.kind.value.lower()}")  # fmt: skip
    if action.kind is ActionKind.RIGHTS:
        known = factors.all_factors(tx, isins=members([action.isin], successions.links(tx)))
        mine = [one for one in known if (one.ex_date, one.kind) == (action.ex_date, action.kind)]
        if not mine:
            raise BadInput(
                f"{action.symbol}: what the rights of {action.ex_date} were worth is not known, so "
                "its stop cannot be moved; sell by hand, or import a list with the issue price"
            )
        return Fraction(mine[0].divisor).limit_denominator(10**6)
    if not action.has_ratio:
        raise BadInput(
            f"{action.symbol}: the list gave no ratio for its {action.kind.value.lower()}; "
            "sell by hand, or import a list that says it"
        )
    return share_ratio(action) or Fraction(1)


def _of_login(
    tx: Session,
    terms: NewTerms,
    login_id: str,
    split: Split | None,
    names: Mapping[str, str],
) -> list[AccountChange]:
    waiting = terms.waiting
    mine = {name: old for name, old in waiting.old.items() if name in accounts_of(tx, login_id)}
    if not mine:
        return []
    whole = _arrived(tx, waiting, login_id, mine)
    new = allot({name: old * waiting.ratio for name, old in mine.items()}, whole)
    return [
        AccountChange(
            account_id=name,
            name=names.get(name, "done elsewhere"),
            recount=_recount(tx, waiting, name, new[name], split),
            plans=plan_changes(tx, terms, name, new[name]),
        )
        for name in sorted(mine)
    ]


def _arrived(tx: Session, waiting: Unbooked, login_id: str, old: Mapping[str, int]) -> int:
    """New shares of a login as its broker counts them; raises BadInput until they are there."""
    action = waiting.action
    links = successions.links(tx) | {waiting.isin: waiting.successor}
    links = {before: after for before, after in links.items() if before != after}
    books = together(shares_of(tx, login_id), links).get(newest(waiting.isin, links), 0)
    exact = expected([waiting], list(old), {waiting.isin: books})[waiting.isin]
    seen = reconciliations.of_login(tx, login_id)
    rows = [] if seen is None else [one for one in seen.explained if one.isin == waiting.isin]
    if seen is None or not rows:
        raise BadInput(
            f"{action.symbol}: the broker of login {login_id} was not read since the ex-date, or "
            f"its count is not what {float(exact):g} shares would be; see Broker against books"
        )
    counts = rows[0].broker_qty
    if not has_arrived(exact, counts):
        raise BadInput(
            f"{action.symbol}: the broker counts {counts} and {float(exact):g} are to come, as of "
            f"{ist_time(seen.at)}; confirm when they are credited"
        )
    return counts - (books - sum(old.values()))


def _recount(
    tx: Session, waiting: Unbooked, account_id: str, new: int, split: Split | None
) -> Recount:
    """Shares and cost of one account, as if they had been counted anew when the ex-date began."""
    old, since = waiting.old[account_id], waiting.since.get(account_id, ())
    held = [one for one in ledger.positions(tx, account_id) if one.isin == waiting.isin]
    cost = held[0].cost if held else ZERO
    at_ex = cost - total(amount for _, amount in since)
    leaves = at_ex.times(split.leaves / HUNDRED) if split is not None else ZERO
    after = cost - leaves
    is_own = old > 0 and not account_id.startswith(EXTERNAL)
    if is_own and any(shares < 0 for shares, _ in since):
        after = cost_since(new, at_ex - leaves, since)
    if new + waiting.traded(account_id) == 0:
        after = ZERO  # no whole share is left to carry it
    return Recount(
        isin=waiting.isin,
        successor=waiting.successor,
        old=old,
        new=new,
        since=waiting.traded(account_id),
        cost=cost,
        cost_after=after,
        leaves=leaves,
    )
