"""Who earned what, by hand, and that nothing is lost between the owners."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.domain.charges import Charges
from core.domain.ledger import Move, Position, Transaction, positions
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Product
from core.treasury import post
from core.treasury.attribution import UNATTRIBUTED, Walk, in_order, pnl_of
from core.treasury.pnl import Pnl, pnl, sum_pnl
from core.treasury.terms import Recount, recount

SBIN, NEW = "INE062A01020", "INE062A01038"
FRI = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
COST = Charges(stt=Money.rupees(1))


def rs(amount: str | int) -> Money:
    return Money.rupees(amount)


class Books:
    """One account's ledger; an order is named after its owner."""

    def __init__(self) -> None:
        self.kept: list[Transaction] = []
        self.at = FRI

    def add(self, made: Transaction) -> None:
        self.kept.append(made)

    def later(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at

    def held(self, isin: str = SBIN) -> Position | None:
        lines = [line for entry in self.kept for line in entry.postings]
        return positions("a", lines).get(isin)

    def trade(self, owner: str, qty: int, price: Money, *, isin: str = SBIN) -> None:
        fill = Fill(owner, str(len(self.kept)), "NSE", "a", isin, "SBIN", qty, price, Product.CNC,
                    self.later())  # fmt: skip
        self.add(post.trade(fill, self.held(isin), COST, may_short=True))

    def charge(self, reference: str, amount: Money) -> None:
        self.add(post.charge(account_id="a", charges=Charges(dp=amount), at=self.later(),
                             reference=reference))  # fmt: skip

    def dividend(self, amount: Money) -> None:
        self.add(post.dividend_owed(account_id="a", action_id=f"{SBIN}:d", amount=amount,
                                    at=self.later(), words=""))  # fmt: skip

    def split(self, new: int, *, to: str = SBIN) -> None:
        held = self.held()
        assert held is not None
        self.add(recount(Recount(SBIN, to, held.qty, new, 0, held.cost, held.cost), account_id="a",
                         at=self.later(), action_id="x", words="split"))  # fmt: skip

    def parts(self, marks: dict[str, Money]) -> dict[str, Pnl]:
        walk = Walk(owner, share)
        for move in in_order(as_move(one) for one in self.kept):
            walk.add(move)
        found = {name: pnl_of(sums) for name, sums in walk.parts(marks).items()}
        assert sum_pnl(found.values()) == self.whole(marks)
        return found

    def whole(self, marks: dict[str, Money]) -> Pnl:
        balances: dict[str, Money] = {}
        lines = [line for entry in self.kept for line in entry.postings]
        for line in lines:
            balances[line.ledger] = balances.get(line.ledger, ZERO) + line.amount
        return pnl(balances, positions("a", lines).values(), marks)


def as_move(made: Transaction) -> Move:
    lines = tuple((line.ledger, line.amount.paise, line.qty) for line in made.postings)
    return Move(made.id, made.account_id, made.kind, made.at, made.reference, lines)


def owner(move: Move) -> str | None:
    if not move.id.startswith("trade:"):
        return None
    return UNATTRIBUTED if move.reference == "nobody" else move.reference


def share(move: Move) -> str:
    known = move.reference == "x" or "dp:" in move.reference or SBIN in move.reference
    return SBIN if known else ""


def test_two_trades_of_one_share_share_its_average_cost():
    books = Books()
    books.trade("scan", 100, rs(500))
    books.trade("event", 100, rs(600))
    books.trade("scan", -100, rs(600))
    found = books.parts({SBIN: rs(610)})
    # average 550: the sale earned 50 each, what is left 60 each
    assert found["scan"] == Pnl(rs(5000), ZERO, ZERO, (("stt", rs(2)),))
    assert found["event"] == Pnl(ZERO, rs(6000), ZERO, (("stt", rs(1)),))


def test_a_dividend_goes_by_shares_held_and_the_depository_to_who_sold():
    books = Books()
    books.trade("scan", 10, rs(500))
    books.trade("event", 30, rs(500))
    books.dividend(rs("40.01"))
    books.trade("event", -30, rs(500))
    books.charge("dp:SBIN", rs("15.34"))
    found = books.parts({SBIN: rs(500)})
    assert (found["scan"].dividends, found["event"].dividends) == (rs("10.00"), rs("30.01"))
    assert found["event"].charges == (("dp", rs("15.34")), ("stt", rs(2)))


def test_a_split_leaves_each_owner_its_part_and_a_new_isin_its_owners():
    for to in (SBIN, NEW):
        books = Books()
        books.trade("scan", 10, rs(500))
        books.trade("event", 30, rs(500))
        books.split(200, to=to)  # 1 to 5
        books.trade("event", -150, rs(110), isin=to)
        found = books.parts({SBIN: rs(120), NEW: rs(120)})
        # cost 100 a share: 150 x 10 earned by event, 50 x 20 open with scan
        assert found["event"].realised == rs(1500) and found["event"].unrealised == ZERO
        assert found["scan"].unrealised == rs(1000)


def test_what_nobody_ordered_is_unattributed():
    books = Books()
    books.trade("nobody", 10, rs(500))
    books.charge("annual fee", rs(300))
    found = books.parts({SBIN: rs(510)})
    assert list(found) == [UNATTRIBUTED]
    assert found[UNATTRIBUTED].net == rs(100 - 1 - 300)


def test_a_short_sale_belongs_to_who_sold():
    books = Books()
    books.trade("event", -10, rs(500))
    assert books.parts({SBIN: rs(490)})["event"].unrealised == rs(100)
    books.trade("event", 10, rs(480))
    assert books.parts({SBIN: rs(1)})["event"].realised == rs(200)


STEPS = st.lists(
    st.tuples(st.sampled_from(["one", "two", "three"]), st.integers(-30, 30), st.integers(1, 9999)),
    max_size=14,
)


@given(STEPS, st.integers(1, 9999))
def test_the_parts_sum_to_the_whole_to_the_paisa(steps, mark):
    books = Books()
    for at, (name, qty, paise) in enumerate(steps):
        if qty:
            books.trade(name, qty, Money(paise))
        elif books.held():
            books.charge("dp:", Money(paise))
        if at == 5 and books.held():
            books.dividend(Money(paise))
            books.split(2 * books.held().qty + 1)
    books.parts({SBIN: Money(mark)})
