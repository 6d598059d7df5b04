"""Who was left out of the last scan and why, and what each account made of the rest."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.last_scan import last_scan
from core.domain.decision import Decision
from core.domain.scanned import AccountScan, Placed, ScanRecord, TurnedDown
from core.domain.words import ist_stamp, pct, qty
from core.store import decisions
from core.views.decided import stage_word
from core.views.shown import Figure, Meter, Text, count

NAMED = 8  # symbols in a row before the rest is counted


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
    """One account: a line to open, what its filters turned down, and its order."""

    id: str
    title: str
    volatility: str
    filters: tuple[FilterRow, ...]
    placed: tuple[PlacedRow, ...]
    risks: tuple[RiskRow, ...] = ()


@dataclass(frozen=True, slots=True)
class AllocationView:
    """The last scan; `empty` is the sentence where there was none."""

    figures: tuple[Figure, ...]
    refused: tuple[tuple[str, str], ...]
    accounts: tuple[AccountBlock, ...]
    note: str
    empty: str


def allocation_view(desk: Desk) -> AllocationView:
    """Read the newest scan and its decisions."""
    with desk.store.read() as tx:
        scan = last_scan(tx)
        if scan is None:
            words = "No scan has run yet; the first one comes with the market, or ask for one."
            return AllocationView((), (), (), "", words)
        asked = [row.decision_id for one in scan.accounts for row in one.placed if row.decision_id]
        made = decisions.of_ids(tx, asked)
    return AllocationView(
        figures=_figures(scan, made),
        refused=tuple((reason, qty(n)) for reason, n in scan.refused),
        accounts=tuple(_block(one, made) for one in scan.accounts),
        note=ist_stamp(scan.at),
        empty="",
    )


def allocation_signature(desk: Desk) -> Hashable:
    """Changes with every scan."""
    with desk.store.read() as tx:
        scan = last_scan(tx)
    return scan.at if scan else None


def _figures(scan: ScanRecord, made: Mapping[str, Decision]) -> tuple[Figure, ...]:
    cards = sum(one.card is not None for one in made.values())
    return (
        Figure("Shares looked at", qty(scan.shares)),
        Figure("Shares an account asked for", qty(scan.candidates)),
        Figure("Accounts", qty(len(scan.accounts))),
        Figure("Cards", qty(cards)),
    )


def _block(one: AccountScan, made: Mapping[str, Decision]) -> AccountBlock:
    asked = sum(row.asked for row in one.placed)
    return AccountBlock(
        id=one.account_id,
        title=f"{one.account_name}, {one.objective}: {count(one.looked_at, 'candidate')}, "
        f"{one.kept} kept, {asked} asked for"
        + (f", {one.waiting} waiting from before" if one.waiting else ""),
        volatility=one.volatility,
        filters=tuple(_filter(row) for row in one.filters),
        placed=tuple(_placed(row, made) for row in one.placed),
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
    return FilterRow(row.name, qty(len(row.symbols)), which, row.example)


def _placed(row: Placed, made: Mapping[str, Decision]) -> PlacedRow:
    place, decision = str(row.place), made.get(row.decision_id)
    if decision is None:
        words = "asked for" if row.asked else "not among its picks"
        return PlacedRow(place, row.symbol, row.words, Text(words, "mute"))
    return PlacedRow(place, row.symbol, row.words, answer(decision),
                     decision.card.id if decision.card else "")  # fmt: skip


def answer(decision: Decision) -> Text:
    """What a decision came to, in a few words."""
    if decision.card is not None:
        return Text(f"card for {qty(abs(decision.card.qty))} shares", "gain", bold=True)
    return Text(f"{stage_word(decision.refused_by)}: {decision.reason}", "loss")
