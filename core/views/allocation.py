"""Who was left out of the last scan and why, and what each account made of the rest."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.last_scan import last_scan
from core.domain.card import Card
from core.domain.decision import Decision
from core.domain.scanned import AccountScan, Placed, ScanRecord, TurnedDown
from core.domain.words import counted, ist_stamp, pct, qty
from core.store import cards, decisions
from core.views.decided import stage_word
from core.views.shown import Figure, Meter, Text
from core.views.why_not import fate, symbols_seen

NAMED = 8  # symbols in a row before the rest is counted


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account in the list of all: what its rules left, and what it got."""

    account: str
    objective: str
    candidates: str
    kept: str
    asked: str
    cards: Text
    waiting: str
    volatility: str


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One filter of one account: how many shares, which, and the reason for the first."""

    name: str
    shares: str
    which: str
    why: str


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """One share in an account's order, and what became of it."""

    place: str
    symbol: str
    by: str
    answer: Text
    card_id: str = ""


@dataclass(frozen=True, slots=True)
class RiskRow:
    """What one position adds to its book's volatility."""

    symbol: str
    weight: str
    adds: str
    part: Meter


@dataclass(frozen=True, slots=True)
class AccountBlock:
    """One account by itself: what its filters turned down, its order, its risk."""

    id: str
    name: str
    title: str
    volatility: str
    filters: tuple[FilterRow, ...]
    placed: tuple[PlacedRow, ...]
    risks: tuple[RiskRow, ...] = ()


@dataclass(frozen=True, slots=True)
class AllocationView:
    """The last scan; `empty` is the sentence where there was none.

    `symbols` are the shares it looked at and `shown` the account picked out of `names`.
    """

    figures: tuple[Figure, ...]
    refused: tuple[tuple[str, str], ...]
    accounts: tuple[AccountRow, ...]
    names: Mapping[str, str]
    shown: AccountBlock | None
    symbols: tuple[str, ...]
    note: str
    empty: str


def allocation_view(desk: Desk, *, account: str = "") -> AllocationView:
    """Read the newest scan; one account is shown by itself, the first where none is picked."""
    with desk.store.read() as tx:
        scan = last_scan(tx)
        if scan is None:
            words = "No scan has run yet; the first one comes with the market, or ask for one."
            return AllocationView((), (), (), {}, None, (), "", words)
        asked = [row.decision_id for one in scan.accounts for row in one.placed if row.decision_id]
        made = decisions.of_ids(tx, asked)
        now = {one.card.id: cards.by_id(tx, one.card.id) for one in made.values() if one.card}
    picked = next((one for one in scan.accounts if one.account_id == account), None)
    picked = picked or next(iter(scan.accounts), None)
    return AllocationView(
        figures=_figures(scan, made),
        refused=tuple((reason, qty(len(symbols))) for reason, symbols in scan.no_signal),
        accounts=tuple(_row(one, made) for one in scan.accounts),
        names={one.account_id: one.account_name for one in scan.accounts},
        shown=_block(picked, made, now) if picked else None,
        symbols=symbols_seen(scan),
        note=ist_stamp(scan.at),
        empty="" if scan.accounts else "No account was open at the last scan; open one first.",
    )


def allocation_signature(desk: Desk) -> Hashable:
    """Changes with every scan, and with what becomes of a card."""
    with desk.store.read() as tx:
        scan = last_scan(tx)
        waiting = tuple(cards.open_ids(tx))
    return (scan.at if scan else None, waiting)


def _figures(scan: ScanRecord, made: Mapping[str, Decision]) -> tuple[Figure, ...]:
    written = sum(one.card is not None for one in made.values())
    return (
        Figure("Shares looked at", qty(scan.shares)),
        Figure("Shares an account was asked about", qty(scan.candidates)),
        Figure("Accounts", qty(len(scan.accounts))),
        Figure("Cards", qty(written)),
    )


def _row(one: AccountScan, made: Mapping[str, Decision]) -> AccountRow:
    asked = [row for row in one.placed if row.asked]
    found = [made[row.decision_id] for row in asked if row.decision_id in made]
    written = sum(decision.card is not None for decision in found)
    return AccountRow(
        account=one.account_name,
        objective=one.objective,
        candidates=qty(one.looked_at),
        kept=qty(one.kept),
        asked=qty(len(asked)),
        cards=Text(qty(written), "gain" if written else "mute", bold=bool(written)),
        waiting=qty(one.waiting),
        volatility=one.volatility,
    )


def _block(one: AccountScan, made: Mapping[str, Decision], now: Mapping[str, Card]) -> AccountBlock:
    asked = sum(row.asked for row in one.placed)
    return AccountBlock(
        id=one.account_id,
        name=one.account_name,
        title=f"{one.objective}, {counted(one.looked_at, 'candidate')}, {one.kept} kept, asked "
        f"about {asked}" + (f", {one.waiting} waiting from before" if one.waiting else ""),
        volatility=one.volatility,
        filters=tuple(_filter(row) for row in one.filters),
        placed=tuple(_placed(row, made, now) for row in one.placed),
        risks=_risks(one),
    )


def _risks(one: AccountScan) -> tuple[RiskRow, ...]:
    """Positions with the part each has in the book's volatility; a hedge has none."""
    whole = sum(row.adds for row in one.risks)
    return tuple(
        RiskRow(
            row.symbol,
            pct(row.weight, digits=1),
            pct(row.adds),
            Meter(min(1.0, max(0.0, row.adds / whole)) if whole > 0 else 0.0, plain=True),
        )
        for row in one.risks
    )


def _filter(row: TurnedDown) -> FilterRow:
    shown, rest = row.symbols[:NAMED], len(row.symbols) - NAMED
    which = ", ".join(shown) + (f" and {rest} more" if rest > 0 else "")
    return FilterRow(row.name, qty(len(row.symbols)), which, row.whys[0])


def _placed(row: Placed, made: Mapping[str, Decision], now: Mapping[str, Card]) -> PlacedRow:
    place, decision = str(row.place), made.get(row.decision_id)
    if decision is None:
        words = "asked about" if row.asked else "not among its picks"
        return PlacedRow(place, row.symbol, row.words, Text(words, "mute"))
    card = now[decision.card.id] if decision.card else None
    return PlacedRow(place, row.symbol, row.words, answer(decision, card), card.id if card else "")


def answer(decision: Decision, card: Card | None) -> Text:
    """What a decision came to, in a few words, and its card as it stands now."""
    if card is not None:
        return Text(fate(card), "gain", bold=True)
    return Text(f"{stage_word(decision.refused_by)}: {decision.reason}", "loss")
