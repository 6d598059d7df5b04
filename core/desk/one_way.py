"""A share is held one way on a login: short by all its accounts, or long by all of them.

A broker nets what a login trades in a share within the day, closes that net alone when its time
comes, and delivers a short position that was not bought back out of the demat account, whoever's
shares those are. With both ways open nobody could say which shares are sold, so the second intent
is refused.
"""

from __future__ import annotations

from sqlmodel import Session

from core.desk.books import LIVE_PLANS
from core.domain.ledger import external_account
from core.domain.order import Side
from core.store import accounts, ledger, plans


def why_other_way(tx: Session, login_id: str, isin: str, symbol: str, *, side: Side) -> str:
    """Why no entry of this side may be opened in a share on a login; empty when one may.

    What the owner sold past the desk is missing from plans and turns nothing round, unless more
    was sold than the login's books hold.
    """
    names = {one.id: one.name for one in accounts.accounts(tx) if one.login_id == login_id}
    other = [
        plan
        for plan in plans.with_status(tx, *LIVE_PLANS)
        if (plan.login_id, plan.isin) == (login_id, isin) and plan.side is not side
    ]
    if other:
        who = names.get(other[0].account_id, other[0].account_id)
        return _words(symbol, who, "buys it" if side is Side.SELL else "is short in it")
    names[external_account(login_id)] = "what was done elsewhere"
    held = {
        name: one.qty for name in names for one in ledger.positions(tx, name) if one.isin == isin
    }
    if side is Side.BUY and (total := sum(held.values())) < 0:
        return _words(symbol, "the login", f"is short by {-total} shares")
    longs = [name for name, qty in held.items() if qty > 0] if side is Side.SELL else []
    return _words(symbol, names[longs[0]], f"has {held[longs[0]]} shares") if longs else ""


def _words(symbol: str, who: str, does: str) -> str:
    return (
        f"{symbol}: {who} {does} on this login, and its broker nets both ways and would deliver "
        "the shares of one for the other; wait until that is closed, or use another login"
    )
