"""Transfers worth a person's thought: a missed instalment another account could pay, idle money.

Only accounts with a rule of their own give: what they may deploy beyond the rule is surplus. What
is suggested is not proposed yet, and nothing moves without an approval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.money import ZERO, Money, total
from core.domain.transfer import OWNER, Transfer
from core.domain.words import rupees
from core.treasury.purse import Purse

SMALLEST: Final = Money.rupees(1000)  # below it a transfer is not worth its steps


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A transfer that a person may propose; `to_account` is OWNER for a return."""

    from_account: str
    to_account: str
    amount: Money
    reason: str
    pays_instalment: bool = False


def suggestions(
    purses: Mapping[str, Purse],
    *,
    keeps: Mapping[str, Money],
    missed: Mapping[str, Money],
    under_way: Sequence[Transfer] = (),
) -> tuple[Suggestion, ...]:
    """What could be moved, missed instalments first; each rupee is suggested once.

    Args:
        purses: accounts that are open, by id.
        keeps: what an account should keep to deploy; one without such a rule gives nothing.
        missed: instalments that were missed and are still asked for, by account.
        under_way: transfers that wait or move. What they bring for missed instalments is asked of
            nobody else, and none is suggested again from the same account to the same one.
    """
    busy = {(one.from_account, one.to_account) for one in under_way}
    left = {
        name: purses[name].payable - kept
        for name, kept in keeps.items()
        if name in purses and purses[name].payable > kept
    }
    found: list[Suggestion] = []
    for name in sorted(missed):
        if name in purses:
            found += _paid_by(purses, name, missed[name] - _coming(under_way, name), left, busy)
    for name in sorted(left):
        if left[name] >= SMALLEST and (name, OWNER) not in busy:
            why = f"more than the {rupees(keeps[name])} that {purses[name].name} keeps to deploy"
            found.append(Suggestion(name, OWNER, left[name], why))
    return tuple(found)


def _coming(under_way: Sequence[Transfer], name: str) -> Money:
    """What transfers under way bring for an account's instalments."""
    mine = (one for one in under_way if one.to_account == name and one.pays_instalment)
    return total(one.on_its_way for one in mine)


def _paid_by(
    purses: Mapping[str, Purse],
    name: str,
    lacks: Money,
    left: dict[str, Money],
    busy: set[tuple[str, str]],
) -> Sequence[Suggestion]:
    """Who could pay one account's missed instalments; takes what they give out of `left`."""
    mine, whole = purses[name].login_id, lacks
    found = []
    for giver in sorted(
        left, key=lambda one: (purses[one].login_id != mine, -left[one].paise, one)
    ):
        near = purses[giver].login_id == mine
        most = min(left[giver], purses[giver].movable) if near else left[giver]
        amount = min(lacks, most)
        if giver == name or amount < SMALLEST or (giver, name) in busy:
            continue
        why = f"{purses[name].name} missed {rupees(whole)} of its instalments"
        found.append(Suggestion(giver, name, amount, why, pays_instalment=True))
        left[giver] -= amount
        lacks -= amount
        if lacks <= ZERO:
            break
    return found
