"""Leak tests of the desk's own features and models, or of a file a person adds, over the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from core.desk.beside import beside
from core.desk.desk import Desk
from core.desk.jobs import job_time
from core.desk.last_leaks import keep_leaks
from core.desk.leak_checks import CHECKS, Check, checks_named
from core.desk.strategy_file import strategy_file
from core.desk.studied_then import studied_then
from core.domain.account import Market
from core.domain.clock import ist_day
from core.domain.leak_record import LeakRecord, LeakTest, Verdict
from core.domain.words import counted
from core.errors import BadInput
from core.features.compute import compute
from core.features.table import FEATURES, NAMES, VERSION
from core.features.tilt import tilt
from core.models.leaks import Columns, Finding, Subject, not_asked
from core.models.taking_part import taking_part
from core.models.train import NEEDED_SESSIONS
from core.panel import Panel
from core.store import bars, events

SESSIONS = 750  # looked at, the newest
SHARES = 40
FEW_SHARES = 10
LONGER = tuple(one.name for one in FEATURES if one.per != "session")
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class LeakReport:
    """What was looked at and what every test said of it."""

    subject: str
    market: Market
    first: date
    last: date
    sessions: int
    shares: int
    columns: int
    findings: tuple[Finding, ...]
    seconds: float

    @property
    def leaks(self) -> int:
        """How many tests found one."""
        return sum(one.verdict is Verdict.LEAK for one in self.findings)

    @property
    def words(self) -> str:
        """One line for a person."""
        passed = sum(one.verdict is Verdict.PASS for one in self.findings)
        rest = len(self.findings) - passed - self.leaks
        return (
            f"{self.subject}: {counted(self.leaks, 'leak')} found, {passed} tests passed, {rest} "
            f"not applicable; {self.columns} columns of {self.shares} shares over {self.sessions} "
            f"sessions, {self.first} to {self.last}, in {self.seconds:.0f} s"
        )


def find_leaks(
    desk: Desk,
    *,
    file: Path | None = None,
    only: Sequence[str] = (),
    progress: Progress = lambda _share, _sentence: None,
) -> LeakReport:
    """Run the tests, all of them unless some are named; a run of all is kept for the screen.

    Args:
        file: a person's features or signals; the desk's own are tested when left out.

    Raises:
        BadInput: an unknown test, a file that cannot be used, or too little history.
        NoData: no share is liquid enough to take part.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # two cores fight over small fits and take longer
        found = _found(desk, file, checks_named(only), progress)
    if len(found.findings) == len(CHECKS):
        keep_leaks(desk, _record(found, job_time(desk), of_file=file is not None))
    return found


def _record(found: LeakReport, at: datetime, *, of_file: bool) -> LeakRecord:
    words = {check.name: check.words for check in CHECKS}
    return LeakRecord(
        subject=found.subject,
        at=at,
        features="" if of_file else VERSION,
        first=found.first,
        last=found.last,
        sessions=found.sessions,
        shares=found.shares,
        columns=found.columns,
        tests=tuple(
            LeakTest(one.name, words[one.name], one.verdict, one.sentence) for one in found.findings
        ),
    )


def _found(
    desk: Desk, file: Path | None, chosen: Sequence[Check], progress: Progress
) -> LeakReport:
    began = time.monotonic()
    progress(0.0, "reading bars")
    subject = _of_file(desk, file) if file else _own(desk)
    progress(0.02, f"computing columns of {len(subject.panel.isins)} shares")
    count, findings = len(subject.whole), []
    for place, check in enumerate(chosen):
        progress(0.05 + 0.95 * place / len(chosen), check.words)
        asked = check.files or file is None
        findings.append(
            check.run(desk, subject)
            if asked
            else not_asked(check.name, f"{check.words}: of the desk's own, not of a file")
        )
    return LeakReport(
        subject=subject.name,
        market=desk.market,
        first=subject.panel.sessions[0],
        last=subject.panel.sessions[-1],
        sessions=len(subject.panel.sessions),
        shares=len(subject.panel.isins),
        columns=count,
        findings=tuple(findings),
        seconds=time.monotonic() - began,
    )


def _own(desk: Desk) -> Subject:
    """The desk's own columns, with what stood beside prices, of who took part on each session."""
    panel = _panel(desk)
    with desk.store.read() as tx:
        first = desk.calendar.session(panel.sessions[0]).opens_at
        tags = events.tags_between(tx, first, desk.clock.now())
        around = beside(desk, tx, panel, NAMES)

    def make(some: Panel, names: Sequence[str] = NAMES) -> Columns:
        lean = tilt(some.sessions, some.isins, tags, desk.calendar)
        near = around.rows(slice(0, len(some.sessions)))
        found = compute(some, tilt=lean, beside=near, names=names, members=taking_part(some))
        return {name: found.column(name) for name in names}

    return Subject(
        name="the desk's own features and models",
        panel=panel,
        make=make,
        longer=lambda some: make(some, LONGER),
        calendar=desk.calendar,
        own=True,
        beside=around,
    )


def _of_file(desk: Desk, file: Path) -> Subject:
    made = strategy_file(file)
    return Subject(name=file.name, panel=_panel(desk), make=made, calendar=desk.calendar)


def _panel(desk: Desk) -> Panel:
    """The newest sessions of shares spread over all that took part; raises BadInput or NoData."""
    end = ist_day(desk.clock.now()) - timedelta(days=1)
    with desk.store.read() as tx:
        if not bars.any_stored(tx):
            raise BadInput("no bars are stored; open the simulated market or import prices first")
        then = studied_then(tx, until=end)
    if len(then.panel.sessions) < NEEDED_SESSIONS:
        raise BadInput(
            f"leak tests need {NEEDED_SESSIONS} sessions and {len(then.panel.sessions)} are "
            "stored; import more history"
        )
    panel = then.last(SESSIONS).panel
    often = np.flatnonzero(np.mean(~np.isnan(panel.close), axis=0) > 0.5)
    if len(often) < FEW_SHARES:
        raise BadInput(
            f"leak tests need {FEW_SHARES} shares with bars on half of the last "
            f"{len(panel.sessions)} sessions, {len(often)} have them; import more shares"
        )
    places = np.unique(np.linspace(0, len(often) - 1, SHARES).astype(int))
    return panel.only([panel.isins[column] for column in often[places]])
