"""Open positions with what protects them, and what was closed today.

Quantity and cost are the ledger's fold; stop and target are those of the protection that
stands, or of the plan until there is one. R is the distance from cost in units of first risk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.annulled import standing
from core.desk.day_plans import ends_today
from core.desk.desk import Desk
from core.desk.desk_stop import why_unproven
from core.desk.logins import cut_off
from core.desk.partial_exit import NO_UNDO
from core.desk.pnl import Summed, account_pnls, summed
from core.desk.share_terms import marks
from core.domain.account import Account
from core.domain.clock import ist_day
from core.domain.money import ZERO, Money, total
from core.domain.order import WORKING
from core.domain.plan import PlanStatus
from core.domain.quote import Quote
from core.domain.risk import DESK, RiskSnapshot
from core.domain.words import age, pct, qty, rupees
from core.store import accounts, fills, ledger, orders, plans, protections, quotes, risk
from core.views.ages import real_age
from core.views.closed_out import closed_out_signature
from core.views.ex_dates import ex_dates_signature
from core.views.position_rows import (
    Closed,
    Open,
    PositionRow,
    can_exit,
    closed_row,
    open_row,
    total_row,
)
from core.views.protected import OPEN_PLANS, protected, sold_plans
from core.views.reconcile import reconcile_signature
from core.views.shown import Figure, sign_tone

LOOK_BACK = 60
GONE = "closed account"


@dataclass(frozen=True, slots=True)
class Choice:
    """One position a person can act on; `plan_id` names it, `button` says what Exit does."""

    plan_id: str
    label: str
    button: str
    can_exit: bool
    qty: int = 0

    def says(self, shares: int) -> str:
        """What the button does when so many shares are chosen."""
        if shares >= self.qty:
            return self.button
        whole = self.button.removesuffix(qty(self.qty))
        return f"{whole}{qty(shares)} of {qty(self.qty)}, {NO_UNDO}"


@dataclass(frozen=True, slots=True)
class PositionsView:
    """Everything above the order tabs; `rows` end with the total and what closed today.

    `logins` are the labels of those in use, empty where there is one alone.
    """

    figures: tuple[Figure, ...]
    rows: tuple[PositionRow, ...]
    choices: tuple[Choice, ...]
    alarms: tuple[str, ...]
    accounts: tuple[str, ...]
    logins: tuple[str, ...]
    note: str


def positions_view(desk: Desk, *, account: str = "", login: str = "") -> PositionsView:
    """Positions of every account, or of the one with this name and of the login with this label."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        running = {one.id: one for one in accounts.accounts(tx) if one.closed_at is None}
        held = open_positions(desk, tx, now=now)
        closed = _closed_today(tx, now, running)
        scope = next((one.id for one in running.values() if one.name == account), DESK)
        look = risk.latest(tx, scope)
        labels = {one.id: one.label for one in accounts.logins(tx)}
        every = account_pnls(desk, tx)
    used = {labels.get(one.login_id, one.login_id) for one in running.values()}
    if account:
        held = [one for one in held if one.account == account]
        closed = [one for one in closed if one.account == account]
    if login:
        held = [one for one in held if one.login == login]
        closed = [one for one in closed if one.login == login]
    gains = total(one.gain or ZERO for one in held)
    mine = summed(
        one
        for one in every
        if account in ("", one.account.name)
        and login in ("", labels.get(one.account.login_id, one.account.login_id))
    )
    return PositionsView(
        figures=_figures(held, look, mine, gains=gains, whole=bool(login and not account)),
        rows=(
            *(open_row(one) for one in held),
            *((total_row(gains),) if held else ()),
            *(closed_row(one) for one in closed),
        ),
        choices=tuple(_choice(one) for one in held if one.plan),
        alarms=tuple(_alarm(one) for one in held if one.cover.naked),
        accounts=tuple(one.name for one in running.values()),
        logins=tuple(sorted(used)) if len(used) > 1 else (),
        note=f"{len(held)} open · {len(closed)} closed today{_price_age(desk, held)}",
    )


def _price_age(desk: Desk, held: Sequence[Open]) -> str:
    """The age of the oldest price in the table."""
    came = [one.quote.received_at for one in held if one.quote]
    return f" · prices {age(real_age(desk, min(came)))}" if came else ""


