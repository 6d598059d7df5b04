"""The card queue: what waits for a yes or a no, and what was decided today."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.card import Card, CardStatus
from core.domain.clock import ist_day
from core.domain.money import total
from core.domain.words import ist_time, short, time_left
from core.store import cards
from core.views.card_live import live_card
from core.views.card_words import odds_short
from core.views.progress import progress
from core.views.scans import no_cards, stand_still, undecided
from core.views.shown import Tag, Text, entry_tag

HURRY_SECONDS = 600.0
DECIDED_MAX = 12
LOOK_BACK = 30


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One waiting card in the left column.

    `goes_on` says that it is of the same signal as the row above, for another account.
    """

    id: str
    side: Tag
    symbol: str
    account: str
    value: str
    odds: str
    time_left: Text
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """One card of today that no longer waits, with the last word read back."""

    id: str
    time: str
    side: Tag
    card: Text
    word: Text


@dataclass(frozen=True, slots=True)
class CardsView:
    """The left column; `selected` is the card shown at the right, empty when none waits.

    `stand_still` says why no card is written at all, and of each account that is paused or
    stopped why none of it waits.
    """

    queue: tuple[QueueRow, ...]
    queue_note: str
    decided: tuple[DecidedRow, ...]
    decided_note: str
    selected: str
    empty: str
    stand_still: tuple[str, ...] = ()

    def beside(self, step: int) -> str:
        """The id of the card before (-1) or after (+1) the selected one, round the queue."""
        ids = [row.id for row in self.queue]
        if not ids:
            return self.selected
        if self.selected not in ids:
            return ids[0]
        return ids[(ids.index(self.selected) + step) % len(ids)]


def cards_view(desk: Desk, *, selected: str = "") -> CardsView:
    """Waiting cards, the one that expires first on top; the first is selected by default.

    Cards of one signal stand together, whichever account they are for.
    """
    now = desk.clock.now()
    with desk.store.read() as tx:
        waiting = _waiting(tx)
        today = [
            card
            for card in cards.recent(tx, LOOK_BACK)
            if card.status is not CardStatus.OPEN and ist_day(card.written_at) == ist_day(now)
        ][:DECIDED_MAX]
        words = {card.id: progress(desk, tx, card, now=now).word for card in today}
        known = {card.id for card in [*waiting, *today]}
        empty, still = no_cards(tx), (*undecided(tx), *stand_still(tx))
    value = total(card.allocation.notional for card in waiting)
    return CardsView(
        queue=tuple(
            _queue_row(card, now, goes_on=at > 0 and _signal(card) == _signal(waiting[at - 1]))
            for at, card in enumerate(waiting)
        ),
        queue_note=f"{len(waiting)} · {short(value)}" if waiting else "0",
        decided=tuple(_decided_row(card, words[card.id]) for card in today),
        decided_note=f"{DECIDED_MAX} newest" if len(today) == DECIDED_MAX else str(len(today)),
        selected=selected if selected in known else (waiting[0].id if waiting else ""),
        empty=empty,
        stand_still=still,
    )


def cards_signature(desk: Desk, selected: str) -> Hashable:
    """Changes when the queue, a status, a minute or what blocks the shown card does."""
    now = desk.clock.now()
    with desk.store.read() as tx:
        shown = [(card.id, card.version, card.status) for card in cards.recent(tx, LOOK_BACK)]
        waiting = _waiting(tx)
        still = (*undecided(tx), *stand_still(tx))
    ids = [card_id for card_id, *_ in shown]
    card_id = selected if selected in ids else (waiting[0].id if waiting else "")
    blocked = live_card(desk, card_id).blocked_by if card_id else ""
    return (tuple(shown), now.replace(second=0, microsecond=0), bool(blocked), still)


def _waiting(tx: Session) -> list[Card]:
    """Open cards: the signal whose first card expires next on top, its accounts by name."""
    found = cards.with_status(tx, CardStatus.OPEN)
    first: dict[Hashable, datetime] = {}
    for card in found:
        first[_signal(card)] = min(card.expires_at, first.get(_signal(card), card.expires_at))
    return sorted(
        found, key=lambda card: (first[_signal(card)], str(_signal(card)), card.account_name)
    )


def _signal(card: Card) -> Hashable:
    """What cards of one signal have in common: the share, the side, the rule and the event."""
    return (card.isin, card.side, card.signal.strategy, card.trigger)


def _queue_row(card: Card, now: datetime, *, goes_on: bool) -> QueueRow:
    left = (card.expires_at - now).total_seconds()
    words = f"{left / 60:.0f} min" if 60 <= left < 3600 else time_left(left)
    return QueueRow(
        id=card.id,
        side=entry_tag(card.side),
        symbol=card.symbol,
        account=card.account_name,
        value=short(card.allocation.notional),
        odds=odds_short(card.signal),
        time_left=Text(
            words, "warn" if left < HURRY_SECONDS else "mute", bold=left < HURRY_SECONDS
        ),
        goes_on=goes_on,
    )


def _decided_row(card: Card, word: str) -> DecidedRow:
    good = word in ("filled", "Protected")
    return DecidedRow(
        id=card.id,
        time=ist_time(card.written_at, seconds=False),
        side=entry_tag(card.side),
        card=Text(card.symbol, note=card.account_name),
        word=Text(word, "" if good else "mute"),
    )
