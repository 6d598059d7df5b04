"""A worker on a live store, and a sandbox broker on loopback whose stream brings its prices.

The official client asks over HTTP, ticks come over a real socket; the clock is told.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from core.brokers.vault import Kept, Vault
from core.desk import floor as floors
from core.desk.desk import Desk
from core.desk.doors import KiteDoor, UpstoxDoor
from core.desk.log_in import LogIns
from core.desk.sign import FOREVER, open_web_key
from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.calendar import Phase
from core.domain.card import Card
from core.domain.clock import SteppedClock
from core.domain.instrument import Instrument
from core.domain.login import SessionStatus
from core.domain.money import Money
from core.domain.order import Order
from core.domain.price_check import FeedSeen
from core.domain.quote import Quote
from core.errors import SourceFailed
from core.sandbox.faults import Fault, FaultKind
from core.sandbox.house import User
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.serve import serving
from core.sandbox.upstox.sandbox import UpstoxSandbox
from core.store import accounts, cards, logins, orders, quotes
from core.store.engine import Store
from jobs import work
from jobs.worker import Worker
from tests.desk.morning import ACCOUNT, Morning, a_card, approve_card, morning_on
from tests.jobs.floor import StillLane
from tests.made import MIDCO, RELIANCE, quote

FUNDS = Money.rupees(100_00_00_000)
PLACES = {
    "kite": (Broker.ZERODHA, "AB1234", KiteSandbox),
    "upstox": (Broker.UPSTOX, "UP1234", UpstoxSandbox),
}
PATIENCE_SECONDS = 8.0
# The sandbox's windows are off here, so nobody needs to keep a second between questions.
QUICK_DOORS = {Broker.ZERODHA: KiteDoor(quotes_apart=0.02), Broker.UPSTOX: UpstoxDoor()}
SHARES = {share.isin: share for share in (MIDCO, RELIANCE)}


class LiveStep(SteppedClock):
    """A wall's clock that a test moves; nobody may set it."""

    speed = 1.0


@dataclass
class Live:
    """The worker, its broker and what a test turns."""

    morning: Morning
    worker: Worker
    sandbox: KiteSandbox | UpstoxSandbox
    login: BrokerLogin
    clock: LiveStep

    @property
    def desk(self) -> Desk:
        return self.worker.floor.desk

    @property
    def prices(self):
        return self.worker.floor.market.prices

    @property
    def broker(self):
        """The paper broker behind the sandbox."""
        return self.sandbox.house.client(self.login.user_id).paper

    def fault(self, kind: FaultKind, verb: str = "", **fields) -> None:
        self.sandbox.faults.script(Fault(kind, verb, **fields))

    def trade(self, ltp: str, of: Instrument = MIDCO, **fields) -> Quote:
        """The exchange makes a price a second later, and the streams tell it."""
        self.clock.pass_seconds(1)
        made = quote(ltp, of=of, bid_qty=4_000, ask_qty=4_000, at=self.clock.now(), **fields)
        self.sandbox.house.on_quotes([made])
        return made

    def told(self, ltp: str, of: Instrument = MIDCO, **fields) -> None:
        """The same, waited for until the stream told it to the desk."""
        made = self.trade(ltp, of, **fields)
        self.until(lambda: self._heard(made), f"the stream tells {ltp}")

    def _heard(self, made: Quote) -> bool:
        told = self.prices._told.get(self.login.id)
        found = told.quotes.get(made.isin) if told else None
        return bool(found and found.ltp == made.ltp and found.received_at >= made.at)

    def look(self) -> None:
        """What runs beside the floor."""
        self.worker.floor.ins.tend()
        work.look_at_prices(self.worker)

    def pulse(self, seconds: float = 1.0) -> None:
        """A second goes by: the floor, and what runs beside it."""
        self.clock.pass_seconds(seconds)
        self.look()
        with suppress(SourceFailed):
            work.pulse(self.worker)
        self.look()

    def settle(self, ltp: str = "500") -> None:
        """Both shares tick, are asked for and stand in the store."""
        self.told(ltp)
        self.told("500", RELIANCE)
        self.pulse(4)
        self.told(ltp)
        self.told("500", RELIANCE)
        self.pulse(0)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Give threads their time; a stepped clock does not move."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            assert time.monotonic() < ends, f"waited in vain until {what}"
            time.sleep(0.01)

    def log_in(self) -> None:
        """A kept session opens and the floor takes it over; its stream is up."""
        self.look()
        work.pulse(self.worker)
        self.until(self._streams, "the stream is up and watches both shares")

    def _streams(self) -> bool:
        self.worker.floor.ins.tend()
        opened = self.worker.floor.ins.opened.get(self.login.id)
        return bool(
            opened and opened.stream.state.connected and opened.stream.state.subscribed == 2
        )

    def stored(self, of: Instrument = MIDCO) -> Quote:
        with self.desk.store.read() as tx:
            return quotes.by_isin(tx, of.isin)

    def card(self, name: str = "cd1", **fields) -> Card:
        """An open card of the account at the broker."""
        card = a_card(self.clock, id=name, market=Market.LIVE, **fields)
        with self.desk.store.write() as tx:
            cards.put(tx, card)
        return card

    def click(self, card: Card) -> Order:
        signer = open_web_key(self.desk.home, f"{card.id}session", until=FOREVER)
        return approve_card(
            self.desk,
            card.id,
            seen_hash=card.bound_hash,
            nonce=f"n-{card.id}",
            approver="me",
            signer=signer,
        )

    def send(self, order: Order) -> Order:
        work.send(self.worker)
        return self.order(order.id)

    def order(self, name: str) -> Order:
        with self.desk.store.read() as tx:
            return orders.by_id(tx, name)

    def status(self) -> SessionStatus:
        with self.desk.store.read() as tx:
            found = logins.state(tx, self.login.id)
        assert found is not None
        return found.status


