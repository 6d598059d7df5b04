"""Corrected and annulled trades: an order's charges stay those of one order, to the paisa."""

import pytest

from core.desk.annul import annul_fill
from core.desk.booked import book_fill
from core.desk.books import broker_of, fill_costs
from core.desk.correct import correct_fill
from core.domain.ledger import CASH, REALISED
from core.domain.money import Money
from core.domain.order import Product
from core.store import ledger, orders, plans
from core.treasury.post import CHARGES
from core.treasury.terms import Recount, recount
from tests.desk.morning import ACCOUNT, OPENING, Morning
from tests.made import MIDCO, a_fill, a_plan, an_order, rs


def filled(m: Morning, *names: str, product: Product = Product.MIS) -> None:
    """One order to buy, filled by 200 shares at ₹500 under each name, in their order."""
    mine = {"account_id": ACCOUNT.id, "login_id": "paper", "product": product}
    with m.desk.store.write() as tx:
        plans.put(tx, a_plan(qty=200 * len(names), **mine))
        order = an_order(qty=200 * len(names), **mine)
        orders.put(tx, order)
        for name in names:
            told = a_fill(name, qty=200, account_id=ACCOUNT.id, product=product)
            book_fill(tx, order, told, at=m.clock.now())


def charged(m: Morning) -> dict[str, Money]:
    with m.desk.store.read() as tx:
        found = ledger.balances(tx, ACCOUNT.id)
    return {name.removeprefix(CHARGES): one for name, one in found.items()
            if name.startswith(CHARGES)}  # fmt: skip


def as_one(m: Morning, qty: int, price: str, *, product: Product = Product.MIS) -> dict[str, Money]:
    """What one fill of the whole order would have cost."""
    with m.desk.store.read() as tx:
        whole = a_fill(qty=qty, price=rs(price), product=product)
        found = fill_costs(broker_of(tx, ACCOUNT.id), whole, before=Money(0))
    return {name: amount for name, amount in found.items if amount}


def correct(m: Morning, trade: str, price: str) -> None:
    m.clock.pass_seconds(1)
    correct_fill(m.desk, "or1", trade, price=rs(price), because="the exchange says so", by="me")


@pytest.mark.parametrize("names", [("t1", "t2"), ("t2", "t1"), ("9", "10")])
@pytest.mark.parametrize("which", [0, 1])
def test_a_corrected_order_pays_the_broker_once_whatever_came_first(
    morning: Morning, names: tuple[str, str], which: int
):
    # ₹1,00,000 each: 0.03 % is above ₹20, so the whole order pays ₹20 and its second part nothing
    filled(morning, *names)
    assert charged(morning)["brokerage"] == rs("20")
    correct(morning, names[which], "502")
    assert charged(morning) == as_one(morning, 400, "501")
    correct(morning, names[which], "500")
    assert charged(morning) == as_one(morning, 400, "500")
    cash = OPENING - rs("200000") - sum(as_one(morning, 400, "500").values(), Money(0))
    assert morning.cash(CASH) == cash
    morning.books_are_clean()


def test_after_both_parts_were_corrected_each_counts_at_its_new_price(morning: Morning):
    filled(morning, "t1", "t2")
    correct(morning, "t1", "100")
    correct(morning, "t2", "110")
    # 200 at ₹100 and 200 at ₹110 are ₹42,000, of which 0.03 % are ₹12.60
    assert charged(morning)["brokerage"] == rs("12.60")
    assert charged(morning) == as_one(morning, 400, "105")


@pytest.mark.parametrize("gone", ["t1", "t2"])
def test_what_is_left_of_an_order_after_an_annulled_trade_still_pays_the_broker(
    morning: Morning, gone: str
):
    filled(morning, "t1", "t2")
    morning.clock.pass_seconds(1)
    annul_fill(morning.desk, "or1", gone, because="the exchange annulled it", by="me")
    assert charged(morning) == as_one(morning, 200, "500")
    left = "t2" if gone == "t1" else "t1"
    correct(morning, left, "510")
    assert charged(morning) == as_one(morning, 200, "510")
    morning.books_are_clean()


@pytest.mark.parametrize(("new", "shape"), [(3, "consolidation"), (30, "split")])
def test_a_price_corrected_after_an_ex_date_moves_the_cost_alone(
    morning: Morning, new: int, shape: str
):
    # 10 bought at ₹100 and become 3, or 30, at the same cost; ₹1 a share more is ₹10 more
    trades = {"account_id": ACCOUNT.id, "login_id": "paper"}
    with morning.desk.store.write() as tx:
        plans.put(tx, a_plan(qty=10, **trades))
        order = an_order(qty=10, **trades)
        orders.put(tx, order)
        told = a_fill("t1", qty=10, price=rs("100"), account_id=ACCOUNT.id)
        book_fill(tx, order, told, at=morning.clock.now())
        change = Recount(MIDCO.isin, MIDCO.isin, 10, new, 0, rs("1000"), rs("1000"))
        morning.clock.pass_seconds(1)
        ledger.post(tx, recount(change, account_id=ACCOUNT.id, at=morning.clock.now(),
                                action_id="ca", words=shape))  # fmt: skip
    cash = morning.cash()
    correct(morning, "t1", "101")
    with morning.desk.store.read() as tx:
        [held] = ledger.positions(tx, ACCOUNT.id)
        assert ledger.balance(tx, ACCOUNT.id, REALISED) == Money(0)
        [said] = [one.words for one in ledger.transactions(tx) if one.id.endswith("@10100")]
    assert (held.qty, held.cost, said) == (new, rs("1010"), "bought 10 MIDCO at ₹101.00")
    assert charged(morning) == as_one(morning, 10, "101", product=Product.CNC)
    costs = [sum(as_one(morning, 10, price, product=Product.CNC).values(), Money(0))
             for price in ("100", "101")]  # fmt: skip
    assert cash - morning.cash() == rs("10") + costs[1] - costs[0]
    morning.books_are_clean()
