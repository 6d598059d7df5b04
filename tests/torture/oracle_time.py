"""Four invariants that hold at every moment: stops, sales, unknown orders and kill levels."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from tests.torture.evidence import Client, Evidence, bare, moment

if TYPE_CHECKING:
    from tests.torture.oracle import Asked

NAKED_MAX = 10.0  # seconds a position may be without a stop or an alarm
TWICE_MAX = 30.0  # seconds shares may be on offer twice before the desk has put it right
ALARMS = ("unprotected:", "unfillable:", "reprice:", "corporate:", "frozen:", "held:")
ARMED = ("ARMED_LOCAL", "STOP_FAILED", "UNFILLABLE")
PAUSE = 1


class Span(NamedTuple):
    """So many shares of one instrument, from one moment to another."""

    isin: str
    begins: datetime
    ends: datetime
    qty: int

    @property
    def seconds(self) -> float:
        return (self.ends - self.begins).total_seconds()


def protected(found: Evidence, asked: Asked) -> list[str]:
    """I4: no position is without a stop or an alarm for longer than ten seconds."""
    return [
        f"{span.qty} of {span.isin} had no stop for {span.seconds:.0f} s from "
        f"{span.begins:%H:%M:%S}"
        for span in naked(found, asked)
        if span.seconds > NAKED_MAX
    ]


def naked_share_seconds(found: Evidence, asked: Asked, *, after: float = 2.0) -> float:
    """Shares times seconds without any stop, beyond the first seconds of each spell."""
    return sum(span.qty * max(0.0, span.seconds - after) for span in naked(found, asked))


def naked(found: Evidence, asked: Asked) -> list[Span]:
    """Spells in which shares that the desk bought, or sold short, stood under no stop."""
    spells: list[Span] = []
    for login in found.journals:
        isins = {row["isin"] for row in found.journals[login] if row["kind"] == "Traded"}
        for isin in sorted(isins):
            spells += _joined(_bare_spans(found, login, isin, asked.until), asked.away)
    return spells


def _bare_spans(found: Evidence, login: str, isin: str, until: datetime | None) -> Iterator[Span]:
    """Each moment's shares without a stop, until the next thing happened."""
    steps = _steps(found, login, isin)
    if until is not None:
        steps.append((until, 0, 0, False))
    for (at, open_qty, armed, told), (ends, *_) in pairwise(steps):
        qty = 0 if told else open_qty - armed
        if qty > 0 and ends > at:
            yield Span(isin, at, ends, qty)


def _steps(found: Evidence, login: str, isin: str) -> list[tuple[datetime, int, int, bool]]:
    """(when, shares without a broker's order over them, under a desk stop, alarmed)."""
    happened: list[tuple[datetime, int, object]] = []
    for at, client in found.walk(login):
        happened.append((at, 0, client.to_cover(isin) - client.closing(isin)))
    for row in found.said("protect"):
        happened.append((moment(row["at"]), 1, row))
    for row in found.rows("alerts"):
        if row["isin"] == isin and row["id"].startswith(ALARMS):
            happened.append((moment(row["fired_at"]), 2, None))
    for row in found.rows("audit"):
        happened.append((moment(row["at"]), 3, None))  # time passes
    plans = {row["id"] for row in found.rows("plans") if row["isin"] == isin}
    steps, uncovered, armed, told = [], 0, {}, False
    for at, kind, what in sorted(happened, key=lambda one: one[:2]):
        if kind == 0:
            uncovered = int(str(what))
            told = told and uncovered > 0
        elif kind == 1 and isinstance(what, dict) and what["subject"] in plans:
            body = json.loads(what["body"])
            armed[what["subject"]] = body["qty"] if body["to"] in ARMED else 0
        told = told or kind == 2
        steps.append((at, uncovered, sum(armed.values()), told))
    return steps


def _joined(spans: Iterator[Span], away: Sequence[tuple[datetime, datetime]]) -> Iterator[Span]:
    """Spans that touch, as one; time that nobody could do anything in is taken out."""
    kept: Span | None = None
    until: datetime | None = None
    for span in spans:
        lasts = span.ends - span.begins
        for gone, back in away:
            lasts -= max(timedelta(0), min(span.ends, back) - max(span.begins, gone))
        if kept is not None and until == span.begins:
            qty = max(kept.qty, span.qty)
            kept = kept._replace(ends=kept.ends + lasts, qty=qty)
        else:
            if kept is not None:
                yield kept
            kept = span._replace(ends=span.begins + lasts)
        until = span.ends
    if kept is not None:
        yield kept


