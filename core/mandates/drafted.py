"""From the answers of an intake talk to a mandate, a funding plan and one paragraph.

Rules that were not asked keep what is usual for the aim, and the log says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from core.domain.account import FundingKind, FundingPlan
from core.domain.instrument import CapClass
from core.domain.mandate import Mandate, Objective
from core.domain.money import ZERO, Money
from core.domain.words import pct, rupees, short
from core.errors import BadInput
from core.mandates.defaults import RULES, default_mandate
from core.mandates.intake_words import Draft, capital_of, open_questions, worded

UNSIGNED = datetime(1970, 1, 1, tzinfo=UTC)
ASKED_AS_THEY_ARE = (
    "horizon_months",
    "positions_max",
    "position_weight_max",
    "sector_weight_max",
    "risk_per_trade_max",
    "daily_loss_max",
    "drawdown_max",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the talk came to, ready to be signed."""

    mandate: Mandate
    funding: FundingPlan
    summary: str
    log: tuple[str, ...]


def disagreements(draft: Draft) -> list[str]:
    """Answers that cannot all hold, one sentence each, with both numbers."""
    given = draft["answers"]
    found = []
    try:
        mandate_of(draft, version=1, signed_at=UNSIGNED)
    except BadInput as contradiction:
        found.append(f"{str(contradiction).split(': ', 1)[-1]}.")
    aim, fall = given.get("objective"), given.get("drawdown_max")
    if fall is not None and aim == Objective.RISK_MINIMIZED and fall > 0.15:
        found.append(f"least risk, and yet a fall of {pct(fall)}; cut one of them.")
    if fall is not None and aim == Objective.MAX_PROFIT and fall < 0.05:
        found.append(f"most profit, and yet a fall of at most {pct(fall)}; relax one of them.")
    capital, floor = capital_of(draft), given.get("cash_floor")
    if capital and floor is not None and floor >= capital.paise:
        found.append(
            f"{short(Money(floor))} must stay in cash and {short(capital)} is all there is; "
            "lower the floor."
        )
    count, weight = given.get("positions_max"), given.get("position_weight_max")
    if count and weight and count * weight < 0.30:
        found.append(
            f"{count} positions of at most {pct(weight)} invest {pct(count * weight)} only; "
            "allow more or larger ones."
        )
    return found


def finish(draft: Draft, *, version: int, signed_at: datetime, starts_on: date) -> Outcome:
    """The mandate and funding plan of a complete draft.

    Raises:
        BadInput: a question is open, or answers disagree.
    """
    open_ones = [question.label for question in open_questions(draft)]
    name = draft["account_name"]
    if open_ones:
        raise BadInput(f"{name}: {len(open_ones)} questions are open: {', '.join(open_ones)}")
    wrong = disagreements(draft)
    if wrong:
        raise BadInput(f"{name}: {wrong[0]}")
    mandate = mandate_of(draft, version=version, signed_at=signed_at)
    funding = funding_of(draft, version=version, starts_on=starts_on)
    aim = RULES[mandate.objective]
    defaults = (
        f"Not asked, usual for the aim: volatility target {pct(aim.vol_target)}, gross exposure "
        f"{pct(aim.gross_exposure_max)}, median turnover {short(aim.turnover_min)}, "
        f"{aim.earnings_blackout_sessions} sessions before results, stop {mandate.stop_atr:g} and "
        f"target {mandate.target_atr:g} ATR."
    )
    log = (*draft["log"], defaults)
    return Outcome(mandate, funding, summary(draft, mandate, funding), log)


