"""Damage copies of the stored bars by a seed and count what the tests of quality catch."""

from __future__ import annotations

from core.desk.desk import Desk
from core.desk.quality import short_sessions
from core.desk.suggest_actions import explained
from core.errors import NoData
from core.market.quality_drill import Caught, drill
from core.store import bars, factors


def drill_quality(desk: Desk, *, seed: int, rounds: int) -> list[Caught]:
    """One row a kind and magnitude; the store is only read.

    Raises:
        NoData: no bars are stored, or too few for a drill.
    """
    with desk.store.read() as tx:
        raw = bars.read_raw(tx)
        known = factors.all_factors(tx)
    if not raw.sessions:
        raise NoData("no bars are stored; munim data import FILE brings them in")
    panel = explained(raw, known)
    short = short_sessions(desk.calendar, panel.sessions)
    return drill(panel, seed=seed, rounds=rounds, short=short)
