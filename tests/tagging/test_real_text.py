"""The tagger against real Indian headlines and filings, where the research files are at hand."""

import csv
import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.domain.event import Event, EventType
from core.domain.instrument import CapClass, Instrument
from core.tagging.names import NameIndex
from core.tagging.stance import lean_for
from core.tagging.tagger import tag

SHARED = Path(__file__).parents[3] / "shared" / "data"
HEADLINES = SHARED / "news" / "SEntFiN_v1_train75.csv"
FILINGS = SHARED / "filings" / "bse_announcements_2026-01_2026-03.csv.gz"
NIFTY500 = SHARED / "reference" / "ind_nifty500list.csv"
STANCES = {"negative": -1, "neutral": 0, "positive": 1}
AT = datetime(2026, 3, 1, tzinfo=UTC)
pytestmark = pytest.mark.realdata


def need(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the repository")
    return path


def test_stance_beats_the_majority_baseline_on_labelled_headlines():
    with need(HEADLINES).open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    pairs = Counter(
        (STANCES[label], int(lean_for(row["Title"], name).stance))
        for row in rows
        for name, label in json.loads(row["Decisions"]).items()
    )
    total = sum(pairs.values())
    right = sum(n for (said, read), n in pairs.items() if said == read)
    most = max(sum(n for (said, _), n in pairs.items() if said == s) for s in STANCES.values())
    assert total > 10_000
    assert right / total > most / total


def test_most_real_filings_are_routine_and_all_belong_to_their_filer():
    with need(NIFTY500).open(encoding="utf-8") as lines:
        universe = [
            Instrument(r["ISIN Code"], r["Symbol"], r["Company Name"], r["Industry"], CapClass.MID)
            for r in csv.DictReader(lines)
        ]
    names = NameIndex.build(universe)
    with gzip.open(need(FILINGS), "rt", encoding="utf-8") as lines:
        subjects = [row["Subject"] for row in csv.DictReader(lines)]
    tags = [
        found
        for n, subject in enumerate(subjects)
        for found in tag(Event(str(n), "bse", str(n), subject, AT, AT), names)
    ]
    kinds = Counter(found.event_type for found in tags)
    assert len(tags) > 1_000
    assert len({found.event_id for found in tags}) == len(tags)
    assert kinds[EventType.ROUTINE] > len(tags) / 2
    assert kinds[EventType.ORDER_WIN] > 5
