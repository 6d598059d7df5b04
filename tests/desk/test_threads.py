"""The worker's thread settings, as doctor tells them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.desk import doctor
from core.desk.desk import Desk
from core.desk.threads import note_threads
from tests.views.shelf import empty_desk

ONE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return empty_desk(tmp_path)


def told(desk: Desk) -> tuple[bool, str]:
    [row] = [row for row in doctor.rows(desk) if row.name == "threads"]
    return row.ok, row.sentence


def test_one_thread_each_is_well_and_said_with_the_cores(desk: Desk):
    assert told(desk) == (True, "noted once the worker starts; a training takes 1 thread at a time")
    note_threads(desk, ONE, cores=2)
    assert told(desk) == (
        True,
        "1 for each numeric library in the worker, on 2 cores; a training takes 1 thread at a time",
    )


@pytest.mark.parametrize(
    ("other", "said"),
    [({"OMP_NUM_THREADS": "8"}, "OMP_NUM_THREADS=8"), ({"OPENBLAS_NUM_THREADS": ""}, "=unset")],
)
def test_more_threads_than_one_are_named_with_the_way_out(desk: Desk, other, said):
    note_threads(desk, {**ONE, **other}, cores=2)
    ok, sentence = told(desk)
    assert not ok and said in sentence and "make run sets 1" in sentence
