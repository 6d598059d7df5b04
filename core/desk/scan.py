"""The periodic scan: predict the whole universe at once, then decide for the best few.

Every account is asked about as many shares. Which ones out of the shortlist may differ, because
a mandate may prefer some sectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.desk.decide import decide
from core.desk.desk import Desk
from core.desk.intake import case_for
from core.desk.known import Known
from core.desk.record import record
from core.domain.decision import Decision
from core.mandates.prefer import preferred_first
from core.signals import primary
from core.signals.primary import BEYOND
from core.store import predictions

CANDIDATES = 2  # for each account: a person reads each card; three accounts make six of them
SHORTLIST = 10  # of the best shares, among which a preferred sector comes first


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
    """Store a prediction for every share and decide for each account's best candidates."""
    found = primary.scan(tuple(known.predictions.values()), known.features, limit=SHORTLIST)
    with desk.store.write() as tx:
        predictions.put(tx, tuple(known.predictions.values()))
    shortlist = tuple(isin for isin in found.candidates if isin in known.instruments)
    falling = tuple(isin for isin in found.falling if isin in known.instruments)
    chosen = choices(known, shortlist, falling=falling)
    asked = [
        isin
        for isin in dict.fromkeys((*shortlist, *falling))
        if any(isin in picks for picks in chosen.values())
    ]
    made: list[Decision] = []
    for isin in asked:
        for name in sorted(chosen):
            if isin in chosen[name]:
                made.append(_decided(desk, known, isin, name))
    refused = dict(found.refused)
    refused[BEYOND] = refused.get(BEYOND, 0) + len(set(shortlist) - set(asked))
    return Scanned(
        symbols=len(known.predictions),
        candidates=len(asked),
        cards=sum(decision.card is not None for decision in made),
        refused=tuple(sorted((reason, count) for reason, count in refused.items() if count)),
        decisions=tuple(made),
    )


def choices(
    known: Known, shortlist: tuple[str, ...], *, falling: tuple[str, ...] = ()
) -> Mapping[str, tuple[str, ...]]:
    """For each account the shares of the shortlist it is asked about, by account id.

    An account whose mandate sells short is asked about as many `falling` ones too.
    """
    sectors = {isin: known.instruments[isin].sector for isin in (*shortlist, *falling)}
    chosen = {}
    for name in known.accounts:
        rules = known.mandate(name)
        picks = preferred_first(shortlist, sectors, rules)[:CANDIDATES]
        downs = preferred_first(falling, sectors, rules)[:CANDIDATES] if rules.shorts else ()
        chosen[name] = (*picks, *downs)
    return chosen


def _decided(desk: Desk, known: Known, isin: str, account_id: str) -> Decision:
    account, instrument = known.accounts[account_id], known.instruments[isin]
    decision = decide(known, case_for(known, instrument, account, event=None, tag=None))
    record(desk, decision)
    return decision
