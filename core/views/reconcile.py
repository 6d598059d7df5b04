"""Broker against books: orders nobody can tell about, shares that differ, and what was done
elsewhere. A person answers from what the worker read last.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.booked import HOLDERS, filled_qty
from core.desk.desk import Desk
from core.desk.give import closings_elsewhere
from core.desk.resolve import terms
from core.domain.account import Market
from core.domain.ledger import EXTERNAL, Position, external_account
from core.domain.order import Order, OrderStatus, Side
from core.domain.quote import Quote
from core.domain.reconciliation import Lookup, Mismatch, Reconciliation
from core.domain.words import age_of, ist_time, price, qty, rupees
from core.execution.recover import READS_BEFORE_ABSENT, same_terms
from core.store import (
    accounts,
    instruments,
    ledger,
    lookups,
    orders,
    plans,
    quotes,
    reconciliations,
)
from core.views.shown import Cells, RowMark, Text, count

UNCOMPARED = {
    False: "Nothing was compared yet; the worker compares at its start and every 15 s.",
    True: "A replay plays history and has no broker to compare with.",
}
ABSENT = "It never reached the broker"


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing a person may say about an order; no broker order means it is absent."""

    broker_order_id: str
    label: str


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One order of unknown outcome; `answers` are empty until the broker was read once.

    `waits_for_you` says that time alone will not tell.
    """

    order_id: str
    label: str
    sentence: str
    answers: tuple[Answer, ...]
    waits_for_you: bool = False


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """Shares that the broker and the books of a login count differently."""

    login_id: str
    login: str
    symbol: str
    instrument: Cells
    books: str
    broker: str
    differs: str
    worth: str
    since: str
    mark: RowMark = "red"


@dataclass(frozen=True, slots=True)
class ElsewhereRow:
    """Shares in a login's EXTERNAL bucket: they are in no account's figures."""

    login_id: str
    login: str
    instrument: Cells
    qty: str
    ltp: str
    value: str


@dataclass(frozen=True, slots=True)
class Gift:
    """A sale done elsewhere that may be counted as the own exit of a plan in that share."""

    transaction_id: str
    plan_id: str
    label: str


@dataclass(frozen=True, slots=True)
class ReconcileView:
    """The panel on Positions."""

    questions: tuple[OpenQuestion, ...]
    differences: tuple[DifferenceRow, ...]
    trades: tuple[str, ...]
    elsewhere: tuple[ElsewhereRow, ...]
    gifts: tuple[Gift, ...]
    frozen: tuple[str, ...]
    note: str
    agrees: str


def reconcile_view(desk: Desk) -> ReconcileView:
    """Everything that does not agree, or that was done past the desk."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        unknown = orders.with_status(tx, OrderStatus.UNKNOWN)
        questions = tuple(_question(one, lookups.of_order(tx, one.id), now) for one in unknown)
        compared = reconciliations.all_latest(tx)
        labels = {one.id: one.label for one in accounts.logins(tx)}
        past, gifts = _elsewhere(tx), _gifts(tx)
    oldest = min((one.at for one in compared), default=None)
    return ReconcileView(
        questions=questions,
        differences=tuple(
            row
            for one in compared
            for row in difference_rows(one, labels.get(one.login_id, one.login_id), now)
        ),
        trades=tuple(sentence for one in compared for sentence in one.trades),
        elsewhere=past,
        gifts=gifts,
        frozen=tuple(
            f"{labels.get(one.login_id, one.login_id)} and its books differ in "
            f"{', '.join(differs.symbol for differs in one.mismatches)}: no new entry there until "
            "that is gone or accepted; exits and stops go on."
            for one in compared
            if one.mismatches
        ),
        note=f"compared {age_of(oldest, now)} ago" if oldest else "not compared yet",
        agrees="Shares and trades agree." if oldest else UNCOMPARED[desk.market is Market.REPLAY],
    )


def to_answer(desk: Desk) -> list[str]:
    """A sentence for each thing that waits for an answer, for the Today page."""
    view = reconcile_view(desk)
    asked = [
        f"{one.label}: {one.sentence} Answer on Positions."
        for one in view.questions
        if one.waits_for_you
    ]
    return [*view.frozen, *asked]


