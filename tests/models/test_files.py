import hashlib
import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.account import Market
from core.errors import NoData, NotFound, Tampered, WrongMarket
from core.models.files import MANIFEST, load, save

FILES = ["lgbm.txt", "forest.txt", "logistic.json", MANIFEST]


@pytest.fixture
def version(learnt, tmp_path):
    """A copy of the planted model that a test may spoil."""
    place = tmp_path / learnt.trained.primary.version
    shutil.copytree(learnt.trained.primary.path, place)
    return replace(learnt.trained.primary, path=str(place))


def test_what_was_saved_loads_with_its_members(version):
    model = load(version, market=Market.SIM)
    assert model.version is version and sorted(model.members) == ["forest", "lgbm", "logistic"]


def test_the_meta_label_has_no_members(learnt):
    assert not learnt.meta.members


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("where", [0.0, 0.5, 0.999])
def test_one_flipped_byte_is_refused(version, name, where):
    file = Path(version.path) / name
    content = bytearray(file.read_bytes())
    content[int(where * len(content))] ^= 1
    file.write_bytes(content)
    with pytest.raises(Tampered, match=f"{version.version} does not match its hash"):
        load(version, market=Market.SIM)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_gone_is_named_as_gone(version, name):
    (Path(version.path) / name).unlink()
    with pytest.raises(NotFound, match="has no files; train again"):
        load(version, market=Market.SIM)


def test_a_model_of_another_market_is_refused(version):
    with pytest.raises(WrongMarket, match="was trained on sim and the store is live"):
        load(version, market=Market.LIVE)


def test_a_model_stored_as_of_another_market_is_refused_by_its_own_files(version):
    with pytest.raises(WrongMarket, match="was trained on sim and is stored as live"):
        load(replace(version, market=Market.LIVE), market=Market.LIVE)


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "weights.pt", "model"])
def test_a_format_that_can_run_code_is_never_written(tmp_path, name):
    with pytest.raises(ValueError, match="is no safe format"):
        save(tmp_path, kind="lgbm", manifest={"market": "sim"}, files={name: b"x"})
    assert not list(tmp_path.iterdir())


def test_a_file_swapped_for_a_pickle_is_refused(version):
    (Path(version.path) / "lgbm.txt").write_bytes(pickle.dumps({"booster": 1}))
    with pytest.raises(Tampered, match="does not match its hash"):
        load(version, market=Market.SIM)


def test_a_model_of_an_older_munim_says_train_again(version):
    place = Path(version.path)
    manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    del manifest["moves"]
    text = json.dumps(manifest)
    (place / MANIFEST).write_text(text, encoding="utf-8")
    older = replace(version, sha256=hashlib.sha256(text.encode()).hexdigest())
    with pytest.raises(NoData, match="lacks 'moves'; train again"):
        load(older, market=Market.SIM)


def test_a_model_of_one_file_of_trees_says_train_again(version):
    (Path(version.path) / "model.txt").write_text("tree", encoding="utf-8")
    with pytest.raises(NoData, match="was written by an older Munim; train again"):
        load(replace(version, sha256="0" * 64), market=Market.SIM)
