"""The first half of the chain: from a headline to a card or a refusal, step by step.

A step is one stored fact: when, what it says, and everything it holds as a record to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.card import Card
from core.domain.decision import Decision
from core.domain.event import Event, Stance, TaggedEvent
from core.domain.signal import FeatureRow, MetaLabel, Playbook, Signal
from core.domain.verdict import Verdict
from core.domain.words import counted, decimal, ist_stamp, pct, price, qty, rupees
from core.views.decided import stage_word
from core.views.shown import count, entry_words

LEANS = {Stance.POSITIVE: "positive", Stance.NEUTRAL: "neutral", Stance.NEGATIVE: "negative"}
Pairs = tuple[tuple[str, str], ...]
FEATURES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One stored fact of the chain; `subjects` are the audit subjects that recorded it.

    `quote` is text from outside, shown as a quotation; `url` is written out, never linked.
    """

    key: str
    at: datetime
    name: str
    words: str
    detail: str
    record: Pairs
    subjects: tuple[str, ...] = ()
    quote: str = ""
    refused: bool = False


def decision_steps(decision: Decision) -> list[Step]:
    """Event to card: one step for each stage that was reached, and the one that said no."""
    d = decision
    steps = []
    if d.event is not None:
        steps.append(_event(d.event))
    if d.tag is not None:
        steps.append(_tag(d.tag))
    if d.features is not None:
        steps.append(_features(d.features, d.as_of))
    if d.signal is not None:
        steps.append(_signal(d.signal))
    if d.meta_label is not None:
        steps.append(_meta(d.meta_label, d.as_of))
    if d.playbook is not None:
        steps.append(_playbook(d.playbook, d.as_of))
    if d.allocation is not None:
        steps.append(_allocation(d))
    if d.verdict is not None:
        steps.append(_judge(d.verdict, d.as_of))
    if d.card is not None:
        steps.append(_card(d.card))
    if d.refused_by:
        record = (("Stage", stage_word(d.refused_by)), ("Reason", d.reason), ("Decision", d.id))
        steps.append(
            Step("refused", d.as_of, "Refused", d.reason, f"at {stage_word(d.refused_by)}", record,
                 refused=True)
        )  # fmt: skip
    return steps


def _event(event: Event) -> Step:
    record: Pairs = (
        ("Headline", event.headline),
        ("Source", event.source),
        ("Source's id", event.source_id),
        ("Happened", ist_stamp(event.event_at)),
        ("Known", ist_stamp(event.known_at)),
        ("Address", event.url or "none given"),
        ("Invented", "yes, by the simulator" if event.simulated else "no"),
    )
    return Step(
        "event", event.known_at, "Event", event.headline, f"{event.source}:{event.source_id}",
        record, (event.id,), quote=event.body or event.headline,
    )  # fmt: skip


def _tag(tag: TaggedEvent) -> Step:
    words = f"{tag.symbol} · {tag.event_type} · {LEANS[tag.stance]} {decimal(tag.confidence)}"
    record: Pairs = (
        ("Share", f"{tag.symbol} {tag.isin}"),
        ("Kind", tag.event_type.value),
        ("Leans", LEANS[tag.stance]),
        ("Impact", decimal(tag.impact)),
        ("Confidence", decimal(tag.confidence)),
        ("Words that decided", ", ".join(tag.matched) or "none"),
        ("Read by", tag.tagger),
    )
    return Step("tag", tag.known_at, "Tag", words, tag.tagger, record)


def _features(row: FeatureRow, at: datetime) -> Step:
    words = f"{count(len(row.values), 'value')}, nothing later than {ist_stamp(row.as_of)}"
    record: Pairs = (
        ("Fingerprint", row.fingerprint),
        ("Version", row.version),
        *(
            (name, decimal(value, digits=4))
            for name, value in list(zip(row.names, row.values, strict=True))[:FEATURES_SHOWN]
        ),
    )
    return Step("features", at, "Features", words, f"fingerprint {row.fingerprint}", record)