def reconcile_signature(desk: Desk) -> Hashable:
    """Changes when a question, a difference or what was done elsewhere does."""
    with desk.store.read() as tx:
        return (
            tuple((one.order_id, bool(one.unclear), one.book) for one in lookups.all_lookups(tx)),
            tuple(
                (one.login_id, m.isin, m.qty)
                for one in reconciliations.all_latest(tx)
                for m in one.mismatches
            ),
            tuple((one.account_id, one.isin, one.qty) for one in ledger.elsewhere(tx)),
        )


def _question(order: Order, seen: Lookup | None, now: datetime) -> OpenQuestion:
    label = f"{order.side} {qty(order.qty)} {order.symbol}, order {order.id}"
    if seen is None:
        said = "the answer of the broker was lost; its order book is read in a moment."
        return OpenQuestion(order.id, label, said, ())
    if seen.unclear:
        said = f"{seen.unclear}, order book of {ist_time(seen.read_at)}."
    else:
        said = (
            f"not in the broker's order book, {count(seen.reads, 'clean read')} of "
            f"{READS_BEFORE_ABSENT} or more over two minutes; it ends by itself."
        )
    fitting = [one for one in seen.book if same_terms(order, one)]
    found = [
        Answer(one.broker_order_id, f"It is broker order {one.broker_order_id}: {terms(one)}, "
               f"{one.broker_status.lower()}")
        for one in fitting
    ]  # fmt: skip
    answers = (*found, Answer("", ABSENT))
    return OpenQuestion(order.id, label, said, answers, waits_for_you=bool(seen.unclear))


def difference_rows(
    seen: Reconciliation | None, label: str, now: datetime
) -> tuple[DifferenceRow, ...]:
    """One row for each share that a login's broker counts differently; none before a comparison."""
    return tuple(_row(seen.login_id, label, one, now) for one in seen.mismatches) if seen else ()


def compared_ago(seen: Reconciliation | None, now: datetime) -> str:
    """When a login was compared last."""
    return f"compared {age_of(seen.at, now)} ago" if seen else "not compared yet"


def _row(login_id: str, label: str, differs: Mismatch, now: datetime) -> DifferenceRow:
    return DifferenceRow(
        login_id=login_id,
        login=label,
        symbol=differs.symbol,
        instrument=Text(differs.symbol, bold=True),
        books=qty(differs.desk_qty),
        broker=qty(differs.broker_qty),
        differs=qty(differs.qty, signed=True),
        worth=rupees(differs.worth, signed=True) if differs.worth is not None else "no price",
        since=f"{age_of(differs.since, now)} ago",
    )


def _elsewhere(tx: Session) -> tuple[ElsewhereRow, ...]:
    held = ledger.elsewhere(tx)
    if not held:
        return ()
    symbols = {one.isin: one.symbol for one in instruments.all_instruments(tx)}
    prices = quotes.all_quotes(tx)
    labels = {one.id: one.label for one in accounts.logins(tx)}
    return tuple(
        _past(one, symbols.get(one.isin, one.isin), prices.get(one.isin), labels) for one in held
    )


def _gifts(tx: Session) -> tuple[Gift, ...]:
    """Only where more was closed elsewhere than opened there: those shares miss in a plan."""
    past = {(one.account_id, one.isin): one.qty for one in ledger.elsewhere(tx)}
    if not past:
        return ()
    names = {one.id: one.name for one in accounts.accounts(tx)}
    return tuple(
        Gift(made.id, plan.id, f"{made.words}. Count it as {names[plan.account_id]}'s own {word}.")
        for plan in plans.with_status(tx, *HOLDERS)
        if past.get((external_account(plan.login_id), plan.isin), 0) * plan.side.sign < 0
        for made in closings_elsewhere(tx, plan)
        if abs(filled_qty(tx, plan.id)) >= abs(made.postings[0].qty)
        for word in ("sale" if plan.side is Side.BUY else "purchase",)
    )


def _past(
    held: Position, symbol: str, quote: Quote | None, labels: Mapping[str, str]
) -> ElsewhereRow:
    login_id = held.account_id.removeprefix(EXTERNAL)
    return ElsewhereRow(
        login_id=login_id,
        login=labels.get(login_id, login_id),
        instrument=Text(symbol, bold=True),
        qty=qty(held.qty, signed=True),
        ltp=price(quote.ltp) if quote else "no price",
        value=rupees(quote.ltp * held.qty) if quote else "–",
    )
