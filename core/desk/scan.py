"""The periodic scan: predict the whole universe at once, then decide for the best few.

Every account has the same few places for cards, less those of earlier scans that still wait for
it. Its mandate's filters leave some shares out, its objective orders the rest, and of the best ten
those of preferred sectors come first. It is asked about them one by one, all accounts' first ones
before any second, until its places are filled or it was asked about `TRIES`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.intake import case_for
from core.desk.known import Known
from core.desk.last_scan import keep_scan
from core.desk.one_pass import decide_share
from core.desk.promised import book_beside
from core.desk.scan_record import scan_record
from core.desk.slates import slate_of, standing_of
from core.domain.decision import Decision
from core.mandates.filters import Filtered, Standing, filtered
from core.mandates.prefer import preferred_first
from core.mandates.rank import Ranked, ranked
from core.mandates.slate import Slate
from core.signals import primary
from core.store import predictions

CANDIDATES = 2  # cards for each account: a person reads each card; three accounts make six
TRIES = 5  # shares an account is asked about to fill them, for some turn out too dear or too alike
SHORTLIST = 10  # of the best shares, among which a preferred sector comes first
BEYOND = "not among the best few"


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


@dataclass(frozen=True, slots=True)
class Choice:
    """What one account made of a slate: what its filters left, in its order.

    It is asked about the ISINs in `line` until it has `few` cards.
    """

    slate: Slate
    standing: Standing
    found: Filtered
    order: tuple[Ranked, ...]
    line: tuple[str, ...]
    few: int


def scan(desk: Desk, known: Known) -> Scanned:
    """Store a prediction for every share and decide for each account's best candidates."""
    every = tuple(known.predictions.values())
    found = primary.scan(every, known.features)
    with desk.store.write() as tx:
        predictions.put(tx, every)
    rising, falling = (
        tuple(isin for isin in way if isin in known.instruments)
        for way in (found.candidates, found.falling)
    )
    chosen = choices(known, rising, falling=falling)
    made = _decided(desk, known, chosen)
    asked = {one.isin for one in made}
    refused = {reason: len(isins) for reason, isins in found.refused.items()}
    refused[BEYOND] = len(set(rising) - asked)
    done = Scanned(
        symbols=len(every),
        candidates=len(asked),
        cards=sum(decision.card is not None for decision in made),
        refused=tuple(sorted((reason, count) for reason, count in refused.items() if count)),
        decisions=tuple(made),
    )
    keep_scan(desk, scan_record(known, chosen, made, no_signal=found.refused))
    return done


def choices(
    known: Known, rising: Sequence[str], *, falling: Sequence[str] = ()
) -> Mapping[str, tuple[Choice, ...]]:
    """What each account makes of the candidates, by account id.

    An account whose mandate sells short is asked about as many `falling` ones too. Cards that wait
    hold their place, their money and their risk, see `promised`.
    """
    up = slate_of(known, rising)
    down = slate_of(known, falling, direction=-1)
    found = {}
    for name in sorted(known.accounts):
        book = book_beside(known, name, known.waiting)
        standing = standing_of(known, name, book=book)
        slates = (up, down) if standing.mandate.shorts else (up,)
        few = max(0, CANDIDATES - known.offered.get(name, 0))
        found[name] = tuple(_chosen(slate, standing, few) for slate in slates)
    return found


def _chosen(slate: Slate, standing: Standing, few: int) -> Choice:
    mandate = standing.mandate
    kept = filtered(slate, standing)
    order = ranked(slate, kept.kept, mandate, standing.book, worded=SHORTLIST)
    sectors = {share.isin: share.sector for share in slate.shares}
    best = preferred_first([one.isin for one in order[:SHORTLIST]], sectors, mandate)
    return Choice(slate, standing, kept, order, best[:TRIES], few)


def _decided(desk: Desk, known: Known, chosen: Mapping[str, tuple[Choice, ...]]) -> list[Decision]:
    """Each share before the accounts whose turn it is, purchases before short sales.

    In one turn an account is asked about one share, so no order of accounts or of shares within a
    turn changes what anybody gets.
    """
    made: list[Decision] = []
    for way in range(max((len(one) for one in chosen.values()), default=0)):
        lines = {name: one[way] for name, one in chosen.items() if len(one) > way}
        cards: Counter[str] = Counter()
        for turn in range(TRIES):
            asked: dict[str, list[str]] = {}
            for name, choice in lines.items():
                if turn < len(choice.line) and cards[name] < choice.few:
                    asked.setdefault(choice.line[turn], []).append(name)
            for isin, names in sorted(asked.items()):
                cases = [
                    case_for(known, known.instruments[isin], known.accounts[name],
                             event=None, tag=None)
                    for name in names
                ]  # fmt: skip
                decided, known = decide_share(desk, known, cases)
                made += decided
                cards.update(one.account_id for one in decided if one.card is not None)
    return made
