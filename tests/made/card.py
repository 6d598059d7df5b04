"""A card with what led to it, and the click on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from core.domain.account import LoginMode, Market
from core.domain.allocation import Allocation, Bracket, Clamp, Guardrail, Unit
from core.domain.card import Approval, Card, CardStatus, Leg
from core.domain.instrument import Instrument
from core.domain.order import Product, Side
from core.domain.signal import MetaLabel, Probability, Reason, Regime, Signal
from core.domain.verdict import Evidence, EvidenceKind, Opinion, Verdict
from tests.made.market import MIDCO, RELIANCE, T0, rs

# buy 495 to 505, risk to 480, target 540, trail 15 behind once 520 was seen
BRACKET = Bracket(
    entry_low=rs("495"),
    entry_high=rs("505"),
    stop=rs("480"),
    target=rs("540"),
    trail=rs("15"),
    trail_from=rs("520"),
)
# the same the other way round
SHORT = replace(BRACKET, stop=rs("520"), target=rs("460"), trail_from=rs("480"))
EVEN = Probability(p=0.5, low=0.4, high=0.6, n=100)
EVIDENCE = Evidence(
    id="ev1", kind=EvidenceKind.EVENT, fact="an order won", source="NSE", known_at=T0
)
ONE_LEG = (Leg(Side.BUY, 100, Product.CNC),)


def a_probability(p: float, n: int = 100) -> Probability:
    """`p` give or take 10 %."""
    return Probability(p=p, low=max(0.0, p - 0.1), high=min(1.0, p + 0.1), n=n)


def a_signal(of: Instrument = RELIANCE, **changes: object) -> Signal:
    """Upwards by the plain rule: a model without a vote, no edge measured."""
    fields = {
        "isin": of.isin,
        "symbol": of.symbol,
        "as_of": T0,
        "strategy": "event drift",
        "direction": 1,
        "edge": 0.0,
        "horizon_sessions": 10,
        "target_first": a_probability(0.5),
        "stop_first": a_probability(0.3),
        "time_exit": a_probability(0.2),
        "base_rate": 0.36,
        "has_vote": False,
        "model_version": "m1",
        "reasons": (),
    }
    return Signal(**(fields | changes))


def a_meta_label(**changes: object) -> MetaLabel:
    """Right in 60 % of like cases, in a bull market."""
    fields = {
        "right": a_probability(0.6),
        "has_vote": False,
        "regime": Regime.BULL,
        "regime_score": 0.7,
        "liquidity_score": 0.9,
        "crowding_score": 0.3,
        "timing_score": 0.5,
    }
    return MetaLabel(**(fields | changes))


def an_allocation(**changes: object) -> Allocation:
    """100 at ₹505 are ₹50,500; a stop at 480 risks ₹25 a share, ₹2,500; cut from 120."""
    rail = Guardrail(
        name="cash", passed=True, value=0.2, limit=0.5, unit=Unit.FRACTION, sentence="fits"
    )
    fields = {
        "account_id": "tactical",
        "isin": MIDCO.isin,
        "qty": 100,
        "bracket": BRACKET,
        "at_risk": rs("2500"),
        "notional": rs("50500"),
        "charges": rs("120"),
        "weight_before": 0.0,
        "weight_after": 0.05,
        "sector_before": 0.0,
        "sector_after": 0.05,
        "gross_before": 0.0,
        "gross_after": 0.05,
        "clamps": (Clamp(name="cash", from_qty=120, to_qty=100, reason="cash floor"),),
        "guardrails": (rail,),
    }
    return Allocation(**(fields | changes))


def a_verdict(**changes: object) -> Verdict:
    """The judge agrees, on one piece of evidence."""
    fields = {
        "opinion": Opinion.AGREES,
        "thesis": "An order was won.",
        "risks": ("thin",),
        "evidence": (EVIDENCE,),
    }
    return Verdict(**(fields | changes))


def a_card(id: str = "cd1", **changes: object) -> Card:
    """An open card to buy 100 MIDCO, an hour from its end; its allocation has its bracket."""
    bracket = changes.get("bracket", BRACKET)
    account_id = changes.get("account_id", "tactical")
    fields = {
        "version": 1,
        "market": Market.SIM,
        "mode": LoginMode.PAPER,
        "account_id": account_id,
        "account_name": "Event tactical",
        "isin": MIDCO.isin,
        "symbol": MIDCO.symbol,
        "sector": MIDCO.sector,
        "legs": ONE_LEG,
        "bracket": bracket,
        "mandate_version": 1,
        "horizon_sessions": 10,
        "written_at": T0,
        "expires_at": T0 + timedelta(hours=1),
        "status": CardStatus.OPEN,
        "trigger": "scan",
        "playbook": "plain",
        "signal": _voted(),
        "meta_label": a_meta_label(right=EVEN, has_vote=True),
        "allocation": an_allocation(account_id=account_id, bracket=bracket),
        "verdict": a_verdict(),
    }
    return Card(id=id, **(fields | changes))


def _voted() -> Signal:
    calm = Reason(feature="rsi", value=45.0, contribution=0.1, words="calm")
    even = dict.fromkeys(("target_first", "stop_first", "time_exit"), EVEN)
    return a_signal(
        MIDCO, strategy="momentum", edge=0.01, base_rate=0.4, has_vote=True, reasons=(calm,), **even
    )


def an_approval(of: Card | None = None, **changes: object) -> Approval:
    """A click on a card as it was shown."""
    card = of or a_card()
    fields = {
        "id": "ap1",
        "card_id": card.id,
        "card_version": card.version,
        "bound_hash": card.bound_hash,
        "nonce": "n1",
        "approver": "me",
        "clicked_at": T0,
        "clicked": 0.0,
    }
    return Approval(**(fields | changes))
