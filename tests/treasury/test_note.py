"""Contract notes, the day's STT and the worked examples that brokers have published."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from core.domain.account import Broker
from core.domain.charges import Exact, Item, Schedule, sum_exact
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.errors import BadInput
from core.providers.charges_file import load_charges
from core.treasury.charges import exact_charges
from core.treasury.note import agrees, calculator, stt_of_day, whole_rupees

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEDULE = load_charges(REPOSITORY / "data" / "charges.json")
EXAMPLES = REPOSITORY.parent / "shared" / "data" / "charges" / "charge_examples.json"
NOW = date(2026, 11, 20)
Z, U = Broker.ZERODHA, Broker.UPSTOX
CNC, MIS = Product.CNC, Product.MIS


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


def example(name: str) -> dict:
    if not EXAMPLES.exists():
        pytest.skip("the shared charge examples are not beside this checkout")
    found = {row["id"]: row for row in json.loads(EXAMPLES.read_text(encoding="utf-8"))}
    return found[name]


def shown(
    given_: dict, broker: Broker, product: Product, *, on: date, schedule: Schedule = SCHEDULE
) -> list[Exact]:
    return [
        exact_charges(
            schedule,
            broker=broker,
            product=product,
            exchange=given_["exchange"],
            side=Side(trade["side"]),
            qty=trade["qty"],
            price=rupees(trade["price"]),
            on=on,
        )
        for trade in given_["trades"]
    ]


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "product", "on"),
    [
        ("Z-CALC-INTRADAY-NSE-2026", MIS, date(2026, 9, 1)),
        ("Z-CALC-DELIVERY-NSE-2025B", CNC, date(2025, 12, 1)),
        ("Z-CALC-DELIVERY-NSE-2025B", CNC, date(2026, 6, 1)),
    ],
)
def test_the_broker_s_web_calculator_is_met_to_the_paisa(name: str, product: Product, on: date):
    given_ = example(name)
    panel = calculator(shown(given_, Z, product, on=on))
    expected = given_["expected"]
    assert panel.brokerage == rupees(expected["brokerage"])
    assert panel.stt == rupees(expected["stt"])
    assert panel.exchange == rupees(expected["exchange_txn"])
    assert panel.sebi == rupees(expected["sebi"])
    assert panel.stamp == rupees(expected["stamp"])
    assert panel.gst == rupees(expected["gst"])
    assert panel.total == rupees(expected["total"])


@pytest.mark.realdata
def test_another_broker_s_screenshot_without_the_investor_fund_is_met():
    # Groww takes ₹20 flat on this turnover and leaves the fund out; stamp stays in paise there
    given_ = example("GROWW-DELIVERY-2025")
    rates = tuple(
        replace(row, fraction=Decimal(0)) if row.item is Item.IPFT else row
        for row in SCHEDULE.rates
    )
    schedule = replace(SCHEDULE, rates=rates)
    exact = sum_exact(shown(given_, U, CNC, on=date(2025, 6, 2), schedule=schedule))
    expected = given_["expected"]
    seen = exact.rounded()
    assert seen.brokerage == rupees(expected["brokerage"])
    assert seen.exchange == rupees(expected["exchange_txn"])
    assert (seen.stt, seen.stamp) == (rupees(expected["stt"]), rupees(expected["stamp"]))
    assert (seen.sebi, seen.gst) == (rupees(expected["sebi"]), rupees(expected["gst"]))
    # its panel adds 40 + 125 + 3.71 + 0.13 + 7.50 + 7.89 = 184.23
    assert seen.total == rupees(expected["total"])


@pytest.mark.realdata
def test_stt_of_a_mixed_day_is_the_broker_s_own_example():
    given_ = example("Z-SUPPORT-STT-MIXED")
    trades = [(Side(t["side"]), t["qty"], rupees(t["price"])) for t in given_["trades"]]
    day = stt_of_day(SCHEDULE, trades, exchange="NSE", on=date(2024, 1, 15))
    expected = given_["expected"]
    assert day.average_price == Decimal(str(expected["average_price"]))
    assert round(day.intraday, 3) == Decimal(str(expected["stt_intraday_unrounded"]))
    assert day.delivery == Decimal(str(expected["stt_delivery_unrounded"]))
    assert whole_rupees(day.intraday) == rupees(expected["stt_intraday"])
    assert whole_rupees(day.delivery) == rupees(expected["stt_delivery"])


@pytest.mark.realdata
def test_stt_is_rounded_half_up_to_the_rupee():
    for amount, billed in example("Z-SUPPORT-STT-ROUNDING")["expected"]["cases"]:
        assert whole_rupees(Decimal(str(amount))) == rupees(billed)
    exact = sum_exact(shown(example("TQ-STT-INTRADAY-2"), Z, MIS, on=NOW))
    assert exact.stt == Decimal("2.525")
    assert whole_rupees(exact.stt) == rupees(3)


@pytest.mark.realdata
def test_the_broker_s_api_samples_are_met_unrounded():
    given_ = example("KITE-VCN-SBIN")
    (exact,) = shown(given_, Z, CNC, on=date(2023, 6, 1))
    expected = {key: Decimal(str(value)) for key, value in given_["expected"].items()}
    assert (exact.stt, exact.exchange) == (expected["stt"], expected["exchange_txn"])
    assert exact.sebi == expected["sebi"]
    # its GST leaves the SEBI fee out: 18 % of 0.01876; ours is 0.0001 more
    assert abs(exact.gst - expected["gst"]) < Decimal("0.0002")
    without_stamp = exact.total - exact.stamp
    assert abs(without_stamp - expected["total"]) < Decimal("0.0002")

    given_ = example("KITE-MARGIN-INFY")
    (exact,) = shown(given_, Z, CNC, on=date(2022, 1, 3))
    expected = {key: Decimal(str(value)) for key, value in given_["expected"].items()}
    assert (exact.stt, exact.exchange) == (expected["stt"], expected["exchange_txn"])
    assert exact.sebi == expected["sebi"]
    assert exact.rounded().stamp == Money.rupees(expected["stamp"])
    # the sample carries a stray brokerage of 0.01 and its GST
    stray = expected["brokerage"] * Decimal("1.18")
    assert abs(exact.total - exact.stamp + expected["stamp"] + stray - expected["total"]) < (
        Decimal("0.000001")
    )


@pytest.mark.realdata
def test_the_exchange_fee_of_a_tiny_order_is_a_paisa_on_the_note():
    # a liquid fund pays neither STT nor stamp, which the schedule of shares does not know
    given_ = example("CN-LIQUIDCASE-2024")
    (exact,) = shown(given_, Z, CNC, on=date(2024, 11, 13))
    assert exact.rounded().exchange == rupees(given_["expected"]["exchange_txn"])
    assert exact.rounded().gst == ZERO
