"""`munim replay`: play a stretch of the store's own history and say what came of it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from core.backtest.replay import History, Run, opened, play
from core.desk.desk import Desk
from core.domain.account import Market
from core.domain.money import Money
from core.domain.words import pct
from core.errors import BadInput, NoData
from core.store import (
    accounts,
    audit,
    bars,
    cards,
    decisions,
    events,
    factors,
    fills,
    instruments,
    ledger,
    models,
)
from core.store import risk as risks

EVENTS_MAX = 10**6


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one replay did; money in paise, `cards_hash` is equal for equal cards."""

    first: str
    last: str
    sessions: int
    symbols: int
    symbols_scanned: int
    events_in_span: int
    events_named: int
    events_mapped: int
    events_decided: int
    event_outcomes: dict[str, int]
    model_skill: tuple[float, float, float]
    model_votes: bool
    decisions: int
    refusals: dict[str, int]
    cards: int
    cards_with_evidence: int
    approved: int
    clicks_refused: int
    fills: int
    charges_paise: int
    equity_paise: dict[str, int]
    trial_balance_paise: int
    audit_entries: int
    audit_head: str
    cards_hash: str
    store: str

    def to_json(self) -> str:
        """One JSON document."""
        return json.dumps(asdict(self), sort_keys=True)

    def words(self) -> str:
        """The same for a person."""
        equity = ", ".join(f"{name} {Money(p)}" for name, p in self.equity_paise.items())
        refused = ", ".join(f"{stage} {count}" for stage, count in self.refusals.items())
        return "\n".join(
            (
                f"{self.sessions} sessions from {self.first} to {self.last}, "
                f"{self.symbols} shares with bars, {self.symbols_scanned} scanned a session",
                f"{self.events_in_span} filings in the span, {self.events_named} name a share "
                f"of the universe, {self.events_mapped} one with bars, "
                f"{self.events_decided} reached the pipeline",
                "what came of each filing: "
                + ", ".join(f"{what} {n}" for what, n in self.event_outcomes.items()),
                f"model skill {pct(self.model_skill[0], signed=True)} (95 % interval "
                f"{pct(self.model_skill[1], signed=True)} to "
                f"{pct(self.model_skill[2], signed=True)}): "
                + ("it votes" if self.model_votes else "no vote, the plain rule decides"),
                f"{self.decisions} decisions; refused by: {refused}",
                f"{self.cards} cards ({self.cards_with_evidence} with evidence), "
                f"{self.approved} approved, {self.clicks_refused} clicks refused, "
                f"{self.fills} fills",
                f"equity {equity}; charges {Money(self.charges_paise)}",
                f"postings sum to {Money(self.trial_balance_paise)}; "
                f"{self.audit_entries} audit entries verify, head {self.audit_head[:16]}",
                f"cards hash {self.cards_hash[:16]}; store {self.store}",
            )
        )


def replay_store(
    desk: Desk,
    *,
    start: date,
    end: date,
    folder: Path | None = None,
    progress: Callable[[float, str], None] = lambda _share, _sentence: None,
) -> Outcome:
    """Replay the sessions from `start` to `end` of a replay store on a scratch store.

    Raises:
        BadInput: the store is not stamped replay, or the span has no imported session.
        OutsideCalendar: a day that the loaded calendar does not cover.
        NoData: no bars, or too few before `start`.
    """
    if desk.market is not Market.REPLAY:
        raise BadInput(
            f"this store is stamped {desk.market}; set MUNIM_MARKET=replay, import bars, try again"
        )
    wanted = set(desk.calendar.sessions(start, end))
    history = read_history(desk, until=end)
    sessions = [session for session in history.panel.sessions if session in wanted]
    if not sessions:
        raise BadInput(f"no imported session lies from {start} to {end}; import bars of those days")
    place = folder or desk.home / "replays" / f"{start}_{end}"
    if folder is None and place.exists():
        for old in sorted(place.glob("**/*"), reverse=True):
            old.unlink() if old.is_file() else old.rmdir()
    settings = desk.settings
    with opened(history, settings=settings, calendar_start=sessions[0], folder=place) as run:
        play(run, sessions, progress=progress)
        return outcome_of(run, sessions=sessions, symbols=len(history.panel.isins), store=place)


