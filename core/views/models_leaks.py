"""What the newest run of the leak tests found, how old it is, and whether it still counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.desk.desk import Desk
from core.desk.jobs import job_time
from core.desk.last_leaks import last_leaks
from core.domain.leak_record import LeakRecord, LeakTest, Verdict
from core.domain.words import age_of, counted, day, ist_stamp, qty
from core.features.table import VERSION
from core.store import models
from core.views.shown import RowMark, Text

ORDER = (Verdict.LEAK, Verdict.PASS, Verdict.NOT_ASKED)
SAYS = {
    Verdict.LEAK: Text("leak", "loss", bold=True),
    Verdict.PASS: Text("clean", "gain"),
    Verdict.NOT_ASKED: Text("not asked", "mute"),
}


@dataclass(frozen=True, slots=True)
class LeakRow:
    """One test and what it said."""

    words: str
    says: Text
    sentence: str
    mark: RowMark = ""


@dataclass(frozen=True, slots=True)
class LeaksView:
    """The newest run over the desk's own columns; `stale` says why it counts no more, or "".

    `file` is a sentence on the newest run over a person's file, "" where there was none.
    """

    rows: tuple[LeakRow, ...]
    note: str
    said: str
    stale: str
    file: str
    empty: str


def leaks_view(desk: Desk) -> LeaksView:
    """The newest runs as they stand now."""
    with desk.store.read() as tx:
        own, file, model = last_leaks(tx), last_leaks(tx, of_file=True), models.current(tx)
    now = job_time(desk)
    of_file = f"Newest file, {file.subject}: {_said(file)} {_when(file, now)}." if file else ""
    if own is None:
        return LeaksView((), "", "", "", of_file,
                         "The leak tests have not been run over this desk's own features and "
                         "models yet.")  # fmt: skip
    trained = None if model is None else model.trained_at
    return LeaksView(
        rows=tuple(_row(one) for verdict in ORDER for one in own.those(verdict)),
        note=_when(own, now),
        said=_said(own),
        stale=_stale(own, trained),
        file=of_file,
        empty="",
    )


def _row(one: LeakTest) -> LeakRow:
    return LeakRow(
        words=f"{one.words[:1].upper()}{one.words[1:]}",
        says=SAYS[one.verdict],
        sentence=one.sentence,
        mark="red" if one.verdict is Verdict.LEAK else "",
    )


def _said(found: LeakRecord) -> str:
    leaks, asked = found.those(Verdict.LEAK), len(found.tests) - len(found.those(Verdict.NOT_ASKED))
    names = f" ({', '.join(one.name for one in leaks)})" if leaks else ""
    return (
        f"{counted(len(leaks), 'leak')} found{names} by {counted(asked, 'test')}, over "
        f"{counted(found.columns, 'column')} of {counted(found.shares, 'share')}, "
        f"{qty(found.sessions)} sessions from {day(found.first)} to {day(found.last)}."
    )


def _when(found: LeakRecord, now: datetime) -> str:
    return f"{age_of(found.at, now)} old, {ist_stamp(found.at)}"


def _stale(found: LeakRecord, trained_at: datetime | None) -> str:
    if found.features != VERSION:
        return (
            f"Features have changed since, from {found.features} to {VERSION}; run the tests again."
        )
    if trained_at is not None and trained_at > found.at:
        return "The model in use was trained after this run; run the tests again."
    return ""
