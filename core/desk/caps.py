"""Rupee caps of a login and of an account, counted from what the store says was sent.

A LIVE login has the defaults until others are set; a PAPER login and an account are capped only
where a person set it. Every entry that left counts, whatever became of it, so a restart or a
second process changes nothing. Exits are never capped.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import Literal

from sqlmodel import Session

from core.desk.desk import Desk
from core.desk.short_cash import free_cash
from core.domain.account import LoginMode
from core.domain.clock import IST, ist_day
from core.domain.instrument import trading_range
from core.domain.live import DEFAULT_CAPS, Capped, Caps, cost_of, why_slip
from core.domain.money import Money
from core.domain.order import Order, OrderStatus, Purpose
from core.domain.quote import Quote
from core.domain.ticks import tick_now
from core.store import accounts, audit, instruments, orders, quotes, settings

Scope = Literal["login", "account"]


def set_caps(desk: Desk, scope: Scope, id: str, caps: Caps, *, by: str) -> None:
    """Set what a login or an account may spend; raises NotFound for an unknown one."""
    body = {"per_order_paise": caps.per_order.paise, "per_day_paise": caps.per_day.paise}
    with desk.store.write() as tx:
        _ = accounts.login(tx, id) if scope == "login" else accounts.by_id(tx, id)
        settings.put(tx, _key(scope, id), body)
        at = desk.clock.now()
        audit.append(tx, at=at, actor=by, verb="rupee caps", subject=f"{scope} {id}", body=body)


def caps_set(tx: Session, scope: Scope, id: str) -> Caps | None:
    """What a person set, None where nobody did."""
    found = settings.get(tx, _key(scope, id))
    if found is None:
        return None
    return Caps(Money(found["per_order_paise"]), Money(found["per_day_paise"]))


def login_caps(tx: Session, login_id: str) -> Caps | None:
    """What holds for a login; None for a PAPER login that nobody capped."""
    found = caps_set(tx, "login", login_id)
    if found is None and accounts.login(tx, login_id).mode is LoginMode.LIVE:
        return DEFAULT_CAPS
    return found


def capped(
    tx: Session, account_id: str, *, at: datetime, besides: str = "", waiting: bool = True
) -> list[Capped]:
    """The caps that hold for an account's entries now, with what today used of them.

    Args:
        besides: an order left out of what was used.
        waiting: whether committed intents that have not left count as well.
    """
    account = accounts.by_id(tx, account_id)
    login = accounts.login(tx, account.login_id)
    today = _entries(tx, at=at, besides=besides, waiting=waiting)
    found = []
    if (caps := login_caps(tx, login.id)) is not None:
        used = [cost_of(one) for one in today if one.login_id == login.id]
        found.append(Capped(f"login {login.label}", caps, sum(used, Money(0))))
    if (caps := caps_set(tx, "account", account.id)) is not None:
        used = [cost_of(one) for one in today if one.account_id == account.id]
        found.append(Capped(f"account {account.name}", caps, sum(used, Money(0))))
    return found


def why_over_cap(tx: Session, order: Order, *, at: datetime, waiting: bool) -> str:
    """Why an entry is over a rupee cap; empty for an exit and for one that is not."""
    if order.purpose is not Purpose.ENTRY:
        return ""
    for one in capped(tx, order.account_id, at=at, besides=order.id, waiting=waiting):
        if why_not := one.why_over(order.symbol, cost_of(order)):
            return why_not
    return ""


def why_not_meant(tx: Session, order: Order, *, sized: int, quote: Quote, back: Money) -> str:
    """Why an entry cannot be meant; empty when it can.

    Args:
        back: cash this order itself has set aside.
    """
    share = instruments.by_isin(tx, order.isin)
    tick = tick_now(quote)
    band = trading_range(share, prev_close=quote.prev_close, ltp=quote.ltp, tick=tick)
    cash = free_cash(tx, order.account_id) + back
    return why_slip(order, sized=sized, ltp=quote.ltp, band=band, tick=tick, cash=cash)


def why_careless(tx: Session, order: Order, *, sized: int, at: datetime) -> str:
    """Right before a send: why nobody can have meant this entry, or which cap it is over."""
    quote, mine = quotes.by_isin(tx, order.isin), cost_of(order)
    return why_not_meant(tx, order, sized=sized, quote=quote, back=mine) or why_over_cap(
        tx, order, at=at, waiting=False
    )


def _entries(tx: Session, *, at: datetime, besides: str, waiting: bool) -> list[Order]:
    """Entries that left since midnight in India, and those about to."""
    midnight = datetime.combine(ist_day(at), time(), IST)
    found = orders.sent_since(tx, midnight)
    if waiting:
        found = [*found, *orders.with_status(tx, OrderStatus.PREPARED)]
    return [one for one in found if one.purpose is Purpose.ENTRY and one.id != besides]


def _key(scope: Scope, id: str) -> str:
    return f"caps:{scope}:{id}"
