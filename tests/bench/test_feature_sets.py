"""The sets that are compared, and when one of them is believed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.features.table import MODEL_NAMES, NAMES, WORDS
from core.models.calibrate import Skill
from tests.bench.feature_sets import FIRST, SETS, Gained, place_of, verdict

MORE = "60 by meaning"


def gained(part: str, low: float, value: float, *, alike: float = 0.0) -> Gained:
    return Gained(part, Skill(0.1, 0.1, value, low, value + 0.1, 0.2, 900), alike)


def told(*, real_low: float, sim: float = 0.01, alike: float = 0.0) -> str:
    """The verdict on a set that gains 2 % where it is chosen."""
    parts = ("choosing: seed 1", "confirming: real from 2024", "confirming: seed 42")
    usual = [gained(part, 0.0, 0.0) for part in parts]
    other = [
        gained(parts[0], 0.01, 0.02),
        gained(parts[1], real_low, 0.02, alike=alike),
        gained(parts[2], -0.01, sim),
    ]
    return verdict({FIRST: usual, MORE: other})


def test_every_set_holds_the_columns_in_use_and_each_column_once():
    assert SETS[FIRST] == MODEL_NAMES
    for names in SETS.values():
        assert names[: len(MODEL_NAMES)] == MODEL_NAMES
        assert len(set(names)) == len(names) and set(names) <= set(NAMES)


def test_what_is_kept_is_of_the_columns_as_they_are_meant_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    before = place_of("7", MORE, tmp_path)
    assert before == place_of("7", MORE, tmp_path) and before.parent == tmp_path
    moved = replace(WORDS["kurtosis_60"], version=WORDS["kurtosis_60"].version + 1)
    monkeypatch.setitem(WORDS, "kurtosis_60", moved)
    assert place_of("7", MORE, tmp_path) != before


def test_a_set_is_believed_where_what_it_gains_on_real_prices_is_more_than_noise():
    assert told(real_low=0.001).endswith("confirmed")
    for doubtful in (told(real_low=-0.001), told(real_low=0.001, sim=-0.01),
                     told(real_low=0.001, alike=-0.01)):  # fmt: skip
        assert doubtful.endswith("not confirmed: the columns in use stay")


def test_nothing_is_taken_where_no_set_gains_while_it_is_chosen():
    usual, worse = gained("choosing: seed 1", 0.0, 0.0), gained("choosing: seed 1", -0.1, -0.01)
    assert verdict({FIRST: [usual], MORE: [worse]}).endswith("the columns in use stay")
