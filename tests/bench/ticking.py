"""Three thousand shares ticking each second through the worker, with training and scans beside.

    python -m tests.bench.ticking [--minutes 10] [--shares 3000] [--stops 60]

The worker is `jobs` itself in a process of its own; its market is the simulator's with copies of
its shares under other names, so that one quote of each comes each second by the same way. `stops`
positions stand under the desk's own stop, and their prices fall through it one after the other
over the time. From the tick that crossed to the committed decision is measured, and every run of
the floor's jobs. Training and a scan are asked for again as soon as the last ones ended.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from core.backtest.bench_cards import BRACKET, PRICE, a_quote, fill, first_moment, open_account
from core.config import Settings
from core.desk import exit as exits
from core.desk import floor as floors
from core.desk import protect
from core.desk.books import fill_costs
from core.desk.desk import Desk, desk_over
from core.desk.floor import Floor, open_floor, sim_market
from core.desk.jobs import ask
from core.desk.open_market import PAPER_LOGIN, open_market
from core.domain.account import Broker, Market
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.domain.job import JobStatus
from core.domain.ledger import Position
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Order, OrderStatus, OrderType, Product, Purpose, Side, Validity
from core.domain.plan import Plan, PlanStatus
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.domain.quote import Quote
from core.store import fills, instruments, jobs, ledger, orders, plans, protections
from core.store.engine import open_store
from core.treasury import post

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, QTY = "stops", 20
FALLEN = Money.rupees(478)  # under the stop at 480
SETTLES_IN = 15.0  # seconds before the first stop is crossed
LONG = timedelta(hours=8)
SAMPLE = 1.0
STARTS_WITHIN = 120.0
FLOOR_JOBS = ("pulse", "send", "risk", "reconcile")


class WideMarket:
    """The simulated market with copies of its shares beside them, and some that fall on time."""

    def __init__(self, base: Any, *, shares: int, stops: int, minutes: float) -> None:
        self._base = base
        known = list(base.universe)
        self.held = [_copy(known[n % len(known)], n, "HELD") for n in range(stops)]
        rest = max(0, shares - len(known) - stops)
        self._copies = [
            (n % len(known), _copy(known[n % len(known)], n, "COPY")) for n in range(rest)
        ]
        self.universe = (*known, *self.held, *(copy for _, copy in self._copies))
        self._gap = (60.0 * minutes - SETTLES_IN - 5.0) / max(1, stops)
        self.begins: float | None = None
        self.crossed: dict[str, float] = {}
        self.making: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._base, name)

    def quotes_at(self, at: datetime) -> list[Quote]:
        """Every share once; the held ones by their own rule."""
        begun = time.perf_counter()
        base = self._base.quotes_at(at)
        found = [*base, *(replace(base[row], isin=copy.isin) for row, copy in self._copies)]
        now = time.monotonic()
        for place, share in enumerate(self.held):
            quote = a_quote(share, at=at)
            due = self.begins is not None and now >= self.begins + SETTLES_IN + place * self._gap
            if due:
                quote = replace(
                    quote, ltp=FALLEN, bid=FALLEN - Money(5), ask=FALLEN + Money(5), low=FALLEN
                )
                self.crossed.setdefault(share.isin, now)
            found.append(quote)
        self.making.append(time.perf_counter() - begun)
        return found


def _copy(item: Instrument, number: int, word: str) -> Instrument:
    return replace(
        item,
        isin=f"IN{word[0]}{number:09d}",
        symbol=f"{word}{number}",
        name=f"{word} {number}",
        band_pct=20,
        has_derivatives=False,
    )


def set_up(home: Path) -> Desk:
    """A market with bars, news, accounts and rules, as the first start makes it."""
    url = f"sqlite:///{home / 'munim.db'}"
    settings = Settings(home=home, database_url=url)
    store = open_store(url, Market.SIM, seed=settings.seed)
    desk = desk_over(settings, store, SteppedClock(at=first_moment(), seconds=0.0))
    open_market(desk)
    return desk


def work(out: Path, *, shares: int, stops: int, minutes: float) -> int:
    """The worker with a wide market, timed; it writes what it measured when it ends."""
    from jobs import __main__ as worker

    taken: dict[str, list[float]] = defaultdict(list)
    begun: dict[str, list[float]] = defaultdict(list)
    decided: list[float] = []
    wide: list[WideMarket] = []

    def widened(desk: Desk) -> Any:
        wide.append(WideMarket(sim_market(desk), shares=shares, stops=stops, minutes=minutes))
        return wide[0]

    def opened() -> tuple[Floor, list[str]]:
        floor, sentences = open_floor()
        floor.clock.jump_to(first_moment())
        hold(floor, wide[0].universe, wide[0].held)
        wide[0].begins = time.monotonic()
        return floor, sentences

    decide = exits.exit_position

    def decision(desk: Desk, plan_id: str, *, reason: str, by: str) -> Plan:
        plan = decide(desk, plan_id, reason=reason, by=by)
        if plan.isin in wide[0].crossed:
            decided.append(time.monotonic() - wide[0].crossed[plan.isin])
        return plan

    def timed(name: str, run: Callable[[Any], str]) -> Callable[[Any], str]:
        def measured(held: Any) -> str:
            began = time.perf_counter()
            begun[name].append(began)
            try:
                return run(held)
            finally:
                taken[name].append(time.perf_counter() - began)

        return measured

    floors.sim_market = widened  # type: ignore[assignment]
    exits.exit_position = decision  # type: ignore[assignment]
    worker.open_floor = opened  # type: ignore[assignment]
    worker.JOBS = tuple(replace(job, run=timed(job.name, job.run)) for job in worker.JOBS)
    code = worker.main()
    out.write_text(
        json.dumps(
            {
                "taken": taken,
                "gaps": {name: np.diff(at).tolist() for name, at in begun.items()},
                "decided": decided,
                "crossed": len(wide[0].crossed),
                "making": wide[0].making,
                "shares": len(wide[0].universe),
            }
        )
    )
    return code


def hold(floor: Floor, universe: tuple[Instrument, ...], held: list[Instrument]) -> None:
    """List the copies, and hold some of them under the desk's own stop."""
    desk = floor.desk
    at = floor.clock.now() - timedelta(seconds=60)
    with desk.store.write() as tx:
        instruments.put(tx, universe)
    fill(desk, held)
    open_account(desk, ACCOUNT, at=at)
    with desk.store.write() as tx:
        for share in held:
            floor.broker.credit(share.isin, QTY)
            plan, order, fill_ = _bought(desk, share, at=at)
            plans.put(tx, plan)
            orders.put(tx, order)
            fills.put(tx, fill_)
            none = Position(ACCOUNT, share.isin, 0, ZERO)
            ledger.post(tx, post.trade(fill_, none, fill_costs(Broker.PAPER, fill_, before=ZERO)))
            protections.put(tx, _cover(plan, at=at))


