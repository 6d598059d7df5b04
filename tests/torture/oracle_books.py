"""Two invariants of the books: fills and shares agree with the broker, and money adds up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.torture.evidence import Evidence, Row, bare

if TYPE_CHECKING:
    from tests.torture.oracle import Asked

EXTERNAL = "external:"


def fills_agree(found: Evidence, asked: Asked) -> list[str]:
    """I3: desk fills are broker trades, and all buckets of a login add up to its shares."""
    if not asked.settled:
        return []
    wrong = []
    for login in found.journals:
        wrong += _shares(found, login) + _trades(found, login, by_tag=asked.slices)
    return wrong


def _shares(found: Evidence, login: str) -> list[str]:
    mine = {row["id"] for row in found.rows("accounts") if row["login_id"] == login}
    mine.add(EXTERNAL + login)
    books: Counter[str] = Counter()
    for row in found.rows("postings"):
        if row["account_id"] in mine and row["isin"]:
            books[row["isin"]] += row["qty"]
    held: dict[str, int] = {}
    for _, client in found.walk(login):
        held = client.held
    return [
        f"{login} {isin}: the broker holds {held.get(isin, 0)} and the books {books[isin]}"
        for isin in sorted({*books, *held})
        if books[isin] != held.get(isin, 0)
    ]


def _trades(found: Evidence, login: str, *, by_tag: bool) -> list[str]:
    names: dict[str, set[str]] = {}
    for row in found.rows("orders"):
        if row["login_id"] == login and row["broker_order_id"]:
            names.setdefault(row["broker_order_id"], set()).add(row["id"])
    if by_tag:
        tagged = {row["tag"]: row["id"] for row in found.rows("orders")}
        for name, ticket in found.tickets(login).items():
            if bare(ticket.tag) in tagged:
                names.setdefault(name, set()).add(tagged[bare(ticket.tag)])
    fills: dict[str, list[Row]] = {}
    for fill in found.rows("fills"):
        fills.setdefault(fill["trade_id"], []).append(fill)
    outside, tickets, wrong = _outside(found), found.tickets(login), []
    for row in found.journals[login]:
        if row["kind"] != "Traded":
            continue
        mine = names.get(row["order_id"], ())
        parts = [
            (fill["qty"], fill["price"])
            for fill in fills.get(row["trade_id"], ())
            if fill["order_id"] in mine
        ]
        end = f":{row['order_id']}:{row['trade_id']}"
        there = [part for reference, part in outside if reference.endswith(end)]
        parts += there
        signed = row["qty"] if row["side"] == "BUY" else -row["qty"]
        shared = not bare(tickets[row["order_id"]].tag)  # only the broker's own is for several
        if not parts or (len(parts) > 1 and not shared):
            wrong.append(f"trade {row['trade_id']} is booked {len(parts)} times")
        elif sum(qty for qty, _ in parts) != signed or {at for _, at in parts} != {row["price"]}:
            wrong.append(f"fill {row['trade_id']} is {parts}, the trade {signed} at {row['price']}")
    return wrong


def _outside(found: Evidence) -> list[tuple[str, tuple[int, int]]]:
    """What stands in EXTERNAL buckets, by its reference: signed shares and their price."""
    corrected = {
        row["reference"] for row in found.rows("transactions") if row["kind"] == "correction"
    }
    stands = {
        row["id"]: row["reference"]
        for row in found.rows("transactions")
        if row["kind"] == "done elsewhere" and row["id"] not in corrected
    }
    return [
        (stands[row["transaction_id"]], (row["qty"], row["amount"] // row["qty"]))
        for row in found.rows("postings")
        if row["transaction_id"] in stands and row["qty"]
    ]


def balanced(found: Evidence, asked: Asked) -> list[str]:
    """I9: each transaction sums to zero, and cash is flows, trades and charges to the paisa."""
    sums: Counter[str] = Counter()
    cash: Counter[str] = Counter()
    flows: Counter[str] = Counter()
    for row in found.rows("postings"):
        sums[row["transaction_id"]] += row["amount"]
        name = row["ledger"]
        if name in ("cash", "reserved"):
            cash[row["account_id"]] += row["amount"]
        elif name == "funding" or name.startswith("charges:"):
            flows[row["account_id"]] -= row["amount"]
    for fill in found.rows("fills"):
        flows[fill["account_id"]] -= fill["qty"] * fill["price"]
    wrong = [f"transaction {name} is out by {off} paise" for name, off in sums.items() if off]
    kinds = {row["kind"] for row in found.rows("transactions")}
    if kinds & {"dividend", "corporate action", "correction"}:
        return wrong  # their money is not derived here
    return wrong + [
        f"{account}: cash is {cash[account]} paise and flows make {flows[account]}"
        for account in sorted({*cash, *flows})
        if cash[account] != flows[account] and not account.startswith(EXTERNAL)
    ]
