"""Take a broker's file into the books by a person's word, and take that back.

Everything is posted in one transaction or not at all, each entry balanced, and nothing is changed
in place: a price is booked anew, a trade that the books lack goes to the login's EXTERNAL bucket,
and a note's charges are corrected account by account. Shares of a plan change only where their
stop follows, so a trade of other shares, or one that only the books have, waits for
`munim orders annul`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time

from sqlmodel import Session

from core.desk.correct import price_that_stands, rebook
from core.desk.day_trades import AGAIN, booked_charges, day_trades
from core.desk.desk import Desk
from core.desk.elsewhere import ACCEPTED, trade_of
from core.desk.noted_costs import NOTE
from core.desk.notes import Comparison, compared, note_sheet
from core.desk.taken_in import Imported, by_id, imports, keep, standing, stem
from core.domain.account import BrokerLogin
from core.domain.clock import IST, ist_day
from core.domain.ledger import Transaction, external_account
from core.domain.money import Money
from core.domain.order import Fill
from core.domain.statement import StatedTrade, Statement, StatementKind
from core.domain.words import counted
from core.errors import BadInput, NotFound
from core.store import accounts, audit, fills, ledger
from core.treasury import post
from core.treasury.day_note import shares_of
from core.treasury.match_trades import Finding, Pair

NOON = time(12)  # when a trade of a file is booked that names a day alone


def accept(desk: Desk, login_id: str, statement: Statement, *, by: str) -> Imported:
    """Book what a file says beyond the books; returns what was done.

    Raises:
        NotFound: no such login.
        BadInput: the file was taken in before, says nothing new, or lacks what must come first.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        login = accounts.login(tx, login_id)
        _only_once(tx, login, statement)
        found = compared(tx, login, statement, today=ist_day(at))
        _check(tx, found)
        name = _name(tx, login, statement)
        because = f"{statement.kind} {statement.name}"
        prices: list[tuple[str, str, int, int]] = []
        entries: list[str] = []
        for pair in found.pairs:
            if pair.finding is Finding.PRICE:
                _correct(tx, login, pair, prices, at=at, because=because)
            elif pair.finding is Finding.ONLY_BROKER and pair.stated is not None:
                entries.append(_take_in(tx, login, pair.stated))
        entries += _charge(tx, login, statement, name, at=at)
        if not entries and not prices:
            raise BadInput(f"{statement.name} agrees with the books, so nothing is booked")
        done = Imported(
            id=name,
            name=statement.name,
            kind=statement.kind.value,
            login_id=login_id,
            first=statement.days[0].isoformat(),
            at=at.isoformat(),
            by=by,
            entries=tuple(entries),
            prices=tuple(prices),
            sentence=_words(found, entries, prices),
        )
        keep(tx, done)
        body = {"entries": list(entries), "prices": len(prices), "words": done.sentence}
        audit.append(tx, at=at, actor=by, verb="accept statement", subject=name, body=body)
    return done