def _bought(desk: Desk, share: Instrument, *, at: datetime) -> tuple[Plan, Order, Fill]:
    name = share.symbol
    plan = Plan(
        id=f"pl{name}", card_id=f"cd{name}", approval_id=f"ap{name}", account_id=ACCOUNT,
        login_id=PAPER_LOGIN.id, isin=share.isin, symbol=share.symbol, side=Side.BUY, qty=QTY,
        product=Product.CNC, bracket=BRACKET, status=PlanStatus.HOLDING, opened_at=at,
        time_exit_on=desk.calendar.add_sessions(at.date(), 10),
    )  # fmt: skip
    order = Order(
        id=f"or{name}", tag=f"BENCH{name}", plan_id=plan.id, approval_id=plan.approval_id,
        account_id=ACCOUNT, login_id=PAPER_LOGIN.id, isin=share.isin, symbol=share.symbol,
        purpose=Purpose.ENTRY, side=Side.BUY, qty=QTY, order_type=OrderType.LIMIT,
        product=Product.CNC, validity=Validity.DAY, limit_price=PRICE, trigger_price=None,
        status=OrderStatus.FILLED, prepared_at=at, sent_at=at, broker_order_id=f"bench-{name}",
    )  # fmt: skip
    bought = Fill(
        order_id=order.id, trade_id=f"t{name}", exchange="NSE", account_id=ACCOUNT,
        isin=share.isin, symbol=share.symbol, qty=QTY, price=PRICE, product=Product.CNC,
        traded_at=at,
    )  # fmt: skip
    return plan, order, bought


def _cover(plan: Plan, *, at: datetime) -> Protection:
    """The desk's stop alone: the broker refused its own, and is not asked again while it runs."""
    return Protection(
        plan_id=plan.id, account_id=ACCOUNT, isin=plan.isin, symbol=plan.symbol,
        status=ProtectionStatus.ARMED_LOCAL, owner=Owner.LOCAL, qty=QTY,
        stop=BRACKET.stop, target=BRACKET.target, armed_at=at + LONG,
        reason=f"{protect.REFUSED}for the bench",
    )  # fmt: skip


