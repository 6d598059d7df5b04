from dataclasses import replace

import lightgbm
import numpy as np
import pytest

from core.domain.signal import Regime
from core.errors import NoData
from core.features.table import WORDS
from core.models.blend import blend_from
from core.models.cases import cases_of
from core.models.predict import TOP, edge_of, explain, leaning_of, predict, scores
from core.models.trust import Around
from tests.models.made import AT

MANIFEST = {"moves": {"target": 3.0, "stop": -2.0, "time": 0.5}, "cost": 0.0025}


def told(learnt, session=-1, **changes):
    return predict(
        changes.get("model", learnt.primary),
        changes.get("features", learnt.features),
        session=changes.get("day", learnt.panel.sessions[session]),
        as_of=AT,
        symbols={learnt.panel.isins[0]: "FIRST"},
    )


def test_every_share_gets_three_probabilities_that_sum_to_one(learnt):
    found = told(learnt)
    assert [one.isin for one in found] == sorted(learnt.panel.isins)
    for one in found:
        chances = (one.target_first, one.stop_first, one.time_exit)
        assert sum(chance.p for chance in chances) == pytest.approx(1.0)
        assert all(chance.low <= chance.p <= chance.high for chance in chances)
        assert all(chance.n >= 0 for chance in chances)
        assert one.has_vote and one.model_version == learnt.trained.primary.version


def test_a_symbol_stands_beside_the_isin_where_it_is_known(learnt):
    symbols = {one.isin: one.symbol for one in told(learnt)}
    assert symbols[learnt.panel.isins[0]] == "FIRST"
    assert symbols[learnt.panel.isins[1]] == learnt.panel.isins[1]


def test_good_news_makes_the_target_likelier_than_bad_news_does(learnt):
    lean = learnt.features.column("tilt")[-1]
    by_isin = {one.isin: one for one in told(learnt)}
    p = np.array([by_isin[isin].target_first.p for isin in learnt.panel.isins])
    assert p[lean > 0].mean() > p[lean < 0].mean() + 0.05


def test_a_direction_needs_an_edge_and_a_target_likelier_than_usual(learnt):
    for session in (-1, -15, -30):
        for one in told(learnt, session):
            up = one.edge > 0 and one.target_first.p > one.base_rate
            assert one.direction == int(up)


def test_the_edge_is_the_mean_move_less_costs():
    # 0.4 * 3 - 0.3 * 2 + 0.3 * 0.5 = 0.75 ATR of 2 % is 1.5 %, less 0.25 % costs: 1.25 %
    assert edge_of(MANIFEST, p_target=0.4, p_stop=0.3, atr=0.02) == pytest.approx(0.0125)


def test_the_session_asked_for_is_the_one_predicted(learnt):
    before = {one.isin: one.target_first.p for one in told(learnt, -40)}
    now = {one.isin: one.target_first.p for one in told(learnt, -1)}
    assert before != now


def last_cases(features):
    count = len(features.isins)
    return cases_of(features, session=len(features.sessions) - 1, shares=np.arange(count))


@pytest.mark.parametrize("kind", ["lgbm", "forest"])
def test_the_reasons_of_trees_add_up_to_their_log_odds(kind, learnt):
    trees, cases = learnt.primary.members[kind], last_cases(learnt.features)
    chances = trees.scores(cases)
    odds = np.log(chances[:, 2] / chances[:, 0])
    # what no feature explains is the same for every case
    rest = odds - trees.leaning(cases).sum(axis=1)
    np.testing.assert_allclose(rest, rest[0], atol=1e-6)
    assert abs(rest[0]) < 2


@pytest.mark.parametrize("kind", ["lgbm", "forest"])
def test_the_reasons_of_trees_equal_those_of_shaps_tree_explainer(kind, learnt):
    """SHAP asks LightGBM itself for a model of its own, so the trees are given one class each."""
    shap = pytest.importorskip("shap", reason="shap is installed beside the running desk")
    trees, cases = learnt.primary.members[kind], last_cases(learnt.features)
    [text] = trees.files().values()
    grown = shap.TreeExplainer(lightgbm.Booster(model_str=text.decode())).model.trees
    stop, target = (
        shap.TreeExplainer(grown[place::3]).shap_values(cases.rows(), check_additivity=False)
        for place in (0, 2)
    )
    rounds = {"lgbm": 1, "forest": trees.booster.current_iteration()}[kind]  # a forest's mean
    np.testing.assert_allclose(trees.leaning(cases), (target - stop) / rounds, atol=1e-9)


