"""Forty real sessions of real filings through the whole desk, from the terminal, twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import settings_now
from tests.cli.terminal import Terminal, make_terminal

pytestmark = [pytest.mark.realdata, pytest.mark.slow]
PRICES = "prices/nse_sec_bhavdata_full_unadjusted_2019_2026.parquet"
FILINGS = "filings/bse_announcements_2026-01_2026-03.csv.gz"
FACTORS = "corporate_actions/implied_adjustment_factors_DERIVED.csv"
SPAN = ("--from", "2026-01-27", "--to", "2026-03-30")


@pytest.fixture
def munim(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    """Run one verb on a replay store."""
    monkeypatch.setenv("MUNIM_MARKET", "replay")
    settings_now.cache_clear()
    return make_terminal(monkeypatch, capsys)


def test_a_real_stretch_is_replayed_and_twice_is_the_same(
    munim: Terminal, real_files: Path, tmp_path: Path
):
    brought = munim(
        "data", "import", str(real_files / PRICES), "--factors", str(real_files / FACTORS), "--json"
    )
    assert brought.code == 0, brought.sentence
    assert brought.document["symbols"] >= 100
    read = munim("ingest", str(real_files / FILINGS), "--json")
    assert read.code == 0, read.sentence
    first = munim("replay", *SPAN, "--folder", str(tmp_path / "one"), "--json")
    assert first.code == 0, first.sentence
    done = first.document
    assert done["sessions"] >= 40
    assert done["symbols_scanned"] >= 100
    assert 0 < done["events_mapped"] <= done["events_in_span"]
    assert sum(done["event_outcomes"].values()) >= done["events_mapped"]
    assert done["cards"] == done["cards_with_evidence"] > 0
    assert done["approved"] > 0 and done["fills"] > 0
    assert done["trial_balance_paise"] == 0
    second = munim("replay", *SPAN, "--folder", str(tmp_path / "two"), "--json").document
    assert second["cards_hash"] == done["cards_hash"]
    assert second["equity_paise"] == done["equity_paise"]
