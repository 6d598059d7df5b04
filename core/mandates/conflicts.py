"""Answers of an intake talk that cannot all hold, one sentence each, with both numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from core.domain.money import Money
from core.domain.words import day, pct, rupees, short
from core.errors import BadInput
from core.mandates.dates import months_on
from core.mandates.fields import BY_KEY
from core.mandates.from_answers import UNSIGNED, mandate_of
from core.mandates.intake_words import Draft, in_words, worth_of

SURE_FALL: Final = 0.15  # beyond this fall no risk is minimized
BOLD_FALL: Final = 0.05  # max profit within this fall cannot be had
INVESTED_MIN: Final = 0.30
OF_MANDATE: Final = (  # answers that the mandate itself weighs against each other
    ("position_weight_max", "sector_weight_max"),
    ("risk_per_trade_max", "daily_loss_max"),
    ("daily_loss_max", "drawdown_max"),
    ("risk_per_trade_max", "drawdown_max"),
    ("banned", "preferred"),
    ("shorts", "holding"),
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One disagreement with its numbers, the fields whose answers disagree, and what settles it."""

    sentence: str
    keys: tuple[str, ...]
    question: str = ""

    def __str__(self) -> str:
        return f"{self.sentence} {self.question}".strip()


def disagreements(draft: Draft) -> list[str]:
    """The sentences, each with the question that settles it."""
    return [str(one) for one in conflicts(draft)]


def conflicts(draft: Draft) -> list[Conflict]:
    """Every disagreement of the answers given so far; what is assumed never disagrees."""
    given = draft["answers"]
    found = _of_mandate(draft)
    aim, fall = given.get("objective"), given.get("drawdown_max")
    both = ("objective", "drawdown_max")
    if fall is not None and aim == "risk minimized" and fall > SURE_FALL:
        said = f"{aim}, and yet a fall of {pct(fall)}; cut one of them."
        found.append(Conflict(said, both))
    if fall is not None and aim == "max profit" and fall < BOLD_FALL:
        said = f"{aim}, and yet a fall of at most {pct(fall)}; relax one of them."
        found.append(Conflict(said, both))
    found += _of_money(draft) + _of_time(draft) + _of_trading(draft)
    return [replace(one, question=_which(draft, one.keys)) for one in found]


def _which(draft: Draft, keys: tuple[str, ...]) -> str:
    """The question that settles a disagreement: which of the answers shall hold."""
    said = [
        f"{BY_KEY[key].label.lower()} {in_words(draft, key, draft['answers'][key])}"
        for key in keys
        if key in draft["answers"]
    ]
    return f"Which holds: {' or '.join(said)}?" if len(said) > 1 else ""


def _of_mandate(draft: Draft) -> list[Conflict]:
    """What the mandate itself finds wrong with each pair of answers, then with all of them."""
    given, found = draft["answers"], []
    for keys in OF_MANDATE:
        pair = {key: given[key] for key in keys if key in given}
        spoken = keys == ("risk_per_trade_max", "drawdown_max") and "daily_loss_max" in given
        if len(pair) == len(keys) and not spoken:  # the day's loss stands between those two
            found += [Conflict(said, keys) for said in _refused({**draft, "answers": pair})]
    named = {key for one in found for key in one.keys}
    rest = {key: value for key, value in given.items() if key not in named}
    return found + [Conflict(said, ()) for said in _refused({**draft, "answers": rest})]


def _refused(draft: Draft) -> list[str]:
    """The mandate's own sentence, without the account's id; none where it can stand."""
    try:
        mandate_of(draft, version=1, signed_at=UNSIGNED)
    except BadInput as no:
        return [f"{str(no).split(': ', 1)[-1]}."]
    return []


def _of_money(draft: Draft) -> list[Conflict]:
    given, found = draft["answers"], []
    lump = Money(given.get("lump_sum") or 0)
    for key, name in (("cash_floor", "in cash"), ("buffer", "in the buffer")):
        kept = given.get(key)
        if lump and kept and kept >= lump.paise:
            said = (
                f"{short(Money(kept))} must stay {name} and {short(lump)} is all there is; "
                "lower the first."
            )
            found.append(Conflict(said, (key, "lump_sum")))
    lies = Money(max(0, draft["cash"] or 0))
    if lump and given.get("counts_cash") and lies > lump:
        said = (
            f"{rupees(lies)} lies in the account and {short(lump)} is named as all of it; limits "
            "hold for all that lies there, so name the whole, say that the sum comes on top, or "
            "move the rest out first."
        )
        found.append(Conflict(said, ("lump_sum", "counts_cash")))
    rows = (given.get("tranches") or {}).get("rows", ())
    parts = Money(sum(one["paise"] for one in rows))
    if lump and rows and parts != lump:
        said = (
            f"the parts add up to {short(parts)} and the money now is {short(lump)}; name the "
            "parts anew."
        )
        found.append(Conflict(said, ("tranches", "lump_sum")))
    ticket, weight = given.get("ticket_min"), given.get("position_weight_max")
    if lump and ticket and weight and ticket > lump.paise * weight:
        said = (
            f"the smallest trade is {short(Money(ticket))} and one share may weigh "
            f"{pct(weight)} ({worth_of(weight, lump)}); cut the first or raise the second."
        )
        found.append(Conflict(said, ("ticket_min", "position_weight_max")))
    return found


def _of_time(draft: Draft) -> list[Conflict]:
    given, found = draft["answers"], []
    horizon = given.get("horizon_months", 600)
    parts, months = given.get("tranches"), given.get("instalment_months")
    if parts and parts["by"] == "date" and parts["parts"] > horizon:
        said = (
            f"{parts['parts']} monthly parts and a horizon of {horizon} months; "
            "cut the parts or stay longer."
        )
        found.append(Conflict(said, ("tranches", "horizon_months")))
    last = max((one["on"] for one in (parts or {}).get("rows", ()) if one["on"]), default="")
    ends = months_on(date.fromisoformat(draft["today"]), horizon) if draft["today"] else None
    if last and ends and date.fromisoformat(last) > ends and "horizon_months" in given:
        said = (
            f"the last part comes on {day(date.fromisoformat(last))} and the horizon ends on "
            f"{day(ends)}; bring the part forward or stay longer."
        )
        found.append(Conflict(said, ("tranches", "horizon_months")))
    if months and months > horizon:
        said = (
            f"instalments for {months} months and a horizon of {horizon} months; "
            "cut the first or raise the second."
        )
        found.append(Conflict(said, ("instalment_months", "horizon_months")))
    return found


def _of_trading(draft: Draft) -> list[Conflict]:
    given, found = draft["answers"], []
    count, weight = given.get("positions_max"), given.get("position_weight_max")
    if count and weight and count * weight < INVESTED_MIN:
        said = (
            f"{count} positions of at most {pct(weight)} invest {pct(count * weight)} only; "
            "allow more or larger ones."
        )
        found.append(Conflict(said, ("positions_max", "position_weight_max")))
    stop, target = given.get("stop_atr"), given.get("target_atr")
    if stop and target and target < stop:
        said = (
            f"a stop of {stop:g} ATR and a target of {target:g} ATR risk more than they can win; "
            "move one of them."
        )
        found.append(Conflict(said, ("stop_atr", "target_atr")))
    return found