def summary(draft: Draft, mandate: Mandate, funding: FundingPlan) -> str:
    """One paragraph with the rules worked out in rupees of the money named."""
    capital = capital_of(draft) or ZERO
    comes = [f"{short(funding.lump_sum)} now"] if funding.lump_sum else []
    if funding.instalment:
        comes.append(f"{short(funding.instalment)} on day {funding.day_of_month} of each month")

    def of(fraction: float) -> str:
        return f"{pct(fraction)} ({rupees(Money(round(capital.paise * fraction)), digits=0)})"

    banned = worded("banned", draft["answers"]["banned"], capital)
    sizes = ", ".join(sorted(mandate.cap_classes))
    return (
        f"{draft['account_name']} aims for {mandate.objective} over {mandate.horizon_months} "
        f"months. {' and '.join(comes)} comes in. Of {short(capital)}, one trade may lose "
        f"{of(mandate.risk_per_trade_max)} at its stop and one day {of(mandate.daily_loss_max)} "
        f"before buying stops; {of(mandate.drawdown_max)} under its peak everything new is "
        f"cancelled. It holds at most {mandate.positions_max} shares of {sizes} companies, one of "
        f"them at most {of(mandate.position_weight_max)}, one sector at most "
        f"{of(mandate.sector_weight_max)}. Excluded: {banned}. "
        f"{rupees(mandate.cash_floor, digits=0)} always stays in cash."
    )


def mandate_of(draft: Draft, *, version: int, signed_at: datetime) -> Mandate:
    """The aim's usual rules under what was answered; raises BadInput on a contradiction."""
    given = draft["answers"]
    aim = Objective(given.get("objective", Objective.BALANCED))
    base = default_mandate(draft["account_id"], aim, signed_at=signed_at)
    banned = given.get("banned", [])
    changes: dict[str, Any] = {
        **_untold(base, given),
        **{key: given[key] for key in ASKED_AS_THEY_ARE if key in given},
        "version": version,
        "sectors_banned": frozenset(b.split(":")[1] for b in banned if b.startswith("sector:")),
        "isins_banned": frozenset(b.split(":")[2] for b in banned if b.startswith("share:")),
    }
    if "cap_classes" in given:
        changes["cap_classes"] = frozenset(CapClass(c) for c in given["cap_classes"])
    if "cash_floor" in given:
        changes["cash_floor"] = Money(given["cash_floor"])
    mandate: Mandate = replace(base, **changes)
    return mandate


def _untold(base: Mandate, given: dict[str, Any]) -> dict[str, float]:
    """Usual limits that were not asked yet, kept from contradicting one that was answered."""
    kept: dict[str, float] = {}
    day = given.get("daily_loss_max", base.daily_loss_max)
    if "risk_per_trade_max" not in given:
        kept["risk_per_trade_max"] = min(base.risk_per_trade_max, day)
    risk = given.get("risk_per_trade_max", base.risk_per_trade_max)
    if "daily_loss_max" not in given:
        day = kept["daily_loss_max"] = max(base.daily_loss_max, min(risk, 0.25))
    if "drawdown_max" not in given:
        kept["drawdown_max"] = max(base.drawdown_max, day)
    elif "daily_loss_max" not in given:
        kept["daily_loss_max"] = min(day, max(given["drawdown_max"], risk))
    if "sector_weight_max" not in given:
        weight = given.get("position_weight_max", base.position_weight_max)
        kept["sector_weight_max"] = max(base.sector_weight_max, weight)
    elif "position_weight_max" not in given:
        kept["position_weight_max"] = min(base.position_weight_max, given["sector_weight_max"])
    return kept


def funding_of(draft: Draft, *, version: int, starts_on: date) -> FundingPlan:
    money = draft["answers"]["funding"]
    once, monthly = Money(money["lump_sum"]), Money(money["instalment"])
    kind = FundingKind.LUMP_SUM
    if monthly:
        kind = FundingKind.HYBRID if once else FundingKind.SIP
    return FundingPlan(
        account_id=draft["account_id"],
        version=version,
        kind=kind,
        lump_sum=once,
        instalment=monthly,
        day_of_month=draft["answers"].get("day_of_month", 1),
        starts_on=starts_on,
        months=draft["answers"]["horizon_months"] if monthly else 0,
    )
