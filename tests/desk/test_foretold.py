"""Past predictions of one share against what came, one a session."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.desk.desk import Desk
from core.desk.forecast import asked_sessions, newest, ranges_of, spans, why_absent
from core.desk.foretold import foretold
from core.domain.clock import IST
from core.errors import BadInput, NotFound
from core.models.barriers import ROUND_TRIP
from core.models.conformal import Coverage, Ranges
from core.panel import Panel
from core.store import bars, instruments, predictions
from tests.made import a_prediction
from tests.views.shelf import BEL, MODEL, NOW, RELIANCE, empty_desk, filled_desk

RANGES = Ranges(
    lows=np.full(8, -1.0),
    mids=np.zeros(8),
    highs=np.full(8, 1.5),
    coverage=(Coverage(1, 0.81, 0.7, 0.9, 90), Coverage(10, 0.78, 0.6, 0.9, 40),
              Coverage(30, float("nan"), 0.0, 1.0, 0)),
    parts={},
)  # fmt: skip


def store(desk: Desk, jump: float, sessions: tuple[date, ...]) -> None:
    """A share at 100 with a range of 2 rupees, which jumps by `jump` on its last session."""
    close = np.full((len(sessions), 1), 100.0)
    close[-1] += jump
    panel = Panel(sessions, (BEL,), close.copy(), close + 1, close - 1, close,
                  np.full_like(close, 1e6), np.ones_like(close))  # fmt: skip
    with desk.store.write() as tx:
        bars.put_panel(tx, panel, source="SIM")


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), IST)


def say(desk: Desk, *moments: datetime) -> None:
    with desk.store.write() as tx:
        predictions.put(tx, [a_prediction(isin=BEL, symbol="BEL", as_of=one) for one in moments])


@pytest.mark.parametrize(
    ("jump", "outcome", "left"), [(10.0, "target", 0.10), (-10.0, "stop", -0.10)]
)
def test_the_first_prediction_of_a_session_meets_its_barrier(
    tmp_path: Path, jump: float, outcome: str, left: float
):
    desk = empty_desk(tmp_path)
    days = desk.calendar.sessions(date(2026, 9, 1), date(2026, 11, 19))
    store(desk, jump, days)
    say(desk, at(days[-2], 9), at(days[-2], 14), at(days[-1], 10), at(date(2026, 11, 20), 10))
    with desk.store.read() as tx:
        found = foretold(tx, BEL, at=NOW)
    assert [one.session for one in found] == [days[-1], days[-2], days[-3]]
    assert [one.outcome for one in found] == ["", "", outcome]
    old = found[-1]
    assert old.said.as_of == at(days[-2], 9)  # at 14 o'clock the day's news was known
    assert old.left_on == days[-1] and not old.is_ripe  # nine more sessions may come
    assert old.left == pytest.approx(left - ROUND_TRIP)


def test_a_share_without_predictions_or_bars_has_no_past(tmp_path: Path):
    desk = empty_desk(tmp_path)
    with desk.store.read() as tx:
        assert foretold(tx, BEL, at=NOW) == []
    say(desk, NOW - timedelta(days=1))
    with desk.store.read() as tx:
        assert foretold(tx, BEL, at=NOW) == []


def test_ranges_are_in_the_shares_own_swing_with_the_nearest_coverage():
    one = a_prediction(swing=0.02)
    found = spans(one, RANGES)
    assert [span.sessions for span in found] == list(range(1, 31))
    assert (found[0].low, found[0].mid, found[0].high) == pytest.approx((-0.02, 0.0, 0.03))
    assert found[2].covered is RANGES.coverage[0] and found[20].covered is RANGES.coverage[1]
    assert spans(replace(one, swing=0.04), RANGES, (5,))[0].high == pytest.approx(0.06)
    assert spans(replace(one, swing=None), RANGES) == () and spans(one, None) == ()


def test_a_prediction_is_fresh_until_a_session_closes_or_another_model_is_put_to_use(
    tmp_path: Path,
):
    desk = filled_desk(tmp_path)
    days = desk.calendar.sessions(date(2026, 11, 1), date(2026, 11, 19))
    store(desk, 0.0, days)
    say(desk, at(days[-1], 15), at(date(2026, 11, 20), 9))
    with desk.store.read() as tx:
        now = newest(tx, at=NOW)
    assert (now.session, now.version) == (date(2026, 11, 19), MODEL.version)
    assert now.scanned_at == at(date(2026, 11, 20), 9)
    new = a_prediction(as_of=at(date(2026, 11, 20), 9), model_version=MODEL.version)
    assert now.is_fresh(new)
    assert not now.is_fresh(replace(new, as_of=at(date(2026, 11, 19), 15)))
    assert not now.is_fresh(replace(new, model_version="older"))
    assert ranges_of(desk, "gone") is None


def test_why_a_share_has_no_prediction_is_one_clause(tmp_path: Path):
    desk = filled_desk(tmp_path)
    days = desk.calendar.sessions(date(2026, 8, 1), date(2026, 11, 19))
    store(desk, 0.0, days[-30:])

    def why(symbol: str) -> str:
        with desk.store.read() as tx:
            return why_absent(tx, symbol, at=NOW)

    assert why("BEL") == "BEL has 30 sessions of prices and 61 are needed"
    assert why("RELIANCE") == "no prices of RELIANCE are stored"
    with pytest.raises(NotFound, match="no instrument has the symbol NOSUCH"):
        why("NOSUCH")
    store(desk, 0.0, days)
    assert why("bel") == "no scan was made yet; the next one makes them"
    say(desk, NOW)
    assert why("bel").startswith("BEL lacks prices in its last 60 sessions")
    panel = Panel(days[:-5], (RELIANCE,), *(np.full((len(days) - 5, 1), 100.0),) * 4,
                  np.full((len(days) - 5, 1), 1e6), np.ones((len(days) - 5, 1)))  # fmt: skip
    with desk.store.write() as tx:
        bars.put_panel(tx, panel, source="SIM")
    assert why("RELIANCE") == (
        "RELIANCE last traded on 12 Nov 2026, and prices reach to 19 Nov 2026"
    )
    with desk.store.write() as tx:
        share = instruments.by_symbol(tx, "BEL")
        instruments.put(tx, [replace(share, is_traded=False)])
    assert why("BEL") == "BEL is not among the shares the desk trades"


@pytest.mark.parametrize("days", [0, 31, -1])
def test_sessions_outside_one_to_thirty_are_refused(days: int):
    with pytest.raises(BadInput, match=f"--days {days} is outside 1 to 30 sessions"):
        asked_sessions(days)
