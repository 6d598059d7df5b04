"""The draft of an intake talk in words: its answers, the usual ones, and what still applies."""

from __future__ import annotations

from typing import Any

from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.words import pct, rupees, short
from core.mandates.defaults import RULES
from core.mandates.questions import QUESTIONS, Question

Draft = dict[str, Any]

SUGGESTED = frozenset(
    {
        "horizon_months", "drawdown_max", "daily_loss_max", "risk_per_trade_max",
        "position_weight_max", "sector_weight_max", "positions_max", "cap_classes", "cash_floor",
        "day_of_month",
    }
)  # fmt: skip


def capital_of(draft: Draft) -> Money | None:
    """The money the percentages are of: the sum now, or the first instalment; None if unnamed."""
    money = draft["answers"].get("funding")
    if not money:
        return None
    return Money(money["lump_sum"] or money["instalment"])


def suggested(key: str, aim: Objective) -> Any:
    """The usual value for an aim, in the draft's terms."""
    rules = RULES[aim]
    if key == "day_of_month":
        return 5
    if key == "cap_classes":
        return sorted(rules.cap_classes)
    if key == "cash_floor":
        return rules.cash_floor.paise
    return getattr(rules, key)


def applies(question: Question, draft: Draft) -> bool:
    """The instalment day is asked only where there is an instalment."""
    money = draft["answers"].get("funding")
    return question.key != "day_of_month" or bool(money and money["instalment"])


def open_questions(draft: Draft) -> list[Question]:
    """Questions that apply and have no answer, in the order they are asked."""
    return [q for q in QUESTIONS if applies(q, draft) and q.key not in draft["answers"]]


def worded(key: str, value: Any, capital: Money | None) -> str:
    """An answer as a person reads it; fractions with their rupees once money is named."""
    if key == "horizon_months":
        return f"{value} months"
    if key == "funding":
        once, monthly = Money(value["lump_sum"]), Money(value["instalment"])
        parts = [f"{short(once)} now"] if once else []
        return " and ".join([*parts, *([f"{short(monthly)} a month"] if monthly else [])])
    if key == "cash_floor":
        return rupees(Money(value), digits=0)
    if key == "banned":
        return ", ".join(b.split(":")[1] for b in value) or "nothing"
    if key == "cap_classes":
        return ", ".join(value)
    if key.endswith(("_weight_max", "_loss_max", "_trade_max")) or key == "drawdown_max":
        worth = f" · {rupees(Money(round(capital.paise * value)), digits=0)}" if capital else ""
        return f"{pct(value)}{worth}"
    return str(value)