def read_history(desk: Desk, *, until: date) -> History:
    """All events of a store, and its bars as they were known on a day."""
    with desk.store.read() as tx:
        imported = bars.sessions(tx)
        panel = bars.read_panel(tx, end=until)
        known = factors.all_factors(tx)
        listed = [i for i in instruments.all_instruments(tx) if i.isin in set(panel.isins)]
        found = [event for event, _, _ in events.recent(tx, EVENTS_MAX)]
    if not imported:
        raise NoData("no bars are imported; munim data import FILE brings them in")
    return History(
        instruments=tuple(sorted(listed, key=lambda item: item.isin)),
        panel=panel,
        events=tuple(sorted(found, key=lambda event: (event.known_at, event.id))),
        factors=tuple(known),
    )


def outcome_of(run: Run, *, sessions: list[date], symbols: int, store: Path) -> Outcome:
    """Count what stands in the scratch store; raises Tampered when its chain is broken."""
    with run.desk.store.read() as tx:
        made = [card for card in cards.recent(tx, EVENTS_MAX) if card.version >= 1]
        all_decisions = decisions.recent(tx, EVENTS_MAX)
        verified = audit.verify(tx)
        booked = fills.recent(tx, EVENTS_MAX)
        equity = {
            account.name: look.equity.paise
            for account in accounts.accounts(tx)
            if (look := risks.latest(tx, account.id)) is not None
        }
        costs = sum(
            amount.paise
            for account in accounts.accounts(tx)
            for name, amount in ledger.balances(tx, account.id).items()
            if name.startswith("charges:")
        )
        off = ledger.trial_balance(tx)
        model = models.current(tx, "primary")
        outcomes = Counter(
            outcome_words(outcome)
            for event, _, outcome in events.recent(tx, EVENTS_MAX)
            if outcome != events.ARCHIVED
        )
    assert model is not None
    refused = Counter(d.refused_by for d in all_decisions if d.refused_by)
    events_decided = len({d.event.id for d in all_decisions if d.event is not None})
    hashes = "".join(sorted(card.bound_hash for card in made))
    return Outcome(
        first=sessions[0].isoformat(),
        last=sessions[-1].isoformat(),
        sessions=len(sessions),
        symbols=symbols,
        symbols_scanned=run.scanned // max(1, len(sessions)),
        events_in_span=run.events_read,
        events_named=run.events_named,
        events_mapped=run.events_mapped,
        events_decided=events_decided,
        event_outcomes=dict(sorted(outcomes.items())),
        model_skill=(model.skill, model.skill_low, model.skill_high),
        model_votes=model.has_vote,
        decisions=len(all_decisions),
        refusals=dict(sorted(refused.items())),
        cards=len(made),
        cards_with_evidence=sum(bool(card.verdict.evidence) for card in made),
        approved=run.approved,
        clicks_refused=run.refused_clicks,
        fills=len(booked),
        charges_paise=costs,
        equity_paise=equity,
        trial_balance_paise=off.paise,
        audit_entries=verified.entries,
        audit_head=verified.head.hash,
        cards_hash=hashlib.sha256(hashes.encode()).hexdigest(),
        store=store.name,
    )


def outcome_words(outcome: str) -> str:
    """An event's outcome without its particulars, for counting."""
    if not outcome:
        return "not reached"
    if "leans neither way" in outcome:
        return "leans neither way"
    if "negative" in outcome:
        return "negative, delivery only buys"
    if outcome.endswith(("card", "cards")):
        return "led to cards"
    return outcome.split(":")[0] if ":" in outcome else outcome
