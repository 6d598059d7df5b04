from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, given
from hypothesis import settings as quickly
from hypothesis import strategies as st

from core.domain.ledger import (
    CASH,
    FUNDING,
    Position,
    Posting,
    Transaction,
    TransactionKind,
    position_ledger,
    positions,
)
from core.domain.money import ZERO, Money
from core.store import ledger
from tests import made

TCS = made.TCS.isin
AT = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)


def later(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def deposit(id: str, rupees: int, account: str = "acc1") -> Transaction:
    amount = Money.rupees(rupees)
    lines = (Posting(CASH, amount), Posting(FUNDING, -amount))
    return Transaction(
        id=id,
        account_id=account,
        kind=TransactionKind.DEPOSIT,
        at=AT,
        reference="bank",
        postings=lines,
        words="money in",
    )


def trade(id: str, qty: int, rupees: int, *, isin: str = TCS, at: datetime = AT) -> Transaction:
    cost = Money.rupees(rupees)
    return Transaction(
        id=id,
        account_id="acc1",
        kind=TransactionKind.TRADE,
        at=at,
        reference=id,
        postings=(Posting(position_ledger(isin), cost, qty), Posting(CASH, -cost)),
    )


def test_a_deposit_then_a_buy_leaves_cash_and_a_position(any_store):
    # 1,00,000 in, 10 bought for 30,000: 70,000 cash, 10 shares at 30,000
    with any_store.write() as tx:
        assert ledger.post(tx, deposit("d1", 100_000))
        assert ledger.post(tx, trade("b1", 10, 30_000))
    with any_store.read() as tx:
        assert ledger.balance(tx, "acc1", CASH) == Money.rupees(70_000)
        assert ledger.positions(tx) == [
            Position(account_id="acc1", isin=TCS, qty=10, cost=Money.rupees(30_000))
        ]
        assert ledger.balances(tx, "acc1") == {
            CASH: Money.rupees(70_000),
            FUNDING: Money.rupees(-100_000),
            position_ledger(TCS): Money.rupees(30_000),
        }
        assert ledger.trial_balance(tx) == ZERO


def test_the_same_id_posts_once(any_store):
    with any_store.write() as tx:
        assert not ledger.is_posted(tx, "d1")
        assert ledger.post(tx, deposit("d1", 500)) is True
        assert ledger.is_posted(tx, "d1")
        assert ledger.post(tx, deposit("d1", 500)) is False
    with any_store.write() as tx:
        assert ledger.post(tx, deposit("d1", 500)) is False
        assert ledger.balance(tx, "acc1", CASH) == Money.rupees(500)


def test_a_closed_position_is_left_out(any_store):
    with any_store.write() as tx:
        ledger.post(tx, trade("b1", 10, 30_000))
        ledger.post(tx, trade("s1", -10, -30_000))
        assert ledger.positions(tx, "acc1") == []


def test_accounts_do_not_mix(any_store):
    with any_store.write() as tx:
        ledger.post(tx, deposit("d1", 500))
        ledger.post(tx, deposit("d2", 800, account="acc2"))
        assert ledger.balance(tx, "acc2", CASH) == Money.rupees(800)
        assert ledger.balance(tx, "acc3", CASH) == ZERO
        assert ledger.positions(tx, "acc2") == []


def test_transactions_come_back_whole_and_newest_first(any_store):
    with any_store.write() as tx:
        ledger.post(tx, deposit("d1", 500))
        ledger.post(tx, trade("b1", 10, 300, at=later(60)))
        found = ledger.transactions(tx, "acc1")
        assert found == [trade("b1", 10, 300, at=later(60)), deposit("d1", 500)]
        assert found[0].at == datetime(2026, 11, 20, 4, 31, tzinfo=UTC)
        assert ledger.transactions(tx, "acc1", limit=1) == found[:1]
        assert ledger.transactions(tx) == found


@quickly(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["INE0A", "INE0B"]), st.integers(-20, 20), st.integers(-900, 900)
        ),
        max_size=8,
    )
)
def test_the_fold_in_sql_is_the_fold_in_python(store, trades):
    written = [
        trade(f"t{n}", qty, rupees, isin=isin) for n, (isin, qty, rupees) in enumerate(trades)
    ]
    lines = [line for one in written for line in one.postings]
    try:
        with store.write() as tx:
            for one in written:
                ledger.post(tx, one)
            assert ledger.positions(tx) == list(positions("acc1", lines).values())
            assert ledger.trial_balance(tx) == ZERO
            raise InterruptedError
    except InterruptedError:
        pass  # leave the store as it was for the next example


def test_accounts_read_ahead_answer_as_each_alone(any_store):
    with any_store.write() as tx:
        for made_one in (deposit("d1", 100_000), trade("b1", 10, 30_000), deposit("d2", 5, "acc2")):
            ledger.post(tx, made_one)
    names = ["acc1", "acc2", "nobody"]
    with any_store.read() as tx:
        alone = [(ledger.positions(tx, one), ledger.balances(tx, one)) for one in names]
    with any_store.read() as tx:
        ledger.read_ahead(tx, names)
        assert [(ledger.positions(tx, one), ledger.balances(tx, one)) for one in names] == alone
        assert ledger.balance(tx, "acc1", CASH) == Money.rupees(70_000)
        assert ledger.balance(tx, "nobody", CASH) == ZERO
    assert alone[0][0] == [Position("acc1", TCS, 10, Money.rupees(30_000))]
    with any_store.write() as tx:
        ledger.read_ahead(tx, names)
        ledger.post(tx, deposit("d3", 1, "acc2"))
        assert ledger.balance(tx, "acc2", CASH) == Money.rupees(6)


def test_folds_of_many_accounts_say_what_stands_now_and_what_stood_before(any_store):
    # acc1: 1,00,000 in, then 10 for 30,000 a minute later, and 10 sold short of another
    with any_store.write() as tx:
        ledger.post(tx, deposit("d1", 100_000))
        ledger.post(tx, deposit("d2", 5, "acc2"))
        ledger.post(tx, trade("b1", 10, 30_000, at=later(60)))
        ledger.post(tx, trade("s1", -10, -7_000, isin="INE0B", at=later(60)))
    with any_store.read() as tx:
        now = ledger.folds(tx)
        assert now["acc1"] == {
            CASH: ledger.Fold(Money.rupees(77_000)),
            FUNDING: ledger.Fold(Money.rupees(-100_000)),
            position_ledger(TCS): ledger.Fold(Money.rupees(30_000), 10),
            position_ledger("INE0B"): ledger.Fold(Money.rupees(-7_000), -10),
        }
        before = ledger.folds(tx, before=later(60))
        assert before["acc1"] == {
            CASH: ledger.Fold(Money.rupees(100_000)),
            FUNDING: ledger.Fold(Money.rupees(-100_000)),
        }
        assert before["acc2"] == now["acc2"]
        assert ledger.folds(tx, ["acc2", "nobody"]) == {"acc2": now["acc2"], "nobody": {}}
        assert ledger.folds(tx, before=AT) == {}
