"""A worker over six simulated shares, with a told clock and lanes that run nothing."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from core.brokers.paper import PaperBroker
from core.config import Settings
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import REFERENCE, calendar_now, desk_over
from core.desk.floor import Floor, phase_of
from core.desk.open_market import PAPER_LOGIN, open_accounts
from core.domain.account import Market
from core.domain.clock import SteppedClock
from core.domain.research import ModelVersion
from core.providers.sim.market import SIM_STARTS_ON, SimMarket
from core.providers.universe_file import load_universe
from core.store import bars, instruments, lease
from core.store.engine import Store
from jobs.worker import Worker

SHARES = 6
HISTORY = 90


class ToldClock(SteppedClock):
    """A market clock that a test moves; it can jump over a night as the worker's does."""

    speed = 1.0

    def jump_to(self, at: datetime) -> None:
        """The night takes no monotonic second."""
        self.at = at


class StillLane:
    """A lane that keeps what it was given; the test decides what comes of it."""

    def __init__(self) -> None:
        self.work: list[tuple[str, tuple[str, ...], Future[str]]] = []

    def submit(self, work, *arguments: str) -> Future[str]:
        """Queue one piece of work that never runs by itself."""
        future: Future[str] = Future()
        self.work.append((work.__name__, arguments, future))
        return future

    def names(self) -> list[str]:
        """What was asked of the lane, in order."""
        return [name for name, _, _ in self.work]


@lru_cache(maxsize=1)
def small_market() -> SimMarket:
    """Six shares of seed 7; a pure function of time, so tests may share it."""
    universe = load_universe(REFERENCE / "universe.csv")[:SHARES]
    return SimMarket(universe, calendar_now(), seed=7)


def a_worker(store: Store, home: Path, *, with_bars: bool = True) -> Worker:
    """A worker at the open of the first simulated session."""
    opens_at = calendar_now().session(SIM_STARTS_ON).opens_at.astimezone(UTC)
    clock = ToldClock(at=opens_at, seconds=500.0)
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, database_url=store.url)
    desk = desk_over(settings, store, clock)
    market = small_market()
    universe = market.universe
    broker = PaperBroker(
        ":memory:",
        login_id=PAPER_LOGIN.id,
        instruments={item.isin: item for item in universe},
        clock=clock,
        phase_of=lambda item, at: phase_of(desk, item, at),
    )
    with store.write() as tx:
        instruments.put(tx, universe)
        if with_bars:
            bars.put_panel(tx, market.history(HISTORY), source="SIM")
        fence = lease.acquire(tx, LEASE, "worker-1", monotonic=500.0, seconds=10.0)
    open_accounts(desk, at=opens_at)
    dealer = Dealer(desk, {PAPER_LOGIN.id: broker}, "worker-1", fence, "AA")
    return Worker(Floor(dealer, market, broker, clock), StillLane(), StillLane())


def a_model(role: str = "primary", **changes: object) -> ModelVersion:
    """A model version as stored, without files."""
    base = ModelVersion(
        version=f"{role}-1",
        kind=role,
        market=Market.SIM,
        trained_at=datetime(2026, 4, 6, tzinfo=UTC),
        rows=5_000,
        features=("ret_1",),
        barriers=(2.0, 3.0, 10),
        folds=5,
        n_out_of_sample=1_000,
        base_rate=0.36,
        brier=0.24,
        brier_base=0.24,
        skill=0.0,
        skill_low=-0.01,
        skill_high=0.01,
        seconds=1.0,
        has_vote=False,
        sha256="0" * 64,
        path="nowhere",
    )
    return replace(base, **changes)  # type: ignore[arg-type]
