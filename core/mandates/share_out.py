"""Several accounts want one share: what each may have, so that all together stay small.

What accounts buy on one day moves one price, and the accounts of a login are one buyer to its
broker. So all accounts together take no more of a median day than the largest share any of their
mandates allows, those of one login no more than the largest of theirs, and a login's rupee caps
are shared too. Where the wishes are more than that, each account gets the same part of its wish
(pro rata), whole shares, the largest fractions first and equal ones by account id. An account
whose part falls under its smallest ticket gets nothing, the smallest wish first, and its shares
go to the others. The same wishes give the same parts in whatever order they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from core.domain.words import counted, qty
from core.mandates.caps import Cap


@dataclass(frozen=True, slots=True)
class Wish:
    """Shares one account was sized to; fewer than `least` are not worth a ticket."""

    account_id: str
    login_id: str
    qty: int
    least: int = 1


@dataclass(frozen=True, slots=True)
class Room:
    """The most shares that the named accounts may take together, and the rule in words."""

    accounts: frozenset[str]
    most: int
    reason: str


def share_out(wishes: Sequence[Wish], rooms: Sequence[Room]) -> dict[str, int]:
    """Shares for each account: never more than it wished, never more than any room together."""
    wanted = sorted((one for one in wishes if one.qty > 0), key=lambda one: one.account_id)
    given = {one.account_id: 0 for one in wishes}
    while wanted:
        parts = _parts(wanted, rooms)
        short = [one for one in wanted if parts[one.account_id] < min(one.least, one.qty)]
        if not short:
            return given | parts
        least = min(short, key=lambda one: (one.qty, one.account_id))
        wanted.remove(least)
    return given


def _parts(wishes: Sequence[Wish], rooms: Sequence[Room]) -> dict[str, int]:
    """The wishes cut pro rata by one room after another, the tightest first."""
    parts = {one.account_id: one.qty for one in wishes}
    for room in sorted(rooms, key=lambda room: (_tightness(parts, room), sorted(room.accounts))):
        asked = {name: n for name, n in parts.items() if name in room.accounts}
        if sum(asked.values()) > max(0, room.most):
            parts |= pro_rata(asked, max(0, room.most))
    return parts


def pro_rata(asked: dict[str, int], whole: int) -> dict[str, int]:
    """`whole` parted in proportion to what was asked, the largest fractions rounded up first."""
    total = sum(asked.values())
    exact = {name: Fraction(n * whole, total) for name, n in asked.items()}
    parts = {name: int(share) for name, share in exact.items()}
    rest = whole - sum(parts.values())
    first = sorted(exact, key=lambda name: (int(exact[name]) - exact[name], name))
    return parts | {name: parts[name] + 1 for name in first[:rest]}


def caps_of(wishes: Iterable[Wish], given: dict[str, int], rooms: Sequence[Room]) -> dict[str, Cap]:
    """The cap for every account that gets less than it wished, with the reason."""
    asked = {one.account_id: one.qty for one in wishes}
    caps = {}
    for name, wish in asked.items():
        if given[name] >= wish:
            continue
        mine = [room for room in rooms if name in room.accounts]
        room = min(mine, key=lambda one: (_tightness(asked, one), sorted(one.accounts)))
        want = [n for other, n in asked.items() if other in room.accounts and n > 0]
        caps[name] = Cap(
            "Shared with other accounts",
            given[name],
            partial(_words, want, room),
        )
    return caps


def _words(want: Sequence[int], room: Room) -> str:
    return (
        f"{counted(len(want), 'account')} want {qty(sum(want))} shares together and "
        f"{qty(max(0, room.most))} may go to them: {room.reason}; each gets the same part of its "
        "wish."
    )


def _tightness(parts: Mapping[str, int], room: Room) -> Fraction:
    asked = sum(n for name, n in parts.items() if name in room.accounts)
    return Fraction(max(0, room.most), asked) if asked else Fraction(1)
