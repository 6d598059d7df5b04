"""The paper broker: the shared contract, and that its file alone is its memory."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from core.brokers.paper import PaperBroker
from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.order import OrderStatus, OrderType
from core.errors import BadInput, BrokerRefused, OutcomeUnknown, OutsideCalendar, Tampered
from tests.at_once import at_once
from tests.brokers.contract import LOGIN, BrokerContract, Opened, order, rest
from tests.made import LISTED, MIDCO, T0, quote, rs


def open_paper(journal, clock, *, phase=Phase.CONTINUOUS, login_id=LOGIN, funds=None):
    return PaperBroker(
        journal,
        login_id=login_id,
        instruments=LISTED,
        clock=clock,
        phase_of=phase if callable(phase) else lambda share, at: phase,
        funds=funds,
    )


class TestPaperBroker(BrokerContract):
    @pytest.fixture
    def opened(self, tmp_path):
        clock = SteppedClock(T0)
        broker = open_paper(tmp_path / "journal.sqlite", clock)
        yield Opened(broker, clock, broker.on_quotes)
        broker.close()


class TestPaperBrokerInMemory(BrokerContract):
    @pytest.fixture
    def opened(self):
        clock = SteppedClock(T0)
        broker = open_paper(":memory:", clock)
        return Opened(broker, clock, broker.on_quotes)


def test_a_restart_finds_orders_trades_gtts_shares_and_the_clock(tmp_path):
    clock = SteppedClock(T0)
    first = open_paper(tmp_path / "j", clock)
    first.place(order(qty=150))
    first.on_quotes([quote("499")])
    rest(first, qty=100)
    first.save_clock(clock.now())
    told = (first.orders(), first.trades(), first.gtts(), first.holdings())
    # no close: the process was killed
    second = open_paper(tmp_path / "j", clock)
    assert (second.orders(), second.trades(), second.gtts(), second.holdings()) == told
    assert second.saved_clock() == T0
    assert second.place(order("or2")) == "paper-1-000002"


def test_a_new_journal_has_no_clock():
    assert open_paper(":memory:", SteppedClock(T0)).saved_clock() is None


def test_a_closed_market_refuses_and_keeps_the_rejection(tmp_path):
    broker = open_paper(":memory:", SteppedClock(T0), phase=Phase.CLOSED)
    with pytest.raises(BrokerRefused, match="takes no orders"):
        broker.place(order())
    assert [o.status for o in broker.orders()] == [OrderStatus.REJECTED]


def test_an_unlisted_share_is_refused():
    broker = PaperBroker(
        ":memory:",
        login_id=LOGIN,
        instruments={},
        clock=SteppedClock(T0),
        phase_of=lambda share, at: Phase.CONTINUOUS,
    )
    with pytest.raises(BrokerRefused, match="is not listed"):
        broker.place(order())
    assert broker.on_quotes([quote("500")]) == ()


def test_a_stale_feed_in_the_night_fills_nothing():
    clock = SteppedClock(T0)
    night = T0 + timedelta(hours=12)
    broker = open_paper(
        ":memory:",
        clock,
        phase=lambda share, at: Phase.CLOSED if at >= night else Phase.CONTINUOUS,
    )
    broker.place(order())
    clock.move_to(night)
    broker.on_quotes([quote("499", seconds=1)])  # the last price of the day, once more
    assert broker.trades() == []
    assert broker.orders()[0].status is OrderStatus.EXPIRED


def test_a_date_outside_the_calendar_stops_before_anything_moves():
    def outside(share, at):
        raise OutsideCalendar("2027-01-04 is outside the loaded calendar")

    clock = SteppedClock(T0)
    broker = open_paper(":memory:", clock)
    broker.place(order())
    broker._phase_of = outside
    with pytest.raises(OutsideCalendar):
        broker.on_quotes([quote("499", seconds=1)])
    broker._phase_of = lambda share, at: Phase.CONTINUOUS
    assert broker.trades() == []


def test_holdings_count_unsettled_shares_and_settled_ones_come_later():
    clock = SteppedClock(T0)
    broker = open_paper(":memory:", clock)
    broker.on_quotes([quote("499")])
    broker.place(order())
    broker.credit(MIDCO.isin, 5)
    assert broker.holdings() == {MIDCO.isin: 105}
    assert broker.settled() == {MIDCO.isin: 5}
    clock.pass_seconds(86_400)
    broker.orders()
    clock.pass_seconds(86_400)
    assert broker.settled() == {MIDCO.isin: 105}


def test_an_open_order_changes_in_place():
    broker = open_paper(":memory:", SteppedClock(T0))
    broker_id = broker.place(order(limit="480"))
    broker.modify(broker_id, qty=50)
    assert broker.orders()[0].qty == 50
    with pytest.raises(BrokerRefused, match="not in today's book"):
        broker.modify("nope", qty=1)


def test_a_journal_serves_one_login(tmp_path):
    open_paper(tmp_path / "j", SteppedClock(T0)).close()
    with pytest.raises(BadInput, match="belongs to login paper-1 and cannot serve other"):
        open_paper(tmp_path / "j", SteppedClock(T0), login_id="other")


def test_a_journal_that_cannot_be_opened_says_so(tmp_path):
    with pytest.raises(BadInput, match="cannot be opened"):
        open_paper(tmp_path / "no" / "such" / "folder" / "j", SteppedClock(T0))


def test_the_journal_refuses_changes(tmp_path):
    broker = open_paper(tmp_path / "j", SteppedClock(T0))
    broker.place(order())
    with sqlite3.connect(tmp_path / "j") as db:
        for statement in ("DELETE FROM journal", "UPDATE journal SET body = '{}'"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)


def test_a_row_that_cannot_be_read_is_named(tmp_path):
    open_paper(tmp_path / "j", SteppedClock(T0)).close()
    with sqlite3.connect(tmp_path / "j") as db:
        db.execute("INSERT INTO journal (kind, body) VALUES ('Surprise', '{}')")
    with pytest.raises(Tampered, match=r"row 1 \(Surprise\)"):
        open_paper(tmp_path / "j", SteppedClock(T0))


def test_when_the_file_cannot_be_written_nothing_happened(tmp_path):
    broker = open_paper(tmp_path / "j", SteppedClock(T0))
    broker.place(order())
    with sqlite3.connect(tmp_path / "j") as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON journal "
            "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        )
    with pytest.raises(OutcomeUnknown, match="disk is full"):
        broker.place(order("or2"))
    assert len(broker.orders()) == 1


def test_two_threads_may_use_one_session():
    broker = open_paper(":memory:", SteppedClock(T0))

    def send(thread):
        for n in range(thread * 100, thread * 100 + 25):
            broker.place(order(f"or{n}", qty=1, limit="480"))

    at_once(2, send)
    assert len({o.broker_order_id for o in broker.orders()}) == 50


def test_funds_are_checked_when_given():
    broker = open_paper(":memory:", SteppedClock(T0), funds=rs("1000"))
    with pytest.raises(BrokerRefused, match=r"insufficient funds, ₹50,000\.00 needed"):
        broker.place(order())


def test_a_gtt_that_cannot_rest_is_refused():
    broker = open_paper(":memory:", SteppedClock(T0))
    with pytest.raises(BrokerRefused, match="a GTT for 0 shares"):
        rest(broker, qty=0)
    assert broker.gtts() == []


def test_a_sleeping_stop_says_trigger_pending():
    broker = open_paper(":memory:", SteppedClock(T0))
    broker.on_quotes([quote("500")])
    stop = replace(order(limit="511"), order_type=OrderType.SL, trigger_price=rs("510"))
    broker.place(stop)
    assert [o.broker_status for o in broker.orders()] == ["TRIGGER PENDING"]
