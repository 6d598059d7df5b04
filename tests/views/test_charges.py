from dataclasses import replace
from datetime import date

from core.views.charges import Asked, charges_view, groups_of
from tests.made import rs

ASKED = Asked("CNC", "NSE", "", "share", 100, rs("500"), rs("520"), date(2026, 11, 20))


def at(view, item: str):
    return next(row for row in view.rows if row.item == item)


def test_three_brokers_stand_side_by_side_with_both_roundings():
    view = charges_view(ASKED)
    both, note, all_in = (at(view, name) for name in
                          ("Both orders", "As a contract note shows it", "All in all"))  # fmt: skip
    assert (both.zerodha.text, note.zerodha.text, all_in.zerodha.text) == (
        "₹113.32",
        "₹113.82",
        "₹128.66",
    )
    # Upstox: ₹20 flat twice and 18 % on it, 47.20 more than Zerodha, and a DP charge of 23.60
    assert (both.upstox.text, all_in.upstox.text) == ("₹160.52", "₹184.12")
    assert at(view, "Left after charges").zerodha.text == "+₹1,871.34"
    assert at(view, "Breaks even at").zerodha.text == "501.27"
    assert view.headline == "100 bought and sold at NSE, CNC, 20 Nov 2026"


def test_every_rate_has_its_source_and_a_broker_s_own_are_named():
    rates = charges_view(ASKED).rates
    assert [one.item for one in rates][:6] == [
        "Brokerage, Zerodha", "DP charge, Zerodha", "Brokerage, Upstox", "DP charge, Upstox",
        "Brokerage, Fyers", "DP charge, Fyers",
    ]  # fmt: skip
    by_item = {one.item: one for one in rates}
    assert by_item["Brokerage, Fyers"].rate == "0.3 %, at most ₹20.00"
    assert by_item["Exchange"].rate == "0.0030699 %"
    assert by_item["Stamp duty, sell side"].rate == "none"
    assert all(one.source and one.since for one in rates)


def test_a_file_has_plain_rupees():
    lines = charges_view(replace(ASKED, sell=rs("490"))).lines
    last = next(one for one in lines if one.item == "Left after charges")
    assert last.zerodha.startswith("-11") and "," not in last.zerodha


def test_one_side_alone_has_no_result_and_intraday_no_dp_charge():
    view = charges_view(replace(ASKED, product="MIS", sell=rs("0")))
    assert "Left after charges" not in [row.item for row in view.rows]
    assert at(view, "DP charge with GST").zerodha.text == "0.00"
    assert "DP charge, Zerodha" not in [one.item for one in view.rates]


def test_bse_asks_for_a_group_and_nse_does_not():
    assert groups_of("NSE") == ()
    assert groups_of("BSE")[0] == "A"
    dear = charges_view(replace(ASKED, exchange="BSE", group="ZP"))
    assert at(dear, "Exchange and protection fund").zerodha.text == "1,020.00"
    # a group left over from BSE means nothing at NSE
    assert charges_view(replace(ASKED, group="ZP")).wrong == ""


def test_a_day_before_the_schedule_and_no_price_are_one_sentence():
    assert "begins on 2017-07-01" in charges_view(replace(ASKED, on=date(2017, 6, 30))).wrong
    assert "give a buy price" in charges_view(replace(ASKED, buy=rs("0"), sell=rs("0"))).wrong