def a_live_worker(morning: Morning, clock: LiveStep, folder: Path) -> Worker:
    """A worker's floor over the store as it stands, after recovery."""
    vault = Vault(folder, "a long enough passphrase")
    ins = LogIns(morning.desk, lambda: vault, QUICK_DOORS)
    floor, _ = floors.live_floor(
        morning.desk,
        clock,
        holder=morning.dealer.holder,
        fence=morning.dealer.fence,
        ins=ins,
    )
    return Worker(floor, StillLane(), StillLane())


@contextmanager
def live_at(
    place: str, store: Store, home: Path, folder: Path, *, account_there: bool = True
) -> Iterator[Live]:
    """The stage at half past ten, nobody logged in so far; the account trades at the sandbox."""
    broker, user, make = PLACES[place]
    morning = morning_on(store, home)
    clock = LiveStep(at=morning.clock.now(), seconds=morning.clock.monotonic())
    morning.desk, morning.clock = replace(morning.desk, clock=clock), clock
    sandbox = make(
        SHARES,
        clock=clock,
        phase_of=lambda share, at: Phase.CONTINUOUS,
        users=(User(user, "Asha Rao", FUNDS),),
        limits=False,
    )
    with serving(sandbox.app) as served:
        label = f"{place} practice"
        login = BrokerLogin("there", broker, LoginMode.PAPER, label, user, served.base)
        with store.write() as tx:
            accounts.put_login(tx, login)
            if account_there:
                accounts.put_account(
                    tx, Account(ACCOUNT.id, ACCOUNT.name, login.id, opened_at=ACCOUNT.opened_at)
                )
        Vault(folder, "a long enough passphrase").put(
            Kept(login.id, user, sandbox.log_in(user), clock.now() + timedelta(hours=12))
        )
        worker = a_live_worker(morning, clock, folder)
        live = Live(morning, worker, sandbox, login, clock)
        sandbox.house.on_quotes([quote("500", of=one, at=clock.now()) for one in SHARES.values()])
        try:
            yield live
        finally:
            stop(live.worker)
    sandbox.close()


def stop(worker: Worker) -> None:
    """End the streams and the paper broker's journal, as a worker that dies does."""
    ins = worker.floor.ins
    for opened in [*ins.opened.values(), *(one for one, _ in ins.gone)]:
        opened.stream.stop()
    worker.floor.broker.close()


def feed(live: Live) -> FeedSeen:
    """What the worker kept of the feed."""
    from core.desk.price_gate import feed_seen

    with live.desk.store.read() as tx:
        found = feed_seen(tx)
    assert found is not None
    return found
