import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.ledger import (
    CASH,
    FUNDING,
    Position,
    Posting,
    Transaction,
    TransactionKind,
    balance,
    position_ledger,
    positions,
)
from core.domain.money import ZERO, Money, total
from core.errors import BadInput, Unbalanced
from tests.made import MIDCO, T0, rs

ISIN = MIDCO.isin

ledgers = st.sampled_from([CASH, FUNDING, "charges:stt", position_ledger(ISIN)])
postings = st.lists(
    st.builds(Posting, ledgers, st.integers(-(10**9), 10**9).map(Money)), min_size=2, max_size=6
)


def transaction(*lines: Posting) -> Transaction:
    return Transaction(
        id="t1",
        account_id="tactical",
        kind=TransactionKind.DEPOSIT,
        at=T0,
        reference="r1",
        postings=lines,
    )


@given(postings)
def test_only_postings_that_sum_to_zero_make_a_transaction(lines: list[Posting]):
    off = total(line.amount for line in lines)
    if off:
        with pytest.raises(Unbalanced, match=r"must sum to ₹0\.00"):
            transaction(*lines)
    else:
        assert transaction(*lines).postings == tuple(lines)


@given(postings)
def test_a_last_line_can_balance_any_transaction(lines: list[Posting]):
    rest = -total(line.amount for line in lines)
    made = transaction(*lines, Posting(CASH, rest))
    assert total(balance(made.postings, name) for name in {p.ledger for p in made.postings}) == ZERO


def test_a_transaction_has_two_sides():
    with pytest.raises(Unbalanced, match="one side only"):
        transaction(Posting(CASH, ZERO))


def test_only_positions_hold_shares():
    with pytest.raises(BadInput, match="5 shares posted to cash"):
        Posting(CASH, rs(1), 5)


@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "B"]), st.integers(-9, 9), st.integers(-99, 99)),
        max_size=20,
    )
)
def test_positions_are_the_fold_of_their_postings(moves: list[tuple[str, int, int]]):
    lines = [Posting(position_ledger(isin), Money(paise), qty) for isin, qty, paise in moves]
    lines.append(Posting(CASH, rs(1)))
    found = positions("tactical", lines)
    for isin in ("A", "B"):
        qty = sum(move[1] for move in moves if move[0] == isin)
        cost = Money(sum(move[2] for move in moves if move[0] == isin))
        assert (isin in found) == (qty != 0)
        if qty:
            assert found[isin] == Position("tactical", isin, qty, cost)


def test_average_price_is_cost_per_share():
    assert Position("a", ISIN, 3, rs(100)).avg_price == Money(3333)
    assert Position("a", ISIN, 0, ZERO).avg_price == ZERO
