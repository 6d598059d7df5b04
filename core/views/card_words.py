"""Words for the parts of a card: a thesis with its sources, guardrails, odds, exposure, prices.

Pure: a card and a few numbers in, values ready to draw out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from core.domain.allocation import Bracket, Guardrail, Unit
from core.domain.card import Card
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.order import Side
from core.domain.quote import Quote
from core.domain.signal import Probability, Signal
from core.domain.verdict import Evidence
from core.domain.words import age, age_of, decimal, interval, pct, price, qty, rupees, short
from core.views.shown import Band, Cells, Ladder, Meter, Rung, Text, Tone

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
TEXT_RULES_SHOWN = "also pass"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a thesis; a number is `sourced` by a stored fact or it is `struck`."""

    text: str
    kind: Literal["words", "sourced", "struck"] = "words"
    source: str = ""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One guardrail as a table row."""

    passed: Text
    name: str
    value: str
    limit: str
    used: Cells
    mark: str = ""


@dataclass(frozen=True, slots=True)
class OddsRow:
    """One of the three ways out and how likely it was in like cases."""

    name: str
    p: Text
    interval: str
    band: Cells
    n: str


@dataclass(frozen=True, slots=True)
class ExposureRow:
    """A weight before and after, against its limit."""

    name: str
    before: str
    after: Text
    limit: str
    used: Meter


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """One stored fact behind the thesis."""

    number: str
    fact: Text
    age: str


def sourced_spans(thesis: str, evidence: Iterable[Evidence]) -> tuple[Span, ...]:
    """The thesis cut at its numbers; each number is looked up in the facts."""
    known: dict[Decimal, str] = {}
    for fact in evidence:
        for found in NUMBER.findall(fact.fact):
            known.setdefault(_value(found), fact.source)
    spans: list[Span] = []
    at = 0
    for match in NUMBER.finditer(thesis):
        spans.append(Span(thesis[at : match.start()]))
        source = known.get(_value(match.group()))
        kind: Literal["sourced", "struck"] = "struck" if source is None else "sourced"
        spans.append(Span(match.group(), kind, source or ""))
        at = match.end()
    spans.append(Span(thesis[at:]))
    return tuple(span for span in spans if span.text)


def rule_rows(rails: Iterable[Guardrail]) -> tuple[tuple[RuleRow, ...], str]:
    """Rows for what fails and for what has numbers; the names of the rest that pass."""
    rails = tuple(rails)
    failed = [rail for rail in rails if not rail.passed]
    measured = [rail for rail in rails if rail.passed and rail.unit is not Unit.TEXT]
    rest = [rail.name.lower() for rail in rails if rail.passed and rail.unit is Unit.TEXT]
    return tuple(_rule_row(rail) for rail in [*failed, *measured]), ", ".join(rest)


def odds_rows(signal: Signal) -> tuple[OddsRow, ...]:
    """Target, stop and time; the base rate stands beside the target alone.

    A short sale has none: every case counted was a purchase.
    """
    if signal.direction < 0:
        names = ("Target first", "Stop first", "Time exit")
        return tuple(OddsRow(name, Text("not measured", "mute"), "", "", "–") for name in names)
    return (
        _odds("Target first", signal.target_first, voted=signal.has_vote, base=signal.base_rate),
        _odds("Stop first", signal.stop_first, voted=signal.has_vote, base=None),
        _odds("Time exit", signal.time_exit, voted=signal.has_vote, base=None),
    )


def odds_short(signal: Signal) -> str:
    """The target's odds in a few words, for a queue row."""
    if not signal.has_vote:
        return "Edge not measured"
    if not signal.target_first.shown:
        return f"Target first too few · n {qty(signal.target_first.n)}"
    return f"Target first {pct(signal.target_first.p, digits=0)} · n {qty(signal.target_first.n)}"


def breakeven(bracket: Bracket) -> float:
    """The share of wins at which the bracket earns nothing, charges aside."""
    ratio = bracket.reward_to_risk
    return 1.0 / (1.0 + ratio) if ratio > 0 else 1.0


def exposure_rows(card: Card, mandate: Mandate) -> tuple[ExposureRow, ...]:
    """Share, sector and whole account, before and after."""
    a = card.allocation
    return (
        _exposure(card.symbol, a.weight_before, a.weight_after, mandate.position_weight_max),
        _exposure(card.sector, a.sector_before, a.sector_after, mandate.sector_weight_max),
        _exposure("Gross, account", a.gross_before, a.gross_after, mandate.gross_exposure_max),
    )


