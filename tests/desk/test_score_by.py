"""Probabilities held against what came, by group, worked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.desk.desk import calendar_now
from core.desk.score_by import BY, scores
from core.desk.scorecard import EXPIRED, REJECTED, TRADED, WAITING, Fate, unripe
from core.domain.card import Leg
from core.domain.order import Product, Side
from core.domain.research import Hypothesis
from core.domain.signal import Regime
from tests.made import T0, a_card, a_meta_label, a_probability, a_signal, rs


def fate(
    day: int,
    *,
    p: float = 0.4,
    outcome: str = "target",
    what: str = REJECTED,
    left: str | None = "100",
    n: int = 400,
    vote: bool = True,
    side: Side = Side.BUY,
    **changes: object,
) -> Fate:
    """One card written so many days after T0, with a base rate of 30 %."""
    signal = a_signal(target_first=a_probability(p, n=n), base_rate=0.3, has_vote=vote)
    card = a_card(
        f"cd{day}-{what}", written_at=T0 + timedelta(days=day),
        **({"signal": signal, "legs": (Leg(side, 10, Product.CNC),)} | changes),
    )  # fmt: skip
    belief = Hypothesis(
        card_id=card.id, account_id=card.account_id, isin=card.isin, strategy="event drift",
        as_of=card.written_at, p_target=p, n=n, has_vote=vote, entry=rs("505"), stop=rs("480"),
        target=rs("540"), horizon_sessions=10, taken=what == TRADED, outcome=outcome,
    )  # fmt: skip
    return Fate(what, card, belief, rs(left) if outcome and left is not None else None)


def test_what_was_said_stands_beside_what_came_and_the_base_rate_known_then():
    found = [fate(0, p=0.5), fate(1, p=0.4, outcome="stop"), fate(2, p=0.3, outcome="time")]
    row = scores(found, by="model")[0]
    assert (row.key, row.cards, row.n, row.came, row.voted) == ("all", 3, 3, 1, 3)
    assert row.said == pytest.approx(0.4)
    assert row.rate == pytest.approx(1 / 3)
    assert (row.low, row.high) == pytest.approx((0.0615, 0.7923), abs=1e-4)  # Wilson's, 1 of 3
    assert row.brier == pytest.approx((0.5**2 + 0.4**2 + 0.3**2) / 3)
    assert row.brier_base == pytest.approx((0.7**2 + 0.3**2 + 0.3**2) / 3)


def test_two_accounts_cards_on_one_share_and_day_are_one_case_and_both_count_in_rupees():
    found = [fate(0, left="100"), fate(0, what=EXPIRED, left="-40")]
    row = scores(found, by="strategy")[0]
    assert (row.cards, row.n, row.came) == (2, 1, 1)
    assert (row.untraded.n, row.untraded.left, row.untraded.mean) == (2, rs("60"), rs("30"))
    assert row.untraded.size == rs("505") * sum(one.card.qty for one in found)
    assert (row.by_fate[REJECTED].left, row.by_fate[EXPIRED].left) == (rs("100"), rs("-40"))


def test_a_card_on_a_share_held_by_an_earlier_one_counts_no_rupees_again():
    found = [fate(0, left="100"), replace(fate(1, left="90"), again=True)]
    row = scores(found, by="model")[0]
    assert (row.cards, row.n) == (2, 2)
    assert (row.untraded.n, row.untraded.left) == (1, rs("100"))


def test_a_card_is_a_case_once_its_time_is_over_and_counts_in_rupees_before():
    calendar = calendar_now()
    found = [fate(0, left="100"), fate(9, left="50")]
    ends = [calendar.add_sessions(calendar.first_session_from(one.belief.as_of), 10)
            for one in found]  # fmt: skip
    assert unripe(found, calendar, today=ends[0]) == {one.card.id for one in found}
    early = unripe(found, calendar, today=ends[0] + timedelta(days=1))
    assert early == {found[1].card.id}
    row = scores(found, by="model", early=early)[0]
    assert (row.cards, row.n, row.untraded.left) == (2, 1, rs("150"))
    late = replace(found[1], belief=replace(found[1].belief, horizon_sessions=5000))
    assert unripe([late], calendar, today=ends[1] + timedelta(days=1)) == {late.card.id}


def test_a_share_is_one_case_until_it_is_over():
    found = [fate(day) for day in (0, 1, 2, 3)]
    ends = (2, 4, 5, 6)  # the second came before the first was over
    found = [
        replace(one, belief=replace(one.belief, closed_at=T0 + timedelta(days=end)))
        for one, end in zip(found, ends, strict=True)
    ]
    assert scores(found, by="model")[0].n == 2  # days 0 to 2, and 2 to 5
    other = replace(found[1], belief=replace(found[1].belief, isin="INE000000001"))
    assert scores([found[0], other], by="model")[0].n == 2


def test_a_short_sale_and_a_probability_of_few_cases_count_in_rupees_alone():
    short = fate(0, side=Side.SELL, left="70")
    few = fate(1, n=29, left="30")
    row = scores([short, few], by="sector")[0]
    assert (row.cards, row.n, row.said, row.brier, row.brier_base) == (2, 0, None, None, None)
    assert (row.rate, row.low, row.high) == (None, 0.0, 1.0)
    assert row.untraded.left == rs("100")


def test_what_waits_is_left_out_and_what_is_not_over_is_counted_as_open():
    assert scores([fate(0, what=WAITING)], by="model") == ()
    row = scores([fate(0, outcome=""), fate(1, what=TRADED, left="-12.50")], by="model")[0]
    assert (row.cards, row.open, row.n) == (2, 1, 1)
    assert (row.traded.n, row.traded.mean, row.untraded.n) == (1, rs("-12.50"), 0)
    assert row.untraded.mean is None


def test_a_trade_whose_sum_is_not_known_is_no_mean():
    assert scores([fate(0, what=TRADED, left=None)], by="model")[0].traded.n == 0


def test_every_way_of_grouping_finds_its_groups_the_largest_first():
    other = a_signal(model_version="m2", target_first=a_probability(0.5), base_rate=0.3)
    odd = replace(
        fate(2), card=a_card("odd", signal=other, sector="Power", account_name="Core",
                             mandate_version=3, meta_label=a_meta_label(regime=Regime.BEAR)),
    )  # fmt: skip
    odd = replace(odd, belief=replace(odd.belief, card_id="odd", strategy="momentum"))
    found = [fate(0), fate(1), odd]
    groups = {by: [row.key for row in scores(found, by=by)] for by in BY}
    sector = a_card().sector
    assert groups == {
        "model": ["all", "m1", "m2"],
        "strategy": ["all", "event drift", "momentum"],
        "regime": ["all", "bull", "bear"],
        "sector": ["all", sector, "Power"],
        "mandate": ["all", "Event tactical, version 1", "Core, version 3"],
    }
    assert [row.cards for row in scores(found, by="model")] == [3, 2, 1]
