"""Each flaw on a small made market: found with its two numbers, and not where nothing is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from core.domain.quality import FLOOR, Finding, FlawKind, Severity, score
from core.errors import NoData
from core.market.defects import MAGNITUDES, Defect, damage, damaged
from core.market.quality import check
from core.market.quality_drill import drill, false_blocks, wilson
from core.panel import FIELDS, Panel

SESSIONS, SHARES, AT = 320, 24, 200
FIRST = date(2025, 1, 1)


def a_market(seed: int = 5) -> Panel:
    """Shares that share a market, with ranges and volumes that rise together; no flaw in it."""
    rng = np.random.default_rng(seed)
    days = [FIRST + timedelta(days=one) for one in range(SESSIONS * 2)]
    sessions = tuple(day for day in days if day.weekday() < 5)[:SESSIONS]
    shape = (SESSIONS, SHARES)
    night = 0.004 * rng.normal(size=(SESSIONS, 1)) + 0.003 * rng.normal(size=shape)
    day = 0.008 * rng.normal(size=(SESSIONS, 1)) + 0.008 * rng.normal(size=shape)
    start = np.log(np.geomspace(60, 9000, SHARES))
    log_close = start + np.cumsum(night + day, axis=0)
    log_open = log_close - day
    wide = 0.01 * np.exp(0.25 * rng.normal(size=shape))
    busy = np.exp(12 + np.linspace(0, 3, SHARES) + 0.3 * rng.normal(size=shape))
    top, bottom = np.maximum(log_open, log_close), np.minimum(log_open, log_close)
    return Panel(
        sessions=sessions,
        isins=tuple(f"INE{one:03d}" for one in range(SHARES)),
        open=np.round(np.exp(log_open), 4),
        high=np.round(np.exp(top + wide / 2), 4),
        low=np.round(np.exp(bottom - wide / 2), 4),
        close=np.round(np.exp(log_close), 4),
        volume=np.round(busy * wide / 0.01),
        factor=np.ones(shape),
    )


MARKET = a_market()


def found(panel: Panel, column: int = 7) -> set[FlawKind]:
    isin = panel.isins[column]
    return {one.kind for one in check(panel).findings if one.isin == isin}


def test_a_market_without_a_flaw_scores_whole_everywhere():
    result = check(MARKET)
    assert result.findings == ()
    assert (result.scores == 100).all()


@pytest.mark.parametrize(
    ("kind", "magnitude", "flaw"),
    [
        (Defect.SPLIT, "bonus 1:1", FlawKind.JUMP),
        (Defect.SPLIT, "consolidation 10", FlawKind.JUMP),
        (Defect.SPLIT, "bonus 1:5", FlawKind.JUMP),
        (Defect.GAP, "1 session", FlawKind.GAP),
        (Defect.DUPLICATE, "a bar again", FlawKind.DUPLICATE),
        (Defect.DUPLICATE, "5 bars again", FlawKind.DUPLICATE),
        (Defect.SWAPPED, "from there on", FlawKind.SWAPPED),
        (Defect.ZERO_VOLUME, "1 session", FlawKind.ZERO_VOLUME),
        (Defect.BAD_TICK, "close -20 %", FlawKind.BAD_TICK),
        (Defect.SHIFTED, "1 session late, 60 sessions", FlawKind.SHIFTED),
        (Defect.SHIFTED, "1 calendar day early, all", FlawKind.SHIFTED),
        (Defect.UNIT, "price x100", FlawKind.UNIT),
        (Defect.UNIT, "volume /1000", FlawKind.UNIT),
        (Defect.UNIT, "volume x10", FlawKind.UNIT),
        (Defect.STALE, "10 sessions", FlawKind.STALE),
    ],
)
def test_a_seeded_defect_is_found_and_blocks(kind: Defect, magnitude: str, flaw: FlawKind):
    rng = np.random.default_rng(3)
    hurt = damaged(MARKET, kind, magnitude, row=AT, column=7, rng=rng)
    result = check(hurt.panel)
    mine = [one for one in result.findings if one.isin == hurt.isin]
    assert flaw in {one.kind for one in mine}
    assert result.scores[:, 7].min() < FLOOR


@pytest.mark.parametrize("magnitude", list(MAGNITUDES[Defect.HALF_BAR]))
def test_an_unfinished_last_bar_is_found(magnitude: str):
    rng = np.random.default_rng(3)
    hurt = damaged(MARKET, Defect.HALF_BAR, magnitude, row=SESSIONS - 1, column=7, rng=rng)
    assert FlawKind.HALF_BAR in found(hurt.panel)


def test_a_short_session_is_no_unfinished_bar():
    rng = np.random.default_rng(3)
    name = "25 % of a day, all shares"
    hurt = damaged(MARKET, Defect.HALF_BAR, name, row=SESSIONS - 1, column=7, rng=rng)
    assert not check(hurt.panel, short={MARKET.sessions[-1]}).findings


def test_a_known_split_is_no_jump_and_a_split_that_did_not_happen_is_one():
    rng = np.random.default_rng(3)
    split = damaged(MARKET, Defect.SPLIT, "split 5", row=AT, column=7, rng=rng).panel
    factor = np.ones_like(split.factor)
    factor[:AT, 7] = 5.0
    assert found(replace(split, factor=factor)) == set()
    assert FlawKind.NO_JUMP in found(replace(MARKET, factor=factor))


def test_a_break_that_a_person_called_real_is_not_found_again():
    rng = np.random.default_rng(3)
    split = damaged(MARKET, Defect.SPLIT, "bonus 1:1", row=AT, column=7, rng=rng).panel
    isin, day = MARKET.isins[7], MARKET.sessions[AT]
    assert FlawKind.JUMP in found(split)
    assert not check(split, settled={(isin, day)}).findings


def test_impossible_prices_leave_nothing_to_score():
    low = MARKET.low.copy()
    low[AT, 7] = MARKET.high[AT, 7] * 1.1
    result = check(replace(MARKET, low=low))
    assert result.scores[AT, 7] == 0
    assert any(one.kind is FlawKind.OHLC and "cannot lie" in one.sentence
               for one in result.findings)  # fmt: skip


def test_a_sentence_names_the_share_the_day_two_numbers_and_the_way_out():
    volume = MARKET.volume.copy()
    volume[AT, 7] = 0
    result = check(replace(MARKET, volume=volume), names={MARKET.isins[7]: "MIDCO"})
    sentence = next(one for one in result.findings if one.kind is FlawKind.ZERO_VOLUME).sentence
    close = f"{MARKET.close[AT, 7]:.2f}"
    assert sentence == (
        f"MIDCO {MARKET.sessions[AT]}: closed at {close} on a volume of 0; "
        "fetch the session again or accept it"
    )


def test_the_same_seed_damages_the_same_and_the_original_stays():
    before = {name: getattr(MARKET, name).copy() for name in FIELDS}
    for kind in Defect:
        one, other = damage(MARKET, kind, 11), damage(MARKET, kind, 11)
        assert np.array_equal(one.close, other.close, equal_nan=True)
        changed = one.sessions != MARKET.sessions or not all(
            np.array_equal(getattr(one, name), before[name]) for name in FIELDS
        )
        assert changed, kind
    assert all(np.array_equal(getattr(MARKET, name), before[name]) for name in FIELDS)


def test_a_panel_too_short_to_damage_says_what_it_lacks():
    with pytest.raises(NoData, match="60 bars before and 3 after"):
        damage(MARKET.until(MARKET.sessions[40]), Defect.GAP, 1)


def test_scores_take_each_kind_off_once_and_an_accepted_one_not():
    one = Finding("A", FIRST, FlawKind.GAP, Severity.SERIOUS, "x")
    note = Finding("A", FIRST, FlawKind.STALE, Severity.NOTE, "y")
    assert score([]) == 100
    assert score([one, one]) == 50
    assert score([one, note]) == 35
    assert score([replace(one, accepted_by="ravi"), note]) == 85


def test_wilson_knows_ten_of_ten():
    # 10 of 10: (1 + 3.8416/20 - 1.96 * sqrt(3.8416/400)) / (1 + 0.38416) = 0.7225
    low, high = wilson(10, 10)
    assert (low, high) == (pytest.approx(0.7225, abs=1e-4), pytest.approx(1.0))
    assert wilson(0, 0) == (0.0, 1.0)


def test_a_drill_tries_every_size_and_is_repeated_by_its_seed():
    rows = drill(MARKET, seed=4, rounds=1)
    assert {(one.kind, one.magnitude) for one in rows} == {
        (kind, name) for kind in Defect for name in MAGNITUDES[kind]
    }
    assert all(one.total == 1 for one in rows)
    assert sum(one.caught for one in rows) >= 0.9 * len(rows)
    assert drill(MARKET, seed=4, rounds=1) == rows


def test_a_year_with_a_missing_bar_is_not_clean_and_a_blocked_one_is_named():
    close = MARKET.close.copy()
    close[10, 3] = np.nan
    hurt = replace(MARKET, **{name: getattr(MARKET, name).copy() for name in FIELDS})
    for name in FIELDS:
        getattr(hurt, name)[10, 3] = np.nan
    hurt.volume[AT, 7] = 0
    result = false_blocks(hurt, check(hurt), of_years=(2025,))
    assert (result.years, result.holed) == (SHARES - 1, 1)
    assert [(isin, year) for isin, year, _ in result.blocked] == [("INE007", 2025)]


def test_an_empty_panel_has_no_findings():
    assert check(MARKET.until(date(2020, 1, 1))).findings == ()


BUSY = 150  # a session whose range is ordinary, as are those that follow


def a_volume(times: float, sessions: int) -> Panel:
    volume = MARKET.volume.copy()
    volume[BUSY : BUSY + sessions, 7] *= times
    return replace(MARKET, volume=volume)


def test_a_block_deal_of_one_session_is_noted_and_does_not_block():
    result = check(a_volume(300.0, 1))
    kinds = [(one.kind, one.severity) for one in result.findings]
    assert kinds == [(FlawKind.UNIT, Severity.NOTE)]
    assert "a block deal does that" in result.findings[0].sentence
    assert result.scores[BUSY, 7] == 85


def test_a_volume_that_stays_in_another_unit_blocks():
    assert check(a_volume(300.0, 3)).scores[BUSY, 7] == 0
    assert check(a_volume(10.0, 10)).scores[BUSY, 7] == 0
    assert check(a_volume(10.0, 4)).scores.min() == 100


def test_a_quiet_session_of_a_thinly_traded_share_is_no_unfinished_bar():
    name = "5 % of a day, one share"
    thin = replace(MARKET, volume=MARKET.volume.copy())
    thin.volume[:, 7] /= 100  # ₹ 13 lakh a session, where a crore is asked for
    for panel, kinds in ((MARKET, {FlawKind.HALF_BAR}), (thin, set())):
        rng = np.random.default_rng(3)
        hurt = damaged(panel, Defect.HALF_BAR, name, row=SESSIONS - 1, column=7, rng=rng)
        assert found(hurt.panel) == kinds
