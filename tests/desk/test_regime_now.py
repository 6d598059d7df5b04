"""The regime's record: what its parts say, and when the kept one is given again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.desk.regime_now import (
    HISTORY,
    keep_regime,
    last_regime,
    regime_asked,
    regime_days,
    regime_record,
)
from core.domain.signal import Regime
from core.errors import NoData, NotFound
from core.features.regime import TREND, market_states
from core.panel import Panel
from core.store import models
from tests.models.made import AT, noise
from tests.views.history import with_bars
from tests.views.shelf import MODEL, NOW, empty_desk, filled_desk


@pytest.fixture(scope="module")
def panel():
    """A quiet rise, then a restless fall."""
    size = np.full((760, 5), 0.5)
    drift = np.full((760, 5), 0.002)
    size[600:], drift[600:] = 2.0, -0.002
    return noise(seed=2, shares=5, sessions=760, size=size, drift=drift)


@pytest.fixture(scope="module")
def states(panel):
    return market_states(panel).states


def test_chances_are_the_filters_and_the_run_reaches_back_to_its_first_session(panel, states):
    found = regime_record(panel, of="market", at=AT, states=states, model_version="m")
    told = market_states(panel, states)
    assert list(found.chances) == list(Regime)
    assert list(found.chances.values()) == told.chances[-1].tolist()
    assert sum(found.chances.values()) == pytest.approx(1.0)
    names = told.regimes()
    first = panel.sessions.index(found.since)
    assert len(names) - first == found.sessions
    assert set(names[first:]) == {found.regime} and names[first - 1] is not found.regime
    assert found.durations == states.durations() and found.moves == states.table()
    assert len(found.history) == HISTORY and found.history[-1].session == panel.sessions[-1]
    assert found.volatility.words == "restless"


def test_a_panel_cut_short_says_of_its_last_session_what_the_whole_one_says(panel, states):
    cut = regime_record(panel.until(panel.sessions[699]), of="market", at=AT, states=states)
    whole = {day.session: day for day in regime_record(
        panel, of="market", at=AT, states=states).history}  # fmt: skip
    assert whole[panel.sessions[699]].regime is cut.regime
    assert whole[panel.sessions[699]].chances == pytest.approx(dict(cut.chances))


def test_spells_are_those_that_began_and_ended_as_told(panel, states):
    found = regime_record(panel, of="market", at=AT, states=states)
    told = [name for name in market_states(panel, states).regimes() if name]
    lengths: list[tuple[Regime, int]] = []
    for name in told:
        if lengths and lengths[-1][0] is name:
            lengths[-1] = (name, lengths[-1][1] + 1)
        else:
            lengths.append((name, 1))
    for name, spells in found.spells.items():
        mine = [length for of, length in lengths[1:-1] if of is name]
        assert (spells.count, spells.sessions) == (len(mine), pytest.approx(np.mean(mine)))
    assert found.looks == states.looks() and found.changed == states.changed


def test_without_history_the_plain_rule_speaks_and_claims_no_chances():
    found = regime_record(noise(seed=1, sessions=120), of="market", at=AT)
    assert (found.chances, found.durations, found.moves) == ({}, {}, {})
    assert (found.looks, found.spells, found.fitted_to) == ({}, {}, None)
    assert found.volatility.words.startswith("too few, ")
    with pytest.raises(NoData, match="needs 61 sessions of prices and has 60"):
        regime_record(noise(seed=1, sessions=TREND), of="market", at=AT)


def test_a_gap_leaves_out_its_own_sessions_alone(panel, states):
    close = panel.close.copy()
    close[640] = np.nan
    told = regime_record(replace(panel, close=close), of="market", at=AT, states=states)
    gone = {panel.sessions[640], panel.sessions[641]}
    known = {day.session for day in told.history}
    assert not gone & known and panel.sessions[700] in known


def test_every_session_from_the_first_the_rule_can_tell_is_in_the_history(panel):
    days = regime_days(panel)
    assert [day.session for day in days] == list(panel.sessions[TREND:])
    assert not days[0].chances and days[-1].chances


def test_the_scans_record_is_given_until_a_session_or_a_model_is_newer(
    tmp_path: Path, panel, states
):
    desk = with_bars(filled_desk(tmp_path))
    worked_out = regime_asked(desk)
    assert worked_out.session == date(2026, 11, 19)
    manifest = {"states": states.to_json()}
    keep_regime(desk, known(worked_out.session, panel, manifest))
    with desk.store.read() as tx:
        kept = last_regime(tx)
    assert kept is not None and kept.fitted_to == states.fitted_to
    assert kept.volatility != worked_out.volatility
    assert regime_asked(desk) == kept
    with desk.store.write() as tx:
        models.put(tx, replace(MODEL, version="newer"))
        models.use(tx, "newer", at=NOW, by="me", how="promoted", back=1)
    assert regime_asked(desk) == replace(worked_out, at=NOW)


def known(session: date, panel: Panel, manifest: dict[str, object]) -> SimpleNamespace:
    """What a scan knows of the market, its panel ending at the session."""
    days = [session - timedelta(days=back) for back in range(len(panel.sessions))]
    return SimpleNamespace(
        at=NOW,
        research=SimpleNamespace(
            session=session,
            version=MODEL,
            panel=replace(panel, sessions=tuple(reversed(days))),
            model=SimpleNamespace(manifest=manifest),
        ),
    )


def test_an_unknown_share_and_an_empty_store_say_so(tmp_path: Path):
    desk = with_bars(filled_desk(tmp_path / "a"))
    with pytest.raises(NotFound):
        regime_asked(desk, "NOSUCH")
    assert regime_asked(desk, "BEL").of == "BEL"
    with pytest.raises(NoData, match="needs 61 sessions"):
        regime_asked(empty_desk(tmp_path / "b"))
