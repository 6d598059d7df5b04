"""A mandate and a funding plan from the answers of an intake talk.

What was not answered is usual for the aim, and gives way where it would contradict an answer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from core.domain.account import FundingKind, FundingPlan
from core.domain.instrument import CapClass
from core.domain.mandate import Holding, Mandate
from core.domain.money import Money
from core.errors import BadInput
from core.mandates.defaults import default_mandate
from core.mandates.intake_words import Draft, aim_of, capital_of, usual
from core.mandates.tranches import split_up

UNSIGNED: Final = datetime(1970, 1, 1, tzinfo=UTC)
AS_THEY_ARE: Final = (
    "horizon_months", "positions_max", "position_weight_max", "sector_weight_max",
    "gross_exposure_max", "risk_per_trade_max", "vol_target", "daily_loss_max", "drawdown_max",
    "stop_atr", "target_atr", "trail_atr", "trail_pct", "earnings_blackout_sessions",
)  # fmt: skip


def settled(draft: Draft) -> Mandate | None:
    """The mandate as it would stand now, None while answers contradict each other."""
    try:
        return mandate_of(draft, version=1, signed_at=UNSIGNED)
    except BadInput:
        return None


def mandate_of(draft: Draft, *, version: int, signed_at: datetime) -> Mandate:
    """The aim's usual rules under what was answered; raises BadInput on a contradiction."""
    given = draft["answers"]
    base = default_mandate(draft["account_id"], aim_of(draft), signed_at=signed_at)
    banned = given.get("banned", [])
    liked = given.get("preferred", [])
    changes: dict[str, Any] = {
        **_untold(base, given),
        **{key: given[key] for key in AS_THEY_ARE if key in given},
        "version": version,
        "sectors_banned": frozenset(b.split(":")[1] for b in banned if b.startswith("sector:")),
        "isins_banned": frozenset(b.split(":")[2] for b in banned if b.startswith("share:")),
        "sectors_preferred": frozenset(b.split(":")[1] for b in liked if b.startswith("sector:")),
    }
    if "cap_classes" in given:
        changes["cap_classes"] = frozenset(CapClass(c) for c in given["cap_classes"])
    if "strategies" in given:
        changes["strategies"] = frozenset(given["strategies"])
    if "holding" in given:
        changes["holding"] = Holding(given["holding"])
    if "shorts" in given:
        changes["shorts"] = bool(given["shorts"])
    capital = capital_of(draft)
    if capital:
        weight = changes.get("position_weight_max", base.position_weight_max)
        floor, ticket = capital.times(Decimal("0.10")), round(capital.paise * weight)
        changes["cash_floor"] = min(base.cash_floor, floor)
        changes["ticket_min"] = min(base.ticket_min, Money(ticket))
    for key in ("cash_floor", "turnover_min", "ticket_min"):
        if key in given:
            changes[key] = Money(given[key])
    mandate: Mandate = replace(base, **changes)
    return mandate


def _untold(base: Mandate, given: dict[str, Any]) -> dict[str, float]:
    """Usual limits that were not said, kept from contradicting one that was."""
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
    """The funding plan of a draft that names money."""
    given = draft["answers"]
    once, monthly = Money(given.get("lump_sum") or 0), Money(given.get("instalment") or 0)
    kind = FundingKind.LUMP_SUM
    if monthly:
        kind = FundingKind.HYBRID if once else FundingKind.SIP
    parts = given.get("tranches")
    months = given.get("instalment_months", usual("instalment_months", draft))
    return FundingPlan(
        account_id=draft["account_id"],
        version=version,
        kind=kind,
        lump_sum=once,
        instalment=monthly,
        day_of_month=given.get("day_of_month", usual("day_of_month", draft)),
        starts_on=starts_on,
        months=months if monthly else 0,
        buffer=Money(given.get("buffer", 0)),
        tranches=split_up(parts, once, starts_on=starts_on) if parts else (),
    )