def undo(desk: Desk, import_id: str, *, by: str) -> Imported:
    """Reverse all that an acceptance booked; what it booked stays in the books beside it.

    Raises:
        NotFound: nothing was accepted under this name.
        BadInput: it was taken back before, or a price was corrected again since.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        done = by_id(tx, import_id)
        if done.undone:
            raise BadInput(f"{done.name} was taken back already, at {done.undone}")
        _is_last(tx, done)
        because = f"{done.kind} {done.name} taken back"
        for entry in done.entries:
            ledger.post(tx, post.correction(_stands(tx, entry), at=at, reason=because))
        for price in reversed(done.prices):
            _price_back(tx, done, price, at=at, because=because)
        done = replace(done, undone=at.isoformat())
        keep(tx, done)
        body = {"entries": len(done.entries), "prices": len(done.prices)}
        audit.append(tx, at=at, actor=by, verb="undo statement", subject=import_id, body=body)
    return done


def _is_last(tx: Session, done: Imported) -> None:
    """Raise BadInput where a later note of the day was booked over this one."""
    note = StatementKind.NOTE.value
    for one in imports(tx):
        if one.id == done.id or done.kind != note:
            return
        mine = (one.login_id, one.first, one.kind) == (done.login_id, done.first, note)
        if mine and not one.undone:
            raise BadInput(
                f"{one.name} was taken in after {done.name}, of the same day, and counts from what "
                f"that left; take back {one.id} first"
            )


def _price_back(
    tx: Session, done: Imported, price: tuple[str, str, int, int], *, at: datetime, because: str
) -> None:
    """Book a trade at the price it had before."""
    order_id, trade_id, before, after = price
    if not order_id:
        login = accounts.login(tx, done.login_id)
        _again(tx, login, _stands(tx, trade_id), Money(before), at=at, because=because)
        return
    fill = _fill(tx, order_id, trade_id)
    if price_that_stands(tx, fill) != Money(after):
        raise BadInput(
            f"{fill.symbol}: trade {trade_id} was corrected again since {done.name}; "
            "correct it by hand"
        )
    rebook(tx, fill, price=Money(before), at=at, because=because)


def _stands(tx: Session, entry: str) -> Transaction:
    """An entry that nothing reversed since; raises BadInput."""
    made = ledger.transaction(tx, entry)
    if made is None or ledger.is_posted(tx, f"correction:{entry}"):
        raise BadInput(
            f"entry {entry} was reversed since, or given to a plan; what is left of the file "
            "cannot be taken back as a whole"
        )
    return made


def _only_once(tx: Session, login: BrokerLogin, statement: Statement) -> None:
    one = standing(tx, login.id, statement.digest)
    if one is not None:
        raise BadInput(
            f"{statement.name} was taken in at {one.at}; munim note undo {one.id} takes it back"
        )


def _check(tx: Session, found: Comparison) -> None:
    if found.unknown:
        raise BadInput(
            f"{found.statement.name}, {found.unknown[0]}; write its ISIN into the file or list "
            "the share first"
        )
    apart = [one for one in found.pairs if one.finding in (Finding.QTY, Finding.ONLY_BOOKS)]
    if apart and found.statement.kind is StatementKind.NOTE:
        one = apart[0]
        raise BadInput(
            f"{one.symbol} on {one.on}: {one.finding}, {one.stated_qty} at the broker and "
            f"{one.booked_qty} in the books; settle the shares first, with munim orders annul "
            "where the exchange annulled a trade, then take in the charges"
        )
    outside = ledger.transactions(tx, external_account(found.login.id))
    for pair in found.pairs:
        if pair.finding is not Finding.ONLY_BROKER or pair.stated is None:
            continue
        taken = [
            one
            for one in outside
            if one.reference.startswith(ACCEPTED)
            and any(line.ledger == f"position:{pair.stated.isin}" for line in one.postings)
            and not ledger.is_posted(tx, f"correction:{one.id}")
        ]
        if taken:
            raise BadInput(
                f"{pair.symbol} on {pair.on}: a difference in this share was accepted on "
                f"{ist_day(taken[0].at)}, so its shares are in the books already; take the line "
                "out of the file"
            )


def _correct(
    tx: Session,
    login: BrokerLogin,
    pair: Pair,
    prices: list[tuple[str, str, int, int]],
    *,
    at: datetime,
    because: str,
) -> None:
    """Book every part of a trade at the broker's price."""
    if pair.stated is None:
        return
    price = pair.stated.price
    for part in pair.booked:
        if part.price == price:
            continue
        if part.order_id:
            fill = _fill(tx, part.order_id, part.trade_id)
            rebook(tx, fill, price=price, at=at, because=because)
            prices.append((part.order_id, part.trade_id, part.price.paise, price.paise))
        else:
            wrong = ledger.transaction(tx, part.entry)
            if wrong is not None:
                new = _again(tx, login, wrong, price, at=at, because=because)
                prices.append(("", new, part.price.paise, price.paise))


