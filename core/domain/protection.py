"""What stands between a position and a loss, and its lifecycle.

A position is protected by a broker-held stop that was read back (VERIFIED) or, while that is
on its way, by an armed desk stop whose heartbeat is fresh. There is one owner at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core.domain.money import Money
from core.errors import BadInput, IllegalTransition


class ProtectionStatus(StrEnum):
    """How far the protection of a position has got."""

    NONE = "NONE"
    ARMED_LOCAL = "ARMED_LOCAL"
    PLACED = "PLACED"
    VERIFIED = "VERIFIED"
    STOP_FAILED = "STOP_FAILED"
    UNFILLABLE = "UNFILLABLE"
    RELEASED = "RELEASED"


class Owner(StrEnum):
    """Who can sell the shares; never two at once."""

    NONE = "NONE"
    LOCAL = "LOCAL"
    BROKER_GTT = "BROKER_GTT"
    EXCHANGE_SL = "EXCHANGE_SL"


P = ProtectionStatus
NEXT: dict[ProtectionStatus, frozenset[ProtectionStatus]] = {
    P.NONE: frozenset({P.ARMED_LOCAL, P.RELEASED}),
    P.ARMED_LOCAL: frozenset({P.PLACED, P.STOP_FAILED, P.UNFILLABLE, P.RELEASED}),
    # a size that no longer fits goes back to the desk stop while the broker's is resized
    P.PLACED: frozenset({P.VERIFIED, P.ARMED_LOCAL, P.STOP_FAILED, P.UNFILLABLE, P.RELEASED}),
    P.VERIFIED: frozenset({P.ARMED_LOCAL, P.PLACED, P.STOP_FAILED, P.UNFILLABLE, P.RELEASED}),
    P.STOP_FAILED: frozenset({P.ARMED_LOCAL, P.UNFILLABLE, P.RELEASED}),
    P.UNFILLABLE: frozenset({P.ARMED_LOCAL, P.RELEASED}),  # bids came back
    P.RELEASED: frozenset({P.ARMED_LOCAL}),  # a sale that died or a late fill leaves shares
}
ENDED = frozenset({P.RELEASED})


@dataclass(frozen=True, slots=True)
class Protection:
    """The stop and target that cover one plan's filled shares."""

    plan_id: str
    account_id: str
    isin: str
    symbol: str
    status: ProtectionStatus
    owner: Owner
    qty: int
    stop: Money
    target: Money
    gtt_id: str = ""
    armed_at: datetime | None = None
    verified_at: datetime | None = None
    reason: str = ""
    version: int = 1

    def __post_init__(self) -> None:
        if self.qty < 0:
            raise BadInput(f"{self.symbol}: protection cannot cover {self.qty} shares")

    @property
    def covers(self) -> int:
        """Shares a broker stop was read back for, or a desk stop is armed for."""
        return self.qty if self.status in (P.VERIFIED, P.PLACED, P.ARMED_LOCAL) else 0

    @property
    def rests_at_broker(self) -> bool:
        """Whether its stop was read back from the broker or the exchange."""
        return self.status is P.VERIFIED and self.owner in (Owner.BROKER_GTT, Owner.EXCHANGE_SL)


class Shield(StrEnum):
    """How a position is covered, in the one word of every screen, file and report."""

    NONE = "—"
    BROKER = "Broker"
    DESK = "Desk"
    PARTLY = "Partly"
    SELLING = "Selling"
    BUYING = "Buying back"
    UNPROTECTED = "Unprotected"


def shield_of(cover: Protection | None, held: int) -> Shield:
    """The word for `held` shares by what stands for them, whoever may act on it."""
    if not held:
        return Shield.NONE
    if cover is None or not cover.covers:
        return Shield.UNPROTECTED
    if cover.covers < abs(held):
        return Shield.PARTLY
    return Shield.BROKER if cover.rests_at_broker else Shield.DESK


def advance(protection: Protection, to: ProtectionStatus, *, reason: str = "") -> Protection:
    """Return the protection moved to `to`, or raise IllegalTransition."""
    if to not in NEXT[protection.status]:
        raise IllegalTransition(
            f"protection of {protection.symbol} ({protection.plan_id}) is {protection.status} "
            f"and cannot become {to}"
        )
    return replace(protection, status=to, reason=reason, version=protection.version + 1)
