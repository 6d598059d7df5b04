"""Leak tests over a store: what was read, laid beside, decided, filled; each can fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.desk import leaks_store
from core.desk.beside import beside
from core.desk.desk import Desk
from core.desk.leak_checks import CHECKS, checks_named
from core.desk.leaks import find_leaks
from core.desk.studied_then import Then, studied_then
from core.domain.account import Market
from core.domain.leak_record import Verdict
from core.errors import BadInput
from core.features.beside import Beside
from core.models.leaks import Subject
from core.panel import FIELDS, Panel
from core.providers.replay import ReplayMarket
from core.store import bars, decisions, fills, flows, instruments, orders
from tests.models.made import noise
from tests.models.planted_leaks import momentum
from tests.views.shelf import decision as decision_on
from tests.views.shelf import empty_desk, event_card, filled_desk, share

SECOND = timedelta(seconds=1)
CENTRED = """
import numpy as np

def features(panel):
    close = panel.adjusted().close
    out = np.full(close.shape, np.nan)
    out[1:-1] = close[1:-1] / close[2:] - 1.0
    return {"tomorrow": out}
"""


def stored(desk: Desk, *, shares: int = 12, sessions: int = 300) -> Panel:
    days = desk.calendar.sessions(date(2024, 1, 1), date(2026, 11, 19))[-sessions:]
    panel = replace(noise(seed=2, shares=shares, sessions=sessions), sessions=tuple(days))
    with desk.store.write() as tx:
        instruments.put(tx, [share(isin, isin[3:6], isin, "Services") for isin in panel.isins])
        bars.put_panel(tx, panel, source="SIM")
    return panel


def subject_of(desk: Desk, panel: Panel) -> Subject:
    return Subject("ours", panel, momentum, desk.calendar, own=True)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return empty_desk(tmp_path)


@pytest.fixture
def subject(desk: Desk) -> Subject:
    return subject_of(desk, stored(desk, sessions=80))


def test_bars_read_as_of_a_day_pass(desk: Desk, subject: Subject):
    found = leaks_store.read_as_of(desk, subject)
    assert found.verdict is Verdict.PASS and "12 shares are sized" in found.sentence


@pytest.mark.parametrize("leaky", ["later sessions", "adjusted prices", "another day's terms"])
def test_bars_of_hindsight_are_caught(desk: Desk, subject: Subject, leaky: str):
    def read(tx: Any, isins: Sequence[str], *, start: date, end: date) -> Panel:
        if leaky == "later sessions":
            return bars.read_panel(tx, isins, start=start)
        honest = bars.read_panel(tx, isins, start=start, end=end)
        if leaky == "adjusted prices":
            return replace(honest, **{name: getattr(honest, name) / 2 for name in FIELDS[:4]})
        return replace(honest, factor=honest.factor * 2)

    assert leaks_store.read_as_of(desk, subject, read=read).verdict is Verdict.LEAK


def put_flows(desk: Desk, panel: Panel) -> None:
    day = np.array(panel.sessions, dtype="datetime64[D]")
    net = 10.0 * np.arange(len(day))
    with desk.store.write() as tx:
        flows.put(tx, day, ["FII"] * len(day), ["CASH"] * len(day), {"net": net}, "test")


def test_flows_of_the_evening_pass_a_session_late_and_are_caught_on_their_own(
    desk: Desk, subject: Subject
):
    assert leaks_store.flows_late(desk, subject).verdict is Verdict.NOT_ASKED
    put_flows(desk, subject.panel)
    found = leaks_store.flows_late(desk, subject)
    assert found.verdict is Verdict.PASS and "79 FII and DII figures" in found.sentence

    def same_day(*asked: Any) -> Beside:
        honest = beside(*asked)
        assert honest.fii is not None
        return replace(honest, fii=np.append(honest.fii[1:], np.nan))

    assert leaks_store.flows_late(desk, subject, lay=same_day).verdict is Verdict.LEAK


def test_what_stands_beside_keeps_its_past_and_one_measured_from_the_end_is_caught(
    desk: Desk, subject: Subject
):
    put_flows(desk, subject.panel)
    found = leaks_store.laid_beside(desk, subject)
    assert found.verdict is Verdict.PASS and "index, fii" in found.sentence

    def from_the_end(desk: Desk, tx: Any, panel: Panel, names: Sequence[str]) -> Beside:
        honest = beside(desk, tx, panel, names)
        assert honest.fii is not None
        return replace(honest, fii=honest.fii - honest.fii[-1])

    caught = leaks_store.laid_beside(desk, subject, lay=from_the_end)
    assert caught.verdict is Verdict.LEAK and "sessions come: fii" in caught.sentence


def test_a_quote_that_knows_the_sessions_high_is_caught(desk: Desk, subject: Subject):
    found = leaks_store.fills_later(desk, subject)
    assert found.verdict is Verdict.PASS and "5 shares" in found.sentence

    class Early(ReplayMarket):
        """Deals at the session's close from its first tick on."""

        def __init__(self, panel: Panel, *rest: Any) -> None:
            super().__init__(replace(panel, open=panel.close), *rest)

    caught = leaks_store.fills_later(desk, subject, market=Early)
    assert caught.verdict is Verdict.LEAK and "of 5 of 5 shares" in caught.sentence


def test_a_decision_that_knew_an_event_of_later_is_caught(desk: Desk, subject: Subject):
    made = decision_on(event_card())
    assert made.event is not None
    for name, as_of in (("dc-1", made.event.known_at), ("dc-2", made.event.known_at - SECOND)):
        with desk.store.write() as tx:
            decisions.put(tx, replace(made, id=name, as_of=as_of))
        found = leaks_store.decided(desk, subject)
        if name == "dc-1":
            assert found.verdict is Verdict.PASS and "1 decisions on events" in found.sentence
    assert found.verdict is Verdict.LEAK and "RELIANCE" in found.sentence


