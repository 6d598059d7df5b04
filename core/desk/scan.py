"""The periodic scan: predict the whole universe at once, then decide for the best few."""

from __future__ import annotations

from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.intake import decide_for_all
from core.desk.known import Known
from core.domain.decision import Decision
from core.signals import primary
from core.store import predictions

CANDIDATES = 2  # a person reads each card; three accounts make six of them


@dataclass(frozen=True, slots=True)
class Scanned:
    """What one scan did; `refused` counts reasons over the universe."""

    symbols: int
    candidates: int
    cards: int
    refused: tuple[tuple[str, int], ...]
    decisions: tuple[Decision, ...]

    @property
    def sentence(self) -> str:
        """One line for the job row."""
        return f"{self.symbols} scanned, {self.candidates} candidates, {self.cards} cards"


def scan(desk: Desk, known: Known) -> Scanned:
    """Store a prediction for every share and decide for the best candidates."""
    found = primary.scan(tuple(known.predictions.values()), known.features, limit=CANDIDATES)
    with desk.store.write() as tx:
        predictions.put(tx, tuple(known.predictions.values()))
    made: list[Decision] = []
    for isin in found.candidates:
        if isin in known.instruments:
            made += decide_for_all(desk, known, known.instruments[isin])
    return Scanned(
        symbols=len(known.predictions),
        candidates=len(found.candidates),
        cards=sum(decision.card is not None for decision in made),
        refused=tuple(sorted(found.refused.items())),
        decisions=tuple(made),
    )
