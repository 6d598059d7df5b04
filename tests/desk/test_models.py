"""Signed versions, and which of them is in use."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.models import open_model, sheet, signed, verify, why_refused
from core.desk.models_compare import compare
from core.desk.models_use import promote, rollback, standing
from core.domain.account import Market
from core.errors import BadInput, NotFound, Refused, Tampered, WrongMarket
from core.models.files import MANIFEST
from core.store import audit, models
from tests.views.shelf import NOW, empty_desk
from tests.views.versions import made, trained


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return empty_desk(tmp_path / "here")


def in_use(desk: Desk) -> tuple[str, str]:
    with desk.store.read() as tx:
        primary, meta = models.current(tx, "primary"), models.current(tx, "meta")
    assert primary is not None and meta is not None
    assert primary.meta == meta.version
    return primary.version, meta.version


def test_the_first_version_is_put_to_use_and_the_next_is_a_candidate(desk: Desk):
    first, second = trained(desk, "a"), trained(desk, "b")
    assert in_use(desk)[0] == first.version
    with desk.store.read() as tx:
        assert standing(tx, first.version) == "it is in use"
        assert f"{first.version} stays in use until a person" in standing(tx, second.version)


def test_the_same_model_trained_again_stays_in_use(desk: Desk):
    trained(desk, "a")
    again = trained(desk, "a", trained_at=NOW + timedelta(hours=1))
    with desk.store.read() as tx:
        assert models.current(tx) == again
        assert len(models.uses(tx)) == 1


def test_promoting_moves_model_and_meta_label_and_stands_in_the_record(desk: Desk):
    first = trained(desk, "a")
    second = trained(desk, "b", skill=0.2)
    promote(desk, second.version, by="asha")
    assert in_use(desk) == (second.version, second.meta)
    with desk.store.read() as tx:
        entry = [one for one in audit.entries(tx) if one.verb == "use model"][-1]
    body = json.loads(entry.body)
    assert (entry.actor, entry.subject, body["before"]) == ("asha", second.version, first.version)
    assert body["how"] == "promoted" and body["sha256"] == second.sha256


def test_rolling_back_goes_one_promotion_back_each_time(desk: Desk):
    first, second, third = (
        trained(desk, name, skill=skill) for name, skill in (("a", 0.1), ("b", 0.2), ("c", 0.3))
    )
    promote(desk, second.version, by="asha")
    promote(desk, third.version, by="asha")
    assert rollback(desk, by="asha").version == second.version
    assert rollback(desk, by="asha").version == first.version
    assert in_use(desk) == (first.version, first.meta)
    with pytest.raises(Refused, match=f"nothing to roll back to: {first.version} is the first"):
        rollback(desk, by="asha")


def test_a_desk_without_a_model_has_nothing_to_roll_back_to(desk: Desk):
    with pytest.raises(Refused, match="no model is in use"):
        rollback(desk, by="asha")


@pytest.mark.parametrize(
    ("more", "warning"),
    [
        ({"skill": 0.05}, "its skill \\+5.00 % is below \\+11.20 %"),
        ({"has_vote": True}, "it votes where the one in use does not"),
        ({"whole": {"suspect": "rank IC 0.120 is over 0.08"}}, "look like a leak: rank IC 0.120"),
        ({"n_out_of_sample": 10}, "measured on 10 cases and the one in use on 96000"),
    ],
)
def test_a_candidate_with_a_warning_is_promoted_only_despite_it(desk: Desk, more, warning):
    first, worse = trained(desk, "a"), trained(desk, "b", **more)
    with pytest.raises(Refused, match=warning):
        promote(desk, worse.version, by="asha")
    assert in_use(desk)[0] == first.version
    promote(desk, worse.version, by="asha", despite=True)
    assert in_use(desk)[0] == worse.version


def test_losing_the_vote_is_a_warning_too(desk: Desk):
    old, new = trained(desk, "a", has_vote=True), trained(desk, "b")
    said = compare(desk, new, old)
    assert said.warnings == (
        "it has no vote where the one in use votes, so no edge will be claimed",
    )
    assert (said.candidate.rank_ic, said.candidate.ece, said.in_use.shares) == (0.02, 0.01, 30)


def test_what_is_in_use_is_not_promoted_again_and_unknown_ones_are_named(desk: Desk):
    first = trained(desk, "a")
    with pytest.raises(BadInput, match="is in use already"):
        promote(desk, first.version, by="asha")
    with pytest.raises(NotFound, match=f"no model x; known are {first.version}"):
        promote(desk, "x", by="asha")


def test_a_version_without_a_signature_says_train_again(desk: Desk):
    with pytest.raises(Tampered, match="was trained before models were signed; train again"):
        open_model(desk, made(desk, "a"))


@pytest.mark.parametrize(
    "change",
    [
        {"has_vote": True}, {"skill_low": 0.5}, {"sha256": "0" * 64}, {"meta": "meta-1"},
        {"n_out_of_sample": 1}, {"signature": "0" * 64}, {"signed_by": "script-sim"},
    ],
)  # fmt: skip
def test_a_row_changed_by_hand_is_refused(desk: Desk, change):
    version = signed(desk, made(desk, "a"))
    verify(desk, version)
    with pytest.raises(Tampered, match="does not carry this desk's signature"):
        open_model(desk, replace(version, **change))


def test_another_desks_model_is_refused(desk: Desk, tmp_path: Path):
    theirs = signed(empty_desk(tmp_path / "there"), made(desk, "a"))
    with pytest.raises(Tampered, match="another desk trained it"):
        verify(desk, theirs)


def test_a_model_of_another_market_is_refused_before_anything_is_read(desk: Desk):
    version = signed(desk, made(desk, "a"))
    for market in (Market.REPLAY, Market.LIVE):
        with pytest.raises(WrongMarket, match=f"was trained on sim and the store is {market}"):
            open_model(replace(desk, market=market), version)


def test_files_of_a_moved_home_still_verify(desk: Desk, tmp_path: Path):
    version = signed(desk, made(desk, "a"))
    to = tmp_path / "moved"
    os.rename(version.path, to)
    verify(desk, replace(version, path=str(to)))


def test_a_tampered_candidate_is_not_promoted_and_its_sheet_says_why(desk: Desk):
    trained(desk, "a")
    bad = trained(desk, "b", skill=0.2)
    (Path(bad.path) / "a.json").write_text("[]", encoding="utf-8")
    with pytest.raises(Refused, match=f"{bad.version} stays a candidate: .* match its hash"):
        promote(desk, bad.version, by="asha", despite=True)
    (Path(bad.path) / MANIFEST).write_text("{}", encoding="utf-8")
    told = sheet(desk, bad)
    assert "does not match its hash" in told.refused and not told.measures


def test_a_training_takes_the_place_of_a_model_that_is_refused(desk: Desk):
    first = trained(desk, "a")
    (Path(first.path) / "a.json").unlink()
    second = trained(desk, "b")
    assert in_use(desk)[0] == second.version
    with desk.store.read() as tx:
        entry = [one for one in audit.entries(tx) if one.verb == "use model"][-1]
    assert "has no files" in json.loads(entry.body)["because"]
    with pytest.raises(Refused, match=f"{second.version} stays in use: .* has no files"):
        rollback(desk, by="asha")


def test_no_rollback_to_files_that_are_gone(desk: Desk):
    first, second = trained(desk, "a"), trained(desk, "b", skill=0.2)
    promote(desk, second.version, by="asha")
    (Path(first.path) / MANIFEST).unlink()
    with pytest.raises(Refused, match=f"{second.version} stays in use: .* has no files"):
        rollback(desk, by="asha")
    assert why_refused(desk, second) == ""
