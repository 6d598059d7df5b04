"""Each no says its own reason with the two numbers that decided it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from core.desk.decide import decide
from core.desk.stages import Case
from core.desk.why_not import like_it_lost, not_bought, uncovered
from core.domain.account import Account, LoginMode
from core.domain.event import EventType, Stance, TaggedEvent
from core.domain.research import Prediction
from core.domain.signal import FeatureRow, MetaLabel, Probability, Regime, Signal
from core.signals.playbook import DRIFTING
from core.signals.primary import RISING
from core.store.decisions import first_words
from tests.made import MIDCO, a_mandate

AT = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
COST = 0.0025


def a_tag(stance: Stance = Stance.POSITIVE) -> TaggedEvent:
    return TaggedEvent(
        event_id="ev1", isin="INE111A01011", symbol="MIDCO", event_type=EventType.ORDER_WIN,
        stance=stance, impact=0.5, confidence=0.9, matched=("wins an order",), known_at=AT,
    )  # fmt: skip


def odds(p: float, n: int = 142) -> Probability:
    return Probability(p, max(0.0, p - 0.05), min(1.0, p + 0.05), n)


def a_signal(**changes: object) -> Signal:
    made = Signal(
        isin="INE111A01011", symbol="MIDCO", as_of=AT, strategy="momentum",
        direction=0, edge=-0.001, horizon_sessions=10, target_first=odds(0.45),
        stop_first=odds(0.4), time_exit=odds(0.15), base_rate=0.412, has_vote=True,
        model_version="m1", reasons=(),
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def features(*values: float) -> FeatureRow:
    given = (*values, 0.05, 0.05, 0.05)[: len(RISING)]
    return FeatureRow("INE111A01011", AT, RISING, given, "f1", "print")


def said(signal: Signal, row: FeatureRow | None = None, tag: TaggedEvent | None = None) -> str:
    return not_bought(signal, features=row or features(), tag=tag, cost=COST)


def test_an_edge_below_the_cost_names_the_move_and_the_cost():
    # 0.15 % expected before a round trip of 0.25 % leaves -0.10 %
    assert said(a_signal()) == (
        "MIDCO: no edge after costs: a move of +0.15 % is expected and a round trip costs 0.25 %"
    )


def test_an_edge_with_a_usual_target_names_the_two_probabilities_and_not_the_costs():
    assert said(a_signal(edge=0.004, target_first=odds(0.397))) == (
        "MIDCO: target no likelier than usual: it comes first in 39.7 % of like cases and in "
        "41.2 % of all"
    )


@pytest.mark.parametrize("edge", [-0.001, 0.004])
def test_under_thirty_cases_no_percentage_is_said(edge: float):
    words = said(a_signal(edge=edge, target_first=odds(0.397, n=29)))
    assert "%" not in words
    assert words.endswith("too few like cases for a percentage, 29 of 30")


def test_a_fall_is_said_as_one():
    assert said(a_signal(direction=-1, edge=-0.02)) == (
        "MIDCO: leans down: a move of −2.00 % after costs is expected, and a delivery desk only "
        "buys"
    )


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        (replace(a_tag(), impact=0.2), "impact 0.20, and it wants 0.30 or more"),
        (replace(a_tag(), confidence=0.35), "confidence 0.35, and it wants 0.40 or more"),
        (a_tag(Stance.NEGATIVE), "leans down, and a delivery desk only buys"),
        (a_tag(Stance.NEUTRAL), "leans neither way"),
    ],
)
def test_without_a_vote_the_rule_says_what_the_news_lacks(tag: TaggedEvent, words: str):
    found = said(a_signal(has_vote=False, edge=0.0), tag=tag)
    assert words in found and "edge" not in found and "costs" not in found


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((-0.032,), "12-month return without the last month −3.20 %, and it wants more than 0.00"),
        ((float("nan"),), "12-month return without the last month not known, and it wants more"),
        ((0.1, -0.01), "distance to the 50-session average −1.00 %"),
    ],
)
def test_without_a_vote_the_rule_says_what_does_not_rise(values: tuple[float, ...], words: str):
    found = said(a_signal(has_vote=False, edge=0.0), features(*values))
    assert words in found and found.startswith("MIDCO: not rising by the plain rule")


def a_label(p: float, n: int = 142) -> MetaLabel:
    return MetaLabel(
        right=odds(p, n), has_vote=True, regime=Regime.BULL, regime_score=0.5,
        liquidity_score=0.5, crowding_score=0.5, timing_score=0.5, breakeven=0.414,
    )  # fmt: skip


def test_like_signals_that_lost_are_held_against_where_they_break_even():
    assert like_it_lost("MIDCO", a_label(0.386)) == (
        "MIDCO: signals like this one do not pay: they are right in 38.6 % of cases, and 41.4 % "
        "is where they break even"
    )
    assert "%" not in like_it_lost("MIDCO", a_label(0.386, n=12))


def test_a_playbook_is_missing_for_the_market_or_for_the_kind_of_news():
    assert uncovered(None, Regime.BEAR) == (
        "a scan is traded in a bull or sideways market, and this one is bear"
    )
    never = next(kind for kind in EventType if kind not in DRIFTING)
    assert uncovered(replace(a_tag(), event_type=never), Regime.BULL) == (
        f"none of the 3 playbooks covers news of {never}, in any market"
    )


def test_the_days_report_counts_the_two_refusals_of_a_model_apart():
    costly, usual = a_signal(), a_signal(edge=0.004, target_first=odds(0.397))
    assert first_words(said(costly)) != first_words(said(usual))
    other = replace(costly, symbol="TCS", edge=-0.002)
    assert first_words(said(costly)) == first_words(said(other))


@pytest.mark.parametrize(
    ("edge", "p", "words"),
    [
        (-0.001, 0.45, "no edge after costs: a move of +0.15 % is expected"),
        (0.004, 0.397, "target no likelier than usual: it comes first in 39.7 %"),
    ],
)
def test_a_decision_carries_the_sentence_that_is_true_of_it(edge: float, p: float, words: str):
    prediction = Prediction(
        isin=MIDCO.isin, symbol="MIDCO", as_of=AT, model_version="m1", direction=0, edge=edge,
        horizon_sessions=10, target_first=odds(p), stop_first=odds(0.4), time_exit=odds(0.15),
        base_rate=0.412, has_vote=True, words=(),
    )  # fmt: skip
    known = SimpleNamespace(
        at=AT, feature_row=lambda _: features(), prediction=lambda _: prediction,
        reasons=lambda _: (), round_trip_cost=COST, mandate=lambda _: a_mandate(),
    )  # fmt: skip
    case = Case(MIDCO, Account("event", "Event tactical", "paper", AT), LoginMode.PAPER)
    made = decide(known, case)  # type: ignore[arg-type]
    assert made.refused_by == "signal" and made.reason.startswith(f"MIDCO: {words}")
