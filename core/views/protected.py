"""What stands between a position and a loss, in one word and its proof.

Broker: a stop was read back. Desk: the worker holds the stop and could act. Partly: fewer
shares are covered than held. Selling, or buying back: the exit order stands at the broker. A desk
stop covers nothing while its worker is silent, its price old or its login's session not open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from core.domain.order import WORKING, Order, OrderStatus
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, Protection, ProtectionStatus, Shield, shield_of
from core.domain.words import qty
from core.views.shown import Tag, TagTone, when

STATUS_WORDS = {
    ProtectionStatus.NONE: "none",
    ProtectionStatus.ARMED_LOCAL: "armed at the desk",
    ProtectionStatus.PLACED: "placed, not read back",
    ProtectionStatus.VERIFIED: "read back",
    ProtectionStatus.STOP_FAILED: "failed",
    ProtectionStatus.UNFILLABLE: "cannot be filled",
    ProtectionStatus.RELEASED: "released",
}
OWNER_WORDS = {
    Owner.NONE: "nobody",
    Owner.LOCAL: "the desk",
    Owner.BROKER_GTT: "the broker, as a GTT",
    Owner.EXCHANGE_SL: "the exchange, as a stop order",
}
OPEN_PLANS = (PlanStatus.ENTERING, PlanStatus.HOLDING, PlanStatus.EXITING)


TONES: dict[Shield, TagTone] = {
    Shield.NONE: "",
    Shield.BROKER: "ok",
    Shield.DESK: "buy",
    Shield.PARTLY: "warn",
    Shield.SELLING: "line",
    Shield.BUYING: "line",
    Shield.UNPROTECTED: "bad",
}


def sold_plans(working: Iterable[Order]) -> frozenset[str]:
    """The plans for which an order that closes them has reached the broker."""
    return frozenset(
        order.plan_id
        for order in working
        if order.closes and order.status in WORKING and order.status is not OrderStatus.PREPARED
    )


@dataclass(frozen=True, slots=True)
class Protected:
    """The word, the proof with its age, and whether it needs a person."""

    word: Shield
    proof: str

    @property
    def tag(self) -> Tag:
        return Tag(self.word.value, TONES[self.word])

    @property
    def naked(self) -> bool:
        return self.word in (Shield.UNPROTECTED, Shield.PARTLY)


def protected(
    held: int,
    shield: Protection | None,
    *,
    now: datetime,
    unproven: str = "",
    selling: bool = False,
    cut_off: bool = False,
) -> Protected:
    """Say how `held` shares are covered; no shares need no cover.

    `unproven` says why a desk stop would not act now; `selling` that an order which closes the
    position works at the broker; `cut_off` that its login has no session, so that what rests at
    the broker is all there is.
    """
    if held == 0:
        return Protected(Shield.NONE, "nothing held")
    if selling:
        word = Shield.SELLING if held > 0 else Shield.BUYING
        return Protected(word, _while_selling(held, shield, now=now))
    if shield is None:
        return Protected(Shield.UNPROTECTED, "no stop yet")
    by_broker = shield.rests_at_broker
    if shield.covers == 0:
        return Protected(Shield.UNPROTECTED, shield.reason or f"stop {STATUS_WORDS[shield.status]}")
    if not by_broker and unproven:
        return Protected(Shield.UNPROTECTED, f"desk stop, but {unproven}")
    proof = _proof(shield, by_broker=by_broker, now=now)
    if cut_off:
        proof = f"{proof} · broker stops only, log in"
    word = shield_of(shield, held)
    if word is Shield.PARTLY:
        proof = f"{qty(shield.covers)} of {qty(abs(held))}, {proof}"
    return Protected(word, proof)


def _while_selling(held: int, shield: Protection | None, *, now: datetime) -> str:
    """What covers the rest while a part of the shares is being sold."""
    words = "an exit order is working"
    if shield is None or shield.status is not ProtectionStatus.VERIFIED:
        return words
    if not 0 < shield.covers < abs(held):
        return words
    proof = _proof(shield, by_broker=True, now=now)
    return f"{words}; {qty(shield.covers)} of {qty(abs(held))} stay, {proof}"


def gtt_name(gtt_id: str) -> str:
    """A GTT by the broker's id, which at one broker begins with the word."""
    return gtt_id if gtt_id.startswith("GTT") else f"GTT {gtt_id}"


def _proof(shield: Protection, *, by_broker: bool, now: datetime) -> str:
    at = shield.verified_at if by_broker else shield.armed_at
    since = f" since {when(at, now)}" if at is not None else ""
    if not by_broker:
        return f"desk stop armed{since}"
    name = "stop order" if shield.owner is Owner.EXCHANGE_SL else gtt_name(shield.gtt_id)
    return f"{name}{since}"
