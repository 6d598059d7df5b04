import threading
from datetime import date, datetime

import pytest
from sqlmodel import Session

from core.desk.account import obstacles
from core.desk.logins import move_account
from core.desk.purse import purse
from core.desk.transfer import LIVES, approve, cancel, confirm, expire_old, propose, seen_hash
from core.domain.account import Account
from core.domain.charges import Charges
from core.domain.ledger import CASH, FUNDING, RESERVED, Transaction, clearing_ledger
from core.domain.money import ZERO, Money
from core.domain.transfer import OWNER, StepName, Transfer, TransferStatus
from core.errors import ApprovalRefused, BadInput, IllegalTransition, MunimError, NotFound, Refused
from core.store import accounts, audit, ledger, transfers
from core.treasury import post
from tests.at_once import at_once
from tests.desk.morning import ACCOUNT, Morning
from tests.desk.transfers import FAR, FLOOR, SIP, books_hold, with_others
from tests.made import T0, a_fill, rs

S = TransferStatus
EVENT = ACCOUNT.id


@pytest.fixture
def three(any_morning: Morning) -> Morning:
    return with_others(any_morning)


@pytest.fixture
def quick(morning: Morning) -> Morning:
    return with_others(morning)


def wish(m: Morning, to: str = SIP.id, amount: str = "25000", of: str = EVENT) -> Transfer:
    return propose(
        m.desk, from_account=of, to_account=to, amount=rs(amount), reason="instalment", by="me"
    )


def yes(m: Morning, asked: Transfer) -> Transfer:
    with m.desk.store.read() as tx:
        shown = seen_hash(tx, m.desk, asked)
    return approve(m.desk, asked.id, seen=shown, by="me")


def stands(m: Morning, account: str, name: str = CASH) -> Money:
    with m.desk.store.read() as tx:
        return ledger.balance(tx, account, name)


def clean(m: Morning) -> None:
    with m.desk.store.read() as tx:
        books_hold(tx)


def test_inside_one_login_the_approval_moves_the_money_through_clearing(three: Morning):
    asked = wish(three)
    assert [step.name for step in asked.steps] == [StepName.MOVE]
    assert stands(three, SIP.id) == rs("100000")  # a proposal moves nothing
    done = yes(three, asked)
    assert (done.status, done.approved_by, done.version) == (S.DONE, "me", 2)
    assert stands(three, EVENT) == rs("1975000") and stands(three, SIP.id) == rs("125000")
    name = clearing_ledger(done.id)
    assert stands(three, EVENT, name) == ZERO == stands(three, SIP.id, name)
    assert stands(three, EVENT, FUNDING) == rs("-1975000")
    assert stands(three, SIP.id, FUNDING) == rs("-125000")
    clean(three)


def test_across_logins_it_stands_in_clearing_until_a_person_saw_it_arrive(three: Morning):
    asked = wish(three, FAR.id)
    # Monday 23 Nov; Tuesday is a holiday, so the bank shows it on Wednesday
    assert [(step.name, step.due_on) for step in asked.steps] == [
        (StepName.WITHDRAW, date(2026, 11, 23)),
        (StepName.BANK, date(2026, 11, 25)),
        (StepName.ADD, date(2026, 11, 25)),
    ]
    moving = yes(three, asked)
    assert (moving.status, moving.in_clearing) == (S.MOVING, rs("25000"))
    assert stands(three, EVENT) == rs("1975000") and stands(three, FAR.id) == rs("100000")
    assert stands(three, EVENT, clearing_ledger(asked.id)) == rs("25000")
    for step in StepName.WITHDRAW, StepName.BANK:
        moving = confirm(three.desk, asked.id, step, seen=rs("25000"), by="me")
        assert moving.status is S.MOVING and stands(three, FAR.id) == rs("100000")
    done = confirm(three.desk, asked.id, StepName.ADD, seen=rs("25000"), by="me")
    assert done.status is S.DONE and stands(three, FAR.id) == rs("125000")
    clean(three)


