"""A face-value split gives a share a new ISIN: the position goes on under it, books and broker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import pytest

from core.brokers.fake import FakeBroker
from core.desk.apply_action import apply_action
from core.desk.dividends import accrue, owed
from core.desk.exit import exit_position
from core.desk.propose import proposals
from core.desk.reconcile import reconcile, why_no_entry
from core.domain.action import ActionKind
from core.domain.ports import BrokerOrder, GttOrder
from core.domain.protection import ProtectionStatus
from core.domain.succession import Succession
from core.store import actions, bars, instruments, ledger, quotes, successions
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.test_apply_action import EX, an_action, cost, ex_day, held, work
from tests.made import MIDCO, quote, rs

NEW = MIDCO.isin[:9] + "0" + "99"


@dataclass
class Renamed:
    """The scripted broker, which counts and names MIDCO by its new ISIN since the split."""

    fake: FakeBroker

    def __getattr__(self, name: str) -> object:
        return getattr(self.fake, name)

    def holdings(self) -> dict[str, int]:
        return {_new(isin): qty for isin, qty in self.fake.holdings().items()}

    def trades(self) -> list[object]:
        return [replace(one, isin=_new(one.isin)) for one in self.fake.trades()]

    def orders(self) -> list[BrokerOrder]:
        return [replace(one, isin=_new(one.isin)) for one in self.fake.orders()]

    def gtts(self) -> list[GttOrder]:
        return [replace(one, isin=_new(one.isin)) for one in self.fake.gtts()]

    def place(self, order: object) -> str:
        return self.fake.place(replace(order, isin=MIDCO.isin))

    def place_gtt(self, *, isin: str, **terms: object) -> str:
        return self.fake.place_gtt(isin=MIDCO.isin, **terms)


def _new(isin: str) -> str:
    return NEW if isin == MIDCO.isin else isin


def renamed(morning: Morning) -> None:
    morning.dealer.sessions["paper"] = Renamed(morning.broker)  # type: ignore[index]


def price(morning: Morning, ltp: str) -> None:
    """A price under the new ISIN in the store, under the old one at the exchange."""
    morning.tick(ltp, prev_close="250")
    with morning.desk.store.write() as tx:
        seen = quote(ltp, of=MIDCO, prev_close="250", at=morning.clock.now())
        quotes.put(tx, [replace(seen, isin=NEW)])


def test_new_shares_under_a_new_isin_are_explained_and_proposed(morning: Morning):
    held(morning)
    renamed(morning)
    ex_day(morning, an_action(), "251", "250")
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
    [found] = proposals(morning.desk)
    assert (found.why_not, found.renamed) == ("", (MIDCO.isin, NEW))
    [change] = found.changes
    assert (change.qty, change.new_qty) == (100, 200)


@pytest.mark.parametrize("told", [True, False], ids=["told by a list", "seen at the broker"])
def test_confirmed_the_position_goes_on_under_its_new_isin_and_is_protected(
    morning: Morning, told: bool
):
    held(morning)
    before = cost(morning)
    renamed(morning)
    if told:
        with morning.desk.store.write() as tx:
            successions.put(tx, [Succession(MIDCO.isin, NEW, EX, "a list")])
    ex_day(morning, an_action(), "251", "250")
    done = apply_action(morning.desk, "ca-split", by="me")
    assert f"it goes on as {NEW}" in done.sentence
    assert morning.shares() == {NEW: 200} and cost(morning) == before
    assert (morning.plan().isin, morning.plan().symbol) == (NEW, MIDCO.symbol)
    price(morning, "252")
    work(morning)
    cover = morning.cover()
    assert (cover.status, cover.qty, cover.isin) == (ProtectionStatus.VERIFIED, 200, NEW)
    reconcile(morning.dealer)
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
        assert successions.links(tx) == {MIDCO.isin: NEW}
        assert instruments.by_symbol(tx, MIDCO.symbol).isin == NEW
        assert not instruments.by_isin(tx, MIDCO.isin).is_traded
        assert bars.read_raw(tx, [NEW]).close.shape[0] == 80  # the years before are its own
    assert proposals(morning.desk) == []
    exit_position(morning.desk, morning.plan().id, reason="mine", by="me")
    work(morning)
    assert morning.shares() == {} and morning.dealer.sessions["paper"].holdings() == {}
    reconcile(morning.dealer)
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""
    morning.books_are_clean()


def test_a_broker_that_keeps_the_old_isin_agrees_all_the_same(morning: Morning):
    held(morning)
    ex_day(morning, an_action(), "251", "250")
    with morning.desk.store.write() as tx:
        successions.put(tx, [Succession(MIDCO.isin, NEW, EX, "a list")])
    reconcile(morning.dealer)
    apply_action(morning.desk, "ca-split", by="me")
    reconcile(morning.dealer)
    assert morning.shares() == {NEW: 200} and morning.broker.holdings() == {MIDCO.isin: 200}
    with morning.desk.store.read() as tx:
        assert why_no_entry(tx, "paper") == ""


def test_a_bonus_makes_no_new_isin(morning: Morning):
    held(morning)
    ex_day(morning, an_action(ActionKind.BONUS, 1, 1), "251", "250")
    apply_action(morning.desk, "ca-bonus", by="me")
    assert morning.shares() == {MIDCO.isin: 200}


def test_a_dividend_listed_under_the_new_isin_is_owed_on_shares_held_before(morning: Morning):
    held(morning)
    renamed(morning)
    ex_day(morning, an_action(), "251", "250")
    apply_action(morning.desk, "ca-split", by="me")
    morning.clock.move_to(datetime(2026, 11, 26, 5, 0, tzinfo=UTC))
    price(morning, "252")
    paid = replace(
        an_action(ActionKind.DIVIDEND, 0, 0, on=date(2026, 11, 26)),
        isin=NEW,
        amount=rs("2"),
        id="ca-paid",
    )
    with morning.desk.store.write() as tx:
        actions.put(tx, paid)
    assert accrue(morning.desk) == 1
    with morning.desk.store.read() as tx:
        assert [one.amount for one in owed(tx)] == [rs("400")]
        assert ledger.balance(tx, ACCOUNT.id, "receivable") == rs("400")
