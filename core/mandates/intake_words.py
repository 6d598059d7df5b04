"""The draft of an intake talk: its answers, what is assumed where none was given, and its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from core.domain.mandate import Mandate, Objective
from core.domain.money import ZERO, Money
from core.domain.words import counted, day, pct, rupees, short
from core.mandates.dates import months_on
from core.mandates.defaults import RULES, STOP_ATR, STRATEGIES, TARGET_ATR, TRAIL_ATR
from core.mandates.fields import BY_KEY
from core.mandates.questions import BY_KEY as QUESTION
from core.mandates.questions import CASH, LATER, QUESTIONS, Question
from core.mandates.tranches import worded_parts

Draft = dict[str, Any]
FORM: Final = 3  # of the stored draft
FITTED: Final = ("cash_floor", "ticket_min")  # usual sums give way to a small account
INSTALMENT_DAY: Final = 5


def start(account_id: str, account_name: str) -> Draft:
    """An empty draft."""
    return {
        "form": FORM,
        "today": "",
        "cash": None,
        "held": 0,
        "account_id": account_id,
        "account_name": account_name,
        "answers": {},
        "sources": {},
        "of_capital": {},
        "closed": [],
        "offered": {},
        "asked": "",
        "last": [],
        "parts": 0,
        "named": [],
        "number": "",
        "wanted": "",
        "agreed": False,
        "told": [],
        "log": [],
    }


def seen(draft: Draft, *, today: date, cash: Money, held: Money = ZERO) -> Draft:
    """The draft with what the desk knows beside it: its day, and what is in the account.

    `cash` lies free, `held` is all else the account is worth now.
    """
    known = {"today": today.isoformat(), "cash": cash.paise, "held": max(ZERO, held).paise}
    return {**draft, **known}


def capital_of(draft: Draft) -> Money | None:
    """What the account is worth with the money named in it; None while none is named.

    That is the sum now, or the first instalment, with the cash that lies there where the sum does
    not count it, and with what is held. Sizing takes its percentages of the same.
    """
    given = draft["answers"]
    lump = given.get("lump_sum")
    paise = lump or given.get("instalment")
    if not paise:
        return None
    beside = 0 if lump and given.get("counts_cash", True) else max(0, draft["cash"] or 0)
    return Money(paise + beside + draft.get("held", 0))


def beside_of(draft: Draft) -> str:
    """What the money named is put beside, in a sentence; empty where nothing is."""
    capital, given = capital_of(draft), draft["answers"]
    named = given.get("lump_sum") or given.get("instalment") or 0
    if capital is None or capital.paise == named:
        return ""
    held = Money(draft.get("held", 0))
    lies = Money(capital.paise - named - held.paise)
    parts = [f"{rupees(Money(named), digits=0)} named here"]
    if lies:
        parts.append(f"{rupees(lies, digits=0)} that lies there")
    if held:
        parts.append(f"{rupees(held, digits=0)} that is invested or reserved")
    return f"Percentages are of {rupees(capital, digits=0)}: {' and '.join(parts)}."


def aim_of(draft: Draft) -> Objective:
    """The aim said, or balanced while it is open; a finished talk always has one."""
    return Objective(draft["answers"].get("objective", Objective.BALANCED))


def usual(key: str, draft: Draft) -> Any:
    """What is taken where nothing is said, in the draft's terms; None for what is never assumed."""
    given, aim = draft["answers"], aim_of(draft)
    rules = RULES[aim]
    fixed: dict[str, Any] = {
        "day_of_month": INSTALMENT_DAY,
        "instalment_months": given.get("horizon_months", rules.horizon_months),
        "tranches": {"parts": 1, "by": "at once", "fall": 0.0, "event": ""},
        "buffer": 0, "banned": [], "preferred": [],
        "cap_classes": sorted(rules.cap_classes),
        "cash_floor": rules.cash_floor.paise, "turnover_min": rules.turnover_min.paise,
        "ticket_min": 1_000_000, "strategies": sorted(STRATEGIES), "holding": "over nights",
        "stop_atr": STOP_ATR, "target_atr": TARGET_ATR, "trail_atr": TRAIL_ATR,
        "lump_sum": 0, "instalment": 0, "shorts": False,
    }  # fmt: skip
    if key in fixed:
        return fixed[key]
    return getattr(rules, key, None)


def assumed(key: str, draft: Draft, settled: Mandate | None = None) -> Any:
    """The value that stands for a field nobody answered; the mandate's own where it was fitted.

    A usual limit gives way to one that was said, so that the two do not contradict.
    """
    if settled is not None and BY_KEY[key].kind == "percent":
        return getattr(settled, key)
    if settled is not None and key in FITTED:
        fitted: Money = getattr(settled, key)
        return fitted.paise
    return usual(key, draft)


