"""One card in full: what the person reads before a yes or a no.

What ticks (price, drift, time left, progress) is in `live_card`; the rest stands still until
the card's version changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.desk.can_hold import what_will_rest
from core.desk.card_costs import card_costs
from core.desk.compete import competition
from core.desk.desk import Desk
from core.desk.gap_loss import card_gaps
from core.desk.models import Sheet
from core.desk.vote_said import sheet_now, why_no_vote
from core.domain.account import LoginMode, Market
from core.domain.card import APPROVAL_SECONDS, Card, CardStatus
from core.domain.clock import ist_day
from core.domain.order import Product, Side
from core.domain.words import (
    decimal,
    ist_time,
    pct,
    price,
    qty,
    rupees,
    short,
)
from core.store import cards, mandates, models
from core.views.card_charges import charge_lines
from core.views.card_gap import GapRow, gap_rows
from core.views.card_size import BesideRow, CutRow, beside_rows, cut_rows, size_note
from core.views.card_words import (
    EvidenceRow,
    ExposureRow,
    OddsRow,
    RuleRow,
    Span,
    breakeven,
    evidence_rows,
    exposure_rows,
    odds_rows,
    rule_rows,
    sourced_spans,
)
from core.views.shown import Figure, entry_words

STALE_SECONDS = 5.0
HURRY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class CardView:
    """Everything of a card that does not tick."""

    id: str
    symbol: str
    side: Side
    bound_hash: str
    figures: tuple[Figure, ...]
    thesis: tuple[Span, ...]
    thesis_note: str
    risks: tuple[str, ...]
    evidence: tuple[EvidenceRow, ...]
    evidence_note: str
    rules: tuple[RuleRow, ...]
    rules_note: str
    rules_rest: str
    odds: tuple[OddsRow, ...]
    odds_note: str
    odds_line: str
    exposure: tuple[ExposureRow, ...]
    charges: tuple[tuple[str, str], ...]
    gaps: tuple[GapRow, ...]
    gaps_rule: str
    rests: str  # what of stop and target the desk keeps itself; mostly empty
    changes: tuple[str, ...]
    cuts: tuple[CutRow, ...]
    size_note: str
    competes: tuple[str, ...]
    beside: tuple[BesideRow, ...]
    trigger: str
    button: str
    consequence: str
    is_open: bool


def card_view(desk: Desk, card_id: str) -> CardView:
    """Read one card, its mandate and its charges; raises NotFound."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        card = cards.by_id(tx, card_id)
        mandate = mandates.current(tx, card.account_id)
        model = models.find(tx, card.signal.model_version)
        told = sheet_now(desk, tx, model) if model else None
        before = cards.version(tx, card_id, card.version - 1) if card.version > 1 else None
        leg = card.legs[0]
        costs = card_costs(tx, card, on=ist_day(now))
        gaps = card_gaps(tx, card, on=ist_day(now))
        rests = what_will_rest(desk, tx, card)
        beside = beside_rows(tx, card)
        competes = competition(tx, card, calendar=desk.calendar, at=now)
    spans = sourced_spans(card.verdict.thesis, card.verdict.evidence)
    rules, rest = rule_rows(card.allocation.guardrails)
    passed = sum(rail.passed for rail in card.allocation.guardrails)
    brier = (
        f" Brier score {decimal(model.brier, digits=4)}, the base rate's "
        f"{decimal(model.brier_base, digits=4)}; lower is better."
        if model is not None
        else ""
    )
    return CardView(
        id=card.id,
        symbol=card.symbol,
        side=leg.side,
        bound_hash=card.bound_hash,
        figures=_figures(card, now),
        thesis=spans,
        thesis_note=_thesis_note(card, spans),
        risks=card.verdict.risks,
        evidence=evidence_rows(card.verdict.evidence, now=now),
        evidence_note=f"{len(card.verdict.evidence)} facts · known by {ist_time(card.written_at)}",
        rules=rules,
        rules_note=f"{passed} of {len(card.allocation.guardrails)} pass · run again at the send",
        rules_rest=rest,
        odds=odds_rows(card.signal),
        odds_note="out of sample · calibrated" if card.signal.has_vote else "edge not measured",
        odds_line=_odds_line(card, brier, told),
        exposure=exposure_rows(card, mandate),
        charges=charge_lines(costs, side=leg.side, entry=card.bracket.worst_entry),
        gaps=gap_rows(gaps.rows, card.bracket, side=leg.side, qty=leg.qty),
        gaps_rule=gaps.rule,
        rests=rests,
        changes=_changes(before, card),
        cuts=cut_rows(card),
        size_note=size_note(card),
        competes=competes,
        beside=beside,
        trigger=card.trigger,
        button=f"{entry_words(leg.side)} {qty(leg.qty)} · {short(card.allocation.notional)}",
        consequence=_consequence(card),
        is_open=card.status is CardStatus.OPEN,
    )


