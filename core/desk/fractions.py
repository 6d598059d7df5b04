"""The part of a share that a split, bonus or consolidation leaves over, and the cash for it.

Companies sell fractions together and pay them out weeks later. What comes is realised gain; the
cost stays with the whole shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from sqlmodel import Session

from core.desk.desk import Desk
from core.domain.action import RATIO_KINDS, CorporateAction, share_ratio
from core.domain.ledger import EXTERNAL, Transaction
from core.domain.money import Money
from core.errors import BadInput
from core.store import actions, audit, ledger
from core.treasury.terms import action_entry, allot, counted_anew, fraction_paid


def mark_fraction(
    desk: Desk, action_id: str, *, received: Money, by: str, account_id: str = ""
) -> list[Transaction]:
    """Book what a company paid for fractions of shares, as a person read it on a bank statement.

    Args:
        received: what came for all accounts together, parted by the fraction each lost.
        account_id: one account only.

    Raises:
        NotFound: no such action.
        BadInput: no account lost a fraction, it is booked already, or nothing came.
    """
    at = desk.clock.now()
    with desk.store.write() as tx:
        lost = {
            name: left
            for name, left in lost_fractions(tx, action_id).items()
            if not name.startswith(EXTERNAL) and account_id in ("", name)
        }
        action = actions.by_id(tx, action_id)
        if not lost:
            raise BadInput(
                f"{action.symbol}: action {action_id} left no fraction of a share in an account; "
                "confirm the action first, or look at its ratio"
            )
        parts = parted(received, lost)
        made = [
            fraction_paid(
                account_id=name,
                action_id=action_id,
                amount=parts[name],
                at=at,
                words=f"{action.symbol}: {float(lost[name]):.4g} of a share paid in cash",
            )
            for name in sorted(parts)
        ]
        for one in made:
            if not ledger.post(tx, one):
                raise BadInput(
                    f"{action.symbol}: the fraction of account {one.account_id} is paid already; "
                    "munim audit shows when"
                )
            body = {"account": one.account_id, "words": one.words}
            audit.append(tx, at=at, actor=by, verb="fraction paid", subject=action_id, body=body)
    return made


def fractions_open(tx: Session) -> list[tuple[CorporateAction, str, Fraction]]:
    """Fractions of shares that were left over and not paid: action, account, part of a share."""
    return [
        (actions.by_id(tx, action_id), name, left)
        for action_id in sorted(ledger.references(tx, "action:"))
        for name, left in sorted(lost_fractions(tx, action_id).items())
        if not name.startswith(EXTERNAL)
        and not ledger.is_posted(tx, f"fraction:{action_id}:{name}")
    ]


def lost_fractions(tx: Session, action_id: str) -> dict[str, Fraction]:
    """The part of a share that each account lost to rounding, by account."""
    action = actions.by_id(tx, action_id)
    ratio = share_ratio(action)
    if action.kind not in RATIO_KINDS or ratio is None:
        return {}
    found = {}
    for name in ledger.accounts_with(tx, action_entry(action_id, "")):
        made = ledger.transaction(tx, action_entry(action_id, name))
        if made is not None:
            old, new = counted_anew(made)
            left = old * ratio - new
            if left > 0:
                found[name] = left
    return found


def parted(
    amount: Money, weights: Mapping[str, Money] | Mapping[str, Fraction]
) -> dict[str, Money]:
    """An amount over accounts in proportion, to the paisa."""
    parts = {
        name: Fraction(weight.paise) if isinstance(weight, Money) else weight
        for name, weight in weights.items()
    }
    whole = sum(parts.values())
    exact = {name: amount.paise * part / whole for name, part in parts.items()}
    return {name: Money(paise) for name, paise in allot(exact, amount.paise).items()}
