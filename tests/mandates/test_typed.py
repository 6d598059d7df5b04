"""An amount in a box: what people type is read as the intake talk reads it, or refused."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.mandates.typed import typed_rupees
from tests.made import rs


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("8,00,000", "800000"), ("5L", "500000"), ("5 lakh", "500000"), ("1.5 cr", "15000000"),
        ("50000", "50000"), ("50000.50", "50000.50"), ("₹ 2,50,000/-", "250000"), ("500", "500"),
        ("800,000", "800000"), ("5 lakh 50 thousand", "550000"), ("five lakh", "500000"),
        ("25 k", "25000"), ("0", "0"), ("2,845.30", "2845.30"), ("5 lakh only", "500000"),
    ],
)  # fmt: skip
def test_an_amount_is_read_in_the_words_it_is_typed_in(typed: str, amount: str) -> None:
    assert typed_rupees(typed) == rs(amount)


@pytest.mark.parametrize(
    "typed",
    ["8,00,00", "1,23", "-500", "5%", "abc", "12 stocks", "50k a month", "2 lakh or 3", "1e5"],
)
def test_what_is_no_single_amount_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(BadInput, match=r"is no amount of rupees; write 50,000, 5 lakh or 1\.5 cr"):
        typed_rupees(typed, name="lump sum")


def test_an_empty_box_says_what_to_write() -> None:
    with pytest.raises(BadInput, match="lump sum: nothing is typed; write rupees, such as 50,000"):
        typed_rupees("  ", name="lump sum")
