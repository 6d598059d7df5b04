"""A fetch as a person asks for it: who is fetched, what is told on the way, and calling it off."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from core.config import Settings
from core.desk.desk import Desk, desk_over
from core.desk.fetch_job import result_of, run_fetch
from core.desk.fetch_wish import FetchWish, ask_fetch, wish_of
from core.desk.jobs import call_off_job
from core.desk.watchlist import save_watchlist
from core.domain.account import Market
from core.domain.clock import SteppedClock
from core.domain.job import JobStatus
from core.errors import BadInput, BadSetting, CalledOff, NoData, NotFound, SourceFailed
from core.providers.bar_run import BarRun, Fundamentals, Quarter, midnight
from core.providers.net.gate import Answer
from core.providers.universe_file import Listing
from core.store import audit, bars, fundamentals, instruments, jobs
from core.store.engine import open_store

NOW = datetime(2026, 8, 22, 6, 0, tzinfo=UTC)  # Saturday 11:30 in India
FRI = date(2026, 8, 21)
RELIANCE, TCS = "INE002A01018", "INE467B01029"
DAY = {"start": "2026-08-21", "end": "2026-08-21"}


@dataclass
class FakeVendor:
    """Bars and figures of whomever it does not fail."""

    name: str = "yfinance"
    fails: dict[str, Exception] = field(default_factory=dict)
    age: float = 0.0
    currency: str = "INR"
    asked: list[str] = field(default_factory=list)

    def daily(self, share: Listing, start: date, end: date) -> Answer[BarRun]:
        self._ask(share)
        close = np.array([1388.2])
        one = np.array([midnight(FRI)], dtype=np.int64)
        run = BarRun(share.symbol, self.name, 0, one, close, close, close, close, close)
        return Answer(run, NOW, 0.0)

    def fundamentals(self, share: Listing) -> Answer[Fundamentals]:
        self._ask(share)
        names = ("price_to_book", "book_value", "return_on_equity", "debt_to_equity",
                 "profit_margin", "revenue_growth", "beta", "shares")  # fmt: skip
        told = Fundamentals(
            symbol=share.symbol,
            source=self.name,
            market_cap=18.7e12,
            trailing_pe=24.5,
            eps=57.1,
            dividend_yield=0.004,
            currency=self.currency,
            **dict.fromkeys(names),
        )
        return Answer(told, NOW, self.age)

    def quarters(self, share: Listing) -> Answer[tuple[Quarter, ...]]:
        if share.symbol == "TCS":
            raise NoData("Yahoo has no quarters of TCS.NS")
        ends = [date(2026, 6, 30), date(2026, 3, 31), date(2025, 12, 31), date(2025, 9, 30),
                date(2025, 6, 30)]  # fmt: skip
        made = tuple(Quarter(end, self.currency, 2.4e12, None) for end in ends)
        return Answer(made, NOW, 0.0)

    def _ask(self, share: Listing) -> None:
        self.asked.append(share.symbol)
        if share.symbol in self.fails:
            raise self.fails[share.symbol]


@pytest.fixture
def desk(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """An empty desk over a replay store."""
    store = open_store(sqlite_url, Market.REPLAY, scratch=True)
    settings = Settings(home=tmp_path / "home", market=Market.REPLAY)
    yield desk_over(settings, store, SteppedClock(NOW))
    store.close()


def run(desk: Desk, wish: FetchWish, *sources: FakeVendor, **more):
    return run_fetch(desk, wish, by="me", sources=sources, clock=SteppedClock(NOW), **more)


def test_a_watchlists_shares_come_one_after_the_other_and_each_step_is_told(desk: Desk):
    run(desk, FetchWish(symbols=("TCS", "RELIANCE"), **DAY), FakeVendor())
    save_watchlist(desk, "mine", ["RELIANCE", "TCS"], by="me")
    told: list[tuple[float, str]] = []
    wish = FetchWish(scope="watchlist", name="mine", again=True, **DAY)
    vendor = FakeVendor(fails={"TCS": SourceFailed("it is silent")})
    done = run(desk, wish, vendor, progress=lambda *said: told.append(said))
    assert vendor.asked == ["RELIANCE", "TCS"]
    assert [share for share, _ in told] == [0.0, 0.5, 1.0]
    assert told[0][1] == "asking yfinance for 2 shares"
    assert told[1][1].startswith("1 of 2 · RELIANCE: 0 bars from yfinance")
    assert told[2][1] == "2 of 2 · TCS: it is silent"
    assert done.sentence.endswith("; nothing of TCS: it is silent")
    assert result_of(done)["failed"] == ["TCS"]


def test_every_vendor_has_its_count_and_quiet_shares_are_named(desk: Desk):
    first = FakeVendor("kite", fails={"TCS": SourceFailed("down"), "INFY": NoData("none"),
                                      "SBIN": NoData("none")})  # fmt: skip
    second = FakeVendor(fails={"INFY": NoData("none"), "SBIN": SourceFailed("down too")})
    wish = FetchWish(symbols=("RELIANCE", "TCS", "INFY", "SBIN"), **DAY)
    said = run(desk, wish, first, second).sentence
    assert "2 bars of 3 shares" in said and "kite 1 of 1 share, yfinance 1 of 1 share" in said
    assert "no source has any of INFY" in said
    assert "nothing of SBIN: no source could answer: kite: none; yfinance: down too" in said


def test_without_a_network_the_answer_is_a_sentence_and_not_an_empty_success(desk: Desk):
    dead = {name: SourceFailed("Yahoo cannot be reached") for name in ("TCS", "RELIANCE")}
    with pytest.raises(SourceFailed, match="nothing came of 2 shares: Yahoo cannot be reached"):
        run(desk, FetchWish(symbols=("TCS", "RELIANCE"), **DAY), FakeVendor(fails=dead))
    with desk.store.read() as tx:
        assert bars.sessions(tx) == ()


def test_called_off_between_two_shares_keeps_what_was_written_whole(desk: Desk):
    def stop_after_first(share: float, sentence: str) -> None:
        if share > 0:
            raise CalledOff("a person stopped it")

    vendor = FakeVendor()
    wish = FetchWish(symbols=("RELIANCE", "TCS", "INFY"), **DAY)
    with pytest.raises(CalledOff, match="called off after 1 of 3 shares; 1 bars of 1 shares"):
        run(desk, wish, vendor, progress=stop_after_first)
    assert vendor.asked == ["RELIANCE"]
    with desk.store.read() as tx:
        assert bars.read_raw(tx).isins == (RELIANCE,)


def test_called_off_after_the_last_share_is_simply_done(desk: Desk):
    def stop_at_the_end(share: float, sentence: str) -> None:
        if share == 1.0:
            raise CalledOff("too late")

    assert run(desk, FetchWish(symbols=("TCS",), **DAY), FakeVendor(),
               progress=stop_at_the_end).bars == 1  # fmt: skip


def test_a_request_carries_the_wish_and_what_cannot_be_is_refused_before(desk: Desk):
    wish = FetchWish(symbols=("TCS",), minutes=5, providers=("kite", "yfinance"), **DAY)
    asked = ask_fetch(desk, wish, by="me")

    assert asked.kind == "fetch" and wish_of(json.loads(asked.arguments)) == wish
    with pytest.raises(NotFound, match="NOSUCH is no share known here"):
        ask_fetch(desk, FetchWish(symbols=("NOSUCH",)), by="me")
    with pytest.raises(NotFound):
        ask_fetch(desk, FetchWish(scope="universe", name="nifty"), by="me")
    with pytest.raises(BadInput, match="no symbol was given"):
        ask_fetch(desk, FetchWish(), by="me")
    with desk.store.read() as tx:
        assert [one.id for one in jobs.recent(tx)] == [asked.id]


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"scope": "everything"}, "is no scope; use one of symbols, watchlist, universe"),
        ({"scope": "watchlist"}, "name the watchlist"),
        ({"minutes": 7}, "no bars of 7 minutes; choose one of 1, 3, 5"),
        ({"providers": ("bloomberg",)}, "no provider is called 'bloomberg'"),
        ({"start": "yesterday"}, "the first day 'yesterday' is no date"),
    ],
)
def test_a_wish_that_cannot_be_is_refused(parts: dict[str, object], sentence: str):
    with pytest.raises(BadInput, match=sentence):
        FetchWish(**parts)


def test_a_simulated_store_is_refused_before_anything_is_asked(sqlite_url: str, tmp_path: Path):
    store = open_store(sqlite_url, Market.SIM, scratch=True)
    sim = desk_over(Settings(home=tmp_path / "home"), store, SteppedClock(NOW))
    with pytest.raises(BadInput, match="stamped sim"):
        ask_fetch(sim, FetchWish(symbols=("TCS",)), by="me")
    store.close()


def test_a_waiting_request_is_called_off_at_once_and_an_ended_one_is_refused(desk: Desk):
    asked = ask_fetch(desk, FetchWish(symbols=("TCS",)), by="me")
    call_off_job(desk, asked.id, by="asha")
    with desk.store.read() as tx:
        row = jobs.by_id(tx, asked.id)
        [entry] = [one for one in audit.entries(tx) if one.verb == "call off"]
    assert (row.status, row.sentence) == (JobStatus.CANCELLED, "called off before it began")
    assert (entry.actor, entry.subject) == ("asha", asked.id)
    with pytest.raises(BadInput, match="fetch has ended as CANCELLED"):
        call_off_job(desk, asked.id, by="asha")


def test_figures_become_a_dated_snapshot_with_units_and_four_quarters(desk: Desk):
    done = run(desk, FetchWish(symbols=("RELIANCE",), figures=True), FakeVendor())
    assert done.sentence.startswith("8 figures of 1 shares")
    with desk.store.read() as tx:
        kept = fundamentals.newest(tx, [RELIANCE], as_of=NOW)
    assert kept is not None and (kept.source, kept.fetched_at) == ("yfinance", NOW)
    units = {one.metric: one.unit for one in kept.figures}
    assert units == {"market_cap": "INR", "trailing_pe": "times", "eps": "INR",
                     "dividend_yield": "fraction", "revenue": "INR"}  # fmt: skip
    assert kept.periods() == ("2026-06-30", "2026-03-31", "2025-12-31", "2025-09-30")


def test_the_same_answer_again_is_no_new_snapshot_and_its_age_is_said(desk: Desk):
    wish = FetchWish(symbols=("RELIANCE",), figures=True)
    run(desk, wish, FakeVendor())
    again = run(desk, wish, FakeVendor(age=3600.0))
    assert again.bars == 0
    assert again.shares[0].sentence == (
        "RELIANCE: yfinance's answer is kept already, answered 1 h ago"
    )


def test_missing_quarters_are_said_and_dollars_stay_dollars(desk: Desk):
    wish = FetchWish(symbols=("TCS",), figures=True)
    done = run(desk, wish, FakeVendor(currency="USD"))
    assert done.shares[0].sentence.endswith("; no quarters: Yahoo has no quarters of TCS.NS")
    with desk.store.read() as tx:
        kept = fundamentals.newest(tx, [TCS], as_of=NOW)
        assert instruments.by_isin(tx, TCS).is_traded
    assert kept is not None
    eps, cap = kept.value("eps"), kept.value("market_cap")
    assert eps is not None and cap is not None and (eps.unit, cap.unit) == ("USD", "INR")


def test_a_source_without_figures_is_refused_with_the_way_out(desk: Desk):
    class Bare:
        name = "kite"

    with pytest.raises(BadSetting, match="kite gives no fundamentals; yfinance does"):
        run(desk, FetchWish(symbols=("TCS",), figures=True), Bare())
