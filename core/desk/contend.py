"""One share before several accounts: each decided alone, then what they may take together.

`rooms` and `share_out` have the rule. An account that gets less than it wished is decided once more
with that as a cap, so that its card, its clamps and its guardrails speak of the shares it gets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.desk.decide import decide
from core.desk.known import Known
from core.desk.promised import caps_for, taken_for
from core.desk.stages import Case
from core.domain.decision import Decision
from core.mandates.rooms import rooms
from core.mandates.share_out import Wish, caps_of, share_out


def decide_together(known: Known, cases: Sequence[Case]) -> list[Decision]:
    """The decisions of one share, in the order of the cases."""
    alone = [decide(known, case) for case in cases]
    wishes = [_wish(known, case, one) for case, one in zip(cases, alone, strict=True)]
    wanting = [one for one in wishes if one.qty]
    if not wanting:
        return alone
    isin = cases[0].instrument.isin
    anew = frozenset(case.card_id for case in cases if case.card_id)
    found = rooms(
        wanting,
        mandates={one.account_id: known.mandate(one.account_id) for one in wanting},
        logins={name: account.login_id for name, account in known.accounts.items()},
        volume=known.facts(isin).volume_median,
        taken=taken_for(known, isin, besides=anew),
        capped={case.account.id: caps_for(known, case) for case in cases},
        dearest=max(one.card.bracket.entry_high for one in alone if one.card is not None),
    )
    caps = caps_of(wanting, share_out(wanting, found), found)
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
