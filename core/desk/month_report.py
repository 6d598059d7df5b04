"""The month's report from stored facts: the functions behind the P&L page, asked for one month."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.performance import Performance, performance
from core.desk.pnl import Whose, days_of, stretch_pnl, whose
from core.desk.pnl_by import By, rows_by
from core.domain.clock import ist_day
from core.domain.money import ZERO, total
from core.errors import BadInput, NoData
from core.reports.month import MonthDay, MonthFacts, MonthOf, month
from core.store import audit, ledger_days, reports
from core.store.reports import Report

MONTH = "month"
HEADS = ((By.STRATEGY, "Strategy"), (By.EVENT, "Event"), (By.SECTOR, "Sector"))


def make_month(desk: Desk, on: date, *, by: str) -> Report:
    """Write the report of the month of a day and store it under the month's first day."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        facts = month_facts(desk, tx, on)
    markdown = month(facts)
    with desk.store.write() as tx:
        reports.put(tx, MONTH, facts.first, at, markdown)
        body = {"month": f"{facts.first:%Y-%m}", "characters": len(markdown)}
        subject = f"{MONTH}:{facts.first:%Y-%m}"
        audit.append(tx, at=at, actor=by, verb="report", subject=subject, body=body)
    return Report(kind=MONTH, day=facts.first, market_at=at, markdown=markdown)


def month_facts(desk: Desk, tx: Session, on: date) -> MonthFacts:
    """Everything the report says about the month of a day, to today where it is not over.

    Raises:
        BadInput: the month begins after today or is over before the first money.
    """
    today = ist_day(desk.clock.now())
    first = on.replace(day=1)
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    last = min(end, today)
    family = whose(tx)
    begun = ledger_days.began(tx, family.account_ids)
    if begun is None or ist_day(begun) > end or first > today:
        since = f"the books begin on {ist_day(begun)}" if begun else "the books are empty"
        raise BadInput(f"no report of {first:%B %Y}: {since} and today is {today}")
    each = [whose(tx, account=name) for name in family.account_ids]
    whole, index_name = _month_of(desk, tx, family, first, last)
    return MonthFacts(
        first=first,
        last=last,
        is_over=end < today,
        market=desk.market,
        written_at=desk.clock.now(),
        index_name=index_name,
        whole=whole,
        accounts=tuple(_month_of(desk, tx, one, first, last)[0] for one in each),
        days=tuple(
            MonthDay(one.day, one.earned.net, one.worth, one.trades)
            for one in days_of(desk, tx, family, first, last)
        ),
        owners=tuple(
            (head, tuple((row.label, row.earned) for row in
                         rows_by(desk, tx, family, first, last, by)))
            for by, head in HEADS
        ),
    )  # fmt: skip


def _month_of(desk: Desk, tx: Session, of: Whose, first: date, last: date) -> tuple[MonthOf, str]:
    """One row, and the name of the index beside it."""
    days = days_of(desk, tx, of, first, last)
    try:
        found = performance(desk, tx, of, first=first, last=last)
        rate = performance(desk, tx, of, last=last).xirr
    except NoData as none:
        found, xirr, why = None, None, str(none)
    else:
        xirr, why = rate.per_year, rate.why
    row = MonthOf(
        name=of.name,
        earned=stretch_pnl(desk, tx, of, first, last),
        worth=days[-1].worth if days else ZERO,
        paid_in=total(one.flow for one in days),
        weighted=found.time_weighted.whole if found else None,
        index=found.against.whole if found and found.against else None,
        ahead=found.ahead if found else None,
        drawdown=min(found.falls) if found else 0.0,
        xirr=xirr,
        why_no_xirr=why,
    )
    return row, _index_name(found)


def _index_name(found: Performance | None) -> str:
    return found.against.name if found and found.against else ""