def open_positions(
    desk: Desk, tx: Session, *, now: datetime, prices: Mapping[str, Quote] | None = None
) -> list[Open]:
    """Every open position with its plan, protection and price; prices are read if not given."""
    owners = {one.id: one for one in accounts.accounts(tx)}
    labels = {one.id: one.label for one in accounts.logins(tx)}
    if prices is None:
        prices = quotes.all_quotes(tx)
    of_plan = {(p.account_id, p.isin): p for p in plans.with_status(tx, *OPEN_PLANS)}
    shields = {shield.plan_id: shield for shield in protections.live(tx)}
    lonely = cut_off(tx)
    selling = sold_plans(orders.with_status(tx, *WORKING))
    held = ledger.positions(tx)
    of_account = {
        name: marks(tx, name, [one.isin for one in held if one.account_id == name], prices)
        for name in {one.account_id for one in held}
    }
    found = []
    for position in held:
        plan = of_plan.get((position.account_id, position.isin))
        shield = shields.get(plan.id) if plan else None
        sold = plan is not None and plan.id in selling
        why = why_unproven(desk, tx, plan, shield) if plan else ""
        alone = plan is not None and plan.login_id in lonely
        cover = protected(position.qty, shield, now=now, unproven=why, selling=sold, cut_off=alone)
        owner = owners.get(position.account_id)
        at = plan.login_id if plan else owner.login_id if owner else ""
        name = owner.name if owner else GONE
        quote = prices.get(position.isin)
        mark = of_account[position.account_id].get(position.isin)
        ends = ends_today(desk, tx, plan) if plan else ""
        label = labels.get(at, at)
        found.append(Open(name, position, plan, shield, quote, cover, mark, label, ends))
    return sorted(found, key=lambda one: (one.account, one.symbol))


def positions_signature(desk: Desk) -> Hashable:
    """Changes when a plan, an order's status, a protection, a difference or a short does."""
    differs = (reconcile_signature(desk), ex_dates_signature(desk), closed_out_signature(desk))
    with desk.store.read() as tx:
        return (
            differs,
            tuple((p.id, p.status) for p in plans.recent(tx, LOOK_BACK)),
            tuple((o.id, o.status) for o in orders.recent(tx, LOOK_BACK)),
            tuple((s.plan_id, s.status, s.qty) for s in protections.live(tx)),
        )


def _figures(
    held: list[Open], look: RiskSnapshot | None, mine: Summed, *, gains: Money, whole: bool
) -> tuple[Figure, ...]:
    """The five figures; `whole` says that the risk's is of more than is shown."""
    covered = sum(not one.cover.naked for one in held)
    day, realised = mine.day.net, mine.day.realised
    kinds = Counter(one.cover.word.lower() for one in held)
    return (
        Figure(
            "Day's P&L, after charges",
            rupees(day, signed=True),
            f"{pct(mine.day_return, signed=True)} of value",
            sign_tone(day),
        ),
        Figure("Unrealised", rupees(gains, signed=True), "before charges", sign_tone(gains)),
        Figure(
            "Realised today", rupees(realised, signed=True), "before charges", sign_tone(realised)
        ),
        Figure(
            "At risk to stops",
            rupees(look.at_risk if look else ZERO),
            "whole desk" if whole else "from the last price",
        ),
        Figure(
            "Protected",
            f"{covered} of {len(held)}",
            ", ".join(f"{word} {count}" for word, count in kinds.items()) or "nothing is held",
            "" if covered == len(held) else "loss",
        ),
    )


def _closed_today(tx: Session, now: datetime, running: Mapping[str, Account]) -> list[Closed]:
    found = []
    labels = {one.id: one.label for one in accounts.logins(tx)}
    for plan in plans.recent(tx, LOOK_BACK):
        closed = plan.status is PlanStatus.CLOSED
        trades = standing(tx, plan.id, fills.of_plan(tx, plan.id)) if closed else []
        if not trades:
            continue
        ended = max(trade.traded_at for trade in trades)
        if ist_day(ended) == ist_day(now):
            result = Money(sum(-trade.qty * trade.price.paise for trade in trades))
            name = running[plan.account_id].name if plan.account_id in running else GONE
            at = labels.get(plan.login_id, plan.login_id)
            found.append(Closed(name, plan, result, ended, at))
    return found


def _choice(held: Open) -> Choice:
    shares = abs(held.position.qty)
    verb = "sell" if held.position.qty > 0 else "buy back"
    return Choice(
        plan_id=held.plan.id if held.plan else "",
        label=f"{held.symbol} · {held.account}",
        button=f"Exit {held.symbol} · {held.account}: {verb} {qty(shares)}",
        can_exit=can_exit(held),
        qty=shares,
    )


def _alarm(held: Open) -> str:
    line = f" The plan's stop is {rupees(held.stop)}." if held.stop else ""
    return f"{held.symbol}, {held.account}: {held.cover.word.lower()}, {held.cover.proof}.{line}"
