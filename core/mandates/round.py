"""One round: several accounts and shares, sized turn by turn.

In one turn each account is asked about one share, the first of its order in the first turn, so no
order of accounts or shares changes what anybody gets. What an account takes of one share counts in
its book for its next, and accounts that want the same share in one turn part it.
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
    """A share at a place of an account's order, where no other of its shares stands."""

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
    turns: dict[int, dict[str, list[str]]] = {}
    for one in asks:
        turns.setdefault(one.place, {}).setdefault(one.isin, []).append(one.account_id)
    books, taken = dict(field.books), {isin: dict(of) for isin, of in field.taken.items()}
    made: dict[tuple[str, str], Allocation] = {}
    for _, shares in sorted(turns.items()):
        for isin, names in sorted(shares.items()):
            gone = taken.setdefault(isin, {})
            wished = {name: sized(isin, name, books[name], ()) for name in sorted(names)}
            caps = _caps(isin, wished, field, gone)
            for name, given in wished.items():
                if name in caps:
                    given = sized(isin, name, books[name], (caps[name],))
                made[name, isin] = given
                gone[name] = gone.get(name, 0) + given.qty
                books[name] = book_after(books[name], given, sector=field.shares[isin].sector)
    return made


def _caps(
    isin: str, wished: Mapping[str, Allocation], field: Field, gone: Mapping[str, int]
) -> dict[str, Cap]:
    """What each account is held to by the others that want the share or took of it before."""
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
        taken=gone,
        capped=field.capped,
        dearest=max(prices.values()),
    )
    return caps_of(wishes, share_out(wishes, found), found)
