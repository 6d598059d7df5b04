from dataclasses import replace

import numpy as np
import pytest

from core.domain.account import Market
from core.domain.research import ModelVersion
from core.domain.signal import Regime
from core.errors import NoData
from core.features.compute import compute, row
from core.features.regime import trend_regimes
from core.models.calibrate import fit_curve
from core.models.files import Model
from core.models.meta import fit_meta, measurable, score_rows, score_table
from core.models.walk import Unseen
from core.signals.meta import label
from core.signals.primary import form_signal
from tests.models.made import noise
from tests.signals.made import AT, features, prediction


def model(*, has_vote: bool = True) -> Model:
    """Weights 2, 1, 1, -1, 1 and bias -2, calibrated on a fair spread of outcomes."""
    rng = np.random.default_rng(3)
    p = rng.uniform(0.1, 0.9, 2000)
    curve = fit_curve(p, rng.random(2000) < p, np.arange(2000), apart=10)
    manifest = {
        "market": "sim",
        "weights": [2.0, 1.0, 1.0, -1.0, 1.0],
        "bias": -2.0,
        "base_rate": 0.5,
        "breakeven": 0.44,
        "curve": curve.to_json(),
    }
    version = ModelVersion(
        version="meta-1",
        kind="meta",
        market=Market.SIM,
        trained_at=AT,
        rows=1000,
        features=("p_target", "regime", "liquidity", "crowding", "timing"),
        barriers=(2.0, 3.0, 10),
        folds=4,
        n_out_of_sample=400,
        base_rate=0.5,
        brier=0.24,
        brier_base=0.25,
        skill=0.04,
        skill_low=0.01,
        skill_high=0.07,
        seconds=1.0,
        has_vote=has_vote,
        sha256="0" * 64,
        path="",
    )
    return Model(version, manifest, None)


def labelled(*, of=None, vote=True, regime=Regime.BULL, turnover=1e9, **values):
    given = {"volume_ratio": 1.0, "rsi_14": 50.0, "dist_sma_20": 0.0, **values}
    row_ = features(**given)
    signal = form_signal(prediction(has_vote=vote), features=row_, tag=None, strategy="momentum")
    return label(of or model(), signal, row_, regime=regime, regime_score=0.7, turnover=turnover)


def test_the_odds_are_the_weighted_scores_then_calibrated():
    # 2 * 0.30 + 1 (bull) + 1 (₹100 crore) - 0 (usual volume) + 1 (not stretched) - 2 = 1.6;
    # 1 / (1 + exp(-1.6)) = 0.832, which the fair curve leaves about there
    found = labelled()
    assert found.right.p == pytest.approx(0.832, abs=0.05)
    assert (found.liquidity_score, found.crowding_score, found.timing_score) == (1.0, 0.0, 1.0)
    assert (found.regime, found.regime_score, found.breakeven) == (Regime.BULL, 0.7, 0.44)
    assert found.right.low <= found.right.p <= found.right.high


@pytest.mark.parametrize(
    ("changes", "name", "score"),
    [
        ({"turnover": 1e6}, "liquidity_score", 0.0),
        ({"turnover": 0.0}, "liquidity_score", 0.0),
        ({"turnover": float("nan")}, "liquidity_score", 0.0),
        # halfway from ₹10 lakh to ₹100 crore in the logarithm: sqrt(1e6 * 1e9)
        ({"turnover": 10**7.5}, "liquidity_score", 0.5),
        ({"volume_ratio": 2.5}, "crowding_score", 0.5),  # (2.5 - 1) / 3
        ({"volume_ratio": 9.0}, "crowding_score", 1.0),
        ({"volume_ratio": float("nan")}, "crowding_score", 0.5),
        ({"rsi_14": 72.5}, "timing_score", 0.75),  # half hot: 1 - 0.5 * 12.5 / 25
        ({"rsi_14": 90.0, "dist_sma_20": 0.2}, "timing_score", 0.0),
        ({"dist_sma_20": float("nan")}, "timing_score", 0.5),
    ],
)
def test_each_score_by_hand(changes, name, score):
    assert getattr(labelled(**changes), name) == pytest.approx(score)


def test_a_rougher_market_makes_the_same_signal_less_likely_right():
    order = [Regime.BULL, Regime.SIDEWAYS, Regime.BEAR, Regime.VOLATILE]
    chances = [labelled(regime=regime).right.p for regime in order]
    assert chances == sorted(chances, reverse=True) and len(set(chances)) == 4


@pytest.mark.parametrize(("meta", "signal"), [(False, True), (True, False), (False, False)])
def test_a_vote_needs_both_models_to_have_one(meta, signal):
    assert not labelled(of=model(has_vote=meta), vote=signal).has_vote


