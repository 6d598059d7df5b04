"""T+1 by the committed calendar: 23 Nov 2026 is a Monday, 24 Nov a holiday, 25 Nov settles."""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.desk.desk import calendar_now
from core.domain.account import Broker
from core.domain.charges import Charges
from core.domain.ledger import Position, Transaction
from core.domain.money import ZERO, Money, total
from core.treasury import post
from core.treasury.sale_rules import rule_words, sale_rule
from core.treasury.staged import Staged, kept_back, staged, unsettled
from tests.made import MIDCO, RELIANCE, a_fill

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 20)
NOTHING = Charges()


def rs(amount: str) -> Money:
    return Money.rupees(amount)


def traded(
    qty: int, price: str, on: date, *, held: int = 0, isin: str = MIDCO.isin, hour: int = 5
) -> Transaction:
    at = datetime(on.year, on.month, on.day, hour, tzinfo=UTC)
    fill = a_fill(f"t{on}{hour}{qty}{isin}", qty=qty, price=rs(price), traded_at=at, isin=isin,
                  account_id="a")  # fmt: skip
    before = Position("a", isin, held, rs("500") * held) if held else None
    return post.trade(fill, before, NOTHING)


def seen(
    *trades: Transaction, held: int, today: date = MONDAY, broker: Broker = Broker.ZERODHA
) -> tuple[Staged, ...]:
    return staged(
        trades,
        held={("a", MIDCO.isin): held},
        calendar=calendar_now(),
        today=today,
        broker=broker,
    )


def test_a_sale_of_settled_shares_is_spendable_at_once_and_withdrawable_when_it_settles():
    [one] = seen(traded(-10, "500", MONDAY, held=100), held=90)
    # Tuesday 24 Nov is a holiday, so T+1 of Monday is Wednesday
    assert (one.qty, one.amount, one.spendable) == (-10, rs("5000"), rs("5000"))
    assert (one.traded_on, one.settles_on, one.why) == (MONDAY, date(2026, 11, 25), "")
    assert kept_back([one]) == ZERO and unsettled([one]) == rs("5000")
    assert seen(traded(-10, "500", MONDAY, held=100), held=90, today=date(2026, 11, 25)) == ()


def test_a_part_that_was_bought_the_session_before_may_be_spent_the_next_day_only():
    # 100 settled and 50 of Friday: 120 sold on Monday, of which 20 are not in the demat account
    trades = traded(50, "500", FRIDAY), traded(-120, "500", MONDAY, held=150)
    [sale] = [one for one in seen(*trades, held=30) if one.qty < 0]
    assert (sale.amount, sale.spendable) == (rs("60000"), rs("50000"))
    assert sale.why == "sold before it was in the demat account"
    [later] = seen(*trades, held=30, today=date(2026, 11, 24))
    assert (later.spendable, later.why) == (rs("60000"), "")


def test_a_days_profit_comes_when_it_settles_and_a_loss_stages_nothing():
    bought = traded(10, "500", MONDAY)
    [won] = seen(bought, traded(-10, "510", MONDAY, held=10, hour=6), held=0)
    assert (won.qty, won.amount, won.spendable) == (0, rs("100"), ZERO)
    assert seen(bought, traded(-10, "490", MONDAY, held=10, hour=6), held=0) == ()


def test_what_an_open_short_brought_is_blocked_elsewhere_and_staged_here_without_money():
    at = datetime(2026, 11, 23, 5, tzinfo=UTC)
    sale = a_fill("s", qty=-10, price=rs("500"), traded_at=at, account_id="a")
    [one] = seen(post.trade(sale, None, NOTHING, may_short=True), held=-10)
    assert (one.qty, one.amount, one.spendable) == (-10, ZERO, ZERO)
    assert "short" in one.why
    # 30 were held for long: 40 are sold, of which 10 are short, so three quarters settle
    long = Position("a", MIDCO.isin, 30, rs("15000"))
    crossing = a_fill("x", qty=-40, price=rs("500"), traded_at=at, account_id="a")
    [one] = seen(post.trade(crossing, long, NOTHING, may_short=True), held=-10)
    assert (one.qty, one.amount) == (-40, rs("15000"))


