"""The desk as a state machine that Hypothesis drives: rules do one thing each, in any order.

Two accounts trade two shares on one login; stops and targets are the broker's own pairs. After
every rule no share is oversold and the ledger sums to zero. `rest` mends the broker, lets the desk
come to rest and asks the oracle for all fourteen invariants, and so does the end.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.brokers.fake import Verb
from core.desk.kill import effective_level, resume, set_level
from core.desk.partial_exit import exit_part
from core.domain.account import Market
from core.domain.instrument import Instrument
from core.domain.ledger import RESERVED
from core.domain.money import Money, total
from core.domain.order import OrderStatus, Purpose, Side
from core.domain.plan import Plan, PlanStatus
from core.domain.risk import KillLevel
from core.errors import ApprovalRefused, BadInput, BrokerRefused, IllegalTransition, MunimError
from core.store import ledger, plans, quotes
from core.store.engine import open_store
from tests.desk.morning import a_card
from tests.made import MIDCO, RELIANCE, quote
from tests.torture.stage import Killed, Stage, stage_on

CARDS_MAX = 6
FAULTS_MAX = 8  # waiting between two rests
STEPS_TO_REST = 12  # a rest costs as much as thirty other steps
REST_SECONDS = 30
LOOK_UP_SECONDS = 150.0  # longer than an order nobody answered for is looked for
NIGHT = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)  # 02:00 IST
NEXT_MORNING = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # the 24th is a holiday
SIZES = st.sampled_from([0, 40, 120, 400, 4_000])  # a quarter of the shown size trades at once
PRICES = st.sampled_from([500.0, 498.0, 502.0, 484.0, 479.0, 470.0, 515.0, 525.0, 541.0])
SHARES = st.sampled_from([MIDCO, RELIANCE])
SECTORS = {MIDCO.isin: {}, RELIANCE.isin: {"sector": "Energy"}}
ACCOUNTS = {"event": "Event tactical", "second": "Second"}  # ids and names, on one login
WORKING = (OrderStatus.PREPARED, OrderStatus.SENT, OrderStatus.OPEN, OrderStatus.UNKNOWN)


class Model(RuleBasedStateMachine):
    """One desk on paper; every rule ends with seconds in which the worker's floor passes."""

    def __init__(self, empty: Path) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="munim-model-"))
        shutil.copyfile(empty, self.home / "munim.db")
        store = open_store(f"sqlite:///{self.home / 'munim.db'}", Market.SIM, scratch=True)
        self.stage: Stage = stage_on(store, self.home / "home")
        self.stage.second_account()
        self.prices = {MIDCO.isin: 500.0, RELIANCE.isin: 500.0}
        self.cards, self.faults, self.second_day = 0, 0, False
        self.restless = 0  # rules since the last rest
        self.gone: datetime | None = None  # since when the session is dead

    @initialize(holding=st.booleans())
    def begin(self, holding: bool) -> None:
        """Half of the scripts begin with a position under its stop."""
        if holding:
            self.cards = 1
            self.stage.bought()

    # The person

    @precondition(lambda self: self.cards < CARDS_MAX)
    @rule(
        of=SHARES,
        account=st.sampled_from(sorted(ACCOUNTS)),
        qty=st.sampled_from([1, 10, 100]),
        price=st.sampled_from([500.0, 502.0, 498.0]),
    )
    def approve(self, of: Instrument, account: str, qty: int, price: float) -> None:
        """A card at a price inside its entry band; every rule of the mandate may refuse it."""
        self.prices[of.isin], self.cards = price, self.cards + 1
        self._beat(0)
        terms: dict[str, object] = {
            "isin": of.isin,
            "symbol": of.symbol,
            "account_id": account,
            "account_name": ACCOUNTS[account],
            "legs": tuple(replace(leg, qty=qty) for leg in a_card(self.stage.clock).legs),
            **SECTORS[of.isin],
        }
        self._asks(lambda: self.stage.another(f"cd{self.cards}", **terms))

    @rule(number=st.integers(1, CARDS_MAX))
    def exit_whole(self, number: int) -> None:
        """A person wants out of a position."""
        if number <= self.cards and self._plan(number) is not None:
            self._asks(lambda: self.stage.leave(f"cd{number}"))
        self._beat(4_000)

    @rule(number=st.integers(1, CARDS_MAX), qty=st.sampled_from([1, 4, 50, 99]))
    def exit_some(self, number: int, qty: int) -> None:
        """A person sells a part of a position."""
        plan = self._plan(number)
        if plan is not None:
            self._asks(lambda: exit_part(self.stage.desk, plan.id, qty, reason="enough", by="me"))
        self._beat(400)

    @rule(level=st.sampled_from([one for one in KillLevel if one is not KillLevel.NORMAL]))
    def stop_the_desk(self, level: KillLevel) -> None:
        """A kill level; a softer one than stands is refused."""
        self._asks(lambda: set_level(self.stage.desk, level, reason="model", by="me"))
        self._beat(400)

    @precondition(lambda self: effective_level(self.stage.desk) is not KillLevel.NORMAL)
    @rule()
    def let_the_desk_go(self) -> None:
        """The level is lifted."""
        self.stage.clock.pass_seconds(1)
        resume(self.stage.desk, reason="model", by="me")
        self._beat(400)

    # The market and the broker

    @rule(of=SHARES, seconds=st.integers(1, 4), size=SIZES, step=st.sampled_from([-1.0, 0.0, 1.0]))
    def trade(self, of: Instrument, seconds: int, size: int, step: float) -> None:
        """Seconds in which something, a part or nothing is filled."""
        self.prices[of.isin] = min(545.0, max(465.0, self.prices[of.isin] + step))
        for _ in range(seconds):
            self._beat(size)

    @rule(of=SHARES, price=PRICES, size=SIZES)
    def gap(self, of: Instrument, price: float, size: int) -> None:
        """The price jumps, which fires stops and targets."""
        self.prices[of.isin] = price
        self._beat(size)

    @rule(of=SHARES, price=PRICES, size=SIZES)
    def gap_unseen(self, of: Instrument, price: float, size: int) -> None:
        """The market trades for a second in which the worker does nothing."""
        self.prices[of.isin] = price
        self.stage.tick(f"{price:.2f}", of=of, size=size)

    @rule(first=st.booleans())
    def reject(self, first: bool) -> None:
        """The exchange turns down an order it took: an entry, an exit or a GTT's own."""
        working = [one for one in self.stage.paper.orders() if one.status is OrderStatus.OPEN]
        if working:
            order = working[0 if first else -1]
            self.stage.paper.turn_down(order.broker_order_id, "outside the circuit limits")
        self._beat(400)

    @precondition(lambda self: self.faults < FAULTS_MAX)
    @rule(verb=st.sampled_from(Verb), kind=st.sampled_from(["lost", "dropped", "429", "no"]))
    def fault(self, verb: Verb, kind: str) -> None:
        """The next write of a verb: its answer lost, never there, too soon, or turned down."""
        broker, self.faults = self.stage.broker, self.faults + 1
        put: dict[str, Callable[[], None]] = {
            "lost": lambda: broker.accept_then_timeout(verb),
            "dropped": lambda: broker.drop_before_accept(verb),
            "429": lambda: broker.throttle(verb),
            "no": lambda: broker.refuse("the broker says no", verb),
        }
        put[kind]()

    @rule(seconds=st.integers(1, 3))
    def fail_reads(self, seconds: int) -> None:
        """Reads go unanswered for a while."""
        began = self.stage.clock.now()
        self.stage.broker.fail_reads(10 * seconds)
        for _ in range(seconds):
            self._beat(400)
        self.stage.broker.fail_reads(0)
        self.stage.away.append((began, self.stage.clock.now()))

    @rule(seconds=st.sampled_from([3.0, 20.0]))
    def show_late(self, seconds: float) -> None:
        """Orders and GTTs of one second show late."""
        began = self.stage.clock.now()
        self.stage.broker.delay_visibility(seconds)
        self._beat(400)
        self.stage.broker.delay_visibility(0)
        for _ in range(3):
            self._beat(400)
        self.stage.away.append((began, self.stage.clock.now()))

    @precondition(lambda self: self.gone is None)
    @rule()
    def session_dies(self) -> None:
        """The token is no longer good."""
        self.stage.broker.die()
        self.gone = self.stage.clock.now()
        self._beat(400)

    @precondition(lambda self: self.gone is not None)
    @rule()
    def log_in(self) -> None:
        """A person logs in again."""
        self._log_in()
        self._beat(400)

    # The owner's phone

    @rule(of=SHARES, side=st.sampled_from(Side), qty=st.sampled_from([1, 30, 100]))
    def trade_by_phone(self, of: Instrument, side: Side, qty: int) -> None:
        """The owner trades past the desk, and never more than is there."""
        limit = f"{self.prices[of.isin] + 2 * side.sign:.2f}"
        self._asks(lambda: self.stage.by_phone(side, qty, of=of, limit=limit))
        self._beat(4_000)

    @rule(gtt=st.booleans())
    def cancel_by_phone(self, gtt: bool) -> None:
        """The owner takes away what rests."""
        paper = self.stage.paper
        if gtt:
            for pair in [one for one in paper.gtts() if one.active]:
                paper.cancel_gtt(pair.gtt_id)
        else:
            for order in [one for one in paper.orders() if one.status is OrderStatus.OPEN]:
                paper.cancel(order.broker_order_id)
        self._beat(400)

    # The machine it runs on

    @rule(boundary=st.integers(1, 12))
    def die(self, boundary: int) -> None:
        """The worker dies at one of its next boundaries and is started again."""
        self.stage.kill_at(boundary)
        self._beat(400)

    @rule()
    def restart(self) -> None:
        """Another worker takes over."""
        self._wake()
        self._beat(400)

    @rule(seconds=st.sampled_from([20.0, 130.0, 900.0]), wall_alone=st.booleans())
    def jump(self, seconds: float, wall_alone: bool) -> None:
        """The machine sleeps, or only its wall clock is set."""
        began = self.stage.clock.now()
        waiting = [one for one in self.stage.orders() if one.status is OrderStatus.PREPARED]
        if wall_alone and not waiting:  # the desk ages a click by monotonic seconds, the oracle not
            self.stage.clock.at += timedelta(seconds=seconds)
            self.stage.away.append((began, self.stage.clock.now()))
        else:
            self.stage.down(seconds)
        self._beat(400)

    @precondition(lambda self: not self.second_day and self.stage.clock.now() < NIGHT)
    @rule(price=PRICES)
    def night(self, price: float) -> None:
        """The worker runs through the night; in the morning there is a new token and price."""
        began, self.second_day = self.stage.clock.now(), True
        self.stage.clock.move_to(NIGHT)
        self._beat(400)
        self.stage.clock.move_to(NEXT_MORNING)
        self.stage.away.append((began, self.stage.clock.now()))
        self._log_in()
        self.prices = dict.fromkeys(self.prices, price)
        self._beat(400)

    # What always holds

    @precondition(lambda self: self.restless >= STEPS_TO_REST)
    @rule()
    def rest(self) -> None:
        """All is mended, the desk comes to rest, and the oracle finds nothing."""
        self._log_in()
        self._wake()
        for _ in range(REST_SECONDS):
            self._beat(4_000)
        self.faults = self.restless = 0
        for _ in range(int(LOOK_UP_SECONDS // 10)):  # in strides, with a full pass at each end
            self.stage.clock.pass_seconds(9)
            self.stage.beats = 14
            self._beat(4_000)
        assert (found := self.stage.judge()) == [], found
        entries = [one for one in self.stage.orders() if one.purpose is Purpose.ENTRY]
        if not any(one.status in WORKING for one in entries):
            assert self._reserved() == Money(0)

    @invariant()
    def nothing_is_oversold(self) -> None:
        """No share is below zero at the broker."""
        self.restless += 1
        short = {isin: qty for isin, qty in self.stage.paper.holdings().items() if qty < 0}
        assert short == {}, short

    @invariant()
    def ledger_is_zero(self) -> None:
        """All postings sum to zero."""
        with self.stage.desk.store.read() as tx:
            assert ledger.trial_balance(tx) == Money(0)

    def teardown(self) -> None:
        """The last rest, unless something was found already; the folder goes."""
        try:
            if sys.exc_info()[0] is None:
                self.rest()
        finally:
            self.stage.close()
            shutil.rmtree(self.home, ignore_errors=True)

    # Inside

    def _beat(self, size: int) -> None:
        """A second with a price of each share and a pass of the worker's floor."""
        self.stage.clock.pass_seconds(1)
        at, made = self.stage.clock.now(), []
        for share in (MIDCO, RELIANCE):
            ltp = f"{self.prices[share.isin]:.2f}"
            sizes = {"bid_qty": size, "ask_qty": size}
            made.append(quote(ltp, of=share, prev_close="500", at=at, **sizes))
        with self.stage.desk.store.write() as tx:
            quotes.put(tx, made)
        self.stage.broker.on_quotes(made)
        self._alive(self.stage.work)

    def _alive(self, step: Callable[[], object]) -> None:
        """One step; a worker that dies in it is started again."""
        try:
            step()
        except Killed:
            self._wake()

    def _wake(self) -> None:
        """The next worker; without a session it cannot recover, so a person logs in first."""
        try:
            self.stage.restart()
        except MunimError:
            self._log_in()
            self.stage.restart()

    def _log_in(self) -> None:
        self.stage.broker.log_in()
        if self.gone is not None:
            self.stage.away.append((self.gone, self.stage.clock.now()))
            self.gone = None

    def _asks(self, wish: Callable[[], object]) -> None:
        """A wish that the desk or the broker may turn down in so many words."""
        try:
            wish()
        except (ApprovalRefused, BadInput, BrokerRefused, IllegalTransition):
            return

    def _reserved(self) -> Money:
        """Cash set aside in both accounts."""
        with self.stage.desk.store.read() as tx:
            return total(ledger.balance(tx, name, RESERVED) for name in ACCOUNTS)

    def _plan(self, number: int) -> Plan | None:
        """The plan of a card while it holds shares."""
        with self.stage.desk.store.read() as tx:
            found = [
                plan
                for plan in plans.with_status(tx, PlanStatus.HOLDING)
                if plan.card_id == f"cd{number}"
            ]
        return found[0] if found else None
