"""What runs when. Floor jobs share one thread, so none of them sees another half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jobs import alarms, work
from jobs.worker import Worker


@dataclass(frozen=True, slots=True)
class Job:
    """One row: every so many real seconds; `floor` jobs are quick and safe to run twice."""

    name: str
    run: Callable[[Worker], str]
    every: float
    floor: bool


JOBS = (
    Job("pulse", work.pulse, every=1.0, floor=True),
    Job("send", work.send, every=0.25, floor=True),
    Job("risk", work.risk, every=1.0, floor=True),
    Job("desk stops", work.look_at_desk_stops, every=1.0, floor=False),
    Job("stall", work.look_for_stall, every=4.0, floor=False),
    Job("unknown orders", work.look_up_orders, every=5.0, floor=True),
    Job("reconcile", work.reconcile_books, every=15.0, floor=True),
    Job("cards", work.tend_cards, every=2.0, floor=True),
    Job("logins", work.tend_logins, every=0.5, floor=False),
    Job("prices", work.look_at_prices, every=1.0, floor=False),
    Job("intake", work.read_news, every=1.0, floor=False),
    Job("decide", work.decide, every=0.5, floor=False),
    Job("requests", work.start_requests, every=0.5, floor=False),
    Job("funding", work.look_at_funding, every=5.0, floor=False),
    Job("indicator alerts", work.look_at_lines, every=5.0, floor=False),
    Job("first start", work.first_start, every=1.0, floor=False),
    Job("model", work.look_at_model, every=20.0, floor=False),
    Job("anchor", work.note_head, every=60.0, floor=False),
    Job("alarms out", alarms.carry, every=2.0, floor=False),
    Job("live rows", alarms.look_at_rows, every=30.0, floor=False),
    Job("scan", work.scan_on_time, every=5.0, floor=False),
)
