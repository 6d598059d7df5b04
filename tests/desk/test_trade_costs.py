"""What trades cost adds up to the books, each depository charge counted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.backtest.run import _trade
from core.desk.books import broker_of, depository_fee, fill_costs
from core.desk.exit import exit_position
from core.desk.send import send_prepared
from core.desk.settle import settle
from core.desk.trade_costs import trade_costs
from core.domain.account import Broker
from core.domain.charges import Charges
from core.domain.ledger import Transaction
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill, Product
from core.store import fills, ledger, plans
from core.treasury import post
from core.treasury.pnl import charges_by_item
from tests.desk.morning import ACCOUNT, OPENING, Morning, a_card, work_exits
from tests.made import MIDCO, RELIANCE, T0, a_fill, rs

FEE = rs("15.34")  # 13 and 18 % GST


def sold(trade_id: str, *, hours: float = 1, **changes: object) -> Fill:
    at = T0 + timedelta(hours=hours)
    return a_fill(trade_id, **({"qty": -100, "traded_at": at, "order_id": "or2"} | changes))


def fees(*done: Fill) -> list[Transaction]:
    """DP charges as the books post them: a transaction id known already is left out."""
    posted: dict[str, Transaction] = {}
    for fill in done:
        made = depository_fee(Broker.PAPER, fill)
        assert made is not None
        posted.setdefault(made.id, made)
    return list(posted.values())


def test_the_charge_of_a_day_goes_to_the_trade_that_sold_first():
    early, late = sold("t1"), sold("t2", hours=2, order_id="or4")
    moves = fees(early, late)
    assert len(moves) == 1
    assert trade_costs({"late": [late], "early": [early]}, moves) == {"early": FEE, "late": ZERO}


def test_another_day_another_share_and_another_account_each_pay_their_own():
    one = sold("t1")
    others = [
        sold("t2", hours=49, order_id="or3"),
        sold("t3", isin=RELIANCE.isin, order_id="or4"),
        sold("t4", account_id="sip", order_id="or5"),
    ]
    trades = {fill.trade_id: [fill] for fill in (one, *others)}
    assert trade_costs(trades, fees(one, *others)) == dict.fromkeys(trades, FEE)


def test_a_sale_in_two_parts_pays_once_and_a_sale_over_two_days_twice():
    parts = [sold("t1"), sold("t2", hours=1.5)]
    assert trade_costs({"a": parts}, fees(*parts)) == {"a": FEE}
    days = [sold("t1"), sold("t2", hours=49)]
    assert trade_costs({"a": days}, fees(*days)) == {"a": FEE * 2}


def test_a_trade_that_sold_nothing_pays_what_its_purchase_cost():
    bought = a_fill()
    costs = fill_costs(Broker.PAPER, bought, before=ZERO)
    moves = [post.trade(bought, None, costs), *fees(sold("t9", order_id="elsewhere", isin="X"))]
    assert trade_costs({"a": [bought]}, moves) == {"a": costs.total}


def test_a_correction_is_of_the_order_whose_booking_it_undoes_also_with_colons_in_its_id():
    bought = a_fill(order_id="orpaper:G1:B7")
    costs = fill_costs(Broker.PAPER, bought, before=ZERO)
    made = post.trade(bought, None, costs)
    undone = post.correction(made, at=T0, reason="annulled")
    assert trade_costs({"a": [bought]}, [made, undone]) == {"a": ZERO}


def test_the_table_of_a_backtest_and_the_books_agree_to_the_paisa(morning: Morning):
    """Bought and sold twice on one day: one depository charge, two trades."""
    for number, exit_at in ((1, "512"), (2, "497")):
        morning.tick("500")
        morning.approve(morning.put(replace(a_card(morning.clock), id=f"cd{number}")))
        send_prepared(morning.dealer)
        settle(morning.dealer)
        exit_position(morning.desk, morning.plan(f"cd{number}").id, reason="enough", by="me")
        morning.tick(exit_at)
        work_exits(morning.dealer)
        send_prepared(morning.dealer)
        settle(morning.dealer)
    with morning.desk.store.read() as tx:
        made = plans.recent(tx)
        done = {plan.id: fills.of_plan(tx, plan.id) for plan in made}
        moves = ledger.transactions(tx, ACCOUNT.id)
        assert broker_of(tx, ACCOUNT.id) is Broker.PAPER
    costs = trade_costs(done, moves)
    table = [_trade(plan, done[plan.id], costs[plan.id]) for plan in made]
    booked = charges_by_item(moves)
    assert booked["dp"] == FEE
    assert total(row.charges for row in table if row) == total(booked.values())
    # everything is sold, so what the trades left is what the cash gained
    left = [row.pnl for row in table if row and row.pnl is not None]
    assert len(left) == 2 and total(left) == morning.cash() - OPENING
    gross = [rs("1190"), rs("-310")]  # 100 at 500.05 in, 511.95 and 496.95 out
    assert sorted(left) == sorted(
        Money(one.paise) - costs[plan.id]
        for one, plan in zip(gross, sorted(made, key=lambda p: p.card_id), strict=True)
    )


def test_a_sale_within_the_day_is_no_first_seller_for_delivery():
    early = sold("t1", hours=0.5, product=Product.MIS, order_id="or1")
    late = sold("t2")
    costs = trade_costs({"day": [early], "kept": [late]}, fees(late))
    assert costs == {"day": ZERO, "kept": FEE}


def a_day_given_back(account: str = ACCOUNT.id) -> Transaction:
    """What the evening makes of MIDCO bought and sold on one day."""
    return post.charge(
        account_id=account,
        charges=Charges(stt=rs("-88.25")),
        at=T0 + timedelta(hours=8),
        reference=f"day:paper:{T0.date()}:{MIDCO.isin}:NSE:1",
    )


def test_what_a_day_gave_back_goes_to_the_trade_that_sold_first_that_day():
    account = {"account_id": ACCOUNT.id}
    bought = a_fill("t0", traded_at=T0, order_id="or1", **account)
    early, late = sold("t1", **account), sold("t2", hours=2, order_id="or4", **account)
    trades = {"held": [bought], "late": [late], "early": [early]}
    assert trade_costs(trades, [a_day_given_back()]) == {
        "held": ZERO, "late": ZERO, "early": rs("-88.25"),
    }  # fmt: skip
    assert trade_costs({"held": [bought]}, [a_day_given_back()]) == {"held": rs("-88.25")}
    assert trade_costs(trades, [a_day_given_back("sip")]) == dict.fromkeys(trades, ZERO)