def test_it_warns_only_with_a_vote_and_below_breakeven():
    poor = {"volume_ratio": 9.0, "rsi_14": 90.0, "dist_sma_20": 0.2, "turnover": 0.0}
    assert labelled().has_vote and not labelled().warns
    assert labelled(regime=Regime.VOLATILE, **poor).warns
    assert not labelled(regime=Regime.VOLATILE, vote=False, **poor).warns


def test_training_and_a_card_score_a_case_the_same():
    panel = noise(seed=5, shares=4, sessions=300)
    found = compute(panel)
    session, share = np.array([100, 299, 299]), np.array([0, 1, 3])
    table = score_table(found, panel, session=session, share=share)
    known = trend_regimes(panel)
    for place, (day, column) in enumerate(zip(session, share, strict=True)):
        one = row(found, isin=panel.isins[column], session=panel.sessions[day], as_of=AT)
        signal = form_signal(prediction(), features=one, tag=None, strategy="momentum")
        turnover = float(np.median(panel.turnover[day - 19 : day + 1, column]))
        card = label(model(), signal, one, regime=known[day], regime_score=0.5, turnover=turnover)
        assert table[place, 1:] == pytest.approx(
            [card.liquidity_score, card.crowding_score, card.timing_score]
        )


def test_early_cases_without_a_regime_or_a_month_of_turnover_still_score():
    panel = noise(seed=5, shares=2, sessions=300)
    gaps = panel.volume.copy()
    gaps[:3, 1] = np.nan
    found = score_table(
        compute(panel),
        replace(panel, volume=gaps),
        session=np.array([10, 3]),
        share=np.array([0, 1]),
    )
    assert found.shape == (2, 4) and not np.isnan(found).any()
    assert found[:, 0].tolist() == [0.5, 0.5] and (found[:, 1] > 0).all()


def test_score_rows_takes_one_case_or_a_table():
    one = score_rows(
        regime=np.array(1.0),
        turnover=np.array(1e9),
        volume_ratio=np.array(1.0),
        rsi=np.array(50.0),
        dist_sma_20=np.array(0.0),
    )
    assert one.tolist() == [1.0, 1.0, 0.0, 1.0]


def cases(returns: np.ndarray, fold: np.ndarray) -> Unseen:
    count = len(returns)
    session = fold * 100 + np.arange(count) % 80
    return Unseen(
        raw=np.full((count, 3), 1 / 3),
        outcome=np.zeros(count, np.int8),
        returns=returns,
        session=session,
        ends=session + 5,
        share=np.zeros(count, np.int64),
        fold=fold,
    )


def fitted(rows, when, *, weight=None):
    return fit_meta(rows, when, weight=np.ones(len(rows)) if weight is None else weight, seed=7)


def test_breakeven_comes_from_the_mean_gain_and_the_mean_loss():
    # gains of 6 %, losses of 4 %: right in 4 / (4 + 6) = 40 % of cases earns nothing
    rng = np.random.default_rng(2)
    returns = np.where(rng.random(900) < 0.5, 0.06, -0.04)
    fit = fitted(rng.random((900, 5)), cases(returns, np.repeat([1, 2, 3], 300)))
    assert fit.manifest["breakeven"] == pytest.approx(0.4)
    assert fit.rows == 900 and fit.skill.low <= 0


def test_scores_that_foretell_what_pays_have_skill():
    rng = np.random.default_rng(2)
    rows = rng.random((900, 5))
    returns = np.where(rng.random(900) < rows[:, 0], 0.06, -0.04)
    fit = fitted(rows, cases(returns, np.repeat([1, 2, 3], 300)))
    assert fit.skill.low > 0 and fit.manifest["weights"][0] > 1


def test_signals_can_be_measured_only_after_a_fold_with_both_outcomes():
    returns = np.array([0.02, -0.01] * 50)
    assert not measurable(cases(returns, np.ones(100, int)))  # one fold
    two = np.repeat([1, 2], 50)
    assert measurable(cases(returns, two))
    assert not measurable(cases(np.abs(returns), two))  # all of the first fold paid
    none = cases(returns, two).only(np.zeros(100, bool))
    assert not measurable(none)


def test_signals_in_one_fold_alone_are_too_few():
    rng = np.random.default_rng(2)
    with pytest.raises(NoData, match="was given 100 signals"):
        fitted(rng.random((100, 5)), cases(rng.normal(size=100), np.ones(100, int)))


def test_a_signal_that_counts_for_little_teaches_little():
    # two kinds of signals, told apart by the first score; one kind pays, and the other does not
    rows = np.zeros((900, 5))
    rows[:, 0] = np.arange(900) % 2
    paid = np.where(np.arange(900) % 2, 0.06, -0.04)
    lying = np.arange(900) % 10 < 4  # four in ten say the opposite
    returns = np.where(lying, -paid, paid)
    when = cases(returns, np.repeat([1, 2, 3], 300))
    light = fitted(rows, when, weight=np.where(lying, 0.01, 1.0))
    plain = fitted(rows, when)
    assert light.manifest["weights"][0] > 2 * plain.manifest["weights"][0] > 0
