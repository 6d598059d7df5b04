"""Small true values that the store's tests put and find again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.allocation import Allocation, Bracket, Clamp, Guardrail, Unit
from core.domain.card import Approval, Card, CardStatus, Leg
from core.domain.event import Event, EventType, Stance, TaggedEvent, event_id
from core.domain.instrument import CapClass, Instrument
from core.domain.mandate import Mandate, Objective
from core.domain.money import ZERO, Money
from core.domain.order import (
    Fill,
    Order,
    OrderStatus,
    OrderType,
    Product,
    Purpose,
    Side,
    Validity,
    tag_for,
)
from core.domain.plan import Plan, PlanStatus
from core.domain.signal import MetaLabel, Probability, Reason, Regime, Signal
from core.domain.verdict import Evidence, EvidenceKind, Opinion, Verdict

AT = datetime(2026, 11, 20, 4, 30, tzinfo=UTC)  # 10:00 IST
TCS = "INE467B01029"
LOGIN = BrokerLogin(id="paper-1", broker=Broker.PAPER, mode=LoginMode.PAPER, label="Paper")
ACCOUNT = Account(id="acc1", name="Event tactical", login_id="paper-1", opened_at=AT)


def later(seconds: float) -> datetime:
    """So many seconds after 10:00."""
    return AT + timedelta(seconds=seconds)


def instrument(isin: str = TCS, symbol: str = "TCS", name: str = "Tata Consultancy") -> Instrument:
    return Instrument(isin=isin, symbol=symbol, name=name, sector="IT", cap_class=CapClass.LARGE)


def event(headline: str, *, source: str = "wire", source_id: str = "1", **more: object) -> Event:
    value = Event(
        id=event_id(source, source_id, headline),
        source=source,
        source_id=source_id,
        headline=headline,
        event_at=AT,
        known_at=AT,
    )
    return replace(value, **more)  # type: ignore[arg-type]


def tag(of: Event, isin: str = TCS) -> TaggedEvent:
    return TaggedEvent(
        event_id=of.id,
        isin=isin,
        symbol="TCS",
        event_type=EventType.ORDER_WIN,
        stance=Stance.POSITIVE,
        impact=0.7,
        confidence=0.9,
        matched=("wins order", "₹500 crore"),
        known_at=of.known_at,
    )


BRACKET = Bracket(
    entry_low=Money.rupees(3000),
    entry_high=Money.rupees(3010),
    stop=Money.rupees(2950),
    target=Money.rupees(3120),
    trail=Money.rupees(60),
    trail_from=Money.rupees(3070),
)


def signal() -> Signal:
    chance = Probability(p=0.4, low=0.3, high=0.5, n=120)
    return Signal(
        isin=TCS,
        symbol="TCS",
        as_of=AT,
        strategy="event",
        direction=1,
        edge=float("nan"),
        horizon_sessions=10,
        target_first=chance,
        stop_first=chance,
        time_exit=chance,
        base_rate=0.33,
        has_vote=False,
        model_version="m1",
        reasons=(Reason(feature="rsi", value=float("nan"), contribution=0.1, words="calm"),),
    )


def allocation() -> Allocation:
    rail = Guardrail(
        name="cash", passed=True, value=0.2, limit=0.5, unit=Unit.FRACTION, sentence="fits"
    )
    return Allocation(
        account_id=ACCOUNT.id,
        isin=TCS,
        qty=10,
        bracket=BRACKET,
        at_risk=Money.rupees(600),
        notional=Money.rupees(30100),
        charges=Money.rupees("45.20"),
        weight_before=0.0,
        weight_after=0.03,
        sector_before=0.0,
        sector_after=0.03,
        gross_before=0.1,
        gross_after=0.13,
        clamps=(Clamp(name="cash", from_qty=12, to_qty=10, reason="cash floor"),),
        guardrails=(rail,),
    )


def card(id: str = "cd1", *, version: int = 1, status: CardStatus = CardStatus.OPEN) -> Card:
    chance = Probability(p=0.5, low=0.4, high=0.6, n=40)
    evidence = Evidence(
        id="ev1", kind=EvidenceKind.EVENT, fact="an order", source="wire", known_at=AT
    )
    return Card(
        id=id,
        version=version,
        market=Market.SIM,
        mode=LoginMode.PAPER,
        account_id=ACCOUNT.id,
        account_name=ACCOUNT.name,
        isin=TCS,
        symbol="TCS",
        sector="IT",
        legs=(Leg(side=Side.BUY, qty=10, product=Product.CNC),),
        bracket=BRACKET,
        mandate_version=1,
        horizon_sessions=10,
        written_at=AT,
        expires_at=later(900),
        status=status,
        trigger="ev1",
        playbook="order win",
        signal=signal(),
        meta_label=MetaLabel(
            right=chance,
            has_vote=True,
            regime=Regime.BULL,
            regime_score=0.5,
            liquidity_score=0.9,
            crowding_score=0.2,
            timing_score=0.8,
        ),
        allocation=allocation(),
        verdict=Verdict(
            opinion=Opinion.AGREES, thesis="It won.", risks=("thin",), evidence=(evidence,)
        ),
    )


def approval(card_id: str = "cd1", *, nonce: str = "n1", id: str = "ap1") -> Approval:
    return Approval(
        id=id,
        card_id=card_id,
        card_version=1,
        bound_hash=card(card_id).bound_hash,
        nonce=nonce,
        approver="me",
        clicked_at=AT,
        clicked=12.5,
    )


def plan(id: str = "pl1") -> Plan:
    return Plan(
        id=id,
        card_id="cd1",
        approval_id="ap1",
        account_id=ACCOUNT.id,
        login_id=LOGIN.id,
        isin=TCS,
        symbol="TCS",
        side=Side.BUY,
        qty=10,
        product=Product.CNC,
        bracket=BRACKET,
        time_exit_on=date(2026, 12, 4),
        status=PlanStatus.ENTERING,
        opened_at=AT,
    )


def order(id: str = "or1", **more: object) -> Order:
    value = Order(
        id=id,
        tag=tag_for(id, desk="AB"),
        plan_id="pl1",
        approval_id="ap1",
        account_id=ACCOUNT.id,
        login_id=LOGIN.id,
        isin=TCS,
        symbol="TCS",
        purpose=Purpose.ENTRY,
        side=Side.BUY,
        qty=10,
        order_type=OrderType.LIMIT,
        product=Product.CNC,
        validity=Validity.DAY,
        limit_price=Money.rupees(3010),
        trigger_price=None,
        status=OrderStatus.PREPARED,
        prepared_at=AT,
    )
    return replace(value, **more)  # type: ignore[arg-type]


def fill(trade_id: str = "t1", *, order_id: str = "or1", qty: int = 10) -> Fill:
    return Fill(
        order_id=order_id,
        trade_id=trade_id,
        exchange="NSE",
        account_id=ACCOUNT.id,
        isin=TCS,
        symbol="TCS",
        qty=qty,
        price=Money.rupees("3005.50"),
        product=Product.CNC,
        traded_at=later(5),
    )


def mandate(version: int = 1) -> Mandate:
    return Mandate(
        account_id=ACCOUNT.id,
        version=version,
        objective=Objective.BALANCED,
        horizon_months=24,
        positions_max=10,
        position_weight_max=0.1,
        sector_weight_max=0.25,
        gross_exposure_max=0.95,
        risk_per_trade_max=0.01,
        vol_target=0.18,
        daily_loss_max=0.02,
        drawdown_max=0.15,
        cash_floor=ZERO,
        ticket_min=Money.rupees(5000),
        turnover_min=Money.rupees(10_000_000),
        volume_share_max=0.02,
        stop_atr=2.0,
        target_atr=3.0,
        trail_atr=2.0,
        earnings_blackout_sessions=2,
        sectors_banned=frozenset({"Banks", "Pharma", "Metals"}),
        sectors_preferred=frozenset(),
        isins_banned=frozenset(),
        cap_classes=frozenset({CapClass.LARGE, CapClass.MID}),
        strategies=frozenset({"event", "scan"}),
        signed_at=AT,
    )
