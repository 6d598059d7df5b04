"""What an intake talk came to: mandate, funding plan, one paragraph, and all that was assumed.

Rules that were not asked keep what is usual for the aim, and the log says so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from core.domain.account import FundingPlan
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.domain.words import pct, rupees, short
from core.errors import BadInput
from core.mandates.conflicts import disagreements
from core.mandates.fields import BY_KEY, FIELDS
from core.mandates.from_answers import funding_of, mandate_of, settled
from core.mandates.intake_words import (
    Draft,
    aim_of,
    applies,
    assumed,
    beside_of,
    capital_of,
    in_words,
    is_closed,
    open_questions,
    usual,
    worded,
    worth_of,
)
from core.mandates.questions import OF_FIELD, QUESTIONS
from core.mandates.tranches import worded_parts

NEVER_ASKED: Final = ("volume_share_max", "correlation_max", "charges_of_gain_max",
                      "charges_of_ticket_max", "cooling_off_sessions")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the talk came to, ready to be signed; `log` is what was said and what is assumed.

    `counts_cash` says whether the cash that lies in the account pays the lump sum; None where it
    was not spoken of, because there was none or no sum.
    """

    mandate: Mandate
    funding: FundingPlan
    counts_cash: bool | None
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
        raise BadInput(f"{name}: {' '.join(wrong)}")
    mandate = mandate_of(draft, version=version, signed_at=signed_at)
    if standing is not None:
        kept: dict[str, Any] = {name: getattr(standing, name) for name in NEVER_ASKED}
        mandate = replace(mandate, **kept)
    funding = funding_of(draft, version=version, starts_on=starts_on)
    log = (*draft["log"], *(f"Assumed: {one} ({one.why})." for one in assumptions(draft)))
    told = summary(draft, mandate, funding)
    return Outcome(mandate, funding, draft["answers"].get("counts_cash"), told, log)


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
            words = in_words(draft, field.key, value)
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
        how = " now"
        if parts and parts["parts"] > 1:
            how = (": " if "rows" in parts else ", in ") + worded_parts(parts)
        comes.append(f"{short(funding.lump_sum)} comes in{how}.")
        if "counts_cash" in draft["answers"]:
            counts = draft["answers"]["counts_cash"]
            comes.append(f"In the account lies {in_words(draft, 'counts_cash', counts)}.")
    if funding.instalment:
        comes.append(
            f"{short(funding.instalment)} comes in on day {funding.day_of_month} of each month "
            f"for {funding.months} months."
        )
    if funding.buffer:
        comes.append(f"{short(funding.buffer)} stays in the emergency buffer.")
    beside = beside_of(draft)
    if beside:
        comes.append(beside)
    return " ".join(comes)
