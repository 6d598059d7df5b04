"""How much of a sale may be spent on its own day, by broker and date.

Clearing corporations set the most; a broker may give less. Shares sold before they are in the
demat account, and a day's profit, may be spent at no broker before they settle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.domain.account import Broker

UPFRONT = date(2020, 12, 1)  # SEBI's peak margin, as the brokers' pages date it
EARLY_PAY_IN = date(2024, 10, 7)  # the whole credit on early pay-in, as Zerodha's page dates it


@dataclass(frozen=True, slots=True)
class SaleRule:
    """What holds from a date on; `said` is whose word it is, for the screen."""

    valid_from: date
    spendable: Decimal
    said: str


PART, WHOLE = Decimal("0.80"), Decimal("1.00")
RULES: Mapping[Broker, tuple[SaleRule, ...]] = {
    Broker.PAPER: (),  # checks no cash
    Broker.ZERODHA: (
        SaleRule(UPFRONT, PART, "its support page on unsettled balances"),
        SaleRule(EARLY_PAY_IN, WHOLE, "its support page on unsettled balances"),
    ),
    Broker.UPSTOX: (
        SaleRule(
            UPFRONT,
            PART,
            "its help pages on credit for sale; none says whether the whole is given since "
            f"{EARLY_PAY_IN:%-d %b %Y}, so this careful reading is ours",
        ),
    ),
    Broker.FYERS: (
        SaleRule(UPFRONT, PART, "our reading of the upfront margin on sales"),
        SaleRule(
            EARLY_PAY_IN,
            WHOLE,
            "its support page; the date is our reading, and the quarter that it keeps where the "
            "share is bought back that day is not counted",
        ),
    ),
}


def checks_cash(broker: Broker) -> bool:
    """Whether a broker looks if there is money for an order."""
    return bool(RULES[broker])


def sale_rule(broker: Broker, day: date) -> SaleRule | None:
    """The rule of a broker on a day; None where the whole of a sale may be spent."""
    return next((one for one in RULES[broker][::-1] if one.valid_from <= day), None)


def rule_words(broker: Broker, day: date) -> str:
    """What of a sale may be spent on its day, and whose word that is; empty without a rule."""
    rule = sale_rule(broker, day)
    if rule is None:
        return ""
    whole = rule.spendable == WHOLE
    part = "the whole" if whole else f"{rule.spendable:.0%}"
    rest = "" if whole else " and the rest from the next day on"
    return f"{part} of a sale of settled shares may be spent on its day{rest}: {rule.said}"
