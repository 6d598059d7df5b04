"""What the desk would take for each question, why, and what it means in rupees; never taken alone.

Rupees are of the money that was named, or of each ₹1,00,000 while it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from core.domain.mandate import Objective
from core.domain.money import ZERO, Money
from core.domain.words import counted, pct, qty, rupees, short
from core.mandates.defaults import RULES, Rules
from core.mandates.fields import BY_KEY
from core.mandates.from_answers import settled
from core.mandates.intake_words import (
    Draft,
    aim_of,
    applies,
    assumed,
    capital_of,
    in_words,
    usual,
    worth_of,
)
from core.mandates.questions import Question

EACH: Final = Money.rupees(100_000)
TICKET: Final = Money.rupees(10_000)  # the usual smallest trade
ROUND_UP: Final = Money.rupees(10_000)
SHORT_MONTHS: Final = 18  # money that is needed sooner has little time to come back
PARTS: Final = 3
ALSO: Final = ("daily_loss_max", "risk_per_trade_max", "vol_target")  # suggested with the fall
OWN_FIRST: Final = ("trail_pct",)  # never suggested, it stands in place of another


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Values that a yes takes, and the sentences that put them to the person."""

    values: dict[str, Any]
    words: str


def suggestion(draft: Draft, question: Question) -> Suggestion:
    """What the desk would answer to a question, with why."""
    own = {"goal": _goal, "money": _money, "cash": _cash, "parts": _parts, "sectors": _sectors}
    if question.key in own:
        return own[question.key](draft)
    values = _usual(draft, question)
    named = "; ".join(f"{_label(key)} {in_words(draft, key, value)}"
                      for key, value in values.items())  # fmt: skip
    words = f"For an account that is {aim_of(draft)} I would take {named}. "
    return Suggestion(values, f"{words}{WHY[question.key](draft, values)} Shall I?")


def _label(key: str) -> str:
    return BY_KEY[key].label.lower()


def _usual(draft: Draft, question: Question) -> dict[str, Any]:
    """The usual values of what is not answered; of all of it where everything is."""
    keys = [key for key in (*question.needs, *question.more)
            if applies(key, draft) and key not in OWN_FIRST
            and (key in question.needs or key in ALSO)]  # fmt: skip
    open_ones = [key for key in keys if key not in draft["answers"]]
    if not open_ones:
        return {key: usual(key, draft) for key in keys}
    stands = settled(draft)
    return {key: assumed(key, draft, stands) for key in open_ones}


def _base(draft: Draft) -> tuple[Money, str]:
    """The money that rupees are of, and how it is called."""
    capital = capital_of(draft)
    return (capital, f"of {short(capital)}") if capital else (EACH, "of each ₹1,00,000")


def _rule(draft: Draft, values: dict[str, Any], key: str) -> float:
    """A limit as it is suggested, was said, or is usual."""
    value: float = values.get(key, draft["answers"].get(key, usual(key, draft)))
    return value


def _goal(draft: Draft) -> Suggestion:
    months = draft["answers"].get("horizon_months")
    soon = months is not None and months < SHORT_MONTHS
    aim = Objective.RISK_MINIMIZED if soon else Objective.BALANCED
    base, of = _base(draft)
    why = "It is the middle of the three."
    if soon:
        why = f"In {counted(months, 'month')} money has little time to come back from a fall."
    lines = "; ".join(f"{one}: {_losses(RULES[one], base)}" for one in Objective)
    return Suggestion(
        {"objective": str(aim)},
        f"I would take {aim}. {why} What a trade, a day and the whole may lose, {of}: {lines}. "
        "Shall I?",
    )


def _losses(rules: Rules, base: Money) -> str:
    parts = (rules.risk_per_trade_max, rules.daily_loss_max, rules.drawdown_max)
    return ", ".join(worth_of(one, base) for one in parts)


