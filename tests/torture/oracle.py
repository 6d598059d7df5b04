"""The oracle: fourteen invariants, judged from the broker's journal, the store and the record.

It shares no code with the desk. `violations` is asked after every scenario; each sentence begins
with the invariant that it breaks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.torture import oracle_books, oracle_time
from tests.torture.evidence import Evidence, Row, bare, moment

LIVE_SECONDS = 120.0  # how long an approval is good for
NOT_NOW = ("takes no orders", "has no closing auction", "is not accepted in the")
OVER = ("FILLED", "CANCELLED", "REJECTED", "EXPIRED")
ENTRY_STATES = {"approve": "PREPARED", "send": "SENT", "refuse": "CANCELLED", "fire": "OPEN"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the oracle needs to know of a scenario.

    `away` are the times the worker was dead or its broker could not be reached; `cap` is the
    most orders a second; `canaries` are secrets that may stand in no file below `folders`. Where
    the broker `slices`, one intent may be several orders of its tag that are together no more.
    """

    cap: int = 100
    away: tuple[tuple[datetime, datetime], ...] = ()
    canaries: tuple[str, ...] = ()
    folders: tuple[Path, ...] = ()
    settled: bool = True  # the scenario came to rest before it was judged
    until: datetime | None = None  # when it ended
    slices: bool = False


def violations(found: Evidence, asked: Asked | None = None) -> list[str]:
    """Every breach of I1 to I14, in words; empty when all hold."""
    asked = asked or Asked()
    checks: tuple[Callable[[Evidence, Asked], list[str]], ...] = (
        intent_once,
        approved,
        oracle_books.fills_agree,
        oracle_time.protected,
        oracle_time.never_short,
        ends_stay,
        oracle_time.unknown_blocks,
        oracle_time.killed_is_killed,
        oracle_books.balanced,
        recorded,
        capped,
        secret,
        fenced,
        in_phase,
    )
    return [
        f"I{number}: {sentence}"
        for number, check in enumerate(checks, start=1)
        for sentence in check(found, asked)
    ]


def intent_once(found: Evidence, asked: Asked) -> list[str]:
    """I1: one intent is accepted once, and for no more than was approved."""
    wrong = []
    for row in found.rows("orders"):
        same = (
            [
                ticket
                for ticket in found.tickets(row["login_id"]).values()
                if bare(ticket.tag) == row["tag"] and not ticket.refused
            ]
            if row["login_id"] in found.journals
            else []
        )
        rests = row["purpose"] == "stop"  # its size follows what is held, within the plan's
        most = _of_plan(found, row) if rests else row["qty"]
        sizes = found.sizes(row["login_id"]) if rests and same else {}
        total = sum(max(sizes.get(ticket.order_id, [ticket.qty])) for ticket in same)
        if total > most:
            wrong.append(f"intent {row['id']} of {most} was accepted for {total}")
        if len(same) > 1 and len({ticket.at for ticket in same}) > 1:
            wrong.append(f"intent {row['id']} was accepted {len(same)} times")
    return wrong


def _of_plan(found: Evidence, row: Row) -> int:
    return int(json.loads(found.by_id("plans")[row["plan_id"]]["body"])["qty"])


def approved(found: Evidence, asked: Asked) -> list[str]:
    """I2: each order with our tag is the one that an approval allowed, in time."""
    by_tag = {row["tag"]: row for row in found.rows("orders")}
    wrong = []
    for login in found.journals:
        for ticket in found.tickets(login).values():
            if not found.is_desks(ticket):
                continue
            row = by_tag.get(bare(ticket.tag))
            if row is None:
                wrong.append(f"broker order {ticket.order_id} has our tag and no intent")
                continue
            terms = (row["login_id"], row["isin"], row["side"], row["qty"])
            qty = ticket.qty
            if row["purpose"] == "stop" and not ticket.refused:
                qty = found.sizes(login)[ticket.order_id][-1]
            elif asked.slices and ticket.qty < row["qty"]:
                qty = row["qty"]  # I1 adds the parts up
            if terms != (login, ticket.isin, ticket.side, qty):
                wrong.append(f"{ticket.order_id} is {ticket}, its intent {terms}")
            elif row["sent_at"] is None or moment(row["sent_at"]) > ticket.at:
                wrong.append(f"{ticket.order_id} arrived before its intent was marked as sent")
            elif row["purpose"] == "entry":
                wrong += _as_signed(found, row, ticket.limit, ticket.product)
    return wrong


def _as_signed(found: Evidence, row: Row, limit: int | None, product: str) -> list[str]:
    body = json.loads(row["body"])
    signed = found.by_id("approvals").get(body["approval_id"])
    if signed is None:
        return [f"order {row['id']} has no approval"]
    card = next(
        json.loads(one["body"]) | {"hash": one["bound_hash"]}
        for one in found.rows("cards")
        if (one["id"], one["version"]) == (signed["card_id"], signed["card_version"])
    )
    low, high = (card["bracket"][name]["paise"] for name in ("entry_low", "entry_high"))
    leg, age = card["legs"][0], moment(row["sent_at"]) - moment(signed["clicked_at"])
    terms = (card["account_id"], card["isin"], leg["side"], leg["qty"], leg["product"])
    wrong = []
    if terms != (row["account_id"], row["isin"], row["side"], row["qty"], product):
        wrong.append(f"order {row['id']} is not what card {card['id']} said: {terms}")
    if limit is None or not low <= limit <= high:
        wrong.append(f"order {row['id']} at {limit} is outside {low} to {high}")
    if not timedelta(0) <= age <= timedelta(seconds=LIVE_SECONDS):
        wrong.append(f"order {row['id']} left {age.total_seconds():.0f} s after its click")
    if signed["bound_hash"] != card["hash"]:
        wrong.append(f"approval {signed['id']} signed another card")
    return wrong


