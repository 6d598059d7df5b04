"""What the back office remembers: costs of what is held, first in first out."""

from __future__ import annotations

from datetime import date

from core.domain.money import ZERO
from core.exchange.values import Credited, DayOpened, TermsChanged
from core.sandbox.record import Record
from tests.made import MIDCO, T0, rs

ISIN = MIDCO.isin


def folded(*events: object) -> Record:
    record = Record()
    for event in events:
        record.apply(event)  # type: ignore[arg-type]
    return record


def test_the_oldest_purchase_leaves_first() -> None:
    record = folded(
        Credited(T0, ISIN, 10, rs("100")),
        Credited(T0, ISIN, 10, rs("200")),
        Credited(T0, ISIN, -15),
    )
    assert record.average_cost(ISIN) == 200
    assert [lot.qty for lot in record.lots[ISIN]] == [5]


def test_shares_nobody_priced_cost_nothing_known() -> None:
    assert folded(Credited(T0, ISIN, 10)).average_cost(ISIN) == 0


def test_a_split_keeps_what_was_paid() -> None:
    record = folded(
        DayOpened(T0, date(2026, 11, 23)),
        Credited(T0, ISIN, 10, rs("1000")),
        TermsChanged(T0, "a1", ISIN, "split", 5, 1, 10, 50, ZERO),
    )
    assert (record.lots[ISIN][0].qty, record.average_cost(ISIN)) == (50, 200)
