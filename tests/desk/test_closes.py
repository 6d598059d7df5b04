"""What a share was worth at the end of a day, and where that is known from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import Session

from core.desk.closes import LOOK_BACK, CloseTable, close_table, last_prices
from core.domain.money import Money
from core.panel import Panel
from core.store import bars, quotes
from tests.made import rs
from tests.made.books import SHARES, TODAY, Bookkeeper

AAA, BBB = SHARES[0], SHARES[1]
THU = TODAY - timedelta(days=1)


def with_closes(made: Bookkeeper, last: str) -> None:
    made.prices(
        {"AAA": ["500", last], "BBB": ["200", "200"], "CCC": ["1", "1"], "DDD": ["1", "1"]},
        {"AAA": "530", "BBB": "190", "CCC": "1", "DDD": "1"},
    )


def table(tx: Session, day: date) -> CloseTable:
    return close_table(tx, [AAA.isin, "INE000X01010"], day, day, quotes.all_quotes(tx))


def test_a_stored_close_stands_and_an_unknown_share_has_none(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=3)
    with_closes(made, "510")
    with made.desk.store.read() as tx:
        assert table(tx, THU).on(AAA.isin, THU) == rs(510)
        assert table(tx, THU).marks([AAA.isin, "INE000X01010"], THU) == {AAA.isin: rs(510)}
        # today has no bar yet: its last price
        assert table(tx, TODAY).on(AAA.isin, TODAY) == rs(530)


def test_a_share_that_did_not_trade_keeps_its_close_in_the_terms_of_the_day(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=3)
    with_closes(made, "510")
    ex_date = TODAY + timedelta(days=3)
    made.split(AAA, ex_date, into=2)
    with made.desk.store.read() as tx:
        found = close_table(tx, [AAA.isin], THU, ex_date, {})
        assert found.on(AAA.isin, ex_date - timedelta(days=1)) == rs(510)
        assert found.on(AAA.isin, ex_date) == rs(255)
        assert found.on(AAA.isin, THU + timedelta(days=LOOK_BACK + 1)) is None


def store_today(made: Bookkeeper, close: str) -> None:
    grid = np.array([[float(close)]])
    panel = Panel((TODAY,), (AAA.isin,), grid, grid, grid, grid, grid, np.ones_like(grid))
    with made.desk.store.write() as tx:
        bars.put_panel(tx, panel, source="TEST")


@pytest.mark.parametrize(
    ("close", "worth"), [("528.40", "528.40"), ("424", "424"), ("420", "530"), ("5284", "530")]
)
def test_the_official_close_replaces_the_last_price_unless_it_is_far_off(
    tmp_path: Path, close: str, worth: str
):
    made = Bookkeeper(tmp_path, sessions=3)
    with_closes(made, "510")
    with made.desk.store.read() as tx:
        prices = quotes.all_quotes(tx)
        assert last_prices(tx, [AAA.isin], prices) == {AAA.isin: rs(530)}
    store_today(made, close)
    with made.desk.store.read() as tx:
        assert last_prices(tx, [AAA.isin, "INE000X01010"], prices) == {AAA.isin: rs(worth)}


def test_a_quote_of_an_older_day_is_not_marked_with_a_close_of_another(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=3)
    with_closes(made, "510")
    store_today(made, "528.40")
    with made.desk.store.read() as tx:
        known = quotes.all_quotes(tx)
        old = replace(known[AAA.isin], at=known[AAA.isin].at - timedelta(days=1), ltp=Money(51_100))
        found = last_prices(tx, [AAA.isin, BBB.isin], {AAA.isin: old, BBB.isin: known[BBB.isin]})
    assert found == {AAA.isin: rs(511), BBB.isin: rs(190)}


def test_a_close_told_on_an_ex_date_is_put_back_into_the_terms_before_it(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=3)
    made.split(AAA, TODAY, into=5)
    with_closes(made, "510")
    with made.desk.store.read() as tx:
        told = {AAA.isin: replace(quotes.by_isin(tx, AAA.isin), prev_close=rs(102))}
    other = Bookkeeper(tmp_path / "other", sessions=3)  # no bar is stored here
    other.split(AAA, TODAY, into=5)
    with other.desk.store.read() as tx:
        assert close_table(tx, [AAA.isin], THU, THU, told).on(AAA.isin, THU) == rs(510)
        later = {AAA.isin: replace(told[AAA.isin], prev_close=Money(0))}
        assert close_table(tx, [AAA.isin], THU, THU, later).on(AAA.isin, THU) is None
