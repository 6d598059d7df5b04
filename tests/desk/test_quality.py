"""Bars are checked as they come, a low score stops a card, and a person may lift it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.desk.quality import accept_findings, check_bars, share_quality
from core.desk.quality_now import standing
from core.desk.recheck import failed_now
from core.domain.clock import ist_day
from core.domain.quality import Finding, FlawKind, Severity
from core.errors import ApprovalRefused, NotFound
from core.panel import Panel
from core.store import audit, bars, quality
from core.views.quality import quality_view
from tests.desk.morning import Morning, a_history
from tests.made import MIDCO, RELIANCE

LAST = a_history().sessions[-1]
WORDS = f"MIDCO {LAST}: closed at 500.00 on a volume of 0; fetch the session again"


def a_flaw(session: date = LAST, kind: FlawKind = FlawKind.ZERO_VOLUME) -> Finding:
    return Finding(MIDCO.isin, session, kind, Severity.SERIOUS, WORDS)


def keep(morning: Morning, *found: Finding) -> None:
    with morning.desk.store.write() as tx:
        quality.put(tx, found, first=None, until=LAST)


def now(morning: Morning):
    with morning.desk.store.read() as tx:
        today = ist_day(morning.clock.now())
        return standing(tx, morning.desk.calendar, MIDCO.isin, today=today)


def test_a_flawed_share_cannot_be_approved_and_says_why(morning: Morning):
    keep(morning, a_flaw())
    with pytest.raises(ApprovalRefused) as refused:
        morning.approve()
    assert str(refused.value) == f"MIDCO: prices score 50 of 100, the floor is 60; {WORDS}"


def test_a_flaw_found_after_the_click_stops_the_send(morning: Morning):
    morning.approve()
    card = morning.card()
    keep(morning, a_flaw())
    with morning.desk.store.read() as tx:
        failed = failed_now(morning.desk, tx, card)
    assert [row.name for row in failed] == ["Data quality"]
    assert (failed[0].value, failed[0].limit) == (50.0, 60.0)
    assert failed[0].sentence == f"Prices score 50 of 100, the floor is 60; {WORDS}."


def test_an_old_flaw_blocks_nothing(morning: Morning):
    day = morning.desk.calendar.add_sessions(LAST, -61)
    keep(morning, a_flaw(day))
    assert (now(morning).score, now(morning).blocks) == (100.0, False)


def test_prices_never_checked_are_not_taken_for_good(store, desk_home):
    from tests.desk.morning import morning_on

    fresh = morning_on(store, desk_home)
    with fresh.desk.store.write() as tx:
        from core.store import settings

        settings.drop(tx, quality.UNTIL)
    assert now(fresh).blocks
    with pytest.raises(ApprovalRefused, match="never checked; munim data quality --all"):
        fresh.approve()


def test_a_person_accepts_a_finding_and_it_is_recorded(morning: Morning):
    keep(morning, a_flaw(), a_flaw(kind=FlawKind.DUPLICATE))
    done = accept_findings(morning.desk, "midco", session=LAST, reason="thin", by="ravi")
    assert [one.kind for one in done] == [FlawKind.ZERO_VOLUME, FlawKind.DUPLICATE]
    assert now(morning).score == 100.0
    with morning.desk.store.read() as tx:
        entries = [one for one in audit.entries(tx) if one.verb == "accept"]
        kept = quality.findings(tx)
    assert len(entries) == 2
    assert {one.accepted_by for one in kept} == {"ravi"}
    with pytest.raises(NotFound, match="MIDCO has no finding to accept"):
        accept_findings(morning.desk, "MIDCO", session=None, reason="again", by="ravi")


def test_an_acceptance_outlives_a_new_check(morning: Morning):
    keep(morning, a_flaw())
    accept_findings(morning.desk, "MIDCO", session=None, reason="thin", by="ravi")
    keep(morning, a_flaw())
    assert not now(morning).blocks


def with_volume(panel: Panel, value: float, session: date) -> Panel:
    volume = panel.volume.copy()
    volume[panel.sessions.index(session), panel.column(MIDCO.isin)] = value
    return replace(panel, volume=volume)


def lively() -> Panel:
    """The morning's bars with prices that move, so that nothing is wrong with them."""
    flat = a_history()
    rng = np.random.default_rng(2)
    moved = np.exp(0.005 * rng.normal(size=flat.close.shape))
    close = flat.close * moved
    return replace(
        flat, open=close * 0.999, high=close * 1.01, low=close * 0.99, close=close,
        volume=flat.volume * np.exp(0.2 * rng.normal(size=flat.close.shape)),
    )  # fmt: skip