def never_short(found: Evidence, asked: Asked) -> list[str]:
    """I5: nothing is sold that is not held, nor bought back that is not short, and no share is
    on offer twice for long."""
    wrong = []
    for login in found.journals:
        wrong += [
            f"{ticket.order_id} tried to sell {ticket.qty}: {ticket.refused}"
            for ticket in found.tickets(login).values()
            if found.is_desks(ticket) and "held and free" in ticket.refused
        ]
        wrong += _short(found, login) + _twice(found, login, asked)
    return wrong


def oversold_shares(found: Evidence) -> int:
    """The deepest that any position went below what was meant, and all bought back too many."""
    deepest: dict[str, int] = {}
    over: dict[tuple[str, str], int] = {}
    for login in found.journals:
        for _, client in found.walk(login):
            for isin, qty in client.held.items():
                below = qty + client.short.get(isin, 0)
                deepest[isin] = min(below, deepest.get(isin, 0))
            over |= {(login, isin): qty for isin, qty in client.overbought.items()}
    return sum(over.values()) - sum(deepest.values())


def _short(found: Evidence, login: str) -> list[str]:
    below: dict[str, int] = {}
    over: dict[str, int] = {}
    for _, client in found.walk(login):
        for isin, qty in client.held.items():
            if qty + client.short.get(isin, 0) < 0:
                below[isin] = qty
        over = {isin: qty for isin, qty in client.overbought.items() if qty}
    return [
        *(f"{login} is short {-qty} of {isin}" for isin, qty in below.items()),
        *(f"{login} bought {qty} of {isin} back that were not short" for isin, qty in over.items()),
    ]


def _twice(found: Evidence, login: str, asked: Asked) -> list[str]:
    since: dict[str, datetime] = {}
    wrong: set[str] = set()
    last: datetime | None = None
    for at, client in found.walk(login):
        wrong |= _too_long(since, at, asked)
        closing = (*client.resting.values(), *client.buying.values())
        for isin in {*since, *(one[0] for one in closing)}:
            _note(since, client, isin, at)
        last = at
    ends = max([last, *(moment(row["at"]) for row in found.rows("audit"))]) if last else last
    if ends is not None:
        wrong |= _too_long(since, ends, asked)
    return sorted(wrong)


def _note(since: dict[str, datetime], client: Client, isin: str, at: datetime) -> None:
    twice = client.could_sell(isin) > max(0, client.held.get(isin, 0))
    over = client.could_buy_back(isin) > max(0, -client.for_day.get(isin, 0))
    if twice or over:
        since.setdefault(isin, at)
    else:
        since.pop(isin, None)


def _too_long(since: dict[str, datetime], at: datetime, asked: Asked) -> set[str]:
    wrong = set()
    for isin, began in since.items():
        lost = sum(
            (max(timedelta(0), min(at, back) - max(began, gone)) for gone, back in asked.away),
            timedelta(0),
        )
        if (at - began - lost).total_seconds() > TWICE_MAX:
            wrong.add(f"more of {isin} is on offer than is held, since {began:%H:%M:%S}")
    return wrong


def unknown_blocks(found: Evidence, asked: Asked) -> list[str]:
    """I7: while an order's outcome is unknown, no entry in its share leaves that login."""
    orders = found.by_id("orders")
    since: dict[str, datetime] = {}
    wrong = []
    for row in found.rows("audit"):
        order = orders.get(row["subject"])
        if order is None:
            continue
        at = moment(row["at"])
        to = json.loads(row["body"]).get("to")
        if row["verb"] == "send" and order["purpose"] == "entry":
            key = (order["login_id"], order["isin"])
            blocked = [
                name
                for name, began in since.items()
                if (orders[name]["login_id"], orders[name]["isin"]) == key and at > began
            ]
            wrong += [f"{order['id']} was sent while {name} was unknown" for name in blocked]
        elif to == "UNKNOWN":
            since.setdefault(row["subject"], at)
        elif to:
            since.pop(row["subject"], None)
    return wrong


def killed_is_killed(found: Evidence, asked: Asked) -> list[str]:
    """I8: no entry of ours arrives after a level was set and before it was lifted."""
    accounts = {row["tag"]: row["account_id"] for row in found.rows("orders")}
    closes = {row["tag"] for row in found.rows("orders") if row["purpose"] != "entry"}
    wrong = []
    for login in found.journals:
        for ticket in found.tickets(login).values():
            if bare(ticket.tag) in closes or not found.is_desks(ticket):
                continue
            level = 0
            for scope in ("desk", accounts.get(ticket.tag, "")):
                set_before = [
                    row["level"]
                    for row in sorted(found.rows("kills"), key=lambda one: one["id"])
                    if row["scope"] == scope and moment(row["set_at"]) < ticket.at
                ]
                level = max(level, set_before[-1] if set_before else 0)
            if level >= PAUSE:
                wrong.append(f"{ticket.order_id} was sent at level {level}")
    return wrong