def _figures(card: Card, now: datetime) -> tuple[Figure, ...]:
    a, b = card.allocation, card.bracket
    risk = next((rail.value for rail in a.guardrails if rail.name == "Risk per trade"), None)
    return (
        Figure("Quantity", qty(abs(card.qty))),
        Figure("Entry band", f"{price(b.entry_low)} – {price(b.entry_high)}"),
        Figure("Stop loss", price(b.stop)),
        Figure("Target", price(b.target)),
        Figure("Reward : risk", decimal(b.reward_to_risk)),
        Figure(
            "At risk",
            rupees(a.at_risk, digits=0),
            f"{pct(risk)} of the account" if risk is not None else "",
        ),
        Figure(
            "Cash needed" if card.side is Side.BUY else "Margin needed",
            rupees(a.notional + a.charges),
        ),
    )


def _thesis_note(card: Card, spans: Sequence[Span]) -> str:
    numbers = [span for span in spans if span.kind != "words"]
    sourced = sum(span.kind == "sourced" for span in numbers)
    struck = len(numbers) - sourced
    words = f"judge {card.verdict.opinion} · {sourced} of {len(numbers)} numbers sourced"
    return words + (f", {struck} struck" if struck else "")


def _odds_line(card: Card, brier: str, told: Sheet | None) -> str:
    even = pct(breakeven(card.bracket), digits=0)
    if card.side is Side.SELL:
        return (
            "The model's odds are those of a purchase, so a short sale has none: this is a rule, "
            f"sized by risk per trade, bought back today. Breakeven {even}."
        )
    if not card.signal.has_vote:
        why = why_no_vote(told) if told and not told.refused else ""
        return (
            f"The model {f'has no vote: {why}' if why else 'had no vote when this was written'}. "
            f"This is a rule, sized by risk per trade, on paper only. Breakeven {even}.{brier}"
        )
    if card.legs[0].product is Product.MIS:
        return (
            f"Odds are measured over {card.signal.horizon_sessions} sessions, and this trade ends "
            f"today: they say which way, not how likely. Breakeven {even}.{brier}"
        )
    return f"Thin line: base rate. Breakeven {even}.{brier}"


def _changes(before: Card | None, card: Card) -> tuple[str, ...]:
    if before is None:
        return ()
    old, new = before.bracket, card.bracket
    pairs: tuple[tuple[str, str, str], ...] = (
        ("Quantity", qty(abs(before.qty)), qty(abs(card.qty))),
        (
            "Band",
            f"{price(old.entry_low)} – {price(old.entry_high)}",
            f"{price(new.entry_low)} – {price(new.entry_high)}",
        ),
        ("Stop", price(old.stop), price(new.stop)),
        ("Target", price(old.target), price(new.target)),
        ("Mandate", f"v{before.mandate_version}", f"v{card.mandate_version}"),
    )
    said = tuple(f"{name} {was} → {now}" for name, was, now in pairs if was != now)
    return (f"v{before.version} → v{card.version}", *said)


def _consequence(card: Card) -> str:
    money = "Paper money." if card.mode is LoginMode.PAPER else "REAL MONEY."
    where = " Simulated market." if card.market is Market.SIM else ""
    way = "buy" if card.side is Side.BUY else "short sale"
    return (
        f"One click, one order: a limit {way} inside the band, then a broker "
        f"stop at {price(card.bracket.stop)}. {money}{where} The approval lives "
        f"{APPROVAL_SECONDS:.0f} s."
    )
