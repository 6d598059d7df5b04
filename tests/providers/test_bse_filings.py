from datetime import datetime
from pathlib import Path

import pytest

from core.domain.clock import IST
from core.errors import BadInput
from core.providers.bse_filings import parse, read_filings
from core.providers.table_files import csv_table, read_table

HEAD = "dt,Company,Scrip Code,Subject,Category_weak,Implication_weak,PDF Link,snapshot\n"


def row(at: str, subject: str, pdf: str) -> str:
    return f"{at},ABB India Ltd,500002,{subject},Others,weak,https://bse/{pdf},20260203\n"


def test_a_filing_is_an_event_known_when_it_was_filed():
    found = parse(
        csv_table("f.csv", (HEAD + row("2026-01-25 09:15:00", "Order", "a.pdf")).encode())
    )
    (event,) = found.events
    assert event.event_at == event.known_at == datetime(2026, 1, 25, 9, 15, tzinfo=IST)
    assert (event.source, event.source_id, event.headline) == ("BSE", "a.pdf", "Order")
    assert event.url == "https://bse/a.pdf" and not event.simulated
    assert "Company: ABB India Ltd; Scrip code: 500002;" in event.body


def test_filings_come_oldest_first_and_repeats_are_noted():
    text = (
        HEAD
        + row("2026-01-26 09:15:00", "Order won", "b.pdf")
        + row("2026-01-25 10:00:00", "ORDER  won!", "a.pdf")
        + row("2026-01-28 10:00:00", "Order won", "c.pdf")
    )
    found = parse(csv_table("f.csv", text.encode()))
    assert [event.source_id for event in found.events] == ["a.pdf", "b.pdf", "c.pdf"]
    assert found.repeated == (found.events[1].id,)  # c.pdf comes more than a day later


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dt,Company\n1,2\n", "found no column scrip code, expected it in a BSE announcements"),
        (HEAD + row("25-01-2026", "x", "a"), "f.csv, line 2, column dt: found '25-01-2026'"),
        (HEAD + row("2026-01-25 09:15:00", "", "a"), "line 2, column subject: found nothing"),
    ],
)
def test_a_malformed_list_is_one_sentence(text, words):
    with pytest.raises(BadInput, match=words):
        parse(csv_table("f.csv", text.encode()))


@pytest.mark.realdata
def test_the_real_filings_are_read_whole(real_files: Path):
    path = real_files / "filings" / "bse_announcements_2026-01_2026-03.csv.gz"
    events = read_filings(path)
    assert len(events) == 4_973 and len({event.id for event in events}) == 4_973
    assert events == sorted(events, key=lambda event: event.known_at)
    assert str(events[0].known_at) == "2026-01-25 00:53:00+05:30"
    assert 100 < len(parse(read_table(path)).repeated) < 300
