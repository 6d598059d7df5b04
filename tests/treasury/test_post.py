from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.charges import Charges
from core.domain.ledger import (
    CASH,
    FUNDING,
    OUTSIDE,
    REALISED,
    RESERVED,
    Position,
    Posting,
    Transaction,
    TransactionKind,
    balance,
    position_ledger,
    positions,
)
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill
from core.errors import BadInput
from core.treasury import post
from core.treasury.pnl import charges_by_item
from tests.made import a_fill

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
SBIN = "INE062A01020"
TCS = "INE467B01029"
COSTS = Charges(stt=Money(50), stamp=Money(8), gst=Money(3))


def fill(qty: int, price: str, *, trade_id: str = "t1", isin: str = SBIN) -> Fill:
    symbol = "SBIN" if isin == SBIN else "TCS"
    return a_fill(
        trade_id, order_id="o1", isin=isin, symbol=symbol, qty=qty, price=Money.rupees(price),
        traded_at=AT,
    )  # fmt: skip


def held(qty: int, cost: str) -> Position:
    return Position(account_id="tactical", isin=SBIN, qty=qty, cost=Money.rupees(cost))


def amounts(transaction: Transaction) -> dict[str, Money]:
    return {posting.ledger: posting.amount for posting in transaction.postings}


def test_a_purchase_moves_cash_into_shares_at_cost_and_pays_charges_by_kind():
    made = post.trade(fill(10, "500"), None, COSTS)
    assert made.kind is TransactionKind.TRADE
    assert made.id == "trade:NSE:o1:t1"
    assert made.words == "bought 10 SBIN at ₹500.00"
    # 10 x 500 = 5000, charges 0.50 + 0.08 + 0.03; items that cost nothing are not posted
    assert amounts(made) == {
        CASH: Money.rupees("-5000.61"),
        position_ledger(SBIN): Money.rupees(5000),
        "charges:stt": Money.rupees("0.50"),
        "charges:stamp": Money.rupees("0.08"),
        "charges:gst": Money.rupees("0.03"),
    }


def test_a_part_sale_takes_out_average_cost_and_books_the_gain():
    # 4 of 10 bought for 5000: cost 2000, sold at 520 = 2080, gain 80
    made = post.trade(fill(-4, "520"), held(10, "5000"), COSTS)
    assert amounts(made)[CASH] == Money.rupees("2079.39")
    assert amounts(made)[position_ledger(SBIN)] == Money.rupees(-2000)
    assert amounts(made)[REALISED] == Money.rupees(-80)
    assert made.words == "sold 4 SBIN at ₹520.00"


def test_selling_everything_leaves_no_paisa_of_cost_behind():
    # 3 shares for ₹100.00: each part sale takes 33.33, then 33.34, then what is left
    first = post.cost_of(held(3, "100"), 1)
    second = post.cost_of(held(2, "66.67"), 1)
    assert (first, second) == (Money(3333), Money(3334))
    assert post.cost_of(held(1, "33.33"), 1) == Money(3333)


@pytest.mark.parametrize("before", [None, held(3, "1500")])
def test_selling_more_than_is_held_is_refused_with_both_numbers(before: Position | None):
    shares = 0 if before is None else 3
    with pytest.raises(BadInput, match=f"SBIN: trade t1 sells 4 and {shares} are held"):
        post.trade(fill(-4, "520"), before, COSTS)


def test_money_in_out_set_aside_and_given_back():
    shared = {"account_id": "tactical", "at": AT, "amount": Money.rupees(100)}
    made = [
        post.deposit(**shared, reference="opening"),
        post.withdrawal(**shared, reference="rent"),
        post.reserve(**shared, order_id="o1"),
        post.release(**shared, order_id="o1", part="t1"),
        post.release(**shared, order_id="o1", part="rest"),
    ]
    plus, minus = Money.rupees(100), Money.rupees(-100)
    assert [amounts(one) for one in made] == [
        {FUNDING: minus, CASH: plus},
        {CASH: minus, FUNDING: plus},
        {CASH: minus, RESERVED: plus},
        {RESERVED: minus, CASH: plus},
        {RESERVED: minus, CASH: plus},
    ]
    assert made[0].id == "deposit:tactical:opening"
    assert [one.id for one in made[2:]] == ["reserve:o1", "release:o1:t1", "release:o1:rest"]
    assert len({one.id for one in made}) == 5


@pytest.mark.parametrize("paise", [0, -1])
def test_moving_nothing_is_refused(paise: int):
    with pytest.raises(BadInput, match="tactical: a deposit of"):
        post.deposit(account_id="tactical", amount=Money(paise), at=AT, reference="x")


def test_charges_without_a_trade_stand_alone():
    made = post.charge(
        account_id="tactical",
        charges=Charges(dp=Money.rupees("15.34")),
        at=AT,
        reference=f"dp:{SBIN}:2026-11-20",
    )
    assert amounts(made) == {CASH: Money.rupees("-15.34"), "charges:dp": Money.rupees("15.34")}
    assert made.kind is TransactionKind.CHARGES


def test_a_correction_undoes_the_wrong_transaction_and_names_it():
    wrong = post.trade(fill(10, "500"), None, COSTS)
    undone = post.correction(wrong, at=AT + timedelta(days=1), reason="traded for another account")
    assert undone.id == "correction:trade:NSE:o1:t1"
    assert undone.reference == wrong.id
    together = (*wrong.postings, *undone.postings)
    assert positions("tactical", together) == {}
    assert all(balance(together, one.ledger) == ZERO for one in together)


