"""The periodic scan: predict the whole universe at once, then decide for the best few.

Every account is asked about as many shares, less those of earlier scans that still wait for it.
Which ones may differ: its mandate's filters leave some out, its objective ranks the rest, and of
the best ten those of preferred sectors come first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.desk.desk import Desk
from core.desk.intake import case_for
from core.desk.known import Known
from core.desk.last_scan import keep_scan
from core.desk.one_pass import decide_share
from core.desk.slates import slate_of, standing_of
from core.domain.candidate import Book
from core.domain.decision import Decision
from core.domain.scanned import AccountScan, Placed, RiskShare, ScanRecord, TurnedDown
from core.mandates.filters import Filtered, Standing, filtered, why
from core.mandates.prefer import preferred_first
from core.mandates.rank import Ranked, ranked
from core.mandates.reach import reach
from core.mandates.slate import Slate
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


@dataclass(frozen=True, slots=True)
class Choice:
    """What one account made of a slate: what its filters left, in its order, and its picks."""

    slate: Slate
    standing: Standing
    found: Filtered
    order: tuple[Ranked, ...]
    picks: tuple[str, ...]


def scan(desk: Desk, known: Known) -> Scanned:
    """Store a prediction for every share and decide for each account's best candidates."""
    every = tuple(known.predictions.values())
    found = primary.scan(every, known.features, limit=len(every))
    with desk.store.write() as tx:
        predictions.put(tx, every)
    rising, falling = (
        tuple(isin for isin in way if isin in known.instruments)
        for way in (found.candidates, found.falling)
    )
    chosen = choices(known, rising, falling=falling)
    asked = _asked(chosen)
    made = _decided(desk, known, chosen, asked)
    refused = dict(found.refused)
    refused[BEYOND] = refused.get(BEYOND, 0) + len(set(rising) - set(asked))
    done = Scanned(
        symbols=len(known.predictions),
        candidates=len(asked),
        cards=sum(decision.card is not None for decision in made),
        refused=tuple(sorted((reason, count) for reason, count in refused.items() if count)),
        decisions=tuple(made),
    )
    keep_scan(desk, _record(known, done, chosen))
    return done


def choices(
    known: Known, rising: Sequence[str], *, falling: Sequence[str] = ()
) -> Mapping[str, tuple[Choice, ...]]:
    """What each account makes of the candidates, by account id.

    An account whose mandate sells short is asked about as many `falling` ones too.
    """
    up = slate_of(known, rising)
    down = slate_of(known, falling, direction=-1)
    found = {}
    for name in sorted(known.accounts):
        standing = standing_of(known, name)
        slates = (up, down) if standing.mandate.shorts else (up,)
        few = max(0, CANDIDATES - known.offered.get(name, 0))
        found[name] = tuple(_chosen(slate, standing, few) for slate in slates)
    return found


def _chosen(slate: Slate, standing: Standing, few: int) -> Choice:
    mandate = standing.mandate
    kept = filtered(slate, standing)
    order = ranked(slate, kept.kept, mandate, standing.book, limit=SHORTLIST)
    sectors = {share.isin: share.sector for share in slate.shares}
    best = preferred_first([one.isin for one in order], sectors, mandate)
    return Choice(slate, standing, kept, order, best[:few])


def _asked(chosen: Mapping[str, tuple[Choice, ...]]) -> list[str]:
    """Every share some account picked: first picks before second ones, purchases before shorts."""
    picks = [
        (choice.slate.direction < 0, at, name, isin)
        for name in chosen
        for choice in chosen[name]
        for at, isin in enumerate(choice.picks)
    ]
    return list(dict.fromkeys(isin for *_, isin in sorted(picks)))


def _decided(
    desk: Desk, known: Known, chosen: Mapping[str, tuple[Choice, ...]], asked: Sequence[str]
) -> list[Decision]:
    """Each share before the accounts that picked it; what one takes counts for its next."""
    books: dict[str, Book] = {}
    made: list[Decision] = []
    for isin in asked:
        cases = [
            case_for(known, known.instruments[isin], known.accounts[name], event=None, tag=None)
            for name in sorted(chosen)
            if any(isin in choice.picks for choice in chosen[name])
        ]
        made += decide_share(desk, known, cases, books)
    return made


def _record(known: Known, done: Scanned, chosen: Mapping[str, tuple[Choice, ...]]) -> ScanRecord:
    by_share = {(one.account_id, one.isin): one.id for one in done.decisions}
    return ScanRecord(
        at=known.at,
        shares=done.symbols,
        candidates=len(_asked(chosen)),
        refused=done.refused,
        accounts=tuple(_of_account(known, name, chosen[name], by_share) for name in sorted(chosen)),
    )


def _of_account(
    known: Known, name: str, made: Sequence[Choice], by_share: Mapping[tuple[str, str], str]
) -> AccountScan:
    account = known.accounts[name]
    return AccountScan(
        account_id=name,
        account_name=account.name,
        objective=known.mandate(name).objective,
        looked_at=sum(len(one.slate) for one in made),
        kept=sum(len(one.found.kept) for one in made),
        filters=tuple(row for one in made for row in _turned_down(one)),
        placed=tuple(
            Placed(
                place=row.place,
                symbol=row.symbol,
                words=row.words,
                asked=row.isin in one.picks,
                decision_id=by_share.get((name, row.isin), ""),
            )
            for one in made
            for row in one.order
        ),
        volatility=_volatility(made[0]),
        waiting=known.offered.get(name, 0),
        risks=_risks(known, made[0]),
    )


def _risks(known: Known, made: Choice) -> tuple[RiskShare, ...]:
    """What each position adds to the account's volatility, the most first."""
    found = made.slate.risks(made.standing.book)
    rows = [
        RiskShare(known.instruments[isin].symbol if isin in known.instruments else isin, *both)
        for isin, both in found.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.adds, row.symbol)))


def _volatility(made: Choice) -> str:
    """Where the account's book stands beside its target."""
    book = made.standing.book
    variance, _ = made.slate.pulled(book)
    return reach(made.standing.mandate, book, math.sqrt(max(0.0, variance))).words


def _turned_down(made: Choice) -> list[TurnedDown]:
    rows = []
    for name, _ in made.found.counts:
        places = sorted(
            (int(at) for at in made.found.turned_down(name)),
            key=lambda at: made.slate.shares[at].symbol,
        )
        symbols = tuple(made.slate.shares[at].symbol for at in places)
        rows.append(
            TurnedDown(name, symbols, why(made.slate, made.standing, made.found, places[0]))
        )
    return rows
