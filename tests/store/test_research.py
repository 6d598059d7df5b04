import math
from dataclasses import replace

import pytest

from core.domain.account import Market
from core.domain.event import EventType
from core.domain.money import Money
from core.domain.research import Hypothesis, ModelVersion
from core.domain.signal import Playbook, Probability, Regime
from core.errors import IllegalTransition, NotFound
from core.store import hypotheses, models, playbooks, predictions
from tests.made import T0, TCS, a_prediction, later

CHANCE = Probability(p=0.4, low=0.3, high=0.5, n=120)


def model(version: str = "m1", **more: object) -> ModelVersion:
    value = ModelVersion(
        version=version,
        kind="lightgbm",
        market=Market.SIM,
        trained_at=T0,
        rows=1000,
        features=("rsi", "atr"),
        barriers=(2.0, 3.0, 10),
        folds=5,
        n_out_of_sample=800,
        base_rate=0.33,
        brier=0.21,
        brier_base=0.22,
        skill=0.045,
        skill_low=0.01,
        skill_high=0.08,
        seconds=30.5,
        has_vote=True,
        sha256="ab",
        path="models/m1",
    )
    return replace(value, **more)  # type: ignore[arg-type]


def hypothesis(card_id: str = "cd1", **more: object) -> Hypothesis:
    value = Hypothesis(
        card_id=card_id,
        account_id="acc1",
        isin=TCS.isin,
        strategy="event",
        as_of=T0,
        p_target=0.4,
        n=120,
        has_vote=True,
        entry=Money.rupees(3000),
        stop=Money.rupees(2950),
        target=Money.rupees(3120),
        horizon_sessions=10,
    )
    return replace(value, **more)  # type: ignore[arg-type]


def test_the_latest_prediction_of_each_instrument_stands(any_store):
    newer = a_prediction(as_of=later(60), direction=-1)
    other = a_prediction(isin="INE009A01021", symbol="INFY")
    with any_store.write() as tx:
        predictions.put(tx, [a_prediction(), other])
        predictions.put(tx, [newer])
        predictions.put(tx, [])
        assert predictions.latest(tx) == [other, newer]
        assert predictions.of_isin(tx, TCS.isin) == [newer, a_prediction()]
        assert predictions.of_isin(tx, TCS.isin, limit=1) == [newer]


def test_a_prediction_made_again_replaces_itself_and_keeps_nan(any_store):
    with any_store.write() as tx:
        predictions.put(tx, [a_prediction()])
        predictions.put(tx, [a_prediction(edge=math.nan)])
        assert [math.isnan(one.edge) for one in predictions.of_isin(tx, TCS.isin)] == [True]


def test_the_model_put_to_use_last_stands_with_the_meta_label_of_its_training(any_store):
    older, newer = model("m1", meta="q1"), model("m2", trained_at=later(9), meta="q2")
    with any_store.write() as tx:
        assert models.current(tx, "primary") is None
        for one in (older, newer):
            models.put(tx, one)
            models.put(tx, model(one.meta, trained_at=one.trained_at), role="meta")
        assert models.current(tx, "primary") is None  # trained is not in use
        first = models.use(tx, "m2", at=T0, by="worker", how="first", back=0)
        assert models.current(tx, "primary") == newer
        models.use(tx, "m1", at=later(10), by="asha", how="promoted", back=first.number)
        assert models.current(tx, "primary") == older
        assert models.current(tx, "meta").version == "q1"
        assert [one.version for one in models.versions(tx, "primary")] == ["m2", "m1"]
        assert [(one.number, one.version, one.back) for one in models.uses(tx)] == [
            (2, "m1", 1),
            (1, "m2", 0),
        ]
        assert models.use_of(tx, 1) == first and models.use_of(tx, 3) is None


def test_an_unknown_model_is_refused_with_the_versions_there_are(any_store):
    with any_store.write() as tx:
        models.put(tx, model("ensemble-1f"))
        with pytest.raises(NotFound, match="no model ensemble-2; near ones are ensemble-1f"):
            models.by_version(tx, "ensemble-2")


def test_a_hypothesis_is_resolved_once(any_store):
    taken = hypothesis(taken=True)
    done = replace(taken, outcome="target", closed_at=later(60), pnl=Money.rupees(1100))
    with any_store.write() as tx:
        assert hypotheses.put(tx, hypothesis()) is True
        assert hypotheses.put(tx, hypothesis(n=5)) is False
        hypotheses.save(tx, taken)
        assert hypotheses.unresolved(tx) == [taken]
        hypotheses.save(tx, done)
        assert hypotheses.unresolved(tx) == []
        assert hypotheses.by_card(tx, "cd1") == done
        assert hypotheses.by_card(tx, "cd2") is None
        assert hypotheses.recent(tx) == [done]
        with pytest.raises(IllegalTransition, match="is resolved or was never put"):
            hypotheses.save(tx, replace(done, outcome="stop"))


def test_playbooks_are_kept_by_name(any_store):
    rules = Playbook(
        name="order win",
        event_types=frozenset({EventType.ORDER_WIN, EventType.EXPANSION}),
        regimes=frozenset({Regime.BULL}),
        stop_atr=2.0,
        target_atr=3.0,
        horizon_sessions=10,
        size_multiple=1.0,
        fresh_minutes=90,
        card_minutes=15,
        why="orders move prices",
    )
    with any_store.write() as tx:
        playbooks.put(tx, rules)
        playbooks.put(tx, replace(rules, card_minutes=20))
        assert playbooks.all_playbooks(tx) == [replace(rules, card_minutes=20)]
