"""What the report calls luck, worked by hand, and a report of a small market."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from core.features.compute import compute
from core.models.barriers import UNKNOWN, label
from core.models.sweep import SideBySide
from core.models.walk import Judged, Unseen
from core.panel import Floats
from tests.bench.model_report import trial, year_bounds
from tests.bench.model_report_chance import Nothing, chance_of, luck_of_the_best, shuffled
from tests.bench.model_report_words import written
from tests.models.made import noise, planted

SHARES = 6


def cases(sessions: int) -> Unseen:
    """Every share of every session; the return is the share's number, one in six hits."""
    session, share = np.repeat(np.arange(sessions), SHARES), np.tile(np.arange(SHARES), sessions)
    return Unseen(
        raw=np.empty((len(session), 0)),
        outcome=np.where(share == session % SHARES, 1, -1).astype(np.int8),
        returns=share.astype(np.float64),
        session=session,
        ends=session + 10,
        share=share,
        fold=np.zeros(len(session), np.int64),
    )


def test_a_coin_gives_five_good_blocks_of_five_their_signs_once_in_32():
    panel, found = noise(seed=1, shares=SHARES, sessions=100), cases(100)
    assert chance_of(found, found.returns, panel) == pytest.approx(1 / 32, abs=0.005)
    # in two of five blocks the ranking is upside down: 3 - 2 = 1 or more in 16 of 32 tosses
    turned = np.where(found.session < 40, -found.returns, found.returns)
    assert chance_of(found, turned, panel) == pytest.approx(16 / 32, abs=0.02)


def test_who_ranks_nobody_is_as_good_as_any_coin():
    panel, found = noise(seed=1, shares=SHARES, sessions=100), cases(100)
    assert chance_of(found, np.ones(len(found.session)), panel) == 1.0


def judged(p: Floats, sessions: int) -> Judged:
    base = np.full(len(p), 1 / 6)
    return Judged(cases(sessions), p=p, base=base, alike=base, strong=p > 1)


def test_the_best_of_many_that_know_nothing_is_luck_and_one_that_knows_is_not():
    sessions, rng = 600, np.random.default_rng(3)
    hits = cases(sessions).outcome == 1
    lucky = {
        f"guess {at}": judged(1 / 6 + np.repeat(rng.normal(0, 0.01, sessions), SHARES), sessions)
        for at in range(20)
    }
    assert luck_of_the_best(lucky)[1] > 0.1
    knows = judged(1 / 6 + 0.02 * hits + rng.normal(0, 0.01, len(hits)), sessions)
    assert luck_of_the_best({**lucky, "knows": knows}) == ("knows", pytest.approx(0.0005, abs=4e-4))


def test_the_same_odds_looked_at_twice_are_no_second_try():
    rng = np.random.default_rng(5)
    one = judged(1 / 6 + rng.normal(0.002, 0.01, 600 * SHARES), 600)
    alone, twice = luck_of_the_best({"a": one}), luck_of_the_best({"a": one, "b": one})
    assert alone == twice


def test_the_harder_benchmark_is_the_one_to_be_above():
    hits = cases(600).outcome == 1
    knows = judged(1 / 6 + 0.02 * hits, 600)
    assert luck_of_the_best({"a": replace(knows, alike=knows.p)})[1] > 0.5


def test_shuffled_labels_stay_in_their_session_with_their_returns():
    labels = label(noise(seed=2, shares=12, sessions=120))
    moved = shuffled(labels, seed=1)
    known = labels.outcome != UNKNOWN
    np.testing.assert_array_equal(known, moved.outcome != UNKNOWN)
    assert (moved.outcome != labels.outcome)[known].mean() > 0.3
    for row in np.flatnonzero(known.any(axis=1)):
        before, after = (
            sorted(zip(one.outcome[row, known[row]], one.returns[row, known[row]],
                       one.ends[row, known[row]], strict=True))
            for one in (labels, moved)
        )  # fmt: skip
        assert before == after


def test_folds_begin_with_the_years_from_2021_on():
    first = date(2020, 12, 30)
    days = tuple(first + timedelta(days=step) for step in range(400))
    panel = replace(noise(seed=1, shares=2, sessions=400), sessions=days)
    # 30 and 31 December, then 365 days of 2021: 2022 begins at 367
    assert year_bounds(panel) == [2, 367, 400]


def test_a_report_names_every_model_its_parts_and_what_luck_gives():
    panel, lean = planted(seed=11)
    made = trial(panel, compute(panel, tilt=lean), ["logistic"], SideBySide(workers=1))
    nothing = [Nothing(made.baselines["base"].whole, 0.4)]
    text = written(made, made, nothing, chosen_by="All of them.", about="Fitted by hand.")
    for kind in ("ensemble", "logistic", "base", "momentum", "five"):
        assert f"| {kind} | " in text and f"## {kind} by year and by regime" in text
    assert "Votes on real prices: none" in text and "logistic: rank IC" in text
    assert "2 sets of odds were looked at" in text and "earns a vote 0 times" in text
    assert all(len(line.split("|")) in (1, 9, 11, 14) for line in text.splitlines())
