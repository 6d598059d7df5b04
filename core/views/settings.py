"""Whether the desk is well, what it runs on, and what is not built yet; every age in real time."""

from __future__ import annotations

import json
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path

from core.desk import doctor
from core.desk.access import has_password
from core.desk.dealer import LEASE
from core.desk.desk import SILENT_AFTER, Desk
from core.domain.words import age, age_of, day, ist_stamp, ist_time
from core.store import heartbeat, jobs, stamp
from core.store.engine import store_url
from core.views.ages import real_age
from core.views.job import JobView, shown
from core.views.shown import MARKETS, Figure, Meter, Tag, Text, Tone

REQUESTS = 12
NOT_BUILT = (
    ("Fyers", "orders go to paper, Zerodha or Upstox; a real account was never tried"),
    ("Live news", "filings come from files; the simulated market has a newswire of its own"),
    ("Buying and selling by hand", "entries come from cards; positions can be closed"),
    ("Options and futures", "shares alone, delivery and intraday"),
    ("Odds of a short sale", "the plain rule decides, and a voting model may only veto"),
    ("Money from a bank", "an instalment is due, paid or missed; what came is posted by hand"),
    ("Contract notes in PDF", "read from CSV, Excel and JSON"),
    ("Language models", "one may read the intake talk; the judge writes from stored facts"),
)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One thing the doctor looked at."""

    ok: Text
    name: str
    sentence: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """The last run of one scheduled job."""

    job: str
    ok: Tag
    started: str
    took: str
    sentence: str


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request for work."""

    kind: str
    state: Text
    sentence: str
    age: str


@dataclass(frozen=True, slots=True)
class Install:
    """How far the later packages are; `going` while they install."""

    sentence: str
    used: Meter
    note: str
    tone: Tone
    going: bool


@dataclass(frozen=True, slots=True)
class SettingsView:
    """Everything on the page that stands still between looks."""

    checks: tuple[CheckRow, ...]
    checks_note: str
    runs: tuple[RunRow, ...]
    requests: tuple[RequestRow, ...]
    settings: tuple[tuple[str, str], ...]
    not_built: tuple[tuple[str, str], ...]
    password: str
    has_password: bool


def settings_view(desk: Desk) -> SettingsView:
    """Ask the doctor and read settings, runs and requests."""
    found = doctor.rows(desk)
    used = [row for row in found if not row.unused]
    well = sum(row.ok for row in used)
    unused = len(found) - len(used)
    now = desk.clock.now()
    with desk.store.read() as tx:
        runs = jobs.runs(tx)
        asked = jobs.recent(tx, REQUESTS)
    protected = has_password(desk.home)
    return SettingsView(
        checks=tuple(
            CheckRow(
                _mark(row),
                row.name.capitalize(),
                row.sentence,
                mark="" if row.ok else "red",
            )
            for row in found
        ),
        checks_note=f"{well} of {len(used)} are well"
        + (f" · {unused} not set up" if unused else ""),
        runs=tuple(
            RunRow(
                run.job.capitalize(),
                Tag("ok", "ok") if run.ok else Tag("failed", "bad"),
                f"{age_of(run.started_at, now)} ago",
                f"{run.seconds:.2f} s",
                run.sentence,
            )
            for run in runs
        ),
        requests=tuple(_request(one.kind, shown(one, desk)) for one in asked),
        settings=_settings(desk),
        not_built=NOT_BUILT,
        password="A password is set; it opens the page beside the one-time link."
        if protected
        else "No password is set; only the one-time link opens the page.",
        has_password=protected,
    )


def _mark(row: doctor.Row) -> Text:
    if row.unused:
        return Text("○", "mute")
    return Text("✓", "gain") if row.ok else Text("✕", "loss", bold=True)


def _request(kind: str, view: JobView) -> RequestRow:
    return RequestRow(kind.capitalize(), view.state, view.sentence, view.age)


def health_figures(desk: Desk) -> tuple[Figure, ...]:
    """Ages of the worker, its feed and its lease: what ticks."""
    silent_for = desk.worker_age()
    with desk.store.read() as tx:
        beat = heartbeat.last(tx)
    if beat is None or silent_for is None:
        return (Figure("Worker", "not started", "make run starts it", "warn"),)
    late = silent_for > SILENT_AFTER
    feed = "none yet"
    if beat.feed_at is not None:
        feed = age(real_age(desk, beat.feed_at))
    return (
        Figure("Worker heard", f"{silent_for:.0f} s ago", beat.worker, "loss" if late else ""),
        Figure("Prices", feed, "age of the newest", "loss" if late else ""),
        Figure("May send orders", beat.worker, f"holds the lease {LEASE}, fence {beat.fence}"),
        Figure(
            "Market time",
            ist_time(beat.market_at),
            f"{day(beat.market_at)} · {beat.speed:g} × real time",
        ),
        Figure("Worker says", beat.sentence or "all quiet"),
    )


def install_view(desk: Desk) -> Install | None:
    """How far the packages are that install beside the running desk; None when unknown."""
    path = desk.home / "install.json"
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        done, of, state = int(told["done"]), int(told["of"]), str(told["state"])
        sentence = str(told["sentence"])
    except (ValueError, KeyError, TypeError):
        return Install("install.json in the desk's home cannot be read; the next make run writes "
                       "it again.", Meter(0.0, plain=True), "", "warn", going=False)  # fmt: skip
    return Install(
        sentence,
        Meter(done / of if of else 1.0, plain=True),
        f"{done} of {of} packages",
        "loss" if state == "failed" else "mute",
        going=state == "installing",
    )


def settings_signature(desk: Desk) -> Hashable:
    """Changes when a request moves or the install does, and once a real minute for the ages."""
    with desk.store.read() as tx:
        asked = tuple((one.id, one.status) for one in jobs.recent(tx, REQUESTS))
    minute = int(desk.clock.monotonic() // 60)
    return (asked, install_view(desk), has_password(desk.home), minute)


def _settings(desk: Desk) -> tuple[tuple[str, str], ...]:
    s = desk.settings
    with desk.store.read() as tx:
        stamped = stamp.stamp(tx)
    place = store_url(s.database_url)
    reach = "this machine only" if s.is_loopback else "other machines reach it"
    return (
        ("Market", f"{MARKETS[stamped.market]}, since {ist_stamp(stamped.created_at)}"),
        ("Seed", str(stamped.seed)),
        ("Speed", f"{s.speed:g} × real time"),
        ("Database", f"{place.get_backend_name()} · {_place(place.database)}"),
        ("Home", home_words(desk.home)),
        ("Page", f"{s.bind}:{s.port}, {reach}"),
        ("Calendar", f"NSE, {day(desk.calendar.first)} to {day(desk.calendar.last)}"),
        ("Changed with", "MUNIM_HOME, DATABASE_URL, MUNIM_PORT, MUNIM_SEED, MUNIM_SPEED"),
    )


def _place(database: str | None) -> str:
    return (database or "").rpartition("/")[2] or "unnamed"


def home_words(home: Path) -> str:
    """The desk's folder, short where it lies in the person's own."""
    own = Path.home()
    return f"~/{home.relative_to(own)}" if home.is_relative_to(own) else str(home)
