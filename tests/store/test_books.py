from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from core.domain.account import (
    Broker,
    BrokerLogin,
    Firing,
    FundingKind,
    FundingPlan,
    LateMoney,
    LoginMode,
    Tranche,
    TrancheTrigger,
)
from core.domain.mandate import Mandate
from core.domain.money import ZERO, Money
from core.errors import BadInput, IllegalTransition, NotFound
from core.store import accounts, funding, mandates
from core.store.codec import from_json
from tests import made
from tests.made import LOGIN, T0, a_mandate

FRIDAY = T0 - timedelta(days=3)
ACCOUNT = replace(made.ACCOUNT, id="acc1", opened_at=FRIDAY)


def later(seconds: float) -> datetime:
    return FRIDAY + timedelta(seconds=seconds)


def mandate(version: int = 1) -> Mandate:
    return a_mandate(account_id="acc1", version=version)


def test_accounts_stand_on_logins(any_store):
    second = replace(ACCOUNT, id="acc2", name="Core", opened_at=later(5))
    with any_store.write() as tx:
        with pytest.raises(NotFound, match="no login has the id paper-1; there are none yet"):
            accounts.put_account(tx, ACCOUNT)
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)
        accounts.put_account(tx, second)
        assert accounts.logins(tx) == [LOGIN]
        assert accounts.login(tx, "paper-1") == LOGIN
        assert accounts.accounts(tx) == [ACCOUNT, second]
        assert accounts.by_id(tx, "acc1") == ACCOUNT
        assert accounts.by_name(tx, "Core") == second


def test_two_accounts_cannot_share_a_name(any_store):
    with any_store.write() as tx:
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)
        with pytest.raises(BadInput, match="an account named Event tactical exists already"):
            accounts.put_account(tx, replace(ACCOUNT, id="acc2"))


def test_an_unknown_account_names_near_ones(any_store):
    with any_store.write() as tx:
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)
        with pytest.raises(NotFound, match="named Event tactica; near ones are Event tactical"):
            accounts.by_name(tx, "Event tactica")
        with pytest.raises(NotFound, match="no account has the id zzz; known are acc1"):
            accounts.by_id(tx, "zzz")


def test_a_live_login_is_refused_under_a_simulated_market(any_store):
    live = BrokerLogin(id="z", broker=Broker.ZERODHA, mode=LoginMode.LIVE, label="Zerodha AB")
    with any_store.write() as tx, pytest.raises(BadInput, match="this store is stamped sim"):
        accounts.put_login(tx, live)


def test_an_account_is_closed_once(any_store):
    with any_store.write() as tx:
        accounts.put_login(tx, LOGIN)
        accounts.put_account(tx, ACCOUNT)
        accounts.close(tx, "acc1", later(60))
        assert accounts.by_id(tx, "acc1").closed_at == later(60)
        with pytest.raises(BadInput, match="Event tactical was closed at 20 Nov 2026"):
            accounts.close(tx, "acc1", later(90))


def test_mandates_follow_each_other(any_store):
    with any_store.write() as tx:
        with pytest.raises(NotFound, match="account acc1 has no mandate yet"):
            mandates.current(tx, "acc1")
        mandates.put(tx, mandate())
        mandates.put(tx, mandate(2))
        assert mandates.current(tx, "acc1") == mandate(2)
        assert mandates.of_accounts(tx, ["acc1"]) == {"acc1": mandate(2)}
        with pytest.raises(NotFound, match="account nobody has no mandate yet"):
            mandates.of_accounts(tx, ["acc1", "nobody"])
        assert mandates.versions(tx, "acc1") == [mandate(), mandate(2)]
        with pytest.raises(IllegalTransition, match="at version 2 and version 2 cannot follow"):
            mandates.put(tx, mandate(2))
        with pytest.raises(IllegalTransition, match="sign version 3"):
            mandates.put(tx, mandate(4))


def test_the_funding_plan_that_stands_is_the_last(any_store):
    first = FundingPlan(
        account_id="acc1",
        version=1,
        kind=FundingKind.HYBRID,
        lump_sum=Money.rupees(100_000),
        instalment=Money.rupees(10_000),
        day_of_month=5,
        starts_on=date(2026, 12, 5),
        months=12,
        buffer=ZERO,
    )
    with any_store.write() as tx:
        assert funding.current(tx, "acc1") is None
        funding.put(tx, first)
        funding.put(tx, replace(first, version=2, months=24))
        assert funding.current(tx, "acc1") == replace(first, version=2, months=24)
        with pytest.raises(IllegalTransition, match="write version 3"):
            funding.put(tx, first)


def test_a_plan_written_before_tranches_reads_with_what_is_usual(any_store):
    old = (
        '{"account_id":"acc1","buffer":{"paise":0},"day_of_month":5,"instalment":{"paise":100000},'
        '"kind":"SIP","lump_sum":{"paise":0},"months":12,"starts_on":"2026-12-05","version":1}'
    )
    read = from_json(FundingPlan, old)
    assert (read.tranches, read.carried_max, read.late_money) == ((), 3, LateMoney.AT_ONCE)
    assert (read.already_in, read.began_at) == (ZERO, None)


def test_plans_of_many_accounts_and_every_version_of_one(any_store):
    first = FundingPlan(
        account_id="acc1",
        version=1,
        kind=FundingKind.LUMP_SUM,
        lump_sum=Money.rupees(900),
        instalment=ZERO,
        day_of_month=0,
        starts_on=date(2026, 12, 5),
        months=0,
        tranches=(
            Tranche(Money.rupees(400)),
            Tranche(Money.rupees(500), TrancheTrigger.DATE, on=date(2027, 1, 4)),
        ),
        began_at=FRIDAY,
    )
    with any_store.write() as tx:
        funding.put(tx, first)
        funding.put(tx, replace(first, version=2, buffer=Money(1)))
        funding.put(tx, replace(first, account_id="acc2"))
        assert funding.of_accounts(tx, ["acc1", "acc2", "acc3"]) == {
            "acc1": replace(first, version=2, buffer=Money(1)),
            "acc2": replace(first, account_id="acc2"),
        }
        assert [one.version for one in funding.versions(tx, "acc1")] == [1, 2]


def test_a_tranche_is_let_go_once(any_store):
    firing = Firing(
        account_id="acc1",
        tranche_id="tr1",
        plan_version=1,
        amount=Money.rupees(400),
        fired_at=FRIDAY,
        day=date(2026, 11, 19),
        by="funding",
        words="free at once",
    )
    with any_store.write() as tx:
        assert funding.put_firing(tx, firing) is True
        assert funding.put_firing(tx, replace(firing, by="somebody else")) is False
        assert funding.firings(tx, "acc1") == [firing]
        assert funding.firings(tx, "acc2") == []


def test_capital_moves_once(any_store):
    amount = Money.rupees(500)
    with any_store.write() as tx:
        assert funding.put_capital(tx, "c1", "acc1", FRIDAY, amount, "bank") is True
        assert funding.put_capital(tx, "c1", "acc1", FRIDAY, amount, "bank") is False
        funding.put_capital(tx, "c2", "acc1", later(5), -amount, "back")
        found = funding.capital(tx, "acc1")
        assert [(one.id, one.amount) for one in found] == [("c1", amount), ("c2", -amount)]
        assert found[0].at == FRIDAY
