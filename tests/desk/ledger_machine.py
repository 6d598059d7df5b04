"""The ground of the machine that tries the books: money, transfers, accidents, what must hold.

Beside the books it keeps what each broker would say, from prices and shares alone.
"""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)
from sqlmodel import Session

from core.config import Settings
from core.desk.desk import desk_over
from core.desk.fund import add_money, take_money
from core.desk.purse import purse
from core.desk.take_back import take_back
from core.desk.transfer import approve, cancel, confirm, propose, seen_hash
from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.clock import SteppedClock
from core.domain.ledger import (
    CASH,
    CLEARING,
    FUNDING,
    OUTSIDE,
    RESERVED,
    Position,
    Transaction,
    TransactionKind,
    external_account,
    positions,
)
from core.domain.mandate import Objective
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill
from core.domain.plan import Plan
from core.domain.transfer import OWNER, StepName, Transfer, TransferStatus
from core.errors import MunimError, Refused
from core.mandates.defaults import default_mandate
from core.store import accounts, funding, ledger, mandates, transfers
from core.store.engine import Store, open_store
from core.treasury import post
from tests.made import T0

SHARES = ("INE0PROP1", "INE0PROP2")
PLACES = (("a", "x"), ("b", "x"), ("c", "y"))  # two accounts on one login, one on another
NUMBERS = itertools.count()
WHO = st.sampled_from([name for name, _ in PLACES])
SHARE = st.sampled_from(SHARES)
RUPEES = st.integers(1, 60_000)
PAISE = st.integers(1, 300_00) | st.integers(1, 90_000_00)
QTY = st.integers(1, 40)
MONEY = (TransactionKind.DEPOSIT, TransactionKind.WITHDRAWAL)
Folds = dict[str, dict[str, ledger.Fold]]


