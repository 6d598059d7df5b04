import hashlib
import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.account import Market
from core.errors import NoData, NotFound, Tampered, WrongMarket
from core.models import files
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
    with pytest.raises(NotFound, match=f"has no {name}; train again"):
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
    manifest["format"] -= 1
    text = json.dumps(manifest)
    (place / MANIFEST).write_text(text, encoding="utf-8")
    older = replace(version, sha256=hashlib.sha256(text.encode()).hexdigest())
    with pytest.raises(NoData, match="was written by an older Munim; train again"):
        load(older, market=Market.SIM)


@pytest.mark.parametrize("name", ["../a.json", "/tmp/a.json", "b/a.json", ".a.json", "..\\a.json"])
def test_a_name_that_leads_out_of_the_folder_is_neither_written_nor_read(version, tmp_path, name):
    with pytest.raises(ValueError, match="is no plain file name"):
        save(tmp_path / "new", kind="lgbm", manifest={"market": "sim"}, files={name: b"x"})
    assert not (tmp_path / "new").exists()
    with pytest.raises(Tampered, match="is no plain file name; train again"):
        load(with_file(version, name), market=Market.SIM)


def test_a_manifest_that_names_a_pickle_is_refused_whoever_hashed_it(version):
    file = Path(version.path) / "lgbm.pkl"
    file.write_bytes(pickle.dumps({"booster": 1}))
    with pytest.raises(Tampered, match=r"lgbm\.pkl is no safe format"):
        load(with_file(version, file.name), market=Market.SIM)


def with_file(version, name):
    """The version with one more file in a manifest that matches its hash."""
    file = Path(version.path) / MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8"))
    manifest["files"][name] = "0" * 64
    text = json.dumps(manifest)
    file.write_text(text, encoding="utf-8")
    return replace(version, sha256=hashlib.sha256(text.encode()).hexdigest())


def test_a_file_that_the_disk_does_not_give_is_a_sentence(version, monkeypatch):
    def fails(self):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "read_bytes", fails)
    with pytest.raises(NotFound, match=r"manifest.json cannot be read \(Input/output error\)"):
        load(version, market=Market.SIM)


def test_writing_the_same_model_again_leaves_the_files_that_somebody_may_be_reading(tmp_path):
    wish = {"kind": "meta", "manifest": {"market": "sim", "breakeven": 0.4}, "files": {}}
    _, _, place = save(tmp_path, **wish)
    before = (place / MANIFEST).stat().st_ino
    assert save(tmp_path, **wish)[2] == place
    assert (place / MANIFEST).stat().st_ino == before
    assert [one.name for one in tmp_path.iterdir()] == [place.name]  # no draft is left


def test_writing_it_again_mends_a_spoiled_copy(tmp_path):
    wish = {"kind": "meta", "manifest": {"market": "sim"}, "files": {"a.json": b"{}"}}
    _, _, place = save(tmp_path, **wish)
    (place / "a.json").write_bytes(b"[]")
    save(tmp_path, **wish)
    assert (place / "a.json").read_bytes() == b"{}"
    assert [one.name for one in tmp_path.iterdir()] == [place.name]


def test_a_training_that_dies_while_it_writes_leaves_no_half_model(tmp_path, monkeypatch):
    def dies(file, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write", dies)
    with pytest.raises(OSError, match="No space left"):
        save(tmp_path, kind="meta", manifest={"market": "sim"}, files={"a.json": b"{}"})
    assert list(tmp_path.iterdir()) == []
