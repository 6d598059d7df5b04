from datetime import date

import pytest

from core.domain.account import (
    Broker,
    BrokerLogin,
    FundingKind,
    FundingPlan,
    LoginMode,
    Market,
    refuse_live,
)
from core.domain.money import ZERO, Money
from core.errors import BadInput


def plan(**changes: object) -> FundingPlan:
    terms = {
        "account_id": "sip",
        "version": 1,
        "kind": FundingKind.SIP,
        "lump_sum": ZERO,
        "instalment": Money.rupees(10_000),
        "day_of_month": 5,
        "starts_on": date(2026, 8, 1),
        "months": 12,
    }
    return FundingPlan(**(terms | changes))


def test_the_paper_broker_moves_no_real_money():
    with pytest.raises(BadInput, match="cannot hold a LIVE login"):
        BrokerLogin(id="p", broker=Broker.PAPER, mode=LoginMode.LIVE, label="Paper")


@pytest.mark.parametrize("market", Market)
def test_a_live_login_stands_only_under_a_live_store(market: Market):
    login = BrokerLogin(id="z", broker=Broker.ZERODHA, mode=LoginMode.LIVE, label="Zerodha")
    if market is Market.LIVE:
        refuse_live(login, market)
    else:
        with pytest.raises(BadInput, match=f"LIVE login and this store is stamped {market}"):
            refuse_live(login, market)
    paper = BrokerLogin(id="z", broker=Broker.ZERODHA, mode=LoginMode.PAPER, label="Zerodha")
    refuse_live(paper, market)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"buffer": Money(-1)}, "cannot be negative"),
        ({"day_of_month": 32}, "instalment day 32 must be 1 to 31"),
        ({"instalment": ZERO}, "a SIP plan needs an instalment above ₹0"),
    ],
)
def test_a_funding_plan_cannot_hold_nonsense(change: dict[str, object], words: str):
    with pytest.raises(BadInput, match=words):
        plan(**change)


def test_a_lump_sum_needs_no_instalment():
    once = plan(kind=FundingKind.LUMP_SUM, instalment=ZERO, day_of_month=0)
    assert once.instalment == ZERO
