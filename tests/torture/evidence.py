"""What the oracle looks at: raw rows of the broker's journal, the store and its record.

Nothing of the desk's own code is used: rows come as JSON and columns, and both sides are folded
anew here.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

Row = Mapping[str, Any]
TABLES = (
    "orders", "cards", "approvals", "plans", "protections", "fills", "transactions", "postings",
    "alerts", "kills", "audit", "accounts", "leases",
)  # fmt: skip


@dataclass(slots=True)
class Client:
    """One login at its broker, folded from the journal up to some moment.

    `held` counts shares, `for_day` those of them in MIS, and `short` those that entries of the
    desk sold short and nobody bought back. `selling` is what working sales may still sell,
    `buying` what orders that buy back may still buy, `resting` active triggers. `overbought` are
    shares that the desk bought back and that were not short.
    """

    held: dict[str, int] = field(default_factory=dict)
    of_desk: dict[str, int] = field(default_factory=dict)
    for_day: dict[str, int] = field(default_factory=dict)
    short: dict[str, int] = field(default_factory=dict)
    overbought: dict[str, int] = field(default_factory=dict)
    selling: dict[str, tuple[str, int]] = field(default_factory=dict)
    buying: dict[str, tuple[str, int]] = field(default_factory=dict)
    resting: dict[str, tuple[str, int]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)  # of each order that closes, as changed

    def could_sell(self, isin: str) -> int:
        """Shares of one instrument that leave if everything that rests is executed."""
        rows = (*self.selling.values(), *self.resting.values())
        return sum(qty for name, qty in rows if name == isin)

    def could_buy_back(self, isin: str) -> int:
        """The same of shares that are short."""
        return sum(qty for name, qty in self.buying.values() if name == isin)

    def to_cover(self, isin: str) -> int:
        """Shares that the desk holds, or is short of, and that its broker counts as well."""
        mine, there = self.of_desk.get(isin, 0), self.held.get(isin, 0)
        if mine < 0:
            return max(0, min(-mine, -self.for_day.get(isin, 0)))
        return min(mine, there)

    def closing(self, isin: str) -> int:
        """Shares of those that working orders and triggers would close."""
        mine = self.of_desk.get(isin, 0)
        return self.could_buy_back(isin) if mine < 0 else self.could_sell(isin)


@dataclass(frozen=True, slots=True)
class Roles:
    """Which broker orders are the desk's, which of those enter, and which only close."""

    mine: frozenset[str]
    entries: frozenset[str]
    closers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order as the exchange saw it; `refused` is its reason when it was turned down."""

    order_id: str
    tag: str
    isin: str
    side: str
    qty: int
    product: str
    limit: int | None
    gtt_id: str
    at: datetime
    refused: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known after a scenario; `journals` hold each login's events, oldest first."""

    journals: Mapping[str, Sequence[Row]]
    tables: Mapping[str, Sequence[Row]]
    desk: str  # the two letters that this desk's tags begin with

    def tickets(self, login: str) -> dict[str, Ticket]:
        """Every order that reached a login's exchange, by its broker id and arrival."""
        found = {}
        for row in self.journals[login]:
            if row["kind"] in ("Accepted", "Rejected"):
                found[row["order_id"]] = _ticket(row)
        return found

    def sizes(self, login: str) -> dict[str, list[int]]:
        """Every size an order had at a login's exchange, as placed and as changed, by its id."""
        found: dict[str, list[int]] = {}
        for row in self.journals[login]:
            if row["kind"] == "Accepted":
                found[row["order_id"]] = [row["ticket"]["qty"]]
            elif row["kind"] == "Modified":
                found[row["order_id"]].append(row["qty"])
        return found

    def is_desks(self, ticket: Ticket) -> bool:
        """Whether a tag of this desk is on an order."""
        return bare(ticket.tag).startswith(self.desk)

    def rows(self, name: str) -> Sequence[Row]:
        """All rows of one table."""
        return self.tables[name]

    def by_id(self, name: str) -> dict[str, Row]:
        """Rows of one table by their id."""
        return {row["id"]: row for row in self.tables[name]}

    def said(self, *verbs: str) -> list[Row]:
        """Entries of the record with one of these verbs, oldest first."""
        return [row for row in self.tables["audit"] if row["verb"] in verbs]

    def walk(self, login: str) -> Iterator[tuple[datetime, Client]]:
        """The client after each event, with the moment it happened."""
        client, roles = Client(), self.roles(login)
        for row in self.journals[login]:
            apply(client, row, roles)
            yield row["at"], client

    def roles(self, login: str) -> Roles:
        """What each order at a login is for, by the store's word of its tag."""
        tickets, rows = self.tickets(login), self.journals[login]
        children = {row["order_id"] for row in rows if row["kind"] == "GttFired"}
        brokers = {
            row["order_id"]
            for row in rows
            if row["kind"] == "Accepted" and row["ticket"].get("fee") is not None
        }
        purposes = {row["tag"]: row["purpose"] for row in self.tables["orders"]}
        mine = {name for name, one in tickets.items() if self.is_desks(one) or name in children}
        meant = {name: purposes.get(bare(tickets[name].tag)) for name in mine}
        entries = {name for name, purpose in meant.items() if purpose == "entry"}
        closers = {name for name, purpose in meant.items() if purpose not in (None, "entry")}
        return Roles(frozenset(mine), frozenset(entries), frozenset(closers | children | brokers))