def test_what_is_returned_to_the_owner_is_paid_out_of_funding(three: Morning):
    asked = wish(three, OWNER)
    yes(three, asked)
    confirm(three.desk, asked.id, StepName.WITHDRAW, seen=rs("25000"), by="me")
    done = confirm(three.desk, asked.id, StepName.BANK, seen=rs("25000"), by="me")
    assert done.status is S.DONE
    assert stands(three, EVENT, FUNDING) == rs("-1975000")
    assert stands(three, EVENT, clearing_ledger(asked.id)) == ZERO
    clean(three)


def test_what_the_broker_did_not_pay_goes_back_and_what_the_bank_lacks_stays_outside(
    three: Morning,
):
    asked = wish(three, FAR.id)
    yes(three, asked)
    confirm(three.desk, asked.id, StepName.WITHDRAW, seen=rs("24000"), by="me")
    assert stands(three, EVENT) == rs("1976000")
    confirm(three.desk, asked.id, StepName.BANK, seen=rs("23990"), by="me")
    confirm(three.desk, asked.id, StepName.ADD, seen=rs("23980"), by="me")
    assert stands(three, FAR.id) == rs("123980")
    # 1,000 came back, 23,980 went to the other account and 20 are with the owner
    assert stands(three, EVENT, FUNDING) == rs("-1976000")
    with three.desk.store.read() as tx:
        assert sum(f.get(clearing_ledger(asked.id), ledger.NOTHING).amount.paise
                   for f in ledger.folds(tx).values()) == 0  # fmt: skip
    clean(three)


def test_only_what_is_above_reserved_money_floor_and_buffer_can_go(quick: Morning):
    with quick.desk.store.write() as tx:
        ledger.post(tx, post.reserve(account_id=SIP.id, amount=rs("20000"),
                                     at=quick.clock.now(), order_id="o1"))  # fmt: skip
    # 1,00,000 less 20,000 reserved and a floor of 50,000
    with pytest.raises(BadInput, match=r"has ₹30,000.00 to give .* ₹30,000.01 was asked for"):
        wish(quick, EVENT, "30000.01", of=SIP.id)
    yes(quick, wish(quick, EVENT, "30000", of=SIP.id))
    assert (stands(quick, SIP.id), stands(quick, SIP.id, RESERVED)) == (rs("50000"), rs("20000"))


def test_a_click_is_bound_to_the_balances_that_were_shown(quick: Morning):
    asked = wish(quick)
    with quick.desk.store.read() as tx:
        shown = seen_hash(tx, quick.desk, asked)
    with quick.desk.store.write() as tx:
        ledger.post(tx, post.withdrawal(account_id=EVENT, amount=rs("1"), at=quick.clock.now(),
                                        reference="w"))  # fmt: skip
    with pytest.raises(ApprovalRefused, match="balances of Event tactical moved"):
        approve(quick.desk, asked.id, seen=shown, by="me")
    with pytest.raises(ApprovalRefused, match="moved"):
        approve(quick.desk, asked.id, seen="", by="me")
    assert yes(quick, asked).status is S.DONE


def test_what_was_spent_since_the_proposal_refuses_the_approval(quick: Morning):
    asked = wish(quick, EVENT, "50000", of=SIP.id)
    with quick.desk.store.write() as tx:
        ledger.post(tx, post.withdrawal(account_id=SIP.id, amount=rs("1"), at=quick.clock.now(),
                                        reference="w"))  # fmt: skip
    with pytest.raises(BadInput, match=r"has ₹49,999.00 to give"):
        yes(quick, asked)
    assert stands(quick, SIP.id) == rs("99999")


def test_twenty_clicks_at_once_move_the_money_once(three: Morning):
    asked = wish(three, amount="1000")
    with three.desk.store.read() as tx:
        shown = seen_hash(tx, three.desk, asked)

    def click(_number: int) -> str:
        try:
            return approve(three.desk, asked.id, seen=shown, by="me").status
        except Refused as refused:
            return str(refused)

    said = at_once(8, click)
    assert said.count("DONE") == 1
    assert stands(three, SIP.id) == rs("101000")
    clean(three)


