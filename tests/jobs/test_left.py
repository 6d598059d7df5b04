"""What the next worker says of a request that a dead one left running."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.domain.job import JobRequest
from jobs.__main__ import _left_words


@pytest.mark.parametrize(
    ("kind", "by", "said"),
    [
        ("train", "first start", "it is asked again"),
        ("scan", "schedule", "it is asked again"),
        ("train", "person at the desk", "ask again; what it had done is kept"),
        ("backtest", "person at the desk", "ask again"),
    ],
)
def test_it_says_whether_the_desk_asks_again_by_itself(kind: str, by: str, said: str):
    left = JobRequest(
        id="jb1",
        kind=kind,
        arguments="{}",
        asked_by=by,
        asked_at=datetime(2026, 4, 6, tzinfo=UTC),
    )
    assert _left_words(left) == f"the worker stopped while it ran; {said}"
