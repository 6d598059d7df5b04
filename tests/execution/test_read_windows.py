"""A whole session on a stepped clock stays within every read window, and no stop waits for it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest

from core.desk.look import look_at
from core.desk.paced import PacedSession
from core.domain.account import Broker
from core.domain.capability import CAPABILITIES, Rates
from core.domain.money import Money
from core.domain.order import Fill, OrderStatus, Product, Side
from core.domain.ports import BrokerOrder, GttOrder
from core.execution.looks import MOST
from core.execution.reads import HALF_HOUR, Need
from tests.made import MIDCO, T0

OURS = "AB" + "A" * 16  # a desk's tag
SESSION = 6.5 * 3600
STEP = 0.25  # seconds between two beats of the loop, as the worker's
SHOWS_AFTER = 3.0  # seconds until one stop in ten shows in the broker's list
RESTS_UP_TO = 900.0  # seconds until an entry fills


@dataclass
class Market:
    """A broker of one share: entries fill at their moment, stops show at theirs; all is counted."""

    rates: Rates
    at: float = 0.0
    asked: list[float] = field(default_factory=list)
    fills_at: dict[str, float] = field(default_factory=dict)
    shows_at: dict[str, float] = field(default_factory=dict)
    before_a_stop: int = 0
    asks_together = False
    holds_pairs = False

    def sleep(self, seconds: float) -> None:
        self.at += seconds

    def _ask(self, requests: int = 1) -> None:
        self.asked += [self.at] * requests

    def orders(self) -> Sequence[BrokerOrder]:
        self._ask()
        done = {name: at <= self.at for name, at in self.fills_at.items()}
        return [
            BrokerOrder(name, OURS, MIDCO.symbol, MIDCO.isin, Side.BUY, 10, 10 if is_filled else 0,
                        OrderStatus.FILLED if is_filled else OrderStatus.OPEN,
                        "complete" if is_filled else "open", "")
            for name, is_filled in done.items()
        ]  # fmt: skip

    def trades(self) -> Sequence[Fill]:
        self._ask()
        return [
            Fill(name, f"t{name}", "NSE", "acc", MIDCO.isin, MIDCO.symbol, 10, Money(50000),
                 Product.CNC, T0)
            for name, at in self.fills_at.items() if at <= self.at
        ]  # fmt: skip

    def gtts(self) -> Sequence[GttOrder]:
        self._ask()
        return [
            GttOrder(name, MIDCO.symbol, MIDCO.isin, Side.SELL, 10, Money(49000), Money(53000),
                     Product.CNC, active=True)
            for name, at in self.shows_at.items() if at <= self.at
        ]  # fmt: skip

    def holdings(self) -> dict[str, int]:
        self._ask(2)
        return {}

    def place_gtt(self, *, symbol: str, **_: object) -> str:
        self._ask(self.before_a_stop)  # Upstox's session looks for other owners first
        self.shows_at[symbol] = self.at + (SHOWS_AFTER if len(self.shows_at) % 10 == 9 else 0.0)
        return symbol


@dataclass
class Day:
    """What the desk knows, and when each stop was read back."""

    market: Market
    session: PacedSession
    chance: random.Random
    tells: bool
    resting: set[str] = field(default_factory=set)
    bare: dict[str, str] = field(default_factory=dict)  # filled entries, and their stop if asked
    covered_at: dict[str, float] = field(default_factory=dict)
    whole_at: list[float] = field(default_factory=list)
    stuck: bool = False  # a sale rests all day
    told: set[str] = field(default_factory=set)

    def names(self) -> dict[str, Need]:
        found = {f"order:{name}:0": Need.LOOK for name in self.resting}
        found |= {f"stop:{name}": Need.STOP for name in self.bare}
        return found | ({"leaving:old": Need.STOP} if self.stuck else {})

    def beat(self) -> None:
        """One beat of the loop; a read takes no time here, so the windows are met at worst."""
        market, session = self.market, self.session
        if self.tells:
            for name, at in market.fills_at.items():
                if at <= market.at and name not in self.told:
                    self.told.add(name)
                    session.looks.heard()
        if session.looks.is_due(self.names(), market.at):
            with session.one_look():
                self.look()
        if session.looks.compares(market.at):
            with session.one_look():
                session.looks.missed()
                self.look()
                session.holdings()

    def look(self) -> None:
        session, at = self.session, self.market.at
        with look_at(session) as look:
            if look.gtts:
                self.whole_at.append(at)
            for trade in look.trades:
                if trade.order_id in self.resting:
                    self.resting.discard(trade.order_id)
                    self.bare[trade.order_id] = ""
        for name, stop in list(self.bare.items()):
            if not stop:
                self.bare[name] = session.place_gtt(
                    isin=MIDCO.isin, symbol=f"g{name}", qty=10, side=Side.SELL, stop=Money(49000),
                    target=Money(53000), product=Product.CNC,
                )  # fmt: skip
        if self.bare:
            shown = {gtt.gtt_id for gtt in session.gtts()}
            for name, stop in list(self.bare.items()):
                if stop in shown:
                    del self.bare[name]
                    self.covered_at[name] = at


def played(
    broker: Broker, *, trades: int, tells: bool, stuck: bool = False, before: int = 0
) -> Day:
    """A session of 30 held plans and so many trades; without `tells` the stream is down.

    `before` is how many requests an earlier worker left in the last half hour.
    """
    held = 30
    market = Market(CAPABILITIES[broker].reads, before_a_stop=4 if broker is Broker.UPSTOX else 0)
    session = PacedSession(
        market,  # type: ignore[arg-type]
        label="broker",
        rates=market.rates,
        asked=lambda: len(market.asked),
        monotonic=lambda: market.at,
        sleep=market.sleep,
    )
    session.looks.is_alive = lambda: tells
    if before:
        session.counted.recall_at([-float(second) for second in range(1_799, 0, -1)])
        session.counted.recall_at([-0.5] * (before - 1_799))
    chance = random.Random(1)
    market.fills_at = {f"h{number}": -1.0 for number in range(held)}
    market.shows_at = {f"gh{number}": -1.0 for number in range(held)}
    opens = sorted(chance.uniform(0, SESSION - 2 * RESTS_UP_TO) for _ in range(trades))
    day = Day(market, session, chance, tells, stuck=stuck)
    coming = [(f"o{number}", at, chance.random() < 0.5) for number, at in enumerate(opens)]
    while market.at < SESSION:
        while coming and coming[0][1] <= market.at:
            name, _, at_once = coming.pop(0)
            market.fills_at[name] = market.at + (0.1 if at_once else chance.uniform(0, RESTS_UP_TO))
            day.resting.add(name)
            session.looks.wrote()  # the entry was placed
        day.beat()
        market.at = (market.at // STEP + 1) * STEP
    return day


def most_in(asked: Sequence[float], seconds: float) -> int:
    """The most requests in any window of so many seconds."""
    first = most = 0
    for last, at in enumerate(asked):
        while at - asked[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize(
    ("broker", "tells", "stuck"),
    [
        (Broker.UPSTOX, True, False),
        (Broker.UPSTOX, False, True),
        pytest.param(Broker.ZERODHA, False, True, marks=pytest.mark.slow),
    ],
    ids=["upstox with its stream", "upstox without, a sale rests all day", "zerodha likewise"],
)
def test_a_session_of_thirty_plans_and_a_hundred_trades_meets_no_window(
    broker: Broker, tells: bool, stuck: bool
):
    day = played(broker, trades=100, tells=tells, stuck=stuck)
    market, rates = day.market, day.market.rates
    for most, seconds in ((rates.second, 1.0), (rates.minute, 60.0), (rates.half_hour, HALF_HOUR)):
        assert most is None or most_in(market.asked, seconds) <= most, seconds
    assert len(day.covered_at) == 100
    # a stop is read back in the beat that placed it, or soon after it shows
    late = [at - market.shows_at[f"g{name}"] for name, at in day.covered_at.items()]
    assert max(late) <= MOST[Need.STOP] + STEP
    found_after = sorted(at - market.fills_at[name] for name, at in day.covered_at.items())
    assert found_after[89] <= (1.25 if tells else 5.0)
    # what nobody told shows within ten seconds, all day long
    assert max(later - sooner for sooner, later in pairwise(day.whole_at)) <= 10.0


def test_a_session_that_begins_with_full_windows_looks_less_and_never_stops(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("tests.execution.test_read_windows.SESSION", 3600.0)
    monkeypatch.setattr("tests.execution.test_read_windows.RESTS_UP_TO", 60.0)
    reads = CAPABILITIES[Broker.UPSTOX].reads
    assert reads.half_hour == 2000
    day = played(Broker.UPSTOX, trades=20, tells=False, before=1_900)
    before = [-float(second) for second in range(1_799, 0, -1)] + [-0.5] * 101
    assert most_in([*sorted(before), *day.market.asked], HALF_HOUR) <= 2_000
    assert len(day.covered_at) == 20
    assert max(later - sooner for sooner, later in pairwise(day.whole_at)) <= 20.0