def applies(key: str, draft: Draft) -> bool:
    """Instalments are spoken of only where there are some, tranches where there is a sum now."""
    given = draft["answers"]
    if key in ("day_of_month", "instalment_months"):
        return bool(given.get("instalment"))
    if key == "tranches":
        return bool(given.get("lump_sum"))
    if key == "instalment":
        return bool(given.get("instalment")) or not given.get("lump_sum")
    if key == "lump_sum":
        return bool(given.get("lump_sum")) or not given.get("instalment")
    if key == "counts_cash":
        return bool(given.get("lump_sum")) and (draft["cash"] or 0) > 0
    if key == "trail_pct":
        return "trail_pct" in given
    return key != "trail_atr" or "trail_pct" not in given


def is_closed(question: Question, draft: Draft) -> bool:
    """Whether a question is answered, skipped, or all it asks for was said before."""
    given = draft["answers"]
    if question.key == "cash":
        return "counts_cash" in given
    if question.only_you:
        return any(given.get(key) for key in question.needs)
    if question.key in draft["closed"]:
        return True
    return all(key in given for key in question.needs if applies(key, draft))


def open_questions(draft: Draft) -> list[Question]:
    """Questions without an answer, in the order they are asked."""
    return [question for question in questions_of(draft) if not is_closed(question, draft)]


def next_question(draft: Draft) -> Question | None:
    """The question gone back to, else the first without an answer; None when all have one."""
    if draft["asked"]:
        again = (one for one in questions_of(draft) if one.key == draft["asked"])
        return next(again, QUESTION[draft["asked"]])
    return next(iter(open_questions(draft)), None)


def questions_of(draft: Draft) -> list[Question]:
    """The eight questions, and behind the money those that only some answers to it leave open."""
    asked: list[Question] = []
    waits = draft["parts"] or draft["named"]
    for question in QUESTIONS:
        asked.append(_left_of(question, draft))
        if question.key == "money":
            asked += [_of_cash(draft)] if applies("counts_cash", draft) else []
            asked += [LATER] if waits and applies("tranches", draft) else []
    return asked


def _left_of(question: Question, draft: Draft) -> Question:
    """The question without what was said before; whole where it was gone back to."""
    given = draft["answers"]
    said = {"trail_atr"} if "trail_pct" in given else set()
    left = [words for key, words in question.each if key not in {*given, *said}]
    if not left or len(left) == len(question.each) or draft["asked"] == question.key:
        return question
    ask = (", and " if len(left) == 2 else "; ").join(left)
    ask = f"{ask[0].upper()}{ask[1:]}?"
    return replace(question, ask=ask, again=ask)


def _of_cash(draft: Draft) -> Question:
    """The question about the cash that lies there, with both numbers."""
    lies, said = rupees(Money(draft["cash"])), rupees(Money(draft["answers"]["lump_sum"]))
    ask = (
        f"{lies} lies free in the account and you named {said}. Does that sum include it? "
        f"Yes, it is part of it; no, the {said} comes on top."
    )
    return replace(CASH, ask=ask)


def in_words(draft: Draft, key: str, value: Any) -> str:
    """A value of a draft as a person reads it, with the rupees, cash or day it speaks of."""
    if key == "counts_cash":
        cash = rupees(Money(draft["cash"] or 0))
        return f"{cash}, part of the money now" if value else f"{cash}, the money comes on top"
    words = worded(key, value, capital_of(draft))
    ends = draft["sources"].get(key, {}).get("until", "") if key in draft["answers"] else ""
    if key == "horizon_months" and draft["today"] and not ends:
        ends = months_on(date.fromisoformat(draft["today"]), value).isoformat()
    return f"{words}, until {day(date.fromisoformat(ends))}" if ends else words


def worded(key: str, value: Any, capital: Money | None) -> str:
    """A value as a person reads it; percentages of the account with their rupees."""
    kind = BY_KEY[key].kind
    if kind == "months":
        return counted(value, "month")
    if kind == "money":
        return short(Money(value)) if key != "cash_floor" else rupees(Money(value), digits=0)
    if kind == "names":
        return ", ".join(name.split(":")[1] for name in value) or "nothing"
    if kind in ("sizes", "strategies"):
        return " and ".join(value)
    if kind == "tranches":
        return worded_parts(value)
    if kind == "sessions":
        return counted(value, "session")
    if kind == "day":
        ends = "th" if 10 < value < 14 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
        return f"the {value}{ends}"
    if kind == "atr":
        return f"{value:g} ATR"
    if kind == "shorts":
        return "allowed within the day" if value else "none"
    if kind == "percent":
        of_account = key not in ("vol_target", "trail_pct")
        worth = f" · {worth_of(value, capital)}" if capital and of_account else ""
        return f"{pct(value)}{worth}"
    return str(value)


def worth_of(fraction: float, capital: Money) -> str:
    """A fraction of the money in whole rupees."""
    return rupees(Money(round(capital.paise * fraction)), digits=0)
