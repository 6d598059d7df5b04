"""A lane's child process: warm between pieces of work, and replaced when it dies."""

from __future__ import annotations

import os
from concurrent.futures.process import BrokenProcessPool

import pytest

from jobs.lanes import Lane
from tests.jobs.works import die, which_process


def test_a_lane_keeps_one_warm_child_and_replaces_it_when_it_dies():
    lane = Lane("test", nice=0)
    try:
        first = lane.submit(which_process).result(timeout=120)
        assert first != str(os.getpid())
        assert lane.submit(which_process).result(timeout=120) == first
        with pytest.raises(BrokenProcessPool):
            lane.submit(die).result(timeout=120)
        second = lane.submit(which_process).result(timeout=120)
        assert second != first
    finally:
        lane.close()
