"""Written reports, the latest first, and the one that is open."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.clock import ist_day
from core.domain.words import age_of, day, ist_stamp
from core.store import reports
from core.store.reports import Report
from core.views.job import job_signature

MONTH = "month"
KINDS = {"eod": "End of day", MONTH: "Month"}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report in the list."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class ReportsView:
    """The list and the open report; `markdown` is empty when there is none.

    `file` is without its ending, `month` the first day of this month.
    """

    rows: tuple[ReportRow, ...]
    note: str
    chosen: str
    title: str
    written: str
    file: str
    markdown: str
    month: str
    empty: str


def reports_view(desk: Desk, *, chosen: str = "") -> ReportsView:
    """The reports; `chosen` is a row's key, the latest report when empty or unknown."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        found = {f"{one.kind}:{one.day}": one for one in reports.all_reports(tx)}
    key = chosen if chosen in found else next(iter(found), "")
    opened = found.get(key)
    return ReportsView(
        rows=tuple(ReportRow(name, f"{_kind(one.kind)} · {_when(one)}")
                   for name, one in found.items()),
        note=str(len(found)),
        chosen=key,
        title=f"{_kind(opened.kind)}, {_when(opened)}" if opened else "",
        written=f"written {ist_stamp(opened.market_at)} · {age_of(opened.market_at, now)} old"
        if opened
        else "",
        file=file_name(opened) if opened else "",
        markdown=opened.markdown if opened else "",
        month=ist_day(now).replace(day=1).isoformat(),
        empty="No report yet. The first is written after the close, at 16:15 market time.",
    )  # fmt: skip


def reports_signature(desk: Desk) -> Hashable:
    """Changes when a report is written or asked for."""
    with desk.store.read() as tx:
        written = tuple((one.kind, one.day, one.market_at) for one in reports.all_reports(tx))
    return (written, job_signature(desk, "report"))


def _kind(kind: str) -> str:
    return KINDS.get(kind, kind)


def _when(one: Report) -> str:
    return f"{one.day:%B %Y}" if one.kind == MONTH else day(one.day)


def file_name(one: Report) -> str:
    """What a report's file is called, without its ending."""
    return (
        f"munim-{one.kind}-{one.day:%Y-%m}" if one.kind == MONTH else f"munim-{one.kind}-{one.day}"
    )
