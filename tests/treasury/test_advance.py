"""Instalments of advance tax by hand."""

from datetime import date
from pathlib import Path

from core.domain.money import ZERO, Money
from core.providers.tax_file import load_tax
from core.treasury.advance import instalments

LAW = load_tax(Path(__file__).resolve().parents[2] / "data" / "tax.json")


def rupees(amount: int) -> Money:
    return Money.rupees(str(amount))


def test_a_gain_of_the_first_quarter_is_paid_in_four_parts():
    found = instalments(LAW, 2026, lambda day: rupees(20_000))
    assert [(one.by, one.now) for one in found] == [
        (date(2026, 6, 15), rupees(3_000)),
        (date(2026, 9, 15), rupees(6_000)),
        (date(2026, 12, 15), rupees(6_000)),
        (date(2027, 3, 15), rupees(5_000)),
    ]


def test_what_is_sold_in_the_year_s_last_days_is_paid_by_its_last():
    found = instalments(LAW, 2026, lambda day: rupees(40_000 if day > date(2027, 3, 15) else 0))
    assert [(one.by, one.now) for one in found][-2:] == [
        (date(2027, 3, 15), ZERO),
        (date(2027, 3, 31), rupees(40_000)),
    ]


def test_a_loss_after_an_instalment_gives_nothing_back_before_the_return():
    # 45 % of 40,000 was paid by September; then the year's tax fell to 12,000
    found = instalments(
        LAW, 2026, lambda day: rupees(40_000 if day < date(2026, 10, 1) else 12_000)
    )
    assert [one.now for one in found] == [rupees(6_000), rupees(12_000), ZERO, ZERO]
    assert {one.in_all for one in found[1:]} == {rupees(18_000)}


def test_below_the_threshold_nothing_is_due():
    assert instalments(LAW, 2026, lambda day: rupees(9_999)) == ()
