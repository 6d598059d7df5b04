"""Leak tests of the desk's own features and models, or of a file a person adds, over the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from core.desk import leaks_store
from core.desk.beside import beside
from core.desk.desk import Desk
from core.desk.strategy_file import strategy_file
from core.desk.studied_then import studied_then
from core.domain.account import Market
from core.domain.clock import ist_day
from core.errors import BadInput
from core.features.compute import compute
from core.features.table import FEATURES, NAMES
from core.features.tilt import tilt
from core.models import leaks_columns as columns
from core.models import leaks_folds as folds
from core.models import leaks_skill as skill
from core.models import leaks_time as when
from core.models.leaks import Columns, Finding, Subject, Verdict, not_asked
from core.models.taking_part import taking_part
from core.models.train import NEEDED_SESSIONS
from core.panel import Panel
from core.store import bars, events

SESSIONS = 750  # looked at, the newest
SHARES = 40
FEW_SHARES = 10
LONGER = tuple(one.name for one in FEATURES if one.per != "session")
Progress = Callable[[float, str], None]
Run = Callable[[Desk, Subject], Finding]


@dataclass(frozen=True, slots=True)
class Check:
    """One named test; `files` says whether it asks anything of a person's file."""

    name: str
    words: str
    run: Run
    files: bool = True


def _of(name: str, words: str, run: Callable[[Subject], Finding], *, files: bool = True) -> Check:
    return Check(name, words, lambda _desk, subject: run(subject), files)


CHECKS: tuple[Check, ...] = (
    _of("truncated", "a history cut short gives the same past", columns.truncated),
    _of("shuffled", "a shuffled future changes nothing", columns.shuffled),
    _of("changed", "other or missing future prices change nothing", columns.changed),
    _of("weeks", "weeks and months say what was known by each day", columns.weeks),
    _of("split_later", "a later split changes no column", columns.split_later),
    _of("listed_later", "no bar, nothing said", columns.listed_later),
    _of("twice", "asked twice, the same answer", columns.twice),
    _of("renamed", "other names of shares change nothing", columns.renamed),
    _of("ranks", "ranks use their own session", columns.ranks, files=False),
    _of("market_series", "index, VIX and flows count from their session",
        columns.market_series, files=False),
    Check("laid_beside", "what stands beside prices keeps its past",
          leaks_store.laid_beside, files=False),
    Check("flows_late", "flows of the evening count from the next session",
          leaks_store.flows_late, files=False),
    _of("known_at", "news counts from when it was known", when.known_at, files=False),
    Check("decided", "decisions and fills came after what caused them",
          leaks_store.decided, files=False),
    _of("factors", "price factors count once known", when.factors, files=False),
    Check("read_as_of", "bars as of a day, in its share terms", leaks_store.read_as_of,
          files=False),
    _of("universe", "members by the list of the day", when.universe, files=False),
    _of("taking_part", "who takes part is known by the close", when.taking_part, files=False),
    Check("survivors", "shares that left are learnt from", leaks_store.survivors, files=False),
    _of("same_bar", "entries at the next open", when.same_bar),
    Check("fills_later", "first quotes tell nothing of the session", leaks_store.fills_later,
          files=False),
    _of("filtered", "states of the market are filtered", when.filtered, files=False),
    _of("purged", "labels purged and embargoed", folds.purged),
    _of("scaler", "scaled inside the fold", folds.scaler),
    _of("selector", "columns chosen inside the fold", folds.selector),
    _of("weights", "weights from labels known before the fold", folds.weights),
    _of("stacker", "the stacker sees chances out of fold", folds.stacker),
    _of("calibration", "curves and blend from earlier folds", folds.calibration),
    _of("meta_label", "meta-labels from earlier folds", folds.meta_label),
    _of("ranges", "ranges from earlier folds", folds.ranges),
    _of("shifted", "labels of another time leave no skill", skill.shifted),
    _of("permuted", "labels dealt at random leave no skill", skill.permuted),
    _of("random", "random numbers earn nothing", skill.random_columns),
    _of("too_good", "too good is a leak until shown otherwise", skill.too_good),
)  # fmt: skip


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
            f"{self.subject}: {self.leaks} leaks found, {passed} tests passed, {rest} not "
            f"applicable; {self.columns} columns of {self.shares} shares over {self.sessions} "
            f"sessions, {self.first} to {self.last}, in {self.seconds:.0f} s"
        )


def find_leaks(
    desk: Desk,
    *,
    file: Path | None = None,
    only: Sequence[str] = (),
    progress: Progress = lambda _share, _sentence: None,
) -> LeakReport:
    """Run the tests, all of them unless some are named.

    Args:
        file: a person's features or signals; the desk's own are tested when left out.

    Raises:
        BadInput: an unknown test, a file that cannot be used, or too little history.
        NoData: no share is liquid enough to take part.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):  # two cores fight over small fits and take longer
        return _found(desk, file, checks_named(only), progress)


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


def checks_named(only: Sequence[str]) -> tuple[Check, ...]:
    """Some tests in their usual order, all for none; raises BadInput."""
    known = {check.name for check in CHECKS}
    unknown = [name for name in only if name not in known]
    if unknown:
        names = ", ".join(check.name for check in CHECKS)
        raise BadInput(f"no leak test is called {unknown[0]!r}; there are: {names}")
    return tuple(check for check in CHECKS if not only or check.name in set(only))


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
