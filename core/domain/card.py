"""The trade card: what a person sees and what a click signs.

`bound_hash` covers account, legs, quantities, price band, stop, target and trail, mandate
version, evidence set, market, mode and expiry. Prose stands outside it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from core.domain.account import LoginMode, Market
from core.domain.allocation import Allocation, Bracket
from core.domain.order import Product, Side
from core.domain.signal import MetaLabel, Signal
from core.domain.verdict import Verdict
from core.errors import BadInput, IllegalTransition


class CardStatus(StrEnum):
    """Where a card is between being written and being done with."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    REFUSED = "REFUSED"
    ORDERED = "ORDERED"


C = CardStatus
NEXT: dict[CardStatus, frozenset[CardStatus]] = {
    C.OPEN: frozenset({C.APPROVED, C.REJECTED, C.EXPIRED, C.SUPERSEDED}),
    # a guardrail may turn between the click and the send; then nothing left the desk
    C.APPROVED: frozenset({C.ORDERED, C.REFUSED}),
    **dict.fromkeys((C.REJECTED, C.EXPIRED, C.SUPERSEDED, C.REFUSED, C.ORDERED), frozenset()),
}


@dataclass(frozen=True, slots=True)
class Leg:
    """One order the approval allows."""

    side: Side
    qty: int
    product: Product

    def __post_init__(self) -> None:
        if self.qty <= 0:
            raise BadInput(f"a card leg for {self.qty} shares; use 1 or more")


@dataclass(frozen=True, slots=True)
class Card:
    """One proposed trade for one account. A change makes a new version, never an edit."""

    id: str
    version: int
    market: Market
    mode: LoginMode
    account_id: str
    account_name: str
    isin: str
    symbol: str
    sector: str
    legs: tuple[Leg, ...]
    bracket: Bracket
    mandate_version: int
    horizon_sessions: int
    written_at: datetime
    expires_at: datetime
    status: CardStatus
    trigger: str  # the event id, or "scan"
    playbook: str
    signal: Signal
    meta_label: MetaLabel
    allocation: Allocation
    verdict: Verdict
    status_reason: str = ""

    def __post_init__(self) -> None:
        if not self.legs:
            raise BadInput(f"{self.symbol}: a card needs a leg")

    @property
    def side(self) -> Side:
        """The side of the entry."""
        return self.legs[0].side

    @property
    def qty(self) -> int:
        """Signed shares of all legs."""
        return sum(leg.qty * leg.side.sign for leg in self.legs)

    @property
    def bound_hash(self) -> str:
        """What a click signs."""
        return hashlib.sha256(bound_text(self).encode()).hexdigest()


def bound_text(card: Card) -> str:
    """The signed fields as canonical JSON."""
    b = card.bracket
    fields = {
        "card": card.id,
        "version": card.version,
        "market": card.market,
        "mode": card.mode,
        "account": card.account_id,
        "isin": card.isin,
        "symbol": card.symbol,
        "legs": [[leg.side, leg.qty, leg.product] for leg in card.legs],
        "band": [b.entry_low.paise, b.entry_high.paise],
        "stop": b.stop.paise,
        "target": b.target.paise,
        "trail": [b.trail.paise, b.trail_from.paise, *([b.trail_bps] if b.trail_bps else [])],
        "mandate_version": card.mandate_version,
        "horizon_sessions": card.horizon_sessions,
        "evidence": sorted(item.id for item in card.verdict.evidence),
        "expires_at": card.expires_at.isoformat(),
    }
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def advance(card: Card, to: CardStatus, *, reason: str = "") -> Card:
    """Return the card moved to `to`, or raise IllegalTransition."""
    if to not in NEXT[card.status]:
        raise IllegalTransition(f"card {card.id} is {card.status} and cannot become {to}")
    return replace(card, status=to, status_reason=reason)


def card_id(*, account_id: str, isin: str, trigger: str, as_of: datetime) -> str:
    """A content-derived id, equal for the same cause on the same account."""
    basis = "\x1f".join((account_id, isin, trigger, as_of.isoformat()))
    return "cd" + hashlib.sha256(basis.encode()).hexdigest()[:14]


@dataclass(frozen=True, slots=True)
class Approval:
    """One yes by one person to one version of one card; good for one send.

    `clicked` is monotonic seconds, so that moving a clock does not lengthen its life. `signature`
    is made with the key `signed_by` names, which stands outside the store; without one nothing is
    sent.
    """

    id: str
    card_id: str
    card_version: int
    bound_hash: str
    nonce: str
    approver: str
    clicked_at: datetime
    clicked: float
    signed_by: str = ""
    signature: str = field(default="", repr=False)


APPROVAL_SECONDS = 120.0
