"""What the Models page says of versions, drift and a proposed training."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import retrain
from core.desk.desk import Desk
from core.desk.models_use import promote, rollback
from core.domain.job import JobStatus
from core.models.drift import CalibrationDrift, Drift, FeatureDrift
from core.models.files import MANIFEST
from core.models.measures import Bin
from core.store import jobs, models
from core.store.codec import from_json, to_json
from core.views.models import models_signature, models_view
from core.views.models_drift import features_words, said_words
from core.views.models_text import card_markdown, manifest_json
from core.views.shown import Tag, Text
from tests.views.shelf import MODEL, NOW, empty_desk
from tests.views.versions import made, trained

NAN = float("nan")
LATER = NOW + timedelta(hours=1)
SINCE = (Bin(0.35, 0.25, 0.2, 0.31, 250), Bin(0.47, 0.35, 0.3, 0.4, 250))
OFF = CalibrationDrift(500, 5, 0.41, 0.30, -0.11, -0.15, -0.07, 0.11, SINCE, 0.99)
HOLDS = CalibrationDrift(500, 5, 0.41, 0.40, -0.01, -0.05, 0.03, 0.02, SINCE, 0.99)
CALM = CalibrationDrift(20, 2, 0.41, 0.40, -0.01, NAN, NAN, 0.01, ())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return empty_desk(tmp_path)


def measured(desk: Desk, version: str, said: CalibrationDrift) -> Drift:
    """A drift the worker measured, as its job keeps it."""
    features = (FeatureDrift("rsi_14", 0.4, 0.2), FeatureDrift("month", 3.0, 3.1),
                FeatureDrift("ret_5", 0.05, 0.1))  # fmt: skip
    found = Drift(version, NOW, NOW.date(), 21, features, said, 174)
    with desk.store.write() as tx:
        asked = jobs.ask(tx, "drift", {}, asked_by="schedule", at=NOW)
        jobs.claim(tx, ["drift"], NOW)
        jobs.finish(tx, asked.id, JobStatus.DONE, "measured", to_json(found), NOW)
    return found


def test_a_new_desk_is_told_that_the_first_training_comes_by_itself(desk: Desk):
    view = models_view(desk)
    assert view.card is None and not view.rows
    assert "A new desk trains one by itself" in view.empty
    with desk.store.write() as tx:
        asked = jobs.ask(tx, "train", {}, asked_by="first start", at=NOW)
    assert "waits for the worker's turn" in models_view(desk).empty
    with desk.store.write() as tx:
        jobs.claim(tx, ["train"], NOW)
    assert models_view(desk).empty.startswith("The first model is being trained")
    with desk.store.write() as tx:
        jobs.finish(tx, asked.id, JobStatus.FAILED, "too few bars", "{}", NOW)
    assert "none begins by itself after that" in models_view(desk).empty
    assert view.drift.empty.startswith("Not measured yet")


def test_the_card_of_the_version_in_use_says_all_that_was_measured(desk: Desk):
    version = trained(desk, "a", has_vote=True)
    card = models_view(desk).card
    assert card is not None and (card.version, card.stands) == (version.version, "in use")
    assert card.vote.startswith("It votes: its whole interval of skill, +8.00 % to +14.00 % (95 %)")
    assert not card.refused and not card.suspect
    figures = {one.label: one.value for one in card.figures}
    assert figures["Rank IC"] == "+0.020 ± 0.010" and figures["Calibration error"] == "1.0 %"
    assert [(one.kind, one.weight, one.vote.text, one.ic) for one in card.members] == [
        ("LightGBM, boosted trees", "0.70", "votes", "+0.020 ± 0.010"),
        ("logistic regression", "0.35", "no vote", "–"),
    ]
    assert card.members[0].share.used == pytest.approx(0.7 / 1.05)
    assert len(card.bins) == 8 and card.bins_note == "said and came agree"
    about = dict(card.about)
    assert about["Learnt from"] == "1 Jan 2024 to 18 Nov 2026" and about["Signed"] == "by this desk"
    assert about["Data fingerprint"] == "a" * 12 and about["Market"] == "simulated"


def test_parts_show_the_harder_benchmark_and_no_figure_of_too_few(desk: Desk):
    trained(desk, "a")
    card = models_view(desk).card
    assert card is not None
    year, few = card.years
    assert (year.name, year.skill, year.interval) == ("2025", "+0.40 %", "−0.20 % to +1.00 %")
    assert (few.skill, few.top, few.ic, few.n) == ("too few", "too few", "–", "12")
    assert [one.name for one in card.regimes] == ["Bull"]
    assert [one.name for one in card.baselines] == ["This version", "Base rate"]


def test_coverage_says_whether_the_promise_was_kept(desk: Desk):
    trained(desk, "a")
    card = models_view(desk).card
    assert card is not None
    assert [one.says for one in card.coverage] == [
        Text("80 % promised, kept", "gain"),
        Text("80 % promised; narrower", "warn"),
    ]
    assert [one.width for one in card.coverage] == ["4.0 %", "15.0 %"]


def test_a_part_says_how_ranges_held_there_unless_it_is_too_few_cases(desk: Desk):
    trained(desk, "a")
    card = models_view(desk).card
    assert card is not None
    assert [(one.name, one.held) for one in (*card.years, *card.regimes, *card.baselines)] == [
        ("2025", "79.0 %"), ("2026", "–"), ("Bull", "too few"), ("This version", "–"),
        ("Base rate", "–"),
    ]  # fmt: skip


def test_a_skilled_model_whose_odds_lie_says_why_it_has_no_vote(desk: Desk):
    trained(desk, "a", whole={"calibrated": False, "no_vote": "its odds do not come as told"})
    card = models_view(desk).card
    assert card is not None
    assert card.vote.startswith("It has no vote: its odds do not come as told. Cards come")
    assert card.bins_note == "said and came differ beyond chance"


def test_a_suspected_leak_is_said_loudly(desk: Desk):
    trained(desk, "a", whole={"suspect": "rank IC 0.120 is over 0.08"})
    card = models_view(desk).card
    assert card is not None and card.suspect == "rank IC 0.120 is over 0.08"


def test_a_candidate_is_shown_beside_the_one_in_use_with_what_speaks_against_it(desk: Desk):
    first = trained(desk, "a", has_vote=True)
    second = trained(desk, "b", skill=0.05, trained_at=LATER)
    view = models_view(desk)
    assert view.card is not None and view.card.version == first.version
    assert [(one.version, one.stands) for one in view.rows] == [
        (second.version, Tag("candidate", "sim")),
        (first.version, Tag("in use", "ok")),
    ]
    assert view.waiting == f"1 candidate to compare and promote: {second.version}."
    beside = models_view(desk, chosen=second.version)
    assert beside.can_promote and len(beside.warnings) == 2
    told = {one.what: (one.new, one.old) for one in beside.beside}
    assert told["Vote"] == ("no vote", "votes")
    assert told["Inside the range, ten sessions"] == ("70.0 % of 80 % promised",) * 2
    assert told["Data fingerprint"] == ("b" * 12, "a" * 12)


def test_after_a_promotion_the_way_back_is_named(desk: Desk):
    first = trained(desk, "a")
    second = trained(desk, "b", skill=0.2, trained_at=LATER)
    before = models_signature(desk)
    assert models_view(desk).back_to == ""
    assert "put to use by itself, the first of this store" in models_view(desk).how
    promote(desk, second.version, by="asha")
    view = models_view(desk)
    assert view.back_to == first.version and "promoted by asha" in view.how
    assert models_signature(desk) != before
    assert [one.stands.text for one in view.rows] == ["in use", "earlier"]


def test_a_version_without_a_signature_is_shown_as_refused_and_not_promoted(desk: Desk):
    trained(desk, "a")
    old = made(desk, "b", trained_at=LATER)
    with desk.store.write() as tx:
        models.put(tx, old)
    view = models_view(desk, chosen=old.version)
    assert view.card is not None and view.card.refused.endswith("train again")
    assert view.rows[0].stands == Tag("refused", "bad") and not view.can_promote
    assert dict(view.card.about)["Signed"] == "refused"


def test_a_changed_manifest_shows_no_figure_of_it(desk: Desk):
    version = trained(desk, "a")
    assert models_view(desk).card is not None  # it was read before
    file = Path(version.path) / MANIFEST
    file.write_text(file.read_text(encoding="utf-8").replace("0.02", "0.09"), encoding="utf-8")
    card = models_view(desk).card
    assert card is not None and "does not match its hash" in card.refused
    assert not card.bins and not card.years and len(card.figures) == 3


def test_a_changed_member_refuses_the_version_in_use_on_its_page(desk: Desk):
    version = trained(desk, "a", has_vote=True)
    assert models_view(desk).card is not None
    (Path(version.path) / "a.json").write_text("[]", encoding="utf-8")
    view = models_view(desk)
    assert view.card is not None and "does not match its hash in a.json" in view.card.refused
    assert view.card.vote.startswith("It is not used") and view.rows[0].stands.text == "refused"
    assert not view.card.bins and not view.manifest


def test_drift_names_what_moved_further_than_ever(desk: Desk):
    version = trained(desk, "a")
    measured(desk, version.version, OFF)
    drift = models_view(desk).drift
    assert [(one.name, one.says.text) for one in drift.rows] == [
        ("RSI of 14 sessions", "drifted"),
        ("month", "much, as in training"),
        ("5-session return", "steady"),
    ]
    assert drift.features.startswith("1 of 3 features drifted")
    assert "41.0 % on average and 30.0 % came, n 500" in drift.said
    assert drift.said.endswith(
        "Came minus said, 99 % interval: −15.0 to −7.0 percentage points, so its probabilities "
        "have drifted."
    )
    assert drift.tone == "warn" and "21 sessions since training" in drift.note
    assert (drift.bins[0].said, drift.bins[0].came, drift.bins[0].n) == (0.35, 0.25, 250)
    proposed = retrain.propose(desk, measured(desk, version.version, OFF))
    assert proposed is not None and "where 41.0 % was said, n 500" in proposed.reasons[2]


def test_probabilities_that_come_as_told_are_said_to_hold(desk: Desk):
    version = trained(desk, "a")
    measured(desk, version.version, HOLDS)
    drift = models_view(desk).drift
    assert drift.said.endswith("−5.0 to +3.0 percentage points, so its probabilities still hold.")
    assert drift.tone == "ok" and len(drift.bins) == 2


def test_too_few_shares_for_an_index_are_counted_out(desk: Desk):
    version = trained(desk, "a")
    few = replace(measured(desk, version.version, CALM), features=(), cases=180)
    assert features_words(few).startswith("Too few cases to compare features: 180 of 300")


def test_what_an_older_munim_measured_still_reads(desk: Desk):
    version = trained(desk, "a")
    found = json.loads(to_json(measured(desk, version.version, OFF)))
    del found["cases"], found["calibration"]["level"]
    assert "95 % interval" in said_words(from_json(Drift, json.dumps(found)))


def test_too_few_outcomes_are_no_verdict(desk: Desk):
    version = trained(desk, "a")
    measured(desk, version.version, CALM)
    said = models_view(desk).drift.said
    assert said.startswith("Too few outcomes") and "n 20, 2 of 3 blocks" in said
    assert "174 predictions are not over yet" in said


def test_the_drift_of_an_earlier_model_is_not_shown_for_this_one(desk: Desk):
    trained(desk, "a")
    measured(desk, "ensemble-other", OFF)
    assert models_view(desk).drift.empty


def test_a_proposal_stands_with_its_reasons_until_it_is_answered(desk: Desk):
    version = trained(desk, "a")
    assert "None waits" in models_view(desk).answered
    retrain.propose(desk, measured(desk, version.version, OFF))
    view = models_view(desk)
    assert "21 sessions have passed" in view.proposal and "41.0 % was said" in view.proposal
    retrain.dismiss(desk, by="asha")
    view = models_view(desk)
    assert not view.proposal and "The last one was dismissed by asha" in view.answered


def test_kinds_that_can_be_trained_and_those_not_installed_are_named(desk: Desk):
    view = models_view(desk)
    assert dict(view.kinds)["lgbm"] == "LightGBM, boosted trees"
    assert set(view.standard) <= {kind for kind, _ in view.kinds}


def test_a_page_of_models_loads_no_library_that_trains_them():
    said = subprocess.run(
        [sys.executable, "-c", "import sys, core.views.models; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not {"lightgbm", "sklearn", "torch", "scipy"} & set(said.stdout.split())


def test_a_job_of_another_kind_leaves_the_page_as_it_is(desk: Desk):
    with desk.store.write() as tx:
        models.put(tx, replace(MODEL, has_vote=False))
    before = models_signature(desk)
    with desk.store.write() as tx:
        jobs.ask(tx, "scan", {}, asked_by="schedule", at=NOW)
    assert models_signature(desk) == before


def test_an_interval_says_the_level_it_was_measured_at_and_not_todays(desk: Desk):
    trained(desk, "a", manifest={"skill_level": 0.9})
    card = models_view(desk).card
    assert card is not None and card.figures[0].detail == "+8.00 % to +14.00 % (90 %)"
    assert models_view(desk).rows[0].interval == "+8.00 % to +14.00 % (90 %)"


def test_a_refused_version_claims_no_vote_whatever_its_row_says(desk: Desk):
    trained(desk, "a")
    old = made(desk, "b", trained_at=LATER, has_vote=True)
    with desk.store.write() as tx:
        models.put(tx, old)
    card = models_view(desk, chosen=old.version).card
    assert card is not None and card.vote.startswith("It is not used") and card.vote_tone == "warn"
    assert card.figures[0].detail.endswith("(level not kept)")


def test_a_version_measured_on_too_few_cases_shows_no_percentage(desk: Desk):
    trained(desk, "a", n_out_of_sample=29)
    card = models_view(desk).card
    assert card is not None
    assert [(one.label, one.value) for one in card.figures] == [
        ("Skill, out of sample", "too few"), ("Cases n", "29"),
    ]  # fmt: skip


def test_a_members_own_record_is_shown_when_chosen(desk: Desk):
    trained(desk, "a")
    view = models_view(desk, record="lgbm")
    assert view.records == {"ensemble": "all members, pooled", "lgbm": "LightGBM, boosted trees"}
    assert view.card is not None and view.card.record == "LightGBM, boosted trees"
    assert view.card.record_says == "It has a vote of its own."
    assert view.card.years == () and len(view.card.bins) == 8  # this record has no years


def test_who_put_what_to_use_and_why_is_listed_newest_first(desk: Desk):
    first = trained(desk, "a")
    second = trained(desk, "b", skill=0.2, trained_at=LATER)
    promote(desk, second.version, by="asha", why="covers the budget week")
    rollback(desk, by="ravi", why="cards came late")
    told = [(one.version, one.how, one.why) for one in models_view(desk).history]
    assert told == [
        (first.version, "rolled back by ravi", "cards came late"),
        (second.version, "promoted by asha", "covers the budget week"),
        (first.version, "put to use by itself, the first of this store", ""),
    ]


def test_a_way_back_to_a_refused_version_is_not_offered_and_says_why(desk: Desk):
    first = trained(desk, "a")
    second = trained(desk, "b", skill=0.2, trained_at=LATER)
    promote(desk, second.version, by="asha")
    (Path(first.path) / MANIFEST).unlink()
    view = models_view(desk)
    assert view.back_to == "" and "No way back to the version before: model" in view.no_way_back


def test_a_card_is_kept_as_markdown_with_every_part_of_it(desk: Desk):
    trained(desk, "a", has_vote=True)
    card = models_view(desk).card
    assert card is not None
    text = card_markdown(card)
    assert text.startswith(f"# Model {card.version}\n\nIn use, trained ")
    assert "| LightGBM, boosted trees | 0.70 | votes | +2.00 % |" in text
    assert "| 10.0 % | 11.0 % | 8.0 % to 14.0 % | 90 |" in text  # said, came, interval, n
    for part in ("## By year", "## By regime", "## Baselines", "## Ranges", "| Data fingerprint |"):
        assert part in text
    assert "Meter(" not in text and "Text(" not in text


def test_the_manifest_that_is_kept_hashes_to_the_version(desk: Desk):
    version = trained(desk, "a")
    kept = manifest_json(models_view(desk).manifest)
    assert hashlib.sha256(kept.encode()).hexdigest() == version.sha256


def test_forty_versions_are_listed_and_named_by_time_and_standing(desk: Desk):
    for one in range(40):
        trained(desk, f"v{one}", trained_at=NOW + timedelta(hours=one))
    view = models_view(desk)
    assert len(view.rows) == len(view.labels) == 40
    assert view.labels[view.in_use].endswith("· in use") and view.waiting.startswith("39 candid")
