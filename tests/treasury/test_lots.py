"""Lots by hand: the oldest first, the day's own first, and what companies do to them."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import ZERO, Money, total
from core.errors import BadInput
from core.treasury.fifo import families, fifo
from core.treasury.lots import Change, ChangeKind, Term, Trade, Valued, term_of

SBIN, NEW, CHILD = "INE062A01020", "INE062A01038", "INE155A01022"
K = ChangeKind


def rupees(amount: str | int) -> Money:
    return Money.rupees(amount)


def trade(day: str, qty: int, price: int, *, paid: str = "0", stt: str = "0") -> Trade:
    value = rupees(price) * abs(qty)
    on = date.fromisoformat(day)
    return Trade(SBIN, "SBIN", on, qty, value, rupees(paid), rupees(stt), f"{day}:{qty}")


def change(kind: ChangeKind, day: str, new: int, *, to: str = SBIN, **more) -> Change:
    return Change(kind, SBIN, to, "SBIN", date.fromisoformat(day), new, **more)


def test_the_oldest_shares_are_sold_first():
    book = fifo(
        [trade("2026-01-05", 10, 100), trade("2026-02-05", 10, 120), trade("2026-03-05", -15, 150)]
    )
    # 10 x (150 - 100) and 5 x (150 - 120)
    assert [(one.qty, one.gain) for one in book.sold] == [(10, rupees(500)), (5, rupees(150))]
    assert [(lot.qty, lot.cost, lot.acquired_on) for lot in book.lots] == [
        (5, rupees(600), date(2026, 2, 5))
    ]


def test_a_day_s_own_purchases_are_matched_first_even_when_sold_before():
    book = fifo(
        [trade("2026-01-05", 10, 100), trade("2026-02-05", -4, 130), trade("2026-02-05", 4, 120)]
    )
    assert [(one.term, one.gain) for one in book.sold] == [(Term.INTRADAY, rupees(40))]
    assert [(lot.qty, lot.acquired_on) for lot in book.lots] == [(10, date(2026, 1, 5))]


def test_a_short_within_the_day_is_speculative():
    # sold 5 at 110, bought back at 104: 5 x 6 = 30, less 1.50 of charges and 0.14 of STT
    book = fifo(
        [
            trade("2026-02-05", -5, 110, paid="1.00", stt="0.14"),
            trade("2026-02-05", 5, 104, paid="0.50"),
        ]
    )
    assert book.lots == ()
    (one,) = book.sold
    assert (one.term, one.gain, one.taxable) == (Term.INTRADAY, rupees(30), rupees("28.36"))


def test_what_is_sold_beyond_the_day_s_purchases_comes_from_older_lots():
    book = fifo(
        [trade("2024-01-05", 10, 100), trade("2026-02-05", 4, 120), trade("2026-02-05", -6, 130)]
    )
    assert [(one.qty, one.term) for one in book.sold] == [(2, Term.LONG), (4, Term.INTRADAY)]


@pytest.mark.parametrize(
    ("bought", "sold", "term"),
    [
        ("2025-03-05", "2025-03-06", Term.SHORT),
        ("2025-03-05", "2026-03-05", Term.SHORT),
        ("2025-03-05", "2026-03-06", Term.LONG),
        ("2024-02-29", "2025-03-01", Term.SHORT),  # twelve months to the day, and not more
        ("2024-02-29", "2025-03-02", Term.LONG),
    ],
)
def test_a_gain_is_long_term_after_more_than_twelve_months(bought: str, sold: str, term: Term):
    (one,) = fifo([trade(bought, 1, 100), trade(sold, -1, 90)]).sold
    assert (one.term, one.gain) == (term, rupees(-10))
    assert term_of(date.fromisoformat(bought), date.fromisoformat(sold)) is term


def test_stt_counts_within_the_day_and_other_charges_always():
    # 10 x (130 - 100) = 300 less 2 + 3 of charges; the STT of 1 + 1.30 is not deducted
    (one,) = fifo(
        [
            trade("2026-01-05", 10, 100, paid="2", stt="1"),
            trade("2026-03-05", -10, 130, paid="3", stt="1.30"),
        ]
    ).sold
    assert (one.term, one.taxable) == (Term.SHORT, rupees(295))


def test_selling_what_was_never_bought_is_refused():
    with pytest.raises(BadInput, match="SBIN: 3 sold on 2026-01-06 and 2 bought before"):
        fifo([trade("2026-01-05", 2, 100), trade("2026-01-06", -3, 100)])


def test_a_split_keeps_cost_and_day_and_takes_the_new_isin():
    book = fifo(
        [
            trade("2025-01-06", 10, 1000),
            change(K.SPLIT, "2025-08-01", 50, to=NEW),
            Trade(NEW, "SBIN", date(2026, 2, 2), -20, rupees(250) * 20),
        ]
    )
    (one,) = book.sold
    # 20 of 50 shares for 10,000 cost 4,000 and brought 5,000
    assert (one.cost, one.gain, one.term) == (rupees(4000), rupees(1000), Term.LONG)
    assert [(lot.isin, lot.qty, lot.cost) for lot in book.lots] == [(NEW, 30, rupees(6000))]


def test_a_consolidation_leaves_the_cost_of_fractions_with_whole_shares():
    book = fifo(
        [
            trade("2025-01-06", 14, 10),
            trade("2025-02-06", 1, 12),
            change(K.SPLIT, "2025-08-01", 1),
        ]
    )
    assert [(lot.qty, lot.cost) for lot in book.lots] == [(1, rupees(152))]


def test_bonus_shares_cost_nothing_and_count_from_their_own_day():
    book = fifo(
        [
            trade("2025-01-06", 10, 100),
            change(K.BONUS, "2025-08-01", 10),
            trade("2026-02-02", -15, 80),
        ]
    )
    # the 10 bought ones at 100: -200, long term; 5 bonus ones at nothing: +400, short term
    assert [(one.qty, one.gain, one.term) for one in book.sold] == [
        (10, rupees(-200), Term.LONG),
        (5, rupees(400), Term.SHORT),
    ]
    assert [(lot.qty, lot.cost, lot.how) for lot in book.lots] == [(5, ZERO, "bonus")]


def test_a_bonus_sold_on_its_day_is_not_intraday():
    (one,) = fifo(
        [
            trade("2025-01-06", 2, 100),
            change(K.BONUS, "2025-01-06", 2),
            trade("2025-01-06", -2, 90),
        ]
    ).sold[:1]
    assert one.term is Term.INTRADAY  # the day's own purchase goes first
    book = fifo([trade("2025-01-03", 2, 100), change(K.BONUS, "2025-01-06", 2),
                 trade("2025-01-06", -4, 90)])  # fmt: skip
    assert [one.term for one in book.sold] == [Term.SHORT, Term.SHORT]


def test_rights_cost_what_was_paid_and_count_from_their_own_day():
    book = fifo([trade("2025-01-06", 10, 100), change(K.RIGHTS, "2025-08-01", 2, paid=rupees(140))])
    assert [(lot.qty, lot.cost, lot.acquired_on, lot.how) for lot in book.lots] == [
        (10, rupees(1000), date(2025, 1, 6), "bought"),
        (2, rupees(140), date(2025, 8, 1), "rights"),
    ]


def test_a_demerger_splits_the_cost_and_keeps_the_day():
    # 31.72 % of 1,000 goes with the business: 317.20, and 682.80 stays
    leaves = Fraction(3172, 10_000)
    book = fifo(
        [
            trade("2025-01-06", 10, 100),
            change(K.DEMERGER, "2025-10-14", 10, to=CHILD, leaves=leaves),
            Trade(CHILD, "TMCV", date(2026, 2, 2), -10, rupees(50) * 10),
        ]
    )
    assert [(lot.isin, lot.cost) for lot in book.lots] == [(SBIN, rupees("682.80"))]
    (one,) = book.sold
    assert (one.gain, one.term) == (rupees("182.80"), Term.LONG)


def test_a_merger_carries_cost_and_day_into_the_other_company():
    book = fifo([trade("2022-01-06", 25, 2000), change(K.MERGER, "2023-07-13", 42, to=CHILD)])
    assert [(lot.isin, lot.qty, lot.cost, lot.acquired_on) for lot in book.lots] == [
        (CHILD, 42, rupees(50_000), date(2022, 1, 6))
    ]


@pytest.mark.parametrize(
    ("bought_at", "fair", "sold_at", "taxable"),
    [
        (100, 150, 200, 50),  # stepped up to 150
        (100, 150, 120, 0),  # stepped up to what was got, so no loss is made
        (100, 80, 120, 20),  # the cost is higher
        (100, 150, 90, -10),  # a loss stays the true one
    ],
)
def test_shares_from_before_february_2018_count_at_that_january_s_price(
    bought_at: int, fair: int, sold_at: int, taxable: int
):
    (one,) = fifo(
        [
            trade("2016-05-05", 1, bought_at),
            Valued(SBIN, rupees(fair)),
            trade("2025-05-05", -1, sold_at),
        ]
    ).sold
    assert one.taxable == rupees(taxable)


def test_a_lot_says_when_it_becomes_long():
    (lot,) = fifo([trade("2026-01-05", 2, 100)]).lots
    assert lot.long_from == date(2027, 1, 6)


def test_shares_that_came_out_of_one_another_are_counted_together():
    events = [
        trade("2025-01-06", 10, 100),
        change(K.DEMERGER, "2025-10-14", 10, to=CHILD, leaves=Fraction(1, 2)),
        Trade(CHILD, "TMCV", date(2026, 2, 2), -10, rupees(50)),
        Trade("INE002A01018", "RELIANCE", date(2026, 2, 2), 1, rupees(50)),
    ]
    assert sorted(len(one) for one in families(events)) == [1, 3]


@given(
    st.lists(
        st.tuples(st.integers(1, 28), st.integers(1, 40), st.integers(1, 50_000)),
        min_size=1,
        max_size=9,
    ),
    st.lists(st.integers(1, 60), max_size=5),
    st.sampled_from([None, K.SPLIT, K.BONUS, K.DEMERGER]),
)
def test_neither_shares_nor_cost_are_lost_or_made(bought, sold, kind):
    trades = [
        Trade(SBIN, "SBIN", date(2026, 1, day), qty, Money(paise), Money(paise // 7))
        for day, qty, paise in bought
    ]
    shares, events = sum(one.qty for one in trades), list(trades)
    if kind is not None:
        new = shares * 3 if kind is K.SPLIT else shares
        events.append(
            Change(kind, SBIN, CHILD if kind is K.DEMERGER else SBIN, "SBIN",
                   date(2026, 2, 1), new, leaves=Fraction(1, 3))
        )  # fmt: skip
        shares = {K.SPLIT: shares * 3, K.BONUS: shares * 2, K.DEMERGER: shares}[kind]
    left, gone = shares, []
    for place, qty in enumerate(sold):
        qty = min(qty, left)
        if qty:
            gone.append(Trade(SBIN, "SBIN", date(2026, 3, 1 + place), -qty, Money(qty * 31)))
            left -= qty
    book = fifo(events + gone)
    mine = [lot for lot in book.lots if lot.isin == SBIN]
    assert sum(lot.qty for lot in mine) == left
    assert sum(one.qty for one in book.sold) == sum(-one.qty for one in gone)
    cost = total(lot.cost for lot in book.lots) + total(one.cost for one in book.sold)
    assert cost == total(one.value for one in trades)
    expenses = total(lot.expenses for lot in book.lots) + total(s.expenses for s in book.sold)
    assert expenses == total(one.expenses for one in trades)
    assert total(one.proceeds for one in book.sold) == total(one.value for one in gone)
