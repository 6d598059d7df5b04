"""One round: several accounts and shares, sized one share at a time.

First places of all accounts come before second ones. What an account takes of one share counts in
its book for its next, and accounts that want the same share part it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.domain.allocation import Allocation
from core.domain.candidate import Book
from core.domain.instrument import Instrument
from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.mandates.after import book_after
from core.mandates.caps import Cap
from core.mandates.rooms import rooms
from core.mandates.share_out import Wish, caps_of, share_out

Sized = Callable[[str, str, Book, tuple[Cap, ...]], Allocation]


@dataclass(frozen=True, slots=True)
class Ask:
    """A share at a place of an account's order."""

    place: int
    account_id: str
    isin: str


@dataclass(frozen=True, slots=True)
class Field:
    """What a round looks at besides the sizes; all but `volumes` and `shares` is by account.

    `volumes` are shares of a median day and `taken` those that accounts took today, by ISIN.
    """

    shares: Mapping[str, Instrument]
    volumes: Mapping[str, float]
    taken: Mapping[str, Mapping[str, int]]
    mandates: Mapping[str, Mandate]
    logins: Mapping[str, str]
    books: Mapping[str, Book]
    capped: Mapping[str, Sequence[Capped]]


def size_round(
    asks: Sequence[Ask], field: Field, *, sized: Sized
) -> dict[tuple[str, str], Allocation]:
    """The allocation of every ask, by account and ISIN.

    Args:
        sized: sizes one share for one account on a book, under caps that others leave.
    """
    order = sorted(asks, key=lambda one: (one.place, one.account_id))
    books = dict(field.books)
    made: dict[tuple[str, str], Allocation] = {}
    for isin in dict.fromkeys(one.isin for one in order):
        names = sorted(one.account_id for one in order if one.isin == isin)
        wished = {name: sized(isin, name, books[name], ()) for name in names}
        caps = _caps(isin, wished, field)
        for name in names:
            given = wished[name]
            if name in caps:
                given = sized(isin, name, books[name], (caps[name],))
            made[name, isin] = given
            books[name] = book_after(books[name], given, sector=field.shares[isin].sector)
    return made


def _caps(isin: str, wished: Mapping[str, Allocation], field: Field) -> dict[str, Cap]:
    """What each account is held to by the others that want the share."""
    prices = {name: one.bracket.entry_high for name, one in wished.items() if one.bracket}
    wishes = [
        Wish(
            name,
            field.logins[name],
            one.qty,
            max(1, -(-field.mandates[name].ticket_min.paise // prices[name].paise)),
        )
        for name, one in wished.items()
        if one.qty
    ]
    if not wishes:
        return {}
    found = rooms(
        wishes,
        mandates=field.mandates,
        logins=field.logins,
        volume=field.volumes[isin],
        taken=field.taken.get(isin, {}),
        capped=field.capped,
        dearest=max(prices.values()),
    )
    return caps_of(wishes, share_out(wishes, found), found)
