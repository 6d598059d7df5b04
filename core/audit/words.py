"""One entry of the record as a sentence a person reads."""

from __future__ import annotations

import json
from collections.abc import Iterable

from core.domain.audit import AuditEntry
from core.domain.money import Money
from core.domain.words import ist_stamp, rupees

DID = {
    "accept difference": "accepted a difference of",
    "accept statement": "took into the books the file",
    "alarm": "raised the alarm",
    "alert": "set the alert",
    "alert brought back": "brought back the alert",
    "alert dropped": "dropped the alert",
    "alert fired": "let the alert go off",
    "approve": "approved",
    "ask": "asked for job",
    "bring loss": "brought a loss of an earlier year to",
    "card": "moved card",
    "close out": "booked as bought in by the exchange",
    "close account": "closed account",
    "corporate action": "decided the corporate action",
    "deposit": "paid into",
    "done elsewhere": "booked a trade done elsewhere as",
    "exit": "asked to leave",
    "fill": "booked a fill of",
    "funding plan": "changed the funding plan of",
    "give": "counted as a plan's own sale",
    "import": "imported",
    "infer": "looked in prices for",
    "ingest": "read in",
    "intake": "finished the intake of",
    "kill level": "set the kill level of",
    "open account": "opened account",
    "order": "moved order",
    "plan": "moved plan",
    "prepare exit": "prepared exit",
    "protect": "protected",
    "reconcile": "compared the shares of",
    "recover": "recovered order",
    "refuse": "refused",
    "reject": "rejected",
    "release tranche": "let go a tranche of",
    "report": "wrote report",
    "resolve": "resolved order",
    "score": "scored the untraded card",
    "send": "sent",
    "sign mandate": "signed the mandate of",
    "train": "trained",
    "undo statement": "took back from the books the file",
    "watchlist": "changed watchlist",
    "watchlist brought back": "brought back watchlist",
    "watchlist deleted": "deleted watchlist",
    "watchlist renamed": "renamed to watchlist",
    "withdraw": "paid out of",
}
PAISE = "_paise"


def sentence(entry: AuditEntry) -> str:
    """When, who, what and to what, with the facts of the body in brackets; money in rupees."""
    did = DID.get(entry.verb, entry.verb)
    said = f"{ist_stamp(entry.at)}: {entry.actor} {did} {entry.subject}"
    facts = ", ".join(_facts(json.loads(entry.body)))
    return f"{said} ({facts})." if facts else f"{said}."


def brief(entry: AuditEntry, *, of: str) -> str:
    """When, who, what, and why where the record says it; `of` names what the record has by id."""
    did = DID.get(entry.verb, entry.verb)
    body = json.loads(entry.body)
    why = next((body[name] for name in ("why", "because", "reason") if body.get(name)), "")
    because = f": {why}" if why else ""
    return f"{ist_stamp(entry.at)}: {entry.actor} {did} {of}{because}"


def _facts(body: dict[str, object]) -> Iterable[str]:
    for name, value in body.items():
        if value in ("", None, [], {}):
            continue
        if name.endswith(PAISE) and isinstance(value, int):
            yield f"{name.removesuffix(PAISE).replace('_', ' ')} {rupees(Money(value))}"
        else:
            yield f"{name.replace('_', ' ')} {_plain(value)}"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{name} {_plain(item)}" for name, item in value.items())
    return str(value)
