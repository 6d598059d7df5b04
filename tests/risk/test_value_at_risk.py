"""Historical tails."""

import numpy as np
import pytest

from core.errors import BadInput, NoData
from core.risk.value_at_risk import book_returns, historical_tail


def test_the_tail_of_a_hundred_days_is_its_five_worst():
    # losses 1% .. 100% in thousandths: worst five are 0.100 .. 0.096
    returns = -np.arange(1, 101) / 1000
    tail = historical_tail(returns, confidence=0.95)
    assert tail.value_at_risk == pytest.approx(0.096)
    assert tail.expected_shortfall == pytest.approx(0.098)
    assert tail.days == 100


def test_a_book_that_never_lost_has_no_tail():
    tail = historical_tail(np.full(100, 0.01))
    assert (tail.value_at_risk, tail.expected_shortfall) == (0.0, 0.0)


def test_book_returns_weigh_and_leave_out_sessions_with_gaps():
    returns = np.array([[0.10, 0.0, np.nan], [np.nan, 0.02, 0.0], [0.0, -0.04, np.nan]])
    book = book_returns(returns, np.array([0.5, 0.25, 0.0]))
    assert book == pytest.approx([0.05, -0.01])


def test_wrong_shapes_short_history_and_odd_confidence_are_refused():
    with pytest.raises(BadInput, match="cannot meet 2 weights"):
        book_returns(np.zeros((3, 3)), np.zeros(2))
    with pytest.raises(NoData, match="needs 60 days"):
        historical_tail(np.zeros(10))
    with pytest.raises(BadInput, match="confidence of"):
        historical_tail(np.zeros(100), confidence=0.2)