def test_bars_are_checked_once_and_again_when_they_change(morning: Morning):
    desk = morning.desk
    with desk.store.write() as tx:
        bars.put_panel(tx, lively(), source="TEST")
    first = check_bars(desk)
    assert first is not None and first.findings == ()
    assert check_bars(desk) is None
    with desk.store.write() as tx:
        bars.put_panel(tx, with_volume(lively(), 0.0, LAST), source="TEST")
    again = check_bars(desk)
    assert again is not None
    assert [(one.isin, one.kind) for one in again.findings] == [(MIDCO.isin, FlawKind.ZERO_VOLUME)]
    assert now(morning).score == 50.0


def test_a_new_session_is_checked_with_its_past_only(morning: Morning):
    desk = morning.desk
    whole = lively()
    before, last = whole.until(whole.sessions[-2]), whole.since(LAST)
    with desk.store.write() as tx:
        for isin in whole.isins:
            tx.connection().exec_driver_sql(f"DELETE FROM bars WHERE isin = '{isin}'")
        bars.put_panel(tx, before, source="TEST")
    assert check_bars(desk) is not None
    with desk.store.write() as tx:
        bars.put_panel(tx, with_volume(last, 0.0, LAST), source="TEST")
    done = check_bars(desk)
    assert done is not None and done.sessions == 11
    assert [one.session for one in done.findings] == [LAST]


def test_a_share_says_its_score_and_findings(morning: Morning):
    with morning.desk.store.write() as tx:
        bars.put_panel(tx, with_volume(lively(), 0.0, LAST), source="TEST")
    said = share_quality(morning.desk, "midco")
    assert (said.score, said.blocked, len(said.findings)) == (50.0, True, 1)
    assert said.sentence.startswith("MIDCO: 80 sessions, 1 findings; prices score 50 of 100")


def test_scores_come_as_an_array_whole_where_nothing_is_stored(morning: Morning):
    keep(morning, a_flaw())
    with morning.desk.store.read() as tx:
        days = a_history().sessions[-2:]
        grid = quality.scores(tx, [RELIANCE.isin, MIDCO.isin], days)
    assert grid.tolist() == [[100, 100], [100, 50]]


def test_the_tab_lists_the_worst_first_and_what_can_be_accepted(morning: Morning):
    other = replace(a_flaw(), isin=RELIANCE.isin, severity=Severity.NOTE)
    keep(morning, a_flaw(), other)
    view = quality_view(morning.desk)
    assert [(row.symbol, row.score, row.is_blocked) for row in view.rows] == [
        ("MIDCO", 50, True), ("RELIANCE", 85, False),
    ]  # fmt: skip
    assert view.blocked == 1
    assert "1 score below 60 and get no new card" in view.sentence
    assert all(row.can_accept for row in view.findings)
    assert len(quality_view(morning.desk, symbol="midco").findings) == 1


def test_either_database_keeps_findings_scores_and_acceptances(any_store, desk_home):
    from tests.desk.morning import morning_on

    fresh = morning_on(any_store, desk_home)
    with fresh.desk.store.write() as tx:
        bars.put_panel(tx, with_volume(lively(), 0.0, LAST), source="TEST")
    done = check_bars(fresh.desk)
    assert done is not None and [one.kind for one in done.findings] == [FlawKind.ZERO_VOLUME]
    assert (now(fresh).score, check_bars(fresh.desk)) == (50.0, None)
    accept_findings(fresh.desk, "MIDCO", session=LAST, reason="it did not trade", by="ravi")
    assert now(fresh).score == 100.0
    with fresh.desk.store.read() as tx:
        assert quality.scores(tx, [MIDCO.isin], [LAST]).tolist() == [[100]]