def test_charges_are_summed_by_item_over_trades():
    bought = post.trade(fill(10, "500"), None, COSTS)
    sold = post.trade(fill(-10, "510", trade_id="t2"), held(10, "5000"), COSTS)
    assert charges_by_item([bought, sold]) == {
        "gst": Money(6),
        "stamp": Money(16),
        "stt": Money(100),
    }


def short(qty: int, price: str, *, was: Position | None = None, trade_id: str = "t1"):
    return post.trade(fill(qty, price, trade_id=trade_id), was, COSTS, may_short=True)


def test_a_short_sale_stands_below_zero_at_what_it_brought():
    made = short(-10, "500")
    assert amounts(made) == {
        CASH: Money.rupees("4999.39"),  # 10 x 500 less charges of 0.61
        position_ledger(SBIN): Money.rupees(-5000),
        "charges:stt": Money.rupees("0.50"),
        "charges:stamp": Money.rupees("0.08"),
        "charges:gst": Money.rupees("0.03"),
    }
    assert [one.qty for one in made.postings if one.qty] == [-10]


def test_buying_back_a_part_takes_average_cost_and_the_last_shares_what_is_left():
    # 3 sold for 1000.00 in all: one bought back at 320 costs 333.33 of it and wins 13.33
    made = short(1, "320", was=held(-3, "-1000"))
    assert amounts(made)[position_ledger(SBIN)] == Money.rupees("333.33")
    assert amounts(made)[REALISED] == Money.rupees("-13.33")
    rest = short(2, "340", was=held(-2, "-666.67"), trade_id="t2")
    assert amounts(rest)[REALISED] == Money.rupees("13.33")  # 680.00 paid, 666.67 got


@pytest.mark.parametrize(("was", "qty"), [(held(-4, "-2000"), 10), (held(4, "2000"), -10)])
def test_a_fill_over_what_is_there_closes_that_first_and_opens_the_rest(was: Position, qty: int):
    made = short(qty, "510", was=was)
    moved = [(one.qty, one.amount) for one in made.postings if one.ledger == position_ledger(SBIN)]
    sign = 1 if qty > 0 else -1
    assert moved == [(4 * sign, Money.rupees(2000 * sign)), (6 * sign, Money.rupees(3060 * sign))]
    assert amounts(made)[REALISED] == Money.rupees(40 * sign)  # 4 x 10; a loss for the short


@pytest.mark.parametrize("was", [None, held(5, "2500"), held(-5, "-2500")])
def test_more_than_is_held_is_sold_short_only_where_that_was_meant(was: Position | None):
    with pytest.raises(BadInput, match="post the missing purchase first"):
        post.trade(fill(-10, "500"), was, COSTS)


money = st.integers(1, 10_000_000).map(Money)
cost_items = st.builds(
    Charges,
    brokerage=st.integers(0, 2_000).map(Money),
    stt=st.integers(0, 50_000).map(Money),
    gst=st.integers(0, 1_000).map(Money),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["deposit", "withdrawal", "reserve", "release"]), money),
        st.tuples(
            st.sampled_from([SBIN, TCS]),
            st.integers(-50, 50).filter(bool),
            st.integers(1, 1_000_000),
            cost_items,
        ),
    ),
    max_size=30,
)


@given(steps)
def test_whatever_happens_the_books_balance_and_the_cash_is_accounted_for(happened):
    book: list[Posting] = []
    flows = trades = paid = ZERO
    shares = {SBIN: 0, TCS: 0}
    for number, step in enumerate(happened):
        if len(step) == 2:
            verb, amount = step
            names = {"reserve": {"order_id": "o"}, "release": {"order_id": "o", "part": "rest"}}
            named = names.get(verb, {"reference": str(number)})
            made = getattr(post, verb)(account_id="tactical", amount=amount, at=AT, **named)
            flows += {"deposit": amount, "withdrawal": -amount}.get(verb, ZERO)
        else:
            isin, qty, paise, costs = step
            qty = max(qty, -shares[isin])
            if not qty:
                continue
            price = f"{paise / 100:.2f}"
            before = positions("tactical", book).get(isin)
            made = post.trade(fill(qty, price, trade_id=str(number), isin=isin), before, costs)
            shares[isin] += qty
            trades -= Money(paise) * qty
            paid += costs.total
        assert total(posting.amount for posting in made.postings) == ZERO
        book += made.postings

    assert total(posting.amount for posting in book) == ZERO
    assert balance(book, CASH) + balance(book, RESERVED) == flows + trades - paid
    assert balance(book, FUNDING) == -flows
    now = positions("tactical", book)
    assert {isin: held.qty for isin, held in now.items()} == {
        isin: qty for isin, qty in shares.items() if qty
    }
    # a closed position leaves no cost behind, an open one is never worth less than nothing
    for isin in shares:
        cost = balance(book, position_ledger(isin))
        assert cost >= ZERO if shares[isin] else cost == ZERO


def test_shares_that_came_past_the_desk_cost_no_account_anything():
    made = post.elsewhere(
        login_id="paper", isin=SBIN, qty=-3, worth=Money(-2_400_00), at=AT, reference="r1", words=""
    )
    assert (made.id, made.account_id) == ("external:paper:r1", "external:paper")
    assert made.postings == (
        Posting(position_ledger(SBIN), Money(-2_400_00), -3),
        Posting(OUTSIDE, Money(2_400_00)),
    )
    with pytest.raises(BadInput, match="moved by no share"):
        post.elsewhere(
            login_id="paper", isin=SBIN, qty=0, worth=ZERO, at=AT, reference="r2", words=""
        )
