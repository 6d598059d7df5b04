"""`munim sandbox` says where to connect and prices orders by the committed schedule."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from core.cli.sandbox_run import _moment, _upstox_words, _words, charging
from core.domain.account import Broker
from core.domain.calendar import Phase
from core.domain.clock import SteppedClock
from core.domain.order import Product, Side
from core.errors import BadInput
from core.sandbox.kite.sandbox import KiteSandbox
from core.sandbox.kite.session import App
from core.sandbox.upstox.sandbox import UpstoxSandbox
from tests.made import LISTED, T0, rs


def test_a_delivery_purchase_pays_a_tenth_of_a_percent_and_no_brokerage() -> None:
    bill = charging()(Product.CNC, Side.BUY, 10, rs("1000"), date(2026, 11, 23))
    assert (bill.stt, bill.brokerage) == (10.0, 0.0)
    assert bill.total == pytest.approx(bill.stt + bill.exchange + bill.sebi + bill.stamp + bill.gst)


def test_a_moment_is_read_as_indias() -> None:
    assert _moment("2026-04-06T09:15") == datetime(2026, 4, 6, 3, 45, tzinfo=UTC)
    with pytest.raises(BadInput, match="'soon' is no moment"):
        _moment("soon")


@pytest.mark.parametrize(
    ("url", "words"), [("", "shows the request token"), ("http://127.0.0.1:8501/", "returns to")]
)
def test_the_words_say_where_to_connect_and_that_it_is_no_broker(url: str, words: str) -> None:
    made = KiteSandbox(
        LISTED,
        clock=SteppedClock(T0),
        phase_of=lambda item, at: Phase.CONTINUOUS,
        registered=App(redirect_url=url),
    )
    told = "\n".join(_words(made, address="http://127.0.0.1:9", control="http://127.0.0.1:8"))
    assert "not Zerodha" in told
    assert "ws://127.0.0.1:9" in told
    assert words in told
    made.close()


def test_the_upstox_words_say_which_two_hosts_to_set() -> None:
    made = UpstoxSandbox(LISTED, clock=SteppedClock(T0), phase_of=lambda item, at: Phase.CONTINUOUS)
    told = _upstox_words(made, address="http://127.0.0.1:9", control="http://127.0.0.1:8")
    words = "\n".join(told)
    assert "It is not Upstox" in words
    assert "Configuration.host and .order_host" in words and "ws://127.0.0.1:9/v3/feed" in words
    made.close()


def test_upstoxs_delivery_brokerage_is_twenty_rupees() -> None:
    bill = charging(Broker.UPSTOX)(Product.CNC, Side.BUY, 10, rs("1000"), date(2026, 11, 23))
    assert (bill.stt, bill.brokerage) == (10.0, 20.0)


def test_other_verbs_start_without_the_servers_behind_a_sandbox() -> None:
    code = (
        "import sys, core.cli\n"
        "print(sorted({'starlette', 'uvicorn', 'core.sandbox'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
