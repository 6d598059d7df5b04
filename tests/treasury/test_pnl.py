from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.charges import Charges
from core.domain.ledger import Transaction, positions
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill, Product
from core.errors import NoData
from core.treasury import post
from core.treasury.pnl import pnl

SBIN = "INE062A01020"
THU = datetime(2026, 11, 19, 5, 0, tzinfo=UTC)
FRI = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
COST = Charges(stt=Money.rupees(1))


class Books:
    """A ledger of one account that grows."""

    def __init__(self) -> None:
        self.kept: list[Transaction] = []

    def trade(self, qty: int, price: Money, at: datetime, charges: Charges = COST) -> None:
        postings = [posting for entry in self.kept for posting in entry.postings]
        number = str(len(self.kept))
        fill = Fill("o", number, "NSE", "a", SBIN, "SBIN", qty, price, Product.CNC, at)
        self.kept.append(post.trade(fill, positions("a", postings).get(SBIN), charges))


def rupees(text: str | int) -> Money:
    return Money.rupees(text)


def test_a_position_over_two_days():
    books = Books()
    books.kept.append(post.deposit(account_id="a", amount=rupees(10_000), at=THU, reference="x"))
    books.trade(10, rupees(500), THU)
    books.trade(-4, rupees(520), FRI)
    seen = pnl(books.kept, marks={SBIN: rupees(530)}, marks_before={SBIN: rupees(510)}, today=TODAY)
    assert seen.realised == rupees(80)  # 4 x (520 - 500)
    assert seen.unrealised == rupees(180)  # 6 x (530 - 500)
    assert seen.charges == rupees(2)
    assert seen.net == rupees(258)
    # yesterday's net was 10 x (510 - 500) - 1 = 99
    assert seen.day == rupees(159)
    assert seen.value == rupees(3180)


def test_deposits_are_no_profit_and_dividends_are():
    kept = [
        post.deposit(account_id="a", amount=rupees(10_000), at=FRI, reference="x"),
        post.dividend(account_id="a", isin=SBIN, amount=rupees(70), at=FRI, reference="y"),
    ]
    seen = pnl(kept, marks={}, marks_before={}, today=TODAY)
    assert (seen.net, seen.dividends, seen.day) == (rupees(70), rupees(70), rupees(70))


def test_a_purchase_today_needs_no_mark_of_yesterday():
    books = Books()
    books.trade(10, rupees(500), FRI)
    seen = pnl(books.kept, marks={SBIN: rupees(505)}, marks_before={}, today=TODAY)
    assert seen.day == seen.net == rupees(49)


def test_nothing_happened_means_nothing_earned():
    seen = pnl([], marks={}, marks_before={}, today=TODAY)
    assert (seen.net, seen.day, seen.value) == (ZERO, ZERO, ZERO)


def test_a_held_share_without_a_mark_is_named():
    books = Books()
    books.trade(10, rupees(500), THU)
    with pytest.raises(NoData, match="holds 10 of INE062A01020 and it has no mark"):
        pnl(books.kept, marks={}, marks_before={SBIN: rupees(1)}, today=TODAY)
    with pytest.raises(NoData, match="no mark"):
        pnl(books.kept, marks={SBIN: rupees(1)}, marks_before={}, today=TODAY)


@given(
    st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 100_000)), max_size=12),
    st.integers(1, 100_000),
)
def test_net_profit_is_what_selling_everything_at_the_mark_would_leave(trades, mark):
    # money out and in by hand: it must not matter how cost was averaged
    books = Books()
    shares, cash = 0, ZERO
    for qty, paise in trades:
        qty = max(qty, -shares)
        if qty:
            books.trade(qty, Money(paise), THU)
            shares += qty
            cash -= Money(paise) * qty + COST.total
    seen = pnl(books.kept, marks={SBIN: Money(mark)}, marks_before={SBIN: Money(mark)}, today=TODAY)
    assert seen.net == cash + Money(mark) * shares
    assert seen.day == ZERO
    assert seen.charges == total(COST.total for _ in books.kept)
