"""One share before several accounts: each decided alone, then what they may take together.

`share_out` has the rule. An account that gets less than it wished is decided once more with that
as a cap, so that its card, its clamps and its guardrails speak of the shares it gets.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from core.desk.decide import decide
from core.desk.known import Known
from core.desk.stages import Case
from core.domain.decision import Decision
from core.domain.live import Capped
from core.domain.words import pct, rupees
from core.mandates.share_out import Room, Wish, caps_of, share_out


def decide_together(known: Known, cases: Sequence[Case]) -> list[Decision]:
    """The decisions of one share, in the order of the cases."""
    alone = [decide(known, case) for case in cases]
    wishes = [_wish(known, case, one) for case, one in zip(cases, alone, strict=True)]
    wanting = [one for one in wishes if one.qty]
    if not wanting:
        return alone
    rooms = _rooms(known, cases[0].instrument.isin, wanting, alone)
    caps = caps_of(wanting, share_out(wanting, rooms), rooms)
    return [
        decide(known, replace(case, others=(caps[case.account.id],)))
        if case.account.id in caps
        else one
        for case, one in zip(cases, alone, strict=True)
    ]


def _wish(known: Known, case: Case, decision: Decision) -> Wish:
    """Shares the account's card is for; none without a card."""
    card, least = decision.card, 1
    if card is not None:
        ticket = known.mandate(case.account.id).ticket_min
        least = max(1, -(-ticket.paise // card.bracket.entry_high.paise))
    return Wish(case.account.id, case.account.login_id, abs(card.qty) if card else 0, least)


def _rooms(
    known: Known, isin: str, wishes: Sequence[Wish], decisions: Sequence[Decision]
) -> list[Room]:
    """What all the wanting accounts, and those of each login, may take together."""
    logins = sorted({one.login_id for one in wishes})
    groups = [[one for one in wishes if one.login_id == login] for login in logins]
    rooms = [_by_volume(known, isin, list(wishes), "all accounts")]
    rooms += [_by_volume(known, isin, group, "a login") for group in groups]
    prices = [one.card.bracket.entry_high.paise for one in decisions if one.card is not None]
    for group in groups:
        rooms += _by_rupees(known, group, dearest=max(prices))
    return rooms


def _by_volume(known: Known, isin: str, wishes: Sequence[Wish], whose: str) -> Room:
    """The largest share of a median day that a mandate among them allows, less what went today."""
    names = frozenset(one.account_id for one in wishes)
    logins = {one.login_id for one in wishes}
    largest = max(known.mandate(name).volume_share_max for name in names)
    whole = known.facts(isin).volume_median * largest
    gone = sum(
        qty
        for name, qty in known.taken.get(isin, {}).items()
        if whose != "a login" or known.accounts[name].login_id in logins
    )
    most = math.floor(whole) if math.isfinite(whole) else 0
    words = f"{whose} together take at most {pct(largest)} of a median day"
    return Room(names, most - gone, words + (f", of which {gone} are taken today" if gone else ""))


def _by_rupees(known: Known, wishes: Sequence[Wish], *, dearest: int) -> list[Room]:
    """What a login's cap for the day leaves its accounts together."""
    found: dict[str, tuple[Capped, set[str]]] = {}
    for one in wishes:
        for capped in known.capped.get(one.account_id, ()):
            found.setdefault(capped.of, (capped, set()))[1].add(one.account_id)
    return [
        Room(
            frozenset(names),
            max(0, (capped.caps.per_day - capped.used).paise) // dearest,
            f"{of} may send {rupees(capped.caps.per_day)} a day, of which "
            f"{rupees(capped.used)} is used",
        )
        for of, (capped, names) in sorted(found.items())
        if len(names) > 1
    ]
