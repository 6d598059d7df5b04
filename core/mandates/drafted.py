"""From the answers of an intake talk to a mandate, a funding plan and one paragraph.

Rules that were not asked keep what is usual for the aim, and the log says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

from core.domain.account import FundingKind, FundingPlan
from core.domain.instrument import CapClass
from core.domain.mandate import Holding, Mandate
from core.domain.money import ZERO, Money
from core.domain.words import pct, rupees, short
from core.errors import BadInput
from core.mandates.defaults import default_mandate
from core.mandates.fields import BY_KEY, FIELDS
from core.mandates.intake_words import (
    Draft,
    aim_of,
    applies,
    assumed,
    capital_of,
    is_closed,
    open_questions,
    usual,
    worded,
    worth_of,
)
from core.mandates.questions import OF_FIELD, QUESTIONS
from core.mandates.tranches import split_up, worded_parts

UNSIGNED: Final = datetime(1970, 1, 1, tzinfo=UTC)
AS_THEY_ARE: Final = (
    "horizon_months", "positions_max", "position_weight_max", "sector_weight_max",
    "gross_exposure_max", "risk_per_trade_max", "vol_target", "daily_loss_max", "drawdown_max",
    "stop_atr", "target_atr", "trail_atr", "trail_pct", "earnings_blackout_sessions",
)  # fmt: skip
NEVER_ASKED: Final = ("volume_share_max", "correlation_max", "charges_of_gain_max",
                      "charges_of_ticket_max", "cooling_off_sessions")  # fmt: skip
SURE_FALL: Final = 0.15  # least risk beyond this fall is no least risk
BOLD_FALL: Final = 0.05  # most profit within this fall cannot be had
INVESTED_MIN: Final = 0.30


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the talk came to, ready to be signed; `log` is what was said and what is assumed."""

    mandate: Mandate
    funding: FundingPlan
    summary: str
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that nobody said, in words, with why it stands."""

    key: str
    label: str
    words: str
    why: str

    def __str__(self) -> str:
        return f"{self.label.lower()} {self.words}"

    @property
    def is_usual(self) -> bool:
        """Whether it stands for no other reason than the aim."""
        return self.why.startswith("usual for")


def disagreements(draft: Draft) -> list[str]:
    """Answers that cannot all hold, one sentence each, with both numbers."""
    given = draft["answers"]
    try:
        found = [f"{one}." for one in _contradicting(draft)]
    except BadInput as wrong:
        found = [f"{wrong}."]
    aim, fall = given.get("objective"), given.get("drawdown_max")
    if fall is not None and aim == "risk minimized" and fall > SURE_FALL:
        found.append(f"least risk, and yet a fall of {pct(fall)}; cut one of them.")
    if fall is not None and aim == "max profit" and fall < BOLD_FALL:
        found.append(f"most profit, and yet a fall of at most {pct(fall)}; relax one of them.")
    return found + _money_disagreements(draft) + _trading_disagreements(draft)


def _contradicting(draft: Draft) -> list[str]:
    """What the mandate itself finds wrong, as sentences without the account's id."""
    try:
        mandate_of(draft, version=1, signed_at=UNSIGNED)
    except BadInput as first:
        return [str(first).split(": ", 1)[-1]]
    return []


def _money_disagreements(draft: Draft) -> list[str]:
    given, found = draft["answers"], []
    lump = Money(given.get("lump_sum") or 0)
    for key, name in (("cash_floor", "in cash"), ("buffer", "in the buffer")):
        kept = given.get(key)
        if lump and kept and kept >= lump.paise:
            found.append(
                f"{short(Money(kept))} must stay {name} and {short(lump)} is all there is; "
                "lower the floor."
            )
    ticket, weight = given.get("ticket_min"), given.get("position_weight_max")
    if lump and ticket and weight and ticket > lump.paise * weight:
        found.append(
            f"the smallest trade is {short(Money(ticket))} and one share may weigh "
            f"{pct(weight)} ({worth_of(weight, lump)}); cut the first or raise the second."
        )
    parts = given.get("tranches")
    if parts and parts["by"] == "date" and parts["parts"] > given.get("horizon_months", 600):
        found.append(
            f"{parts['parts']} monthly parts and a horizon of {given['horizon_months']} months; "
            "cut the parts or stay longer."
        )
    return found


def _trading_disagreements(draft: Draft) -> list[str]:
    given, found = draft["answers"], []
    count, weight = given.get("positions_max"), given.get("position_weight_max")
    if count and weight and count * weight < INVESTED_MIN:
        found.append(
            f"{count} positions of at most {pct(weight)} invest {pct(count * weight)} only; "
            "allow more or larger ones."
        )
    stop, target = given.get("stop_atr"), given.get("target_atr")
    if stop and target and target < stop:
        found.append(f"a stop of {stop:g} ATR and a target of {target:g} ATR risk more than they "
                     "can win; move one of them.")  # fmt: skip
    months = given.get("instalment_months")
    if months and months > given.get("horizon_months", 600):
        found.append(
            f"instalments for {months} months and a horizon of {given['horizon_months']} months; "
            "cut the first or raise the second."
        )
    return found


