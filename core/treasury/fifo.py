"""First-in-first-out over the trades of one demat account, for the tax view.

The tax office counts per demat account: a logical account's lots are not the tax lots, so give
every trade of the demat account. Shares bought and sold on one day are matched first, whichever
came first, so a share sold short within the day is a trade of that day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from core.domain.money import Money, total
from core.errors import BadInput
from core.treasury.lots import (
    BOUGHT,
    BOUGHT_IN,
    Change,
    ChangeKind,
    Event,
    Lot,
    Sold,
    Trade,
    Valued,
)
from core.treasury.parts import parted


@dataclass(frozen=True, slots=True)
class LotBook:
    """What is held and what was sold, each by ISIN and oldest purchase first."""

    lots: tuple[Lot, ...]
    sold: tuple[Sold, ...]


def fifo(events: Iterable[Event]) -> LotBook:
    """Open and closed lots after every event.

    Raises:
        BadInput: more shares were sold by the end of a day than there were.
    """
    held: dict[str, list[Lot]] = {}
    sold: list[Sold] = []
    for event in sorted(events, key=_order):
        if isinstance(event, Trade):
            mine = held.setdefault(event.isin, [])
            if event.qty > 0:
                mine.append(_bought(event))
            else:
                sold += _sell(mine, event)
        elif isinstance(event, Valued):
            mine = held.get(event.isin, [])
            mine[:] = [replace(lot, fair=event.price * lot.qty) for lot in mine]
        else:
            _change(held, event)
    lots = tuple(lot for isin in sorted(held) for lot in held[isin])
    return LotBook(lots, tuple(sorted(sold, key=lambda s: (s.isin, s.sold_on, s.acquired_on))))


def families(events: Iterable[Event]) -> list[list[Event]]:
    """Events of each share together with those of every share that came out of it."""
    given = list(events)
    root: dict[str, str] = {}

    def find(isin: str) -> str:
        while root.get(isin, isin) != isin:
            isin = root[isin]
        return isin

    for event in given:
        if isinstance(event, Change):
            root[find(event.isin)] = find(event.successor)
    found: dict[str, list[Event]] = {}
    for event in given:
        found.setdefault(find(event.isin), []).append(event)
    return [found[name] for name in sorted(found)]


def _order(event: Event) -> tuple[date, int]:
    """What companies did comes as a day begins; purchases come before the day's sales."""
    if isinstance(event, Change):
        return event.on, 0
    if isinstance(event, Trade):
        return event.on, 1 if event.qty > 0 else 2
    return event.on, 3


def _bought(trade: Trade) -> Lot:
    return Lot(
        isin=trade.isin,
        symbol=trade.symbol,
        qty=trade.qty,
        cost=trade.value,
        acquired_on=trade.on,
        expenses=trade.expenses,
        stt=trade.stt,
        how=trade.how,
        name=trade.name,
    )


def _sell(held: list[Lot], trade: Trade) -> list[Sold]:
    there, left = sum(lot.qty for lot in held), -trade.qty
    if left > there:
        raise BadInput(
            f"{trade.symbol}: {left} sold on {trade.on} and {there} bought before; give every "
            "purchase"
        )
    taken: dict[int, int] = {}
    for place in sorted(range(len(held)), key=lambda n: _turn(held[n], trade.on)):
        taken[place] = min(left, held[place].qty)
        left -= taken[place]
    taken = {place: qty for place, qty in taken.items() if qty}
    by = {str(place): qty for place, qty in taken.items()}
    got, paid, stt = (parted(m.paise, by) for m in (trade.value, trade.expenses, trade.stt))
    closed, rest = [], []
    for place, lot in enumerate(held):
        part, over = _cut(lot, taken.get(place, 0))
        rest += [over] if over is not None else []
        if part is not None:
            name = str(place)
            closed.append(
                Sold(
                    isin=lot.isin,
                    symbol=trade.symbol,
                    qty=part.qty,
                    acquired_on=lot.acquired_on,
                    cost=part.cost,
                    sold_on=trade.on,
                    proceeds=Money(got[name]),
                    expenses=part.expenses + Money(paid[name]),
                    stt=part.stt + Money(stt[name]),
                    fair=part.fair,
                    how=lot.how,
                    name=trade.name,
                )
            )
    held[:] = rest
    return closed