def test_the_same_wish_and_the_same_step_at_once_count_once(three: Morning):
    made = at_once(6, lambda _number: wish(three, FAR.id, "1000"))
    assert len({one.id for one in made}) == 1
    yes(three, made[0])

    def click(_number: int) -> bool:
        try:
            confirm(three.desk, made[0].id, StepName.WITHDRAW, seen=rs("1000"), by="me")
        except Refused:
            return False
        return True

    assert sum(at_once(6, click)) == 1
    with three.desk.store.read() as tx:
        [now] = transfers.under_way(tx)
    assert now.next_step is not None and now.next_step.name is StepName.BANK
    clean(three)


def test_two_transfers_at_once_cannot_give_the_same_rupees(three: Morning):
    both = [wish(three, to, "40000", of=SIP.id) for to in (EVENT, FAR.id)]
    with three.desk.store.read() as tx:
        shown = [seen_hash(tx, three.desk, one) for one in both]

    def click(number: int) -> bool:
        try:
            approve(three.desk, both[number].id, seen=shown[number], by="me")
        except Refused:
            return False
        return True

    assert sorted(at_once(2, click)) == [False, True]
    assert stands(three, SIP.id) == rs("60000") > FLOOR
    clean(three)


def test_a_card_and_a_transfer_of_one_account_wait_for_each_other(three: Morning):
    # the transfer is being approved: a click on a card waits for its end, and then comes after it
    card = three.put()
    asked = wish(three)
    with three.desk.store.read() as tx:
        shown = seen_hash(tx, three.desk, asked)
    with three.desk.store.write() as tx:
        accounts.hold(tx, EVENT)
        click = threading.Thread(target=three.approve, args=(card,))
        click.start()
        click.join(0.4)
        assert click.is_alive()
    click.join(60)
    with pytest.raises(ApprovalRefused, match="balances of Event tactical moved"):
        approve(three.desk, asked.id, seen=shown, by="me")
    clean(three)


def test_the_same_proposal_twice_is_one(quick: Morning):
    first = wish(quick)
    quick.clock.pass_seconds(5)
    assert wish(quick) == first
    assert wish(quick, amount="25001") != first
    with quick.desk.store.read() as tx:
        assert len(transfers.under_way(tx)) == 2


def test_calling_off_gives_the_money_back_and_ends_it(quick: Morning):
    asked = wish(quick, FAR.id)
    yes(quick, asked)
    with pytest.raises(BadInput, match="why"):
        cancel(quick.desk, asked.id, because=" ", by="me")
    ended = cancel(quick.desk, asked.id, because="not needed", by="me")
    assert (ended.status, ended.ended) == (S.CANCELLED, "not needed")
    assert stands(quick, EVENT) == rs("2000000")
    with pytest.raises(IllegalTransition, match="is CANCELLED"):
        cancel(quick.desk, asked.id, because="again", by="me")
    with pytest.raises(IllegalTransition, match="no step is left"):
        confirm(quick.desk, asked.id, StepName.WITHDRAW, seen=rs("1"), by="me")
    other = wish(quick)
    assert cancel(quick.desk, other.id, because="no", by="me").status is S.CANCELLED
    clean(quick)


def test_money_that_left_its_broker_is_not_called_off(quick: Morning):
    asked = wish(quick, FAR.id)
    yes(quick, asked)
    confirm(quick.desk, asked.id, StepName.WITHDRAW, seen=rs("25000"), by="me")
    with pytest.raises(IllegalTransition, match="has left its broker"):
        cancel(quick.desk, asked.id, because="too late", by="me")


