from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.account import Broker
from core.domain.charges import Charges, Exact, Item, Security
from core.domain.money import ZERO, Money
from core.domain.order import Product, Side
from core.errors import BadInput
from core.providers.charges_file import load_charges
from core.treasury.charges import (
    charges,
    charges_on,
    dp_charge,
    exact_charges,
    fill_charges,
)
from core.treasury.note import contract_note, whole_rupees
from core.treasury.quote import Terms, charge_quote

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEDULE = load_charges(REPOSITORY / "data" / "charges.json")
NOW = date(2026, 11, 20)
Z, U, F = Broker.ZERODHA, Broker.UPSTOX, Broker.FYERS
CNC, MIS = Product.CNC, Product.MIS


def rupees(text: str | int | float) -> Money:
    return Money.rupees(str(text))


def legs(
    broker: Broker,
    product: Product,
    qty: int,
    entry: str,
    exit_: str,
    *,
    exchange: str = "NSE",
    on: date = NOW,
    schedule=SCHEDULE,
) -> list[Exact]:
    return [
        exact_charges(
            schedule,
            broker=broker,
            product=product,
            exchange=exchange,
            side=side,
            qty=qty,
            price=rupees(price),
            on=on,
        )
        for side, price in ((Side.BUY, entry), (Side.SELL, exit_))
    ]


# case, broker, product, qty, entry, exit, exchange: stt, stamp, exchange and SEBI, brokerage,
# GST, total with paise, total on the note
GOLDEN = [
    (1, Z, CNC, 100, "500", "520", "NSE", "102.00 7.50 3.23 0 0.59 113.32 113.82"),
    (2, Z, MIS, 100, "1500", "1510", "NSE", "37.75 4.50 9.54 40.00 8.92 100.71 101.46"),
    (3, Z, MIS, 100, "100", "101", "NSE", "2.53 0.30 0.64 6.03 1.20 10.70 10.87"),
    (4, U, MIS, 50, "400", "402", "NSE", "5.03 0.60 1.27 40.00 7.42 54.32 54.69"),
    (5, F, CNC, 200, "120", "126", "NSE", "49.20 3.60 1.56 40.00 7.48 101.84 102.04"),
    (6, F, MIS, 1000, "200", "199", "NSE", "49.75 6.00 12.65 40.00 9.48 117.88 118.13"),
    (7, U, CNC, 10, "1000", "1050", "NSE", "20.50 1.50 0.65 40.00 7.32 69.97 70.97"),
    (8, Z, MIS, 500, "800", "790", "BSE", "98.75 12.00 30.61 40.00 12.71 194.07 -"),
]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: f"case {case[0]}")
def test_a_round_trip_costs_what_the_market_says(case):
    _, broker, product, qty, entry, exit_, exchange, expected = case
    stt, stamp, fees, brokerage, gst, paisa, note = expected.split()
    of = Terms(broker, product, NOW, exchange)
    cost = charge_quote(SCHEDULE, of, qty=qty, buy=rupees(entry), sell=rupees(exit_)).paisa
    assert cost.stt == rupees(stt)
    assert cost.stamp == rupees(stamp)
    assert cost.exchange + cost.sebi == rupees(fees)
    assert cost.brokerage == rupees(brokerage)
    assert cost.gst == rupees(gst)
    assert cost.total == rupees(paisa)
    if note != "-":
        shown = contract_note(legs(broker, product, qty, entry, exit_, exchange=exchange))
        assert shown.total == rupees(note)


def test_the_dp_charge_is_added_to_a_delivery_sale_once():
    whole = charge_quote(SCHEDULE, Terms(Z, CNC, NOW), qty=100, buy=rupees(500), sell=rupees(520))
    assert whole.total == rupees("128.66")
    assert whole.dp == rupees("15.34")  # 13 + 18 %


