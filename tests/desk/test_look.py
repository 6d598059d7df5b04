"""A login that is asked sparingly: what is read when, and that nothing is missed by it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.brokers.stream import StreamState
from core.desk.counted import frames_come, listen
from core.desk.paced import PacedSession
from core.desk.reconcile import reconcile
from core.desk.safe import keep_safe
from core.desk.send import send_prepared
from core.desk.under_way import any_due, under_way
from core.domain.account import Broker
from core.domain.capability import CAPABILITIES
from core.domain.card import Leg
from core.domain.login import LoginState, SessionStatus
from core.domain.order import OrderStatus, Product, Side
from core.domain.protection import ProtectionStatus
from core.errors import SourceFailed, Throttled
from core.execution.reads import Need
from core.store import logins
from tests.desk.morning import Morning, a_card

READS = ("orders", "trades", "gtts", "holdings")


class Wire:
    """The paper broker with a count of what it is asked, whose lists may fail."""

    def __init__(self, broker: Any) -> None:
        self._broker = broker
        self.asked: list[str] = []
        self.fails = ""

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._broker, name)
        if name not in (*READS, "place", "place_gtt"):
            return found

        def ask(*arguments: Any, **named: Any) -> Any:
            self.asked.append(name)
            if name == self.fails:
                raise SourceFailed("no answer")
            return found(*arguments, **named)

        return ask

    def since(self) -> list[str]:
        """What was asked since this was asked last."""
        found, self.asked = self.asked, []
        return found


@dataclass
class Desk:
    """A morning whose only login is asked sparingly, with its wire."""

    morning: Morning
    wire: Wire
    session: PacedSession
    dealer: Any = field(init=False)

    def __post_init__(self) -> None:
        self.dealer = replace(self.morning.dealer, sessions={"paper": self.session})

    def safe(self, *, after: float = 0.0) -> list[str]:
        """What one pass asked, so many seconds later."""
        self.morning.clock.pass_seconds(after)
        keep_safe(self.dealer)
        return self.wire.since()

    def bought(self) -> None:
        """An entry filled and protected."""
        self.morning.approve()
        send_prepared(self.dealer)
        keep_safe(self.dealer)
        assert self.morning.cover().status is ProtectionStatus.VERIFIED
        self.wire.since()


@pytest.fixture
def sparing(morning: Morning) -> Desk:
    wire = Wire(morning.broker)
    session = PacedSession(
        wire,  # type: ignore[arg-type]
        label="Upstox",
        rates=CAPABILITIES[Broker.UPSTOX].reads,
        monotonic=morning.clock.monotonic,
        sleep=morning.clock.pass_seconds,
    )
    session.looks.is_alive = lambda: True
    return Desk(morning, wire, session)


def test_with_a_living_stream_a_desk_at_rest_asks_each_nine_seconds(sparing: Desk):
    sparing.bought()
    sparing.safe(after=1.0)
    asked = [sparing.safe(after=1.0) for _ in range(18)]
    assert sum(map(len, asked)) == 4  # twice the order book and the GTTs
    assert [sorted(one) for one in asked if one] == [["gtts", "orders"]] * 2


def test_a_word_of_the_stream_is_looked_into_at_once(sparing: Desk):
    sparing.bought()
    sparing.safe(after=3.0)
    assert sparing.safe(after=0.25) == []
    sparing.session.looks.heard()
    assert any_due(sparing.dealer)
    assert {"orders", "trades", "gtts"} <= set(sparing.safe())


def test_a_fill_is_booked_covered_and_read_back_in_one_pass(sparing: Desk):
    sparing.morning.approve()
    send_prepared(sparing.dealer)
    asked = sparing.safe()
    assert sparing.morning.cover().status is ProtectionStatus.VERIFIED
    assert asked.count("place_gtt") == 1
    assert asked[-1] == "gtts"  # read back after it was placed, whatever was read before
    assert asked.count("orders") == 1


def test_what_failed_to_be_read_is_read_whole_at_the_next_look(sparing: Desk):
    sparing.morning.approve()
    send_prepared(sparing.dealer)
    sparing.wire.fails = "trades"
    with pytest.raises(SourceFailed):
        keep_safe(sparing.dealer)
    sparing.wire.fails = ""
    assert sparing.session.probe()
    sparing.safe(after=0.25)
    assert sparing.morning.cover().status is ProtectionStatus.VERIFIED


def test_a_comparison_reads_each_list_once(sparing: Desk):
    sparing.bought()
    assert reconcile(sparing.dealer) == []
    assert sorted(sparing.wire.since()) == ["gtts", "holdings", "orders", "trades"]


def test_what_is_under_way_is_named_until_it_rests(sparing: Desk):
    morning = sparing.morning
    card = morning.approve()
    assert card is not None
    with morning.desk.store.read() as tx:
        assert under_way(tx, "paper") == {}  # nothing was sent yet
    send_prepared(sparing.dealer)
    with morning.desk.store.read() as tx:
        assert list(under_way(tx, "paper").values()) in ([Need.LOOK], [Need.FOLLOW])
        assert under_way(tx, "another") == {}
    keep_safe(sparing.dealer)
    with morning.desk.store.read() as tx:
        assert under_way(tx, "paper") == {}


def test_a_full_window_asks_nothing_and_says_so(sparing: Desk):
    sparing.session.counted.note(sparing.session.seconds - 120.0, 1_950)
    with pytest.raises(Throttled, match="1950 of 2000 requests of the last 30 min are used"):
        sparing.session.orders()
    assert sparing.wire.since() == []
    used, window = sparing.session.used() or (0, None)
    assert (used, window) == (1_950, (2_000, 1_800.0))


def test_frames_must_come_for_a_stream_to_count():
    up = StreamState(connected=True, last_frame=100.0)
    assert frames_come(up, 110.0)
    assert not frames_come(up, 116.0)
    assert not frames_come(replace(up, connected=False), 101.0)
    assert not frames_come(StreamState(connected=True), 101.0)


@dataclass
class Opening:
    """What `listen` needs of an opened login."""

    session: PacedSession
    login: Any
    stream: Any = None


def test_a_restart_goes_on_counting_and_assumes_where_it_cannot(sparing: Desk):
    desk, session = sparing.morning.desk, sparing.session
    login = type("Login", (), {"id": "paper"})()
    opening: Any = Opening(session, login)
    listen(desk, opening)
    assert session.used() == (1_200, (2_000, 1_800.0))  # nobody knows, so what looks may use
    minutes = [0] * 28 + [40, 60]
    now = desk.clock.monotonic()
    at, facts = desk.clock.now(), {"asked": {"minutes": minutes}}
    state = LoginState("paper", SessionStatus.OPEN, "", "", at, None, None, now - 90.0, facts)
    with desk.store.write() as tx:
        logins.put_state(tx, state)
    again = PacedSession(
        sparing.wire,  # type: ignore[arg-type]
        label="Upstox",
        rates=CAPABILITIES[Broker.UPSTOX].reads,
        monotonic=lambda: now,
    )
    listen(desk, Opening(again, login))  # type: ignore[arg-type]
    assert again.used() == (100, (2_000, 1_800.0))
    assert sum(again.counted.by_minute(now)) == 100


@pytest.mark.parametrize(
    ("broker", "used"), [(Broker.UPSTOX, 0), (Broker.UPSTOX, 1_850), (Broker.ZERODHA, 0)]
)
def test_an_intraday_stop_that_vanishes_unsaid_is_missed_within_ten_seconds(
    morning: Morning, broker: Broker, used: int
):
    """The stream lives and says nothing, the window is empty or near full, a look has just been."""
    wire = Wire(morning.broker)
    session = PacedSession(
        wire,  # type: ignore[arg-type]
        label=broker,
        rates=CAPABILITIES[broker].reads,
        monotonic=morning.clock.monotonic,
        sleep=morning.clock.pass_seconds,
    )
    session.looks.is_alive = lambda: True
    desk = Desk(morning, wire, session)
    legs = (Leg(Side.BUY, 100, Product.MIS),)
    morning.approve(morning.put(a_card(morning.clock, legs=legs, horizon_sessions=0)))
    send_prepared(desk.dealer)
    keep_safe(desk.dealer)
    session.counted.note(session.seconds - 90.0, used)
    session.looks.heard()  # the stream told of the stop, so it is not taken for deaf
    for _ in range(40):
        desk.safe(after=2.0)
    while "orders" not in desk.safe(after=0.25):
        pass
    stop = next(one for one in morning.orders() if one.is_stop_order)
    assert (morning.cover().status, stop.status) == (
        ProtectionStatus.VERIFIED,
        OrderStatus.OPEN,
    )
    morning.broker.paper.cancel(stop.broker_order_id)
    seconds = 0.0
    while morning.order(stop.id).status is OrderStatus.OPEN:
        desk.safe(after=0.5)
        seconds += 0.5
    assert seconds <= 10.0
    assert morning.order(stop.id).status is OrderStatus.CANCELLED
    assert any(one.status is OrderStatus.OPEN for one in morning.orders() if one.is_stop_order)
