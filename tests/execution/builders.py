"""A card, its approval, a plan and what a broker shows of them, with numbers easy to check."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from core.domain.account import LoginMode, Market
from core.domain.allocation import Allocation, Bracket
from core.domain.card import Approval, Card, CardStatus, Leg
from core.domain.money import Money
from core.domain.order import OrderStatus, Product, Side
from core.domain.plan import Plan
from core.domain.ports import BrokerOrder, GttOrder
from core.domain.signal import MetaLabel, Probability, Regime, Signal
from core.domain.verdict import Opinion, Verdict
from core.execution.plan import plan_for
from tests.exchange.market import MIDCO, T0, rs

EVEN = Probability(p=0.5, low=0.4, high=0.6, n=100)
# buy 495 to 505, risk to 480, target 540, trail 15 behind once 520 was seen
BRACKET = Bracket(
    entry_low=rs("495"),
    entry_high=rs("505"),
    stop=rs("480"),
    target=rs("540"),
    trail=rs("15"),
    trail_from=rs("520"),
)


ONE_LEG = (Leg(Side.BUY, 100, Product.CNC),)


def card(*, legs: tuple[Leg, ...] = ONE_LEG, bracket: Bracket = BRACKET) -> Card:
    return Card(
        id="cd1",
        version=1,
        market=Market.SIM,
        mode=LoginMode.PAPER,
        account_id="ac1",
        account_name="Event tactical",
        isin=MIDCO.isin,
        symbol=MIDCO.symbol,
        sector=MIDCO.sector,
        legs=legs,
        bracket=bracket,
        mandate_version=1,
        horizon_sessions=10,
        written_at=T0,
        expires_at=T0 + timedelta(hours=1),
        status=CardStatus.OPEN,
        trigger="scan",
        playbook="plain",
        signal=Signal(
            isin=MIDCO.isin,
            symbol=MIDCO.symbol,
            as_of=T0,
            strategy="momentum",
            direction=1,
            edge=0.01,
            horizon_sessions=10,
            target_first=EVEN,
            stop_first=EVEN,
            time_exit=EVEN,
            base_rate=0.4,
            has_vote=True,
            model_version="m1",
            reasons=(),
        ),
        meta_label=MetaLabel(
            right=EVEN,
            has_vote=True,
            regime=Regime.BULL,
            regime_score=0.5,
            liquidity_score=0.5,
            crowding_score=0.5,
            timing_score=0.5,
        ),
        allocation=Allocation(
            account_id="ac1",
            isin=MIDCO.isin,
            qty=100,
            bracket=bracket,
            at_risk=rs("2500"),
            notional=rs("50500"),
            charges=rs("120"),
            weight_before=0.0,
            weight_after=0.05,
            sector_before=0.0,
            sector_after=0.05,
            gross_before=0.0,
            gross_after=0.05,
            clamps=(),
            guardrails=(),
        ),
        verdict=Verdict(opinion=Opinion.AGREES, thesis="up", risks=(), evidence=()),
    )


def approval(of: Card) -> Approval:
    return Approval(
        id="ap1",
        card_id=of.id,
        card_version=of.version,
        bound_hash=of.bound_hash,
        nonce="n1",
        approver="me",
        clicked_at=T0,
        clicked=0.0,
    )


def plan(*, side: Side = Side.BUY, bracket: Bracket = BRACKET) -> Plan:
    written = card(legs=(Leg(side, 100, Product.CNC),), bracket=bracket)
    return plan_for(
        written,
        approval(written),
        login_id="paper-1",
        opened_at=T0,
        time_exit_on=date(2026, 12, 7),
    )


def gtt(
    gtt_id: str = "g1",
    *,
    qty: int = 100,
    stop: str = "480",
    target: str = "540",
    active: bool = True,
    fired: str = "",
    side: Side = Side.SELL,
) -> GttOrder:
    return GttOrder(
        gtt_id=gtt_id,
        symbol=MIDCO.symbol,
        isin=MIDCO.isin,
        side=side,
        qty=qty,
        stop=rs(stop),
        target=rs(target),
        product=Product.CNC,
        active=active,
        fired_order_id=fired,
    )


def broker_order(
    broker_order_id: str = "b1",
    *,
    tag: str = "",
    status: OrderStatus = OrderStatus.OPEN,
    qty: int = 100,
    side: Side = Side.BUY,
    reason: str = "",
) -> BrokerOrder:
    return BrokerOrder(
        broker_order_id=broker_order_id,
        tag=tag,
        symbol=MIDCO.symbol,
        isin=MIDCO.isin,
        side=side,
        qty=qty,
        filled_qty=0,
        status=status,
        broker_status=status.value,
        reason=reason,
    )


SHORT = replace(
    BRACKET,
    stop=rs("520"),
    target=rs("460"),
    trail_from=rs("480"),
    trail=Money.rupees(15),
)
