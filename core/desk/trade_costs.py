"""What each trade cost by the books, so that a table of trades adds up to the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.desk.books import depository_reference
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
    loses it.

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
        first_seller.setdefault((fill.account_id, depository_reference(fill)), key)
    costs = dict.fromkeys(trades, ZERO)
    for move in moves:
        cause = (move.account_id, _order_of(move))
        owner = of_order.get(cause, first_seller.get(cause))
        if owner is not None:
            costs[owner] += sum(charges_by_item([move]).values(), ZERO)
    return costs


def _order_of(move: Transaction) -> str:
    """What a move is about; the reverse of a trade's booking is about that trade's order."""
    wrong = move.reference.split(":")
    if move.kind is TransactionKind.CORRECTION and wrong[0] == "trade" and len(wrong) > 3:
        return ":".join(wrong[2:-1])  # an order that its broker sent has colons in its id
    return move.reference
