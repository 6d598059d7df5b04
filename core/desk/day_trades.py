"""The trades of a login's days as the books have them now, and what they were charged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session

from core.desk.closed_out import is_closed_out
from core.desk.demat import standing
from core.desk.elsewhere import trade_of
from core.desk.noted_costs import corrected_by
from core.domain.charges import Charges
from core.domain.clock import IST, ist_day
from core.domain.ledger import REALISED, Transaction, TransactionKind, external_account
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill
from core.domain.succession import newest
from core.store import accounts, fills, ledger, orders, successions
from core.treasury.day_note import ITEMS, NoteTrade
from core.treasury.match_trades import BookedTrade
from core.treasury.post import CHARGES

AGAIN = "~"  # stands before a number where a trade was taken back and booked again


@dataclass(frozen=True, slots=True)
class DayTrade:
    """One trade in the books: as a comparison sees it, as a note sees it, and its fill.

    `fill` is None for what was done past the desk; `charges` are what the books say it cost.
    `bought_in` marks what the exchange's auction bought, which stands on no day's note.
    """

    booked: BookedTrade
    noted: NoteTrade
    charges: Charges
    fill: Fill | None
    bought_in: bool = False


def day_trades(tx: Session, login_id: str, days: Sequence[date]) -> list[DayTrade]:
    """Every trade of a login on some days, its owner's own ones included."""
    if not days:
        return []
    since = datetime.combine(min(days), time(), IST)
    mine = [one.id for one in accounts.accounts(tx) if one.login_id == login_id]
    made = {one.id: one for name in mine for one in ledger.transactions(tx, name, since=since)}
    links = successions.links(tx)
    found = []
    for fill in fills.since(tx, since):
        if fill.account_id in mine and ist_day(fill.traded_at) in days:
            entry = standing(f"trade:{fill.exchange}:{fill.order_id}:{fill.trade_id}", made)
            if entry is not None:
                found.append(_of_fill(tx, fill, entry, newest(fill.isin, links)))
    outside = ledger.transactions(tx, external_account(login_id), since=since)
    gone = {one.reference for one in outside if one.kind is TransactionKind.CORRECTION}
    for entry in outside:
        trade = trade_of(entry)
        if trade is not None and entry.id not in gone and ist_day(trade.traded_at) in days:
            found.append(_of_elsewhere(trade, entry, newest(trade.isin, links)))
    return found


def booked_charges(
    tx: Session, login_id: str, on: date, trades: Iterable[DayTrade]
) -> dict[str, Charges]:
    """What the books charge each account for a day, corrections of the day included."""
    found: dict[str, Charges] = {}
    for one in trades:
        if one.fill is not None and one.booked.on == on and not one.bought_in:
            name = one.booked.account_id
            found[name] = found.get(name, Charges()) + one.charges
    for name in found:
        for entry in ledger.transactions(tx, name):
            of = corrected_by(entry)
            mine = of is not None and (of.login_id, of.on) == (login_id, on)
            if mine and not ledger.is_posted(tx, f"correction:{entry.id}"):
                found[name] += charges_in(entry)
    return found


def charges_in(entry: Transaction) -> Charges:
    """The items of a note that a transaction posted; the DP charge and others are left out."""
    items: dict[str, Money] = {}
    for line in entry.postings:
        name = line.ledger.removeprefix(CHARGES)
        if line.ledger.startswith(CHARGES) and name in ITEMS:
            items[name] = items.get(name, ZERO) + line.amount
    return Charges(**items)


def _of_fill(tx: Session, fill: Fill, entry: Transaction, isin: str) -> DayTrade:
    moved = total(
        line.amount
        for line in entry.postings
        if line.ledger.startswith("position:") or line.ledger == REALISED
    )
    price = Money(abs(moved).paise // abs(fill.qty))
    order = orders.by_id(tx, fill.order_id)
    return DayTrade(
        booked=BookedTrade(
            entry=entry.id,
            account_id=fill.account_id,
            order_id=fill.order_id,
            trade_id=fill.trade_id,
            on=ist_day(fill.traded_at),
            isin=isin,
            symbol=fill.symbol,
            exchange=fill.exchange,
            qty=fill.qty,
            price=price,
        ),
        noted=NoteTrade(
            account_id=fill.account_id,
            order_id=order.broker_order_id or fill.order_id,
            trade_id=fill.trade_id,
            symbol=fill.symbol,
            isin=isin,
            exchange=fill.exchange,
            qty=fill.qty,
            price=price,
            product=fill.product,
        ),
        charges=charges_in(entry),
        fill=fill,
        bought_in=is_closed_out(order),
    )


def _of_elsewhere(trade: Fill, entry: Transaction, isin: str) -> DayTrade:
    name = trade.trade_id.partition(AGAIN)[0]
    booked = BookedTrade(
        entry=entry.id,
        account_id=trade.account_id,
        order_id="",
        trade_id=name,
        on=ist_day(trade.traded_at),
        isin=isin,
        symbol=trade.symbol,
        exchange=trade.exchange,
        qty=trade.qty,
        price=trade.price,
    )
    noted = NoteTrade(
        account_id=trade.account_id,
        order_id=trade.order_id,
        trade_id=name,
        symbol=trade.symbol,
        isin=isin,
        exchange=trade.exchange,
        qty=trade.qty,
        price=trade.price,
        product=trade.product,
    )
    return DayTrade(booked, noted, Charges(), None)