def _take_in(tx: Session, login: BrokerLogin, told: StatedTrade) -> str:
    """A trade in the EXTERNAL bucket, under a name that no earlier booking has."""
    for again in range(1000):
        mark = f"{AGAIN}{again}" if again else ""
        trade = told.trade_id or f"line{told.line}"
        made = post.elsewhere(
            login_id=login.id,
            isin=told.isin,
            qty=told.qty,
            worth=told.price * told.qty,
            at=datetime.combine(told.on, NOON, IST),
            reference=f"{told.exchange or 'NSE'}:{told.on}:{told.order_id or 'file'}:{trade}{mark}",
            words=f"{told.symbol}: {told.qty:+d} at {told.price} by the broker's file",
        )
        if ledger.post(tx, made):
            return made.id
    raise BadInput(f"{told.symbol}: trade {told.trade_id} was booked and taken back too often")


def _again(
    tx: Session, login: BrokerLogin, wrong: Transaction, price: Money, *, at: datetime, because: str
) -> str:
    """Reverse a trade of the EXTERNAL bucket and book it at another price; returns the new one."""
    trade = trade_of(wrong)
    if trade is None:
        raise BadInput(f"entry {wrong.id} is a difference that was accepted and has no price")
    ledger.post(tx, post.correction(wrong, at=at, reason=because))
    told = StatedTrade(
        line=0,
        on=ist_day(trade.traded_at),
        symbol=trade.symbol,
        isin=trade.isin,
        exchange=trade.exchange,
        qty=trade.qty,
        price=price,
        trade_id=trade.trade_id.partition(AGAIN)[0],
        order_id=trade.order_id,
    )
    return _take_in(tx, login, told)


def _charge(
    tx: Session, login: BrokerLogin, statement: Statement, name: str, *, at: datetime
) -> list[str]:
    """Correct each account's charges of the day to its part of the note."""
    if statement.charges is None or statement.on is None:
        return []
    trades = day_trades(tx, login.id, [statement.on])
    sheet = note_sheet(tx, login, statement.on, trades, statement.charges)
    parts = shares_of(statement.charges, sheet.note)
    booked = booked_charges(tx, login.id, statement.on, trades)
    found = []
    for account_id in sorted(booked):
        off = parts[account_id] - booked[account_id]
        if not any(amount for _, amount in off.items):
            continue
        made = post.charge(
            account_id=account_id,
            charges=off,
            at=at,
            reference=f"{NOTE}{login.id}:{statement.on}:{name}",
            words=f"charges of {statement.on} as on {statement.name}",
        )
        ledger.post(tx, made)
        found.append(made.id)
    return found


def _fill(tx: Session, order_id: str, trade_id: str) -> Fill:
    for fill in fills.of_order(tx, order_id):
        if fill.trade_id == trade_id:
            return fill
    raise NotFound(f"order {order_id} has no fill {trade_id} in the books")


def _words(found: Comparison, entries: Sequence[str], prices: Sequence[object]) -> str:
    trades = found.count(Finding.ONLY_BROKER)
    charged = sum(one.startswith("charges:") for one in entries)
    parts = [
        counted(len(prices), "price") + " booked anew" if prices else "",
        counted(trades, "trade") + " put beside the accounts" if trades else "",
        "charges corrected in " + counted(charged, "account") if charged else "",
    ]
    waits = found.count(Finding.QTY) + found.count(Finding.ONLY_BOOKS)
    left = f"; {counted(waits, 'line')} with other shares left as they are" if waits else ""
    return ", ".join(part for part in parts if part) + left


def _name(tx: Session, login: BrokerLogin, statement: Statement) -> str:
    start = stem(login.id, statement.digest)
    return f"{start}{sum(one.id.startswith(start) for one in imports(tx)) + 1}"
