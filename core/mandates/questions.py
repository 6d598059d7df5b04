"""The eight questions of the intake talk: what each asks for, and what closes it.

`needs` must be said or a suggestion taken; what else a question could fill and nobody said is
assumed, marked as such and named in the talk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `again` is said when an answer fits nothing, `why` when somebody asks why.

    Attributes:
        needs: fields of which one must be said; all of them are what `suggest` offers first.
        more: further fields it may fill.
        only_you: nobody else can say it, so nothing is suggested or assumed.
        each: what is asked of each field alone, for when others of them were said before.
    """

    key: str
    ask: str
    again: str
    example: str
    why: str
    needs: tuple[str, ...]
    more: tuple[str, ...] = ()
    only_you: bool = False
    each: tuple[tuple[str, str], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field it may fill."""
        return self.needs + self.more


QUESTIONS: Final[tuple[Question, ...]] = (
    Question(
        "goal",
        "What is this account for: max profit, balanced, or risk minimized?",
        "Which is nearest: max profit, balanced, or risk minimized?",
        "balanced",
        "The aim decides how shares are ranked and what is usual where you say nothing.",
        ("objective",),
        only_you=True,
    ),
    Question(
        "horizon",
        "When might you need the money back?",
        "For how long, in months or years? For example: two years.",
        "in two years",
        "Trades that need longer than the money can stay are not proposed.",
        ("horizon_months",),
    ),
    Question(
        "money",
        "How much goes in and how: a sum now, a sum each month, or both? A sum now may come in "
        "parts.",
        "How many rupees? For example: 5 lakh now, or ₹25,000 a month, or both.",
        "5 lakh now in 3 parts, one each month, and ₹25,000 a month on the 5th",
        "Percentages are worked out on this money, and the funding plan asks for it when due.",
        ("lump_sum", "instalment"),
        ("tranches", "day_of_month", "instalment_months", "buffer"),
        only_you=True,
    ),
    Question(
        "pain",
        "What loss is too much: how far may it fall under its peak, and how much may a day and a "
        "single trade lose?",
        "In percent or rupees, how far may it fall under its peak?",
        "10% in all, 1.5% a day, 0.75% a trade",
        "At the fall everything new is cancelled, at the day's loss buying stops, and each trade "
        "is sized so that its stop loses no more.",
        ("drawdown_max",),
        ("daily_loss_max", "risk_per_trade_max", "vol_target"),
    ),
    Question(
        "positions",
        "How many shares at once, and how much may one share and one sector weigh?",
        "How many shares at once, as one number? For example: 12.",
        "12 shares, 10% in one, 25% in a sector",
        "Fewer positions mean that one of them hurts more.",
        ("positions_max", "position_weight_max", "sector_weight_max"),
        ("gross_exposure_max", "ticket_min"),
        each=(
            ("positions_max", "how many shares at once"),
            ("position_weight_max", "how much may one share weigh"),
            ("sector_weight_max", "how much may one sector weigh"),
        ),
    ),
    Question(
        "sectors",
        "Which sectors or shares must it never own, and which should it prefer?",
        "Which sectors or shares? For example: no banks or pharma, prefer IT; or none.",
        "no banks or pharma, prefer IT; or none",
        "What is excluded is never proposed; what is preferred only goes first among equals.",
        ("banned",),
        ("preferred",),
    ),
    Question(
        "companies",
        "Which companies: large, mid or small? How many sessions before results is nothing "
        "bought, how much must a share turn over a day, and how much always stays in cash?",
        "Large, mid or small companies? Name one or more.",
        "large and mid, 2 sessions before results, turnover 5 crore, 50k in cash",
        "Small or thinly traded shares gap through stops, and results move prices over night.",
        ("cap_classes", "earnings_blackout_sessions", "turnover_min", "cash_floor"),
        each=(
            ("cap_classes", "large, mid or small companies"),
            ("earnings_blackout_sessions", "how many sessions before results is nothing bought"),
            ("turnover_min", "how much must a share turn over a day"),
            ("cash_floor", "how much always stays in cash"),
        ),
    ),
    Question(
        "trading",
        "Which strategies: event drift, momentum or both? Held over nights or within the day, "
        "and how far are stop and trail, in ATR?",
        "Event drift, momentum, or both?",
        "both, over nights, stop 2 ATR, trail 2 ATR",
        "ATR is the share's usual day's move; cards' probabilities are measured at a stop of 2 "
        "and a target of 3.",
        ("strategies", "holding", "stop_atr", "trail_atr", "trail_pct"),
        ("target_atr", "shorts"),
        each=(
            ("strategies", "event drift, momentum or both"),
            ("holding", "held over nights or within the day"),
            ("stop_atr", "how far is the stop, in ATR"),
            ("trail_atr", "how far is the trail, in ATR"),
        ),
    ),
)
CASH: Final = Question(
    "cash",
    "Is the cash that lies in the account part of that sum? Yes, it is part of it; no, the sum "
    "comes on top.",
    "Is it part of the sum, or does the sum come on top of it?",
    "yes, it is part of it; or: no, on top",
    "What lies there and counts is not asked for again, and the parts of a lump sum are paid "
    "from it.",
    ("counts_cash",),
    only_you=True,
)
LATER: Final = Question(
    "parts",
    "When do the parts of the lump sum go in? Name each part with its day, its fall in percent or "
    "its event; or say all at once.",
    "Which part goes in when? For example: 4 lakh now, 3 lakh if the nifty falls 5%, 3 lakh in "
    "June.",
    "4 lakh now, 3 lakh if the nifty falls 5%, 3 lakh in June",
    "A part is kept out of the market until its day, fall or event comes.",
    ("tranches",),
)
WHERE_NEEDED: Final = (CASH, LATER)  # asked after the money, and only where it leaves them open
BY_KEY: Final = {question.key: question for question in QUESTIONS + WHERE_NEEDED}
OF_FIELD: Final = {name: question for question in (*QUESTIONS, CASH) for name in question.fields}
