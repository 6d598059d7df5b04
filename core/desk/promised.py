"""What waiting cards would take if each got its yes, so that no rupee is promised twice.

A scan's card is sized beside every card that waits for its account: all of them can be approved.
News comes seldom and does not wait, so its card is sized beside cards of the same news alone;
where the money does not reach for all that wait, `compete` says so on each of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.domain.candidate import Book
from core.domain.card import Card
from core.domain.live import Capped
from core.domain.money import total
from core.mandates.after import book_after

if TYPE_CHECKING:
    from core.desk.known import Known
    from core.desk.stages import Case

SCAN = "scan"  # what triggered a card that no event did


def book_beside(known: Known, account_id: str, cards: Sequence[Card]) -> Book:
    """The account's book as if its cards among these were filled at the worst of their bands."""
    book = known.book(account_id)
    for card in cards:
        if card.account_id == account_id:
            book = book_after(book, card.allocation, sector=card.sector)
    return book


def book_for(known: Known, case: Case) -> Book:
    """The book a case is sized on."""
    return book_beside(known, case.account.id, _counted(known, case))


def caps_for(known: Known, case: Case) -> tuple[Capped, ...]:
    """The rupee caps of a case's login and account, with what counted cards would use of them."""
    cards = _counted(known, case)
    return tuple(
        replace(
            cap,
            used=cap.used
            + total(
                card.allocation.notional for card in cards if _is_under(known, card.account_id, cap)
            ),
        )
        for cap in known.capped.get(case.account.id, ())
    )


def taken_for(known: Known, isin: str, *, besides: frozenset[str]) -> Mapping[str, int]:
    """Shares of one name that entries of the day and waiting cards stand for, by account.

    Args:
        besides: ids of cards left out, for they are written anew.
    """
    found = dict(known.taken.get(isin, {}))
    for card in known.waiting:
        if card.isin == isin and card.id not in besides:
            found[card.account_id] = found.get(card.account_id, 0) + abs(card.qty)
    return found


def _counted(known: Known, case: Case) -> list[Card]:
    """Waiting cards that a case is sized beside, its own earlier version left out."""
    cause = case.event.id if case.event else SCAN
    return [
        card for card in known.waiting if card.id != case.card_id and cause in (SCAN, card.trigger)
    ]


def _is_under(known: Known, account_id: str, cap: Capped) -> bool:
    return any(one.of == cap.of for one in known.capped.get(account_id, ()))
