"""Fits of the hidden states: what a refit keeps, what a name means, and what no state may be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.domain.signal import Regime
from core.features.hmm import States, filtered, observe, states_from, tell
from core.features.hmm_fit import LEAST_VARIANCE, _named, fit_states
from core.features.regime import market_returns
from tests.models.made import noise, panel_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def restless(seed: int) -> np.ndarray:
    """Observations without four states in them: a return, a slow volatility, a slower breadth."""
    rng = np.random.default_rng(seed)
    returns = rng.normal(size=(900, 3))
    slow = [np.convolve(rng.normal(size=899 + n), np.ones(n) / n, "valid") for n in (20, 50)]
    return np.column_stack([returns[:, 0], 4 * slow[0], 6 * slow[1]])


@pytest.fixture(scope="module")
def first() -> States:
    return fit_states(restless(3)[:500])


def test_a_refit_goes_on_from_the_model_before_it(first):
    # another beginning is likelier by a hair, and would give 61 % of the past another name
    again = fit_states(restless(3)[:700], first)
    assert max(again.others) > again.likelihood
    assert again.changed is not None and again.changed < 0.05


@pytest.mark.parametrize("seed", [0, 15])
def test_a_refit_is_held_to_the_model_before_it(seed):
    # left to itself, going on from where it stood renames 15 and 11 % of the past
    seen = restless(seed)
    again = fit_states(seen[:700], fit_states(seen[:500]))
    assert again.changed is not None and again.changed < 0.05


def test_another_beginning_that_is_far_likelier_takes_its_place(first):
    far = replace(first, centres=first.centres[[0, 0, 0, 0]] + 9.0)
    found = fit_states(restless(3)[:700], far)
    assert found.likelihood > -4.5 and min(found.counts) > 30


def test_changed_counts_the_sessions_both_fits_have_seen(first):
    seen = restless(3)[:700]
    again = fit_states(seen, first)
    names = [
        np.array([one.names[at] for at in filtered(one, seen[:500]).argmax(axis=1)])
        for one in (first, again)
    ]
    assert again.changed == pytest.approx(np.mean(names[0] != names[1]))
    assert first.changed is None


def test_a_name_says_what_a_state_is_like_and_not_what_it_was_called(first):
    wrong = replace(first, names=(*first.names[1:], first.names[0]))
    again = fit_states(restless(3)[:520], wrong)
    assert again.names == _named(again.centres)
    restless_one = again.names[int(np.argmax(again.centres[:, 1]))]
    assert restless_one is Regime.VOLATILE
    assert again.changed is not None and again.changed > 0.9


def test_bull_and_bear_stand_at_the_ends_of_return_and_breadth():
    # columns: return, volatility, breadth; the second is the most restless
    centres = np.array([[0.1, 0.0, 0.2], [-2.0, 3.0, -2.0], [-0.1, 0.2, -1.0], [0.3, 0.1, 1.0]])
    assert [name.value for name in _named(centres)] == ["sideways", "volatile", "bear", "bull"]


def test_no_state_is_narrower_than_the_floor():
    # half of the sessions show one value to the last digit, which a free variance would shrink to
    rng = np.random.default_rng(1)
    seen = rng.normal(size=(600, 3))
    seen[:300, 2] = 1.0
    found = fit_states(seen)
    assert found.variances.min() == pytest.approx(LEAST_VARIANCE)


def test_the_filter_equals_the_last_step_of_hmmlearns_own_recursion(first):
    # of the last session a smoother knows no more than a filter
    from hmmlearn.hmm import GaussianHMM

    model = GaussianHMM(4, "diag")
    model.n_features = 3
    model.startprob_, model.transmat_ = first.first, first.moves
    model.means_, model.covars_ = first.centres, first.variances
    seen = restless(3)[:700]
    standard = (seen - first.mean) / first.spread
    ours = filtered(first, seen)
    for count in (1, 2, 3, 50, 333, 700):
        theirs = model.predict_proba(standard[:count])[-1]
        np.testing.assert_allclose(ours[count - 1], theirs, atol=1e-9)


def test_looks_are_the_centres_in_their_own_units(first):
    look = first.looks()[Regime.BEAR]
    place = first.names.index(Regime.BEAR)
    middle = first.centres[place] * first.spread + first.mean
    assert look.returns == middle[0] and look.breadth == middle[2]
    assert look.volatility == pytest.approx(np.exp(middle[1]) * np.sqrt(252))
    sd = np.sqrt(first.variances[place, 0]) * first.spread[0]
    assert look.error == pytest.approx(sd / np.sqrt(look.sessions))
    assert sum(one.sessions for one in first.looks().values()) == pytest.approx(500)


def test_a_model_comes_back_from_its_lists_and_an_older_one_without_what_it_lacks(first):
    panel = noise(seed=2, shares=5, sessions=620)
    told = tell(panel.sessions, observe(panel, market_returns(panel))).states
    assert told is not None and told.fitted_to is not None
    again = states_from(told.to_json())
    assert again.to_json() == told.to_json() and again.looks() == told.looks()
    lacking = ("counts", "changed", "fitted_to")
    old = states_from({key: one for key, one in told.to_json().items() if key not in lacking})
    assert (old.fitted_to, old.changed, old.looks()) == (None, None, {})
    assert old.durations() == told.durations()


def test_the_states_of_a_session_were_fitted_up_to_the_end_of_the_year_before_it():
    panel = noise(seed=2, shares=5, sessions=900)
    told = tell(panel.sessions, observe(panel, market_returns(panel))).states
    year = panel.sessions[-1].year
    assert told is not None
    assert told.fitted_to == max(day for day in panel.sessions if day.year < year)
    assert told.counts.sum() == pytest.approx(panel.sessions.index(told.fitted_to) + 1 - 49)


def test_one_share_alone_has_its_place_among_its_closes_for_breadth():
    # the 50th close lies above 30 of the 49 before it, equals 10 of them: (30 + 5) / 49
    close = np.concatenate([np.full(30, 90.0), np.full(10, 100.0), np.full(9, 110.0), [100.0]])
    bars = close[:, None]
    panel = panel_of(open=bars, high=bars, low=bars, close=bars)
    assert observe(panel, market_returns(panel))[49, 2] == pytest.approx(35 / 49)


@pytest.mark.realdata
def test_on_real_prices_a_refit_keeps_nearly_every_name():
    if not DATA.is_dir():
        pytest.skip("shared/data with real prices is not beside the repository")
    from tests.bench.sim_against_real import real

    panel, _ = real(DATA)
    seen = observe(panel, market_returns(panel))[49:]
    for start in (500, 560, 620):
        states = fit_states(seen[:start])
        for count in (760, 1005, 1251, 1499):
            states = fit_states(seen[:count], states)
            assert states.changed is not None and states.changed < 0.06, (start, count)
