"""Tax sheets worked by hand: rates by the day of sale, set-off, exemption, carrying on."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import ZERO, Money, total
from core.domain.tax import Head, Loss, first_day, last_day, parse_year, year_of, year_words
from core.errors import BadInput
from core.providers.tax_file import load_tax
from core.treasury.lots import Sold
from core.treasury.tax import YearTax, carry_words, unrealised_tax_words, year_tax, years_until

LAW = load_tax(Path(__file__).resolve().parents[2] / "data" / "tax.json")
SHORT, LONG, SPEC = Head.SHORT, Head.LONG, Head.SPECULATIVE


def rupees(amount: str | int) -> Money:
    return Money.rupees(amount)


def sold(head: Head, gain: int, *, on: str = "2026-06-01") -> Sold:
    """One lot with this gain, of a proceeds of ten lakh."""
    day = date.fromisoformat(on)
    bought = {SPEC: day, SHORT: day.replace(month=1 + day.month % 12, year=day.year - 1),
              LONG: day.replace(year=day.year - 3)}[head]  # fmt: skip
    if head is SHORT and bought.replace(year=bought.year + 1) < day:
        bought = day.replace(day=1) if day.day > 1 else bought
    proceeds = rupees(1_000_000)
    return Sold("INE062A01020", "SBIN", 1, bought, proceeds - rupees(gain), day, proceeds)


def left(year: YearTax) -> dict[str, tuple[Money, Money | None]]:
    return {f"{line.head} {line.rate or ''}".strip(): (line.taxable, line.tax)
            for line in year.lines}  # fmt: skip


def test_short_term_gains_bear_20_percent_and_cess():
    year = year_tax(LAW, 2026, [sold(SHORT, 100_000)])
    # 1,00,000 x 20 % = 20,000; 4 % cess = 800
    assert (year.tax, year.cess, year.total) == (rupees(20_000), rupees(800), rupees(20_800))


def test_long_term_gains_bear_12_5_percent_above_a_lakh_and_a_quarter():
    year = year_tax(LAW, 2026, [sold(LONG, 325_000)])
    # (3,25,000 - 1,25,000) x 12.5 % = 25,000; cess 1,000
    assert left(year) == {"long term 0.125": (rupees(200_000), rupees(25_000))}
    assert year.total == rupees(26_000)
    assert [(step.before, step.change, step.after) for step in year.steps] == [
        (ZERO, rupees(325_000), rupees(325_000)),
        (rupees(325_000), rupees(-125_000), rupees(200_000)),
    ]


def test_a_year_of_two_rates_frees_the_higher_one_first():
    # 2024-25: 1,00,000 at 10 % before 23 July 2024 and 2,00,000 at 12.5 % after; 1,25,000 free
    year = year_tax(
        LAW, 2024, [sold(LONG, 100_000, on="2024-06-03"), sold(LONG, 200_000, on="2024-07-23")]
    )
    assert left(year) == {
        "long term 0.10": (rupees(100_000), rupees(10_000)),
        "long term 0.125": (rupees(75_000), rupees(9_375)),
    }
    old = year_tax(LAW, 2023, [sold(LONG, 150_000, on="2023-06-05")])
    assert old.tax == rupees(5_000)  # (1,50,000 - 1,00,000) x 10 %


def test_a_sale_in_july_2024_goes_by_its_day():
    days = ("2024-07-22", "2024-07-23")
    assert [year_tax(LAW, 2024, [sold(SHORT, 1000, on=day)]).tax for day in days] == [
        rupees(150),
        rupees(200),
    ]


def test_a_short_term_loss_meets_short_and_then_long_term_gains():
    year = year_tax(LAW, 2026, [sold(SHORT, 40_000), sold(SHORT, -100_000), sold(LONG, 200_000)])
    # short: 40,000 - 1,00,000 = -60,000; long: 2,00,000 - 60,000 - 1,25,000 = 15,000 x 12.5 %
    assert left(year)["long term 0.125"] == (rupees(15_000), rupees(1_875))
    assert year.carried == ()


def test_a_long_term_loss_never_meets_short_term_gains():
    year = year_tax(LAW, 2026, [sold(SHORT, 40_000), sold(LONG, -100_000)])
    assert year.tax == rupees(8_000)
    assert year.carried == (Loss(LONG, 2026, rupees(100_000)),)
    assert carry_words(LAW, year.carried[0]) == (
        "₹1,00,000.00 long term loss of 2026-27, until 2034-35"
    )


def test_a_long_term_loss_of_the_year_goes_before_a_short_term_one():
    # in two rates: long 10 % -50,000, long 12.5 % +80,000, short -60,000
    year = year_tax(
        LAW,
        2024,
        [
            sold(LONG, -50_000, on="2024-06-03"),
            sold(LONG, 80_000, on="2024-08-05"),
            sold(SHORT, -60_000, on="2024-09-02"),
        ],
    )
    assert year.carried == (Loss(SHORT, 2024, rupees(30_000)),)


def test_a_speculative_loss_meets_speculative_gains_only():
    year = year_tax(LAW, 2026, [sold(SPEC, -30_000), sold(SHORT, 50_000)])
    assert year.tax == rupees(10_000)
    assert year.carried == (Loss(SPEC, 2026, rupees(30_000)),)


def test_speculative_gains_bear_tax_where_a_slab_is_given():
    gains = [sold(SPEC, 10_000)]
    without = year_tax(LAW, 2026, gains)
    assert (without.tax, without.lines[0].tax) == (ZERO, None)
    assert "your slab" in without.lines[0].words
    assert year_tax(LAW, 2026, gains, slab=Decimal("0.30")).total == rupees(3_120)


def test_losses_are_carried_eight_years_and_speculative_ones_four():
    sales = [sold(SHORT, -10_000, on="2018-06-04"), sold(SPEC, -5_000, on="2018-06-04")]
    years = years_until(LAW, 2027, sales)
    assert years[2022].carried == (
        Loss(SHORT, 2018, rupees(10_000)),
    )  # the speculative one lapsed with 2022-23
    assert years[2022].lapsed == (Loss(SPEC, 2018, rupees(5_000)),)
    assert years[2025].carried == (Loss(SHORT, 2018, rupees(10_000)),)
    assert (years[2026].carried, years[2026].lapsed) == ((), (Loss(SHORT, 2018, rupees(10_000)),))


def test_a_carried_loss_is_used_once_and_the_oldest_first():
    sales = [
        sold(SHORT, -10_000, on="2024-09-02"),
        sold(SHORT, -20_000, on="2025-06-02"),
        sold(SHORT, 25_000, on="2026-06-01"),
        sold(SHORT, 25_000, on="2027-06-01"),
    ]
    years = years_until(LAW, 2027, sales)
    assert years[2026].tax == ZERO
    assert years[2026].carried == (Loss(SHORT, 2025, rupees(5_000)),)
    assert years[2027].tax == rupees(4_000)  # (25,000 - 5,000) x 20 %


def test_a_loss_from_before_the_desk_joins_the_first_year():
    years = years_until(
        LAW, 2026, [sold(SHORT, 25_000)], brought=[Loss(SHORT, 2023, rupees(10_000))]
    )
    assert years[2026].tax == rupees(3_000)


def test_surcharge_is_capped_and_bears_cess():
    year = year_tax(LAW, 2026, [sold(SHORT, 100_000)], surcharge=Decimal("0.25"))
    # 20,000 + 15 % = 23,000; cess 4 % of that is 920
    assert (year.surcharge, year.cess, year.total) == (
        rupees(3_000),
        rupees(920),
        rupees(23_920),
    )


def test_a_year_without_sales_is_an_empty_sheet():
    year = year_tax(LAW, 2026, [])
    assert (year.steps, year.lines, year.total) == ((), (), ZERO)


def test_what_is_wrong_is_refused():
    with pytest.raises(BadInput, match="a surcharge of 15 is refused"):
        year_tax(LAW, 2026, [], surcharge=Decimal(15))
    with pytest.raises(BadInput, match=r"no long term rate for a sale on 2017-06-01.*2018-04-01"):
        year_tax(LAW, 2017, [sold(LONG, 1, on="2017-06-01")])
    with pytest.raises(BadInput, match="give more than"):
        Loss(SHORT, 2024, ZERO)


def test_financial_years_run_from_april():
    assert (year_of(date(2027, 3, 31)), year_of(date(2027, 4, 1))) == (2026, 2027)
    assert (first_day(2026), last_day(2026)) == (date(2026, 4, 1), date(2027, 3, 31))
    assert (parse_year("2026-27"), parse_year("2026"), year_words(1999)) == (2026, 2026, "1999-00")
    for wrong in ("2026-28", "26-27", "last year"):
        with pytest.raises(BadInput, match="no financial year; write it as 2026-27"):
            parse_year(wrong)


def test_the_law_names_its_rates():
    assert "12.5 %" in unrealised_tax_words(LAW, 2026)
    assert "2025" in year_tax(LAW, 2026, []).law
    assert "1961" in year_tax(LAW, 2025, []).law


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Head)), st.integers(-300_000, 300_000),
                  st.sampled_from(["2024-06-03", "2024-08-05", "2025-06-02", "2026-06-01"])),
        max_size=12,
    )
)  # fmt: skip
def test_no_rupee_of_a_loss_is_lost_or_used_twice(rows):
    sales = [sold(head, gain, on=day) for head, gain, day in rows]
    years = years_until(LAW, 2026, sales)
    for head in Head:
        gains = total(amount for year in years.values() for h, amount in year.gains if h is head)
        if head is SPEC:
            taxed = total(
                one.taxable for y in years.values() for one in y.lines if one.head is head
            )
            ahead = total(one.amount for one in years[2026].carried if one.head is head)
            assert taxed - ahead == gains
    for year in years.values():
        for step in year.steps:
            assert step.before + step.change == step.after
        assert all(line.taxable >= ZERO for line in year.lines)
        # a set-off within the year writes both sides, so the heads' sum loses only what came
        # from elsewhere: earlier losses and the exemption
        gains = total(amount for _, amount in year.gains)
        ends = total(one.taxable for one in year.lines)
        own = total(one.amount for one in year.carried if one.year == year.year)
        assert ends - own <= gains