def _money(draft: Draft) -> Suggestion:
    weight = _rule(draft, {}, "position_weight_max")
    cash = Money(max(0, draft["cash"] or 0))
    if cash > ZERO:
        return Suggestion(
            {"lump_sum": cash.paise, "counts_cash": True},
            f"{rupees(cash)} lies free in the account already. I would take that and ask for "
            f"nothing more: one share at {pct(weight)} of it is {worth_of(weight, cash)}. Shall I?",
        )
    steps = -(-TICKET.paise // round(ROUND_UP.paise * weight))
    least = Money(ROUND_UP.paise * steps)
    return Suggestion(
        {"lump_sum": least.paise},
        f"How much you have is yours to say. The least with which the usual rules work is "
        f"{rupees(least, digits=0)}: one share may weigh {pct(weight)}, which is "
        f"{worth_of(weight, least)}, and below {rupees(TICKET, digits=0)} charges weigh too much "
        f"on a trade. Shall I take {rupees(least, digits=0)} now?",
    )


def _cash(draft: Draft) -> Suggestion:
    lies, said = Money(draft["cash"]), Money(draft["answers"]["lump_sum"])
    comes = max(ZERO, said - lies)
    return Suggestion(
        {"counts_cash": True},
        f"I would count it, so that nothing is asked for twice: {rupees(lies)} of the "
        f"{rupees(said)} is there and {rupees(comes)} is still to come. Shall I?",
    )


def _parts(draft: Draft) -> Suggestion:
    lump = Money(draft["answers"]["lump_sum"])
    each = rupees(Money(lump.paise // PARTS), digits=0)
    value = {"parts": PARTS, "by": "date", "fall": 0.0, "event": ""}
    return Suggestion(
        {"tranches": value},
        f"I would take {PARTS} equal parts, one a month: {each} now and as much in each of the two "
        "months after, so that no single day decides the price of all. Shall I?",
    )


def _sectors(draft: Draft) -> Suggestion:
    base, of = _base(draft)
    sector, share = (_rule(draft, {}, key) for key in ("sector_weight_max", "position_weight_max"))
    return Suggestion(
        {"banned": []},
        f"I would exclude nothing: one sector weighs at most {pct(sector)} and one share "
        f"{pct(share)} anyway, {worth_of(sector, base)} and {worth_of(share, base)} {of}. Shall I?",
    )


def _why_horizon(draft: Draft, values: dict[str, Any]) -> str:
    base, of = _base(draft)
    fall = _rule(draft, values, "drawdown_max")
    return (
        f"A fall of {pct(fall)}, {worth_of(fall, base)} {of}, needs time to be made good, and "
        "trades that need longer than the money can stay are not proposed."
    )


def _why_pain(draft: Draft, values: dict[str, Any]) -> str:
    base, of = _base(draft)
    risk, fall = (_rule(draft, values, key) for key in ("risk_per_trade_max", "drawdown_max"))
    return (
        f"It takes {ceil(fall / risk - 1e-9)} losing trades of {worth_of(risk, base)} each, one "
        f"after another, to lose {worth_of(fall, base)} {of}."
    )


def _why_positions(draft: Draft, values: dict[str, Any]) -> str:
    base, of = _base(draft)
    share, sector = (_rule(draft, values, k) for k in ("position_weight_max", "sector_weight_max"))
    return (
        f"A share that halves then costs {worth_of(share / 2, base)} {of}, and a sector that "
        f"halves {worth_of(sector / 2, base)}."
    )


def _why_companies(draft: Draft, values: dict[str, Any]) -> str:
    base, of = _base(draft)
    weight = _rule(draft, values, "position_weight_max")
    turnover = Money(int(_rule(draft, values, "turnover_min")))
    part = base.paise * weight / turnover.paise if turnover else 0.0
    return (
        f"The largest position, {worth_of(weight, base)} {of}, is then {pct(part, digits=3)} of a "
        f"day's turnover of {short(turnover)} and can be sold within a day; results move prices "
        "over night, past any stop."
    )


def _why_trading(draft: Draft, values: dict[str, Any]) -> str:
    base, of = _base(draft)
    risk = _rule(draft, values, "risk_per_trade_max")
    stop = _rule(draft, values, "stop_atr")
    away = Money(round(2_000 * stop))
    loss = Money(round(base.paise * risk))
    return (
        f"Cards' probabilities are measured at these distances. A share at ₹1,000 that moves ₹20 "
        f"a day has its stop {rupees(away, digits=0)} away, so {rupees(loss, digits=0)} at risk, "
        f"{pct(risk)} {of}, is {qty(loss.paise // away.paise)} shares."
    )


WHY: Final[dict[str, Callable[[Draft, dict[str, Any]], str]]] = {
    "horizon": _why_horizon,
    "pain": _why_pain,
    "positions": _why_positions,
    "companies": _why_companies,
    "trading": _why_trading,
}
