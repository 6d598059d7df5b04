"""What became of every card: what was traded, what was turned down, and what is not over yet.

What a traded card left comes from its fills and the books' charges, what another would have left
from `core.desk.score`; both are after charges. An account buys a share once: a card it would not
have been offered, had it traded the one before, counts no rupees again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlmodel import Session

from core.desk.annulled import standing
from core.desk.trade_costs import trade_costs
from core.domain.calendar import Calendar
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.money import Money, total
from core.domain.plan import PlanStatus
from core.domain.research import NOT_ENTERED, Hypothesis
from core.errors import OutsideCalendar
from core.store import cards, fills, hypotheses, ledger, plans

EVERYTHING = 10_000_000  # rows; a sum that leaves some out would be wrong and not say so
FOREVER = datetime.max.replace(tzinfo=UTC)
REJECTED, EXPIRED, NOT_SENT = "rejected", "expired", "not sent"
TRADED, WAITING = "traded", "waiting"
CAME = {
    "": "not over yet",
    "target": "the target came first",
    "stop": "the stop came first",
    "time": "its time ran out",
    "other": "sold before either",
    NOT_ENTERED: "never traded in its band",
}
FATES = {
    CardStatus.OPEN: WAITING,
    CardStatus.APPROVED: WAITING,
    CardStatus.REJECTED: REJECTED,
    CardStatus.EXPIRED: EXPIRED,
    CardStatus.SUPERSEDED: NOT_SENT,
    CardStatus.REFUSED: NOT_SENT,
    CardStatus.ORDERED: NOT_SENT,  # where `taken` is false, because nothing of it was filled
}


@dataclass(frozen=True, slots=True)
class Fate:
    """One card's belief, what was done about it, and what it left; None while it is not over.

    `again` says that its account held the share by another card, or would have.
    """

    what: str
    card: Card
    belief: Hypothesis
    left: Money | None
    again: bool = False

    @property
    def is_over(self) -> bool:
        """Whether the market has answered."""
        return bool(self.belief.outcome)

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to when the shares are or would be held; to the end of time if still."""
        said = self.belief
        return said.as_of, (said.closed_at or said.as_of) if said.outcome else FOREVER


@dataclass(frozen=True, slots=True)
class Tally:
    """Cards with one fate: how many are over and how many are not.

    `left` is what those that are over would have left after charges, but for the `again` of them
    that another card of the account and share stands for. `cases` are those of `cases` among what
    could be bought and whose time is over, `targets` in how many of them the target came first;
    `early` cards are over before their time is and no case yet.
    """

    what: str
    over: int
    open: int
    cases: int
    targets: int
    left: Money
    again: int = 0
    early: int = 0


def fates(tx: Session) -> list[Fate]:
    """Every card with a belief, newest first."""
    written = {card.id: card for card in cards.recent(tx, EVERYTHING)}
    traded = _left_by_trades(tx)
    found = [
        Fate(
            what=TRADED if belief.taken else FATES[card.status],
            card=card,
            belief=belief,
            left=_left(belief, traded),
        )
        for belief in hypotheses.recent(tx, EVERYTHING)
        if (card := written.get(belief.card_id)) is not None
    ]
    twice = told_again(found)
    return [replace(fate, again=fate.card.id in twice) for fate in found]


def told_again(found: Sequence[Fate]) -> frozenset[str]:
    """Cards not traded of shares that their account held then, or would have, by another card.

    What was traded stands first, then the earliest card; one that never met its band holds nothing.
    """
    held: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    twice = []
    done = [fate for fate in found if fate.what != WAITING and fate.belief.outcome != NOT_ENTERED]
    for fate in sorted(done, key=lambda one: (one.what != TRADED, one.span[0], one.card.id)):
        spans = held.setdefault((fate.card.account_id, fate.card.isin), [])
        start, end = fate.span
        if fate.what != TRADED and any(start < other[1] and other[0] < end for other in spans):
            twice.append(fate.card.id)
        else:
            spans.append((start, end))
    return frozenset(twice)


def _left(belief: Hypothesis, traded: Mapping[str, Money]) -> Money | None:
    if not belief.outcome:
        return None
    return traded.get(belief.card_id) if belief.taken else belief.pnl


def _left_by_trades(tx: Session) -> dict[str, Money]:
    """Cash of each closed plan by its card, less what the books charged for its fills."""
    made = plans.recent(tx, EVERYTHING)
    done = {plan.id: standing(tx, plan.id, fills.of_plan(tx, plan.id)) for plan in made}
    costs = trade_costs(done, ledger.transactions(tx))
    return {
        plan.card_id: Money(sum(-fill.qty * fill.price.paise for fill in done[plan.id]))
        - costs[plan.id]
        for plan in made
        if plan.status is PlanStatus.CLOSED
    }


def unripe(found: Sequence[Fate], calendar: Calendar, *, today: date) -> frozenset[str]:
    """Cards whose time is not over, whatever has come of them.

    Quick outcomes are known first, so that cases counted before would flatter whoever is quick.
    """
    return frozenset(fate.card.id for fate in found if _last_day(fate, calendar) >= today)


def _last_day(fate: Fate, calendar: Calendar) -> date:
    try:
        first = calendar.first_session_from(fate.belief.as_of)
        return calendar.add_sessions(first, fate.belief.horizon_sessions)
    except OutsideCalendar:
        return date.max  # in a year that no exchange has announced yet


def tallies(found: Sequence[Fate], *, early: Collection[str]) -> tuple[Tally, ...]:
    """Cards nobody traded, a row for each way that came about.

    Args:
        early: cards that are no case yet, as `unripe` gives them; they count in rupees.
    """
    return tuple(
        _tally(what, of, early)
        for what in (REJECTED, EXPIRED, NOT_SENT)
        if (of := [fate for fate in found if fate.what == what])
    )


def cases(beliefs: Iterable[Hypothesis]) -> list[Hypothesis]:
    """Beliefs the market has answered, one a share at a time, the earliest.

    Three accounts' cards on one prediction, a card written again after it expired, and one written
    before the first was over meet the same prices and are one case: counting each would make an
    interval look narrower than it is.
    """
    answered = [one for one in beliefs if one.outcome in ("target", "stop", "time")]
    last: dict[str, Hypothesis] = {}
    found = []
    for belief in sorted(answered, key=lambda one: (one.as_of, one.card_id)):
        before = last.get(belief.isin)
        if before is None or _is_after(belief, before):
            last[belief.isin] = belief
            found.append(belief)
    return found


def _is_after(belief: Hypothesis, before: Hypothesis) -> bool:
    """Whether one was written on a later day, and when the other was over."""
    over = before.closed_at or before.as_of
    return belief.as_of >= over and ist_day(belief.as_of) > ist_day(before.as_of)


def _tally(what: str, of: Sequence[Fate], early: Collection[str]) -> Tally:
    over = [fate for fate in of if fate.is_over]
    ripe = [fate.belief for fate in over if fate.card.id not in early]
    outcomes = [belief.outcome for belief in cases(ripe)]
    return Tally(
        what=what,
        over=len(over),
        open=len(of) - len(over),
        cases=len(outcomes),
        targets=outcomes.count("target"),
        left=total(fate.left for fate in over if fate.left is not None and not fate.again),
        again=sum(fate.again for fate in over),
        early=len(over) - len(ripe),
    )
