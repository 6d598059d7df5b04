from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import Money, total
from core.domain.order import Fill, Product
from core.errors import BadInput
from core.treasury.lots import Term, fifo

SBIN = "INE062A01020"


def fill(day: str, qty: int, price: int, *, clock: int = 5) -> Fill:
    at = datetime.fromisoformat(day).replace(hour=clock, tzinfo=UTC)
    trade = f"{day}{clock}{qty}"
    return Fill("o", trade, "NSE", "a", SBIN, "SBIN", qty, Money.rupees(price), Product.CNC, at)


def test_the_oldest_shares_are_sold_first():
    left, closed = fifo(
        [fill("2026-01-05", 10, 100), fill("2026-02-05", 10, 120), fill("2026-03-05", -15, 150)]
    )
    # 10 x (150 - 100) + 5 x (150 - 120)
    assert [(lot.qty, lot.gain) for lot in closed] == [
        (10, Money.rupees(500)),
        (5, Money.rupees(150)),
    ]
    assert [(lot.qty, lot.price, lot.bought_on) for lot in left] == [
        (5, Money.rupees(120), date(2026, 2, 5))
    ]


def test_a_day_s_own_purchases_are_matched_first_even_when_sold_before():
    left, closed = fifo(
        [
            fill("2026-01-05", 10, 100),
            fill("2026-02-05", -4, 130, clock=4),
            fill("2026-02-05", 4, 120, clock=6),
        ]
    )
    assert [(lot.term, lot.gain) for lot in closed] == [(Term.INTRADAY, Money.rupees(40))]
    assert [(lot.qty, lot.bought_on) for lot in left] == [(10, date(2026, 1, 5))]


@pytest.mark.parametrize(
    ("bought", "sold", "term"),
    [
        ("2025-03-05", "2025-03-06", Term.SHORT),
        ("2025-03-05", "2026-03-05", Term.SHORT),
        ("2025-03-05", "2026-03-06", Term.LONG),
        ("2024-02-29", "2025-02-28", Term.SHORT),
        ("2024-02-29", "2025-03-03", Term.LONG),
    ],
)
def test_a_gain_is_long_term_after_more_than_twelve_months(bought: str, sold: str, term: Term):
    _, closed = fifo([fill(bought, 1, 100), fill(sold, -1, 90)])
    assert closed[0].term is term
    assert closed[0].gain == Money.rupees(-10)


def test_selling_what_was_never_bought_is_refused():
    with pytest.raises(BadInput, match="SBIN: 3 sold on 2026-01-06 and 2 bought before"):
        fifo([fill("2026-01-05", 2, 100), fill("2026-01-06", -3, 100)])


@given(st.lists(st.tuples(st.integers(1, 28), st.integers(1, 9), st.integers(1, 500)), max_size=9))
def test_shares_and_gains_are_neither_lost_nor_made(trades):
    bought = [
        fill(f"2026-01-{day:02d}", qty, price, clock=place)
        for place, (day, qty, price) in enumerate(trades)
    ]
    everything = sum(one.qty for one in bought)
    sold = [fill("2026-02-05", -everything, 300)] if everything else []
    left, closed = fifo(bought + sold)
    assert left == ()
    assert sum(lot.qty for lot in closed) == everything
    proceeds = Money.rupees(300) * everything
    assert total(lot.gain for lot in closed) == proceeds - total(one.notional for one in bought)