def test_case_9_the_broker_s_own_sample_note_of_2023():
    # 1 SBIN at 560: stt 0.56, fee 0.01876, SEBI 0.00056, GST 18 % of 0.01932 = 0.0034776
    exact = exact_charges(
        SCHEDULE,
        broker=Z,
        product=CNC,
        exchange="NSE",
        side=Side.BUY,
        qty=1,
        price=rupees(560),
        on=date(2023, 6, 1),
    )
    assert exact.exchange + exact.sebi == Decimal("0.01932")
    assert exact.stamp == Decimal("0.084")
    assert whole_rupees(exact.stamp) == ZERO


def test_paper_costs_what_zerodha_costs():
    def cost(broker: Broker) -> Charges:
        return charges(
            SCHEDULE,
            broker=broker,
            product=CNC,
            exchange="NSE",
            side=Side.SELL,
            qty=10,
            price=rupees(100),
            on=NOW,
        )

    assert cost(Broker.PAPER) == cost(Z)


@pytest.mark.parametrize(
    ("broker", "on", "paid"),
    [
        (Z, NOW, "15.34"),
        (Z, date(2024, 9, 30), "15.93"),
        (U, NOW, "23.60"),
        (F, NOW, "4.13"),
    ],
)
def test_the_dp_charge_carries_its_own_gst(broker: Broker, on: date, paid: str):
    assert dp_charge(SCHEDULE, broker=broker, on=on) == rupees(paid)


def test_no_dp_charge_on_intraday_or_on_a_purchase():
    within = charge_quote(SCHEDULE, Terms(Z, MIS, NOW), qty=1, sell=rupees(100))
    bought = charge_quote(SCHEDULE, Terms(Z, CNC, NOW), qty=1, buy=rupees(100))
    assert within.dp == bought.dp == ZERO


@pytest.mark.parametrize(
    ("on", "exchange", "fund"),
    [
        ("2022-01-03", "34.5", "0"),
        ("2024-09-30", "32.2", "0"),
        ("2024-10-01", "29.7", "1"),
        ("2026-02-28", "29.7", "1"),
        ("2026-03-01", "30.699", "0.001"),
    ],
)
def test_the_rate_of_a_day_is_the_newest_one_begun(on: str, exchange: str, fund: str):
    # ₹10 lakh of turnover
    exact = exact_charges(
        SCHEDULE,
        broker=Z,
        product=CNC,
        exchange="NSE",
        side=Side.SELL,
        qty=1000,
        price=rupees(1000),
        on=date.fromisoformat(on),
    )
    assert (exact.exchange, exact.ipft) == (Decimal(exchange), Decimal(fund))


def test_a_day_before_the_schedule_is_refused_with_both_dates():
    with pytest.raises(BadInput, match=r"for 2017-06-30; it begins on 2017-07-01"):
        legs(Z, CNC, 1, "100", "100", on=date(2017, 6, 30))
    with pytest.raises(BadInput, match=r"no stt rate of a NSE CNC BUY.*no day has one"):
        legs(Z, CNC, 1, "100", "100", schedule=replace(SCHEDULE, rates=()))


@pytest.mark.parametrize(("qty", "price"), [(0, "100"), (-5, "100"), (5, "0")])
def test_charges_of_nothing_are_refused(qty: int, price: str):
    with pytest.raises(BadInput, match=r"give 1 share or more above ₹0\.00"):
        legs(Z, CNC, qty, price, "100")


def test_items_are_named_and_add_up():
    one = Charges(brokerage=rupees(20), gst=rupees("3.60"))
    assert dict(one.items)["brokerage"] == rupees(20)
    assert [name for name, _ in one.items] == [
        "brokerage",
        "stt",
        "exchange",
        "sebi",
        "stamp",
        "gst",
        "dp",
    ]
    assert (one + one).total == rupees("47.20")


@given(
    broker=st.sampled_from(Broker),
    product=st.sampled_from(Product),
    side=st.sampled_from(Side),
    exchange=st.sampled_from(["NSE", "BSE"]),
    qty=st.integers(1, 100_000),
    paise=st.integers(1, 10_000_000),
    on=st.dates(date(2017, 7, 1), date(2026, 12, 31)),
)
def test_booked_charges_never_lie_far_from_exact_ones(
    broker, product, side, exchange, qty, paise, on
):
    given_ = {
        "broker": broker,
        "product": product,
        "side": side,
        "exchange": exchange,
        "qty": qty,
        "price": Money(paise),
        "on": on,
    }
    exact = exact_charges(SCHEDULE, **given_)
    booked = charges(SCHEDULE, **given_)
    assert all(amount >= ZERO for _, amount in booked.items)
    # seven items, each rounded by half a paisa at most
    assert abs(booked.total.in_rupees - exact.total) <= Decimal("0.035")


