"""Where the desk's books and the broker's differ, trade by trade and share by share.

The broker's trade id is the truth about a fill. A trade without one of our orders is the
owner's own and is shown as EXTERNAL, never given to a plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from core.domain.ledger import Position
from core.domain.order import Fill
from core.domain.succession import same_share


class DifferenceKind(StrEnum):
    """What is wrong, by what is done about it."""

    MISSING_FILL = "missing fill"
    UNKNOWN_FILL = "fill the broker does not show"
    CHANGED_FILL = "changed fill"
    EXTERNAL = "external trade"
    HOLDING = "holding"


@dataclass(frozen=True, slots=True)
class Difference:
    """One disagreement; quantities are signed shares on each side."""

    kind: DifferenceKind
    isin: str
    symbol: str
    desk_qty: int
    broker_qty: int
    sentence: str
    trade: Fill | None = None


def fill_differences(
    desk_fills: Sequence[Fill],
    broker_trades: Sequence[Fill],
    *,
    broker_order_ids: Mapping[str, str],
) -> list[Difference]:
    """Compare fills of one login and one day; fills of one trade are its parts and add up.

    Args:
        desk_fills: with our order ids.
        broker_trades: with the broker's order ids.
        broker_order_ids: our order id to the broker's, child orders of GTTs included.
    """
    ours: dict[tuple[str, str, str], Fill] = {}
    for fill in desk_fills:
        name = broker_order_ids.get(fill.order_id, fill.order_id)
        key = (name, fill.trade_id, fill.exchange)
        ours[key] = replace(fill, qty=fill.qty + ours[key].qty) if key in ours else fill
    theirs = {(trade.order_id, trade.trade_id, trade.exchange): trade for trade in broker_trades}
    known = set(broker_order_ids.values())
    found = [
        _only_there(trade, is_ours=trade.order_id in known)
        for key, trade in sorted(theirs.items())
        if key not in ours
    ]
    for key, fill in sorted(ours.items()):
        trade = theirs.get(key)
        if trade is None:
            found.append(_only_here(fill))
        elif (fill.qty, fill.price) != (trade.qty, trade.price) or not _one_share(fill, trade):
            found.append(_changed(fill, trade))
    return found


def holding_differences(
    positions: Sequence[Position],
    holdings: Mapping[str, int],
    *,
    symbols: Mapping[str, str],
    external: Mapping[str, int] | None = None,
) -> list[Difference]:
    """Compare shares of one login: all its accounts and the EXTERNAL bucket against the broker."""
    ours: dict[str, int] = dict(external or {})
    for position in positions:
        ours[position.isin] = ours.get(position.isin, 0) + position.qty
    found = []
    for isin in sorted({*ours, *holdings}):
        here, there = ours.get(isin, 0), holdings.get(isin, 0)
        if here != there:
            symbol = symbols.get(isin, isin)
            more = "more" if there > here else "fewer"
            sentence = (
                f"{symbol}: the broker holds {there} and the desk's books {here}; "
                f"{abs(there - here)} {more} than we know of"
            )
            found.append(Difference(DifferenceKind.HOLDING, isin, symbol, here, there, sentence))
    return found


def _one_share(one: Fill, other: Fill) -> bool:
    """Whether two trades are of one share, which a split gives a new ISIN."""
    return one.isin == other.isin or same_share(one.isin, other.isin)


def _only_there(trade: Fill, *, is_ours: bool) -> Difference:
    kind = DifferenceKind.MISSING_FILL if is_ours else DifferenceKind.EXTERNAL
    words = "is not in the books yet" if is_ours else "is of no order of this desk"
    sentence = (
        f"{trade.symbol}: trade {trade.trade_id}, {trade.qty} at {trade.price}, "
        f"order {trade.order_id}, {words}"
    )
    return Difference(kind, trade.isin, trade.symbol, 0, trade.qty, sentence, trade)


def _only_here(fill: Fill) -> Difference:
    sentence = (
        f"{fill.symbol}: fill {fill.trade_id}, {fill.qty} at {fill.price}, stands in the books "
        "and the broker does not show it; a person decides"
    )
    return Difference(
        DifferenceKind.UNKNOWN_FILL, fill.isin, fill.symbol, fill.qty, 0, sentence, fill
    )


def _changed(fill: Fill, trade: Fill) -> Difference:
    sentence = (
        f"{fill.symbol}: trade {fill.trade_id} is {trade.qty} at {trade.price} at the broker and "
        f"{fill.qty} at {fill.price} in the books; post a correction"
    )
    return Difference(
        DifferenceKind.CHANGED_FILL,
        fill.isin,
        fill.symbol,
        fill.qty,
        trade.qty,
        sentence,
        trade,
    )
