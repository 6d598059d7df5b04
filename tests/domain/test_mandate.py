from datetime import timedelta

import pytest

from core.domain.mandate import Holding, Mandate, contradictions
from core.domain.money import Money
from core.errors import BadInput
from tests import made
from tests.made import T0


def a_mandate(**changes: object) -> Mandate:
    """10 % a position in 25 % a sector, 0.75 % a trade, 2 % a day, 12 % in all."""
    return made.a_mandate(**{"daily_loss_max": 0.02, "drawdown_max": 0.12, **changes})


def test_a_sound_mandate_has_no_contradiction():
    assert contradictions(a_mandate(signed_at=T0 + timedelta(days=1))) == []


def test_shorts_are_left_out_unless_said_and_held_within_the_day_only():
    assert not a_mandate().shorts
    assert a_mandate(holding=Holding.DAY, shorts=True).shorts


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"position_weight_max": 0.0}, r"position weight 0\.00% must be above 0%"),
        ({"position_weight_max": 0.30}, r"one position may be 30\.0% but its sector only 25\.0%"),
        ({"sector_weight_max": 1.01}, r"sector weight 101\.00% must .* at most 100%"),
        ({"gross_exposure_max": -0.1}, r"gross exposure -10\.00%"),
        ({"risk_per_trade_max": 0.11, "daily_loss_max": 0.12}, r"risk per trade 11\.00%"),
        ({"risk_per_trade_max": 0.03}, r"one trade may lose 3\.00% but the day only 2\.00%"),
        ({"daily_loss_max": 0.13}, r"a day may lose 13\.0% but the whole drawdown is 12\.0%"),
        ({"drawdown_max": 0.9}, r"drawdown 90\.00% must .* at most 80%"),
        ({"vol_target": 0.0}, r"volatility target 0\.00%"),
        ({"volume_share_max": 0.5}, r"share of a day's volume 50\.00%"),
        ({"positions_max": 0}, "0 positions cannot hold a trade"),
        ({"horizon_months": 0}, "a horizon of 0 months is too short"),
        ({"stop_atr": 0.0}, r"stop 0\.0 and target 3\.0 ATR must both be above 0"),
        ({"target_atr": -1.0}, r"stop 2\.0 and target -1\.0 ATR"),
        ({"cash_floor": Money(-1)}, "cash floor −₹0.01"),
        ({"ticket_min": Money(-1)}, "cannot be negative"),
        (
            {"sectors_banned": frozenset({"Power"}), "sectors_preferred": frozenset({"Power"})},
            "Power is both banned and preferred",
        ),
        ({"shorts": True}, "sold short but positions are held over nights; .* within the day"),
        ({"cap_classes": frozenset()}, "no size class is allowed"),
        ({"strategies": frozenset()}, "no strategy is allowed"),
    ],
)
def test_rules_that_cannot_all_hold_are_refused_with_their_numbers(
    change: dict[str, object], words: str
):
    with pytest.raises(BadInput, match=rf"Mandate of tactical: .*{words}"):
        a_mandate(**change)
