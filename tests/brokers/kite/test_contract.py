"""Kite over its sandbox passes the contract that the paper broker passes, over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from core.brokers.kite.shares import shares_from
from core.domain.order import Product, Side
from tests.brokers.contract import FaultyBrokerContract, Opened, order, rest
from tests.brokers.kite.dialect import KITE
from tests.brokers.over_sandbox import at_sandbox
from tests.made import LISTED, MIDCO, rs


class TestKiteOverItsSandbox(FaultyBrokerContract):
    @pytest.fixture
    def opened(self) -> Iterator[Opened]:
        with at_sandbox(KITE) as (opened, _):
            yield opened


@pytest.fixture
def at() -> Iterator[tuple[Opened, Any]]:
    with at_sandbox(KITE) as made:
        yield made


def test_a_single_stop_rests_with_its_limit_and_changes_in_place(at):
    _, session = at
    gtt_id = session.place_gtt(
        isin=MIDCO.isin, symbol="MIDCO", qty=100, side=Side.SELL, stop=rs("480"),
        target=None, product=Product.CNC,
    )  # fmt: skip
    (gtt,) = session.gtts()
    assert (gtt.stop, gtt.stop_limit, gtt.target) == (rs("480"), rs("465.60"), rs("0"))
    session.modify_gtt(gtt_id, qty=60, stop=rs("485"), target=None)
    (gtt,) = session.gtts()
    assert (gtt.qty, gtt.stop, gtt.stop_limit) == (60, rs("485"), rs("470.45"))


def test_a_fired_legs_order_asks_the_limit_that_was_carried(at):
    opened, session = at
    session.place(order())
    opened.price("499")
    rest(session)
    opened.price("479")
    (gtt,) = session.gtts()
    child = next(one for one in session.orders() if one.broker_order_id == gtt.fired_order_id)
    assert child.limit == gtt.stop_limit == rs("465.60")


def test_the_instrument_list_is_the_universe(at):
    _, session = at
    names = {one.symbol for one in LISTED.values()}
    lines = session.instruments()
    assert {line.symbol for line in lines} == names
    universe = shares_from(lines, LISTED)
    assert {universe.by_isin(isin).symbol for isin in LISTED} == names
