"""Profit and loss out of a store: by hand over two sessions, and sums over random books."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.desk.performance import performance
from core.desk.pnl import account_pnls, days_of, stretch_pnl, summed, whose
from core.desk.pnl_by import By, rows_by
from core.domain.ledger import CASH
from core.domain.money import ZERO, Money, total
from core.errors import BadInput, NoData, NotFound
from core.store import ledger, quotes
from core.treasury.attribution import UNATTRIBUTED
from core.treasury.pnl import sum_pnl
from tests.made import rs
from tests.made.books import SHARES, TODAY, Bookkeeper, random_books

AAA, BBB = SHARES[0], SHARES[1]


def two_days(home: Path) -> Bookkeeper:
    """Thursday: ₹1 lakh came, 10 AAA at 500 close at 510. Friday: 4 sold at 520, 5 BBB at 200."""
    made = Bookkeeper(home, sessions=3)
    wed, thu, fri = made.sessions
    name = made.account("Alpha")
    made.money(name, rs(100_000), wed)
    plan = made.plan(name, AAA, thu, strategy="event", qty=10)
    made.trade(name, AAA, 10, rs(500), thu, plan=plan)
    made.trade(name, AAA, -4, rs(520), fri, plan=plan)
    made.trade(name, BBB, 5, rs(200), fri)
    flat = ["100", "100"]
    made.prices(
        {"AAA": ["490", "510"], "BBB": ["195", "198"], "CCC": flat, "DDD": flat},
        {"AAA": "530", "BBB": "190", "CCC": "100", "DDD": "100"},
    )
    return made


def test_the_day_counts_from_the_close_before_and_from_the_price_paid(tmp_path: Path):
    made = two_days(tmp_path)
    with made.desk.store.read() as tx:
        [row] = account_pnls(made.desk, tx)
        [cash] = [ledger.balance(tx, "alpha", CASH)]
    # 6 AAA x (530 - 510), 4 x (520 - 510), 5 BBB x (190 - 200)
    assert row.day.gross == rs(120 + 40 - 50)
    assert row.day.realised == rs(80) and row.day.unrealised == rs(30)
    assert row.earned.realised == rs(80)
    assert row.earned.unrealised == rs(6 * 30 - 50)
    # what was paid in is what was deposited, and equity is cash and shares
    assert row.now.paid_in == rs(100_000)
    assert row.now.equity == cash + rs(6 * 530 + 5 * 190)
    assert row.now.equity == rs(100_000) + row.earned.net


def test_days_are_the_sessions_and_sum_to_the_stretch(tmp_path: Path):
    made = two_days(tmp_path)
    with made.desk.store.read() as tx:
        of = whose(tx, account="Alpha")
        days = days_of(made.desk, tx, of, made.sessions[0], TODAY)
        whole = stretch_pnl(made.desk, tx, of, made.sessions[0], TODAY)
        thursday = stretch_pnl(made.desk, tx, of, made.sessions[1], made.sessions[1])
        [row] = account_pnls(made.desk, tx)
    assert [one.day for one in days] == list(made.sessions)
    assert [one.trades for one in days] == [0, 1, 2]
    assert [one.flow for one in days] == [rs(100_000), ZERO, ZERO]
    assert days[1].earned == thursday and thursday.unrealised == rs(100)
    assert days[2].earned == row.day
    assert sum_pnl(one.earned for one in days) == whole == row.earned
    assert days[2].worth == row.now.equity


def test_rows_name_the_share_the_strategy_the_event_and_what_nobody_ordered(tmp_path: Path):
    made = two_days(tmp_path)
    with made.desk.store.read() as tx:
        of = whose(tx)
        found = {
            by: {one.key: one.earned for one in rows_by(made.desk, tx, of, TODAY, TODAY, by)}
            for by in By
        }
        labels = [one.label for one in rows_by(made.desk, tx, of, TODAY, TODAY, By.TRADE)]
    assert labels == ["AAA, Alpha, 19 Nov 2026", UNATTRIBUTED]
    assert found[By.SYMBOL]["AAA"].gross == rs(160)
    assert found[By.SYMBOL]["BBB"].gross == rs(-50)
    assert found[By.SECTOR].keys() == {"IT", "Energy"}
    assert found[By.STRATEGY]["event"] == found[By.SYMBOL]["AAA"]
    assert found[By.EVENT]["order win"] == found[By.SYMBOL]["AAA"]
    assert found[By.MODEL]["model"] == found[By.SYMBOL]["AAA"]
    for by in (By.STRATEGY, By.EVENT, By.TRADE, By.MODEL):
        assert found[by][UNATTRIBUTED] == found[By.SYMBOL]["BBB"]


def test_what_is_booked_on_a_holiday_counts_in_the_next_session(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=5)  # 13 Nov is a Friday, then a weekend
    name = made.account("Alpha", on=date(2026, 11, 13))
    made.money(name, rs(1000), date(2026, 11, 14))
    with made.desk.store.read() as tx:
        of = whose(tx)
        days = days_of(made.desk, tx, of, date(2026, 11, 13), TODAY)
    assert [(one.day.day, one.flow) for one in days if one.flow] == [(16, rs(1000))]


def test_a_missing_close_is_the_exchanges_own_word_of_the_next_session(tmp_path: Path):
    made = two_days(tmp_path)
    other = Bookkeeper(tmp_path / "other", sessions=3)
    name = other.account("Alpha")
    other.trade(name, AAA, 10, rs(500), other.sessions[1])
    with made.desk.store.read() as tx:
        told = list(quotes.all_quotes(tx).values())
    with other.desk.store.write() as tx:
        quotes.put(tx, told)  # no bar is stored; AAA closed at 510 yesterday, they say
    with other.desk.store.read() as tx:
        [row] = account_pnls(other.desk, tx)
    assert row.day.gross == rs(10 * 20)


@pytest.mark.parametrize("seed", range(3))
def test_random_books_add_up_every_way_to_the_paisa(tmp_path: Path, seed: int):
    made = random_books(tmp_path, seed)
    first, middle = made.sessions[0], made.sessions[11]
    with made.desk.store.read() as tx:
        family = whose(tx)
        rows = account_pnls(made.desk, tx)
        for begin in (first, middle, TODAY):
            whole = stretch_pnl(made.desk, tx, family, begin, TODAY)
            days = days_of(made.desk, tx, family, begin, TODAY)
            assert sum_pnl(one.earned for one in days) == whole
            for by in By:
                parts = rows_by(made.desk, tx, family, begin, TODAY, by)
                assert sum_pnl(one.earned for one in parts) == whole, by
            each = [
                stretch_pnl(made.desk, tx, whose(tx, account=row.account.name), begin, TODAY)
                for row in rows
            ]
            assert sum_pnl(each) == whole
        assert sum_pnl(row.earned for row in rows) == stretch_pnl(
            made.desk, tx, family, first, TODAY
        )
        assert summed(rows, family).day == stretch_pnl(made.desk, tx, family, TODAY, TODAY)
        for row in rows:
            assert row.now.equity == row.now.paid_in + row.earned.net
            [last] = days_of(made.desk, tx, whose(tx, account=row.account.id), TODAY, TODAY)
            assert (last.earned, last.worth) == (row.day, row.now.equity)
        deposits = total(-ledger.balance(tx, row.account.id, "funding") for row in rows)
        money = total(one.flow for one in days_of(made.desk, tx, family, first, TODAY))
        assert money == deposits  # a transfer is no flow of the family


def test_a_transfer_is_a_flow_of_each_account_and_none_of_the_family(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=4)
    one, two = made.account("Alpha"), made.account("Beta")
    days = made.sessions
    made.money(one, rs(1000), days[0])
    made.transfer(one, two, rs(400), days[1], days=(days[2] - days[1]).days)
    with made.desk.store.read() as tx:

        def flows(**of: str) -> list[tuple[Money, Money]]:
            found = days_of(made.desk, tx, whose(tx, **of), days[0], TODAY)
            return [(day.flow, day.worth) for day in found]

        assert flows(account="Alpha")[:3] == [(rs(1000), rs(1000)), (rs(-400), rs(600)),
                                              (ZERO, rs(600))]  # fmt: skip
        assert flows(account="Beta")[1:3] == [(ZERO, ZERO), (rs(400), rs(400))]
        # on its way it belongs to the family still
        assert [worth for _, worth in flows()] == [rs(1000)] * 4


def test_one_account_long_and_another_short_of_a_share_are_both_in_the_family(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=3)
    wed, thu, _ = made.sessions
    for name, qty, price in (("Alpha", 10, "500"), ("Beta", -10, "515")):
        account = made.account(name)
        made.money(account, rs(10_000), wed)
        made.trade(account, AAA, qty, rs(price), thu)
    flat = ["100", "100"]
    made.prices(
        {"AAA": ["490", "505"], "BBB": flat, "CCC": flat, "DDD": flat},
        {"AAA": "530", "BBB": "100", "CCC": "100", "DDD": "100"},
    )
    with made.desk.store.read() as tx:
        days = days_of(made.desk, tx, whose(tx), wed, TODAY)
        each = [days_of(made.desk, tx, whose(tx, account=a), wed, TODAY) for a in ("Alpha", "Beta")]
    # 10 bought at 500 and 10 sold at 515 leave 150 whatever the price is
    assert [one.earned.unrealised for one in days] == [ZERO, rs(150), ZERO]
    for at, day in enumerate(days):
        assert day.earned == sum_pnl(one[at].earned for one in each)
        assert day.worth == total(one[at].worth for one in each)


def test_what_is_asked_wrongly_is_told(tmp_path: Path):
    made = two_days(tmp_path)
    with made.desk.store.read() as tx:
        of = whose(tx)
        with pytest.raises(NotFound, match="no account is called 'Delta'; there are: Alpha"):
            whose(tx, account="Delta")
        with pytest.raises(NotFound, match="no account trades through 'Second broker'"):
            whose(tx, login="Second broker")
        with pytest.raises(BadInput, match="swap them"):
            stretch_pnl(made.desk, tx, of, TODAY, made.sessions[0])
        with pytest.raises(BadInput, match="begins on 2027-01-01 and today is 2026-11-20"):
            days_of(made.desk, tx, of, date(2027, 1, 1), date(2027, 1, 2))
        with pytest.raises(NoData, match="no money came in by 1 Nov 2026"):
            performance(made.desk, tx, of, last=date(2026, 11, 1))