def watch(pid: int, desk: Desk, seconds: float) -> tuple[dict[str, Any], dict[str, int]]:
    """Sample the worker and its children, and keep training and scans going; bounded."""
    import psutil

    top = psutil.Process(pid)
    seen: dict[int, Any] = {pid: top}
    cpu: dict[int, list[float]] = defaultdict(list)
    rss: dict[int, list[float]] = defaultdict(list)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and top.is_running() and top.status() != "zombie":
        _keep_busy(desk)
        for child in top.children(recursive=True):
            seen.setdefault(child.pid, child)
        for number, part in list(seen.items()):
            try:
                cpu[number].append(part.cpu_percent())
                rss[number].append(part.memory_info().rss / 2**20)
            except psutil.NoSuchProcess:
                del seen[number]
        time.sleep(SAMPLE)
    names = {pid: "worker"}
    shown = {
        names.get(number, f"child {place}"): {
            "cpu %, mean": round(statistics.mean(cpu[number][1:] or [0.0]), 1),
            "MiB, last": round(rss[number][-1], 1),
            "MiB, most": round(max(rss[number]), 1),
        }
        for place, number in enumerate(cpu)
    }
    with desk.store.read() as tx:
        done = [one for one in jobs.recent(tx, 1000) if one.status is JobStatus.DONE]
    return shown, {kind: sum(one.kind == kind for one in done) for kind in ("train", "scan")}


def _keep_busy(desk: Desk) -> None:
    with desk.store.read() as tx:
        going = {
            one.kind
            for one in jobs.recent(tx, 20)
            if one.status in (JobStatus.WAITING, JobStatus.RUNNING)
        }
    for kind in ("train", "scan"):
        if kind not in going:
            ask(desk, kind, by="bench")


def run(home: Path, *, minutes: float, shares: int, stops: int) -> dict[str, Any]:
    """Start the worker, watch it so long, stop it and read what it measured."""
    desk, out = set_up(home), home / "ticking.json"
    environment = {**os.environ, "MUNIM_HOME": str(home), "MUNIM_MARKET": "sim"}
    environment["DATABASE_URL"] = desk.store.url
    command = [sys.executable, "-m", "tests.bench.ticking", "--work", str(out)]
    command += ["--minutes", str(minutes), "--shares", str(shares), "--stops", str(stops)]
    with (home / "worker.log").open("w") as log:
        part = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for_pulse(desk, part, home)
        processes, done = watch(part.pid, desk, 60.0 * minutes)
        part.send_signal(signal.SIGTERM)
        part.wait(60)
    finally:
        if part.poll() is None:
            os.killpg(part.pid, signal.SIGKILL)
            part.wait()
    if not out.exists():
        raise SystemExit((home / "worker.log").read_text()[-2000:])
    found = json.loads(out.read_text())
    return {
        "shares": found["shares"],
        "minutes": minutes,
        "processes": processes,
        "jobs done": done,
        "tick to stop decision, ms": spread(found["decided"]),
        "stops crossed and decided": [found["crossed"], len(found["decided"])],
        **{f"{name}, ms": spread(found["taken"].get(name, [])) for name in FLOOR_JOBS},
        "seconds between two pulses": spread(found["gaps"].get("pulse", []), unit=1.0),
        "of a pulse, making the quotes, ms": spread(found["making"]),
    }


def _wait_for_pulse(desk: Desk, part: subprocess.Popen[bytes], home: Path) -> None:
    from core.store import heartbeat

    ends = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < ends:
        with desk.store.read() as tx:
            if heartbeat.last(tx) is not None:
                return
        if part.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit((home / "worker.log").read_text()[-2000:])


def spread(seconds: list[float], *, unit: float = 1e3) -> dict[str, float]:
    """Percentiles in milliseconds, or in another unit."""
    if not seconds:
        return {"n": 0}
    values = np.array(seconds) * unit
    parts = {f"p{part}": round(float(np.percentile(values, part)), 2) for part in (50, 99)}
    return {**parts, "most": round(float(values.max()), 2), "n": len(seconds)}


def main() -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ticking")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--shares", type=int, default=3_000)
    parser.add_argument("--stops", type=int, default=60)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    size = {"shares": asked.shares, "stops": asked.stops}
    if asked.work:
        return work(asked.work, minutes=asked.minutes, **size)
    with tempfile.TemporaryDirectory(prefix="munim-ticking-") as folder:
        print(json.dumps(run(Path(folder), minutes=asked.minutes, **size), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
