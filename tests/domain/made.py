"""A card, an order, a plan and a protection that are in order; tests change one thing at a time."""

from datetime import UTC, date, datetime

from core.domain.account import LoginMode, Market
from core.domain.allocation import Allocation, Bracket
from core.domain.card import Card, CardStatus, Leg
from core.domain.instrument import CapClass
from core.domain.mandate import Mandate, Objective
from core.domain.money import Money
from core.domain.order import (
    Order,
    OrderStatus,
    OrderType,
    Product,
    Purpose,
    Side,
    Validity,
)
from core.domain.plan import Plan, PlanStatus
from core.domain.protection import Owner, Protection, ProtectionStatus
from core.domain.signal import MetaLabel, Probability, Regime, Signal
from core.domain.verdict import Evidence, EvidenceKind, Opinion, Verdict

AT = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
ISIN = "INE062A01020"


def rs(amount: str | int) -> Money:
    return Money.rupees(amount)


BRACKET = Bracket(
    entry_low=rs(495),
    entry_high=rs(505),
    stop=rs(485),
    target=rs(535),
    trail=rs(10),
    trail_from=rs(515),
)
EVEN = Probability(p=0.5, low=0.4, high=0.6, n=100)
EVIDENCE = Evidence(
    id="ev1", kind=EvidenceKind.EVENT, fact="an order won", source="NSE", known_at=AT
)


def a_card() -> Card:
    return Card(
        id="cd1",
        version=1,
        market=Market.SIM,
        mode=LoginMode.PAPER,
        account_id="tactical",
        account_name="Event tactical",
        isin=ISIN,
        symbol="SBIN",
        sector="Financial Services",
        legs=(Leg(side=Side.BUY, qty=10, product=Product.CNC),),
        bracket=BRACKET,
        mandate_version=1,
        horizon_sessions=10,
        written_at=AT,
        expires_at=datetime(2026, 11, 20, 5, 30, tzinfo=UTC),
        status=CardStatus.OPEN,
        trigger="ev1",
        playbook="Order win",
        signal=Signal(
            isin=ISIN,
            symbol="SBIN",
            as_of=AT,
            strategy="event drift",
            direction=1,
            edge=0.0,
            horizon_sessions=10,
            target_first=EVEN,
            stop_first=EVEN,
            time_exit=EVEN,
            base_rate=0.36,
            has_vote=False,
            model_version="m1",
            reasons=(),
        ),
        meta_label=MetaLabel(
            right=EVEN,
            has_vote=False,
            regime=Regime.BULL,
            regime_score=0.7,
            liquidity_score=0.9,
            crowding_score=0.3,
            timing_score=0.5,
        ),
        allocation=Allocation(
            account_id="tactical",
            isin=ISIN,
            qty=10,
            bracket=BRACKET,
            at_risk=rs(200),
            notional=rs(5050),
            charges=rs(6),
            weight_before=0.0,
            weight_after=0.05,
            sector_before=0.0,
            sector_after=0.05,
            gross_before=0.0,
            gross_after=0.05,
            clamps=(),
            guardrails=(),
        ),
        verdict=Verdict(
            opinion=Opinion.AGREES, thesis="An order was won.", risks=(), evidence=(EVIDENCE,)
        ),
    )


def an_order(**changes: object) -> Order:
    fields = {
        "id": "o1",
        "tag": "AA0123456789ABCDEF",
        "plan_id": "pl1",
        "approval_id": "ap1",
        "account_id": "tactical",
        "login_id": "paper",
        "isin": ISIN,
        "symbol": "SBIN",
        "purpose": Purpose.ENTRY,
        "side": Side.BUY,
        "qty": 10,
        "order_type": OrderType.LIMIT,
        "product": Product.CNC,
        "validity": Validity.DAY,
        "limit_price": rs(500),
        "trigger_price": None,
        "status": OrderStatus.PREPARED,
        "prepared_at": AT,
    }
    return Order(**(fields | changes))


def a_plan(status: PlanStatus) -> Plan:
    return Plan(
        id="pl1",
        card_id="cd1",
        approval_id="ap1",
        account_id="tactical",
        login_id="paper",
        isin=ISIN,
        symbol="SBIN",
        side=Side.BUY,
        qty=10,
        product=Product.CNC,
        bracket=BRACKET,
        time_exit_on=date(2026, 12, 4),
        status=status,
        opened_at=AT,
    )


def a_protection(status: ProtectionStatus, qty: int = 10) -> Protection:
    return Protection(
        plan_id="pl1",
        account_id="tactical",
        isin=ISIN,
        symbol="SBIN",
        status=status,
        owner=Owner.LOCAL,
        qty=qty,
        stop=rs(485),
        target=rs(535),
    )


def a_mandate(**changes: object) -> Mandate:
    fields = {
        "account_id": "tactical",
        "version": 1,
        "objective": Objective.BALANCED,
        "horizon_months": 12,
        "positions_max": 10,
        "position_weight_max": 0.10,
        "sector_weight_max": 0.25,
        "gross_exposure_max": 0.90,
        "risk_per_trade_max": 0.0075,
        "vol_target": 0.15,
        "daily_loss_max": 0.02,
        "drawdown_max": 0.12,
        "cash_floor": rs(50_000),
        "ticket_min": rs(5_000),
        "turnover_min": rs(10_000_000),
        "volume_share_max": 0.02,
        "stop_atr": 2.0,
        "target_atr": 3.0,
        "trail_atr": 2.0,
        "earnings_blackout_sessions": 2,
        "sectors_banned": frozenset(),
        "sectors_preferred": frozenset(),
        "isins_banned": frozenset(),
        "cap_classes": frozenset(CapClass),
        "strategies": frozenset({"event drift"}),
        "signed_at": AT,
    }
    return Mandate(**(fields | changes))
