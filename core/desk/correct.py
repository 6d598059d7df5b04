"""Book a trade anew at the price the exchange corrected it to, by a person's word.

The fill and its first booking stay as they are: a reversing entry and a new one follow them. What
the change makes of shares that were sold since goes to profit and loss.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.annulled import ANNULLED
from core.desk.booked import sells_short
from core.desk.books import broker_of, turnover_costs
from core.desk.closed_out import is_closed_out
from core.desk.desk import Desk
from core.domain.charges import Charges
from core.domain.ledger import (
    CASH,
    REALISED,
    Position,
    Posting,
    Transaction,
    TransactionKind,
    balance,
    position_ledger,
)
from core.domain.money import ZERO, Money, total
from core.domain.order import Fill
from core.errors import BadInput, NotFound
from core.store import audit, fills, ledger, orders
from core.treasury import post
from core.treasury.post import CHARGES

POSITION = position_ledger("")


def correct_fill(
    desk: Desk, order_id: str, trade_id: str, *, price: Money, because: str, by: str
) -> Transaction:
    """Reverse a fill's booking and book it at `price`; returns the new booking.

    Raises:
        BadInput: no reason, a price that is not above zero, or the one that stands already.
        NotFound: no such fill stands in the books.
    """
    if not because.strip():
        raise BadInput("the record needs to know why; say what you looked at")
    if price.paise <= 0:
        raise BadInput(f"a trade at {price} cannot be booked; use the price the exchange gives")
    at = desk.clock.now()
    with desk.store.write() as tx:
        fill = fill_of(tx, order_id, trade_id)
        stands = price_that_stands(tx, fill)
        if price == stands:
            raise BadInput(f"{fill.symbol}: trade {trade_id} stands at {price} already")
        made = rebook(tx, fill, price=price, at=at, because=because.strip())
        body = {"trade": trade_id, "from_paise": stands.paise, "to_paise": price.paise}
        body |= {"because": because.strip()}
        audit.append(tx, at=at, actor=by, verb="correct", subject=order_id, body=body)
        raise_alarm(
            tx,
            id=f"corrected:{made.id}",
            isin=fill.isin,
            symbol=fill.symbol,
            at=at,
            sentence=f"{fill.symbol}: trade {trade_id} of {fill.qty:+d} was corrected from "
            f"{stands} to {price} by {by}",
        )
    return made


def price_that_stands(tx: Session, fill: Fill) -> Money:
    """The price a fill is booked at now: its own, or the one it was last corrected to."""
    return standing_booking(tx, fill)[1]


def fill_of(tx: Session, order_id: str, trade_id: str) -> Fill:
    """A fill in the books; raises NotFound."""
    order = orders.by_id(tx, order_id)
    for fill in fills.of_order(tx, order.id):
        if fill.trade_id == trade_id:
            return fill
    raise NotFound(f"order {order_id} has no fill {trade_id} in the books")


def standing_booking(tx: Session, fill: Fill) -> tuple[Transaction, Money]:
    """The booking of a fill that no later one reversed, and its price; raises NotFound."""
    name = f"trade:{fill.exchange}:{fill.order_id}:{fill.trade_id}"
    price = fill.price
    made = ledger.transaction(tx, name)
    while made is not None and ledger.is_posted(tx, f"correction:{made.id}"):
        reversal = ledger.transaction(tx, f"correction:{made.id}")
        if reversal is not None and ANNULLED in reversal.words:
            raise NotFound(f"{fill.symbol}: trade {fill.trade_id} was annulled, so no price stands")
        price = Money(int(reversal.words.rpartition("@")[2])) if reversal else price
        made = ledger.transaction(tx, f"{made.id}@{price.paise}")
    if made is None:
        raise NotFound(f"{fill.symbol}: fill {fill.trade_id} has no booking to correct")
    return made, price


def rebook(tx: Session, fill: Fill, *, price: Money, at: datetime, because: str) -> Transaction:
    """Reverse the booking that stands and book the fill at another price, inside a transaction.

    Its order's charges become those of one order at the prices that stand then.
    """
    wrong, stands = standing_booking(tx, fill)
    costs = charges_in(wrong) + changed_charges(tx, fill, to=price)
    words = f"{because}; booked anew @{price.paise}"
    ledger.post(tx, post.correction(wrong, at=at, reason=words))
    told = replace(fill, price=price)
    held = next(
        (one for one in ledger.positions(tx, fill.account_id) if one.isin == fill.isin),
        Position(fill.account_id, fill.isin, 0, ZERO),
    )
    shorts = sells_short(orders.by_id(tx, fill.order_id))
    booked = (
        _by_difference(wrong, told, stands=stands, costs=costs)
        if _went_ex(tx, fill)
        else post.trade(told, held, costs, may_short=shorts)
    )
    made = replace(booked, id=f"{wrong.id}@{price.paise}", at=at)
    ledger.post(tx, made)
    clear_cost(tx, told, at=at, reference=made.id)
    return made


def _went_ex(tx: Session, fill: Fill) -> bool:
    """Whether the shares of a fill count otherwise since: their cost can no longer be parted."""
    name = position_ledger(fill.isin)
    since = ledger.transactions(
        tx, fill.account_id, since=fill.traded_at, kinds=(TransactionKind.ACTION,)
    )
    return any(line.ledger == name for made in since for line in made.postings)


def _by_difference(wrong: Transaction, told: Fill, *, stands: Money, costs: Charges) -> Transaction:
    """The booking that stands at another price, its shares and what they had cost as they were.

    The difference is cost of what the fill opened, and profit or loss of what it closed.
    """
    off = told.price - stands
    closes = any(line.ledger == REALISED for line in wrong.postings)
    held = [line for line in wrong.postings if line.ledger.startswith(POSITION)]
    closed = held[0].qty if closes else 0
    cash = balance(wrong.postings, CASH) + charges_in(wrong).total - costs.total
    lines = [Posting(CASH, cash - off * told.qty)]
    for line in held:
        opened = not closes or line is not held[0]
        lines.append(replace(line, amount=line.amount + off * line.qty) if opened else line)
    if closes:
        lines.append(Posting(REALISED, balance(wrong.postings, REALISED) + off * closed))
    lines += [Posting(CHARGES + name, amount) for name, amount in costs.items if amount]
    words = f"{wrong.words.rpartition(' at ')[0]} at {told.price}"
    return replace(wrong, postings=tuple(lines), words=words)


def changed_charges(tx: Session, fill: Fill, *, to: Money | None) -> Charges:
    """What an order's charges change by with one fill's price; None is for a fill annulled.

    A broker takes its brokerage once an order, so the order is charged as a whole. What a person
    or a broker's own square-off gave as charges stays, but for the difference.
    """
    if is_closed_out(orders.by_id(tx, fill.order_id)):
        return Charges()
    _, stands = standing_booking(tx, fill)
    rest = total(price * abs(one.qty) for one, price in standing_fills(tx, fill.order_id)
                 if one != fill)  # fmt: skip
    after = rest + to * abs(fill.qty) if to is not None else rest
    return _as_one(tx, fill, after) - _as_one(tx, fill, rest + stands * abs(fill.qty))


def charge_anew(tx: Session, order_id: str, more: Charges, *, at: datetime, because: str) -> None:
    """Book the last fill of an order anew with more or less charges; its shares and cost stay."""
    left = standing_fills(tx, order_id)
    if not left or not any(amount for _, amount in more.items):
        return
    fill, price = left[-1]
    wrong, _ = standing_booking(tx, fill)
    costs = charges_in(wrong) + more
    kept = [one for one in wrong.postings if not one.ledger.startswith((CASH, CHARGES))]
    cash = balance(wrong.postings, CASH) - more.total
    items = [Posting(CHARGES + name, amount) for name, amount in costs.items if amount]
    reason = f"{because}; booked anew @{price.paise}"
    ledger.post(tx, post.correction(wrong, at=at, reason=reason))
    lines = (Posting(CASH, cash), *kept, *items)
    ledger.post(tx, replace(wrong, id=f"{wrong.id}@{price.paise}", at=at, postings=lines))


def standing_fills(tx: Session, order_id: str) -> list[tuple[Fill, Money]]:
    """An order's fills that were not annulled, each with the price that stands."""
    found = []
    for fill in fills.of_order(tx, order_id):
        try:
            found.append((fill, price_that_stands(tx, fill)))
        except NotFound:
            continue  # annulled
    return found


def _as_one(tx: Session, fill: Fill, turnover: Money) -> Charges:
    if not turnover:
        return Charges()
    broker = broker_of(tx, fill.account_id)
    return turnover_costs(broker, fill, before=ZERO, traded=turnover)


def charges_in(made: Transaction) -> Charges:
    """All charges of a booking, by item."""
    lines = {line.ledger.removeprefix(CHARGES): line.amount for line in made.postings
             if line.ledger.startswith(CHARGES)}  # fmt: skip
    return Charges(**lines)


def clear_cost(tx: Session, fill: Fill, *, at: datetime, reference: str) -> None:
    """Cost that stands on a position without shares is profit or loss."""
    shares = {one.isin for one in ledger.positions(tx, fill.account_id)}
    name = position_ledger(fill.isin)
    left = ledger.balance(tx, fill.account_id, name)
    if fill.isin in shares or not left:
        return
    made = Transaction(
        id=f"cleared:{reference}",
        account_id=fill.account_id,
        kind=TransactionKind.CORRECTION,
        at=at,
        reference=reference,
        postings=(Posting(name, -left), Posting(REALISED, left)),
        words=f"{fill.symbol}: cost of shares that were sold before the correction",
    )
    ledger.post(tx, made)
