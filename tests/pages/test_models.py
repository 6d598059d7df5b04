"""The Models page in use: look, promote despite warnings, roll back, train, answer a proposal."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import retrain
from core.desk.desk import Desk
from core.desk.models_use import promote
from core.domain.job import Heartbeat
from core.store import heartbeat, jobs, models
from tests.pages.desk_page import clean, click, open_page, words
from tests.views.shelf import NOW, SECONDS, ago, empty_desk
from tests.views.test_models import HOLDS, OFF, measured
from tests.views.versions import trained


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty desk whose worker beat a second ago."""
    desk = empty_desk(tmp_path)
    with desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker", 3, NOW, SECONDS - 1, 1.0, ago(seconds=1)))
    return desk


def in_use(desk: Desk) -> str:
    with desk.store.read() as tx:
        now = models.current(tx)
    assert now is not None
    return now.version


def asked(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.read() as tx:
        return [(one.kind, one.arguments) for one in jobs.recent(tx) if one.kind == "train"]


def test_an_empty_desk_says_what_comes_and_can_train(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    app = open_page(monkeypatch, desk, "models")
    assert "No model is trained yet" in words(app)
    app.multiselect(key="models_kinds").set_value([])
    clean(next(one for one in app.button if one.label == "Train").click().run())
    assert asked(desk) == [] and "No kind of model is chosen" in words(app)
    app.multiselect(key="models_kinds").set_value(["logistic"])
    clean(next(one for one in app.button if one.label == "Train").click().run())
    assert asked(desk) == [("train", '{"kinds":["logistic"]}')]


def test_a_worse_candidate_is_promoted_only_after_its_warnings_are_ticked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    first = trained(desk, "a")
    second = trained(desk, "b", skill=0.05, trained_at=NOW + timedelta(hours=1))
    app = open_page(monkeypatch, desk, "models")
    assert "It has no vote" in words(app) and len(app.get("plotly_chart")) == 1
    clean(app.selectbox(key="models_version").select(second.version).run())
    assert "is below +11.20 % of the one in use" in words(app)
    assert app.button(key="promote").disabled
    clean(app.checkbox(key=f"models_read-{second.version}").check().run())
    app.text_input(key="models_why").set_value("covers the budget week").run()
    click(app, "promote")
    assert in_use(desk) == second.version
    assert f"{second.version}, in use" in words(app) and "covers the budget week" in words(app)
    app.text_input(key="models_why_back").set_value("its cards came late").run()
    click(app, "rollback")
    assert in_use(desk) == first.version
    assert "rolled back by person at the desk" in words(app)
    assert "its cards came late" in words(app)


def test_a_page_left_open_promotes_nothing_over_what_another_person_chose(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    trained(desk, "a")
    second, third = (trained(desk, name, skill=0.2, trained_at=NOW) for name in "bc")
    app = open_page(monkeypatch, desk, "models")
    clean(app.selectbox(key="models_version").select(third.version).run())
    promote(desk, second.version, by="ravi")
    click(app, "promote")
    assert in_use(desk) == second.version
    assert any("ravi put" in one.value for one in app.error) or "ravi put" in words(app)


def test_both_verdicts_on_probabilities_stand_on_the_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    version = trained(desk, "a")
    measured(desk, version.version, HOLDS)
    app = open_page(monkeypatch, desk, "models")
    assert "its probabilities still hold" in words(app) and len(app.get("plotly_chart")) == 2
    measured(desk, version.version, OFF)
    assert "its probabilities have drifted" in words(clean(app.run()))


def test_the_record_of_one_member_is_chosen(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    trained(desk, "a")
    app = open_page(monkeypatch, desk, "models")
    clean(app.selectbox(key="models_record").select("lgbm").run())
    assert "Said against came, LightGBM, boosted trees" in words(app)
    assert "It has a vote of its own." in words(app)


def test_a_proposal_is_accepted_with_one_press(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    version = trained(desk, "a")
    retrain.propose(desk, measured(desk, version.version, OFF))
    app = open_page(monkeypatch, desk, "models")
    assert "A new training is proposed" in words(app) and "RSI of 14 sessions" in words(app)
    click(app, "accept")
    assert asked(desk) == [("train", '{"kinds":["lgbm","logistic"]}')]
    assert "A new training is proposed" not in words(app)
    click(app, "train_off")
    assert in_use(desk) == version.version


def test_a_suspected_leak_heads_the_card(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    trained(desk, "a", whole={"suspect": "rank IC 0.120 is over 0.08"})
    app = open_page(monkeypatch, desk, "models")
    assert "This looks like a leak:" in words(app) and "Trust nothing it says" in words(app)
