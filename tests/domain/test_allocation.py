import pytest

from core.domain.order import Side
from tests.made import BRACKET, SHORT, rs


def test_a_bracket_whose_stop_stands_above_its_target_is_of_a_short_sale():
    assert BRACKET.side is Side.BUY
    assert SHORT.side is Side.SELL


def test_the_risk_of_a_buy_runs_from_the_band_top_down_to_the_stop():
    # 505 - 480 = 25 a share; 540 - 505 = 35 to the target
    assert BRACKET.worst_entry == rs(505)
    assert BRACKET.risk_per_share == rs(25)
    assert BRACKET.reward_to_risk == pytest.approx(35 / 25)


def test_the_risk_of_a_short_runs_from_the_band_foot_up_to_the_stop():
    # 520 - 495 = 25 a share; 495 - 460 = 35 to the target
    assert SHORT.worst_entry == rs(495)
    assert SHORT.risk_per_share == rs(25)
    assert SHORT.reward_to_risk == pytest.approx(35 / 25)
