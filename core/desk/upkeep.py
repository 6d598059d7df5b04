"""Keep open cards honest: expire the old, and rewrite those whose price left the band."""

from __future__ import annotations

from datetime import timedelta

from core.desk.contend import decide_together
from core.desk.desk import Desk
from core.desk.known import Known
from core.desk.recheck import tag_of
from core.desk.record import record
from core.desk.stages import Case
from core.desk.supersede import stopped, why_stopped
from core.domain.card import Card, CardStatus, advance
from core.errors import NotFound
from core.store import accounts, audit, cards, events, instruments, mandates, quotes

SETTLE = timedelta(seconds=60)  # of market time; prices that swing do not rewrite a card twice


def expire_cards(desk: Desk) -> int:
    """Move open cards past their life to EXPIRED; returns how many."""
    at = desk.clock.now()
    with desk.store.read() as tx:
        old = [card for card in cards.with_status(tx, CardStatus.OPEN) if at >= card.expires_at]
    for card in old:
        _end(desk, card, CardStatus.EXPIRED, reason="its time ran out")
    return len(old)


def end_stopped(desk: Desk) -> int:
    """End open cards of accounts that stand still; returns how many.

    A card that was being written while its account was paused comes after the others ended.
    """
    with desk.store.read() as tx:
        still = {one.scope: why_stopped(one) for one in stopped(tx)}
        late = [one for one in cards.with_status(tx, CardStatus.OPEN) if one.account_id in still]
    return sum(
        _end(desk, card, CardStatus.SUPERSEDED, reason=still[card.account_id]) for card in late
    )


def drifted(desk: Desk) -> list[Card]:
    """Open cards to be rewritten: under rules that stand no more, or at a price that moved on.

    The price of a card at least a minute old has left the signed band.
    """
    old_enough = desk.clock.now() - SETTLE
    with desk.store.read() as tx:
        running = {one.id for one in accounts.accounts(tx) if one.closed_at is None}
        waiting = [
            one for one in cards.with_status(tx, CardStatus.OPEN) if one.account_id in running
        ]
        prices = quotes.of(tx, [card.isin for card in waiting])
        rules = mandates.of_accounts(tx, sorted({card.account_id for card in waiting}))
    return [
        card
        for card in waiting
        if card.isin in prices
        and (
            card.mandate_version != rules[card.account_id].version
            or (
                card.written_at <= old_enough
                and not card.bracket.entry_low <= prices[card.isin].ltp <= card.bracket.entry_high
            )
        )
    ]


def rewrite(desk: Desk, card: Card, known: Known) -> Card | None:
    """Supersede a card by a new version at today's price, or end it with the reason."""
    with desk.store.read() as tx:
        event = events.by_id(tx, card.trigger) if card.trigger != "scan" else None
        case = Case(
            instrument=instruments.by_isin(tx, card.isin),
            account=accounts.by_id(tx, card.account_id),
            mode=card.mode,
            event=event,
            tag=tag_of(tx, card.trigger, card.isin),
            version=card.version + 1,
            card_id=card.id,
        )
    [decision] = decide_together(known, [case])
    other = known.mandate(card.account_id).version != card.mandate_version
    left = "the mandate changed" if other else "price left the band"
    why = decision.reason or f"{left}; version {card.version + 1} is ready"
    if not _end(desk, card, CardStatus.SUPERSEDED, reason=why):
        return None
    record(desk, decision)
    return decision.card


def _end(desk: Desk, card: Card, to: CardStatus, *, reason: str) -> bool:
    at = desk.clock.now()
    with desk.store.write() as tx:
        try:
            current = cards.by_id(tx, card.id)
        except NotFound:
            return False
        if current.status is not CardStatus.OPEN or current.version != card.version:
            return False  # a click was faster
        cards.save(tx, advance(current, to, reason=reason))
        audit.append(
            tx, at=at, actor="worker", verb="card", subject=card.id, body={"to": to, "why": reason}
        )
    return True
