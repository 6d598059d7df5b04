"""Every worked example that brokers published, each to the paisa under its own rounding rule.

An example of shares that nothing below works out fails `test_no_example_of_shares_is_left_out`.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.domain.account import Broker
from core.domain.charges import Charges, Exact, Item, Schedule, Security, sum_exact
from core.domain.money import Money
from core.domain.order import Product, Side
from core.providers.charges_file import load_charges
from core.treasury.charges import exact_charges
from core.treasury.note import whole_rupees
from tests.treasury.published import calculator, stt_of_day

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEDULE = load_charges(REPOSITORY / "data" / "charges.json")
EXAMPLES = REPOSITORY.parent / "shared" / "data" / "charges" / "charge_examples.json"
Z, U = Broker.ZERODHA, Broker.UPSTOX
CNC, MIS = Product.CNC, Product.MIS
GST = Decimal("0.18")
Given = dict[str, Any]

# futures and options, which the desk does not trade
NOT_EQUITY = {"Z-CALC-OPT-NSE-2026", "Z-CALC-FUT-NSE-2025B"}


def rupees(text: str | int | float) -> Money:
    return Money.rupees(str(text))


def exact_of(
    one: Given,
    broker: Broker,
    product: Product,
    *,
    on: date,
    schedule: Schedule = SCHEDULE,
    security: Security = Security.SHARE,
) -> list[Exact]:
    return [
        exact_charges(
            schedule,
            broker=broker,
            product=product,
            exchange=one["exchange"],
            side=Side(trade["side"]),
            qty=trade["qty"],
            price=rupees(trade["price"]),
            on=on,
            security=security,
        )
        for trade in one["trades"]
    ]


def same(shown: Charges, expected: Given) -> None:
    names = {"exchange": "exchange_txn"}
    for name in ("brokerage", "stt", "exchange", "sebi", "stamp", "gst"):
        assert getattr(shown, name) == rupees(expected[names.get(name, name)]), name
    assert shown.total == rupees(expected["total"])


def of_the_calculator(product: Product, *days: date) -> Callable[[Given], None]:
    """Sums first, STT and stamp duty to the rupee, the rest to the paisa."""

    def check(one: Given) -> None:
        for on in days:
            same(calculator(exact_of(one, Z, product, on=on)), one["expected"])

    return check


def of_another_broker(one: Given) -> None:
    """Groww takes ₹20 flat here and leaves the investor fund out; stamp stays in paise there."""
    rates = tuple(
        replace(row, fraction=Decimal(0)) if row.item is Item.IPFT else row
        for row in SCHEDULE.rates
    )
    schedule = replace(SCHEDULE, rates=rates)
    exact = exact_of(one, U, CNC, on=date(2025, 6, 2), schedule=schedule)
    same(sum_exact(exact).rounded(), one["expected"])


def of_a_mixed_day(one: Given) -> None:
    """The average over all trades of the share; each tax half up to a rupee."""
    trades = [(Side(t["side"]), t["qty"], rupees(t["price"])) for t in one["trades"]]
    day = stt_of_day(SCHEDULE, trades, exchange="NSE", on=date(2024, 1, 15))
    expected = one["expected"]
    assert day.average_price == Decimal(str(expected["average_price"]))
    assert round(day.intraday, 3) == Decimal(str(expected["stt_intraday_unrounded"]))
    assert day.delivery == Decimal(str(expected["stt_delivery_unrounded"]))
    assert whole_rupees(day.intraday) == rupees(expected["stt_intraday"])
    assert whole_rupees(day.delivery) == rupees(expected["stt_delivery"])


def of_rounding(one: Given) -> None:
    for amount, billed in one["expected"]["cases"]:
        assert whole_rupees(Decimal(str(amount))) == rupees(billed)


def of_a_half_rupee(one: Given) -> None:
    exact = sum_exact(exact_of(one, Z, MIS, on=date(2026, 11, 20)))
    assert exact.stt == Decimal(str(one["expected"]["stt_unrounded"]))
    assert whole_rupees(exact.stt) == rupees(one["expected"]["stt"])


def of_kites_note(one: Given) -> None:
    """Unrounded floats; stamp cut to whole rupees, and GST without the SEBI fee."""
    (exact,) = exact_of(one, Z, CNC, on=date(2023, 6, 1))
    expected = {key: Decimal(str(value)) for key, value in one["expected"].items()}
    gst = exact.exchange * GST
    assert (exact.stt, exact.exchange) == (expected["stt"], expected["exchange_txn"])
    assert (exact.sebi, exact.brokerage) == (expected["sebi"], expected["brokerage"])
    assert (gst, exact.stamp // 1) == (expected["gst"], expected["stamp"])
    assert exact.stt + exact.exchange + exact.sebi + gst == expected["total"]


def of_kites_margin(one: Given) -> None:
    """Unrounded but for stamp, with a stray brokerage of a paisa and its GST."""
    (exact,) = exact_of(one, Z, CNC, on=date(2022, 1, 3))
    expected = {key: Decimal(str(value)) for key, value in one["expected"].items()}
    stray = expected["brokerage"]
    stamp = exact.rounded().stamp.in_rupees
    assert (exact.stt, exact.exchange) == (expected["stt"], expected["exchange_txn"])
    assert (exact.sebi, stamp) == (expected["sebi"], expected["stamp"])
    assert exact.gst + stray * GST == expected["gst"]
    whole = exact.total - exact.stamp + stamp + stray * (1 + GST)
    assert whole == expected["total"]


def of_a_liquid_fund(one: Given) -> None:
    """A note: no STT on such a fund, stamp of 3 paise is no rupee, the fee is one paisa."""
    security = SCHEDULE.security_of("INF769K01LC3", one["trades"][0]["symbol"])
    orders = exact_of(one, Z, CNC, on=date(2024, 11, 13), security=security)
    shown, expected = calculator(orders), one["expected"]
    for name in ("stt", "stamp", "gst"):
        assert getattr(shown, name) == rupees(expected[name])
    assert shown.exchange == rupees(expected["exchange_txn"])
    assert rupees(expected["obligation"]) - shown.total == rupees(expected["net"])


CHECKS: dict[str, Callable[[Given], None]] = {
    "Z-CALC-INTRADAY-NSE-2026": of_the_calculator(MIS, date(2026, 9, 1)),
    "Z-CALC-DELIVERY-NSE-2025B": of_the_calculator(CNC, date(2025, 12, 1), date(2026, 6, 1)),
    "Z-SUPPORT-STT-MIXED": of_a_mixed_day,
    "Z-SUPPORT-STT-ROUNDING": of_rounding,
    "TQ-STT-INTRADAY-2": of_a_half_rupee,
    "GROWW-DELIVERY-2025": of_another_broker,
    "KITE-VCN-SBIN": of_kites_note,
    "KITE-MARGIN-INFY": of_kites_margin,
    "CN-LIQUIDCASE-2024": of_a_liquid_fund,
}


def examples() -> dict[str, Given]:
    if not EXAMPLES.exists():
        pytest.skip("the shared charge examples are not beside this checkout")
    return {row["id"]: row for row in json.loads(EXAMPLES.read_text(encoding="utf-8"))}


@pytest.mark.realdata
@pytest.mark.parametrize("name", CHECKS)
def test_an_example_is_met_to_the_paisa_under_its_own_rule(name: str):
    CHECKS[name](examples()[name])


@pytest.mark.realdata
def test_no_example_of_shares_is_left_out():
    assert set(examples()) - NOT_EQUITY == set(CHECKS)
    assert all("options" in examples()[n]["segment"] or "futures" in examples()[n]["segment"]
               for n in NOT_EQUITY)  # fmt: skip


NSE_FEE = {  # the timeline's own words of a span, and days inside it
    "..2023-03-31": ("2021-06-01", "2023-03-31"),
    "2023-04-01..": ("2023-04-03",),
    "2023..2024-03": ("2023-10-03", "2024-03-28"),
    "2024-04..2024-09-30": ("2024-04-01", "2024-09-30"),
    "2024-10-01..": ("2024-10-01", "2026-02-27"),
}


@pytest.mark.realdata
def test_every_dated_rate_of_shares_is_the_one_of_the_published_timeline():
    file = EXAMPLES.with_name("charge_rates_timeline.json")
    if not file.exists():
        pytest.skip("the shared charge timeline is not beside this checkout")
    rows = json.loads(file.read_text(encoding="utf-8"), parse_float=Decimal)["equity"]
    of = {row.get("component", "stamp"): row for row in rows}

    def rate(item: Item, product: Product, side: Side, on: str, exchange: str = "NSE") -> Decimal:
        day = date.fromisoformat(on)
        return SCHEDULE.rate(item, exchange=exchange, product=product, side=side, on=day)

    for span, days in NSE_FEE.items():
        (said,) = [value for name, value in of["nse_exchange_txn_equity"]["history"]
                   if name == span]  # fmt: skip
        for on in days:
            assert rate(Item.EXCHANGE, CNC, Side.BUY, on) == said, (span, on)
    now, buy, sell = "2026-11-20", Side.BUY, Side.SELL
    assert rate(Item.EXCHANGE, CNC, buy, now, "BSE") == of["bse_exchange_txn_equity"]["value"]
    assert rate(Item.STT, CNC, buy, now) == of["stt_delivery"]["buy"]
    assert rate(Item.STT, CNC, sell, now) == of["stt_delivery"]["sell"]
    assert (rate(Item.STT, MIS, sell, now), rate(Item.STT, MIS, buy, now)) == (
        of["stt_intraday"]["sell"],
        0,
    )
    assert rate(Item.SEBI, CNC, buy, now) == of["sebi"]["value"]
    assert rate(Item.GST, CNC, buy, now) == of["gst"]["value"]
    for on in ("2020-07-01", now):
        assert rate(Item.STAMP, CNC, buy, on) == of["stamp"]["stamp_delivery_buy"]
        assert rate(Item.STAMP, MIS, buy, on) == of["stamp"]["stamp_intraday_buy"]
        assert rate(Item.STAMP, CNC, sell, on) == 0
    # with the investor protection fund folded in, as brokers showed it from 2025
    whole = rate(Item.EXCHANGE, CNC, buy, "2025-06-02") + rate(Item.IPFT, CNC, buy, "2025-06-02")
    assert whole == Decimal("0.0000307")
