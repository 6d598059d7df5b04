"""How many shares of one name several accounts may take together on one day; `share_out` parts it.

All accounts that want the share are one buyer to the market, and those of one login are one buyer
to its broker: together they take no more of a median day than the largest share that any mandate
among them allows, less what they took earlier in the day.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from core.domain.live import Capped
from core.domain.mandate import Mandate
from core.domain.money import Money
from core.domain.words import pct, qty, rupees
from core.mandates.share_out import Room, Wish


def rooms(
    wishes: Sequence[Wish],
    *,
    mandates: Mapping[str, Mandate],
    logins: Mapping[str, str],
    volume: float,
    taken: Mapping[str, int],
    capped: Mapping[str, Sequence[Capped]],
    dearest: Money,
) -> list[Room]:
    """The rooms that hold for these wishes of one share.

    Args:
        logins: the login of each account, of those that took shares today as well.
        volume: shares of a median day.
        taken: shares each account took today, by account id.
        capped: rupee caps by account; one that several accounts have is shared.
        dearest: the most one share may cost any of them.
    """
    found = [_by_volume(wishes, mandates, volume, sum(taken.values()), "all accounts")]
    for login in sorted({one.login_id for one in wishes}):
        mine = [one for one in wishes if one.login_id == login]
        gone = sum(n for name, n in taken.items() if logins.get(name) == login)
        found.append(_by_volume(mine, mandates, volume, gone, "the accounts of a login"))
        found += _by_rupees(mine, capped, dearest)
    return found


def _by_volume(
    wishes: Sequence[Wish], mandates: Mapping[str, Mandate], volume: float, gone: int, who: str
) -> Room:
    names = frozenset(one.account_id for one in wishes)
    largest = max(mandates[name].volume_share_max for name in names)
    whole = volume * largest
    most = math.floor(whole) if math.isfinite(whole) else 0
    words = f"{who} take at most {pct(largest)} of a median day"
    return Room(names, most - gone, words + (f", {qty(gone)} of it today so far" if gone else ""))


def _by_rupees(
    wishes: Sequence[Wish], capped: Mapping[str, Sequence[Capped]], dearest: Money
) -> list[Room]:
    """What a login's cap for the day leaves its accounts together."""
    found: dict[str, tuple[Capped, set[str]]] = {}
    for one in wishes:
        for cap in capped.get(one.account_id, ()):
            found.setdefault(cap.of, (cap, set()))[1].add(one.account_id)
    return [
        Room(
            frozenset(names),
            max(0, (cap.caps.per_day - cap.used).paise) // dearest.paise,
            f"{of} may send {rupees(cap.caps.per_day)} a day and used {rupees(cap.used)}",
        )
        for of, (cap, names) in sorted(found.items())
        if len(names) > 1
    ]
