"""The end-of-day report says what the books know and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime

from core.domain.account import Market
from core.domain.money import Money
from core.reports.eod import (
    AccountDay,
    BrokerDay,
    EodFacts,
    FillRow,
    OrderRow,
    PositionRow,
    Refusal,
    Rejected,
    Scorecard,
    Untraded,
    eod,
)

AT = datetime(2026, 11, 20, 10, 45, tzinfo=UTC)


def rs(amount: str | int) -> Money:
    return Money.rupees(amount)


TACTICAL = AccountDay("Event tactical", rs(1_000_000), rs("-1234.50"), -0.0012, rs(405),
                      rs(20_000), -0.031, 0.742)  # fmt: skip
EMPTY = EodFacts(date(2026, 11, 20), Market.SIM, AT, (TACTICAL,))


def test_an_idle_day_says_so_section_by_section():
    text = eod(EMPTY)
    assert text.startswith("# End of day, 20 Nov 2026\n\n**SIMULATED MARKET.**")
    assert "Written 20 Nov 2026 16:15:00 IST." in text
    for line in (
        "No positions are open.", "No orders were sent.", "Nothing filled.",
        "Nothing was refused.", "No card was rejected.", "Too few cases whose time", "None known.",
        "chain head `empty`",
    ):  # fmt: skip
        assert line in text


def test_money_is_grouped_and_signed():
    text = eod(EMPTY)
    assert "| Event tactical | −₹1,234.50 | −0.12 % | ₹405.00 | ₹10,00,000.00 |" in text


def test_several_accounts_have_a_total():
    text = eod(replace(EMPTY, accounts=(TACTICAL, replace(TACTICAL, name="SIP"))))
    assert "| **All** | −₹2,469.00 | −0.12 % | ₹810.00 | ₹20,00,000.00 |" in text


def test_the_day_is_told_in_full():
    facts = replace(
        EMPTY,
        positions=(
            PositionRow("Event tactical", "RELIANCE", 120, rs(2840), rs(2850), rs(1200),
                        "Broker", rs(2768), rs(2985)),
            PositionRow("Event tactical", "ITC", 10, rs(400), rs(400), rs(0), "none", None, None),
        ),
        orders=(OrderRow("Event tactical", "RELIANCE", "BUY", "entry", 120, 120, "FILLED"),),
        fills=(
            FillRow("Event tactical", "RELIANCE", 120, rs(2841), AT, rs(2840)),
            FillRow("Event tactical", "ITC", -10, rs(401), AT, rs(400)),
            FillRow("Event tactical", "BEL", -10, rs(401), AT),
            FillRow("Event tactical", "TCS", 1, rs(40), AT, rs(40)),
        ),
        refusals=(Refusal("allocation", "RSI stands at 84 | limit 80.", 7),),
        rejected=(
            Rejected("SBIN", "Event tactical", "too crowded", rs(-150_000)),
            Rejected("LT", "Event tactical", "no", None),
            Rejected("BEL", "Event tactical", "no", rs(0)),
        ),
        scorecard=Scorecard(142, 0.58, 0.55, 0.221, 0.249),
        results_tomorrow=("TCS", "INFY"),
        chain_head="ab12",
        chain_entries=4321,
    )  # fmt: skip
    text = eod(facts)
    assert "| RELIANCE | 120 | 2,840.00 | 2,850.00 | +₹1,200.00 | Broker | 2,768.00 |" in text
    assert (
        "| 16:15:00 | Event tactical | RELIANCE | +120 | 2,841.00 | 2,840.00 | ₹120.00 cost |"
        in text
    )
    assert "₹10.00 saved" in text and "Slippage in all: ₹110.00 cost." in text
    assert "RSI stands at 84 \\| limit 80." in text
    assert (
        "saved ₹1.50 L" in text and "| not over yet | – |" in text and "made no difference" in text
    )
    assert (
        "Over 142 cases whose time is over the target was expected first in 58 % and came first "
        "in 55 %" in text
    )
    assert "Brier 0.221 against 0.249 for the base rate: better" in text
    assert "TCS, INFY." in text
    assert "4,321 audit entries, chain head `ab12`." in text


def test_what_leaving_cards_untraded_came_to_is_told_way_by_way():
    ever = (
        Untraded("rejected", 5, 3, rs(-4_210)),
        Untraded("expired", 2, 0, rs(0)),
        Untraded("not sent", 0, 1, rs(0)),
    )
    text = eod(replace(EMPTY, untraded=ever))
    assert (
        "No card was rejected.\n\nSince the desk opened:\n\n"
        "- 8 rejected: 5 over, 3 not over yet; not trading them saved ₹4,210.\n"
        "- 2 expired: 2 over; not trading them made no difference.\n"
        "- 1 not sent: none is over yet.\n\nWorked out from daily bars"
    ) in text
    assert "Worked out" not in eod(EMPTY)


def test_a_small_sample_shows_no_percentage():
    text = eod(replace(EMPTY, scorecard=Scorecard(29, 0.58, 0.55, 0.2, 0.2)))
    assert "Too few cases whose time is over for a percentage: 29 of 30." in text


def test_a_live_market_has_no_banner_and_text_cannot_carry_markup():
    facts = replace(EMPTY, market=Market.LIVE, refusals=(Refusal("tag", "<script>\nx", 1),))
    text = eod(facts)
    assert "SIMULATED" not in text
    assert "&lt;script> x" in text


def test_replay_says_replay():
    assert "**REPLAY.**" in eod(replace(EMPTY, market=Market.REPLAY))


def test_books_and_broker_are_compared_login_by_login():
    brokers = (
        BrokerDay("Paper", AT),
        BrokerDay("Family", AT, ("BEL: 3 fewer than we know of | ₹900.00",), ("ITC: +5 by phone",)),
        BrokerDay("New", None),
    )
    text = eod(replace(EMPTY, brokers=brokers))
    assert "- Paper, compared 16:15:00: agree\n- Family, compared 16:15:00: 1 differ\n" in text
    assert "  - BEL: 3 fewer than we know of \\| ₹900.00\n  - ITC: +5 by phone\n" in text
    assert "- New, not compared yet\n" in text
    assert "No login is open." in eod(EMPTY)


def test_columns_of_amounts_stand_at_the_right_and_words_at_the_left():
    text = eod(EMPTY)
    heads = text.index("| Account | Net P&L today |")
    assert text[heads:].splitlines()[1] == "| --- |" + " ---: |" * 7
