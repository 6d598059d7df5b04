"""A worker over the morning's desk: six simulated shares, a told clock and lanes that do nothing."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from core.brokers.paper import PaperBroker
from core.config import Settings
from core.desk.dealer import LEASE, Dealer
from core.desk.desk import REFERENCE, calendar_now, desk_over
from core.desk.floor import Floor, phase_of
from core.desk.open_market import PAPER_LOGIN, open_accounts
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

    def submit(self, work, *arguments: str) -> Future[str]:  # noqa: ANN001
        """Queue one piece of work that never runs by itself."""
        future: Future[str] = Future()
        self.work.append((work.__name__, arguments, future))
        return future

    def names(self) -> list[str]:
        """What was asked of the lane, in order."""
        return [name for name, _, _ in self.work]


def a_worker(store: Store, home: Path, *, with_bars: bool = True) -> Worker:
    """A worker at the open of the first simulated session."""
    opens_at = calendar_now().session(SIM_STARTS_ON).opens_at.astimezone(UTC)
    clock = ToldClock(at=opens_at, seconds=500.0)
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, database_url=store.url)
    desk = desk_over(settings, store, clock)
    universe = load_universe(REFERENCE / "universe.csv")[:SHARES]
    market = SimMarket(universe, desk.calendar, seed=7)
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
        market="sim",
        trained_at=datetime(2026, 4, 6, tzinfo=UTC),
        features_version="f1",
        sessions_from=datetime(2021, 1, 1).date(),
        sessions_to=datetime(2026, 4, 3).date(),
        n_out_of_sample=1_000,
        skill=0.01,
        skill_low=0.0,
        skill_high=0.02,
        has_vote=False,
        sha256="0" * 64,
        seconds=1.0,
        path="nowhere",
    )
    return replace(base, **changes)  # type: ignore[arg-type]
