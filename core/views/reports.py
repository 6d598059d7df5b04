"""Written reports, the latest first, and the one that is open."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.words import age_of, day, ist_stamp
from core.store import reports
from core.views.job import job_signature

KINDS = {"eod": "End of day", "month": "Month"}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report in the list."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ReportsView:
    """The list and the open report; `markdown` is empty when there is none."""

    rows: tuple[ReportRow, ...]
    note: str
    chosen: str
    title: str
    written: str
    file: str
    markdown: str
    empty: str


def reports_view(desk: Desk, *, chosen: str = "") -> ReportsView:
    """The reports; `chosen` is a row's key, the latest report when empty or unknown."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        found = {f"{one.kind}:{one.day}": one for one in reports.all_reports(tx)}
    key = chosen if chosen in found else next(iter(found), "")
    opened = found.get(key)
    return ReportsView(
        rows=tuple(ReportRow(name, f"{_kind(one.kind)} · {day(one.day)}")
                   for name, one in found.items()),
        note=str(len(found)),
        chosen=key,
        title=f"{_kind(opened.kind)}, {day(opened.day)}" if opened else "",
        written=f"written {ist_stamp(opened.market_at)} · {age_of(opened.market_at, now)} old"
        if opened
        else "",
        file=f"munim-{opened.kind}-{opened.day}.md" if opened else "",
        markdown=opened.markdown if opened else "",
        empty="No report yet. The first is written after the close, at 16:15 market time.",
    )  # fmt: skip


def reports_signature(desk: Desk) -> Hashable:
    """Changes when a report is written or asked for."""
    with desk.store.read() as tx:
        written = tuple((one.kind, one.day, one.market_at) for one in reports.all_reports(tx))
    return (written, job_signature(desk, "report"))


def _kind(kind: str) -> str:
    return KINDS.get(kind, kind)
