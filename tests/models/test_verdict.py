"""Probabilities that lie are told from those that do not, and chance is not taken for a lie."""

import numpy as np
import pytest

from core.models.verdict import Verdict, verdict_of

SESSIONS, SHARES = 400, 20


def came(seed: int, *, common: float = 0.0):
    """P from 10 to 50 %, and what came.

    For twenty sessions all chances rise or fall by a common part of themselves, whose deviation is
    `common` at 30 %; what comes is right on average.
    """
    rng = np.random.default_rng(seed)
    session = np.repeat(np.arange(SESSIONS), SHARES)
    p = rng.uniform(0.1, 0.5, len(session))
    reach = np.sqrt(3) * common / 0.3
    tide = rng.uniform(-reach, reach, SESSIONS // 20)[session // 20]
    return p, rng.random(len(p)) < p * (1 + tide), session


def test_odds_that_came_as_said_are_calibrated():
    found = verdict_of(*came(1))
    assert found.calibrated and found.ece < found.chance < 0.03
    assert (found.slope, found.intercept) == (pytest.approx(1, abs=0.1), pytest.approx(0, abs=0.1))


def test_too_wide_a_spread_has_a_slope_below_one_and_is_flagged():
    p, hits, session = came(2)
    wide = np.clip(p + 2 * (p - 0.3), 0.01, 0.99)  # 0.1 becomes 0.01, 0.5 becomes 0.9
    found = verdict_of(wide, hits, session)
    assert not found.calibrated and found.slope < 0.6 and found.ece > 0.1 > found.chance


def test_odds_ten_points_too_high_are_flagged():
    p, hits, session = came(3)
    found = verdict_of(p + 0.1, hits, session)
    assert not found.calibrated and found.ece == pytest.approx(0.1, abs=0.02)
    assert found.intercept < -0.3


def test_a_tide_that_moves_all_shares_is_not_taken_for_a_lie():
    # the same distance that is a lie when cases stand alone is chance when they move together
    flags = [verdict_of(*came(seed, common=0.15)).calibrated for seed in range(20)]
    assert sum(flags) >= 17
    assert all(verdict_of(*came(seed, common=0.15)).chance > 0.02 for seed in range(3))


def test_an_error_below_one_point_is_too_small_to_matter():
    said = {"chance": 0.001, "slope": 0.5, "intercept": 0.0, "slope_se": 0.1, "blocks": 20}
    assert Verdict(ece=0.009, **said).calibrated
    assert not Verdict(ece=0.011, **said).calibrated


@pytest.mark.parametrize(
    ("slope", "flaw"),
    [
        (0.79, "odds are told too far apart: what came has a slope of 0.79 ± 0.10 over them"),
        (0.80, ""),
        (1.20, ""),
        (1.21, "odds are told too close together: what came has a slope of 1.21 ± 0.10 over them"),
        (float("nan"), ""),
    ],
)
def test_a_slope_is_a_flaw_beyond_two_errors_though_the_distance_is_one_of_chance(slope, flaw):
    # 20 blocks: t(97.5 %, 19) = 2.093, so 0.1 of error reaches 0.209 either side of 1
    found = Verdict(0.02, chance=0.03, slope=slope, intercept=0.0, slope_se=0.1, blocks=20)
    assert found.slope_reach == pytest.approx(0.2093, abs=1e-4)
    assert found.flaw.startswith(flaw) and found.calibrated is (flaw == "")


def test_the_slope_sees_what_a_tide_hides_from_the_distance():
    # said 18 to 42 % of what came as 10 to 50 %, in a market that moves all shares together
    markets = [came(seed, common=0.15) for seed in range(8)]
    found = [verdict_of(0.3 + 0.6 * (p - 0.3), hits, session) for p, hits, session in markets]
    hidden = [one.flaw for one in found if one.ece <= one.chance]
    assert len(hidden) >= 4
    assert all(flaw.startswith("odds are told too close together") for flaw in hidden)


def test_one_block_of_sessions_proves_nothing():
    found = verdict_of(np.full(50, 0.9), np.zeros(50, bool), np.arange(50) % 20)
    assert found.calibrated and found.chance == 1.0 and np.isnan(found.slope_reach)
    assert np.isnan(found.slope) and np.isnan(found.intercept)


def test_the_error_of_the_slope_is_how_much_it_varies_from_market_to_market():
    found = [verdict_of(*came(seed, common=0.05)) for seed in range(40)]
    varied = np.std([one.slope for one in found], ddof=1)
    assert np.mean([one.slope_se for one in found]) == pytest.approx(varied, rel=0.35)


def test_one_chance_for_everybody_has_no_slope():
    _, hits, session = came(1)
    found = verdict_of(np.full(len(hits), hits.mean()), hits, session)
    assert np.isnan(found.slope) and np.isnan(found.slope_se) and found.calibrated