def _signal(signal: Signal) -> Step:
    odds = signal.target_first
    if not signal.has_vote:
        way = "Short" if signal.direction < 0 else "Long"
        words = f"{way} by rule {signal.strategy}; edge not measured"
    elif not odds.shown:
        words = f"Long, {signal.horizon_sessions} sessions; too few cases, n {qty(odds.n)}"
    else:
        words = (
            f"Long, {signal.horizon_sessions} sessions, target first {pct(odds.p, digits=0)} "
            f"({odds.low * 100:.0f} – {pct(odds.high, digits=0)}), n {qty(odds.n)}"
        )
    record: Pairs = (
        ("Strategy", signal.strategy),
        ("Model", signal.model_version),
        ("Has a vote", "yes" if signal.has_vote else "no"),
        ("Base rate", pct(signal.base_rate) if signal.has_vote else "not shown without a vote"),
        *((reason.words, f"{decimal(reason.contribution, signed=True)} log-odds")
          for reason in signal.reasons),
    )  # fmt: skip
    return Step("signal", signal.as_of, "Signal", words, f"model {signal.model_version}", record)


def _meta(label: MetaLabel, at: datetime) -> Step:
    right = pct(label.right.p, digits=0) if label.has_vote and label.right.shown else "not measured"
    record: Pairs = (
        ("Signal is right", right),
        ("n", qty(label.right.n)),
        ("Market", label.regime.value),
        ("Regime score", decimal(label.regime_score)),
        ("Liquidity score", decimal(label.liquidity_score)),
        ("Crowding score", decimal(label.crowding_score)),
        ("Timing score", decimal(label.timing_score)),
    )
    return Step(
        "meta",
        at,
        "Meta-label",
        f"chance of being right: {right}",
        f"{label.regime} market",
        record,
    )


def _playbook(playbook: Playbook, at: datetime) -> Step:
    record: Pairs = (
        ("Why", playbook.why),
        ("Stop, target", f"{decimal(playbook.stop_atr)}, {decimal(playbook.target_atr)} ATR"),
        ("Horizon", f"{playbook.horizon_sessions} sessions"),
        ("Size multiple", decimal(playbook.size_multiple)),
        ("Event stays fresh", f"{playbook.fresh_minutes} min"),
    )
    return Step("playbook", at, "Playbook", playbook.name, playbook.why, record)


def _allocation(decision: Decision) -> Step:
    a = decision.allocation
    assert a is not None
    asked = a.clamps[0].from_qty if a.clamps else a.qty
    words = f"{qty(a.qty)} of {qty(asked)} asked" if not a.rejected else a.rejected
    record: Pairs = (
        ("Value", rupees(a.notional)),
        ("At risk", rupees(a.at_risk)),
        ("Guardrails", f"{len(a.guardrails) - len(a.failed)} of {len(a.guardrails)} pass"),
        *((f"Clamp: {c.name}", f"{qty(c.from_qty)} → {qty(c.to_qty)}, {c.reason}")
          for c in a.clamps),
        *((f"✕ {rail.name}", rail.sentence) for rail in a.failed),
    )  # fmt: skip
    detail = counted(len(a.clamps), "clamp") if a.clamps else "not clamped"
    return Step("allocation", decision.as_of, "Allocation", words, detail, record)


def _judge(verdict: Verdict, at: datetime) -> Step:
    record: Pairs = (
        ("Thesis", verdict.thesis),
        *((f"Risk {n}", risk) for n, risk in enumerate(verdict.risks, start=1)),
        *((f"E{n} {item.source}", item.fact) for n, item in enumerate(verdict.evidence, start=1)),
    )
    words = f"{verdict.opinion}, {len(verdict.evidence)} facts"
    return Step("judge", at, "Judge", words, verdict.judge, record)


def _card(card: Card) -> Step:
    b = card.bracket
    record: Pairs = (
        ("Account", card.account_name),
        ("Band", f"{price(b.entry_low)} – {price(b.entry_high)}"),
        ("Stop, target", f"{price(b.stop)}, {price(b.target)}"),
        ("Mandate", f"version {card.mandate_version}"),
        ("Expires", ist_stamp(card.expires_at)),
        ("Bound hash", card.bound_hash[:24] + "…"),
    )
    words = f"{entry_words(card.side)} {qty(abs(card.qty))} {card.symbol}, version {card.version}"
    return Step(
        "card", card.written_at, "Card", words, f"hash {card.bound_hash[:12]}…", record, (card.id,)
    )
