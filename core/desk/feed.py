"""What comes with an open login besides orders: its clock, its prices, and what its stream watches.

A sandbox plays the desk's own market: the desk tells it the time each pulse, and looks whether
its prices are the same. In a simulated market a stream's ticks never enter the books and only
show that its socket lives; in the live market one login's stream is the feed, so it watches what
is at stake first and then the universe, as many shares as its broker takes.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from core.brokers.kite.stream import TOKENS_MAX
from core.brokers.upstox.stream import KEYS_MAX
from core.desk.desk import Desk
from core.desk.doors import Opened
from core.desk.sandbox_clock import ask_time, tell_time
from core.domain.account import Broker, BrokerLogin, Market
from core.domain.card import CardStatus
from core.domain.clock import ist_day
from core.domain.order import WORKING
from core.domain.plan import PlanStatus
from core.domain.words import ist_time
from core.errors import MunimError, SourceFailed
from core.store import (
    accounts,
    alerts,
    cards,
    instruments,
    orders,
    plans,
    quotes,
    watchlists,
)

LOOKED_AT: Final = 5  # shares whose prices are compared
APART: Final = 0.03  # as a fraction; the same market a second apart is far closer
NEAR: Final = timedelta(seconds=5)
HELD: Final = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)
ON_THE_TABLE: Final = (CardStatus.OPEN, CardStatus.APPROVED)
STREAM_MAX: Final = {Broker.ZERODHA: TOKENS_MAX, Broker.UPSTOX: KEYS_MAX}


def watched(desk: Desk, login_id: str) -> list[str]:
    """What a login's stream watches: its orders and plans, and one liquid share as a sentinel.

    In the live market it is the desk's feed and watches all that `wanted_live` names.
    """
    with desk.store.read() as tx:
        if desk.market is Market.LIVE:
            return wanted_live(tx)[: STREAM_MAX[accounts.login(tx, login_id).broker]]
        mine = [one.isin for one in plans.with_status(tx, *HELD) if one.login_id == login_id]
        mine += [one.isin for one in orders.with_status(tx, *WORKING) if one.login_id == login_id]
        liquid = [one.isin for one in instruments.all_instruments(tx) if one.has_derivatives]
    return list(dict.fromkeys([*mine, *liquid[:1]]))


def at_stake(tx: Session) -> list[str]:
    """ISINs that may be entered or sold now: cards on the table, plans and working orders."""
    found = [one.isin for one in plans.with_status(tx, *HELD)]
    found += [one.isin for one in orders.with_status(tx, *WORKING)]
    found += [one.isin for one in cards.with_status(tx, *ON_THE_TABLE)]
    return list(dict.fromkeys(found))


def wanted_live(tx: Session) -> list[str]:
    """ISINs whose live price is wanted, what is at stake first and the least liquid last."""
    found = at_stake(tx)
    found += [isin for one in watchlists.all_watchlists(tx) for isin in one.isins]
    found += [one.isin for one in alerts.waiting(tx) if one.isin]
    traded = [one for one in instruments.all_instruments(tx) if one.is_traded]
    found += [one.isin for one in sorted(traded, key=lambda one: not one.has_derivatives)]
    return list(dict.fromkeys(found))


def why_ahead(login: BrokerLogin, *, now: datetime) -> str:
    """Why a sandbox cannot follow the desk: it stands on a later day; empty when it can.

    Raises SourceFailed when its control port does not answer.
    """
    there = ask_time(login.control)
    if ist_day(there) <= ist_day(now):
        return ""
    return (
        f"{login.label} stands at {ist_day(there)} and this desk at {ist_day(now)}; start the "
        "sandbox with another --home, so that it begins with the desk"
    )


def moved_on(login: BrokerLogin, *, now: datetime) -> datetime | None:
    """The sandbox's time where it went on while the desk's market slept; None else."""
    there = ask_time(login.control)
    return there if ist_day(there) == ist_day(now) and there - now > NEAR else None


def tell_clock(login: BrokerLogin, *, at: datetime, speed: float) -> str:
    """Set the sandbox's clock to the desk's; returns the trouble, empty when it took it."""
    try:
        tell_time(login.control, at=at, speed=speed)
    except SourceFailed as trouble:
        return str(trouble)
    return ""


def look_at_prices(desk: Desk, opened: Opened) -> str:
    """Whether a sandbox plays the desk's prices, in one sentence for the page."""
    with desk.store.read() as tx:
        ours = quotes.all_quotes(tx)
        some = [one.isin for one in instruments.all_instruments(tx) if one.isin in ours]
    some = some[:: max(1, len(some) // LOOKED_AT)][:LOOKED_AT]
    if not some:
        return "the desk has no price to compare yet"
    try:
        theirs = opened.known.quotes(some)
    except MunimError as trouble:
        return f"its prices could not be compared: {trouble}"
    apart = [abs(one.ltp.paise / ours[one.isin].ltp.paise - 1) for one in theirs]
    middle = statistics.median(apart)
    if middle > APART:
        return (
            f"its prices are {middle * 100:.0f} % from this desk's, so it plays another market; "
            f"start it with --seed {desk.settings.seed}"
        )
    return f"plays this desk's market, prices compared {ist_time(desk.clock.now())}"


def plays_another(sentence: str) -> bool:
    """Whether `look_at_prices` found another market."""
    return "plays another market" in sentence


def controlled(opened: Sequence[Opened]) -> list[Opened]:
    """The sandboxes whose clock this desk tells."""
    return [one for one in opened if one.login.control]
