"""Networks: what they see of a share, what stops their training, and how they come back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import NoData
from core.features.compute import compute
from core.models import nets
from core.models.barriers import BARRIERS, label
from core.models.cases import cases_of
from core.models.nets import NETS
from core.models.samples import sample
from tests.models.made import noise

torch = pytest.importorskip("torch", reason="torch is installed beside the running desk")

PANEL = noise(seed=5, shares=6, sessions=200)
FEATURES, LABELS = compute(PANEL), label(PANEL)
SAMPLE = sample(FEATURES, LABELS, until=190)
GRU = replace(next(one for one in NETS if one.kind == "gru"), length=8, most=80)


@pytest.fixture(scope="module")
def made():
    return GRU.fit(SAMPLE, seed=7)


def watched(monkeypatch, losses=None):
    """Training that says which cases it was given, with what weights each epoch ended."""
    seen = {"epochs": []}
    train, weights = nets._train, nets._weights

    def given(net, sample, learnt, held, rng):
        seen.update(net=net, learnt=learnt, held=held, threads=torch.get_num_threads())
        train(net, sample, learnt, held, rng)

    def lost(net, _sample, _held):
        seen["epochs"].append(weights(net))
        return losses[len(seen["epochs"]) - 1]

    monkeypatch.setattr(nets, "_train", given)
    if losses:
        monkeypatch.setattr(nets, "_loss", lost)
    return seen


def equal(one, other) -> bool:
    return all(torch.equal(one[name], other[name]) for name in other)


def test_a_window_is_one_shares_own_sessions_with_nothing_where_it_did_not_trade():
    values = np.arange(5 * 2, dtype=np.float32).reshape(5, 2, 1)
    values[2, 1] = np.nan  # the second share did not trade on the third session
    table = replace(FEATURES, values=values)
    both = cases_of(table, session=3, shares=np.array([0, 1]))
    # sessions 0 to 3 of share 0 are 0 2 4 6, of share 1 are 1 3 - 7; before them there is nothing
    nan = np.nan
    expected = [[nan, 0, 2, 4, 6], [nan, 1, 3, nan, 7]]
    np.testing.assert_array_equal(both.windows(5)[:, :, 0], expected)
    np.testing.assert_array_equal(both.windows(1)[:, 0], both.rows())


def test_a_missing_value_stands_at_the_mean_and_is_flagged():
    window = np.array([[[10.0, np.nan]]], np.float32)
    # (10 - 4) / 2 is 3 deviations; 100 would be cut at 4
    found = nets.standard(window, np.array([4.0, 5.0]), np.array([2.0, 1.0]))
    np.testing.assert_array_equal(found, [[[3.0, 0.0, 0.0, 1.0]]])
    far = nets.standard(10 * window, np.array([4.0, 5.0]), np.array([2.0, 1.0]))
    assert far[0, 0, 0] == 4.0


def test_what_stops_a_training_begins_after_every_label_learnt_from_has_ended(monkeypatch):
    seen = watched(monkeypatch)
    GRU.fit(SAMPLE, seed=7)
    session = SAMPLE.cases.session
    ends = LABELS.ends[session[seen["learnt"]], SAMPLE.cases.share[seen["learnt"]]]
    assert len(seen["held"]) >= 0.1 * GRU.most
    assert ends.max() < session[seen["held"]].min()
    assert session[seen["learnt"]].max() + BARRIERS[2] < session[seen["held"]].min()
    assert len(seen["learnt"]) + len(seen["held"]) <= GRU.most


def test_the_epoch_that_did_best_on_what_was_held_out_stays(monkeypatch):
    seen = watched(monkeypatch, losses=[3.0, 1.0, 2.0, 2.0])
    found = GRU.fit(SAMPLE, seed=7)
    assert len(seen["epochs"]) == 4  # two without a gain end it
    kept = found.module.state_dict()
    assert equal(kept, seen["epochs"][1]) and not equal(kept, seen["epochs"][3])


def test_too_short_a_history_to_hold_any_out_keeps_the_last_epoch(monkeypatch):
    early = SAMPLE.cases.session <= SAMPLE.cases.session.min() + 6  # less than a label's span
    cases = replace(
        SAMPLE, cases=SAMPLE.cases.only(early),
        outcome=SAMPLE.outcome[early], weight=SAMPLE.weight[early],
    )  # fmt: skip
    seen = watched(monkeypatch)
    ended = []
    weights = nets._weights
    monkeypatch.setattr(nets, "_weights", lambda net: ended.append(weights(net)) or ended[-1])
    found = GRU.fit(cases, seed=7)
    assert len(seen["held"]) == 0 and len(seen["learnt"]) == early.sum()
    assert len(ended) == 1 + nets.EPOCHS  # before the first, and after each
    assert equal(found.module.state_dict(), ended[-1]) and not equal(ended[-1], ended[1])


def test_what_it_has_not_learnt_from_moves_no_mean():
    values = FEATURES.values.copy()
    values[190:] *= 50.0
    later = replace(SAMPLE, cases=replace(SAMPLE.cases, features=replace(FEATURES, values=values)))
    one, other = GRU.fit(SAMPLE, seed=7), GRU.fit(later, seed=7)
    np.testing.assert_array_equal(one.mean, other.mean)
    np.testing.assert_array_equal(one.spread, other.spread)
    assert equal(one.module.state_dict(), other.module.state_dict())


def test_nothing_is_dropped_when_it_scores(made):
    made.module.train()  # as training leaves it
    first = made.scores(SAMPLE.cases)
    assert not made.module.training
    np.testing.assert_array_equal(made.scores(SAMPLE.cases), first)


def test_other_seeds_are_other_networks(made):
    assert not equal(GRU.fit(SAMPLE, seed=8).module.state_dict(), made.module.state_dict())


def test_one_thread_trains_and_the_number_before_comes_back(monkeypatch):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        seen = watched(monkeypatch)
        GRU.fit(SAMPLE, seed=7)
        assert (seen["threads"], torch.get_num_threads()) == (1, 2)
    finally:
        torch.set_num_threads(before)


def test_weights_for_other_features_or_another_network_are_refused(made):
    with pytest.raises(NoData, match="GRU over 30 sessions are for another network or other"):
        GRU.read(made.files(), FEATURES.names[1:])
    lstm = replace(next(one for one in NETS if one.kind == "lstm"), length=8)
    files = {name.replace("gru", "lstm"): content for name, content in made.files().items()}
    with pytest.raises(NoData, match="train again"):
        lstm.read(files, FEATURES.names)
