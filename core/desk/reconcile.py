"""Compare every login's shares and trades with its broker, and stop entries where they differ.

All books of a login and its EXTERNAL bucket must add up to what the broker counts. A difference
is stored with its rupees, alarmed once and keeps new entries of that login back until it is gone
or a person accepted it; exits and protection go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.annulled import is_annulled, like_an_annulled
from core.desk.closed_out import is_closed_out
from core.desk.correct import price_that_stands
from core.desk.dealer import Dealer
from core.desk.elsewhere import rests_elsewhere
from core.desk.explained import explained, of_isins
from core.desk.orphans import cancel_orphans
from core.desk.paced import PacedSession
from core.desk.settle import settle_login
from core.desk.share_terms import together
from core.desk.slices import by_their_orders
from core.desk.strange import why_foreign
from core.desk.under_way import look_anew, one_look
from core.desk.unknown import shares_of
from core.domain.clock import IST, ist_day
from core.domain.order import Fill
from core.domain.ports import BrokerSession
from core.domain.reconciliation import Mismatch, Reconciliation
from core.domain.succession import newest
from core.domain.words import rupees
from core.execution.reconcile import (
    Difference,
    DifferenceKind,
    fill_differences,
    holding_differences,
)
from core.store import (
    accounts,
    audit,
    fills,
    instruments,
    orders,
    quotes,
    reconciliations,
    successions,
)


def reconcile(dealer: Dealer) -> list[str]:
    """Compare each login once; returns the sentences of what differs."""
    return [
        sentence
        for login_id in sorted(dealer.sessions)
        for sentence in _reconcile_login(dealer, login_id)
    ]


def why_no_entry(tx: Session, login_id: str) -> str:
    """Why a login may not enter now; empty when its shares agree and no other desk works it."""
    if foreign := why_foreign(tx, login_id):
        return foreign
    found = reconciliations.of_login(tx, login_id)
    if found is None or not found.mismatches:
        return ""
    rest = len(found.mismatches) - 1
    more = f" and {rest} more" if rest else ""
    return (
        f"{found.mismatches[0].sentence}{more}; no entry on login {login_id} until that is gone "
        "or accepted on Positions"
    )


def _reconcile_login(dealer: Dealer, login_id: str) -> list[str]:
    session = dealer.session(login_id)
    with one_look([session]):
        return _compare(dealer, login_id, session)


def _compare(dealer: Dealer, login_id: str, session: BrokerSession) -> list[str]:
    if isinstance(session, PacedSession):  # one read of each list serves both
        look_anew(session)
        settle_login(dealer, login_id)
    cancel_orphans(dealer, login_id)
    (found, known), odd = _shares(dealer, login_id), _trades(dealer, login_id)
    if found or odd:  # a fill may have come between the reads
        look_anew(session)
        settle_login(dealer, login_id)
        (found, known), odd = _shares(dealer, login_id), _trades(dealer, login_id)
    with dealer.desk.store.write() as tx:
        dealer.check_lease(tx)
        now = replace(_worded(dealer, tx, login_id, found, odd), explained=known)
        before = reconciliations.of_login(tx, login_id)
        reconciliations.put(tx, now)
        _tell(tx, before, now)
    return [*(one.sentence for one in now.mismatches), *now.trades]


def _shares(dealer: Dealer, login_id: str) -> tuple[list[Difference], tuple[Mismatch, ...]]:
    """Shares that differ, and those that differ (or will) because they went ex."""
    holdings = dealer.session(login_id).holdings()
    with dealer.desk.store.read() as tx:
        books = shares_of(tx, login_id)
        at = dealer.desk.clock.now()
        known = explained(tx, login_id, books=books, holdings=holdings, at=at)
        links = successions.links(tx)
        here, there = together(books, links), together(holdings, links)
        symbols = {isin: one.symbol for isin, one in instruments.of(tx, [*here, *there]).items()}
    # a broker may call a share by the ISIN it had before a split, or by the one it has since
    gone_ex = {newest(isin, links) for isin in of_isins(known)}
    found = holding_differences([], there, symbols=symbols, external=here)
    return [one for one in found if one.isin not in gone_ex], known


def _trades(dealer: Dealer, login_id: str) -> list[Difference]:
    """Fills of today that the broker shows otherwise, or does not show."""
    today = ist_day(dealer.desk.clock.now())
    midnight = datetime.combine(today, time(), IST)
    told = [one for one in dealer.session(login_id).trades() if ist_day(one.traded_at) == today]
    with dealer.desk.store.read() as tx:
        mine = {one.id for one in accounts.accounts(tx) if one.login_id == login_id}
        booked = [fill for fill in fills.since(tx, midnight) if fill.account_id in mine]
        names = {fill.order_id: orders.by_id(tx, fill.order_id) for fill in booked}
        booked = [fill for fill in booked if not is_closed_out(names[fill.order_id])]
    at_broker = {name: order.broker_order_id for name, order in names.items()}
    told = by_their_orders(told, booked, at_broker)
    with dealer.desk.store.read() as tx:
        apart = rests_elsewhere(tx, login_id, told, of=names.values())
        found = fill_differences([*booked, *apart], told, broker_order_ids=at_broker)
        put_right = {one.sentence for one in found if _is_corrected(tx, booked, one, at_broker)}
    # what was traded elsewhere stands in the EXTERNAL bucket
    return [
        one
        for one in found
        if one.kind is not DifferenceKind.EXTERNAL and one.sentence not in put_right
    ]


def _is_corrected(
    tx: Session, booked: Sequence[Fill], one: Difference, at_broker: Mapping[str, str]
) -> bool:
    """Whether a person said already that a fill is at the broker's price, or was annulled."""
    trade = one.trade
    if one.kind is DifferenceKind.UNKNOWN_FILL and trade is not None:
        return is_annulled(tx, trade)
    if one.kind is not DifferenceKind.CHANGED_FILL or trade is None or one.desk_qty != trade.qty:
        return False
    key = (trade.order_id, trade.trade_id, trade.exchange)
    mine = [f for f in booked if (at_broker[f.order_id], f.trade_id, f.exchange) == key]
    return bool(mine) and all(price_that_stands(tx, fill) == trade.price for fill in mine)


