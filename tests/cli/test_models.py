"""Model versions in the terminal."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import models_drift, retrain
from core.desk.desk import Desk
from core.domain.research import ModelVersion
from core.models.drift import Drift, FeatureDrift
from core.store import audit, jobs, models
from tests.cli.terminal import Terminal
from tests.views.shelf import NOW
from tests.views.test_models import HOLDS, OFF, measured
from tests.views.versions import trained


@pytest.fixture
def two(desk: Desk) -> tuple[ModelVersion, ModelVersion]:
    """One in use and a worse candidate; the shelf's model of no file gave way to the first."""
    return trained(desk, "a"), trained(desk, "b", skill=0.05, trained_at=NOW + timedelta(hours=1))


def in_use(desk: Desk) -> str:
    with desk.store.read() as tx:
        now = models.current(tx)
    assert now is not None
    return now.version


def test_the_list_says_which_is_in_use_and_which_is_refused(munim: Terminal, two):
    rows = {row["version"]: row for row in munim("models", "list", "--json").document}
    assert rows[two[0].version]["stands"] == "in use"
    assert rows[two[1].version]["stands"] == "candidate"
    assert rows[two[1].version]["members"] == "lgbm logistic"
    assert rows["m-31"]["refused"].endswith("was trained before models were signed; train again")


def test_a_version_shows_what_it_measured_and_what_from(munim: Terminal, two):
    shown = munim("models", "show", two[0].version, "--json").document
    assert shown["data"] == "a" * 16 and shown["sessions"] == ["2024-01-01", "2026-11-18"]
    assert shown["measures"]["ensemble"]["years"]["2025"]["n"] == 900
    assert shown["signature"] and shown["signed_by"] == "desk-models" and shown["refused"] == ""


def test_a_whole_version_verifies_and_a_changed_file_is_refused(munim: Terminal, two):
    said = munim("models", "verify", two[0].version, "--json")
    assert said.document["ok"] is True and said.document["sha256"] == two[0].sha256
    (Path(two[0].path) / "a.json").write_text("[]", encoding="utf-8")
    said = munim("models", "verify", two[0].version)
    assert said.code == 1 and said.out == "" and "does not match its hash" in said.sentence


def test_a_comparison_warns_and_a_promotion_despite_it_is_undone(munim: Terminal, desk: Desk, two):
    old, new = two
    table = munim("models", "compare", new.version)
    assert "Warning: its skill +5.00 % is below +11.20 % of the one in use." in table.out
    document = munim("models", "compare", new.version, "--json").document
    assert document["candidate"]["skill"] == 0.05 and document["in_use"]["version"] == old.version
    refused = munim("models", "promote", new.version)
    assert refused.code == 2 and "is not put to use: its skill" in refused.sentence
    assert in_use(desk) == old.version
    done = munim("models", "promote", new.version, "--despite-warnings", "--json").document
    assert done["version"] == new.version == in_use(desk) and done["by"] == "terminal"
    undone = munim("models", "rollback", "--why", "its cards came late")
    assert undone.out.strip() == f"{old.version} is in use again"
    assert in_use(desk) == old.version
    with desk.store.read() as tx:
        entry = [one for one in audit.entries(tx) if one.verb == "use model"][-1]
    assert json.loads(entry.body)["why"] == "its cards came late"


def test_a_card_is_printed_or_kept_and_never_written_over(munim: Terminal, two, tmp_path: Path):
    said = munim("models", "card", two[0].version)
    assert said.out.startswith(f"# Model {two[0].version}") and "## By year" in said.out
    file = tmp_path / "card.md"
    assert munim("models", "card", "--of", "lgbm", "--out", str(file)).code == 0
    assert "## By year, LightGBM, boosted trees" in file.read_text(encoding="utf-8")
    assert "is there already" in munim("models", "card", "--out", str(file)).sentence
    refused = munim("models", "card", "--of", "svr").sentence
    assert "no record of svr; it has those of ensemble, lgbm" in refused


@pytest.mark.parametrize(("said", "verdict"), [(HOLDS, "still hold"), (OFF, "have drifted")])
def test_drift_in_the_terminal_ends_with_its_verdict(
    munim: Terminal, two, monkeypatch: pytest.MonkeyPatch, said, verdict
):
    features = (FeatureDrift("rsi_14", 0.05, 0.2),) * 11
    found = Drift(two[0].version, NOW, NOW.date(), 5, features, said, 174, 9000)
    monkeypatch.setattr(models_drift, "measure_drift", lambda desk: found)
    told = munim("models", "drift", "--top", "1").out
    assert f"so its probabilities {verdict}." in told and "0 of 11 features drifted" in told
    assert ("A new training is due: targets came first 30.0 %" in told) == (said is OFF)


def test_a_strange_file_beside_a_model_is_named(munim: Terminal, two):
    (Path(two[0].path) / "weights.pkl").write_bytes(b"cos")
    said = munim("models", "verify", two[0].version)
    assert said.code == 0 and "none of it and never opened: weights.pkl" in said.out


def test_a_proposal_is_read_accepted_and_gone(munim: Terminal, desk: Desk, two):
    assert munim("models", "proposal").out.strip() == "No training is proposed."
    retrain.propose(desk, measured(desk, two[0].version, OFF))
    assert "21 sessions have passed" in munim("models", "proposal").out
    assert munim("models", "proposal", "--json").document["state"] == "open"
    asked = munim("models", "proposal", "--accept", "--json").document["job"]
    with desk.store.read() as tx:
        assert jobs.by_id(tx, asked).kind == "train"
    assert munim("models", "proposal", "--dismiss").code == 2


def test_the_doctor_names_a_model_that_is_refused(munim: Terminal, desk: Desk):
    rows = munim("doctor", "--no-link", "--json").document
    told = next(row for row in rows["rows"] if row["name"] == "model")
    assert not told["ok"] and "before models were signed; train again" in told["sentence"]


def test_the_doctor_names_a_file_of_the_model_that_was_changed(munim: Terminal, desk: Desk, two):
    (Path(two[0].path) / "a.json").write_text("[]", encoding="utf-8")
    rows = munim("doctor", "--no-link", "--json").document
    told = next(row for row in rows["rows"] if row["name"] == "model")
    assert not told["ok"] and "does not match its hash in a.json" in told["sentence"]
