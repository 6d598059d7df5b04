"""Trees read back from their text, held against LightGBM's own package."""

from __future__ import annotations

import subprocess
import sys

import lightgbm
import numpy as np
import pytest

from core.errors import NotBuilt, Tampered
from core.models import tree_text
from core.models.cases import cases_of
from core.models.tree_text import TextBooster


def rows_of(learnt):
    """The last session's rows, with a value missing here and there."""
    shares = np.arange(len(learnt.features.isins))
    rows = cases_of(
        learnt.features, session=len(learnt.features.sessions) - 1, shares=shares
    ).rows()
    rows[::3, 2] = np.nan
    return rows


@pytest.mark.parametrize("kind", ["lgbm", "forest"])
def test_chances_and_contributions_are_those_of_the_package_to_the_last_bit(kind, learnt):
    trees, rows = learnt.primary.members[kind], rows_of(learnt)
    [text] = trees.files().values()
    package = lightgbm.Booster(model_str=text.decode())
    assert isinstance(trees.booster, TextBooster)
    assert trees.booster.current_iteration() == package.current_iteration() > 1
    for also in ({}, {"pred_contrib": True}):
        theirs = np.ravel(package.predict(rows, num_threads=1, **also))
        assert np.array_equal(trees.booster.predict(rows, **also), theirs)


def test_the_text_that_was_read_is_kept_as_it_was(learnt):
    [text] = learnt.primary.members["lgbm"].files().values()
    assert TextBooster(text.decode()).model_to_string().encode() == text


def test_a_row_of_another_width_and_an_empty_text_are_refused_in_one_sentence(learnt):
    with pytest.raises(Tampered, match=r"number of features in data \(5\).*; train again"):
        learnt.primary.members["lgbm"].booster.predict(rows_of(learnt)[:, :5])
    with pytest.raises(Tampered, match="LightGBM cannot use the trees that were kept"):
        TextBooster("")


def test_without_the_package_it_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(tree_text, "find_spec", lambda _: None)
    tree_text._library.cache_clear()
    with pytest.raises(NotBuilt, match="lightgbm is not installed whole"):
        TextBooster("")
    tree_text._library.cache_clear()


def test_trees_are_read_and_scored_without_what_the_package_imports(learnt, tmp_path):
    [text] = learnt.primary.members["lgbm"].files().values()
    (tmp_path / "lgbm.txt").write_bytes(text)
    code = (
        "import sys\nimport numpy as np\nfrom pathlib import Path\n"
        "from core.models.tree_text import TextBooster\n"
        "trees = TextBooster(Path(sys.argv[1]).read_text())\n"
        f"print(len(trees.predict(np.zeros((1, {len(learnt.features.names)}), np.float32))))\n"
        "print(sorted({'lightgbm', 'sklearn', 'scipy', 'pandas'} & set(sys.modules)))"
    )
    asked = [sys.executable, "-c", code, str(tmp_path / "lgbm.txt")]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split("\n")
    assert told[:2] == ["3", "[]"]
