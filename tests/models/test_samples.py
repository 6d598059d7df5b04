"""What may be learnt from: which cases, and what each of them counts for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.features.compute import compute
from core.models.barriers import UNKNOWN, Labels, label, uniqueness
from core.models.samples import APART, THIN, sample, training_cases
from tests.models.made import noise


@pytest.fixture(scope="module")
def made():
    panel = noise(seed=4, shares=3, sessions=200)
    return compute(panel), label(panel)


def counted_one_by_one(spans: list[tuple[int, int]]) -> list[float]:
    """López de Prado's snippets 4.1 and 4.2 with two plain loops: first and last session each."""
    spanning = {
        day: sum(first <= day <= last for first, last in spans)
        for first, last in spans
        for day in range(first, last + 1)
    }
    return [
        float(np.mean([1.0 / spanning[day] for day in range(first, last + 1)]))
        for first, last in spans
    ]


def test_uniqueness_equals_the_books_count_of_labels_at_work():
    rng = np.random.default_rng(9)
    outcome = np.where(rng.random((120, 2)) < 0.6, 1, UNKNOWN).astype(np.int8)
    ends = (np.arange(120)[:, None] + rng.integers(1, 11, (120, 2))).astype(np.int32)
    outcome[ends > 119] = UNKNOWN
    found = uniqueness(Labels(outcome, np.zeros((120, 2)), ends))
    for share in (0, 1):
        place = np.flatnonzero(outcome[:, share] != UNKNOWN)
        spans = [(int(at) + 1, int(ends[at, share])) for at in place]
        assert found[place, share].tolist() == pytest.approx(counted_one_by_one(spans))


def test_a_label_shares_its_span_with_the_labels_learnt_from_and_with_no_other(made):
    features, labels = made
    chosen = training_cases(features, labels, until=180)
    past = sample(features, labels, until=180)
    weights = np.zeros(len(past))
    for share in range(3):
        place = np.flatnonzero(chosen[:, share])
        spans = [(int(at) + 1, int(labels.ends[at, share])) for at in place]
        weights[past.cases.share == share] = counted_one_by_one(spans)
    assert past.weight.tolist() == pytest.approx((weights / weights.mean()).tolist())


def test_labels_that_come_later_change_no_weight(made):
    features, labels = made
    later = replace(labels, outcome=labels.outcome.copy(), ends=labels.ends.copy())
    later.outcome[150:], later.ends[150:] = UNKNOWN, -1
    before = sample(features, labels, until=150)
    np.testing.assert_array_equal(before.weight, sample(features, later, until=150).weight)


def test_every_third_session_is_learnt_from_and_only_what_ended_an_embargo_before(made):
    features, labels = made
    place, share = np.nonzero(training_cases(features, labels, until=150))
    assert set((place % THIN).tolist()) == {0}
    assert labels.ends[place, share].max() < 150 - APART
