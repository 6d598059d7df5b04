"""The treasury in rupees, page and terminal from one place; the lines beside a broker's funds."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.desk.fund import add_money
from core.desk.pnl import account_pnls, summed, whose
from core.desk.suggest_transfers import keep_to_deploy, suggested
from core.desk.take_back import take_back
from core.desk.transfer import approve, cancel, confirm, expire_old, propose, seen_hash
from core.domain.account import FundingKind, FundingPlan
from core.domain.charges import Charges
from core.domain.clock import ist_day
from core.domain.ledger import CASH
from core.domain.login import LoginState, SessionStatus
from core.domain.money import ZERO, Money, total
from core.domain.transfer import OWNER, StepName, Transfer, TransferStatus
from core.errors import BadInput, NotFound
from core.store import accounts, funding, ledger, logins, transfers
from core.store.engine import Store
from core.treasury import post
from core.views.cash_lines import books_of
from core.views.ledger import balance_lines, entry_lines, lines_csv, trial_view
from core.views.transfer_rows import to_decide
from core.views.treasury import account_choices, treasury_view
from core.views.treasury_money import treasury_money
from tests.desk.morning import ACCOUNT, Morning, morning_on
from tests.desk.test_transfer import bought, sold
from tests.desk.transfers import FAR, SIP, books_hold, with_others
from tests.made import MIDCO, a_fill, rs
from tests.views.shelf import filled_desk
from tests.views.test_positions import words

EVENT = ACCOUNT.id


@pytest.fixture
def three(store: Store, tmp_path: Path) -> Morning:
    return with_others(morning_on(store, tmp_path / "home"))


def told(m: Morning, **rupees: str) -> None:
    """What Kite told of its funds last."""
    facts = {"funds": {name: rs(amount).paise for name, amount in rupees.items()}}
    state = LoginState("kite", SessionStatus.OPEN, "open", "AB1234", None, None, m.clock.now(), 1.0,
                       facts)  # fmt: skip
    with m.desk.store.write() as tx:
        logins.put_state(tx, state)


def move(m: Morning, of: str, to: str, amount: str, *, until: int = 0) -> Transfer:
    """Propose and approve, and confirm the first so many steps."""
    made = propose(m.desk, from_account=of, to_account=to, amount=rs(amount), reason="why",
                   by="me")  # fmt: skip
    with m.desk.store.read() as tx:
        shown = seen_hash(tx, m.desk, made)
    made = approve(m.desk, made.id, seen=shown, by="me")
    for step in made.steps[:until]:
        made = confirm(m.desk, made.id, step.name, seen=made.on_its_way, by="me")
    return made


def test_each_login_shows_its_accounts_and_what_its_broker_says(three: Morning):
    told(three, available="100500", opening="100000", paid_in="0", used="1200")
    money = treasury_money(three.desk)
    kite, paper = money.logins
    assert (kite.told, kite.used, kite.books) == (rs("100500"), rs("1200"), rs("100000"))
    assert kite.differs == rs("500") and paper.differs is None
    assert [one.name for one in paper.accounts] == ["Event tactical", "SIP aggressive"]
    # 1,00,000 less the mandate's floor of 50,000
    assert kite.accounts[0].deployable.amount == rs("50000")
    view = treasury_view(three.desk)
    named = [words(row.name) for row in view.rows]
    assert (named[:2], named[3:]) == (["Kite", "Lump sum"], ["Event tactical", "SIP aggressive"])
    assert words(view.rows[0].broker) == "₹1,00,500.00 +₹500.00 differs"
    assert view.logins[0].note.startswith("₹1,200.00 margin used · ")
    assert view.figures[1].value == "₹500"


def test_where_no_login_tells_its_funds_one_line_says_why(three: Morning, tmp_path: Path):
    view = treasury_view(filled_desk(tmp_path / "paper"))  # a paper broker and nothing else
    assert view.untold.startswith("The paper broker holds no money of its own")
    assert "At brokers" not in [one.label for one in view.figures]
    view = treasury_view(three.desk)  # a login at Kite that was not read yet
    assert view.untold == "No broker has told its funds yet: each is read after its log-in."
    assert (view.figures[0].value, view.figures[0].detail) == ("not told", "0 of 1 brokers told")
    told(three, available="100500", opening="100000", paid_in="0", used="1200")
    assert treasury_view(three.desk).untold == ""


def test_money_that_waits_to_leave_is_still_in_the_login_until_a_person_saw_it_go(three: Morning):
    asked = move(three, FAR.id, EVENT, "20000")
    with three.desk.store.read() as tx:
        mine = [one for one in accounts.accounts(tx) if one.login_id == "kite"]
        books = books_of(tx, "kite", mine, now=three.clock.now())
        assert (books.free, books.between, books.opening) == (rs("100000"), ZERO, ZERO)
        assert ledger.balance(tx, FAR.id, CASH) == rs("80000")
    confirm(three.desk, asked.id, StepName.WITHDRAW, seen=rs("20000"), by="me")
    with three.desk.store.read() as tx:
        books = books_of(tx, "kite", mine, now=three.clock.now())
        assert (books.free, books.between) == (rs("80000"), rs("-20000"))
        next_day = three.clock.now() + timedelta(days=1)
        books = books_of(tx, "kite", mine, now=next_day)
        assert (books.opening, books.between) == (rs("80000"), ZERO)
    [row] = [one for one in treasury_money(three.desk).logins[0].lines if "accounts" in one.line]
    assert row.line == "Paid in and out, −₹20,000.00 with other accounts"
    assert row.books == "₹80,000.00"  # 1,00,000 came today


def test_what_was_approved_yesterday_and_called_off_today_moves_nothing_at_the_broker(
    three: Morning,
):
    asked = move(three, FAR.id, EVENT, "20000")
    three.clock.pass_seconds(86_400)
    with three.desk.store.read() as tx:
        mine = [one for one in accounts.accounts(tx) if one.login_id == "kite"]
        books = books_of(tx, "kite", mine, now=three.clock.now())
        assert (books.opening, books.between, books.free) == (rs("100000"), ZERO, rs("100000"))
    cancel(three.desk, asked.id, because="no", by="me")
    with three.desk.store.read() as tx:
        books = books_of(tx, "kite", mine, now=three.clock.now())
        assert (books.opening, books.between, books.free) == (rs("100000"), ZERO, rs("100000"))


def test_on_its_way_is_shown_at_both_accounts_and_in_the_trial_balance(three: Morning):
    made = move(three, EVENT, FAR.id, "25000", until=1)
    view = treasury_view(three.desk)
    shown = {words(row.name): words(row.clearing) for row in view.rows}
    assert shown["Event tactical"] == "−₹25,000.00 leaving"
    assert shown["Lump sum"] == "+₹25,000.00 coming"
    [row] = view.waiting
    assert (row.title, row.seen, row.can_cancel) == (
        "₹25,000.00 Event tactical → Lump sum", "", False,
    )  # fmt: skip
    assert row.ask == "Seen in the bank: rupees seen"
    assert [step.mark for step in row.steps] == ["", "on", ""]
    [clearing] = [one for one in view.trial if one.kind == "clearing:"]
    assert (clearing.amount, clearing.mark) == ("+₹25,000.00", "")
    assert view.trial[-1].amount == "₹0.00" and view.trial_note == "sums to ₹0.00"
    for step in made.steps[1:]:
        confirm(three.desk, made.id, step.name, seen=rs("25000"), by="me")
    over = treasury_view(three.desk)
    assert [(one.route, words(one.status)) for one in over.ended] == [
        ("Event tactical → Lump sum", "done")
    ]
    assert not [one for one in over.trial if one.kind == "clearing:"]


def test_a_step_that_is_late_is_said_to_be_late(three: Morning):
    move(three, EVENT, FAR.id, "25000")
    three.clock.pass_seconds(86_400)
    view = treasury_view(three.desk)
    assert words(view.waiting[0].steps[0].due) == "23 Nov 2026 late"
    assert view.figures[-1].detail == "1 late"


def test_what_waits_for_a_yes_or_is_late_is_said_among_what_to_fix(three: Morning):
    def said() -> list[str]:
        with three.desk.store.read() as tx:
            return to_decide(tx, now=three.clock.now())

    assert said() == []
    propose(three.desk, from_account=EVENT, to_account=SIP.id, amount=rs("1"), reason="x", by="me")
    move(three, EVENT, FAR.id, "25000", until=1)
    assert said() == ["₹1.00 Event tactical → SIP aggressive waits for a yes on Treasury."]
    three.clock.pass_seconds(3 * 86_400)
    assert said() == [
        "₹25,000.00 Event tactical → Lump sum: seen in the bank was expected on 25 Nov 2026. "
        "Confirm it on Treasury."
    ]


def test_what_has_not_settled_is_listed_with_its_day(three: Morning):
    with three.desk.store.write() as tx:
        at = three.clock.now()
        ledger.post(tx, bought(SIP.id, 100, at=at.replace(month=10)))
        ledger.post(tx, sold(tx, SIP.id, 40, at=at))
    [row] = treasury_view(three.desk).staged
    assert (row.account, row.qty, row.amount) == ("SIP aggressive", "−40", "₹20,000.00")
    assert (row.spendable, row.settles) == ("₹20,000.00", "25 Nov 2026")


def test_a_proposal_that_is_too_old_is_not_shown(three: Morning):
    propose(three.desk, from_account=EVENT, to_account=SIP.id, amount=rs("1"), reason="x", by="me")
    assert len(treasury_view(three.desk).waiting) == 1
    three.clock.pass_seconds(3 * 86_400)
    assert treasury_view(three.desk).waiting == ()


def test_who_may_get_money_is_everybody_else_and_the_owner(three: Morning):
    view = treasury_view(three.desk)
    assert dict(account_choices(view, but=EVENT)) == {
        "sip": "SIP aggressive", "far": "Lump sum", OWNER: "the owner",
    }  # fmt: skip


def a_plan(account: str, day: int) -> FundingPlan:
    return FundingPlan(
        account_id=account, version=1, kind=FundingKind.SIP, lump_sum=ZERO,
        instalment=rs("125000"), day_of_month=day, starts_on=date(2026, 11, 1), months=12,
    )  # fmt: skip


def test_nothing_is_suggested_until_an_account_has_a_rule(three: Morning):
    with three.desk.store.write() as tx:
        funding.put(tx, a_plan(SIP.id, 16))
    with three.desk.store.read() as tx:
        assert suggested(tx, three.desk) == ()


def test_a_missed_instalment_is_suggested_from_the_surplus_and_the_rest_to_the_owner(
    three: Morning,
):
    # SIP missed 1,25,000 on 16 Nov, of which 1,00,000 came on the 23rd; Event keeps 18,00,000 of
    # the 19,50,000 it may deploy
    with three.desk.store.write() as tx:
        funding.put(tx, a_plan(SIP.id, 16))
    keep_to_deploy(three.desk, EVENT, rs("1800000"), by="me")
    with three.desk.store.read() as tx:
        found = suggested(tx, three.desk)
    assert [(one.from_account, one.to_account, one.amount) for one in found] == [
        (EVENT, SIP.id, rs("25000")),
        (EVENT, OWNER, rs("125000")),
    ]
    assert found[0].reason == "SIP aggressive missed ₹25,000.00 of its instalments"
    assert "keeps to deploy" in found[1].reason
    move(three, EVENT, OWNER, "25000")
    with three.desk.store.read() as tx:
        assert [one.to_account for one in suggested(tx, three.desk)] == [SIP.id]
    keep_to_deploy(three.desk, EVENT, None, by="me")
    with three.desk.store.read() as tx:
        assert suggested(tx, three.desk) == ()
    with pytest.raises(BadInput, match="cannot keep"):
        keep_to_deploy(three.desk, EVENT, rs("-1"), by="me")


def test_balances_are_of_a_day_and_by_name(three: Morning):
    move(three, EVENT, SIP.id, "25000")
    now = {(one.account, one.ledger): one.amount for one in balance_lines(three.desk, "sip")}
    assert now["SIP aggressive", "cash"] == rs("125000")
    same = balance_lines(three.desk, "SIP aggressive", on=ist_day(three.clock.now()))
    assert {(one.account, one.ledger): one.amount for one in same} == now
    before = ist_day(three.clock.now()) - timedelta(days=1)
    assert balance_lines(three.desk, "sip", on=before) == []
    with pytest.raises(NotFound, match="nobody"):
        balance_lines(three.desk, "nobody")


def test_entries_are_found_by_account_ledger_kind_day_and_words(three: Morning):
    move(three, EVENT, SIP.id, "25000")
    today = ist_day(three.clock.now())
    every = entry_lines(three.desk, kind="transfer")
    assert {(one.account_id, one.ledger.partition(":")[0], one.amount) for one in every} == {
        ("event", "cash", rs("-25000")), ("event", "clearing", rs("25000")),
        ("event", "clearing", rs("-25000")), ("event", "funding", rs("25000")),
        ("sip", "funding", rs("-25000")), ("sip", "cash", rs("25000")),
    }  # fmt: skip
    assert len(entry_lines(three.desk, account="event", ledger_name="clearing:")) == 2
    assert len(entry_lines(three.desk, words="why", start=today, end=today)) == 6
    assert entry_lines(three.desk, end=today - timedelta(days=1)) == []
    assert len(entry_lines(three.desk, limit=2)) == 2
    with pytest.raises(BadInput, match="no transaction is a 'gift'"):
        entry_lines(three.desk, kind="gift")


def test_a_file_of_entries_is_in_rupees_oldest_first_and_holds_no_formula(three: Morning):
    with three.desk.store.write() as tx:
        ledger.post(tx, post.deposit(account_id=SIP.id, amount=rs("1.50"), reference="x",
                                     at=three.clock.now(), words="=cmd()"))  # fmt: skip
    text = lines_csv(three.desk, entry_lines(three.desk, account="sip"))
    rows = [line.split(",") for line in text.splitlines()]
    assert rows[0][:6] == ["at", "account", "kind", "ledger", "symbol", "rupees"]
    assert ["SIP aggressive", "deposit", "cash", "", "1.50"] in [row[1:6] for row in rows]
    assert rows[-1][8] == "'=cmd()"
    assert sum(Decimal(row[5]) for row in rows[1:]) == 0


def test_the_trial_balance_names_what_stands_on_the_wrong_side(three: Morning):
    with three.desk.store.write() as tx:
        ledger.post(tx, post.withdrawal(account_id=SIP.id, amount=rs("100001"), reference="w",
                                        at=three.clock.now()))  # fmt: skip
    [cash] = [one for one in trial_view(three.desk).lines if one.kind.name == "cash"]
    assert cash.wrong == "sip on the wrong side of ₹0.00"
    with three.desk.store.read() as tx:
        assert ledger.trial_balance(tx) == Money(0)


def test_a_desk_after_transfers_has_clean_books(three: Morning):
    move(three, EVENT, SIP.id, "25000")
    move(three, EVENT, FAR.id, "1000", until=2)
    move(three, EVENT, OWNER, "1000", until=2)
    with three.desk.store.read() as tx:
        books_hold(tx)


def test_what_nobody_approved_is_over_on_its_day_and_says_that_nothing_arrived(three: Morning):
    made = propose(three.desk, from_account=EVENT, to_account=FAR.id, amount=rs("25000"),
                   reason="why", by="me")  # fmt: skip
    three.clock.pass_seconds(4 * 86_400)
    for _ in range(2):  # before the worker marked it, and after
        view = treasury_view(three.desk)
        [row] = view.ended
        assert (words(row.status), row.amount, row.arrived) == ("expired", "₹25,000.00", "–")
        assert (row.when, row.why) == ("26 Nov 10:30", "nobody approved it in time")
        assert view.waiting == ()
        assert expire_old(three.desk) in (0, 1)
    with three.desk.store.read() as tx:
        assert transfers.by_id(tx, made.id).status is TransferStatus.EXPIRED


def test_deposits_are_listed_with_what_took_them_back(three: Morning):
    made = add_money(three.desk, SIP.id, rs("50000"), reference="salary", by="me")
    before = treasury_view(three.desk).moves
    [row] = [one for one in before if one.id == made.id]
    assert (row.account, row.amount, row.state) == ("SIP aggressive", "+₹50,000.00", "")
    assert row.choice.startswith("+₹50,000.00 SIP aggressive, salary, ")
    take_back(three.desk, made.id, because="a zero too many", by="me")
    [row] = [one for one in treasury_view(three.desk).moves if one.id == made.id]
    assert (row.choice, words(row.state).split()[:2]) == ("", ["taken", "back"])
    assert words(row.state).endswith("a zero too many")
    # paid in and taken back on one day: nothing came to the login
    with three.desk.store.read() as tx:
        mine = [one for one in accounts.accounts(tx) if one.login_id == "paper"]
        books = books_of(tx, "paper", mine, now=three.clock.now())
    assert (books.other, books.paid) == (ZERO, rs("2100000"))


def test_what_a_sale_gives_on_its_day_is_said_for_each_broker_in_use(three: Morning):
    [kite] = treasury_view(three.desk).sale_rules  # the paper broker checks no cash
    assert kite == (
        "Zerodha: the whole of a sale of settled shares may be spent on its day: its support page "
        "on unsettled balances."
    )


def test_what_a_login_has_is_what_its_rows_say_it_is_made_of(three: Morning):
    # Kite: the owner bought 10 by phone for ₹5,000 and ₹20,000 were approved to leave
    move(three, FAR.id, EVENT, "20000")
    with three.desk.store.write() as tx:
        ledger.post(tx, post.elsewhere(login_id="kite", isin=MIDCO.isin, qty=10, worth=rs("5000"),
                                       at=three.clock.now(), reference="e1",
                                       words="by phone"))  # fmt: skip
    for login in treasury_money(three.desk).logins:
        free = total(one.free - one.blocked for one in login.accounts)
        assert login.books == free + login.leaving + login.outside
    rows = {words(row.name): row for row in treasury_view(three.desk).rows}
    kite, gone, far = rows["Kite"], rows["Done elsewhere in no account"], rows["Lump sum"]
    assert (kite.free, far.free, gone.free) == ("₹95,000.00", "₹80,000.00", "−₹5,000.00")
    assert words(kite.clearing) == "₹20,000.00 still here"


def test_sums_hold_over_two_logins_and_one_share_that_every_account_holds(three: Morning):
    # MIDCO at ₹500: 10 and 20 on the paper login, 30 at Kite, of which 5 are sold at ₹520
    with three.desk.store.write() as tx:
        at = three.clock.now()
        for name, qty in ((EVENT, 10), (SIP.id, 20), (FAR.id, 30)):
            ledger.post(tx, bought(name, qty, at=at.replace(day=20)))
        [held] = ledger.positions(tx, FAR.id)
        sale = a_fill("s5", qty=-5, price=rs("520"), traded_at=at, account_id=FAR.id)
        ledger.post(tx, post.trade(sale, held, Charges()))
        assert ledger.shares_of(tx, MIDCO.isin) == {EVENT: 10, SIP.id: 20, FAR.id: 25}
    three.tick("510")
    with three.desk.store.read() as tx:
        rows = account_pnls(three.desk, tx)
        each = {one.account.id: one.earned.net for one in rows}
        # at ₹510: 10 × 10, 20 × 10, 25 × 10 and 5 × 20 of what was sold
        assert each == {EVENT: rs("100"), SIP.id: rs("200"), FAR.id: rs("350")}
        parts = {label: summed(rows, whose(tx, login=label)) for label in ("paper", "Kite")}
        whole = summed(rows, whose(tx))
    assert (parts["paper"].earned.net, parts["Kite"].earned.net) == (rs("300"), rs("350"))
    assert whole.earned.net == parts["paper"].earned.net + parts["Kite"].earned.net
    assert whole.equity == parts["paper"].equity + parts["Kite"].equity
    # ₹22,00,000 came and ₹650 were earned
    assert whole.equity == rs("2200650")
