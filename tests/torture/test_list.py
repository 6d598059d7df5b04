"""The torture list names a test for each of its eighty lines, and every one of them exists."""

from __future__ import annotations

import ast
from functools import lru_cache
from pathlib import Path

import pytest

from jobs.__main__ import _scheduler
from jobs.schedule import JOBS
from tests.torture.scenarios import PAGE, SCENARIOS, Scenario, page

ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=64)
def names_in(path: str) -> frozenset[str]:
    """Names of the test functions of one file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def test_every_number_from_one_to_eighty_stands_once_in_its_order():
    assert [one.number for one in SCENARIOS] == list(range(1, 81))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: str(one.number))
def test_each_scenario_names_tests_that_exist(scenario: Scenario):
    assert scenario.tests
    for test in scenario.tests:
        path, _, name = test.partition("::")
        assert name in names_in(path), f"{test} is not there"


def test_the_page_is_what_the_list_says():
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "docs/torture.md is old; run python -m tests.torture.scenarios"
    )


def test_a_backlog_of_one_job_is_one_run():
    scheduler = _scheduler(None)  # type: ignore[arg-type]
    scheduler.start(paused=True)
    found = {job.id: (job.coalesce, job.max_instances) for job in scheduler.get_jobs()}
    scheduler.shutdown(wait=False)
    assert found == {job.name: (True, 1) for job in JOBS}
