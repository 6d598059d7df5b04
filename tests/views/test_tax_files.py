"""Files for a tax adviser: schedule 112A line by line, and numbers that stay numbers."""

from __future__ import annotations

from datetime import date

from core.treasury.lots import Sold
from core.views.shown import safe_cell
from core.views.tax_files import HEADINGS, schedule_lines, schedule_rows, sold_lines
from tests.made import rs


def a_sale(acquired: str, sold: str, **changes) -> Sold:
    base = {
        "isin": "INE002A01018", "symbol": "RELIANCE", "qty": 10, "cost": rs("8000"),
        "proceeds": rs("12000"), "expenses": rs("12.34"), "stt": rs("20"),
    }  # fmt: skip
    when = {"acquired_on": date.fromisoformat(acquired), "sold_on": date.fromisoformat(sold)}
    return Sold(**{**base, **when, **changes})


def test_long_term_sales_alone_stand_on_the_schedule_and_its_balance_is_what_is_taxed():
    long, short = a_sale("2025-01-06", "2026-05-04"), a_sale("2026-05-04", "2026-06-05")
    [line] = schedule_lines([long, short])
    assert (line.transferred, line.acquired) == ("AE", "AE")
    assert (line.sale_price, line.sale_value, line.cost) == ("1200.00", "12000.00", "8000.00")
    assert (line.expenses, line.deductions, line.balance) == ("12.34", "8012.34", "3987.66")


def test_shares_of_before_february_2018_have_their_worth_of_then_and_the_codes_of_before():
    old = a_sale("2017-05-04", "2024-07-22", fair=rs("10000"))
    [line] = schedule_lines([old])
    assert (line.transferred, line.acquired) == ("BE", "BE")
    assert (line.fair_value, line.cost_counted, line.balance) == ("10000.00", "10000.00", "1987.66")


def test_a_row_has_the_schedule_s_headings():
    assert tuple(schedule_rows([a_sale("2025-01-06", "2026-05-04")])[0]) == HEADINGS


def test_a_loss_stays_a_number_in_a_spreadsheet_and_a_formula_does_not_run():
    [line] = sold_lines([a_sale("2026-05-04", "2026-06-05", proceeds=rs("7000"))])
    assert (line.gain, safe_cell(line.gain)) == ("-1012.34", "-1012.34")
    assert safe_cell("-2+3") == "'-2+3"
    assert safe_cell("=1") == "'=1"
