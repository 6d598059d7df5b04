"""Why each account did or did not get one share: the last scan and the news of the day, in a row.

Told from what was kept at the time, so it says what decided and not what would decide now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.last_scan import last_scan
from core.domain.card import Card, CardStatus
from core.domain.clock import IST, ist_day
from core.domain.decision import Decision
from core.domain.scanned import AccountScan, ScanRecord
from core.domain.words import counted, ist_time, qty
from core.store import accounts, cards, decisions
from core.views.decided import stage_word
from core.views.shown import Text

FATES = {
    CardStatus.OPEN: "waits for a yes or a no",
    CardStatus.APPROVED: "was approved and is being sent",
    CardStatus.ORDERED: "was approved and sent",
    CardStatus.REJECTED: "was rejected",
    CardStatus.EXPIRED: "ended unanswered",
    CardStatus.SUPERSEDED: "ended",
    CardStatus.REFUSED: "was approved and refused at its send",
}


@dataclass(frozen=True, slots=True)
class WhyRow:
    """One account and one share: when it was asked, what it came to, and why."""

    account: str
    asked: str
    came: Text
    why: str
    card_id: str = ""


@dataclass(frozen=True, slots=True)
class WhyView:
    """One share before every account; `empty` is the sentence where nobody looked at it."""

    symbol: str
    rows: tuple[WhyRow, ...]
    empty: str


def why_view(desk: Desk, symbol: str) -> WhyView:
    """Every account's answer on a share, of the last scan and of today's news."""
    name = symbol.strip().upper()
    today = datetime.combine(ist_day(desk.clock.now()), time(0), IST)
    with desk.store.read() as tx:
        scan = last_scan(tx)
        news = decisions.of_news(tx, name, today)
        made = decisions.of_ids(tx, _asked(scan, name))
        now = _cards(tx, [*news, *made.values()])
        names = {one.id: one.name for one in accounts.accounts(tx)}
    rows = _alike(_of_scan(scan, name, made, now)) + _alike(_of_news(news, names, now))
    rows.sort(key=lambda row: row.account)
    if scan is None:
        words = "No scan has run yet, so no account was asked about anything."
    else:
        words = (
            f"{name} was not looked at by the scan of {ist_time(scan.at)}: it is in no traded "
            "universe, or has too few sessions of prices for a prediction."
        )
    return WhyView(name, tuple(rows), "" if rows else words)


def symbols_seen(scan: ScanRecord | None) -> tuple[str, ...]:
    """Every share the last scan looked at, by symbol."""
    if scan is None:
        return ()
    seen = {symbol for _, symbols in scan.no_signal for symbol in symbols}
    for one in scan.accounts:
        seen |= {symbol for row in one.filters for symbol in row.symbols}
        seen |= {row.symbol for row in one.placed} | set(one.beyond)
    return tuple(sorted(seen))


def fate(card: Card) -> str:
    """What became of a card, with the reason where there is one."""
    why = f": {card.status_reason}" if card.status_reason else ""
    return f"its card for {qty(abs(card.qty))} shares {FATES[card.status]}{why}"


def _asked(scan: ScanRecord | None, symbol: str) -> set[str]:
    rows = [row for one in scan.accounts for row in one.placed] if scan else []
    return {row.decision_id for row in rows if row.symbol == symbol and row.decision_id}


def _cards(tx: Session, made: Iterable[Decision]) -> dict[str, Card]:
    """The cards of decisions as they stand now."""
    return {one.card.id: cards.by_id(tx, one.card.id) for one in made if one.card is not None}


def _of_scan(
    scan: ScanRecord | None,
    symbol: str,
    made: Mapping[str, Decision],
    now: Mapping[str, Card],
) -> list[WhyRow]:
    if scan is None:
        return []
    asked = f"scan {ist_time(scan.at, seconds=False)}"
    reason = next((name for name, symbols in scan.no_signal if symbol in symbols), "")
    rows = []
    for one in scan.accounts:
        row = _of_account(one, symbol, asked, made, now)
        if row is None and reason:
            why = f"No signal to buy: {reason}."
            row = WhyRow(one.account_name, asked, Text("no signal", "mute"), why)
        rows += [row] if row else []
    return rows


def _alike(rows: list[WhyRow]) -> list[WhyRow]:
    """One row for all accounts where every one of several has the same answer."""
    first = rows[0] if rows else None
    if first is None or len(rows) < 2 or first.card_id:
        return rows
    if any(replace(row, account=first.account) != first for row in rows):
        return rows
    return [replace(first, account=f"all {counted(len(rows), 'account')}")]


def _of_account(
    one: AccountScan,
    symbol: str,
    asked: str,
    made: Mapping[str, Decision],
    now: Mapping[str, Card],
) -> WhyRow | None:
    """What one account's scan made of the share; None where it was none of its candidates."""
    for down in one.filters:
        if symbol in down.symbols:
            return WhyRow(one.account_name, asked, Text(f"filter: {down.name}", "loss"),
                          down.why(symbol))  # fmt: skip
    placed = next((row for row in one.placed if row.symbol == symbol), None)
    if placed is not None and placed.decision_id in made:
        return _of_decision(made[placed.decision_id], one.account_name, asked, now)
    if placed is None and symbol not in one.beyond:
        return None
    place = placed.place if placed else len(one.placed) + one.beyond.index(symbol) + 1
    return WhyRow(one.account_name, asked, Text(f"place {place} of {one.kept}", "mute"),
                  _not_asked(one))  # fmt: skip


def _not_asked(one: AccountScan) -> str:
    """Why an account was not asked about a share it could have had."""
    asked = [row.symbol for row in one.placed if row.asked]
    if asked:
        return f"Not among its picks; it was asked about {', '.join(asked)}."
    if one.waiting:
        return f"{counted(one.waiting, 'card')} of earlier scans wait here already; answer them."
    return "Not among its picks."


def _of_news(
    news: Sequence[Decision], names: Mapping[str, str], now: Mapping[str, Card]
) -> list[WhyRow]:
    return [
        _of_decision(one, names.get(one.account_id, one.account_id),
                     f"news {ist_time(one.as_of, seconds=False)}", now)
        for one in news
    ]  # fmt: skip


def _of_decision(made: Decision, account: str, asked: str, now: Mapping[str, Card]) -> WhyRow:
    if made.card is not None:
        card = now[made.card.id]
        cuts = " ".join(cut.reason for cut in made.card.allocation.clamps)
        came = Text(fate(card), "gain" if card.status in (CardStatus.OPEN, CardStatus.ORDERED)
                    else "warn", bold=True)  # fmt: skip
        return WhyRow(account, asked, came, cuts or "At the largest size its mandate allows.",
                      card.id)  # fmt: skip
    return WhyRow(account, asked, Text(stage_word(made.refused_by), "loss"), made.reason)
