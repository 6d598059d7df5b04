"""Signed versions, and which of them is in use."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.desk import models_use
from core.desk.desk import Desk
from core.desk.models import open_model, sheet, signed, verify, why_refused
from core.desk.models_compare import compare
from core.desk.models_use import promote, rollback, standing
from core.domain.account import Market
from core.domain.research import ModelVersion
from core.errors import BadInput, NoData, NotFound, Refused, Tampered, WrongMarket
from core.features.table import MODEL_NAMES
from core.features.table import VERSION as TABLE
from core.models.barriers import BARRIERS
from core.models.files import MANIFEST
from core.store import audit, models
from core.store.engine import Store
from tests.at_once import at_once
from tests.views.shelf import NOW, empty_desk
from tests.views.versions import MEMBER, made, trained


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
        {"n_out_of_sample": 1}, {"signature": "2:" + "0" * 64}, {"signed_by": "script-sim"},
        {"members": ()}, {"members": (replace(MEMBER, has_vote=False),)}, {"base_rate": 0.5},
        {"barriers": (1.0, 9.0, 3)}, {"folds": 40}, {"rows": 1}, {"seconds": 1.0},
    ],
)  # fmt: skip
def test_a_row_changed_by_hand_is_refused(desk: Desk, change):
    version = signed(desk, made(desk, "a"), meta="")
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


def test_a_moved_home_takes_its_models_along(desk: Desk, tmp_path: Path):
    version = signed(desk, made(desk, "a"))
    os.rename(desk.home, tmp_path / "moved")
    moved = replace(desk, home=tmp_path / "moved")
    assert verify(moved, version) == ()
    assert open_model(moved, version).version == version and not sheet(moved, version).refused


def test_the_first_signature_scheme_says_what_it_left_out(desk: Desk):
    version = signed(desk, made(desk, "a"))
    with pytest.raises(Tampered, match="signed by an older Munim, which left out part"):
        verify(desk, replace(version, signature=version.signature.removeprefix("2:")))


def test_numbers_that_come_back_from_the_store_with_a_point_carry_the_same_signature(desk: Desk):
    version = signed(desk, made(desk, "a", seconds=3))
    verify(desk, replace(version, seconds=3.0))


def test_another_key_refuses_every_model_and_a_spoiled_one_says_so(desk: Desk):
    version = signed(desk, made(desk, "a"))
    key = desk.home / "approval_keys" / "desk-models"
    told = key.read_text(encoding="utf-8")
    key.unlink()
    with pytest.raises(Tampered, match="or the desk's key was replaced; train again"):
        verify(desk, version)
    key.write_text(told[: len(told) // 2], encoding="utf-8")
    with pytest.raises(Tampered, match="key of the desk's models is spoiled: approval_keys/desk-"):
        verify(desk, version)
    key.write_text(told, encoding="utf-8")
    verify(desk, version)


def test_a_file_that_is_no_part_of_a_model_is_named_and_never_opened(desk: Desk):
    version = signed(desk, made(desk, "a"))
    (Path(version.path) / "weights.pkl").write_bytes(b"cos\nsystem\n")
    assert verify(desk, version) == ("weights.pkl",)
    assert open_model(desk, version).members == {}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"features": [*MODEL_NAMES, "moon"]}, "1 feature that the desk no longer computes (moon)"),
        ({"features": list(MODEL_NAMES[1:])}, "27 features of table"),
        ({"feature_version": "f0"}, "28 features of table f0 and the desk computes 28 of table"),
        ({"barriers": [1.0, 9.0, 5]}, "odds of 1.0 and 9.0 ATR in 5 sessions and cards use 2.0"),
    ],
)
def test_a_version_of_other_features_or_brackets_is_not_put_back(desk: Desk, change, why):
    """After an upgrade a rollback would leave a desk that can decide nothing."""
    whole = {"members": {}, "features": list(MODEL_NAMES), "feature_version": TABLE,
             "barriers": list(BARRIERS)}  # fmt: skip
    first = trained(desk, "a", manifest={**whole, **change})
    second = trained(desk, "b", manifest=whole)
    with desk.store.read() as tx:  # nothing but a training could have put it to use since
        assert models.in_use(tx).how == "in place of one refused"
    assert why in why_refused(desk, first) and why in sheet(desk, first).refused
    with pytest.raises(NoData, match=re.escape(why)):
        open_model(desk, first)
    with pytest.raises(Refused, match=f"{second.version} stays in use: model {first.version}"):
        rollback(desk, by="asha")


def test_a_version_that_lost_its_meta_label_is_not_put_to_use(desk: Desk):
    trained(desk, "a")
    second = trained(desk, "b", skill=0.2)
    with desk.store.read() as tx:
        meta = models.by_version(tx, second.meta, "meta")
    shutil.rmtree(meta.path)
    with pytest.raises(Refused, match=f"is not put to use: model {meta.version} has no manifest"):
        promote(desk, second.version, by="asha")


def test_a_training_takes_the_place_of_a_model_whose_meta_label_is_gone(desk: Desk):
    first = trained(desk, "a")
    with desk.store.read() as tx:
        shutil.rmtree(models.by_version(tx, first.meta, "meta").path)
    assert in_use(desk)[0] == first.version
    assert in_use_after(desk, trained(desk, "b")) == "in place of one refused"


def in_use_after(desk: Desk, version: ModelVersion) -> str:
    with desk.store.read() as tx:
        now = models.in_use(tx)
    assert now is not None and now.version == version.version
    return now.how


def test_a_comparison_with_what_is_no_longer_in_use_promotes_nothing(desk: Desk):
    first = trained(desk, "a")
    second, third = (trained(desk, name, skill=0.2) for name in "bc")
    promote(desk, second.version, by="ravi", over=first.version)
    with pytest.raises(Refused, match=f"ravi put {second.version} to use meanwhile; compare again"):
        promote(desk, third.version, by="asha", over=first.version, despite=True)
    assert in_use(desk)[0] == second.version


def test_of_two_that_promote_at_once_the_second_is_told(desk: Desk, monkeypatch):
    """Ravi's promotion lands after Asha's has verified its files and before it writes."""
    first = trained(desk, "a")
    second, third = (trained(desk, name, skill=0.2) for name in "bc")
    verified = models_use.why_pair_refused

    def slowly(desk, *pair):
        said = verified(desk, *pair)
        monkeypatch.setattr(models_use, "why_pair_refused", verified)
        promote(desk, second.version, by="ravi")
        return said

    monkeypatch.setattr(models_use, "why_pair_refused", slowly)
    with pytest.raises(Refused, match=f"ravi put {second.version} to use meanwhile"):
        promote(desk, third.version, by="asha")
    assert in_use(desk)[0] == second.version and rollback(desk, by="asha").version == first.version


def test_what_was_in_use_and_rolled_back_is_no_candidate_again(desk: Desk):
    trained(desk, "a")
    second = trained(desk, "b", skill=0.2, trained_at=NOW + timedelta(hours=1))
    third = trained(desk, "c", skill=0.2, trained_at=NOW + timedelta(hours=2))
    promote(desk, second.version, by="asha")
    rollback(desk, by="asha")
    stands = {one.version.version: one.stands for one in models_use.shelved(desk)}
    assert stands[second.version] == "earlier" and stands[third.version] == "candidate"


def test_who_and_why_stand_in_the_record(desk: Desk):
    trained(desk, "a")
    second = trained(desk, "b", skill=0.2)
    promote(desk, second.version, by="asha", why="covers the budget week")
    rollback(desk, by="ravi", why="its cards came late")
    with desk.store.read() as tx:
        said = [json.loads(one.body)["why"] for one in audit.entries(tx)
                if one.verb == "use model" and one.actor in ("asha", "ravi")]  # fmt: skip
    assert said == ["covers the budget week", "its cards came late"]


def test_a_tampered_candidate_is_not_promoted_and_its_sheet_says_why(desk: Desk):
    trained(desk, "a")
    bad = trained(desk, "b", skill=0.2)
    (Path(bad.path) / "a.json").write_text("[]", encoding="utf-8")
    with pytest.raises(Refused, match=f"{bad.version} is not put to use: .* match its hash"):
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
    assert "has no a.json" in json.loads(entry.body)["because"]
    with pytest.raises(Refused, match=f"{second.version} stays in use: .* has no a.json"):
        rollback(desk, by="asha")


def test_no_rollback_to_files_that_are_gone(desk: Desk):
    first, second = trained(desk, "a"), trained(desk, "b", skill=0.2)
    promote(desk, second.version, by="asha")
    (Path(first.path) / MANIFEST).unlink()
    with pytest.raises(Refused, match=f"{second.version} stays in use: .* has no manifest"):
        rollback(desk, by="asha")
    assert why_refused(desk, second) == ""


def test_of_two_promotions_in_one_instant_the_later_one_says_what_the_first_did(
    any_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    desk = replace(empty_desk(tmp_path / "here"), store=any_store)
    trained(desk, "a")
    rivals = [trained(desk, name, skill=0.2).version for name in ("b", "c")]
    looked, checked = threading.Barrier(2), threading.Barrier(2)
    still, compared = models_use._still, models_use.compare

    def both_looked(*args):
        looked.wait(timeout=60)  # each knows the same one in use
        return compared(*args)

    def then_both_go_on(*args):
        still(*args)
        with suppress(threading.BrokenBarrierError):
            checked.wait(timeout=0.3)  # nobody else comes here before this one is done

    def promoted(number: int) -> str:
        try:
            return promote(desk, rivals[number], by="asha").version
        except Refused as wrong:
            return str(wrong)

    monkeypatch.setattr(models_use, "compare", both_looked)
    monkeypatch.setattr(models_use, "_still", then_both_go_on)
    won, lost = sorted(at_once(2, promoted), key=len)
    assert lost.endswith(f"is not put to use: asha put {won} to use meanwhile; compare again")
    with desk.store.read() as tx:
        assert [one.number for one in models.uses(tx)] == [2, 1]