def finish(
    draft: Draft,
    *,
    version: int,
    signed_at: datetime,
    starts_on: date,
    standing: Mandate | None = None,
) -> Outcome:
    """The mandate and funding plan of a complete draft.

    Args:
        standing: the mandate that stands; rules no question speaks of stay as they are in it.

    Raises:
        BadInput: a question is open, or answers disagree.
    """
    open_ones = [BY_KEY[question.needs[0]].label for question in open_questions(draft)]
    name = draft["account_name"]
    if open_ones:
        raise BadInput(f"{name}: {len(open_ones)} questions are open: {', '.join(open_ones)}")
    wrong = disagreements(draft)
    if wrong:
        raise BadInput(f"{name}: {wrong[0]}")
    mandate = mandate_of(draft, version=version, signed_at=signed_at)
    if standing is not None:
        kept: dict[str, Any] = {name: getattr(standing, name) for name in NEVER_ASKED}
        mandate = replace(mandate, **kept)
    funding = funding_of(draft, version=version, starts_on=starts_on)
    log = (*draft["log"], *(f"Assumed: {one} ({one.why})." for one in assumptions(draft)))
    return Outcome(mandate, funding, summary(draft, mandate, funding), log)


def assumptions(draft: Draft) -> list[Assumption]:
    """Every value that nobody said, of the questions that are closed, with why it stands."""
    stands = settled(draft)
    closed = {question.key for question in QUESTIONS if is_closed(question, draft)}
    lines = []
    for field in FIELDS:
        if field.key in draft["answers"] or not applies(field.key, draft):
            continue
        value = assumed(field.key, draft, stands)
        if OF_FIELD[field.key].key in closed and value is not None:
            words = worded(field.key, value, capital_of(draft))
            lines.append(Assumption(field.key, field.label, words, why(field.key, value, draft)))
    return lines


def why(key: str, value: Any, draft: Draft) -> str:
    """Why an assumed value stands."""
    if key in ("tranches", "buffer", "preferred", "banned", "lump_sum", "instalment"):
        return "nothing else was said"
    if key == "instalment_months":
        return "as long as the horizon"
    if value != usual(key, draft):
        return f"usual is {worded(key, usual(key, draft), None)}, fitted to what you said"
    return f"usual for {aim_of(draft)}"


def settled(draft: Draft) -> Mandate | None:
    """The mandate as it would stand now, None while answers contradict each other."""
    try:
        return mandate_of(draft, version=1, signed_at=UNSIGNED)
    except BadInput:
        return None


def summary(draft: Draft, mandate: Mandate, funding: FundingPlan) -> str:
    """One paragraph with the rules worked out in rupees of the money named."""
    m, capital = mandate, capital_of(draft) or ZERO
    banned = worded("banned", draft["answers"].get("banned", []), capital)
    sizes = " and ".join(sorted(m.cap_classes))
    trail = f"{pct(m.trail_pct)}" if m.trail_pct else f"{m.trail_atr:g} ATR"
    liked = ", ".join(sorted(m.sectors_preferred))
    first = f" {liked} goes first among equals." if liked else ""
    return (
        f"{draft['account_name']} aims for {m.objective} over {m.horizon_months} months. "
        f"{_money_words(draft, funding)} A trade may lose "
        f"{_worked(m.risk_per_trade_max, capital)}, a day {_worked(m.daily_loss_max, capital)} "
        f"before buying stops; {_worked(m.drawdown_max, capital)} under the peak everything new "
        f"is cancelled. It holds at most {m.positions_max} shares of {sizes} companies, one of "
        f"them at most {_worked(m.position_weight_max, capital)}, one sector at most "
        f"{_worked(m.sector_weight_max, capital)}. Excluded: {banned}.{first} "
        f"{rupees(m.cash_floor, digits=0)} always stays in cash. It trades "
        f"{' and '.join(sorted(m.strategies))} {m.holding} in shares that turn over "
        f"{short(m.turnover_min)} a day, buys nothing {m.earnings_blackout_sessions} sessions "
        f"before results, and stops at {m.stop_atr:g} ATR with a trail of {trail}."
    )


def _worked(fraction: float, capital: Money) -> str:
    """`₹7,500 = 1.50 % of ₹5,00,000`."""
    return f"{worth_of(fraction, capital)} = {pct(fraction)} of {rupees(capital, digits=0)}"


def _money_words(draft: Draft, funding: FundingPlan) -> str:
    comes = []
    if funding.lump_sum:
        parts = draft["answers"].get("tranches")
        how = f", in {worded_parts(parts)}" if parts and parts["parts"] > 1 else " now"
        comes.append(f"{short(funding.lump_sum)} comes in{how}.")
    if funding.instalment:
        comes.append(
            f"{short(funding.instalment)} comes in on day {funding.day_of_month} of each month "
            f"for {funding.months} months."
        )
    if funding.buffer:
        comes.append(f"{short(funding.buffer)} stays in the emergency buffer.")
    return " ".join(comes)


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
