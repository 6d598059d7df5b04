"""The soak: seeds of random orders, faults, deaths and clock jumps, then rest, then the oracle.

    python -m tests.torture.soak --seeds 200 [--seed N] [--dialect paper|kite|upstox]
        [--deaths no] [--intraday yes] [--shorts yes] [--first N]

With shorts about half of the cards sell short within the day, where the login holds the share no
other way. A seed always plays the same script, so that one that fails can be looked at alone.
Without deaths the desk may not leave a share naked for over two seconds; with them, only while it
lives.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.brokers.fake import Verb
from core.desk.kill import effective_level, resume, set_level
from core.domain.account import Market
from core.domain.card import Leg
from core.domain.order import OrderStatus, Product, Side
from core.domain.plan import PlanStatus
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused, BrokerRefused, IllegalTransition, LeaseLost
from core.store.engine import open_store
from core.store.migrate import migrate
from tests.desk.morning import lets_short
from tests.made import SHORT
from tests.torture.oracle import judged
from tests.torture.oracle_time import naked_share_seconds, oversold_shares
from tests.torture.stage import DIALECTS, Killed, Stage, stage_on

STEPS = 24
REST_SECONDS = 40
STARTS_MOST = 30  # a worker that is killed at each start has died of its last fuse by then
WRITES = (Verb.PLACE, Verb.CANCEL, Verb.MODIFY, Verb.PLACE_GTT, Verb.MODIFY_GTT, Verb.CANCEL_GTT)


@dataclass(slots=True)
class Played:
    """What one seed came to."""

    seed: int
    violations: list[str]
    naked: float
    oversold: int
    orders: int
    script: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Script:
    """The random hand that plays one seed."""

    stage: Stage
    chance: random.Random
    deaths: bool
    intraday: bool = False
    shorts: bool = False
    price: float = 500.0
    cards: int = 0
    told: list[str] = field(default_factory=list)
    by_phone: bool = False

    def play(self) -> None:
        """All steps, then whatever is broken is mended and the desk comes to rest."""
        for _ in range(STEPS):
            step = self.chance.choices(*zip(*self._steps(), strict=True))[0]
            self.told.append(step.__name__.strip("_"))
            self._alive(step)
            self._alive(self._seconds)
        self.told.append("rest")
        self.stage.broker.log_in()
        self.stage.broker.fail_reads(0)
        self.stage.broker.delay_visibility(0)
        self._wake()
        for _ in range(REST_SECONDS):
            self._alive(self._second)
        self.stage.wait(150, f"{self.price:.2f}")

    def _steps(self) -> list[tuple[Callable[[], None], int]]:
        steps = [
            (self._approve, 5), (self._leave, 2), (self._fault, 4), (self._fail_reads, 1),
            (self._disconnect, 1), (self._move, 4), (self._phone_cancels, 1), (self._halt, 1),
            (self._hide, 1),
        ]  # fmt: skip
        return [*steps, (self._die, 2), (self._jump, 1)] if self.deaths else steps

    def _alive(self, step: Callable[[], None]) -> None:
        """One step; a worker that dies in it is started again."""
        try:
            step()
        except Killed:
            self.told.append("died")
            self._wake()

    def _wake(self) -> None:
        for tries in range(STARTS_MOST):
            try:
                self.stage.restart()
                return
            except Exception as late:
                if tries == STARTS_MOST - 1 or isinstance(late, LeaseLost):
                    raise
                self.told.append(f"could not start: {late}")
                self.stage.broker.log_in()

    def _seconds(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self._second()

    def _second(self) -> None:
        self.price = min(520.0, max(478.0, self.price + self.chance.gauss(0, 1.2)))
        size = self.chance.choice((0, 40, 120, 400, 4_000))
        paisa = round(self.price / 0.05) * 0.05
        self.stage.beat(f"{paisa:.2f}", size=size)

    def _approve(self) -> None:
        if self.cards >= 6 or not 495.5 < self.price < 504.5:
            return
        self.cards += 1
        small = self.chance.choice((1, 10, 100))
        product = Product.MIS if self.intraday else Product.CNC
        short = self.shorts and self.chance.random() < 0.5
        legs = (Leg(Side.SELL if short else Side.BUY, small, product),)
        held: dict[str, Any] = {"horizon_sessions": 0} if self.intraday else {}
        if self.shorts:
            held["mandate_version"] = lets_short(self.stage.desk)
        if short:
            held["bracket"] = SHORT
        try:
            self.stage.another(f"cd{self.cards}", legs=legs, **held)
        except ApprovalRefused as refusal:
            self.told.append(str(refusal)[:60])

    def _leave(self) -> None:
        for number in range(1, self.cards + 1):
            try:
                if self.stage.plan(f"cd{number}").status is PlanStatus.HOLDING:
                    self.stage.leave(f"cd{number}")
                    return
            except (IllegalTransition, LookupError, AttributeError):
                continue
            except Exception as missing:  # noqa: BLE001
                self.told.append(type(missing).__name__)

    def _fault(self) -> None:
        verb = self.chance.choice(WRITES)
        broker = self.stage.broker
        kinds: list[Callable[[Verb], None]] = [
            broker.accept_then_timeout,
            broker.drop_before_accept,
            broker.throttle,
            lambda one: broker.refuse("the broker says no", one),
        ]
        kind = self.chance.choice(kinds)
        self.told.append(f"{getattr(kind, '__name__', 'refuse')} {verb}")
        kind(verb)

    def _fail_reads(self) -> None:
        gone = self.stage.clock.now()
        self.stage.broker.fail_reads(self.chance.randint(1, 12))
        self._second()
        self.stage.broker.fail_reads(0)
        self.stage.away.append((gone, self.stage.clock.now()))

    def _disconnect(self) -> None:
        gone = self.stage.clock.now()
        self.stage.broker.die()
        self._seconds()
        self.stage.broker.log_in()
        self.stage.away.append((gone, self.stage.clock.now()))

    def _move(self) -> None:
        self.price = self.chance.choice((500.0, 500.0, 484.0, 479.0, 470.0, 515.0, 498.0))

    def _phone_cancels(self) -> None:
        for order in self.stage.paper.orders():
            rests = order.status is OrderStatus.OPEN and order.trigger is None
            if rests and self.chance.random() < 0.5:
                try:
                    self.stage.paper.cancel(order.broker_order_id)
                except BrokerRefused:
                    continue

    def _halt(self) -> None:
        desk = self.stage.desk
        if effective_level(desk) is KillLevel.NORMAL:
            set_level(desk, KillLevel.HALT, reason="soak", by="me")
            self._seconds()
            self.stage.clock.pass_seconds(1)
        resume(desk, reason="soak", by="me")

    def _hide(self) -> None:
        """Orders show a few seconds late for a while."""
        gone = self.stage.clock.now()
        self.stage.broker.delay_visibility(3)
        self._second()
        self.stage.broker.delay_visibility(0)
        for _ in range(3):
            self._second()
        self.stage.away.append((gone, self.stage.clock.now()))

    def _die(self) -> None:
        self.stage.kill_at(self.chance.randint(1, 30))

    def _jump(self) -> None:
        self.stage.down(self.chance.choice((20, 130)))


def play(
    seed: int,
    folder: Path,
    *,
    dialect: str = "paper",
    deaths: bool = True,
    intraday: bool = False,
    shorts: bool = False,
) -> Played:
    """One seed in a folder of its own."""
    folder.mkdir(parents=True)
    empty = folder.parent / "empty.db"
    if not empty.exists():
        migrate(f"sqlite:///{empty}")
    shutil.copyfile(empty, folder / "munim.db")
    store = open_store(f"sqlite:///{folder / 'munim.db'}", Market.SIM, scratch=True)
    stage = stage_on(store, folder / "home", dialect=dialect)
    script = Script(stage, random.Random(seed), deaths, intraday, shorts)
    script.play()
    found, asked = stage.evidence(), stage.asked()
    played = Played(
        seed=seed,
        violations=judged(found, asked),
        naked=naked_share_seconds(found, asked),
        oversold=oversold_shares(found),
        orders=len(stage.orders()),
        script=script.told,
    )
    stage.close()
    shutil.rmtree(folder)
    return played


def main() -> int:
    """Play the seeds and say what was found; 1 when anything was."""
    said = argparse.ArgumentParser(description="Random scripts against the desk.")
    said.add_argument("--seeds", type=int, default=200)
    said.add_argument("--seed", type=int)
    said.add_argument("--first", type=int, default=1, help="the seed to begin with")
    said.add_argument("--dialect", choices=DIALECTS, default="paper")
    said.add_argument("--deaths", choices=("yes", "no"), default="yes")
    said.add_argument("--intraday", choices=("yes", "no"), default="no")
    said.add_argument("--shorts", choices=("yes", "no"), default="no")
    asked = said.parse_args()
    if asked.shorts == "yes" and asked.intraday == "no":
        said.error("short sales are for the day; add --intraday yes")
    several = range(asked.first, asked.first + asked.seeds)
    seeds = several if asked.seed is None else [asked.seed]
    began, bad, naked, oversold, orders = time.monotonic(), 0, 0.0, 0, 0
    with tempfile.TemporaryDirectory(prefix="munim-soak-") as home:
        for seed in seeds:
            one = play(
                seed,
                Path(home) / str(seed),
                dialect=asked.dialect,
                deaths=asked.deaths == "yes",
                intraday=asked.intraday == "yes",
                shorts=asked.shorts == "yes",
            )
            naked, oversold, orders = (
                naked + one.naked,
                oversold + one.oversold,
                orders + one.orders,
            )
            if one.violations or one.oversold or one.naked:
                bad += 1
                print(f"seed {seed}: naked {one.naked:.0f}, {'; '.join(one.violations)}")
            if asked.seed is not None:
                print("\n".join(one.script))
    seconds = time.monotonic() - began
    print(
        f"{len(seeds)} seeds on {asked.dialect}, {orders} orders: {bad} with violations, naked "
        f"share-seconds beyond 2 s {naked:.0f}, oversold shares {oversold}, "
        f"{len(seeds) / seconds:.1f} seeds a second"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
