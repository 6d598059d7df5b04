"""Cases that go together are fewer than they look, by hand and on tosses."""

import numpy as np
import pytest
from scipy.stats import binomtest

from core.models.effective import effective, wilson


def test_cases_of_a_block_that_all_go_one_way_count_as_one():
    # 200 blocks of 50, each all true or all false: 200 cases but for Student's t, (1.972 / 1.96)²
    true = np.where(np.arange(200) % 2 == 0, 50.0, 0.0)
    assert effective(true, np.full(200, 50.0)) == pytest.approx(199 / 1.0124, rel=1e-3)


def test_independent_cases_count_as_about_what_they_are():
    rng = np.random.default_rng(3)
    found = [effective(rng.binomial(50, 0.8, 200).astype(float), np.full(200, 50.0))
             for _ in range(40)]  # fmt: skip
    assert np.mean(found) == pytest.approx(10_000, rel=0.1) and max(found) <= 10_000


def test_few_blocks_count_for_less():
    # two blocks: t at 97.5 % with one degree of freedom is 12.706, so (12.706 / 1.96)² = 42.0
    # share 1/2, spread (5² + 5²) / 20² * 2 = 0.25, so 0.25 / 0.25 / 42.0
    found = effective(np.array([0.0, 10.0]), np.array([10.0, 10.0]))
    assert found == pytest.approx(1 / 42.03, rel=1e-3)


@pytest.mark.parametrize(("true", "n"), [([0, 0, 0], 3), ([9, 9, 9], 3), ([4], 1), ([], 0)])
def test_where_all_or_none_came_true_a_block_is_one_case(true, n):
    cases = np.full(len(true), 9.0)
    assert effective(np.array(true, float), cases) == n


def test_blocks_without_a_case_say_nothing():
    true, cases = np.array([2.0, 0.0, 5.0, 0.0]), np.array([5.0, 0.0, 9.0, 0.0])
    assert effective(true, cases) == effective(true[[0, 2]], cases[[0, 2]])


@pytest.mark.parametrize(("hits", "n"), [(0, 12), (8, 10), (80, 100), (100, 100)])
def test_the_interval_is_that_of_scipy_for_whole_numbers(hits, n):
    theirs = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits / n, n) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_no_case_leaves_everything_open():
    assert wilson(0.5, 0.0) == (0.0, 1.0)