class Ground(RuleBasedStateMachine):
    """A desk of three accounts over two logins, and what their brokers would say."""

    url: str
    home: Path
    happened: Counter[str]  # of all examples, so that none of it can be left out

    def ground(self) -> None:
        """A desk with three accounts, each with ₹2,00,000."""
        self.mark = f"m{next(NUMBERS)}-"  # the store is shared by all examples, names are not
        self.clock = SteppedClock(at=T0, seconds=1000.0)
        self.count = itertools.count()
        self.store = self._open()
        self.cash: Counter[str] = Counter()  # paise at each login, by its broker
        self.shares: dict[str, Counter[str]] = {"x": Counter(), "y": Counter()}
        self.last: Transaction | None = None
        self.aside: Counter[str] = Counter()  # paise set aside and not let go, by account
        self.bought: list[Plan] = []
        self.fills: list[Fill] = []
        self.stands: dict[tuple[str, str], Money] = {}  # the price of each trade that stands
        self.sold_on: set[tuple[str, str, date]] = set()
        with self.store.write() as tx:
            for login in "x", "y":
                one = BrokerLogin(self.mark + login, Broker.ZERODHA, LoginMode.PAPER, login)
                accounts.put_login(tx, one)
            for name, login in PLACES:
                id = self.mark + name
                accounts.put_account(tx, Account(id, id, self.mark + login, T0))
                mandates.put(tx, default_mandate(id, Objective.BALANCED, signed_at=T0))
        for name, _ in PLACES:
            self.deposit(name, 200_000)

    def _open(self) -> Store:
        store = open_store(self.url, Market.SIM, scratch=True)
        chosen = Settings(home=self.home, database_url=self.url)
        self.desk = desk_over(chosen, store, self.clock)
        return store

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    def login(self, name: str) -> str:
        return dict(PLACES)[name]

    def post(self, made: Transaction) -> None:
        with self.store.write() as tx:
            assert ledger.post(tx, made)
        self.last = made

    def next(self, what: str) -> str:
        return f"{self.mark}{what}{next(self.count)}"

    def held(self, name: str, isin: str) -> Position | None:
        with self.store.read() as tx:
            of = ledger.positions(tx, self.mark + name)
        return next((one for one in of if one.isin == isin), None)

    # What comes and goes

    @rule(name=WHO, rupees=RUPEES)
    def deposit(self, name: str, rupees: int) -> None:
        self.last = add_money(
            self.desk, self.mark + name, Money.rupees(rupees), reference=self.next("d"), by="me"
        )
        self.cash[self.login(name)] += rupees * 100

    @rule(name=WHO, rupees=RUPEES)
    def withdraw(self, name: str, rupees: int) -> None:
        try:
            self.last = take_money(
                self.desk, self.mark + name, Money.rupees(rupees), reference=self.next("w"), by="me"
            )
        except Refused:
            return
        self.cash[self.login(name)] -= rupees * 100
        self.happened["withdrawal"] += 1

    @rule(name=WHO, rupees=st.integers(1, 500), back=st.booleans())
    def reserve(self, name: str, rupees: int, back: bool) -> None:
        """Set aside and perhaps let go again; the broker's cash does not know of it."""
        order, id, amount = self.next("r"), self.mark + name, Money.rupees(rupees)
        now = self.clock.now()
        self.post(post.reserve(account_id=id, amount=amount, at=now, order_id=order))
        if back:
            made = post.release(account_id=id, amount=amount, at=now, order_id=order, part="rest")
            self.post(made)
        else:
            self.aside[id] += amount.paise

    @rule(name=WHO, owed=PAISE, tax=st.integers(0, 50))
    def dividend(self, name: str, owed: int, tax: int) -> None:
        action, id, now = self.next("dv"), self.mark + name, self.clock.now()
        came = owed - owed * tax // 100
        self.post(post.dividend_owed(account_id=id, action_id=action, amount=Money(owed), at=now,
                                     words="dividend"))  # fmt: skip
        self.post(post.dividend_paid(account_id=id, action_id=action, owed=Money(owed),
                                     came=Money(came), at=now, words="paid"))  # fmt: skip
        self.cash[self.login(name)] += came
        self.happened["dividend"] += 1

    @rule(login=st.sampled_from("xy"), isin=SHARE, qty=st.integers(-40, 40).filter(bool),
          paise=PAISE)  # fmt: skip
    def elsewhere(self, login: str, isin: str, qty: int, paise: int) -> None:
        """The owner trades by phone: it stands in EXTERNAL and in no account."""
        self.post(post.elsewhere(login_id=self.mark + login, isin=isin, qty=qty,
                                 worth=Money(paise) * qty, at=self.clock.now(),
                                 reference=self.next("e"), words="by phone"))  # fmt: skip
        self.cash[login] -= paise * qty
        self.shares[login][isin] += qty
        self.happened["done elsewhere"] += 1

    @precondition(lambda self: self.last is not None)
    @rule()
    def correct(self) -> None:
        """The last thing booked is reversed, once."""
        wrong = self.last
        assert wrong is not None
        if wrong.kind in MONEY:
            try:
                back = take_back(self.desk, wrong.id, because="it was wrong", by="me")
            except Refused:
                return  # spent since
            self.happened["taken back"] += 1
        else:
            back = post.correction(wrong, at=self.clock.now(), reason="it was wrong")
            with self.store.write() as tx:
                if not ledger.post(tx, back):
                    return
        name = back.account_id.removeprefix(self.mark)
        login = dict(PLACES).get(name) or back.account_id.rpartition("-")[2]
        for line in back.postings:
            if line.ledger in (CASH, RESERVED, OUTSIDE):
                self.cash[login] += line.amount.paise
            if line.ledger == RESERVED:
                self.aside[back.account_id] += line.amount.paise
            if line.qty:
                self.shares[login][line.ledger.removeprefix("position:")] += line.qty
        self.last = None

    # Between accounts

    @rule(of=WHO, to=st.sampled_from(["a", "b", "c", ""]), rupees=RUPEES)
    def transfer(self, of: str, to: str, rupees: int) -> None:
        target = self.mark + to if to else OWNER
        self.clock.pass_seconds(1)
        with self.store.read() as tx:
            before = purse(tx, self.desk, self.mark + of)
        try:
            made = propose(self.desk, from_account=self.mark + of, to_account=target,
                           amount=Money.rupees(rupees), reason="x", by="me")  # fmt: skip
            with self.store.read() as tx:
                shown = seen_hash(tx, self.desk, made)
            approve(self.desk, made.id, seen=shown, by="me")
        except Refused:
            assert of == to or before.movable < Money.rupees(rupees) or before.withdrawable < (
                Money.rupees(rupees)
            )  # fmt: skip
            return
        with self.store.read() as tx:
            after = purse(tx, self.desk, self.mark + of)
        assert after.deployable.amount == before.deployable.amount - Money.rupees(rupees)
        assert after.deployable.short == before.deployable.short == ZERO
        assert after.deployable.reserved == before.deployable.reserved
        self.happened["transfer"] += 1

    @rule(lacks=st.sampled_from([0, 0, 1, 100]), times=st.integers(1, 3))
    def steps(self, lacks: int, times: int) -> None:
        for _ in range(times):
            self.step(lacks, calls_off=False)

    @rule()
    def call_off(self) -> None:
        self.step(0, calls_off=True)

    def step(self, lacks: int, *, calls_off: bool) -> None:
        """The oldest transfer on its way takes its next step, or the newest is called off."""
        with self.store.read() as tx:
            mine = [one for one in self.moving(tx) if one.status is TransferStatus.MOVING]
        if not mine:
            return
        one = mine[-1 if calls_off else 0]
        of = self.login(one.from_account.removeprefix(self.mark))
        following = one.next_step
        assert following is not None
        if calls_off:
            try:
                cancel(self.desk, one.id, because="no", by="me")
            except Refused:
                assert not one.is_at_broker
                return
            self.happened["called off"] += 1
            return
        seen = max(Money(1), one.on_its_way - Money(lacks))
        confirm(self.desk, one.id, following.name, seen=seen, by="me")
        if following.name is StepName.WITHDRAW:
            self.cash[of] -= seen.paise
        if following.name is StepName.ADD:
            self.cash[self.login(one.to_account.removeprefix(self.mark))] += seen.paise
            self.happened["arrived at another login"] += 1

    def moving(self, tx: Session) -> list[Transfer]:
        found = transfers.under_way(tx)
        return [one for one in found if one.from_account.startswith(self.mark)]

    # Time and accidents

    @rule(days=st.integers(1, 3), restarts=st.booleans())
    def days_pass(self, days: int, restarts: bool) -> None:
        self.clock.pass_seconds(86_400 * days)
        if restarts:
            self.restart()

    def restart(self) -> None:
        self.store.close()
        self.store = self._open()
        self.happened["restart"] += 1

    @precondition(lambda self: self.last is not None)
    @rule()
    def again(self) -> None:
        """What is posted a second time changes nothing."""
        assert self.last is not None
        before = self.books()
        with self.store.write() as tx:
            assert not ledger.post(tx, self.last)
        assert self.books() == before

    @rule()
    def no_answer(self) -> None:
        """A write that fails halfway leaves nothing behind."""
        before = self.books()
        with pytest.raises(MunimError), self.store.write() as tx:
            ledger.post(tx, post.deposit(account_id=self.mark + "a", amount=Money(100),
                                         at=self.clock.now(), reference="lost"))  # fmt: skip
            raise Refused("halfway")
        assert self.books() == before

    # What must hold

    def names(self, login: str) -> list[str]:
        mine = [self.mark + name for name, of in PLACES if of == login]
        return [*mine, external_account(self.mark + login)]

    def books(self) -> Folds:
        with self.store.read() as tx:
            return ledger.folds(tx, [*self.names("x"), *self.names("y")])

    @invariant()
    def books_hold(self) -> None:
        with self.store.read() as tx:
            books = ledger.folds(tx, [*self.names("x"), *self.names("y")])
            moving = self.moving(tx)
            self.everything_sums_to_zero(books)
            self.buckets_are_their_login(books, moving)
            self.clearing_is_what_is_on_its_way(books, moving)
            for name, folds in books.items():
                aside = folds.get(RESERVED, ledger.NOTHING).amount
                assert aside.paise == self.aside[name], name
                given = total(amount for _, amount in given_in(folds))
                assert total(one.amount for one in funding.capital(tx, name)) == -given, name
                self.the_fold_is_the_entries(tx, name, folds)

    def everything_sums_to_zero(self, books: Folds) -> None:
        for name, folds in books.items():
            assert not total(one.amount for one in folds.values()), name

    def buckets_are_their_login(self, books: Folds, moving: list[Transfer]) -> None:
        leaving = Counter[str]()
        for one in moving:
            if one.is_at_broker:
                of = self.login(one.from_account.removeprefix(self.mark))
                leaving[of] += one.in_clearing.paise
        for login in "x", "y":
            mine = [books[name] for name in self.names(login)]
            cash = sum(folds[name].amount.paise for folds in mine
                       for name in (CASH, RESERVED, OUTSIDE) if name in folds)  # fmt: skip
            assert cash + leaving[login] == self.cash[login], login
            for isin in SHARES:
                name = f"position:{isin}"
                here = sum(folds[name].qty for folds in mine if name in folds)
                assert here == self.shares[login][isin], (login, isin)

    def clearing_is_what_is_on_its_way(self, books: Folds, moving: list[Transfer]) -> None:
        stands = total(one.amount for folds in books.values()
                       for name, one in folds.items() if name.startswith(CLEARING))  # fmt: skip
        assert stands == total(one.in_clearing for one in moving)

    def the_fold_is_the_entries(
        self, tx: Session, name: str, folds: dict[str, ledger.Fold]
    ) -> None:
        lines = [line for one in ledger.transactions(tx, name) for line in one.postings]
        assert ledger.positions(tx, name) == list(positions(name, lines).values())
        for ledger_name in {line.ledger for line in lines}:
            stands = total(line.amount for line in lines if line.ledger == ledger_name)
            assert folds.get(ledger_name, ledger.NOTHING).amount == stands


def given_in(folds: dict[str, ledger.Fold]) -> list[tuple[str, Money]]:
    """What the owner and other accounts gave, by ledger account."""
    return [(name, one.amount) for name, one in folds.items()
            if name == FUNDING or name.startswith(CLEARING)]  # fmt: skip
