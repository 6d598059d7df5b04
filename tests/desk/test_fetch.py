"""Bars from the network into a store: what is asked, what is written, what stands, what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from core.config import Settings
from core.desk.desk import Desk, desk_over
from core.desk.fetch import fetch_bars
from core.desk.fetch_intraday import fetch_minutes
from core.desk.fetch_steps import open_sources
from core.domain.account import Market
from core.domain.action import ActionKind, Factor
from core.domain.clock import SteppedClock
from core.domain.succession import Succession
from core.errors import BadInput, BadSetting, MunimError, NoData, NotFound, SourceFailed
from core.panel import Panel
from core.providers.bar_run import BarRun, midnight
from core.providers.net.gate import Answer
from core.providers.universe_file import Listing
from core.store import audit, bar_merge, bar_sources, bars, factors, intraday, successions
from core.store.engine import open_store

NOW = datetime(2026, 8, 22, 6, 0, tzinfo=UTC)  # Saturday 11:30 in India
MON, TUE, WED, THU, FRI = (date(2026, 8, day) for day in (17, 18, 19, 20, 21))
ISIN = "INE002A01018"
CLOSES = {MON: 1390.0, TUE: 1395.0, WED: 1410.0, THU: 1404.5, FRI: 1388.2}


@dataclass
class FakeSource:
    """A BarSource that knows some closes; what it was asked is on record."""

    name: str = "kite"
    closes: dict[date, float] = field(default_factory=lambda: dict(CLOSES))
    fails: MunimError | None = None
    stale: float = 0.0
    raw: bool = False
    asked: list[tuple[str, date, date]] = field(default_factory=list)

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        return self.give(share, start, end, minutes=0)

    def intraday(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        return self.give(share, start, end, minutes=minutes)

    def give(self, share: Listing, start: date, end: date, *, minutes: int) -> Answer[BarRun]:
        self.asked.append((share.symbol, start, end))
        if self.fails is not None:
            raise self.fails
        days = [day for day in sorted(self.closes) if start <= day <= end]
        if not days:
            raise NoData(f"{self.name} has no bar of {share.symbol}")
        close = np.array([self.closes[day] for day in days])
        opens = 33_300 if minutes else 0  # 09:15
        run = BarRun(
            symbol=share.symbol,
            source=self.name,
            minutes=minutes,
            starts=np.array([midnight(day) + opens for day in days], dtype=np.int64),
            open=close,
            high=close + 1,
            low=close - 1,
            close=close,
            volume=np.full(len(days), 1000.0),
            in_todays_terms=not self.raw,
        )
        return Answer(run, NOW, self.stale, "it is silent" if self.stale else "")


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """An empty desk over a replay store."""
    store = open_store(sqlite_url, Market.REPLAY, scratch=True)
    settings = Settings(home=tmp_path / "home", market=Market.REPLAY)
    yield desk_over(settings, store, SteppedClock(NOW))
    store.close()


def fetch(desk: Desk, *sources: FakeSource, symbols=("RELIANCE",), **more):
    return fetch_bars(
        desk, symbols, sources, start=MON, end=FRI, by="me", clock=SteppedClock(NOW), **more
    )


def closes(desk: Desk) -> dict[date, float]:
    with desk.store.read() as tx:
        panel = bars.read_raw(tx, [ISIN])
    return dict(zip(panel.sessions, panel.close[:, 0].tolist(), strict=True))


def put(desk: Desk, given: dict[date, float], source: str, *, isin: str = ISIN) -> None:
    close = np.array([[value] for value in given.values()])
    panel = Panel(tuple(given), (isin,), close, close, close, close, close, np.ones_like(close))
    with desk.store.write() as tx:
        bars.put_panel(tx, panel, source=source)


def test_an_empty_store_gets_every_session_with_its_source_and_one_audit_entry(desk: Desk):
    told = []
    done = fetch(desk, FakeSource(), progress=lambda *said: told.append(said))
    assert closes(desk) == CLOSES
    assert done.bars == 5 and done.sentence == (
        "5 bars of 1 shares from 2026-08-17 to 2026-08-21; kite 5 of 1 share"
    )
    assert told == [(1.0, "1 of 1 · RELIANCE: 5 bars from kite")]
    with desk.store.read() as tx:
        assert set(bar_sources.sources(tx, ISIN).values()) == {("kite", ISIN)}
        [entry] = [one for one in audit.entries(tx) if one.verb == "fetch"]
    assert entry.subject == ISIN


def test_only_what_is_missing_is_asked_with_a_few_stored_sessions_before_it(desk: Desk):
    put(desk, {MON: 1390.0, TUE: 1395.0, WED: 1410.0, THU: 1404.5}, "cm.csv")
    source = FakeSource()
    done = fetch(desk, source)
    assert source.asked == [("RELIANCE", TUE, FRI)]  # three sessions to hold it against
    assert done.bars == 1
    with desk.store.read() as tx:
        assert bar_sources.sources(tx, ISIN)[FRI] == ("kite", ISIN)
        assert bar_sources.sources(tx, ISIN)[THU] == ("cm.csv", ISIN)


def test_nothing_is_asked_when_nothing_is_missing(desk: Desk):
    put(desk, CLOSES, "cm.csv")
    source = FakeSource()
    done = fetch(desk, source)
    assert source.asked == [] and done.bars == 0 and done.failed == ()
    assert "all 5 sessions are there" in done.shares[0].sentence


def test_the_exchanges_close_stands_and_the_other_is_kept_beside_it(desk: Desk):
    put(desk, {MON: 1390.0, TUE: 1395.0, WED: 1410.0}, "cm.csv")
    done = fetch(desk, FakeSource(closes={**CLOSES, WED: 1440.0}))
    assert closes(desk)[WED] == 1410.0 and done.bars == 2
    with desk.store.read() as tx:
        [conflict] = bar_merge.conflicts(tx, ISIN)
    assert (conflict.session, conflict.source, conflict.close) == (WED, "kite", 1440.0)
    assert conflict.kept_source == "cm.csv"
    assert "cm.csv's 1410.00 stands against kite's 1440.00" in done.shares[0].sentence


def test_a_broker_asked_again_replaces_a_vendors_close(desk: Desk):
    put(desk, {**CLOSES, WED: 1440.0}, "yfinance")
    assert fetch(desk, FakeSource(), again=True).bars == 1
    assert closes(desk)[WED] == 1410.0
    with desk.store.read() as tx:
        [conflict] = bar_merge.conflicts(tx, ISIN)
    assert (conflict.source, conflict.close, conflict.kept_source) == ("yfinance", 1440.0, "kite")


def test_a_dispute_about_a_session_under_an_earlier_isin_stays_under_it(desk: Desk):
    earlier = "INE002A01000"
    put(desk, {MON: 1390.0, TUE: 1395.0, WED: 1440.0}, "yfinance", isin=earlier)
    with desk.store.write() as tx:
        successions.put(tx, [Succession(earlier, ISIN, THU, "list")])
    assert fetch(desk, FakeSource()).bars == 3  # two new ones, and the broker's Wednesday
    assert closes(desk) == CLOSES
    with desk.store.read() as tx:
        assert bar_sources.sources(tx, ISIN)[WED] == ("kite", earlier)


def test_another_shares_prices_are_not_stored(desk: Desk):
    put(desk, {MON: 3000.0, TUE: 3010.0, WED: 3020.0}, "cm.csv")
    with pytest.raises(SourceFailed, match="another share or a corporate action"):
        fetch(desk, FakeSource())
    assert len(closes(desk)) == 3


def test_todays_terms_become_prices_as_traded(desk: Desk):
    # a 1:1 bonus with ex-date Thursday: Wednesday's 1410 in today's terms traded at 2820
    add_factor(desk, THU, 2.0, ActionKind.BONUS)
    fetch(desk, FakeSource())
    assert closes(desk) == {**CLOSES, MON: 2780.0, TUE: 2790.0, WED: 2820.0}
    with desk.store.read() as tx:
        panel = bars.read_raw(tx, [ISIN])
    assert panel.volume[:, 0].tolist() == [500, 500, 500, 1000, 1000]


def test_a_source_of_raw_prices_is_taken_as_it_is(desk: Desk):
    add_factor(desk, THU, 2.0, ActionKind.BONUS)
    fetch(desk, FakeSource(raw=True))
    assert closes(desk) == CLOSES


@pytest.mark.parametrize(("divisor", "kind"), [(1.1015, ActionKind.OTHER), (2, ActionKind.RIGHTS)])
def test_bars_before_a_priced_action_are_left_out_and_said(desk: Desk, divisor: float, kind):
    add_factor(desk, THU, divisor, kind)
    done = fetch(desk, FakeSource())
    assert list(closes(desk)) == [THU, FRI]
    assert "3 before a demerger or rights issue are left out" in done.shares[0].sentence


def add_factor(desk: Desk, ex_date: date, divisor: float, kind: ActionKind) -> None:
    known = datetime(2026, 8, 1, tzinfo=UTC)
    with desk.store.write() as tx:
        factors.put(tx, [Factor(ISIN, ex_date, divisor, kind, "list", known)])


def test_days_on_which_the_exchange_was_closed_are_left_out_and_said(desk: Desk):
    sunday = date(2026, 8, 16)
    done = fetch_bars(
        desk,
        ["RELIANCE"],
        [FakeSource(closes={sunday: 1385.0, **CLOSES})],
        start=date(2026, 8, 14),
        end=FRI,
        by="me",
        clock=SteppedClock(NOW),
    )
    assert closes(desk) == CLOSES and done.shares[0].left_out.closed_days == 1
    assert "1 of days the exchange was closed are left out" in done.shares[0].sentence


def test_the_next_source_is_named_with_what_the_first_one_said(desk: Desk):
    done = fetch(desk, FakeSource(fails=SourceFailed("dead")), FakeSource(name="yfinance"))
    assert done.shares[0].source == "yfinance"
    assert done.shares[0].sentence == "RELIANCE: 5 bars from yfinance; kite gave none (dead)"


def test_an_old_answer_is_written_with_its_age(desk: Desk):
    done = fetch(desk, FakeSource(stale=7_200.0))
    assert done.bars == 5 and done.shares[0].stale_seconds == 7_200
    assert "from an answer kept for 2 h" in done.shares[0].sentence


def test_one_share_failing_leaves_the_others_and_is_named(desk: Desk):
    @dataclass
    class Picky(FakeSource):
        def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
            if share.symbol == "TCS":
                raise SourceFailed("dead")
            return super().daily(share, start, end)

    done = fetch(desk, Picky(), symbols=["TCS", "reliance", "TCS"])
    assert done.failed == ("TCS",) and done.bars == 5
    assert done.sentence.endswith("; nothing of TCS: dead")


def test_when_every_share_fails_the_whole_fails(desk: Desk):
    with pytest.raises(SourceFailed, match="dead"):
        fetch(desk, FakeSource(fails=SourceFailed("dead")))
    with pytest.raises(NotFound):
        closes(desk)


def test_a_share_that_has_no_bar_anywhere_is_no_failure(desk: Desk):
    done = fetch(desk, FakeSource(closes={date(2026, 1, 1): 1.0}))
    assert done.bars == 0 and done.failed == () and "no bar" in done.shares[0].sentence


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ((MON, date(2026, 8, 24)), "has not closed yet; the last settled session is 2026-08-21"),
        ((FRI, MON), "is after --end"),
        ((date(2026, 8, 15), date(2026, 8, 16)), "no trading day"),
    ],
)
def test_a_span_that_cannot_be_is_refused(desk: Desk, span: tuple[date, date], sentence: str):
    with pytest.raises(BadInput, match=sentence):
        fetch_bars(
            desk,
            ["RELIANCE"],
            [FakeSource()],
            start=span[0],
            end=span[1],
            by="me",
            clock=SteppedClock(NOW),
        )


def test_no_symbol_and_an_unknown_symbol_are_refused(desk: Desk):
    with pytest.raises(BadInput, match="no symbol"):
        fetch(desk, FakeSource(), symbols=[])
    with pytest.raises(
        NotFound, match=r"RELIANCEX is no share known here; .*RELIANCE.*munim data masters"
    ):
        fetch(desk, FakeSource(), symbols=["RELIANCEX"])


def test_a_simulated_store_takes_no_prices(sqlite_url: str, tmp_path: Path):
    store = open_store(sqlite_url, Market.SIM, scratch=True)
    sim = desk_over(Settings(home=tmp_path / "home"), store, SteppedClock(NOW))
    with pytest.raises(BadInput, match="stamped sim"):
        fetch(sim, FakeSource())
    store.close()


def test_auto_opens_what_is_set_up_in_order_and_names_say_what_is_missing(tmp_path: Path):
    keys = {"MUNIM_FINNHUB_KEY": "k", "MUNIM_FYERS_APP_ID": "a", "MUNIM_FYERS_ACCESS_TOKEN": "t"}
    opened = open_sources(tmp_path, find=keys.get)
    assert [one.name for one in opened] == ["fyers", "yfinance", "finnhub"]
    with pytest.raises(BadSetting, match="MUNIM_UPSTOX_ACCESS_TOKEN"):
        open_sources(tmp_path, ["upstox"], find=keys.get)
    with pytest.raises(BadInput, match="no provider is called 'bloomberg'; there are kite"):
        open_sources(tmp_path, ["bloomberg"], find=keys.get)


def minutes_of(desk: Desk, source: FakeSource, **more):
    return fetch_minutes(
        desk,
        ["RELIANCE"],
        [source],
        minutes=5,
        start=MON,
        end=FRI,
        by="me",
        clock=SteppedClock(NOW),
        **more,
    )


def test_minutes_are_asked_for_the_sessions_that_have_none(desk: Desk):
    first = FakeSource(closes={MON: 1390.0, TUE: 1395.0})
    assert minutes_of(desk, first).bars == 2
    source = FakeSource()
    done = minutes_of(desk, source)
    assert source.asked == [("RELIANCE", WED, FRI)] and done.bars == 3
    with desk.store.read() as tx:
        held = intraday.read(tx, ISIN, 5)
    assert held.close.tolist() == list(CLOSES.values())
    assert (
        datetime.fromtimestamp(int(held.start[0]), UTC).isoformat() == "2026-08-17T03:45:00+00:00"
    )
    source = FakeSource()
    assert minutes_of(desk, source).bars == 0 and source.asked == []
    assert minutes_of(desk, FakeSource(), again=True).bars == 0  # asked, and nothing differs


def test_minutes_before_a_bonus_are_stored_as_traded(desk: Desk):
    add_factor(desk, THU, 2.0, ActionKind.BONUS)
    minutes_of(desk, FakeSource())
    with desk.store.read() as tx:
        assert intraday.read(tx, ISIN, 5).close.tolist() == [2780, 2790, 2820, 1404.5, 1388.2]


def test_a_length_no_bar_has_is_refused(desk: Desk):
    with pytest.raises(BadInput, match="no bars of 7 minutes; choose one of 1, 3, 5, 15, 30, 60"):
        fetch_minutes(desk, ["RELIANCE"], [FakeSource()], minutes=7, by="me")
