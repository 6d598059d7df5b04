"""The figures `python -m tests.bench.show_actions` prints, held to their bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pytest

from core.market.adjust import rights_divisor
from core.panel import Panel
from tests.bench.show_actions import ANNOUNCED, inferred, panels, rebuilt

pytestmark = pytest.mark.realdata
Raw = Sequence[tuple[Panel, dict[str, str]]]

# the vendor cut these days short or folded an evening's session into them
OTHER_CLOSES = {
    date(2017, 1, 11),
    date(2017, 7, 10),
    date(2019, 10, 25),
    date(2021, 2, 24),
    date(2023, 11, 12),
}


@pytest.fixture(scope="module")
def raw(real_files) -> Raw:
    return panels(real_files)


def test_closes_rebuilt_from_raw_ones_agree_with_the_adjusted_set(real_files, raw: Raw):
    found = rebuilt(real_files, raw)
    assert (found.closes, found.symbols) == (96_077, 60)
    assert {symbol for symbol, _, _ in found.lacking} == {"GRASIM", "MOTHERSON", "RELIANCE"}
    left = [one for one in found.off if one[:2] not in found.explained]
    assert {day for _, day, _ in left} == OTHER_CLOSES and len(left) <= 61


def test_the_rights_that_the_list_lacks_are_the_ones_nses_formula_gives(real_files, raw: Raw):
    lacking = {symbol: ratio for symbol, _, ratio in rebuilt(real_files, raw).lacking}
    # ratio and issue price as the companies announced them; cum closes from the raw panel
    for symbol, new, old, issue, last in (
        ("RELIANCE", 1, 15, 1257.0, date(2020, 5, 12)),
        ("GRASIM", 6, 179, 1812.0, date(2024, 1, 9)),
    ):
        panel, names = raw[1]
        column = next(panel.column(isin) for isin, name in names.items() if name == symbol)
        cum = float(panel.close[panel.sessions.index(last), column])
        ours = rights_divisor(new, old, cum=cum, issue=issue)
        assert ours == pytest.approx(lacking[symbol], abs=2e-4)


def test_prices_alone_suggest_the_listed_events_and_little_else(real_files, raw: Raw):
    found = inferred(real_files, raw)
    assert len(found.hit) >= 45 and len(found.hit) + len(found.missed) == 51
    # what is missed is smaller than a usual overnight move of the share
    assert all(event.divisor < 1.25 for _, event in found.missed)
    assert all(
        guess.divisor == pytest.approx(event.divisor, rel=1e-3) for _, event, guess in found.hit
    )
    unknown = [one for one in found.outside if (one[0], one[1].ex_date) not in ANNOUNCED]
    assert len(unknown) / found.symbol_years < 0.005
    assert Counter(symbol for symbol, _ in unknown)["JPPOWER"] == 1