def test_a_fill_older_than_its_card_is_caught(tmp_path: Path):
    desk = filled_desk(tmp_path)
    subject = subject_of(desk, stored(desk, sessions=80))
    assert "BEL" not in leaks_store.decided(desk, subject).sentence
    with desk.store.write() as tx:
        fill = fills.recent(tx)[0]
        before = orders.by_id(tx, fill.order_id).prepared_at - SECOND
        fills.put(tx, replace(fill, trade_id="early", traded_at=before))
    assert "BEL" in leaks_store.decided(desk, subject).sentence


def test_a_desk_that_decided_nothing_is_not_asked(desk: Desk, subject: Subject):
    assert leaks_store.decided(desk, subject).verdict is Verdict.NOT_ASKED


def years_of(desk: Desk, *, shares: int, left: int) -> Subject:
    """Six years of traded shares, the last ones of which have no bar in the last year."""
    days = desk.calendar.sessions(date(2020, 11, 2), date(2026, 11, 19))[::15]
    walks = noise(seed=5, shares=shares, sessions=len(days))
    panel = replace(walks, sessions=tuple(days), volume=walks.volume * 4)
    for name in FIELDS:
        getattr(panel, name)[len(days) - 25 :, shares - left :] = np.nan
    with desk.store.write() as tx:
        bars.put_panel(tx, panel, source="TEST")
    return subject_of(desk, panel)


# of 100 shares 100 * (1 - 0.991 ** 6.05) = 5.3 leave: none in 0.4 % of lists, one in 2.7 %
@pytest.mark.parametrize(
    ("shares", "left", "verdict", "words"),
    [
        (100, 0, Verdict.LEAK, "0 of 100 shares left within 6.0 years, about 5.3 would have"),
        (100, 1, Verdict.PASS, "1 of 100 shares left"),
        (12, 0, Verdict.NOT_ASKED, "too few to tell a list of today"),
        (12, 1, Verdict.PASS, "1 of 12 shares left"),
    ],
)
def test_a_list_of_today_is_told_by_how_few_left_where_so_many_shares_can_tell(
    desk: Desk, shares: int, left: int, verdict: Verdict, words: str
):
    subject = years_of(desk, shares=shares, left=left)
    assert leaks_store.survivors(desk, subject).verdict is Verdict.NOT_ASKED  # simulated
    found = leaks_store.survivors(replace(desk, market=Market.REPLAY), subject)
    assert found.verdict is verdict and words in found.sentence


def test_training_on_todays_list_and_on_part_of_a_past_is_caught(desk: Desk):
    subject = years_of(desk, shares=12, left=1)
    real = replace(desk, market=Market.REPLAY)

    def of_today(tx: Any, *, until: date) -> Then:
        honest = studied_then(tx, until=until)
        here = honest.panel.isins[:-1]
        return Then(honest.panel.only(here), honest.members[:, :-1])

    def cut_off(tx: Any, *, until: date) -> Then:
        honest = studied_then(tx, until=until)
        members = honest.members.copy()
        members[-30:, -1] = False
        return Then(honest.panel, members)

    for learn in (of_today, cut_off):
        found = leaks_store.survivors(real, subject, learn=learn)
        assert found.verdict is Verdict.LEAK
        assert "1 of 1 shares that left are not learnt from" in found.sentence


def test_there_are_fifteen_tests_or_more_each_with_a_name_of_its_own():
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names)) == 34
    assert [check.name for check in checks_named(["purged", "truncated"])] == [
        "truncated",
        "purged",
    ]
    with pytest.raises(BadInput, match="no leak test is called 'nope'; there are: truncated"):
        checks_named(["nope"])


def test_a_file_that_looks_at_tomorrow_is_found_and_what_is_not_of_files_is_not_asked(
    desk: Desk, tmp_path: Path
):
    stored(desk)
    file = tmp_path / "mine.py"
    file.write_text(CENTRED)
    said: list[float] = []
    report = find_leaks(
        desk, file=file, only=["truncated", "ranks", "too_good"],
        progress=lambda share, _words: said.append(share),
    )  # fmt: skip
    verdicts = {one.name: one.verdict for one in report.findings}
    assert verdicts == {
        "truncated": Verdict.LEAK,
        "ranks": Verdict.NOT_ASKED,
        "too_good": Verdict.LEAK,
    }
    assert report.leaks == 2 and report.words.startswith("mine.py: 2 leaks found, 0 tests passed")
    assert (report.shares, report.sessions, report.columns) == (12, 300, 1)
    assert said == sorted(said) and said[0] == 0.0 and said[-1] < 1.0


@pytest.mark.slow
def test_the_desks_own_features_and_models_pass_every_test(desk: Desk):
    put_flows(desk, stored(desk, sessions=650))
    report = find_leaks(desk)
    assert [one.sentence for one in report.findings if one.verdict is Verdict.LEAK] == []
    assert {one.name for one in report.findings if one.verdict is Verdict.NOT_ASKED} == {
        "decided",
        "renamed",
        "survivors",
    }


def test_too_little_history_says_how_little(desk: Desk):
    with pytest.raises(BadInput, match="no bars are stored"):
        find_leaks(desk)
    stored(desk, sessions=249)
    with pytest.raises(BadInput, match="need 250 sessions and 249 are stored"):
        find_leaks(desk)


def test_too_few_shares_say_how_few(desk: Desk):
    stored(desk, shares=9)
    with pytest.raises(BadInput, match=r"need 10 shares .* 9 have them"):
        find_leaks(desk)
