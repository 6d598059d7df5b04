"""The document on leak tests names every test, and its examples do what it says of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.desk.desk import Desk
from core.desk.leak_checks import CHECKS
from core.desk.leaks import find_leaks
from core.domain.leak_record import Verdict
from tests.desk.test_leaks import stored
from tests.views.shelf import empty_desk

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "leaks.md").read_text(encoding="utf-8")
PASSES, CAUGHT = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_every_test_has_its_row_in_order_and_says_whether_it_asks_a_file():
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ?(yes|only)? ?\|$", TEXT, re.MULTILINE)
    assert rows == [(one.name, "only" if one.name == "renamed" else "yes" if one.files else "")
                    for one in CHECKS]  # fmt: skip


@pytest.mark.parametrize(("example", "found"), [(PASSES, ()), (CAUGHT, ("truncated",))])
def test_the_examples_pass_and_are_caught_as_said(
    tmp_path: Path, example: str, found: tuple[str, ...]
):
    desk: Desk = empty_desk(tmp_path)
    stored(desk)
    file = tmp_path / "mine.py"
    file.write_text(example)
    report = find_leaks(desk, file=file, only=["truncated"])
    assert tuple(one.name for one in report.findings if one.verdict is Verdict.LEAK) == found
