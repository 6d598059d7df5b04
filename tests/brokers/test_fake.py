"""The fake broker: the shared contract with its faults, and each fault once."""

import pytest

from core.brokers.fake import Verb, fake_broker
from core.domain.clock import SteppedClock
from core.errors import BrokerRefused, OutcomeUnknown, SessionDead, SourceFailed, Throttled
from tests.brokers.contract import LOGIN, FaultyBrokerContract, Opened, order, rest
from tests.made import LISTED, T0, quote, rs


@pytest.fixture
def clock():
    return SteppedClock(T0)


@pytest.fixture
def fake(clock):
    return fake_broker(LISTED, clock, login_id=LOGIN)


class TestFakeBroker(FaultyBrokerContract):
    @pytest.fixture
    def opened(self, fake, clock):
        def sent(verb):
            return sum(1 for one, _ in fake.writes if one is verb)

        return Opened(fake, clock, fake.on_quotes, fake, sent)


def test_accepted_and_timed_out_is_at_the_broker_once(fake):
    fake.accept_then_timeout()
    with pytest.raises(OutcomeUnknown, match="look it up"):
        fake.place(order())
    assert len(fake.orders()) == 1
    assert len(fake.sends()) == 1
    fake.place(order("or2"))  # the fault is used up
    assert len(fake.orders()) == 2


def test_dropped_before_acceptance_is_not_at_the_broker(fake):
    fake.drop_before_accept()
    with pytest.raises(OutcomeUnknown):
        fake.place(order())
    assert fake.orders() == [] and len(fake.sends()) == 1


def test_refused_and_throttled_are_not_at_the_broker(fake):
    fake.refuse("RMS: margin exceeds")
    fake.throttle()
    with pytest.raises(BrokerRefused, match="margin exceeds"):
        fake.place(order())
    with pytest.raises(Throttled):
        fake.place(order())
    assert fake.orders() == []


def test_a_late_order_shows_after_its_delay(fake, clock):
    fake.delay_visibility(90)
    fake.accept_then_timeout()
    with pytest.raises(OutcomeUnknown):
        fake.place(order())
    fake.on_quotes([quote("499")])
    assert fake.orders() == [] and fake.trades() == []
    clock.pass_seconds(90)
    assert len(fake.orders()) == 1 and len(fake.trades()) == 1


def test_gtt_writes_fail_too(fake):
    fake.accept_then_timeout(Verb.PLACE_GTT)
    with pytest.raises(OutcomeUnknown):
        rest(fake)
    (gtt,) = fake.gtts()
    fake.refuse("TPIN missing", Verb.MODIFY_GTT)
    with pytest.raises(BrokerRefused, match="TPIN missing"):
        fake.modify_gtt(gtt.gtt_id, qty=1, stop=rs("480"), target=rs("530"))
    fake.drop_before_accept(Verb.CANCEL_GTT)
    with pytest.raises(OutcomeUnknown):
        fake.cancel_gtt(gtt.gtt_id)
    assert fake.gtts()[0].active


def test_reads_fail_as_often_as_told(fake):
    fake.fail_reads(2)
    for read in (fake.orders, fake.holdings):
        with pytest.raises(SourceFailed):
            read()
    assert fake.trades() == []


def test_a_dead_session_takes_nothing_until_a_person_logs_in(fake):
    fake.die()
    for call in (fake.orders, lambda: fake.place(order()), lambda: fake.cancel("x")):
        with pytest.raises(SessionDead, match="log in again"):
            call()
    fake.log_in()
    fake.place(order())
    assert len(fake.orders()) == 1


def test_tags_come_back_altered(fake):
    fake.place(order())
    fake.alter_tags(lambda tag: f"1:{tag}")
    assert fake.orders()[0].tag == f"1:{order().tag}"
