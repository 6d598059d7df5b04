"""Whatever happens to money and shares: books at zero, buckets equal to their login, each id once.

A machine does what a desk can do in any order. Beside the books it keeps what each broker would
say, from prices and shares alone, and compares after every step.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.desk.annul import annul_fill
from core.desk.booked import book_fill
from core.desk.books import release_rest, reserve_for, reserve_per_share, schedule
from core.desk.correct import correct_fill
from core.desk.elsewhere import book_elsewhere
from core.desk.fund import add_money
from core.domain.account import Broker
from core.domain.charges import Charges
from core.domain.clock import ist_day
from core.domain.ledger import RESERVED
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill, Order, OrderStatus, Product, Purpose, Side, advance
from core.domain.plan import Plan
from core.errors import BadInput, Refused
from core.store import ledger, orders, plans
from core.treasury import post
from core.treasury.charges import fill_charges
from core.treasury.terms import Recount, recount
from tests.desk.ledger_machine import PAISE, PLACES, QTY, SHARE, SHARES, WHO, Ground
from tests.desk.morning import ACCOUNT, OPENING, Morning
from tests.made import T0, a_card, a_fill, a_plan, an_order

WORDS = (
    "part of an entry", "exit", "short", "refused sale", "known late", "restart in an order",
    "corrected trade", "annulled trade", "corporate action", "dividend", "done elsewhere",
    "withdrawal", "taken back", "transfer", "arrived at another login", "called off", "restart",
)  # fmt: skip


class Books(Ground):
    """The same with trades, as the desk itself books them."""

    @initialize()
    def open(self) -> None:
        """Every account holds something, and money is on its way, before anything is drawn."""
        self.ground()
        for name, _ in PLACES:
            self.buys(name, SHARES[0], 150_00, [7, 30, 3], 2, Product.MIS)
        self.transfer("a", "c", 1000)
        self.step(100, calls_off=False)  # a rupee less left the broker
        self.transfer("b", "", 500)
        self.call_off()

    @rule(name=WHO, isin=SHARE, paise=PAISE, parts=st.lists(QTY, min_size=1, max_size=4),
          rest=st.integers(0, 40), product=st.sampled_from(Product), restarts=st.booleans(),
          before=st.booleans())  # fmt: skip
    def buy(self, name: str, isin: str, paise: int, parts: list[int], rest: int,
            product: Product, restarts: bool, before: bool) -> None:  # fmt: skip
        """An approved entry with its cash set aside, filled in parts, the rest of it let go.

        The desk may restart between two parts, and a part may be told before its order is known.
        """
        self.buys(name, isin, paise, parts, rest, product, restarts=restarts, before=before)
        self.happened["part of an entry"] += len(parts) > 1 or bool(rest)

    def buys(self, name: str, isin: str, paise: int, parts: list[int], rest: int,
             product: Product, *, restarts: bool = False,
             before: bool = False) -> None:  # fmt: skip
        qty, id, now = sum(parts) + rest, self.mark + name, self.clock.now()
        plan = a_plan(self.next("pl"), account_id=id, login_id=self.mark + self.login(name),
                      isin=isin, symbol="PROP", qty=qty, product=product,
                      opened_at=now)  # fmt: skip
        order = self.order_of(plan, Side.BUY, qty, Money(paise))
        with self.store.write() as tx:
            plans.put(tx, plan)
            orders.put(tx, order)
            ledger.post(tx, reserve_for(a_card(symbol="PROP"), order, at=now))
        self.fill(order, parts, restarts=restarts, before=before)
        self.end(order, OrderStatus.CANCELLED if rest else OrderStatus.FILLED)
        with self.store.write() as tx:
            release_rest(tx, order, at=self.clock.now())
            release_rest(tx, order, at=self.clock.now())
        self.bought.append(plan)

    @precondition(lambda self: self.bought)
    @rule(which=st.integers(0, 99), paise=PAISE, thirds=st.sampled_from([1, 3, 3, 4]),
          parts=st.integers(1, 3), restarts=st.booleans())  # fmt: skip
    def sell(self, which: int, paise: int, thirds: int, parts: int, restarts: bool) -> None:
        """An exit of a plan's shares, in parts; more than the account holds is refused."""
        plan = self.bought[which % len(self.bought)]
        held = self.held(plan.account_id.removeprefix(self.mark), plan.isin)
        qty = max(1, (max(0, held.qty) if held else 0) * thirds // 3)
        cuts = [qty // parts] * (parts - 1) if qty >= parts else []
        cuts.append(qty - sum(cuts))
        order = self.order_of(plan, Side.SELL, sum(cuts), Money(paise))
        with self.store.write() as tx:
            orders.put(tx, order)
        if sum(cuts) > max(0, held.qty if held else 0):
            before = self.books()
            with pytest.raises(BadInput, match="post the missing purchase first"), (
                self.store.write()
            ) as tx:  # fmt: skip
                for part, cut in enumerate(cuts):
                    book_fill(tx, order, self.told(order, part, -cut), at=self.clock.now())
            assert self.books() == before
            self.end(order, OrderStatus.REJECTED)
            self.happened["refused sale"] += 1
            return
        self.fill(order, [-cut for cut in cuts], restarts=restarts, before=False)
        self.end(order, OrderStatus.FILLED)
        self.happened["exit"] += 1

    def end(self, order: Order, to: OrderStatus) -> None:
        with self.store.write() as tx:
            orders.save(tx, advance(order, to))

    def order_of(self, plan: Plan, side: Side, qty: int, limit: Money) -> Order:
        return an_order(self.next("or"), plan_id=plan.id, account_id=plan.account_id,
                        login_id=plan.login_id, isin=plan.isin, symbol="PROP", side=side, qty=qty,
                        limit_price=limit, product=plan.product, status=OrderStatus.OPEN,
                        prepared_at=self.clock.now())  # fmt: skip

    def told(self, order: Order, part: int, qty: int) -> Fill:
        price = Money(max(1, (order.limit_price or ZERO).paise - part))
        return a_fill(f"t{9 + part}", order_id=order.id, isin=order.isin, symbol="PROP",
                      account_id=order.account_id, qty=qty, price=price, product=order.product,
                      traded_at=self.clock.now())  # fmt: skip

    def fill(self, order: Order, parts: list[int], *, restarts: bool, before: bool) -> None:
        """Each part is told twice; the order costs what one fill of all of it costs."""
        told = [self.told(order, part, qty) for part, qty in enumerate(parts)]
        if before:
            with self.store.write() as tx:
                book_elsewhere(tx, order.login_id, told[0], at=self.clock.now())
            self.happened["known late"] += 1
        for one in told:
            with self.store.write() as tx:
                assert book_fill(tx, order, one, at=self.clock.now()) == 1
                assert book_fill(tx, order, one, at=self.clock.now()) == 0
            self.clock.pass_seconds(1)
            if order.purpose is Purpose.ENTRY:
                left = order.qty - sum(part.qty for part in told[: told.index(one) + 1])
                each = reserve_per_share(order, on=ist_day(order.prepared_at))
                with self.store.read() as tx:
                    aside = ledger.balance(tx, order.account_id, RESERVED).paise
                assert aside == self.aside[order.account_id] + left * each.paise
            if restarts:
                self.restart()
                self.happened["restart in an order"] += 1
        self.fills += told
        self.stands |= {(one.order_id, one.trade_id): one.price for one in told}
        login = order.login_id.removeprefix(self.mark)
        for one in told:
            self.cash[login] -= one.price.paise * one.qty
            self.shares[login][one.isin] += one.qty
        self.cash[login] -= self.costs(order.id)
        day = (order.account_id, order.isin, ist_day(told[0].traded_at))
        if order.side is Side.SELL and order.product is Product.CNC and day not in self.sold_on:
            self.sold_on.add(day)
            self.cash[login] -= 1534  # Zerodha's ₹13 and GST, once a share and day
        self.last = None

    def costs(self, order_id: str) -> int:
        """What an order costs as one fill of all that stands of it."""
        mine = [one for one in self.fills if one.order_id == order_id]
        prices = [(one, self.stands.get((order_id, one.trade_id))) for one in mine]
        turnover = total(price * abs(one.qty) for one, price in prices if price is not None)
        if not turnover:
            return 0
        first, side = mine[0], Side.BUY if mine[0].qty > 0 else Side.SELL
        found = fill_charges(schedule(), broker=Broker.ZERODHA, product=first.product,
                             exchange="NSE", side=side, before=ZERO, traded=turnover,
                             on=ist_day(first.traded_at))  # fmt: skip
        return found.total.paise

    @precondition(lambda self: self.stands)
    @rule(which=st.integers(0, 99), paise=st.none() | PAISE)
    def change_trade(self, which: int, paise: int | None) -> None:
        """The exchange corrects a trade's price, or annuls it; its order costs what is left."""
        order_id, trade_id = sorted(self.stands)[which % len(self.stands)]
        [one] = [fill for fill in self.fills
                 if (fill.order_id, fill.trade_id) == (order_id, trade_id)]  # fmt: skip
        before, was, books = self.costs(order_id), self.stands[order_id, trade_id], self.books()
        said = {"because": "the exchange says so", "by": "me"}
        try:
            if paise is None:
                annul_fill(self.desk, order_id, trade_id, **said)
            else:
                correct_fill(self.desk, order_id, trade_id, price=Money(paise), **said)
        except Refused:  # shares that were closed since, or the price that stands already
            assert self.books() == books
            return
        login = self.login(one.account_id.removeprefix(self.mark))
        if paise is None:
            del self.stands[order_id, trade_id]
            self.cash[login] += was.paise * one.qty
            self.shares[login][one.isin] -= one.qty
        else:
            self.stands[order_id, trade_id] = Money(paise)
            self.cash[login] -= (paise - was.paise) * one.qty
        self.cash[login] -= self.costs(order_id) - before
        self.happened["annulled trade" if paise is None else "corrected trade"] += 1

    @rule(name=WHO, isin=SHARE, qty=QTY, paise=PAISE, covers=st.booleans())
    def short(self, name: str, isin: str, qty: int, paise: int, covers: bool) -> None:
        """A sale that may cross zero and go short, and perhaps what buys all of it back."""
        for side in (-1, 1) if covers else (-1,):
            fill = a_fill("t0", order_id=self.next("sh"), isin=isin, symbol="PROP",
                          account_id=self.mark + name, qty=side * qty,
                          price=Money(paise), traded_at=self.clock.now())  # fmt: skip
            costs = Charges(stt=Money(paise * qty // 1000), brokerage=Money(2000))
            self.post(post.trade(fill, self.held(name, isin), costs, may_short=True))
            self.cash[self.login(name)] -= fill.price.paise * fill.qty + costs.total.paise
            self.shares[self.login(name)][isin] += fill.qty
        self.happened["short"] += 1

    @rule(which=st.integers(0, 5), shape=st.sampled_from([(2, 1), (3, 2), (1, 3), (1, 1)]))
    def split(self, which: int, shape: tuple[int, int]) -> None:
        """Bonus, split or consolidation: cost stays, a fraction is realised with the last share."""
        with self.store.read() as tx:
            mine = [one for name, _ in PLACES for one in ledger.positions(tx, self.mark + name)]
        if not mine:
            return
        held = mine[which % len(mine)]
        name, isin = held.account_id.removeprefix(self.mark), held.isin
        new = abs(held.qty) * shape[0] // shape[1] * (1 if held.qty > 0 else -1)
        cost = held.cost if new else ZERO
        change = Recount(isin, isin, held.qty, new, 0, held.cost, cost)
        self.post(recount(change, account_id=self.mark + name, at=self.clock.now(),
                          action_id=self.next("ca"), words="split"))  # fmt: skip
        self.shares[self.login(name)][isin] += new - held.qty
        self.happened["corporate action"] += 1


def machine(url: str, home: Path) -> type[Books]:
    return type("Here", (Books,), {"url": url, "home": home, "happened": Counter()})


def played(url: str, home: Path, *, examples: int, steps: int) -> Counter[str]:
    """Run the machine on one store; says how often each thing really happened."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],  # shrinking a store takes minutes
        suppress_health_check=list(HealthCheck),
    )
    here = machine(url, home)
    run_state_machine_as_test(here, settings=chosen)
    return here.happened


def test_books_hold_whatever_happens(sqlite_url: str, tmp_path: Path):
    happened = played(sqlite_url, tmp_path, examples=12, steps=30)
    assert {word for word in WORDS if not happened[word]} == set()


def test_money_comes_into_an_account_whose_cash_is_below_zero(morning: Morning):
    # 20,00,002 of 20,00,000 went: a rupee comes, though another is still missing
    with morning.desk.store.write() as tx:
        ledger.post(tx, post.withdrawal(account_id=ACCOUNT.id, amount=OPENING + Money(200),
                                        at=T0, reference="fees"))  # fmt: skip
    add_money(morning.desk, ACCOUNT.id, Money(100), reference="one rupee", by="me")
    assert morning.cash() == Money(-100)


@pytest.mark.postgres
def test_books_hold_on_postgresql(postgres_url: str, tmp_path: Path):
    played(postgres_url, tmp_path, examples=2, steps=15)


@pytest.mark.slow
def test_books_hold_over_many_more_days(sqlite_url: str, tmp_path: Path):
    played(sqlite_url, tmp_path, examples=40, steps=50)
