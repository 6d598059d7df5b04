"""Answers of an intake talk that cannot all hold, one sentence each, with both numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.domain.money import Money
from core.domain.words import pct, short
from core.errors import BadInput
from core.mandates.from_answers import UNSIGNED, mandate_of
from core.mandates.intake_words import Draft, worth_of

SURE_FALL: Final = 0.15  # least risk beyond this fall is no least risk
BOLD_FALL: Final = 0.05  # most profit within this fall cannot be had
INVESTED_MIN: Final = 0.30
OF_MANDATE: Final = (  # what the mandate itself says, and the answers it speaks of
    ("one position may be", ("position_weight_max", "sector_weight_max")),
    ("one trade may lose", ("risk_per_trade_max", "daily_loss_max")),
    ("a day may lose", ("daily_loss_max", "drawdown_max")),
    ("both banned and preferred", ("banned", "preferred")),
    ("sold short", ("shorts", "holding")),
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One disagreement, and the fields whose answers disagree."""

    sentence: str
    keys: tuple[str, ...]


def disagreements(draft: Draft) -> list[str]:
    """The sentences alone."""
    return [one.sentence for one in conflicts(draft)]


def conflicts(draft: Draft) -> list[Conflict]:
    """Every disagreement of the answers given so far; what is assumed never disagrees."""
    given = draft["answers"]
    found = _of_mandate(draft)
    aim, fall = given.get("objective"), given.get("drawdown_max")
    both = ("objective", "drawdown_max")
    if fall is not None and aim == "risk minimized" and fall > SURE_FALL:
        said = f"least risk, and yet a fall of {pct(fall)}; cut one of them."
        found.append(Conflict(said, both))
    if fall is not None and aim == "max profit" and fall < BOLD_FALL:
        said = f"most profit, and yet a fall of at most {pct(fall)}; relax one of them."
        found.append(Conflict(said, both))
    return found + _of_money(draft) + _of_time(draft) + _of_trading(draft)


def _of_mandate(draft: Draft) -> list[Conflict]:
    """What the mandate itself finds wrong, without the account's id."""
    try:
        mandate_of(draft, version=1, signed_at=UNSIGNED)
    except BadInput as first:
        said = str(first).split(": ", 1)[-1]
        keys = next((keys for words, keys in OF_MANDATE if words in said), ())
        return [Conflict(f"{said}.", keys)]
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
