"""The rows about network providers: what each state reads as."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.desk.sources import said, source_states
from core.domain.clock import SteppedClock
from core.errors import SourceFailed
from core.providers.catalog import VENDORS
from core.providers.net.memory import FILE, Memory
from core.views.providers import ProviderRow, providers_view

NOW = datetime(2026, 8, 22, 6, 0, tzinfo=UTC)
AGO = timedelta(seconds=30)


def row(home: Path, name: str, *, key: str | None = "k", later: int = 0) -> ProviderRow:
    clock = SteppedClock(NOW + timedelta(seconds=later))
    rows = providers_view(home, clock=clock, find=lambda _: key)
    return next(one for one in rows if one.name == name)


def test_a_fresh_desk_shows_every_vendor_and_makes_no_file(tmp_path: Path):
    rows = providers_view(tmp_path, clock=SteppedClock(NOW), find=lambda _: None)
    assert [one.name for one in rows] == list(VENDORS)
    assert not (tmp_path / FILE).exists()
    kite = rows[0]
    assert (kite.set_up.text, kite.breaker.text, kite.last_success) == (
        "not set up",
        "closed",
        "never",
    )
    assert "MUNIM_KITE_API_KEY" in kite.sentence


def test_what_was_never_held_against_a_real_answer_is_marked(tmp_path: Path):
    assert (row(tmp_path, "upstox").wire.text, row(tmp_path, "upstox").wire.tone) == (
        "not verified",
        "warn",
    )
    assert row(tmp_path, "kite").wire.text == "verified"


def test_an_open_breaker_says_when_it_is_tried_and_then_that_the_next_is_a_trial(tmp_path: Path):
    memory = Memory(tmp_path)
    memory.change("kite", state="open", failures=3, opened_at=NOW - AGO)
    memory.change("kite", last_failure="Kite cannot be reached", last_failure_at=NOW - AGO)
    found = row(tmp_path, "kite")
    assert (found.breaker.text, found.breaker.note) == ("open", "tries again in 30 s")
    assert found.sentence == "Kite cannot be reached (30 s ago)"
    assert row(tmp_path, "kite", later=31).breaker.text == "half-open"
    [state, *_] = source_states(tmp_path, clock=SteppedClock(NOW), find=lambda _: "k")
    assert said(state) == (
        "set up, wire verified, breaker open, no answer yet, nothing cached; "
        "it is asked again in 30 s; Kite cannot be reached"
    )


def test_ages_of_the_last_answer_and_of_the_cache_are_shown(tmp_path: Path):
    memory = Memory(tmp_path)
    memory.change("yfinance", last_success_at=NOW - timedelta(hours=3))
    memory.keep("yfinance", "0:RELIANCE", [1], at=NOW - timedelta(hours=3))
    found = row(tmp_path, "yfinance")
    assert (found.last_success, found.cached) == ("3 h ago", "3 h ago")
    assert found.sentence == ""


def test_failures_and_a_wanted_rest_show_on_a_closed_breaker(tmp_path: Path):
    Memory(tmp_path).change("finnhub", failures=2)
    assert row(tmp_path, "finnhub").breaker.note == "2 failures in a row"
    Memory(tmp_path).change("finnhub", not_before=NOW + timedelta(minutes=2))
    assert row(tmp_path, "finnhub").breaker.note == "left alone for 2 min"


def test_a_damaged_record_says_which_file_to_remove(tmp_path: Path):
    (tmp_path / FILE).write_bytes(b"this is no database at all, whatever its name says" * 30)
    with pytest.raises(SourceFailed, match="remove the file"):
        providers_view(tmp_path, clock=SteppedClock(NOW), find=lambda _: None)
