"""Our own parts pass each leak test, and a leak planted in one of them is caught by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from core.desk.desk import calendar_now
from core.domain.leak_record import Verdict
from core.features import plan as plan_file
from core.features.compute import compute
from core.features.table import FEATURES, NAMES, WIDE
from core.models import leaks_columns, leaks_folds, leaks_skill, leaks_time
from core.models.leaks import Columns, Finding, Make, Subject
from core.models.leaks_parts import Parts
from core.models.learners import LEARNERS, lacking
from core.panel import Panel
from tests.features.made_beside import beside_of
from tests.models import planted_leaks as planted
from tests.models.made import noise

LONGER = [one.name for one in FEATURES if one.per != "session"]


def on_trading_days(panel: Panel) -> Panel:
    days = calendar_now().sessions(date(2023, 1, 2), date(2026, 3, 31))
    return replace(panel, sessions=tuple(days[: len(panel.sessions)]))


@pytest.fixture(scope="module")
def ours() -> Subject:
    panel = on_trading_days(noise(seed=1, shares=16))
    beside = beside_of(panel, seed=1)

    def make(some: Panel, names: Any = NAMES) -> Columns:
        found = compute(some, beside=beside.rows(slice(0, len(some.sessions))), names=names)
        return {name: found.column(name) for name in names}

    return Subject("ours", panel, make, calendar_now(), own=True, beside=beside,
                   longer=lambda some: make(some, LONGER))  # fmt: skip


def of_file(make: Make, *, seed: int = 1, parts: Parts | None = None) -> Subject:
    panel = on_trading_days(noise(seed=seed, shares=12, sessions=300))
    return Subject("a file", panel, make, calendar_now(), parts=parts or Parts())


def with_parts(subject: Subject, **parts: Any) -> Subject:
    """The same subject with other parts, keeping what was made and does not come from them."""
    made = {name: subject.__dict__[name] for name in ("whole", "features") if name in vars(subject)}
    other = replace(subject, parts=replace(subject.parts, **parts))
    other.__dict__.update(made)
    if "label" not in parts:
        other.__dict__["labels"] = subject.labels
        if not {"walk", "judge"} & parts.keys():
            other.__dict__["unseen"] = subject.unseen
            other.__dict__["judged"] = subject.judged
        elif "judge" in parts:
            other.__dict__["unseen"] = subject.unseen
    return other


def holds(finding: Finding, name: str) -> None:
    assert finding.verdict is Verdict.PASS, finding.sentence
    assert finding.name == name and finding.figure is not None and finding.sentence


def caught(finding: Finding, *words: str) -> None:
    assert finding.verdict is Verdict.LEAK, finding.sentence
    for word in words:
        assert word in finding.sentence


OWN: dict[str, Callable[[Subject], Finding]] = {
    "truncated": leaks_columns.truncated,
    "shuffled": leaks_columns.shuffled,
    "changed": leaks_columns.changed,
    "split_later": leaks_columns.split_later,
    "weeks": leaks_columns.weeks,
    "listed_later": leaks_columns.listed_later,
    "twice": leaks_columns.twice,
    "renamed": leaks_columns.renamed,
    "ranks": leaks_columns.ranks,
    "market_series": leaks_columns.market_series,
    "scaler": leaks_folds.scaler,
    "selector": leaks_folds.selector,
    "purged": leaks_folds.purged,
    "calibration": leaks_folds.calibration,
    "meta_label": leaks_folds.meta_label,
    "stacker": leaks_folds.stacker,
    "weights": leaks_folds.weights,
    "ranges": leaks_folds.ranges,
    "shifted": leaks_skill.shifted,
    "permuted": leaks_skill.permuted,
    "too_good": leaks_skill.too_good,
    "random": leaks_skill.random_columns,
    "same_bar": leaks_time.same_bar,
    "known_at": leaks_time.known_at,
    "factors": leaks_time.factors,
    "universe": leaks_time.universe,
    "taking_part": leaks_time.taking_part,
}


@pytest.mark.parametrize("name", [name for name in OWN if name != "renamed"])
def test_ours_passes(ours: Subject, name: str):
    holds(OWN[name](ours), name)


@pytest.mark.parametrize("name", ["truncated", "shuffled", "changed", "weeks", "listed_later",
                                  "twice", "renamed", "split_later", "too_good"])  # fmt: skip
def test_an_honest_column_of_a_file_passes(name: str):
    holds(OWN[name](of_file(planted.momentum)), name)


@pytest.mark.parametrize(
    ("name", "make", "column"),
    [
        ("truncated", planted.centred, "centred"),
        ("truncated", planted.over_all, "scaled"),
        ("shuffled", planted.centred, "centred"),
        ("shuffled", planted.week_early, "week"),
        ("changed", planted.centred, "centred"),
        ("changed", planted.over_all, "scaled"),
        ("weeks", planted.week_early, "week"),
        ("split_later", planted.level, "level"),
        ("listed_later", planted.backfilled, "close"),
        ("twice", planted.dice, "dice"),
        ("renamed", planted.favourites, "favourite"),
        ("too_good", planted.centred, "centred with IC"),
    ],
)
def test_a_leaky_column_is_caught_by_name(name: str, make: Make, column: str):
    caught(OWN[name](of_file(make)), column)


def test_a_column_that_comes_and_goes_with_the_future_is_caught():
    def named_by_length(panel: Panel) -> Columns:
        return {f"of_{len(panel.sessions)}": planted.momentum(panel)["momentum"]}

    caught(leaks_columns.truncated(of_file(named_by_length)), "of_300", "now with a number")


def test_ours_know_shares_by_name_through_news_alone_and_are_not_asked(ours: Subject):
    assert leaks_columns.renamed(ours).verdict is Verdict.NOT_ASKED


def test_what_a_file_has_none_of_is_not_asked():
    file = of_file(planted.momentum)
    for check in (leaks_columns.ranks, leaks_columns.market_series):
        assert check(file).verdict is Verdict.NOT_ASKED


def test_a_rank_over_all_sessions_is_caught(ours: Subject):
    caught(leaks_columns.ranks(with_parts(ours, wides=(planted.RANKED,))), "rank_in_all")


def test_a_vix_of_tomorrow_is_caught(ours: Subject, monkeypatch: pytest.MonkeyPatch):
    rest = tuple(one for one in WIDE if one.definition.name != "vix_change_1")
    monkeypatch.setattr(plan_file, "WIDE", (*rest, planted.TOMORROW))
    caught(leaks_columns.market_series(ours), "vix_change_1")


@pytest.mark.slow
@pytest.mark.parametrize("kind", LEARNERS)
def test_every_kind_of_model_is_fitted_inside_its_fold(ours: Subject, kind: str):
    one = LEARNERS[kind]
    if missing := lacking(one):
        pytest.skip(f"{missing} is not installed")
    alone = with_parts(ours, learners=(one,))
    holds(leaks_folds.scaler(alone), "scaler")
    holds(leaks_folds.selector(alone), "selector")


def test_a_scaler_fitted_on_all_is_caught(ours: Subject):
    caught(leaks_folds.scaler(with_parts(ours, fit=planted.scaled_on_all)), "values of the block")


def test_a_selector_fitted_on_all_is_caught(ours: Subject):
    caught(leaks_folds.selector(with_parts(ours, fit=planted.selected_on_all)), "outcomes and")


def test_an_unpurged_walk_is_caught(ours: Subject):
    # a label of ten sessions that starts on the last session before a fold ends nine into it
    finding = leaks_folds.purged(with_parts(ours, training=planted.unpurged))
    caught(finding, "the embargo is 10")
    assert finding.figure == -9


def test_curves_that_saw_their_own_fold_are_caught(ours: Subject):
    caught(leaks_folds.calibration(with_parts(ours, judge=planted.curves_of_all)), "calibrated")


def test_a_blend_that_saw_its_own_fold_is_caught(ours: Subject):
    caught(leaks_folds.calibration(with_parts(ours, blend=planted.blended_by_all)), "its pool by")


def test_meta_labels_that_saw_their_own_fold_are_caught(ours: Subject):
    caught(leaks_folds.meta_label(with_parts(ours, right=planted.right_by_all)), "meta-labels")


def test_weights_of_all_labels_are_caught(ours: Subject):
    caught(leaks_folds.weights(with_parts(ours, weighed=planted.weighed_by_all)), "weights")


def test_ranges_held_against_their_own_moves_are_caught(ours: Subject):
    caught(leaks_folds.ranges(with_parts(ours, ranges=planted.ranges_of_all)), "they have seen it")


@pytest.mark.parametrize("name", ["stacker", "shifted", "permuted", "random"])
def test_a_model_scored_on_what_it_learnt_from_is_caught(ours: Subject, name: str):
    caught(OWN[name](with_parts(ours, walk=planted.in_sample)))


def test_columns_scaled_before_the_walk_are_caught(ours: Subject):
    # each fit scales inside its fold, which `scaler` holds; what is done before all fits it cannot
    walk = planted.scaled_before_the_walk
    caught(leaks_folds.stacker(with_parts(ours, walk=walk)), "later values changed")


def test_a_fill_in_the_bar_that_formed_the_signal_is_caught(ours: Subject):
    caught(leaks_time.same_bar(with_parts(ours, label=planted.at_the_close)), "before it")


def test_news_that_counts_from_when_it_happened_is_caught(ours: Subject):
    caught(leaks_time.known_at(with_parts(ours, news=(planted.at_event_time,))), "before it was")


def test_factors_known_later_are_caught(ours: Subject):
    finding = leaks_time.factors(with_parts(ours, grid=planted.factors_of_hindsight))
    caught(finding, "one known only later divides by 2")


def test_todays_members_in_the_past_are_caught(ours: Subject):
    finding = leaks_time.universe(with_parts(ours, members=planted.today_in_the_past))
    caught(finding, "joined later is among them before", "gone from its past")


@pytest.mark.parametrize("who", [planted.of_all_time, planted.still_there])
def test_who_takes_part_by_hindsight_is_caught(ours: Subject, who: Any):
    caught(leaks_time.taking_part(with_parts(ours, who=who)), "later sessions are taken away")


def test_filtered_states_pass_and_smoothed_ones_are_caught():
    panel = on_trading_days(noise(seed=3, shares=8, sessions=640))
    subject = Subject("ours", panel, planted.momentum, calendar_now(), own=True)
    holds(leaks_time.filtered(subject), "filtered")
    looking_back = replace(subject, parts=Parts(chances=planted.smoothed))
    caught(leaks_time.filtered(looking_back), "smoothed")


def test_states_of_a_short_history_are_not_asked():
    finding = leaks_time.filtered(of_file(planted.momentum))
    assert finding.verdict is Verdict.NOT_ASKED and "300 sessions are too few" in finding.sentence


def test_labels_moved_keep_their_length_and_lose_those_that_would_end_beyond(ours: Subject):
    labels = ours.labels
    shifted = leaks_skill.moved(labels, 100)
    known = shifted.outcome != -128
    rows = np.nonzero(known)[0]
    assert known[:100].any() and (shifted.ends[known] < len(labels.outcome)).all()
    assert set((shifted.ends[known] - rows).tolist()) <= set(range(1, 11))
    np.testing.assert_array_equal(shifted.outcome[150], labels.outcome[50])


def test_a_column_that_is_tomorrows_return_has_a_rank_correlation_of_one():
    rng = np.random.default_rng(0)
    ahead = rng.normal(size=(200, 9))
    ic, se, accuracy = leaks_skill.alone(ahead * 3.0, ahead)
    assert ic == pytest.approx(1.0) and se == pytest.approx(0.0) and accuracy == 1.0
    ic, se, accuracy = leaks_skill.alone(rng.normal(size=(200, 9)), ahead)
    assert abs(ic) < 4 * se and 0.45 < accuracy < 0.55
    assert leaks_skill.alone(np.ones((200, 9)), ahead) == (0.0, 1.0, 0.5)
