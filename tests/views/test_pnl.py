"""The P&L page's words and shapes, by hand."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from core.desk.desk import Desk
from core.desk.performance import performance
from core.desk.pnl import whose
from core.desk.pnl_by import By
from core.domain.money import Money, total
from core.domain.order import Product
from core.errors import NoData
from core.store import index_bars
from core.views.heat_map import months_back
from core.views.performance import performance_view
from core.views.pnl import (
    ALL,
    EVER,
    MONTH,
    PERIODS,
    TODAY,
    WEEK,
    YEAR,
    choices,
    pnl_view,
    stretch_of,
)
from tests.made import rs
from tests.made.books import SHARES, Bookkeeper
from tests.made.books import TODAY as FRIDAY


def a_book(home: Path, *, sessions: int = 4) -> Bookkeeper:
    """₹1 lakh at the first of some sessions; 10 AAA at 500 the second, closing at 510, now 530."""
    made = Bookkeeper(home, sessions=sessions)
    days = made.sessions
    name = made.account("Alpha")
    made.money(name, rs(100_000), days[0])
    plan = made.plan(name, SHARES[0], days[1], strategy="scan", qty=10)
    made.trade(name, SHARES[0], 10, rs(500), days[1], plan=plan)
    closes = ["500", *["510"] * (sessions - 2)]
    flat = ["100"] * (sessions - 1)
    made.prices(
        {"AAA": closes, "BBB": flat, "CCC": flat, "DDD": flat},
        {"AAA": "530", "BBB": "100", "CCC": "100", "DDD": "100"},
    )
    return made


@pytest.mark.parametrize(
    ("period", "first"),
    [(TODAY, FRIDAY), (WEEK, date(2026, 11, 16)), (MONTH, date(2026, 11, 1)),
     (YEAR, date(2026, 4, 1)), (EVER, date(2026, 11, 17))],
)  # fmt: skip
def test_periods_begin_where_an_indian_trader_expects(tmp_path: Path, period: str, first: date):
    desk = a_book(tmp_path).desk
    assert period in PERIODS
    assert stretch_of(desk, ALL, period) == (first, FRIDAY)


def test_a_financial_year_seen_in_march_began_in_april_before(tmp_path: Path):
    desk: Desk = a_book(tmp_path).desk
    desk.clock.move_to(desk.clock.now() + timedelta(days=110))  # type: ignore[attr-defined]
    assert stretch_of(desk, ALL, YEAR)[0] == date(2026, 4, 1)


def test_gross_to_net_is_the_notes_own_items(tmp_path: Path):
    made = a_book(tmp_path)
    view = pnl_view(made.desk, account=ALL, first=made.sessions[0], last=FRIDAY, by=By.SYMBOL)
    assert (view.steps[0].label, view.steps[0].amount) == ("Unrealised", rs(300))
    assert view.steps[1].label == "Gross" and view.steps[1].whole
    assert "STT" in {one.label for one in view.steps}
    paid = sum((one.amount for one in view.steps[2:-1]), Money(0))
    assert view.steps[-1].amount == rs(300) + paid and paid < Money(0)
    # 10 x 500 for delivery: STT 0.1 % is ₹5.00
    assert next(one.amount for one in view.steps if one.label == "STT") == rs(-5)


def test_the_sheet_is_the_table_in_plain_rupees(tmp_path: Path):
    made = a_book(tmp_path)
    view = pnl_view(made.desk, account="Alpha", first=FRIDAY, last=FRIDAY, by=By.SECTOR)
    head, row, whole = list(csv.reader(io.StringIO(view.sheet)))
    assert head == ["Sector", "realised ₹", "unrealised ₹", "dividends ₹", "charges ₹", "net ₹"]
    assert row == ["IT", "0.00", "200.00", "0.00", "0.00", "200.00"]
    assert whole[1:] == row[1:]
    assert view.file == "munim-pnl-sector-2026-11-20-2026-11-20.csv"


def test_the_sessions_sheet_has_a_line_a_session_with_money_and_worth(tmp_path: Path):
    made = a_book(tmp_path)
    first, bought = made.sessions[:2]
    view = pnl_view(made.desk, account=ALL, first=first, last=bought, by=By.SYMBOL)
    head, one, two = list(csv.reader(io.StringIO(view.days_sheet)))
    assert head[:2] == ["Session", "trades"] and head[-2:] == ["paid in ₹", "worth ₹"]
    assert one == [f"{first}", "0", *["0.00"] * 5, "100000.00", "100000.00"]
    cost = rs(100) - view.heat.cells[0][bought.day - 1].net
    worth = f"{(rs(100_100) - cost).paise / 100:.2f}"
    assert two == [f"{bought}", "1", "0.00", "100.00", "0.00", f"{cost.paise / 100:.2f}",
                   f"{(rs(100) - cost).paise / 100:.2f}", "0.00", worth]  # fmt: skip
    assert view.days_file == f"munim-pnl-days-{first}-{bought}.csv"
    assert view.entries == ()


def test_a_single_day_lists_what_was_booked_and_it_adds_up_to_the_day(tmp_path: Path):
    made = a_book(tmp_path)
    bought = made.sessions[1]
    view = pnl_view(made.desk, account=ALL, first=bought, last=bought, by=By.SYMBOL)
    trade, held, whole = view.entries
    assert (trade.account, trade.what) == ("Alpha", "bought 10 AAA at ₹500.00")
    assert trade.realised.text == "" and trade.net.text == f"−{trade.charges}"
    assert (held.what, held.net.text) == ("What is held, its change", "+₹100.00")
    assert whole.net.text == view.figures[0].value and whole.mark == "tot"
    quiet = pnl_view(made.desk, account=ALL, first=FRIDAY, last=FRIDAY, by=By.SYMBOL)
    assert quiet.entries == ()


def test_months_of_the_calendar_add_up_their_days(tmp_path: Path):
    made = a_book(tmp_path, sessions=40)
    heat = pnl_view(made.desk, account=ALL, first=FRIDAY, last=FRIDAY, by=By.SYMBOL).heat
    assert heat.months == ("Sep 2026", "Oct 2026", "Nov 2026")
    for whole, row in zip(heat.totals, heat.cells, strict=True):
        assert whole == total(one.net for one in row if one)


def test_a_day_chosen_in_the_calendar_leaves_it_as_it_is(tmp_path: Path):
    made = a_book(tmp_path, sessions=300)
    chosen, old = made.sessions[-30], made.sessions[3]
    ends = {
        on: pnl_view(made.desk, account=ALL, first=on, last=on, by=By.SYMBOL).heat.months[-1]
        for on in (chosen, FRIDAY, old)
    }
    assert ends == {chosen: "Nov 2026", FRIDAY: "Nov 2026", old: f"{old:%b %Y}"}


def test_accounts_and_sums_of_a_login(tmp_path: Path):
    made = a_book(tmp_path)
    assert choices(made.desk) == ((ALL, "Alpha"), (ALL,))
    other = made.account("Beta", login="second")
    made.money(other, rs(7), made.sessions[0])
    assert choices(made.desk) == ((ALL, "Alpha", "Beta"), (ALL, "Paper broker", "Second broker"))
    assert choices(made.desk, "Second broker")[0] == (ALL, "Beta")
    first = made.sessions[0]
    for login, title, net in ((ALL, "All accounts", "+"), ("Second broker", "Second broker", "₹0")):
        view = pnl_view(made.desk, account=ALL, login=login, first=first, last=FRIDAY, by=By.SECTOR)
        assert view.title == title and view.figures[0].value.startswith(net)
    assert stretch_of(made.desk, ALL, EVER, login="Second broker") == (first, FRIDAY)


def test_the_calendar_leaves_holidays_blank_and_counts_trades(tmp_path: Path):
    made = a_book(tmp_path)
    heat = pnl_view(made.desk, account=ALL, first=FRIDAY, last=FRIDAY, by=By.SYMBOL).heat
    assert heat.months == ("Nov 2026",)
    [month] = heat.cells
    assert [at + 1 for at, cell in enumerate(month) if cell] == [17, 18, 19, 20]
    bought, today = month[17], month[19]
    assert bought is not None and bought.words.startswith("18 Nov 2026: +₹")
    assert bought.words.endswith("net · 1 trade")
    assert today is not None and today.words == "20 Nov 2026: +₹200.00 net · 0 trades"
    assert heat.most == rs(200)
    assert months_back(date(2026, 1, 31), 12) == date(2025, 2, 1)


def test_returns_by_hand_against_the_simulated_index(tmp_path: Path):
    made = a_book(tmp_path)
    with made.desk.store.read() as tx:
        found = performance(made.desk, tx, whose(tx))
    cost = found.days[1].earned.cost
    # ₹1 lakh at work; the purchase's charges, then 10 x (510 - 500), then 10 x (530 - 510)
    first = (rs(0) - cost).share_of(rs(100_000)) + rs(100).share_of(rs(100_000))
    assert found.returns[1] == pytest.approx(first)
    assert found.returns[3] == pytest.approx(rs(200).share_of(found.days[2].worth))
    assert found.falls == (0.0, 0.0, 0.0, 0.0) or min(found.falls) <= 0
    assert found.against is not None
    # four shares in equal parts: AAA from 500 to 510 by yesterday, the others stand
    assert found.against.grown[2] == pytest.approx(1 + 0.02 / 4)
    assert found.against.earned == rs(500)  # ₹1 lakh at 0.5 %


@pytest.mark.parametrize("first", [20_000.0, 20_300.0])
def test_a_stored_index_is_taken_from_the_start_of_the_first_session(tmp_path: Path, first: float):
    made = a_book(tmp_path)
    days = [made.sessions[0] - timedelta(days=1), *made.sessions]
    closes = np.array([20_000.0, first, 20_200.0, 20_200.0, 20_400.0])
    with made.desk.store.write() as tx:
        levels = [closes, closes, closes, closes, np.zeros(5)]
        on = np.array(days, dtype="datetime64[D]")
        index_bars.put(tx, ["NIFTY 50"] * 5, on, levels, np.ones(5), "TEST")
    view = performance_view(made.desk, account="Alpha")
    named = {one.label: one for one in view.figures}
    assert named["NIFTY 50"].value == "+2.00 %"
    assert named["NIFTY 50"].detail == "price index · excess over it −1.71 %"  # 294 of 1 lakh
    assert named["Same rupees in the index"].value == "+₹2,000"
    assert named["Same rupees in the index"].detail == "₹1,706 behind it"
    assert "price index, dividends not counted" in view.notes[1]
    assert named["Time-weighted return"].detail == "4 sessions, under 30: not annualised"
    assert [one.name for one in view.growth] == ["Alpha", "NIFTY 50"]
    assert view.days == tuple(days)  # it grows from the session before


def test_nothing_at_work_is_one_sentence(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=3)
    made.account("Alpha")
    view = performance_view(made.desk, account="Alpha")
    assert view.empty.startswith("Alpha: no money came in by 20 Nov 2026")


def test_an_index_that_ends_early_is_named_with_its_last_day(tmp_path: Path):
    made = a_book(tmp_path)
    on = np.array([made.sessions[0] - timedelta(days=1), made.sessions[1]], dtype="datetime64[D]")
    closes = np.array([20_000.0, 20_200.0])
    with made.desk.store.write() as tx:
        index_bars.put(tx, ["NIFTY 50"] * 2, on, [closes] * 4 + [np.zeros(2)], np.ones(2), "TEST")
    assert (
        "Its last level is of 18 Nov 2026; import newer ones."
        in (performance_view(made.desk, account="Alpha").notes[1])
    )


def test_sessions_after_all_was_taken_out_are_left_out(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=6)
    name = made.account("Alpha")
    made.money(name, rs(1000), made.sessions[1])
    made.money(name, rs(-1000), made.sessions[3])
    with made.desk.store.read() as tx:
        found = performance(made.desk, tx, whose(tx), first=made.sessions[0])
        assert [one.day for one in found.days] == list(made.sessions[1:4])
        assert found.xirr.whole == pytest.approx(0.0, abs=1e-12)
        assert found.time_weighted.whole == 0.0
        with pytest.raises(NoData, match="nothing was at work"):
            performance(made.desk, tx, whose(tx), first=made.sessions[4])


def test_a_loss_of_everything_is_told_and_breaks_nothing(tmp_path: Path):
    made = Bookkeeper(tmp_path, sessions=4)
    days = made.sessions
    name = made.account("Alpha")
    made.money(name, rs(1000), days[0])
    for qty, price in ((-10, "100"), (10, "250")):
        made.trade(name, SHARES[0], qty, rs(price), days[1], product=Product.MIS)
    view = performance_view(made.desk, account="Alpha")
    named = {one.label: one for one in view.figures}
    assert named["XIRR, money-weighted"].value == "−100.00 %"
    assert named["XIRR, money-weighted"].detail == "all that was paid in is lost"


def test_xirr_of_more_than_a_year_by_hand(tmp_path: Path):
    # ₹1 lakh on the first day and nothing since: what is there over what came, per 365 days
    made = a_book(tmp_path, sessions=300)
    with made.desk.store.read() as tx:
        found = performance(made.desk, tx, whose(tx, account="Alpha"))
    lasted = (FRIDAY - made.sessions[0]).days
    grew = found.worth.share_of(rs(100_000))
    assert found.sessions == 300 and lasted > 365
    assert found.xirr.per_year == pytest.approx(grew ** (365 / lasted) - 1, abs=1e-9)
    assert found.xirr.whole == pytest.approx(grew - 1, abs=1e-9)
    assert found.time_weighted.whole == pytest.approx(grew - 1, abs=1e-9)  # no flow came between
    view = performance_view(made.desk, account="Alpha")
    assert "a year" in {one.label: one for one in view.figures}["Time-weighted return"].detail


def test_a_long_stretch_counts_all_its_sessions_and_the_calendar_shows_twelve_months(
    tmp_path: Path,
):
    made = a_book(tmp_path, sessions=300)
    view = pnl_view(made.desk, account=ALL, first=made.sessions[0], last=FRIDAY, by=By.SYMBOL)
    assert view.figures[0].detail.endswith("of 300 sessions")
    assert view.figures[3].detail == "1 trade"
    assert len(view.heat.months) == 12 and view.heat.months[0] == "Dec 2025"
