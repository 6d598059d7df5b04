"""`munim charges`: every item, both roundings, groups, funds, sources and a file."""

from pathlib import Path

import pytest

from core.desk.desk import Desk
from tests.cli.terminal import Terminal

ROUND_TRIP = ("charges", "--broker", "zerodha", "--product", "CNC", "--qty", "100",
              "--buy", "500", "--sell", "520", "--date", "2026-11-20")  # fmt: skip


def test_golden_case_1_is_answered_whole(munim: Terminal, desk: Desk):
    said = munim(*ROUND_TRIP, "--json").document
    assert (said["total_paise"], said["note"]["total_paise"]) == (11332, 11382)
    assert (said["dp_paise"], said["total_with_dp_paise"]) == (1534, 12866)
    assert (said["break_even_paise"], said["break_even_move_paise"]) == (50127, 127)
    assert said["net_paise"] == 187134
    assert {row["item"] for row in said["rates"]} == {
        "brokerage", "stt", "exchange", "ipft", "sebi", "stamp", "gst", "dp",
    }  # fmt: skip
    assert all(row["source"] and row["since"] <= "2026-11-20" for row in said["rates"])


def test_a_person_reads_items_totals_and_where_each_rate_is_from(munim: Terminal, desk: Desk):
    said = munim(*ROUND_TRIP).out
    assert "₹128.66 on 2026-11-20: BUY ₹59.37, SELL ₹53.95, DP ₹15.34" in said
    assert "Breaks even at ₹501.27, ₹1.27 away." in said
    assert "A round trip leaves +₹1,871.34." in said
    assert "NSE/FA/73061" in said


def test_bse_goes_by_its_group(munim: Terminal, desk: Desk):
    at_bse = ("charges", "--broker", "upstox", "--product", "CNC", "--qty", "1000",
              "--buy", "1000", "--exchange", "bse", "--date", "2026-11-20", "--json")  # fmt: skip
    common = munim(*at_bse).document["note"]["lines"]["exchange_paise"]
    suspended = munim(*at_bse, "--group", "z").document["note"]["lines"]["exchange_paise"]
    assert (common, suspended) == (3750, 100_000)


def test_units_of_a_fund_pay_less_on_a_sale(munim: Terminal, desk: Desk):
    said = munim(*ROUND_TRIP, "--security", "equity fund", "--json").document
    assert said["legs"]["SELL"]["lines"]["stt_paise"] == 52  # 0.001 % of 52,000


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--exchange", "MCX"), "no charges of 'MCX' are known; use BSE or NSE"),
        (("--exchange", "BSE", "--group", "Q"), "no group 'Q' is known"),
        (("--security", "coin"), "'coin' is not a valid Security"),
        (("--date", "2017-06-29"), "2017"),
        (("--csv", "nowhere/items.csv"), "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_charged_is_one_sentence(munim: Terminal, desk: Desk, more, words: str):
    said = munim(*ROUND_TRIP, *more)
    assert said.code == 2 and words in said.sentence


def test_the_items_go_to_a_file_that_is_not_there_yet(munim: Terminal, desk: Desk, tmp_path: Path):
    file = tmp_path / "items.csv"
    assert munim(*ROUND_TRIP, "--csv", str(file)).code == 0
    rows = file.read_text().splitlines()
    assert rows[:3] == [
        "item,buy,sell,to_the_paisa,on_the_note",
        "brokerage,0.00,0.00,0.00,0.00",
        "stt,50.00,52.00,102.00,102.00",
    ]
    again = munim(*ROUND_TRIP, "--csv", str(file))
    assert again.code == 2 and "items.csv is there already" in again.sentence
