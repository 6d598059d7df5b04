"""The failover drill holds: breakers end right, nobody storms, an old answer carries its age."""

from __future__ import annotations

import pytest

from tests.bench.drill import QUESTIONS, cascade, drill
from tests.providers.contract import ATTEMPTS, REQUESTS_MAX

OPENS = ("slow", "dead", "in trouble", "html", "cut", "negative")


@pytest.mark.parametrize("vendor", ["fyers", "yfinance"])
def test_each_fault_ends_in_the_right_state_and_the_old_answer_serves(vendor: str):
    for line in drill([vendor], (*OPENS, "throttled", "unauthorised")):
        opens = line.fault in OPENS
        assert line.breaker == ("open" if opens else "closed"), line
        most = REQUESTS_MAX.get(vendor, ATTEMPTS)
        assert line.most <= most and line.requests <= max(most, 2 * QUESTIONS), line
        assert line.serves == "cached, 1 day old", line
        assert line.sentence, line


def test_sources_take_over_in_order_and_the_youngest_old_answer_is_last():
    steps = [(source, kept) for _, source, kept, _ in cascade()]
    assert steps[0] == ("kite", "fresh")
    assert steps[1] == ("upstox", "fresh")
    assert steps[2] == ("yfinance", "fresh")
    assert steps[3][0] == "yfinance" and steps[3][1].startswith("cached, 1 day")
    assert steps[4] == ("upstox", "fresh")
