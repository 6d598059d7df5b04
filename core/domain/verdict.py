"""The judge's answer: a schema, never an order. Abstaining is not neutral."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Opinion(StrEnum):
    """What the judge makes of a signal."""

    AGREES = "agrees"
    OPPOSES = "opposes"
    ABSTAINS = "abstains"


class EvidenceKind(StrEnum):
    """What sort of stored fact stands behind a sentence."""

    EVENT = "event"
    FEATURE = "feature"
    MODEL = "model"
    MANDATE = "mandate"
    PRICE = "price"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One stored fact: `id` finds the row, `fact` is what it says, `source` where it stands."""

    id: str
    kind: EvidenceKind
    fact: str
    source: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """Thesis, risks and the evidence each of their numbers came from."""

    opinion: Opinion
    thesis: str
    risks: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    judge: str = "facts-1"
