"""Hidden states: found where they were put, named alike after a refit, blind to the future."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from core.domain.signal import Regime
from core.features.hmm import NEEDED, filtered, observe, tell
from core.features.hmm_fit import fit_states
from core.features.regime import market_returns, market_states
from tests.models.made import noise, panel_of

# return, log volatility and breadth of four made markets, and how restless each observation is
CENTRES = {
    Regime.BULL: (0.002, -4.7, 0.80),
    Regime.BEAR: (-0.002, -4.5, 0.25),
    Regime.SIDEWAYS: (0.000, -5.0, 0.50),
    Regime.VOLATILE: (-0.001, -3.6, 0.30),
}
NOISE = (0.004, 0.10, 0.06)


def made(spells: int, *, seed: int, length: int = 40):
    """Observations of spells of `length` sessions, and the regime of each session."""
    rng = np.random.default_rng(seed)
    names = [list(Regime)[place] for place in rng.integers(0, 4, spells)]
    true = [name for name in names for _ in range(length)]
    seen = np.array([CENTRES[name] for name in true]) + rng.normal(0, NOISE, (len(true), 3))
    return seen, true


def weekdays(count: int) -> list[date]:
    found, day = [], date(2020, 1, 1)
    while len(found) < count:
        if day.weekday() < 5:
            found.append(day)
        day += timedelta(days=1)
    return found


@pytest.fixture(scope="module")
def market():
    seen, true = made(30, seed=3)
    return weekdays(len(seen)), seen, true


def test_the_states_that_were_put_there_are_found_and_named(market):
    sessions, seen, true = market
    said = tell(sessions, seen).regimes()
    later = [(one, there) for one, there in zip(said, true, strict=True) if one is not None]
    assert len(later) == len(true) - NEEDED
    assert np.mean([one is there for one, there in later]) > 0.95


def test_what_comes_later_changes_no_session_before_it(market):
    sessions, seen, _ = market
    cut = 900
    whole, part = tell(sessions, seen), tell(sessions[:cut], seen[:cut])
    np.testing.assert_array_equal(whole.chances[:cut], part.chances)
    wild = seen.copy()
    wild[cut:] = np.random.default_rng(1).permutation(seen[cut:])[:, ::-1]
    np.testing.assert_array_equal(tell(sessions, wild).chances[:cut], whole.chances[:cut])


def test_chances_are_those_of_the_filter_and_not_of_the_smoother(market):
    # a smoother that knows the next spell would already lean on the last session before it
    _, seen, _ = market
    states = fit_states(seen[:600])
    again = filtered(states, seen[:600])
    for count in (1, 2, 77):
        np.testing.assert_allclose(filtered(states, seen[:count]), again[:count])
    np.testing.assert_allclose(again.sum(axis=1), 1.0)


def test_the_filter_by_hand():
    # the first step is prior times density; the second moves it and weighs it again
    states = fit_states(made(20, seed=5)[0])
    seen = made(1, seed=9)[0][:2]
    standard = (seen - states.mean) / states.spread
    density = np.exp(
        -0.5
        * (
            (standard[:, None] - states.centres) ** 2 / states.variances + np.log(states.variances)
        ).sum(axis=-1)
    )
    one = states.first * density[0] / (states.first * density[0]).sum()
    two = (one @ states.moves) * density[1]
    np.testing.assert_allclose(filtered(states, seen), np.array([one, two / two.sum()]))


def test_a_refit_keeps_the_names(market):
    _, seen, _ = market
    first = fit_states(seen[:600])
    for seed in (1, 2, 3):
        again = fit_states(seen, first, seed=seed)
        for name in Regime:
            old = first.centres[first.names.index(name)] * first.spread + first.mean
            new = again.centres[again.names.index(name)] * again.spread + again.mean
            assert new == pytest.approx(old, abs=0.15), name


def test_durations_and_moves_say_how_long_a_spell_lasts(market):
    # spells of 40 sessions, and one in four is followed by its own kind: 53 sessions on average
    _, seen, _ = market
    states = fit_states(seen)
    for name, sessions in states.durations().items():
        assert 25 < sessions < 140, name
    for row in states.table().values():
        assert sum(row.values()) == pytest.approx(1.0)


def test_the_likeliest_of_several_beginnings_is_kept(market):
    _, seen, _ = market
    states = fit_states(seen[:600])
    assert len(states.others) == 7 and all(one <= states.likelihood for one in states.others)


def test_too_little_history_says_nothing(market):
    sessions, seen, _ = market
    told = tell(sessions[: NEEDED - 1], seen[: NEEDED - 1])
    assert told.states is None and np.isnan(told.chances).all()
    assert set(told.regimes()) == {None}


def test_a_gap_is_passed_over_and_changes_nothing_before_it(market):
    sessions, seen, _ = market
    holed = seen.copy()
    holed[900:930] = np.nan
    whole, part = tell(sessions, seen), tell(sessions, holed)
    np.testing.assert_array_equal(part.chances[:900], whole.chances[:900])
    assert np.isnan(part.chances[900:930]).all() and not np.isnan(part.chances[930:]).any()


def test_a_share_that_stands_still_shows_no_state():
    still = np.full((700, 1), 100.0)
    panel = panel_of(open=still, high=still, low=still, close=still)
    told = market_states(panel)
    assert told.states is None and np.isnan(told.chances).all()


def test_observations_of_a_panel_are_its_return_volatility_and_breadth():
    panel = noise(seed=8, shares=4, sessions=120)
    returns = market_returns(panel)
    seen = observe(panel, returns)
    assert seen[80, 0] == returns[79]
    assert seen[80, 1] == pytest.approx(0.5 * np.log(np.mean(returns[60:80] ** 2)))
    above = panel.close[80] > panel.close[31:81].mean(axis=0)
    assert seen[80, 2] == pytest.approx(above.mean())
    assert np.isnan(seen[:49]).any(axis=1).all() and not np.isnan(seen[49:]).any()
