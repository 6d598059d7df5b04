"""Why each stage said yes or no to one event, share by share and account by account."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.domain.decision import STAGES, Decision
from core.domain.order import Side
from core.domain.words import decimal, ist_time, pct, price, qty, rupees
from core.store import accounts, decisions
from core.views.shown import Tag, Text

WORDS = {
    "event": "Event",
    "tag": "Tag",
    "features": "Features",
    "signal": "Signal",
    "meta_label": "Meta-label",
    "playbook": "Playbook",
    "allocation": "Allocation",
    "verdict": "Verdict",
    "card": "Card",
}


def stage_word(stage: str) -> str:
    """A stage of the pipeline as it reads inside a sentence."""
    return WORDS.get(stage, stage).lower()


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of one decision."""

    stage: str
    said: Tag
    why: str


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """One decision: what it came to, and every stage it went through."""

    id: str
    title: str
    at: str
    answer: Text
    card_id: str
    stages: tuple[StageRow, ...]


def decisions_of(desk: Desk, event_id: str) -> tuple[DecidedRow, ...]:
    """Every decision an event led to, oldest first."""
    with desk.store.read() as tx:
        found = decisions.of_event(tx, event_id)
        names = {account.id: account.name for account in accounts.accounts(tx)}
    return tuple(_decided(one, names.get(one.account_id, one.account_id)) for one in found)


def _decided(one: Decision, account: str) -> DecidedRow:
    return DecidedRow(
        id=one.id,
        title=f"{one.symbol} · {account}",
        at=ist_time(one.as_of),
        answer=Text(f"card written, version {one.card.version}", "gain", bold=True)
        if one.card is not None
        else Text(f"{WORDS.get(one.refused_by, one.refused_by)} said no", "loss", bold=True),
        card_id=one.card.id if one.card else "",
        stages=tuple(_stages(one)),
    )


def _stages(one: Decision) -> list[StageRow]:
    rows = []
    for stage in STAGES:
        if stage == one.refused_by:
            rows.append(StageRow(WORDS[stage], Tag("no", "bad"), one.reason))
        elif getattr(one, stage) is not None:
            rows.append(StageRow(WORDS[stage], Tag("yes", "ok"), _why(one, stage)))
        else:
            rows.append(StageRow(WORDS[stage], Tag("not reached", "line"), ""))
    if one.refused_by and one.refused_by not in STAGES:
        rows.append(StageRow(one.refused_by, Tag("no", "bad"), one.reason))
    return rows


def _why(one: Decision, stage: str) -> str:
    """One line of what a stage found."""
    match stage:
        case "event":
            return one.event.headline if one.event else ""
        case "tag":
            return _tag_words(one)
        case "features":
            return (
                f"{len(one.features.names)} numbers, print {one.features.fingerprint}"
                if (one.features)
                else ""
            )
        case "signal":
            return _signal_words(one)
        case "meta_label":
            return _label_words(one)
        case "playbook":
            return f"{one.playbook.name}: {one.playbook.why}" if one.playbook else ""
        case "allocation":
            return _allocation_words(one)
        case "verdict":
            return f"{one.verdict.opinion}: {one.verdict.thesis}" if one.verdict else ""
        case _:
            return _card_words(one)


def _tag_words(one: Decision) -> str:
    if one.tag is None:
        return ""
    lean = {1: "positive", 0: "neutral", -1: "negative"}[int(one.tag.stance)]
    return f"{one.tag.event_type}, {lean}, impact {one.tag.impact:.2f} of 1"


def _signal_words(one: Decision) -> str:
    signal = one.signal
    if signal is None:
        return ""
    if signal.direction < 0:
        return f"{signal.strategy} by rule, downwards; the model's odds are those of a purchase"
    if not signal.has_vote:
        return f"{signal.strategy} by rule; edge not measured, the model has no vote"
    if not signal.target_first.shown:
        return f"{signal.strategy}; too few like cases, {signal.target_first.n} of 30"
    return (
        f"{signal.strategy}; target first {pct(signal.target_first.p, digits=0)} in "
        f"{qty(signal.target_first.n)} cases, edge {pct(signal.edge, signed=True)} after costs"
    )


def _label_words(one: Decision) -> str:
    label = one.meta_label
    if label is None:
        return ""
    odds = "not measured"
    if label.has_vote:
        odds = pct(label.right.p, digits=0) if label.right.shown else "too few cases"
    return f"right: {odds}; {label.regime} market, liquidity {decimal(label.liquidity_score)} of 1"


def _allocation_words(one: Decision) -> str:
    made = one.allocation
    if made is None:
        return ""
    if made.rejected:
        return made.rejected
    return f"{qty(made.qty)} shares, {rupees(made.notional)}, at risk {rupees(made.at_risk)}"


def _card_words(one: Decision) -> str:
    if one.card is None:
        return ""
    b = one.card.bracket
    way = "sell short, " if one.card.side is Side.SELL else ""
    return f"{way}entry {price(b.entry_low)} – {price(b.entry_high)}, stop {price(b.stop)}, " + (
        f"target {price(b.target)}"
    )
