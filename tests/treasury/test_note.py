"""Contract notes and the day's STT."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.domain.money import Money
from core.domain.order import Side
from core.errors import BadInput
from core.providers.charges_file import load_charges
from core.treasury.note import agrees, stt_of_day

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEDULE = load_charges(REPOSITORY / "data" / "charges.json")
NOW = date(2026, 11, 20)


def rupees(text: str | int | float) -> Money:
    return Money.rupees(str(text))


def test_a_note_and_a_day_agree_within_two_rupees_and_two_paise_an_order():
    assert agrees(rupees("113.32"), rupees("115.36"), orders=2)
    assert not agrees(rupees("113.32"), rupees("115.37"), orders=2)


def test_stt_of_a_day_needs_a_trade():
    with pytest.raises(BadInput, match="STT of 0 shares"):
        stt_of_day(SCHEDULE, [], exchange="NSE", on=NOW)


def test_shares_sold_beyond_the_day_s_purchases_pay_delivery_stt():
    # 30 sold, 10 bought, all at 100: 10 intraday x 100 x 0.025 % = 0.25, 20 x 100 x 0.1 % = 2
    day = stt_of_day(
        SCHEDULE,
        [(Side.SELL, 30, rupees(100)), (Side.BUY, 10, rupees(100))],
        exchange="NSE",
        on=NOW,
    )
    assert (day.intraday, day.delivery) == (Decimal("0.25"), Decimal(2))
