"""Why each stage said yes or no: the pipeline, readable in the order of the fields."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.allocation import Allocation
from core.domain.card import Card
from core.domain.event import Event, TaggedEvent
from core.domain.signal import FeatureRow, MetaLabel, Playbook, Signal
from core.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Decision:
    """One pass down the pipeline for one instrument and one account.

    A stage that was not reached is None. `refused_by` names the stage that said no, empty when
    a card was written; `reason` is its sentence. A scan has no event and no tag.
    """

    id: str
    as_of: datetime
    isin: str
    symbol: str
    account_id: str
    event: Event | None
    tag: TaggedEvent | None
    features: FeatureRow | None
    signal: Signal | None
    meta_label: MetaLabel | None
    playbook: Playbook | None
    allocation: Allocation | None
    verdict: Verdict | None
    card: Card | None
    refused_by: str
    reason: str


STAGES = (
    "event",
    "tag",
    "features",
    "signal",
    "meta_label",
    "playbook",
    "allocation",
    "verdict",
    "card",
)
