"""Whether an account's broker can hold a card's trade, asked before the card is shown.

How many GTTs rest at a login is what its broker showed at the last look; others' count too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session

from core.desk.alarm import raise_alarm
from core.desk.day_plans import what_ends
from core.desk.desk import Desk
from core.desk.one_way import Ways, ways_of
from core.domain.account import Broker
from core.domain.capability import CAPABILITIES, Wanted, what_rests, why_not
from core.domain.card import Card
from core.domain.clock import ist_day
from core.domain.instrument import Instrument
from core.domain.money import Money
from core.domain.order import OrderType, Product, Validity, tag_for
from core.store import accounts, instruments, settings

WARN_SHARE = 0.8  # of the GTTs a broker rests


@dataclass(frozen=True, slots=True)
class Holder:
    """An account's broker, how many GTTs rest at its login and which way its shares are held."""

    broker: Broker
    gtts_active: int = 0
    ways: Ways = field(default_factory=Ways, compare=False)


def holder_of(tx: Session, account_id: str) -> Holder:
    """Who would hold a trade of this account."""
    login = accounts.login(tx, accounts.by_id(tx, account_id).login_id)
    return Holder(login.broker, int(settings.get(tx, _key(login.id), 0)), ways_of(tx, login.id))


def why_not_held(holder: Holder, card: Card, share: Instrument, *, ltp: Money | None) -> str:
    """Every reason why the broker cannot hold a card's trade, in one line; empty when it can."""
    wanted = replace(_wanted(card), ltp=ltp, gtts_active=holder.gtts_active, series=share.series)
    other = holder.ways.why_not(card.isin, card.symbol, side=card.side)
    return "; ".join((*why_not(holder.broker, wanted), *((other,) if other else ())))


def what_will_rest(desk: Desk, tx: Session, card: Card) -> str:
    """What of a card's stop and target the broker does not rest itself; empty where it rests both.

    Raises NotFound for a card whose account is gone.
    """
    if card.legs[0].product is Product.MIS:
        broker, share = holder_of(tx, card.account_id).broker, instruments.by_isin(tx, card.isin)
        return what_ends(desk, broker, share, at=desk.clock.now())
    return what_rests(holder_of(tx, card.account_id).broker, _wanted(card))


def note_gtts(tx: Session, login_id: str, active: int, *, at: datetime) -> None:
    """Keep how many GTTs rest at a login, and warn once a day when most places are taken."""
    if settings.get(tx, _key(login_id), 0) == active:
        return
    settings.put(tx, _key(login_id), active)
    most = CAPABILITIES[accounts.login(tx, login_id).broker].gtt_max
    if most is None or active < most * WARN_SHARE:
        return
    raise_alarm(
        tx,
        id=f"gtts:{login_id}:{ist_day(at)}",
        isin="",
        symbol="",
        at=at,
        sentence=f"login {login_id} rests {active} GTTs and {most} is the most; cancel what is no "
        "longer needed, or new stops stay at the desk",
    )


def _wanted(card: Card) -> Wanted:
    leg = card.legs[0]
    return Wanted(
        symbol=card.symbol,
        side=leg.side,
        product=leg.product,
        order_type=OrderType.LIMIT,
        validity=Validity.DAY,
        tag=tag_for(card.id, desk="AA"),
        stop=card.bracket.stop,
        target=card.bracket.target,
    )


def gtts_noted(tx: Session, login_id: str) -> int:
    """How many GTTs were seen to rest at a login."""
    return int(settings.get(tx, _key(login_id), 0))


def _key(login_id: str) -> str:
    return f"gtts:{login_id}"
