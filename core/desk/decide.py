"""Walk one case down the pipeline: event, tag, features, signal, …, card.

Each line of `decide` fills the field of `Decision` with its name; a stage says no by raising
`Stopped`, and what was reached until then is kept with the reason.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from core.desk import stages
from core.desk.known import Known
from core.desk.stages import Case, Stopped
from core.domain.allocation import Allocation
from core.domain.card import Card
from core.domain.decision import STAGES, Decision
from core.domain.event import Event, TaggedEvent
from core.domain.signal import FeatureRow, MetaLabel, Playbook, Signal
from core.domain.verdict import Verdict


@dataclass(slots=True)
class Draft:
    """A decision while it is being made."""

    event: Event | None = None
    tag: TaggedEvent | None = None
    features: FeatureRow | None = None
    signal: Signal | None = None
    meta_label: MetaLabel | None = None
    playbook: Playbook | None = None
    allocation: Allocation | None = None
    verdict: Verdict | None = None
    card: Card | None = None
    refused_by: str = field(default="")
    reason: str = field(default="")


def decide(known: Known, case: Case) -> Decision:
    """One instrument, one account, one cause; every stage's yes or no is in the answer."""
    d = Draft()
    try:
        d.event = case.event
        d.tag = stages.read_tag(known, case)
        d.features = stages.read_features(known, case)
        d.signal = stages.form_signal(known, case, features=d.features, tag=d.tag)
        d.meta_label = stages.label_signal(known, case, signal=d.signal, features=d.features)
        d.playbook = stages.choose_playbook(known, case, tag=d.tag, signal=d.signal)
        d.allocation = stages.allocate(known, case, d.tag, d.signal, d.meta_label, d.playbook)
        d.verdict = stages.judge(known, case, d)
        d.card = stages.write_card(known, case, d)
    except Stopped as no:
        _stopped(d, no)
    return _finish(known, case, d)


def _stopped(draft: Draft, no: Stopped) -> None:
    """Keep who said no and why; an allocation that came to no shares keeps its clamps."""
    draft.refused_by, draft.reason = no.stage, no.sentence
    if draft.allocation is None:
        draft.allocation = no.sized


def _finish(known: Known, case: Case, d: Draft) -> Decision:
    return Decision(
        id=decision_id(case, at=known.at, event=case.event),
        as_of=known.at,
        isin=case.instrument.isin,
        symbol=case.instrument.symbol,
        account_id=case.account.id,
        refused_by=d.refused_by,
        reason=d.reason,
        **{stage: getattr(d, stage) for stage in STAGES},
    )


def decision_id(case: Case, *, at: datetime, event: Event | None) -> str:
    """Equal for the same cause, share, account and moment."""
    cause = event.id if event else "scan"
    basis = "\x1f".join((cause, case.instrument.isin, case.account.id, at.isoformat()))
    return "dc" + hashlib.sha256(basis.encode()).hexdigest()[:14]