def _worded(
    dealer: Dealer,
    tx: Session,
    login_id: str,
    found: Sequence[Difference],
    odd: Sequence[Difference],
) -> Reconciliation:
    at = dealer.desk.clock.now()
    before = reconciliations.of_login(tx, login_id)
    since = {(m.isin, m.qty): m.since for m in before.mismatches} if before else {}
    prices = quotes.of(tx, [one.isin for one in found])
    rows = []
    for one in found:
        lacking = one.broker_qty - one.desk_qty
        worth = prices[one.isin].ltp * lacking if one.isin in prices else None
        said = f"{one.sentence}, {rupees(abs(worth))}" if worth is not None else one.sentence
        rows.append(
            Mismatch(
                isin=one.isin,
                symbol=one.symbol,
                desk_qty=one.desk_qty,
                broker_qty=one.broker_qty,
                worth=worth,
                sentence=said,
                since=since.get((one.isin, lacking), at),
            )
        )
    return Reconciliation(login_id, at, tuple(rows), tuple(one.sentence for one in odd))


def _tell(tx: Session, before: Reconciliation | None, now: Reconciliation) -> None:
    """Alarm what is new, and record every change of what differs."""
    known = {(one.isin, one.qty) for one in before.mismatches} if before else set()
    for one in now.mismatches:
        if (one.isin, one.qty) not in known:
            raise_alarm(
                tx,
                id=f"holding:{now.login_id}:{one.isin}:{one.qty}:{one.since.isoformat()}",
                isin=one.isin,
                symbol=one.symbol,
                at=now.at,
                sentence=f"{one.sentence}; no entry on login {now.login_id} until it is cleared"
                f"{like_an_annulled(tx, now.login_id, one.isin, one.qty, at=now.at)}",
            )
    for sentence in now.trades:
        if before is None or sentence not in before.trades:
            symbol = sentence.partition(":")[0]
            name = "trade:" + hashlib.sha256(f"{now.login_id}:{sentence}".encode()).hexdigest()[:16]
            raise_alarm(tx, id=name, isin="", symbol=symbol, at=now.at, sentence=sentence)
    differs = {(one.isin, one.qty) for one in now.mismatches}
    if differs != known or now.trades != (before.trades if before else ()):
        body = {"shares": [one.sentence for one in now.mismatches], "trades": list(now.trades)}
        audit.append(
            tx, at=now.at, actor="worker", verb="reconcile", subject=now.login_id, body=body
        )


def without(found: Reconciliation, isin: str) -> Reconciliation:
    """The comparison less one instrument, once a person accepted what differs there."""
    return replace(found, mismatches=tuple(m for m in found.mismatches if m.isin != isin))
