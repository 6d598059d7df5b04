"""Money booked wrongly, and what transfers are to a funding plan; 23 Nov 2026 is a Monday."""

import json

import pytest

from core.desk.deploy import plan_now
from core.desk.fund import add_money, plan_funding, take_money
from core.desk.suggest_transfers import keep_to_deploy, suggested
from core.desk.take_back import take_back
from core.desk.transfer import approve, cancel, confirm, propose, seen_hash
from core.domain.account import FundingKind, FundingPlan
from core.domain.clock import ist_day
from core.domain.ledger import CASH, FUNDING, Transaction
from core.domain.money import ZERO, Money
from core.domain.transfer import OWNER, StepName, Transfer
from core.errors import BadInput, NotFound, Refused
from core.store import accounts, audit, funding, ledger
from core.treasury.funding import InstalmentStatus as I
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.transfers import FAR, SIP, books_hold, with_others
from tests.made import rs

EVENT = ACCOUNT.id


@pytest.fixture
def three(morning: Morning) -> Morning:
    return with_others(morning)


def monthly(m: Morning, of: str = SIP.id) -> None:
    """₹25,000 on the 23rd of each month, from today; what lies in the account pays nothing."""
    today = ist_day(m.clock.now())
    plan = FundingPlan(of, 1, FundingKind.SIP, ZERO, rs("25000"), today.day, today, 12)
    plan_funding(m.desk, plan, by="me", counts_cash=False)


def first(m: Morning, of: str = SIP.id) -> tuple[I, Money]:
    """What became of the first instalment, and what the plan asks for."""
    with m.desk.store.read() as tx:
        plan = funding.current(tx, of)
        assert plan is not None
        today = ist_day(m.clock.now())
        now = plan_now(tx, plan, calendar=m.desk.calendar, today=today).standing
    return now.instalments[0].status, now.asked


def deposit(m: Morning, amount: str, name: str = "salary", of: str = SIP.id) -> Transaction:
    m.clock.pass_seconds(1)
    return add_money(m.desk, of, rs(amount), reference=name, by="me")


def cash(m: Morning, of: str = SIP.id) -> Money:
    with m.desk.store.read() as tx:
        books_hold(tx)
        return ledger.balance(tx, of, CASH)


def moved(m: Morning, of: str, to: str, *, instalment: bool = False) -> Transfer:
    m.clock.pass_seconds(1)
    made = propose(m.desk, from_account=of, to_account=to, amount=rs("25000"), reason="why",
                   by="me", pays_instalment=instalment)  # fmt: skip
    with m.desk.store.read() as tx:
        shown = seen_hash(tx, m.desk, made)
    return approve(m.desk, made.id, seen=shown, by="me")


def test_a_wrong_deposit_is_reversed_by_an_entry_with_its_reason(three: Morning):
    made = deposit(three, "50000")
    back = take_back(three.desk, made.id, because="a zero too many", by="me")
    assert (back.id, back.words) == (f"correction:{made.id}", "a zero too many")
    assert cash(three) == rs("100000")
    with three.desk.store.read() as tx:
        assert ledger.balance(tx, SIP.id, FUNDING) == rs("-100000")
        assert ledger.is_posted(tx, made.id)  # the wrong one stays
        [entry] = [one for one in audit.entries(tx) if one.verb == "take back"]
    assert (entry.subject, json.loads(entry.body)["amount_paise"]) == (made.id, -50_000_00)
    with pytest.raises(BadInput, match="taken back already"):
        take_back(three.desk, made.id, because="again", by="me")


def test_a_wrong_withdrawal_comes_back_even_to_an_account_below_zero(three: Morning):
    made = take_money(three.desk, SIP.id, rs("90000"), reference="rent", by="me")
    take_back(three.desk, made.id, because="it was the other account", by="me")
    assert cash(three) == rs("100000")


def test_what_is_taken_back_must_be_free_and_of_an_open_account(three: Morning):
    made = deposit(three, "50000")
    take_money(three.desk, SIP.id, rs("100001"), reference="rent", by="me")
    with pytest.raises(BadInput, match=r"has ₹49,999\.00 free and ₹50,000\.00 would be taken"):
        take_back(three.desk, made.id, because="wrong", by="me")
    with three.desk.store.write() as tx:
        accounts.close(tx, SIP.id, three.clock.now())
    with pytest.raises(Refused, match="was closed"):
        take_back(three.desk, made.id, because="wrong", by="me")


def test_only_deposits_and_withdrawals_are_taken_back_and_with_a_reason(three: Morning):
    leg = f"transfer:{moved(three, EVENT, SIP.id).id}:out"
    with pytest.raises(BadInput, match="is a transfer, and only deposits"):
        take_back(three.desk, leg, because="wrong", by="me")
    with pytest.raises(NotFound, match="no entry is called x"):
        take_back(three.desk, "x", because="wrong", by="me")
    with pytest.raises(BadInput, match="needs to know why"):
        take_back(three.desk, leg, because=" ", by="me")


def test_a_deposit_that_was_taken_back_pays_no_instalment(three: Morning):
    monthly(three)
    assert first(three) == (I.DUE, rs("25000"))
    made = deposit(three, "25000")
    assert first(three)[0] is I.PAID
    take_back(three.desk, made.id, because="never came", by="me")
    assert first(three) == (I.DUE, rs("25000"))
    rent = take_money(three.desk, SIP.id, rs("25000"), reference="rent", by="me")
    take_back(three.desk, rent.id, because="never went", by="me")
    assert first(three) == (I.DUE, rs("25000"))  # what came back was never paid in


def test_a_transfer_is_no_instalment_unless_a_person_says_so(three: Morning):
    monthly(three)
    moved(three, EVENT, SIP.id)
    assert (first(three), cash(three)) == ((I.DUE, rs("25000")), rs("125000"))
    moved(three, EVENT, SIP.id, instalment=True)
    assert (first(three)[0], cash(three)) == (I.PAID, rs("150000"))


def test_a_transfer_called_off_or_paid_short_leaves_the_givers_plan_as_it_was(three: Morning):
    monthly(three, EVENT)
    cancel(three.desk, moved(three, EVENT, FAR.id).id, because="no", by="me")
    assert first(three, EVENT) == (I.DUE, rs("25000"))
    short = moved(three, EVENT, FAR.id)
    confirm(three.desk, short.id, StepName.WITHDRAW, seen=rs("1"), by="me")
    assert first(three, EVENT) == (I.DUE, rs("25000"))


def test_an_instalment_needs_an_account_that_has_one(three: Morning):
    with pytest.raises(BadInput, match="SIP aggressive has no plan with instalments"):
        moved(three, EVENT, SIP.id, instalment=True)
    with pytest.raises(BadInput, match="return to the owner pays no instalment"):
        moved(three, EVENT, OWNER, instalment=True)


def test_a_missed_instalment_is_suggested_once_and_what_pays_it_counts(three: Morning):
    monthly(three)
    three.clock.pass_seconds(2 * 86_400)
    for name, keeps in ((EVENT, "1900000"), (FAR.id, "0")):
        keep_to_deploy(three.desk, name, rs(keeps), by="me")

    def ideas() -> list[tuple[str, bool]]:
        with three.desk.store.read() as tx:
            found = [one for one in suggested(tx, three.desk) if one.to_account == SIP.id]
        return [(one.from_account, one.pays_instalment) for one in found]

    assert ideas() == [(EVENT, True)]
    moved(three, FAR.id, SIP.id, instalment=True)  # from another login: on its way
    assert ideas() == []
    assert first(three)[0] is I.MISSED
