"""What was traded and has not settled: shares and money by the day they come.

A sale's money can be spent before it can be withdrawn. Settlement is per account, share and day:
what was bought and sold on one day nets to a profit, which is nobody's before it settles.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.account import Broker
from core.domain.calendar import Calendar
from core.domain.clock import ist_day
from core.domain.ledger import CASH, Transaction
from core.domain.money import ZERO, Money, total
from core.errors import OutsideCalendar
from core.treasury.sale_rules import checks_cash, sale_rule

POSITION = "position:"
Key = tuple[str, str]  # account id and ISIN


@dataclass(frozen=True, slots=True)
class Staged:
    """One share's trades of one day in one account that settle later.

    Attributes:
        qty: shares on their way in (+) or out (-), 0 where the day nets to a profit alone.
        amount: money that is counted in cash and comes on `settles_on`; ₹0 for a purchase.
        spendable: the part of it that may buy shares today.
        settles_on: None where the calendar is not loaded that far.
        why: what keeps the rest back, empty when nothing does.
    """

    account_id: str
    isin: str
    traded_on: date
    settles_on: date | None
    qty: int
    amount: Money
    spendable: Money
    why: str = ""

    @property
    def kept_back(self) -> Money:
        """Money in cash that may not buy shares today."""
        return self.amount - self.spendable


def staged(
    trades: Iterable[Transaction],
    *,
    held: Mapping[Key, int],
    calendar: Calendar,
    today: date,
    broker: Broker,
) -> tuple[Staged, ...]:
    """Everything traded that has not settled before `today`, oldest day first.

    Args:
        trades: the transactions of the last days that moved shares, corrections included.
        held: signed shares of each account and ISIN after all of them.
        broker: the one that these accounts trade through; the paper broker lets a sale's money
            be used at once.
    """
    days = _by_day(trades)
    found = []
    for (account_id, isin), moves in sorted(days.items()):
        later = held.get((account_id, isin), 0)
        for day, (qty, _) in sorted(moves.items(), reverse=True):
            before = later - qty  # shares held when the day began
            settles_on = _settles_on(calendar, day)
            if settles_on is None or settles_on > today:
                one = _one(
                    (account_id, isin),
                    day,
                    settles_on,
                    moves[day],
                    today,
                    settled=before - _waiting(moves, day, calendar),
                    after=later,
                    broker=broker,
                )
                if one.qty or one.amount:
                    found.append(one)
            later = before
    return tuple(sorted(found, key=lambda one: (one.traded_on, one.account_id, one.isin)))


def kept_back(parts: Sequence[Staged]) -> Money:
    """Money in cash that may not buy shares today."""
    return total(one.kept_back for one in parts)


def unsettled(parts: Sequence[Staged]) -> Money:
    """Money in cash that cannot be withdrawn today."""
    return total(one.amount for one in parts)


def _by_day(trades: Iterable[Transaction]) -> dict[Key, dict[date, tuple[int, Money]]]:
    found: dict[Key, dict[date, tuple[int, Money]]] = {}
    for made in trades:
        share = next((line for line in made.postings if line.ledger.startswith(POSITION)), None)
        if share is None:
            continue
        days = found.setdefault((made.account_id, share.ledger.removeprefix(POSITION)), {})
        day = ist_day(made.at)
        qty, cash = days.get(day, (0, ZERO))
        came = total(line.amount for line in made.postings if line.ledger == CASH)
        days[day] = qty + sum(line.qty for line in made.postings), cash + came
    return found


def _one(
    key: Key,
    day: date,
    settles_on: date | None,
    moved: tuple[int, Money],
    today: date,
    *,
    settled: int,
    after: int,
    broker: Broker,
) -> Staged:
    qty, cash = moved
    amount, why = max(ZERO, cash), ""
    if qty < 0 and after < 0:  # what an open short brought is blocked, and counted there
        closed = max(0, after - qty)
        amount, why = Money(amount.paise * closed // -qty), "sold short, not bought back"
    spendable = amount
    if amount and checks_cash(broker):
        if qty >= 0:
            spendable, why = ZERO, "a day's profit comes when it settles"
        elif day == today:
            rule = sale_rule(broker, day)
            share = rule.spendable if rule is not None else Decimal(1)
            ready = min(-qty, max(0, settled))
            spendable = Money(amount.paise * ready // -qty).times(share)
            kept = f"the broker gives {share:.0%} on the day" if share < 1 else ""
            why = why or ("sold before it was in the demat account" if ready < -qty else kept)
    return Staged(*key, day, settles_on, qty, amount, spendable, why)


def _waiting(moves: Mapping[date, tuple[int, Money]], day: date, calendar: Calendar) -> int:
    """Shares bought earlier that were not in the demat account on a day."""
    bought = 0
    for other, (qty, _) in moves.items():
        comes = _settles_on(calendar, other) if other < day and qty > 0 else day
        if other < day and qty > 0 and (comes is None or comes >= day):
            bought += qty
    return bought


def _settles_on(calendar: Calendar, day: date) -> date | None:
    """When a day's trades settle; a day off the calendar is taken as the session before."""
    try:
        traded = day if calendar.is_session(day) else calendar.previous_session(day)
        return calendar.settles_on(traded)
    except OutsideCalendar:
        return None
