"""One function, worked by hand: what was earned at a moment, and what came between two."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.charges import Charges
from core.domain.ledger import Transaction, positions
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Product
from core.errors import NoData
from core.treasury import post
from core.treasury.pnl import NOTHING, Pnl, pnl, sum_pnl, unrealised_of

SBIN = "INE062A01020"
THU = datetime(2026, 11, 19, 5, 0, tzinfo=UTC)
FRI = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
COST = Charges(stt=Money.rupees(1))


class Books:
    """A ledger of one account that grows."""

    def __init__(self) -> None:
        self.kept: list[Transaction] = []

    def trade(self, qty: int, price: Money, at: datetime, charges: Charges = COST) -> None:
        postings = [posting for entry in self.kept for posting in entry.postings]
        number = str(len(self.kept))
        fill = Fill("o", number, "NSE", "a", SBIN, "SBIN", qty, price, Product.CNC, at)
        held = positions("a", postings).get(SBIN)
        self.kept.append(post.trade(fill, held, charges, may_short=True))

    def pnl(self, mark: str | Money | None, *, until: datetime = FRI) -> Pnl:
        lines = [line for entry in self.kept if entry.at <= until for line in entry.postings]
        balances: dict[str, Money] = {}
        for line in lines:
            balances[line.ledger] = balances.get(line.ledger, ZERO) + line.amount
        price = mark if isinstance(mark, Money) else None if mark is None else rupees(mark)
        marks = {} if price is None else {SBIN: price}
        return pnl(balances, positions("a", lines).values(), marks)


def rupees(text: str | int) -> Money:
    return Money.rupees(text)


def test_a_position_over_two_days():
    books = Books()
    books.kept.append(post.deposit(account_id="a", amount=rupees(10_000), at=THU, reference="x"))
    books.trade(10, rupees(500), THU)
    books.trade(-4, rupees(520), FRI)
    now, before = books.pnl("530"), books.pnl("510", until=THU)
    assert now.realised == rupees(80)  # 4 x (520 - 500)
    assert now.unrealised == rupees(180)  # 6 x (530 - 500)
    assert now.charges == (("stt", rupees(2)),)
    assert (now.gross, now.net) == (rupees(260), rupees(258))
    assert before.net == rupees(99)  # 10 x (510 - 500) - 1
    # the day: 6 held x (530 - 510), 4 sold x (520 - 510), less ₹1
    day = now - before
    assert (day.net, day.cost, day.gross) == (rupees(159), rupees(1), rupees(160))


def test_shares_bought_today_count_against_the_price_paid():
    books = Books()
    books.trade(10, rupees(500), THU)
    books.trade(5, rupees(520), FRI)
    day = books.pnl("515") - books.pnl("510", until=THU)
    # 10 x (515 - 510) + 5 x (515 - 520) - 1
    assert day.net == rupees(50 - 25 - 1)


def test_a_short_sale_of_today_counts_from_its_sale_to_the_price_now():
    books = Books()
    books.trade(-10, rupees(500), FRI)
    assert books.pnl("490").unrealised == rupees(100)
    books.trade(4, rupees(480), FRI)  # 4 x (500 - 480) earned, 6 open
    now = books.pnl("505")
    assert (now.realised, now.unrealised, now.cost) == (rupees(80), rupees(-30), rupees(2))


def test_deposits_are_no_profit_and_dividends_are():
    books = Books()
    books.kept = [
        post.deposit(account_id="a", amount=rupees(10_000), at=FRI, reference="x"),
        post.dividend_owed(account_id="a", action_id="y", amount=rupees(70), at=FRI, words=""),
    ]
    seen = books.pnl(None)
    assert (seen.net, seen.dividends) == (rupees(70), rupees(70))


def test_a_share_without_a_price_counts_at_its_cost():
    books = Books()
    books.trade(10, rupees(500), THU)
    assert books.pnl(None).net == rupees(-1)
    held = positions("a", books.kept[0].postings)[SBIN]
    with pytest.raises(NoData, match="holds 10 of INE062A01020 and it has no mark"):
        unrealised_of(held, {})


def test_parts_add_and_what_cancels_is_gone():
    one = Pnl(rupees(5), rupees(1), ZERO, (("stt", rupees(1)),))
    two = Pnl(rupees(2), ZERO, rupees(3), (("dp", rupees(4)), ("stt", rupees(2))))
    both = sum_pnl([one, two])
    assert both.charges == (("dp", rupees(4)), ("stt", rupees(3)))
    assert both.net == one.net + two.net == rupees(4)
    assert both - two == one and not (one - one) and (one - one) == NOTHING


TRADES = st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 100_000)), max_size=12)


@given(TRADES, st.integers(1, 100_000))
def test_net_profit_is_what_closing_everything_at_the_mark_would_leave(trades, mark):
    # money out and in by hand: it must not matter how cost was averaged, long or short
    books = Books()
    shares, cash = 0, ZERO
    for qty, paise in trades:
        if qty:
            books.trade(qty, Money(paise), THU)
            shares += qty
            cash -= Money(paise) * qty + COST.total
    seen = books.pnl(Money(mark))
    assert seen.net == cash + Money(mark) * shares
