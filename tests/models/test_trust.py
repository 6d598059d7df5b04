"""What a prediction says of itself beside its probability."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.signal import Regime
from core.models.cases import Cases
from core.models.predict import predict
from core.models.trust import Around
from tests.models.made import AT


def said(learnt, *, model=None, features=None, around=None):
    features = features or learnt.features
    found = predict(
        model or learnt.primary,
        features,
        session=features.sessions[-1],
        as_of=AT,
        symbols={},
        around=around or Around(),
    )
    return {one.isin: one for one in found}


def test_every_prediction_carries_five_grounds_and_one_word(learnt):
    for one in said(learnt).values():
        grounds = [ground for _, ground in one.confidence.grounds]
        assert len(grounds) == 5 and all(ground.words for ground in grounds)
        assert all(ground.score is None or 0 <= ground.score <= 1 for ground in grounds)
        assert one.confidence.overall in ("low", "medium", "high")


def test_agreement_is_of_the_three_members(learnt):
    words = [one.confidence.agreement.words for one in said(learnt).values()]
    assert all(text.startswith("3 models lie ") for text in words)
    assert len(set(words)) > 5


def test_history_counts_cases_of_the_regime_at_hand(learnt):
    isin = learnt.panel.isins[0]
    kept = learnt.primary.manifest["history"]
    for regime in Regime:
        found = said(learnt, around=Around(regime=regime))[isin].confidence.history
        there = sum(cases for cases, *_ in kept.get(regime.value, [[0, 0, 0]]))
        assert (found.score > 0) <= (there >= 30)
        assert regime.value in found.words


def test_late_bars_and_flawed_prices_lower_the_quality_of_the_data(learnt):
    first, second = learnt.panel.isins[:2]
    whole = said(learnt)
    late = said(learnt, around=Around(stale=2))
    flawed = said(learnt, around=Around(standings={first: 0.4}))
    assert late[first].confidence.data_quality.score == pytest.approx(1 / 3)
    assert flawed[first].confidence.data_quality.score == pytest.approx(0.4)
    same = whole[second].confidence.data_quality.score
    assert flawed[second].confidence.data_quality.score == same


def test_missing_features_lower_the_quality_of_the_data(learnt):
    values = learnt.features.values.copy()
    lost = [learnt.features.names.index(name) for name in ("gap", "skew_60", "rsi_14", "adx_14")]
    values[-1, 0, lost] = np.nan
    isin = learnt.panel.isins[0]
    now = said(learnt, features=replace(learnt.features, values=values))[isin]
    before = said(learnt)[isin].confidence.data_quality.score
    assert now.confidence.data_quality.score < before - 0.2


def test_a_share_unlike_anything_seen_has_no_vote_no_direction_and_says_so(learnt):
    values = learnt.features.values.copy()
    values[-1, 0, learnt.features.names.index("atr_pct")] = 40.0
    found = said(learnt, features=replace(learnt.features, values=values))
    odd, usual = found[learnt.panel.isins[0]], found[learnt.panel.isins[1]]
    assert odd.novelty.startswith("unlike anything the model learnt from")
    assert (odd.has_vote, odd.direction) == (False, 0)
    assert odd.confidence.data_quality.score <= 0.2 and odd.novelty in (
        odd.confidence.data_quality.words
    )
    assert odd.confidence.overall == "low"
    assert usual.novelty == "" and usual.has_vote


def test_a_model_of_an_older_munim_predicts_without_confidence_and_without_a_flag(learnt):
    manifest = {k: v for k, v in learnt.primary.manifest.items() if k not in ("history", "curves")}
    older = replace(learnt.primary, manifest=manifest, novelty=None)
    found = said(learnt, model=older)
    assert all(one.confidence is None and one.novelty == "" for one in found.values())


def test_the_forest_that_flags_is_a_file_of_the_version(learnt):
    assert "novelty.json" in learnt.primary.manifest["files"]
    cases = Cases(learnt.features, np.full(24, 419), np.arange(24))
    assert sum(map(bool, learnt.primary.novelty.words(cases.rows()))) <= 1


class Backward:
    """A member that looks back five sessions."""

    length = 5

    def scores(self, cases):
        mean = np.nanmean(cases.windows(self.length)[:, :, cases.names.index("ret_1")], axis=1)
        target = 1 / (1 + np.exp(-50 * mean))
        return np.column_stack([0.6 * (1 - target), np.full(len(cases), 0.4), 0.6 * target])

    def leaning(self, cases):
        return np.zeros((len(cases), len(cases.names)))


def test_the_sessions_that_a_member_looks_back_on_are_enough_to_predict(learnt):
    kinds = learnt.primary.manifest["blend"]["kinds"]
    model = replace(learnt.primary, members={kind: Backward() for kind in kinds})
    assert (learnt.primary.window, model.window) == (1, 5)
    whole = said(learnt, model=model)
    assert said(learnt, model=model, features=learnt.features.last(model.window)) == whole
    assert said(learnt, model=model, features=learnt.features.last(1)) != whole
