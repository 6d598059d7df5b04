"""Hypothesis plays the desk as a state machine; `--hypothesis-seed=N` plays one run again.

A failure prints the shortest script of rules that shows it, and the seed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.torture.model import Model

PLAYED = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def test_a_few_scripts_of_the_model_break_no_invariant(empty_sqlite: Path):
    few = settings(PLAYED, max_examples=5, stateful_step_count=25, derandomize=True)
    run_state_machine_as_test(lambda: Model(empty_sqlite), settings=few)


@pytest.mark.torture
def test_thousands_of_steps_of_the_model_break_no_invariant(empty_sqlite: Path):
    many = settings(PLAYED, max_examples=60, stateful_step_count=50)
    run_state_machine_as_test(lambda: Model(empty_sqlite), settings=many)
