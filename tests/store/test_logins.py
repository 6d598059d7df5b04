"""Logins with an address, wishes to log in, and what stays of them once they ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.account import Account, Broker, BrokerLogin, LoginMode, is_sandbox_address
from core.domain.login import AskStatus, LoginAsk, LoginState, SessionStatus
from core.errors import BadInput, NotFound
from core.store import accounts, logins
from core.store.logins import ASKS_KEPT, BrokerDay
from tests.made import T0

KITE = BrokerLogin(
    "kite", Broker.ZERODHA, LoginMode.PAPER, "Kite sandbox", "AB1234",
    "http://127.0.0.1:8770", "http://127.0.0.1:8771",
)  # fmt: skip


def a_wish(name: str = "a1", **changes: object) -> LoginAsk:
    return replace(LoginAsk(name, "kite", "s1", "me", T0, 10.0), **changes)  # type: ignore[arg-type]


def test_a_login_keeps_who_logs_in_and_where(any_store):
    with any_store.write() as tx:
        accounts.put_login(tx, KITE)
    with any_store.read() as tx:
        assert accounts.login(tx, "kite") == KITE
    assert KITE.is_sandbox and not replace(KITE, address="", control="").is_sandbox


def test_a_login_that_an_account_names_cannot_be_removed(any_store):
    with any_store.write() as tx:
        accounts.put_login(tx, KITE)
        accounts.put_account(tx, Account("e", "Event", "kite", T0))
        with pytest.raises(BadInput, match="the one of Event; move them"):
            accounts.drop_login(tx, "kite")
        with pytest.raises(NotFound):
            accounts.drop_login(tx, "kit")
        accounts.put_login(tx, replace(KITE, id="other"))
        accounts.drop_login(tx, "other")
        assert [one.id for one in accounts.logins(tx)] == ["kite"]


@pytest.mark.parametrize(
    "address",
    ["https://api.kite.trade", "http://127.0.0.1", "http://127.0.0.1:8770/x", "http://[", "8770",
     "http://10.0.0.1:80", "http://127.0.0.1:99999999", "http://me@127.0.0.1:8770"],
)  # fmt: skip
def test_an_address_is_a_sandbox_on_this_machine_or_nothing(address):
    assert not is_sandbox_address(address)
    with pytest.raises(BadInput, match="no sandbox on this machine"):
        replace(KITE, address=address)


def test_a_sandbox_moves_no_real_money_and_paper_has_no_address():
    with pytest.raises(BadInput, match="moves no real money"):
        replace(KITE, mode=LoginMode.LIVE)
    with pytest.raises(BadInput, match="paper broker has no address"):
        replace(KITE, broker=Broker.PAPER)
    with pytest.raises(BadInput, match="only a sandbox has a control address"):
        replace(KITE, address="")
    with pytest.raises(BadInput, match="use letters, digits"):
        replace(KITE, id="../kite")


def test_a_new_wish_ends_the_one_before_and_an_ended_one_keeps_no_code(any_store):
    with any_store.write() as tx:
        logins.new_ask(
            tx, a_wish(status=AskStatus.READY, link="http://x", state_hash="h1"), instead="new"
        )
        logins.new_ask(tx, a_wish("a2", asked_at=T0 + timedelta(seconds=1)), instead="asked again")
        first = logins.ask_by_state(tx, "h1")
        assert first is not None
        assert (first.status, first.link, first.sentence) == (AskStatus.REFUSED, "", "asked again")
        second = logins.ask(tx, "a2")
        assert second is not None and second.status is AskStatus.ASKED
        logins.put_ask(tx, replace(second, status=AskStatus.RETURNED, state_hash="h2"))
        returned = logins.asks_with(tx, AskStatus.RETURNED)
        assert [one.id for one in returned] == ["a2"]
        logins.end_ask(tx, returned[0], AskStatus.DONE, "logged in")
        done = logins.ask_by_state(tx, "h2")
        assert done is not None and (done.link, done.status) == ("", AskStatus.DONE)
        assert logins.ask_by_state(tx, "") is None and logins.ask_by_state(tx, "other") is None


def test_only_the_last_wishes_of_a_login_are_kept(any_store):
    with any_store.write() as tx:
        for number in range(ASKS_KEPT + 3):
            at = T0 + timedelta(seconds=number)
            logins.new_ask(tx, a_wish(f"a{number:02}", asked_at=at), instead="again")
        kept = logins.asks_of(tx, "kite")
    assert len(kept) == ASKS_KEPT and kept[0].id == "a22"


def test_states_and_days_come_back_as_they_were_put(any_store):
    seen = LoginState(
        "kite", SessionStatus.OPEN, "open", "Asha", T0, T0, None, 5.0, {"uses": [1, 2]}
    )
    day = BrokerDay("kite", T0.date(), T0, "[]", '[{"qty":1}]')
    with any_store.write() as tx:
        logins.put_state(tx, seen)
        logins.put_day(tx, day)
        logins.put_day(tx, replace(day, orders="[1]"))
    with any_store.read() as tx:
        assert logins.state(tx, "kite") == seen == logins.states(tx)["kite"]
        assert seen.works and logins.state(tx, "x") is None
        assert logins.days(tx, "kite") == [replace(day, orders="[1]")]
    with any_store.write() as tx:
        logins.put_ask(tx, a_wish())
        logins.forget(tx, "kite")
        assert logins.asks_of(tx, "kite") == [] and logins.states(tx) == {}