def test_steps_are_confirmed_in_their_order_once_and_after_the_approval(quick: Morning):
    asked = wish(quick, FAR.id)
    with pytest.raises(BadInput, match="is not approved"):
        confirm(quick.desk, asked.id, StepName.WITHDRAW, seen=rs("25000"), by="me")
    yes(quick, asked)
    with pytest.raises(BadInput, match="withdraw at the broker comes before seen in the bank"):
        confirm(quick.desk, asked.id, StepName.BANK, seen=rs("25000"), by="me")
    confirm(quick.desk, asked.id, StepName.WITHDRAW, seen=rs("25000"), by="me")
    with pytest.raises(BadInput, match="seen in the bank comes before"):
        confirm(quick.desk, asked.id, StepName.WITHDRAW, seen=rs("25000"), by="me")
    with pytest.raises(BadInput, match=r"₹25,000\.00 was on its way"):
        confirm(quick.desk, asked.id, StepName.BANK, seen=rs("25001"), by="me")


def test_the_same_asked_again_at_the_moment_it_was_done_is_refused_and_a_second_later_is_another(
    quick: Morning,
):
    done = yes(quick, wish(quick))
    with pytest.raises(BadInput, match=f"transfer {done.id} was asked for at this very moment"):
        wish(quick)
    quick.clock.pass_seconds(1)
    assert yes(quick, wish(quick)).id != done.id


def test_a_proposal_that_nobody_approved_expires(quick: Morning):
    asked = wish(quick)
    quick.clock.pass_seconds(LIVES.total_seconds())
    with pytest.raises(ApprovalRefused, match="expired on 26 Nov 2026"):
        yes(quick, asked)
    assert [expire_old(quick.desk) for _ in range(2)] == [1, 0]
    with quick.desk.store.read() as tx:
        ended = transfers.by_id(tx, asked.id)
        assert (ended.status, ended.ended_at) == (S.EXPIRED, asked.expires_at)
        verbs = [one.verb for one in audit.entries(tx) if one.subject == asked.id]
    assert verbs == ["propose transfer", "expire transfer"]
    assert wish(quick).id != asked.id


def test_a_new_wish_ends_the_overdue_one_of_its_account_where_no_worker_did(quick: Morning):
    asked = wish(quick)
    quick.clock.pass_seconds(LIVES.total_seconds())
    again = wish(quick)
    with quick.desk.store.read() as tx:
        assert (transfers.by_id(tx, asked.id).status, again.status) == (S.EXPIRED, S.PROPOSED)


def test_a_transfer_whose_way_changed_since_it_was_proposed_is_proposed_anew(quick: Morning):
    # proposed as one press inside the paper login; the other account is at Kite by the click
    asked = wish(quick)
    move_account(quick.desk, SIP.id, "kite", by="me")
    with pytest.raises(ApprovalRefused, match="changed its login since it was proposed"):
        yes(quick, asked)
    assert stands(quick, EVENT) == rs("2000000")


def test_an_account_that_is_unknown_or_closed_gets_nothing(quick: Morning):
    with pytest.raises(NotFound, match="nobody"):
        wish(quick, "nobody")
    with pytest.raises(NotFound, match="no transfer is called tr0"):
        approve(quick.desk, "tr0", seen="", by="me")
    with pytest.raises(BadInput, match="cannot pay itself"):
        wish(quick, EVENT)


def test_an_account_with_money_on_its_way_neither_closes_nor_changes_its_login(quick: Morning):
    asked = wish(quick, FAR.id)
    yes(quick, asked)
    with quick.desk.store.read() as tx:
        gives = [one.what for one in obstacles(tx, EVENT, today=T0.date())]
        gets = [one.what for one in obstacles(tx, FAR.id, today=T0.date())]
    assert "₹25,000.00 on its way between accounts" in gives
    assert "₹25,000.00 coming from another account" in gets
    for account, login in ((EVENT, "kite"), (FAR.id, "paper")):
        with pytest.raises(BadInput, match=f"of transfer {asked.id} is on its way"):
            move_account(quick.desk, account, login, by="me")
    cancel(quick.desk, asked.id, because="no", by="me")
    with quick.desk.store.read() as tx:
        assert [one.what for one in obstacles(tx, EVENT, today=T0.date())] == [
            "₹20,00,000.00 in cash"
        ]
    assert move_account(quick.desk, FAR.id, "paper", by="me").login_id == "paper"


