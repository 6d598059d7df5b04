"""Hypothesis plays the desk as a state machine; `--hypothesis-seed=N` plays one run again.

Both runs are bounded: so many scripts of so many rules. A failure prints the script of rules that
shows it and its seed. The long run does not look for a shorter script, which would play hundreds
more; the short one does.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.torture.day_model import DayModel
from tests.torture.model import Model

PLAYED = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def test_a_few_scripts_of_the_model_break_no_invariant(empty_sqlite: Path):
    few = settings(PLAYED, max_examples=4, stateful_step_count=20, derandomize=True)
    run_state_machine_as_test(lambda: Model(empty_sqlite), settings=few)


@pytest.mark.torture
def test_hundreds_of_steps_of_the_model_break_no_invariant(empty_sqlite: Path):
    played = (Phase.explicit, Phase.generate)
    many = settings(PLAYED, max_examples=20, stateful_step_count=40, phases=played)
    run_state_machine_as_test(lambda: Model(empty_sqlite), settings=many)


def test_a_few_scripts_within_the_day_long_and_short_break_no_invariant(empty_sqlite: Path):
    few = settings(PLAYED, max_examples=3, stateful_step_count=16, derandomize=True)
    run_state_machine_as_test(lambda: DayModel(empty_sqlite), settings=few)


@pytest.mark.torture
def test_hundreds_of_steps_within_the_day_break_no_invariant(empty_sqlite: Path):
    played = (Phase.explicit, Phase.generate)
    many = settings(PLAYED, max_examples=20, stateful_step_count=40, phases=played)
    run_state_machine_as_test(lambda: DayModel(empty_sqlite), settings=many)