@given(
    broker=st.sampled_from(Broker),
    product=st.sampled_from(Product),
    side=st.sampled_from(Side),
    parts=st.lists(st.integers(1, 50_000_000), min_size=1, max_size=6),
)
def test_an_order_filled_in_parts_costs_what_it_costs_filled_at_once(broker, product, side, parts):
    terms = {
        "broker": broker,
        "product": product,
        "side": side,
        "exchange": "NSE",
        "on": NOW,
    }
    booked, before = Charges(), ZERO
    for part in parts:
        booked += fill_charges(SCHEDULE, before=before, traded=Money(part), **terms)
        before += Money(part)
    assert booked == charges_on(SCHEDULE, turnover=before, **terms).rounded()


def test_a_fill_of_nothing_is_refused():
    with pytest.raises(BadInput, match=r"a fill of ₹0\.00 after ₹1\.00"):
        fill_charges(
            SCHEDULE,
            broker=Z,
            product=MIS,
            exchange="NSE",
            side=Side.BUY,
            before=rupees(1),
            traded=ZERO,
            on=NOW,
        )


@pytest.mark.parametrize(
    ("group", "fee"),
    [("", "37.50"), ("A", "37.50"), ("T", "37.50"), ("SME", "27.50"), ("XT", "1000"),
     ("Z", "1000"), ("ZP", "10000")],
)  # fmt: skip
def test_the_fee_at_bse_goes_by_the_group(group: str, fee: str):
    # ₹10 lakh of turnover; ₹375, ₹275, ₹10,000 and ₹1,00,000 a crore
    exact = charges_on(
        SCHEDULE,
        broker=Z,
        product=CNC,
        exchange="BSE",
        side=Side.BUY,
        turnover=rupees(1_000_000),
        on=NOW,
        group=group,
    )
    assert exact.exchange == Decimal(fee)


def test_a_group_that_no_row_names_is_refused():
    with pytest.raises(BadInput, match="no exchange rate of a BSE group Q CNC BUY"):
        charges_on(
            SCHEDULE,
            broker=Z,
            product=CNC,
            exchange="BSE",
            side=Side.BUY,
            turnover=rupees(100),
            on=NOW,
            group="Q",
        )


@pytest.mark.parametrize(
    ("symbol", "product", "side", "stt"),
    [
        ("NIFTYBEES", CNC, Side.SELL, "10"),  # 0.001 % of ₹10 lakh
        ("NIFTYBEES", CNC, Side.BUY, "0"),
        ("NIFTYBEES", MIS, Side.SELL, "250"),  # 0.025 %
        ("GOLDBEES", CNC, Side.SELL, "0"),
        ("GOLDBEES", MIS, Side.SELL, "0"),
    ],
)
def test_units_of_funds_pay_their_own_stt(symbol: str, product: Product, side: Side, stt: str):
    security = SCHEDULE.security_of("INF204KB14I2", symbol)
    exact = charges_on(
        SCHEDULE,
        broker=Z,
        product=product,
        exchange="NSE",
        side=side,
        turnover=rupees(1_000_000),
        on=NOW,
        security=security,
    )
    assert exact.stt == Decimal(stt)


def test_a_share_with_gold_in_its_symbol_is_no_fund():
    assert SCHEDULE.security_of("INE229H01020", "GOLDIAM") is Security.SHARE


def test_every_row_that_holds_can_be_named_with_its_source():
    row = SCHEDULE.row(Item.EXCHANGE, exchange="NSE", product=CNC, side=Side.BUY, on=NOW)
    assert (row.valid_from, "NSE/FA/73061" in row.source) == (date(2026, 3, 1), True)