def test_reasons_are_the_largest_of_the_members_added_by_their_exponents(learnt):
    cases, names = last_cases(learnt.features), learnt.features.names
    blend = blend_from(learnt.primary.manifest["blend"])
    leaning = sum(
        power * learnt.primary.members[kind].leaning(cases)
        for kind, power in zip(blend.kinds, blend.of(None), strict=True)
    )
    for place, reasons in enumerate(explain(learnt.primary, cases)):
        largest = np.sort(np.abs(leaning[place]))[::-1][:TOP]
        assert [abs(reason.contribution) for reason in reasons] == pytest.approx(largest.tolist())
        for reason in reasons:
            column = names.index(reason.feature)
            assert reason.contribution == pytest.approx(leaning[place, column])
            assert reason.value == pytest.approx(float(cases.rows()[place, column]), nan_ok=True)


def test_groups_add_up_to_all_features_the_largest_first(learnt):
    names = learnt.features.names
    whole = leaning_of(learnt.primary, last_cases(learnt.features))
    of = {isin: row for isin, row in zip(learnt.features.isins, whole, strict=True)}
    for one in told(learnt):
        sizes = [abs(leaning.contribution) for leaning in one.leanings]
        assert sizes == sorted(sizes, reverse=True)
        trend = sum(of[one.isin][i] for i, name in enumerate(names) if WORDS[name].group == "trend")
        kept = {leaning.group: leaning.contribution for leaning in one.leanings}
        assert kept["trend"] == pytest.approx(trend)
        assert sum(kept.values()) == pytest.approx(of[one.isin].sum())


def test_groups_and_what_no_feature_explains_are_the_pooled_log_odds(learnt):
    cases = last_cases(learnt.features)
    raw = scores(learnt.primary, cases)
    odds = dict(zip(learnt.features.isins, np.log(raw[:, 2] / raw[:, 0]), strict=True))
    rest = []
    for one in told(learnt):
        assert one.odds == pytest.approx(odds[one.isin])
        rest.append(one.odds - sum(leaning.contribution for leaning in one.leanings))
    assert rest == pytest.approx([rest[0]] * len(rest), abs=1e-6)  # where the model starts


def test_a_share_asked_for_alone_is_told_the_same_to_the_last_bit(learnt):
    [first, second, *_], chosen = told(learnt), learnt.features.sessions[-1]
    some = predict(
        learnt.primary, learnt.features, session=chosen, as_of=AT,
        symbols={learnt.panel.isins[0]: "FIRST"}, only={second.isin, first.isin, "INE000000000"},
    )  # fmt: skip
    assert some == [first, second]
    none = predict(
        learnt.primary, learnt.features, session=chosen, as_of=AT, symbols={}, only={"NONE"}
    )
    assert none == []


def test_a_prediction_keeps_its_range_and_the_market_it_was_made_in(learnt):
    features = learnt.features
    [one, *_] = predict(
        learnt.primary, features, session=features.sessions[-1], as_of=AT, symbols={},
        around=Around(regime=Regime.BEAR),
    )  # fmt: skip
    column = features.isins.index(one.isin)
    assert one.atr == pytest.approx(float(features.column("atr_pct")[-1, column]))
    assert one.regime is Regime.BEAR


def test_words_say_the_value_and_which_way_it_moves_the_odds(learnt):
    one = told(learnt)[0]
    assert len(one.words) == TOP
    assert all(words.endswith(("raises the odds", "lowers the odds")) for words in one.words)


def test_a_missing_value_is_called_not_known(learnt):
    empty = replace(learnt.features, values=np.full_like(learnt.features.values, np.nan))
    reasons = explain(learnt.primary, last_cases(empty))[0]
    assert all(reason.words.endswith("not known") for reason in reasons)


def test_a_share_without_history_gets_no_prediction(learnt):
    values = learnt.features.values.copy()
    values[-1, 0, :-1] = np.nan
    found = told(learnt, features=replace(learnt.features, values=values))
    assert len(found) == len(learnt.panel.isins) - 1


def test_other_features_than_the_models_are_refused(learnt):
    with pytest.raises(NoData, match="of another table"):
        told(learnt, features=replace(learnt.features, version="f0"))


def test_a_model_without_trees_predicts_nothing(learnt):
    with pytest.raises(NoData, match="train again"):
        told(learnt, model=learnt.meta)
    with pytest.raises(NoData, match="has no members that score"):
        explain(learnt.meta, last_cases(learnt.features))


def test_an_unknown_session_and_an_empty_one_are_said_so(learnt):
    with pytest.raises(NoData, match="no features on 2020-01-01"):
        told(learnt, day=AT.date().replace(year=2020, month=1, day=1))
    with pytest.raises(NoData, match="none of 24 shares has 60 sessions"):
        told(learnt, session=30)