def _turn(lot: Lot, on: date) -> tuple[int, date]:
    """The day's own purchases first, what was bought in for its sales next, then the oldest."""
    own = {BOUGHT: 0, BOUGHT_IN: 1}.get(lot.how, 2) if lot.acquired_on == on else 2
    return own, lot.acquired_on


def _cut(lot: Lot, qty: int) -> tuple[Lot | None, Lot | None]:
    """Some shares of a lot and the rest of it; the rest takes what rounding leaves."""
    if not qty:
        return None, lot
    if qty == lot.qty:
        return lot, None

    def share(amount: Money) -> Money:
        return Money((2 * amount.paise * qty + lot.qty) // (2 * lot.qty))

    fair = None if lot.fair is None else share(lot.fair)
    part = replace(
        lot,
        qty=qty,
        cost=share(lot.cost),
        expenses=share(lot.expenses),
        stt=share(lot.stt),
        fair=fair,
    )
    over = replace(
        lot,
        qty=lot.qty - qty,
        cost=lot.cost - part.cost,
        expenses=lot.expenses - part.expenses,
        stt=lot.stt - part.stt,
        fair=None if lot.fair is None or fair is None else lot.fair - fair,
    )
    return part, over


def _change(held: dict[str, list[Lot]], made: Change) -> None:
    mine = held.get(made.isin, [])
    if not mine and made.kind is not ChangeKind.RIGHTS:
        return
    if made.kind in (ChangeKind.SPLIT, ChangeKind.MERGER):
        held[made.isin] = []
        held.setdefault(made.successor, []).extend(_recounted(mine, made))
    elif made.kind is ChangeKind.DEMERGER:
        kept, left = zip(*(_parted(lot, made.leaves) for lot in mine), strict=True)
        held[made.isin] = list(kept)
        held.setdefault(made.successor, []).extend(_recounted(left, made))
    elif made.new:
        came = Lot(made.successor, made.symbol, made.new, made.paid, made.on, how=made.kind.value)
        held.setdefault(made.successor, []).append(came)
    for lots in held.values():
        lots.sort(key=lambda lot: lot.acquired_on)


def _recounted(lots: Sequence[Lot], made: Change) -> list[Lot]:
    """The lots with the new number of shares, at their cost and since their day."""
    counts = parted(made.new, {str(place): lot.qty for place, lot in enumerate(lots)})
    new = [
        replace(lot, isin=made.successor, symbol=made.symbol, qty=counts[str(place)])
        for place, lot in enumerate(lots)
    ]
    whole = [lot for lot in new if lot.qty]
    lost = [lot for lot in new if not lot.qty]
    if whole and lost:  # the cost of a fraction stays with the whole shares
        first = whole[0]
        whole[0] = replace(
            first,
            cost=first.cost + total(lot.cost for lot in lost),
            expenses=first.expenses + total(lot.expenses for lot in lost),
            stt=first.stt + total(lot.stt for lot in lost),
        )
    return whole


def _parted(lot: Lot, leaves: Fraction) -> tuple[Lot, Lot]:
    """What stays of a lot's cost and what goes with the business that left."""

    def gone(amount: Money) -> Money:
        return Money(round(amount.paise * leaves))

    fair = None if lot.fair is None else gone(lot.fair)
    left = replace(
        lot,
        cost=gone(lot.cost),
        expenses=gone(lot.expenses),
        stt=gone(lot.stt),
        fair=fair,
        how=f"demerged from {lot.symbol}",
    )
    kept = replace(
        lot,
        cost=lot.cost - left.cost,
        expenses=lot.expenses - left.expenses,
        stt=lot.stt - left.stt,
        fair=None if lot.fair is None or fair is None else lot.fair - fair,
    )
    return kept, left
