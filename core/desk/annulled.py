"""Which fills the exchange annulled: each stays as it was told, with a change that undoes it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from core.domain.order import Fill
from core.store import accounts, actions, fills, orders

ANNULLED = "annul:"
LATELY = timedelta(days=7)  # an exchange annuls within a few sessions


def annulment_id(fill: Fill) -> str:
    """The name of the change that undoes a fill, the same however often it is asked for."""
    return f"{ANNULLED}{fill.exchange}:{fill.order_id}:{fill.trade_id}"


def standing(tx: Session, plan_id: str, done: Sequence[Fill]) -> list[Fill]:
    """The fills of a plan that were not annulled."""
    gone = {one.action_id for one in actions.changes_of_plan(tx, plan_id)}
    return [fill for fill in done if annulment_id(fill) not in gone]


def is_annulled(tx: Session, fill: Fill) -> bool:
    """Whether a person said that a fill was annulled."""
    return not standing(tx, orders.by_id(tx, fill.order_id).plan_id, [fill])


def like_an_annulled(tx: Session, login_id: str, isin: str, lacking: int, *, at: datetime) -> str:
    """What a person may say of a difference that one late fill would explain; empty for none.

    `lacking` is the broker's count less the books', so an annulled purchase lacks its shares.
    """
    mine = {one.id for one in accounts.accounts(tx) if one.login_id == login_id}
    alike = [
        fill
        for fill in fills.since(tx, at - LATELY)
        if (fill.isin, fill.qty) == (isin, -lacking)
        and fill.account_id in mine
        and not is_annulled(tx, fill)
    ]
    if not alike:
        return ""
    first = alike[-1]
    more = f", or of {len(alike) - 1} more like it" if len(alike) > 1 else ""
    return (
        f". It would be so had trade {first.trade_id} of order {first.order_id}{more} been "
        "annulled; if the exchange says so, munim orders annul books it"
    )
