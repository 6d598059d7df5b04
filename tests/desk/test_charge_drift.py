"""The broker's own answer on charges against the schedule."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from core.desk.charge_drift import compare_charges, look_for_drift
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.domain.account import Broker, BrokerLogin, LoginMode
from core.domain.money import Money
from core.domain.order import Order
from core.domain.ports import ChargeEstimate
from core.errors import SourceFailed, SourceWrong
from tests.desk.morning import Morning

LOGIN = BrokerLogin("paper", Broker.ZERODHA, LoginMode.PAPER, "Kite of mine")


def estimate(**paise: int) -> ChargeEstimate:
    # 100 MIDCO bought at 500.05 for delivery: STT 50.01, fee 1.54, SEBI 0.05, stamp 7.50, GST 0.29
    told = {"brokerage": 0, "transaction_tax": 5001, "exchange_fee": 154, "sebi_fee": 5,
            "stamp_duty": 700, "gst": 28} | paise  # fmt: skip
    return ChargeEstimate("MIDCO", **{name: Money(n) for name, n in told.items()},
                          total=Money(sum(told.values())))  # fmt: skip


@dataclass
class Answers:
    """A broker that tells charges; only that is asked here."""

    told: list[ChargeEstimate]
    asked: list[Sequence[Order]] = field(default_factory=list)

    def charges(self, orders: Sequence[Order]) -> Sequence[ChargeEstimate]:
        self.asked.append(orders)
        return self.told


@pytest.fixture
def entered(morning: Morning) -> Morning:
    morning.approve(morning.put(with_belief=True))
    send_prepared(morning.dealer)
    settle(morning.dealer)
    return morning


def test_an_answer_within_its_rounding_is_no_drift_and_an_order_is_asked_once(entered: Morning):
    broker = Answers([estimate()])
    said = look_for_drift(entered.desk, LOGIN, broker)
    assert said == "charges of 1 orders agree with Kite of mine"
    [[asked]] = broker.asked
    assert (asked.qty, asked.limit_price) == (100, Money(500_05))
    assert look_for_drift(entered.desk, LOGIN, broker) == ""
    assert len(broker.asked) == 1 and entered.alarms() == []


def test_a_rate_that_changed_is_an_alarm_and_a_line_in_the_log(
    entered: Morning, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    said = look_for_drift(entered.desk, LOGIN, Answers([estimate(exchange_fee=162)]))
    assert "Kite of mine charges ₹1.62 exchange fee" in said and "says ₹1.54" in said
    assert entered.alarms() == [said]
    assert "item=exchange fee ours_paise=154 theirs_paise=162" in caplog.text
    entered.books_are_clean()


@pytest.mark.parametrize(
    ("paise", "drifts"),
    [
        ({"brokerage": 3}, True),
        ({"transaction_tax": 5000}, False),  # whole rupees
        ({"transaction_tax": 5102}, True),
        ({"stamp_duty": 649}, True),
        ({"gst": 34}, True),
    ],
)
def test_what_rounding_explains_is_let_be(entered: Morning, paise: dict[str, int], drifts: bool):
    look_for_drift(entered.desk, LOGIN, Answers([estimate(**paise)]))
    assert bool(entered.alarms()) is drifts


def test_a_broker_that_does_not_answer_is_asked_again(
    entered: Morning, caplog: pytest.LogCaptureFixture
):
    class Down(Answers):
        def charges(self, orders: Sequence[Order]) -> Sequence[ChargeEstimate]:
            raise SourceFailed("no answer")

    with pytest.raises(SourceFailed):
        look_for_drift(entered.desk, LOGIN, Down([]))
    compare_charges(entered.desk, LOGIN, Down([]))
    assert "charges login=paper not compared: no answer" in caplog.text
    with pytest.raises(SourceWrong, match="asked the charges of 1 orders and 0 came back"):
        look_for_drift(entered.desk, LOGIN, Answers([]))
    assert look_for_drift(entered.desk, LOGIN, Answers([estimate()])).startswith("charges of 1")


def test_paper_money_and_other_logins_are_not_asked(entered: Morning):
    broker = Answers([])
    paper = BrokerLogin("paper", Broker.PAPER, LoginMode.PAPER, "Paper")
    assert look_for_drift(entered.desk, paper, broker) == ""
    assert look_for_drift(entered.desk, replace(LOGIN, id="other"), broker) == ""
    assert broker.asked == []