def ends_stay(found: Evidence, asked: Asked) -> list[str]:
    """I6: what has ended does not work again, and each fill is booked once."""
    wrong, ended = [], {}
    for row in found.said("order", "recover", "refuse", "send"):
        to = _state(row)
        if row["subject"] in ended and to not in (ended[row["subject"]], ""):
            wrong.append(f"order {row['subject']} was {ended[row['subject']]} and became {to}")
        if to in OVER:
            ended[row["subject"]] = to
    seen = [(row["order_id"], row["trade_id"], row["exchange"]) for row in found.rows("fills")]
    if len(seen) != len(set(seen)):
        wrong.append("a fill stands twice")
    booked = {row["id"] for row in found.rows("transactions")}
    for order, trade, exchange in seen:
        if f"trade:{exchange}:{order}:{trade}" not in booked:
            wrong.append(f"fill {trade} of {order} is not in the books")
    trades = [name for name in booked if name.startswith("trade:") and "@" not in name]
    if len(trades) != len(set(seen)):
        wrong.append(f"{len(trades)} trades stand in the books and {len(set(seen))} fills")
    return wrong


def recorded(found: Evidence, asked: Asked) -> list[str]:
    """I10: the chain holds, and the last entry of everything says how it stands."""
    wrong, before, number = [], "0" * 64, 0
    for row in found.rows("audit"):
        fields = [row[name] for name in ("actor", "verb", "subject", "body")]
        basis = json.dumps(
            [row["seq"], moment(row["at"]).isoformat(), *fields, row["prev_hash"]],
            separators=(",", ":"),
            ensure_ascii=False,
        )
        linked = (row["seq"], row["prev_hash"]) == (number + 1, before)
        if not linked or row["hash"] != hashlib.sha256(basis.encode()).hexdigest():
            wrong.append(f"entry {row['seq']} of the record does not hold")
        before, number = row["hash"], row["seq"]
    return wrong + _last_words(found)


def _last_words(found: Evidence) -> list[str]:
    told: dict[str, str] = {}
    for row in found.said(*ENTRY_STATES, "order", "recover", "resolve", "protect"):
        body = json.loads(row["body"])
        told[body.get("order") or row["subject"]] = _state(row)
    wrong = [
        f"order {row['id']} is {row['status']} and the record's last word is {told.get(row['id'])}"
        for row in found.rows("orders")
        if told.get(row["id"]) != row["status"]
        and json.loads(row["body"])["broker_status"] != "done elsewhere"
    ]
    return wrong + [
        f"the stop of {row['plan_id']} is {row['status']}, last word {told.get(row['plan_id'])}"
        for row in found.rows("protections")
        if told.get(row["plan_id"]) != row["status"]
    ]


def _state(row: Row) -> str:
    body = json.loads(row["body"])
    return str(body.get("to") or ENTRY_STATES.get(row["verb"], ""))


def capped(found: Evidence, asked: Asked) -> list[str]:
    """I11: no more orders of a login in any clock second than its cap."""
    wrong = []
    for login in found.journals:
        seconds: dict[datetime, int] = {}
        for ticket in found.tickets(login).values():
            if found.is_desks(ticket):
                at = ticket.at.replace(microsecond=0)
                seconds[at] = seconds.get(at, 0) + 1
        wrong += [
            f"{login}: {count} orders at {at:%H:%M:%S}, over {asked.cap}"
            for at, count in seconds.items()
            if count > asked.cap
        ]
    return wrong


def secret(found: Evidence, asked: Asked) -> list[str]:
    """I12: no planted secret stands in any file."""
    wrong = []
    for folder in asked.folders if asked.canaries else ():
        for path in folder.rglob("*"):
            held = path.read_bytes() if path.is_file() else b""
            wrong += [
                f"{path.name} holds a secret" for one in asked.canaries if one.encode() in held
            ]
    return wrong


def fenced(found: Evidence, asked: Asked) -> list[str]:
    """I13: once a worker with a higher number sent, none with a lower one did."""
    wrong, highest = [], 0
    for row in found.said("send"):
        fence = json.loads(row["body"])["fence"]
        if fence < highest:
            wrong.append(f"{row['subject']} was sent by fence {fence} after fence {highest}")
        highest = max(highest, fence)
    sent = {row["subject"] for row in found.said("send")}
    ours = {row["tag"]: row["id"] for row in found.rows("orders")}
    for login in found.journals:
        for ticket in found.tickets(login).values():
            name = ours.get(bare(ticket.tag))
            if name is not None and name not in sent:
                wrong.append(f"{ticket.order_id} arrived and no worker recorded its send")
    return wrong


def in_phase(found: Evidence, asked: Asked) -> list[str]:
    """I14: nothing was sent that the phase does not take."""
    return [
        f"{ticket.order_id} was turned down: {ticket.refused}"
        for login in found.journals
        for ticket in found.tickets(login).values()
        if found.is_desks(ticket) and any(words in ticket.refused for words in NOT_NOW)
    ]


def judged(found: Evidence, asked: Asked, *, but: Sequence[str] = ()) -> list[str]:
    """Violations, less those of the invariants that a scenario breaks on purpose."""
    return [one for one in violations(found, asked) if one.partition(":")[0] not in but]
