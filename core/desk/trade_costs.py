"""What each trade cost by the books, so that a table of trades adds up to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from core.desk.books import depository_reference
from core.desk.noted_costs import DEPOSITORY, corrected_by
from core.domain.clock import ist_day
from core.domain.ledger import Transaction, TransactionKind
from core.domain.money import ZERO, Money
from core.domain.order import Fill, Product
from core.treasury.pnl import charges_by_item


def trade_costs(
    trades: Mapping[str, Sequence[Fill]], moves: Iterable[Transaction]
) -> dict[str, Money]:
    """Charges of each trade, from the postings that its fills made.

    The books charge a depository fee once an account, share and day, whoever sold; it belongs
    to the trade that sold first that day for delivery, so that no two trades count it and none
    loses it, and what the end of a day gave back of one. What it changed of a share's other charges
    goes to the trade that sold first that day, or bought first where none sold.

    Args:
        trades: the fills of each trade by any key, buys and sales.
        moves: transactions of the accounts that traded; others are left out.
    """
    of_order = {
        (fill.account_id, fill.order_id): key for key, done in trades.items() for fill in done
    }
    sales = sorted(
        (
            (fill, key)
            for key, done in trades.items()
            for fill in done
            if fill.qty < 0 and fill.product is Product.CNC
        ),
        key=lambda sale: (sale[0].traded_at, sale[0].order_id, sale[0].trade_id),
    )
    first_seller: dict[tuple[str, str], str] = {}
    for fill, key in sales:
        first_seller.setdefault(
            (fill.account_id, depository_reference(fill.isin, ist_day(fill.traded_at))), key
        )
    first_of_day = _first_of_day(trades)
    costs = dict.fromkeys(trades, ZERO)
    for move in moves:
        cause = (move.account_id, _order_of(move))
        owner = of_order.get(cause, first_seller.get(cause))
        day = corrected_by(move)
        if day is not None and day.at == DEPOSITORY:
            owner = first_seller.get((move.account_id, depository_reference(day.isin, day.on)))
        elif day is not None and day.isin:
            owner = first_of_day.get((move.account_id, day.isin, day.on))
        if owner is not None:
            costs[owner] += sum(charges_by_item([move]).values(), ZERO)
    return costs


def _first_of_day(trades: Mapping[str, Sequence[Fill]]) -> dict[tuple[str, str, date], str]:
    """Which trade sold a share first on a day, or bought it first, by account, ISIN and day."""
    done = [(fill, key) for key, fills in trades.items() for fill in fills]
    done.sort(key=lambda one: (one[0].qty > 0, one[0].traded_at, one[0].order_id, one[0].trade_id))
    found: dict[tuple[str, str, date], str] = {}
    for fill, key in done:
        found.setdefault((fill.account_id, fill.isin, ist_day(fill.traded_at)), key)
    return found


def _order_of(move: Transaction) -> str:
    """What a move is about; the reverse of a trade's booking is about that trade's order."""
    wrong = move.reference.split(":")
    if move.kind is TransactionKind.CORRECTION and wrong[0] == "trade" and len(wrong) > 3:
        return ":".join(wrong[2:-1])  # an order that its broker sent has colons in its id
    return move.reference
