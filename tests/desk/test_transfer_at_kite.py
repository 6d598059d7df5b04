"""A transfer between two Kite logins, step by step, against what their sandbox says of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from kiteconnect import KiteConnect

from core.brokers.kite.portfolio import read_funds
from core.desk.log_in import plain_funds
from core.desk.purse import purse
from core.desk.transfer import approve, confirm, propose, seen_hash
from core.domain.account import Account
from core.domain.login import LoginState, SessionStatus
from core.domain.money import ZERO, Money
from core.domain.ports import Funds
from core.domain.transfer import StepName, Transfer, TransferStatus
from core.errors import BadInput, BrokerRefused
from core.sandbox.house import User
from core.store import accounts, logins, mandates
from core.views.treasury_money import LoginMoney, treasury_money
from tests.desk.morning import Morning
from tests.desk.transfers import FAR, KITE, books_hold, deposit, with_others
from tests.made import T0, rs
from tests.sandbox.kite_client import Bench, bench

HERE, THERE = "AB1234", "CD5678"
OTHER = replace(KITE, id="kite2", label="Kite, second")
NEAR = Account(id="near", name="Near", login_id=OTHER.id, opened_at=T0)
DAY = 24 * 3_600


@dataclass
class Two:
    """A desk with two Kite logins of ₹1,00,000 each, and the broker where both are clients."""

    desk: Morning
    at: Bench

    def funds(self, user: str) -> Funds:
        """What the broker says now, asked by the official client."""
        kite = KiteConnect(self.at.sandbox.registered.api_key, root=self.at.served.base, timeout=5)
        kite.set_access_token(self.at.sandbox.log_in(user))
        return read_funds(kite.margins("equity"))

    def look(self) -> dict[str, LoginMoney]:
        """Both logins as the treasury shows them after the worker read their funds."""
        with self.desk.desk.store.write() as tx:
            for login, user in ((KITE.id, HERE), (OTHER.id, THERE)):
                facts = {"funds": plain_funds(self.funds(user))}
                logins.put_state(tx, LoginState(login, SessionStatus.OPEN, "logged in", "", None,
                                                None, None, 1.0, facts))  # fmt: skip
        shown = {one.login_id: one for one in treasury_money(self.desk.desk).logins}
        self.nothing_is_negative(shown)
        return shown

    def nothing_is_negative(self, shown: dict[str, LoginMoney]) -> None:
        for user in (HERE, THERE):
            funds = self.funds(user)
            told = (funds.available, funds.opening, funds.paid_in, funds.paid_out, funds.used)
            assert min(told) >= ZERO
        with self.desk.desk.store.read() as tx:
            books_hold(tx)
            for name in (FAR.id, NEAR.id):
                one = purse(tx, self.desk.desk, name)
                parts = (one.free, one.spendable, one.withdrawable, one.deployable.amount)
                assert min(parts) >= ZERO
        assert min(shown[name].books for name in (KITE.id, OTHER.id)) >= ZERO

    def differs(self) -> tuple[Money | None, Money | None]:
        shown = self.look()
        return shown[KITE.id].differs, shown[OTHER.id].differs

    def why(self, login: str) -> list[tuple[str, str]]:
        """The lines of a login that differ and why."""
        return [(one.line, one.why) for one in self.look()[login].lines
                if one.why and one.line.startswith("Paid")]  # fmt: skip

    def yes(self, amount: str) -> Transfer:
        asked = propose(self.desk.desk, from_account=FAR.id, to_account=NEAR.id,
                        amount=rs(amount), reason="instalment", by="me")  # fmt: skip
        with self.desk.desk.store.read() as tx:
            shown = seen_hash(tx, self.desk.desk, asked)
        return approve(self.desk.desk, asked.id, seen=shown, by="me")

    def step(self, made: Transfer, name: StepName, seen: str) -> Transfer:
        return confirm(self.desk.desk, made.id, name, seen=rs(seen), by="me")

    def bank(self, user: str, rupees: str) -> None:
        self.at.sandbox.house.move_money(user, rs(rupees))


@pytest.fixture
def two(morning: Morning) -> Iterator[Two]:
    with_others(morning)
    with morning.desk.store.write() as tx:
        accounts.put_login(tx, OTHER)
        accounts.put_account(tx, NEAR)
        mandates.put(tx, replace(mandates.current(tx, FAR.id), account_id=NEAR.id))
        deposit(tx, NEAR.id, rs("100000"))
    morning.clock.pass_seconds(2 * DAY)  # Wednesday; all of it was there before the day began
    users = tuple(User(name, name, funds=rs("100000")) for name in (HERE, THERE))
    with bench(users=users, clock=morning.clock) as at:
        yield Two(morning, at)


NONE = (ZERO, ZERO)


def test_each_step_is_compared_with_what_the_brokers_say_and_ends_equal(two: Two) -> None:
    assert two.differs() == NONE
    moving = two.yes("25000")
    assert two.differs() == NONE  # approved, and still at the first broker
    two.bank(HERE, "-25000")
    gone = two.funds(HERE)
    assert (gone.available, gone.opening, gone.paid_out) == (
        rs("75000"), rs("100000"), rs("25000"),
    )  # fmt: skip
    # the broker paid out what nobody confirmed here yet
    assert two.differs() == (rs("-25000"), ZERO)
    assert two.why(KITE.id) == [
        ("Paid in and out today", "paid out there: confirm its step on Treasury, or book it")
    ]
    two.step(moving, StepName.WITHDRAW, "25000")
    assert two.differs() == NONE and two.why(KITE.id) == []
    two.desk.clock.pass_seconds(DAY)  # the bank shows it on Thursday
    two.at.price("501")
    assert two.funds(HERE).paid_out == ZERO and two.funds(HERE).opening == rs("75000")
    assert two.differs() == NONE
    two.step(moving, StepName.BANK, "25000")
    assert two.differs() == NONE
    two.bank(THERE, "25000")
    assert two.funds(THERE).paid_in == rs("25000")
    assert two.differs() == (ZERO, rs("25000"))
    assert two.why(OTHER.id) == [
        ("Paid in today", "confirm its step on Treasury, or book it on Accounts")
    ]
    done = two.step(moving, StepName.ADD, "25000")
    assert done.status is TransferStatus.DONE and two.differs() == NONE
    shown = two.look()
    assert (shown[KITE.id].told, shown[OTHER.id].told) == (rs("75000"), rs("125000"))


def test_a_step_confirmed_before_the_broker_paid_shows_until_it_did(two: Two) -> None:
    moving = two.yes("25000")
    two.step(moving, StepName.WITHDRAW, "25000")
    assert two.differs() == (rs("25000"), ZERO)
    assert two.why(KITE.id) == [
        ("Paid in and out, −₹25,000.00 with other accounts", "not paid out there yet")
    ]
    two.bank(HERE, "-25000")
    assert two.differs() == NONE


def test_what_the_broker_paid_less_goes_back_and_stays_equal(two: Two) -> None:
    moving = two.yes("25000")
    two.bank(HERE, "-24000")
    two.step(moving, StepName.WITHDRAW, "24000")
    assert two.differs() == NONE
    two.step(moving, StepName.BANK, "24000")
    two.bank(THERE, "24000")
    two.step(moving, StepName.ADD, "24000")
    assert two.differs() == NONE
    assert two.look()[KITE.id].told == rs("76000")


def test_neither_side_gives_more_than_is_there(two: Two) -> None:
    with pytest.raises(BrokerRefused, match=r"₹1,00,001.00 cannot be paid out, ₹1,00,000.00 is"):
        two.bank(HERE, "-100001")
    with pytest.raises(BadInput, match=r"has ₹50,000.00 to give"):
        two.yes("50000.01")
    moving = two.yes("50000")
    with pytest.raises(BadInput, match=r"₹50,001.00 was seen and ₹50,000.00 was on its way"):
        two.step(moving, StepName.WITHDRAW, "50001")
    assert two.differs() == NONE


def test_money_that_moved_is_there_after_a_restart(tmp_path) -> None:
    with bench(home=tmp_path) as at:
        at.sandbox.house.move_money(HERE, rs("-500000"))
        at.sandbox.house.move_money(HERE, rs("20000"))
        before, clock = at.kite.margins("equity"), at.clock
        assert (before["net"], before["utilised"]["payout"]) == (20_20_000, 5_00_000)
        assert before["available"]["intraday_payin"] == 20_000
        assert before["utilised"]["debits"] == 5_00_000
    with bench(home=tmp_path, clock=clock) as at:
        after = at.kite.margins("equity")
        assert after == before
