"""A share is held one way on a login: short by all its accounts, or long by all of them.

A broker nets what a login trades in a share within the day, closes that net alone when its time
comes, and delivers a short position that was not bought back out of the demat account, whoever's
shares those are. With both ways open nobody could say which shares are sold, so the second intent
is refused: on the card, at the click and at the send.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from core.desk.books import LIVE_PLANS
from core.domain.ledger import external_account
from core.domain.order import Side
from core.store import accounts, ledger, plans


@dataclass(frozen=True, slots=True)
class Ways:
    """Who is long and who is short in a share on one login, as words by ISIN."""

    longs: Mapping[str, str] = field(default_factory=dict)
    shorts: Mapping[str, str] = field(default_factory=dict)

    def why_not(self, isin: str, symbol: str, *, side: Side) -> str:
        """Why no entry of this side may be opened in a share; empty when one may."""
        who = (self.shorts if side is Side.BUY else self.longs).get(isin)
        if who is None:
            return ""
        return (
            f"{symbol}: {who} on this login, and its broker nets both ways and would deliver the "
            "shares of one for the other; wait until that is closed, or use another login"
        )


def ways_of(tx: Session, login_id: str) -> Ways:
    """How the shares of a login stand now, plans that still enter included.

    What the owner sold past the desk is missing from plans and turns nothing round, unless more
    was sold than the login's books hold.
    """
    names = {one.id: one.name for one in accounts.accounts(tx) if one.login_id == login_id}
    names[external_account(login_id)] = "what was done elsewhere"
    longs: dict[str, str] = {}
    shorts: dict[str, str] = {}
    sums: dict[str, int] = {}
    for name, words in names.items():
        for held in ledger.positions(tx, name):
            sums[held.isin] = sums.get(held.isin, 0) + held.qty
            if held.qty > 0:
                longs.setdefault(held.isin, f"{words} has {held.qty} shares")
    shorts |= {
        isin: f"the login is short by {-qty} shares" for isin, qty in sums.items() if qty < 0
    }
    for plan in plans.with_status(tx, *LIVE_PLANS):
        if plan.login_id != login_id:
            continue
        who = names.get(plan.account_id, plan.account_id)
        if plan.side is Side.BUY:
            longs[plan.isin] = f"{who} buys it"
        else:
            shorts[plan.isin] = f"{who} is short in it"
    return Ways(longs, shorts)


def why_other_way(tx: Session, login_id: str, isin: str, symbol: str, *, side: Side) -> str:
    """The same of one share, asked right before an entry leaves."""
    return ways_of(tx, login_id).why_not(isin, symbol, side=side)
