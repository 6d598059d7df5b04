"""A funding plan as form fields and back; tranches are typed one a line.

A line is an amount and what it waits for: `3L now`, `3L on 1 Dec 2026`, `3L index 5%`,
`3L account 10%`, `3L event results`, `3L by hand`. A date may be typed as 2026-12-01 too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.domain.account import (
    CARRIED_MAX,
    FundingKind,
    FundingPlan,
    LateMoney,
    Tranche,
    TrancheTrigger,
)
from core.domain.event import EventType
from core.domain.money import ZERO, Money
from core.domain.words import day as day_words
from core.errors import BadInput

UNITS = {"k": 1_000, "t": 1_000, "l": 100_000, "c": 10_000_000}  # by their first letter
LINE = re.compile(
    r"₹?\s*(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>k|thousand|lakhs?|lacs?|l|crores?|cr)?\b"
    r"\s*(?P<rest>.*)"
)
FALL = re.compile(r"(?P<what>index|nifty|account)\D*(?P<pct>\d+(?:\.\d+)?)\s*%")
HOW = "now, on 1 Dec 2026, index 5%, account 10%, event results, or by hand"
AT_ONCE, BY_HAND = frozenset({"now", "at once", "immediate"}), frozenset({"by hand", "hand"})


def tranches_from(text: str) -> tuple[Tranche, ...]:
    """The tranches of some lines; none for no text. Raises BadInput naming the line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return tuple(_tranche(number, line) for number, line in enumerate(lines, start=1))


def tranche_lines(plan: FundingPlan | None) -> str:
    """The same lines of a plan that stands."""
    return (
        "\n".join(f"{_amount(one.amount)} {tranche_words(one)}" for one in plan.tranches)
        if plan
        else ""
    )


def plan_from(
    before: FundingPlan | None, account_id: str, values: Mapping[str, Any]
) -> FundingPlan:
    """The next version of a plan from a form; raises BadInput for one that cannot be.

    Args:
        values: `kind`, `lump`, `instalment`, `buffer` and `cap` in rupees, `day`, `months`,
            `starts_on`, `carried`, `late` and the lines of `tranches`.
    """
    return FundingPlan(
        account_id=account_id,
        version=before.version + 1 if before else 1,
        kind=FundingKind(values["kind"]),
        lump_sum=_rupees(values["lump"]),
        instalment=_rupees(values["instalment"]),
        day_of_month=int(values["day"]),
        starts_on=values["starts_on"],
        months=int(values["months"]),
        buffer=_rupees(values["buffer"]),
        tranches=tranches_from(values["tranches"]),
        carried_max=int(values["carried"]),
        carried_cap=_rupees(values["cap"]),
        late_money=LateMoney(values["late"]),
    )


def plan_fields(plan: FundingPlan | None, *, today: date) -> dict[str, Any]:
    """What a form shows first: the plan that stands, or what is usual."""
    rupees = {
        name: float(value.in_rupees)
        for name, value in (
            ("lump", plan.lump_sum if plan else ZERO),
            ("instalment", plan.instalment if plan else ZERO),
            ("buffer", plan.buffer if plan else ZERO),
            ("cap", plan.carried_cap if plan else ZERO),
        )
    }
    return {
        **rupees,
        "kind": plan.kind if plan else FundingKind.LUMP_SUM,
        "day": (plan.day_of_month if plan else 0) or 5,
        "months": (plan.months if plan else 0) or 24,
        "starts_on": plan.starts_on if plan else today,
        "carried": plan.carried_max if plan else CARRIED_MAX,
        "late": plan.late_money if plan else LateMoney.AT_ONCE,
        "tranches": tranche_lines(plan),
    }


def _tranche(number: int, line: str) -> Tranche:
    found = LINE.fullmatch(line.lower())
    if found is None:
        raise BadInput(f"tranche {number}, {line[:40]!r}, starts with no amount; write 3L {HOW}")
    times = UNITS[found["unit"][0]] if found["unit"] else 1
    amount = Money.rupees(Decimal(found["number"].replace(",", "")) * times)
    rest = found["rest"].strip(" :,-")
    if rest in AT_ONCE:
        return Tranche(amount)
    if rest in BY_HAND:
        return Tranche(amount, TrancheTrigger.CLICK)
    if fall := FALL.search(rest):
        kind = TrancheTrigger.ACCOUNT_FALL if fall["what"] == "account" else None
        depth = float(Decimal(fall["pct"]) / 100)
        return Tranche(amount, kind or TrancheTrigger.INDEX_FALL, fall=depth)
    if rest.startswith("event"):
        return Tranche(
            amount, TrancheTrigger.EVENT, event_type=_event(number, rest[5:].strip(" :"))
        )
    if rest.startswith("on "):
        return Tranche(amount, TrancheTrigger.DATE, on=_day(number, rest[3:].strip()))
    raise BadInput(f"tranche {number}, {line[:40]!r}, waits for nothing known; write {HOW}")


def _event(number: int, name: str) -> str:
    try:
        return EventType(name).value
    except ValueError:
        known = ", ".join(sorted(EventType))
        raise BadInput(
            f"tranche {number}: no event is called {name!r}; there are {known}"
        ) from None


def _day(number: int, text: str) -> date:
    for form in ("%Y-%m-%d", "%d %b %Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007
        except ValueError:
            continue
    raise BadInput(f"tranche {number}: {text[:30]!r} is no date; write it as 1 Dec 2026")


def tranche_words(one: Tranche) -> str:
    """What a tranche waits for, as it is typed."""
    pct = f"{Decimal(str(round(one.fall * 100, 6))).normalize():f}%"
    return {
        TrancheTrigger.IMMEDIATE: "now",
        TrancheTrigger.DATE: f"on {day_words(one.on)}" if one.on else "on no day",
        TrancheTrigger.INDEX_FALL: f"index {pct}",
        TrancheTrigger.ACCOUNT_FALL: f"account {pct}",
        TrancheTrigger.EVENT: f"event {one.event_type}",
        TrancheTrigger.CLICK: "by hand",
    }[one.trigger]


def _amount(money: Money) -> str:
    return f"{money.in_rupees.normalize():f}"


def _rupees(amount: float | None) -> Money:
    return Money.rupees(Decimal(repr(round(amount or 0.0, 2))))