def gather(
    *,
    journals: Mapping[str, Path],
    store_url: str,
    desk: str,
    tables: Sequence[str] = TABLES,
    renamed: Callable[[list[Row]], list[Row]] = list,
) -> Evidence:
    """Read both sides; `renamed` puts a dialect's own ids for the exchange's names."""
    return Evidence(
        journals={login: renamed(list(_events(path))) for login, path in journals.items()},
        tables=_tables(store_url, tables),
        desk=desk,
    )


def apply(client: Client, row: Row, roles: Roles) -> None:
    """Fold one event."""
    match row["kind"]:
        case "Accepted":
            _enter(client, row, roles)
        case "Traded":
            _trade(client, row, roles)
        case "Modified" if row["order_id"] in client.sizes:
            closes = client.selling if row["order_id"] in client.selling else client.buying
            if row["order_id"] in closes:
                isin, left = closes[row["order_id"]]
                was = client.sizes[row["order_id"]]
                closes[row["order_id"]] = (isin, left + row["qty"] - was)
                client.sizes[row["order_id"]] = row["qty"]
        case "Cancelled" | "Expired" | "TurnedDown":
            client.selling.pop(row["order_id"], None)
            client.buying.pop(row["order_id"], None)
        case "GttPlaced" if row["gtt"]["side"] == "SELL":
            client.resting[row["gtt"]["gtt_id"]] = (row["gtt"]["isin"], row["gtt"]["qty"])
        case "GttModified" if row["gtt_id"] in client.resting:
            isin, _ = client.resting[row["gtt_id"]]
            client.resting[row["gtt_id"]] = (isin, row["qty"])
        case "GttFired" | "GttCancelled":
            client.resting.pop(row["gtt_id"], None)
        case "DayOpened":
            client.for_day.clear()
        case "ClosedOut":
            isin, qty = row["isin"], row["qty"]
            client.held[isin] = client.held.get(isin, 0) + qty
            client.short[isin] = client.short.get(isin, 0) - qty
        case "Credited":
            client.held[row["isin"]] = client.held.get(row["isin"], 0) + row["qty"]
        case "TermsChanged":
            client.held[row["isin"]] = row["qty"]
            client.of_desk[row["isin"]] = client.of_desk.get(row["isin"], 0) and row["qty"]


def bare(tag: str | None) -> str:
    """A tag without prefix, blanks and case."""
    return "".join(ch for ch in (tag or "").rsplit(":", 1)[-1] if ch.isalnum()).upper()


def moment(value: object) -> datetime:
    """A stored time, UTC."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _enter(client: Client, row: Row, roles: Roles) -> None:
    """An order that closes; a short sale's entry is none, nor is a purchase by phone."""
    name, asked = row["order_id"], row["ticket"]
    if asked["side"] == "SELL" and name not in roles.entries:
        closes = client.selling
    elif asked["side"] == "BUY" and name in roles.closers:
        closes = client.buying
    else:
        return
    closes[name] = (asked["isin"], asked["qty"])
    client.sizes[name] = asked["qty"]


def _trade(client: Client, row: Row, roles: Roles) -> None:
    name, isin, qty = row["order_id"], row["isin"], row["qty"]
    buys, for_day = row["side"] == "BUY", row["product"] == "MIS"
    signed = qty if buys else -qty
    if buys and name in roles.closers:
        more = qty - max(0, -client.for_day.get(isin, 0))
        client.overbought[isin] = client.overbought.get(isin, 0) + max(0, more)
    client.held[isin] = client.held.get(isin, 0) + signed
    if for_day:
        client.for_day[isin] = client.for_day.get(isin, 0) + signed
    if name in roles.entries and not buys:
        client.short[isin] = client.short.get(isin, 0) + qty
    elif buys and for_day:
        client.short[isin] = max(0, client.short.get(isin, 0) - qty)
    if name in roles.mine:
        client.of_desk[isin] = client.of_desk.get(isin, 0) + signed
    for closes in (client.selling, client.buying):
        if name in closes:
            isin, left = closes.pop(name)
            if left > qty:
                closes[name] = (isin, left - qty)


def _ticket(row: Row) -> Ticket:
    asked = row["ticket"]
    return Ticket(
        order_id=row["order_id"],
        tag=asked["tag"],
        isin=asked["isin"],
        side=asked["side"],
        qty=asked["qty"],
        product=asked["product"],
        limit=asked["limit"],
        gtt_id=asked.get("gtt_id", ""),
        at=row["at"],
        refused=row.get("reason", "") if row["kind"] == "Rejected" else "",
    )


def _events(path: Path) -> Iterator[Row]:
    with sqlite3.connect(path) as db:
        for seq, kind, body in db.execute("SELECT seq, kind, body FROM journal ORDER BY seq"):
            found = json.loads(body)
            yield {**found, "seq": seq, "kind": kind, "at": moment(found["at"])}
    db.close()


def _tables(url: str, names: Sequence[str]) -> dict[str, list[Row]]:
    engine = create_engine(url)
    found: dict[str, list[Row]] = {}
    with engine.connect() as connection:
        for name in names:
            order = " ORDER BY seq" if name == "audit" else ""
            rows = connection.execute(text(f"SELECT * FROM {name}{order}")).mappings()
            found[name] = [dict(row) for row in rows]
    engine.dispose()
    return found
