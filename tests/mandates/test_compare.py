from dataclasses import replace

from core.domain.mandate import Objective
from core.domain.money import Money
from core.mandates.compare import Change, changes, worth
from core.mandates.defaults import default_mandate
from tests.made import T0


def test_only_rules_that_differ_are_named_in_their_order():
    before = default_mandate("a", Objective.BALANCED, signed_at=T0)
    after = replace(before, account_id="b", version=7, positions_max=4, risk_per_trade_max=0.005)
    assert changes(before, after) == (
        Change("positions_max", 12, 4),
        Change("risk_per_trade_max", 0.0075, 0.005),
    )
    assert changes(before, replace(before, version=2)) == ()


def test_a_share_of_equity_is_told_in_rupees_and_nothing_else_is():
    # 0.75 % of 20,03,333.33 = 15,025.00 (15024.999975 rounds to the paisa)
    assert worth("risk_per_trade_max", 0.0075, Money(200_333_333)) == Money(1_502_500)
    assert worth("vol_target", 0.18, Money(100)) is None