def test_a_closed_account_neither_gives_nor_gets(quick: Morning):
    with quick.desk.store.write() as tx:
        accounts.close(tx, SIP.id, quick.clock.now())
    with pytest.raises(BadInput, match="SIP aggressive was closed on 23 Nov 2026; name another"):
        wish(quick, SIP.id)
    with pytest.raises(MunimError, match="SIP aggressive"):
        wish(quick, EVENT, of=SIP.id)


def test_every_verb_is_in_the_record(quick: Morning):
    asked = wish(quick, FAR.id)
    yes(quick, asked)
    confirm(quick.desk, asked.id, StepName.WITHDRAW, seen=rs("25000"), by="me")
    with quick.desk.store.read() as tx:
        verbs = [one.verb for one in audit.entries(tx) if one.subject == asked.id]
    assert verbs == ["propose transfer", "approve transfer", "confirm transfer"]


def test_a_sale_of_today_may_go_to_another_account_and_leaves_the_broker_when_it_settles(
    quick: Morning,
):
    # 1,00,000 came; 180 were bought at 500 in October and 160 are sold at 500 today
    with quick.desk.store.write() as tx:
        at = quick.clock.now()
        ledger.post(tx, bought(SIP.id, 180, at=at.replace(month=10)))
        ledger.post(tx, sold(tx, SIP.id, 160, at=at))
    with quick.desk.store.read() as tx:
        now = purse(tx, quick.desk, SIP.id)
    assert (now.free, now.spendable, now.withdrawable) == (rs("90000"), rs("90000"), rs("10000"))
    assert (now.deployable.amount, now.movable) == (rs("40000"), rs("40000"))
    # Tuesday is a holiday: what was sold on Monday settles on Wednesday and is seen on Thursday
    later = wish(quick, OWNER, "40000", of=SIP.id)
    assert [step.due_on for step in later.steps] == [date(2026, 11, 25), date(2026, 11, 26)]
    sooner = wish(quick, FAR.id, "10000", of=SIP.id)
    assert sooner.steps[0].due_on == date(2026, 11, 23)
    assert yes(quick, wish(quick, EVENT, "40000", of=SIP.id)).status is S.DONE


def test_at_a_broker_that_checks_cash_only_what_may_be_spent_goes_to_another_account(
    quick: Morning,
):
    # at Kite: 180 were bought on Friday, which are in the demat account after Monday
    with quick.desk.store.write() as tx:
        at = quick.clock.now()
        ledger.post(tx, bought(FAR.id, 180, at=at.replace(day=20)))
        ledger.post(tx, sold(tx, FAR.id, 160, at=at))
    with quick.desk.store.read() as tx:
        now = purse(tx, quick.desk, FAR.id)
    assert (now.free, now.spendable, now.movable) == (rs("90000"), rs("10000"), rs("10000"))
    near = Account(id="near", name="Near", login_id="kite", opened_at=T0)
    with quick.desk.store.write() as tx:
        accounts.put_account(tx, near)
    with pytest.raises(BadInput, match=r"may use ₹10,000.00 today, .* ₹10,001.00 was asked for"):
        wish(quick, near.id, "10001", of=FAR.id)
    assert yes(quick, wish(quick, near.id, "10000", of=FAR.id)).status is S.DONE


def bought(account: str, qty: int, *, at: datetime) -> Transaction:
    fill = a_fill(f"b{qty}", qty=qty, price=rs("500"), traded_at=at, account_id=account)
    return post.trade(fill, None, Charges())


def sold(tx: Session, account: str, qty: int, *, at: datetime) -> Transaction:
    [held] = ledger.positions(tx, account)
    fill = a_fill(f"s{qty}", qty=-qty, price=rs("500"), traded_at=at, account_id=account)
    return post.trade(fill, held, Charges())