def evidence_rows(evidence: Iterable[Evidence], *, now: datetime) -> tuple[EvidenceRow, ...]:
    """Facts numbered E1, E2, …"""
    return tuple(
        EvidenceRow(f"E{number}", Text(fact.fact, note=fact.source), age_of(fact.known_at, now))
        for number, fact in enumerate(evidence, start=1)
    )


def price_ladder(card: Card, quote: Quote | None, *, quote_age: str) -> Ladder:
    """Stop, band, trail and target as heights, with the last price where it stands."""
    b = card.bracket
    buys = b.side is Side.BUY
    rungs = [
        (b.target, "Target", f"+{decimal(b.reward_to_risk)} R", "gain", True),
        (b.trail_from, "Trail", "starts here", "", False),
        (b.entry_high, "Band top", "", "buy" if buys else "sell", False),
        (b.entry_low, "Band foot", "", "buy" if buys else "sell", False),
        (b.stop, "Stop", f"−1 R · {rupees(card.allocation.at_risk)}", "loss", True),
    ]
    if not b.trail:
        rungs = [rung for rung in rungs if rung[1] != "Trail"]
    if quote is not None:
        where = drift_words(b, quote.ltp)
        rungs.append((quote.prev_close, "Close", "last session", "", False))
        rungs.append((quote.ltp, "Now", f"{where} · {quote_age}", "", True))
    low = min(at for at, *_ in rungs)
    high = max(at for at, *_ in rungs)
    span = (high - low).paise or 1
    return Ladder(
        rungs=tuple(
            Rung((at - low).paise / span, price(at), name, note, _tone(tone), strong)
            for at, name, note, tone, strong in sorted(rungs, key=lambda rung: rung[0])
        ),
        zones=tuple(
            ((foot - low).paise / span, (top - low).paise / span, tone)
            for foot, top, tone in (
                (min(b.stop, b.target), b.entry_low, _tone("loss" if buys else "gain")),
                (b.entry_low, b.entry_high, _tone("buy" if buys else "sell")),
                (b.entry_high, max(b.stop, b.target), _tone("gain" if buys else "loss")),
            )
        ),
    )


def drift_words(bracket: Bracket, ltp: Money) -> str:
    """Where the last price stands against the entry band."""
    if ltp < bracket.entry_low:
        return f"{pct((bracket.entry_low - ltp).share_of(bracket.entry_low))} below the band"
    if ltp > bracket.entry_high:
        return f"{pct((ltp - bracket.entry_high).share_of(bracket.entry_high))} above the band"
    return "in band"


def measure(value: float, unit: Unit) -> str:
    """A guardrail's number in its unit."""
    match unit:
        case Unit.FRACTION:
            return pct(value, digits=3) if 0 < abs(value) < 0.0001 else pct(value)
        case Unit.RUPEES:
            return short(Money(round(value * 100)))
        case Unit.SESSIONS:
            return f"{value:.0f} sessions"
        case Unit.MINUTES:
            return age(value * 60)
        case Unit.SECONDS:
            return f"{value:.0f} s"
        case Unit.COUNT:
            return f"{value:.0f}"
        case _:
            return decimal(value)


def _rule_row(rail: Guardrail) -> RuleRow:
    passed = Text("✓", "gain") if rail.passed else Text("✕", "loss", bold=True)
    if rail.unit is Unit.TEXT:
        return RuleRow(passed, rail.name, "", "", Text(rail.sentence, "loss"), mark="red")
    floor = "≥ " if rail.limit_is_floor else ""
    return RuleRow(
        passed=passed,
        name=rail.name,
        value=measure(rail.value, rail.unit),
        limit=floor + measure(rail.limit, rail.unit),
        used=Meter(rail.used),
        mark="" if rail.passed else "red",
    )


def _odds(name: str, odds: Probability, *, voted: bool, base: float | None) -> OddsRow:
    if not voted or not odds.shown:
        word = "too few" if voted else "not measured"
        return OddsRow(name, Text(word, "mute"), "", "", qty(odds.n))
    return OddsRow(
        name=name,
        p=Text(pct(odds.p, digits=0), bold=True),
        interval=interval(odds.low, odds.p, odds.high),
        band=Band(odds.low, odds.high, odds.p, base),
        n=qty(odds.n),
    )


def _exposure(name: str, before: float, after: float, limit: float) -> ExposureRow:
    return ExposureRow(
        name=name,
        before=pct(before, digits=1),
        after=Text(pct(after, digits=1), bold=True),
        limit=pct(limit, digits=0),
        used=Meter(before / limit, after=after / limit),
    )


def _tone(word: str) -> Tone:
    tones: dict[str, Tone] = {"gain": "gain", "loss": "loss", "buy": "buy", "sell": "sell"}
    return tones.get(word, "")


def _value(digits: str) -> Decimal:
    return Decimal(digits.replace(",", "")).normalize()