def test_bought_shares_are_on_their_way_and_stage_no_money():
    [one] = seen(traded(10, "500", MONDAY), held=10)
    assert (one.qty, one.amount, one.settles_on) == (10, ZERO, date(2026, 11, 25))


@pytest.mark.parametrize(
    ("traded_on", "settles_on"),
    [
        (date(2026, 3, 18), date(2026, 3, 20)),  # 19 Mar trades and does not settle
        (date(2026, 8, 25), date(2026, 8, 27)),  # nor does 26 Aug
        (date(2026, 11, 6), date(2026, 11, 9)),  # the muhurat Sunday settles nothing
        (date(2026, 12, 31), None),  # 2027 is not published
    ],
)
def test_settlement_goes_by_the_dated_calendar_with_its_own_holidays(
    traded_on: date, settles_on: date | None
):
    [one] = seen(traded(10, "500", traded_on), held=10, today=traded_on)
    assert one.settles_on == settles_on


def test_before_7_oct_2024_a_fifth_of_a_sale_was_kept_until_the_next_day():
    day = date(2024, 10, 4)
    [one] = seen(traded(-10, "500", day, held=100), held=90, today=day)
    assert (one.spendable, one.why) == (rs("4000"), "the broker gives 80% on the day")
    [now] = seen(traded(-10, "500", date(2024, 10, 7), held=100), held=90, today=date(2024, 10, 7))
    assert now.spendable == rs("5000")


def test_each_broker_gives_what_its_own_pages_say():
    # ₹5,000 of settled shares: Upstox's pages give 80 % to this day, the others' all of it
    sale = traded(-10, "500", MONDAY, held=100)
    spendable = {one: seen(sale, held=90, broker=one)[0].spendable for one in Broker}
    assert spendable == {
        Broker.PAPER: rs("5000"), Broker.ZERODHA: rs("5000"), Broker.FYERS: rs("5000"),
        Broker.UPSTOX: rs("4000"),
    }  # fmt: skip
    [tomorrow] = seen(sale, held=90, broker=Broker.UPSTOX, today=date(2026, 11, 24))
    assert tomorrow.spendable == rs("5000")


@pytest.mark.parametrize("broker", [one for one in Broker if one is not Broker.PAPER])
def test_a_rule_says_what_it_gives_and_whose_word_it_is(broker: Broker):
    words = rule_words(broker, MONDAY)
    assert words.startswith("80% of" if broker is Broker.UPSTOX else "the whole of")
    assert "its support page" in words or "its help pages" in words
    assert ("reading" in words) == (broker is not Broker.ZERODHA)
    assert rule_words(Broker.PAPER, MONDAY) == ""
    assert sale_rule(broker, date(2020, 11, 30)) is None


def test_a_paper_broker_lets_all_of_a_sale_be_used_and_settles_it_all_the_same():
    trades = traded(50, "500", FRIDAY), traded(-50, "500", MONDAY, held=50)
    [sale] = [one for one in seen(*trades, held=0, broker=Broker.PAPER) if one.qty < 0]
    assert (sale.spendable, sale.settles_on) == (rs("25000"), date(2026, 11, 25))


def test_a_trade_that_was_undone_stages_nothing():
    made = traded(-10, "500", MONDAY, held=100)
    undone = post.correction(made, at=made.at + timedelta(minutes=5), reason="annulled")
    assert seen(made, undone, held=100) == ()


def test_accounts_and_shares_are_staged_apart():
    trades = traded(-10, "500", MONDAY, held=10), traded(5, "100", MONDAY, isin=RELIANCE.isin)
    found = staged(
        trades, held={("a", RELIANCE.isin): 5}, calendar=calendar_now(), today=MONDAY,
        broker=Broker.ZERODHA,
    )  # fmt: skip
    assert {(one.isin, one.qty, one.amount) for one in found} == {
        (MIDCO.isin, -10, rs("5000")),
        (RELIANCE.isin, 5, ZERO),
    }
    assert total(one.amount for one in found) == rs("5000")
