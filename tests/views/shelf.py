"""A desk over a temporary store, filled with one trading morning worked by hand.

10:42:07 IST on Fri 20 Nov 2026. Account "Event tactical" has ₹20,00,000, holds 320 BEL bought
at ₹401.88 under a broker stop at ₹396.50, and has two cards waiting: RELIANCE from an event,
TATAPOWER from a scan with a model that has no vote.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from core.config import Settings
from core.desk.desk import Desk, desk_over
from core.domain.account import Account, Broker, BrokerLogin, LoginMode, Market
from core.domain.allocation import Bracket, Guardrail, Unit
from core.domain.card import Card, CardStatus, Leg
from core.domain.clock import IST, SteppedClock
from core.domain.decision import Decision
from core.domain.event import Event, EventType
from core.domain.instrument import Instrument
from core.domain.job import Heartbeat, JobRun
from core.domain.ledger import Posting, Transaction, TransactionKind
from core.domain.mandate import Objective
from core.domain.money import Money
from core.domain.order import (
    OrderStatus,
    Product,
    Side,
)
from core.domain.plan import PlanStatus
from core.domain.protection import Owner, ProtectionStatus
from core.domain.quote import Quote
from core.domain.research import ModelVersion
from core.domain.risk import Breach, KillLevel, RiskSnapshot
from core.domain.signal import (
    FeatureRow,
    Playbook,
    Probability,
    Reason,
    Regime,
    Signal,
)
from core.domain.verdict import Evidence, EvidenceKind, Opinion, Verdict
from core.mandates.defaults import default_mandate
from core.store import (
    accounts,
    approvals,
    audit,
    cards,
    decisions,
    events,
    fills,
    heartbeat,
    instruments,
    jobs,
    ledger,
    mandates,
    models,
    orders,
    plans,
    protections,
    quality,
    quotes,
    risk,
)
from core.store.engine import open_store
from tests import made
from tests.made import (
    a_card,
    a_fill,
    a_meta_label,
    a_plan,
    a_protection,
    a_signal,
    a_tag,
    an_allocation,
    an_approval,
    an_order,
    rs,
)

NOW = datetime(2026, 11, 20, 10, 42, 7, tzinfo=IST).astimezone(UTC)
SECONDS = 1000.0
RELIANCE, BEL, TATAPOWER = "INE002A01018", "INE263A01024", "INE245A01021"
EVENT_CARD, SCAN_CARD, HELD_CARD = "cd7f3ac219e01b22", "cd11223344556677", "cdb20d77e1aa0011"
PLAN = "pl-bel"
HEADLINE = "Capacity addition at Jamnagar commissioned, 14 GW"


def ago(**past: float) -> datetime:
    return NOW - timedelta(**past)


def filled_desk(home: Path) -> Desk:
    """The morning described above; the worker beat 1 s ago."""
    desk = empty_desk(home)
    with desk.store.write() as tx:
        heartbeat.beat(tx, Heartbeat("worker", 3, NOW, SECONDS - 1, 1.0, ago(seconds=1)))
        instruments.put(tx, list(LISTED))
        quotes.put(tx, [quote(RELIANCE, "2845.30", "2813.80"), quote(BEL, "412.20", "408.32")])
        quotes.put(tx, [quote(TATAPOWER, "419.85", "410.35")])
        quality.put(tx, (), first=None, until=NOW.date())
        models.put(tx, MODEL)
        models.use(tx, MODEL.version, at=NOW, by="worker", how="first", back=0)
        events.put(tx, EVENT)
        events.put_tags(tx, [TAG])
        events.mark(tx, EVENT.id, "card")
        jobs.put_run(tx, JobRun("scan", ago(minutes=2), 1.4, True, "174 scanned, 1 card"))
        audit.append(tx, at=ago(hours=2), actor="worker", verb="start", subject="desk", body={})
        open_account(desk, tx)
        hold_bel(tx)
        for card in (event_card(), scan_card()):
            cards.put(tx, card)
            decisions.put(tx, decision(card))
        for scope in ("desk", "event"):
            risk.put(tx, snapshot(scope))
    return desk


def empty_desk(home: Path) -> Desk:
    """A stamped store with nothing in it, and a clock that stands still."""
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings(home=home, database_url=f"sqlite:///{home / 'munim.db'}")
    clock = SteppedClock(NOW, seconds=SECONDS)
    store = open_store(settings.database_url, Market.SIM, seed=42, scratch=True, clock=clock)
    return desk_over(settings, store, clock)


def open_account(desk: Desk, tx: object) -> None:
    accounts.put_login(tx, BrokerLogin("paper", Broker.PAPER, LoginMode.PAPER, "Paper broker"))
    accounts.put_account(tx, Account("event", "Event tactical", "paper", ago(days=30)))
    mandates.put(tx, default_mandate("event", Objective.BALANCED, signed_at=ago(days=30)))
    money = rs("2000000")
    ledger.post(
        tx,
        Transaction(
            "deposit:1", "event", TransactionKind.DEPOSIT, ago(days=30), "opening",
            (Posting("cash", money), Posting("funding", -money)),
        ),
    )  # fmt: skip


def hold_bel(tx: object) -> None:
    """320 BEL at ₹401.88: approved, sent, filled, protected, with its audit trail."""
    card = replace(
        event_card(), id=HELD_CARD, isin=BEL, symbol="BEL", status=CardStatus.OPEN,
        legs=(Leg(Side.BUY, 320, Product.CNC),), bracket=BEL_BRACKET, trigger=BEL_EVENT.id,
        written_at=ago(minutes=28), expires_at=ago(minutes=8), sector="Capital Goods",
    )  # fmt: skip
    events.put(tx, BEL_EVENT)
    bel_tag = replace(TAG, event_id=BEL_EVENT.id, isin=BEL, symbol="BEL")
    events.put_tags(tx, [bel_tag])
    cards.put(tx, card)
    decisions.put(tx, replace(decision(card), event=BEL_EVENT, tag=bel_tag))
    approval = an_approval(
        card, id="ap-bel", nonce="n0", approver="person at the desk",
        clicked_at=ago(minutes=20, seconds=27), clicked=SECONDS - 1227,
    )  # fmt: skip
    approvals.put(tx, approval)
    plans.put(tx, BEL_PLAN)
    orders.put(tx, BEL_ORDER)
    for status in (CardStatus.APPROVED, CardStatus.ORDERED):
        cards.save(tx, replace(card, status=status))
    fill = a_fill(
        order_id=BEL_ORDER.id, account_id="event", isin=BEL, symbol="BEL", qty=320,
        price=rs("401.88"), traded_at=ago(minutes=20, seconds=21),
    )  # fmt: skip
    fills.put(tx, fill)
    cost = fill.notional
    ledger.post(
        tx,
        Transaction(
            "trade:t1", "event", TransactionKind.TRADE, fill.traded_at, BEL_ORDER.id,
            (Posting("cash", -cost), Posting(f"position:{BEL}", cost, 320)),
        ),
    )  # fmt: skip
    protections.put(tx, SHIELD)
    for verb, subject, actor, body in (
        ("approve", card.id, "person at the desk", {"approval": "ap-bel", "plan": PLAN}),
        ("send", BEL_ORDER.id, "worker", {"qty": 320}),
        ("fill", BEL_ORDER.id, "broker", {"qty": 320, "price_paise": 40188}),
        ("protect", PLAN, "worker", {"gtt": "4417"}),
    ):
        audit.append(tx, at=ago(minutes=20), actor=actor, verb=verb, subject=subject, body=body)


def quote(isin: str, ltp: str, close: str) -> Quote:
    last, before = rs(ltp), rs(close)
    return Quote(
        isin, last, last, last + Money(5), 400, 300, before, last, before, before, 68_41_207,
        ago(seconds=1), ago(seconds=1), "SIM",
    )  # fmt: skip


def share(isin: str, symbol: str, name: str, sector: str) -> Instrument:
    return replace(made.RELIANCE, isin=isin, symbol=symbol, name=name, sector=sector)


def probability(p: float, low: float, high: float, n: int = 142) -> Probability:
    return Probability(p, low, high, n)


def signal(isin: str, symbol: str, *, has_vote: bool = True, n: int = 142) -> Signal:
    return a_signal(
        isin=isin, symbol=symbol, as_of=ago(minutes=6), edge=0.012,
        target_first=probability(0.58, 0.51, 0.65, n), stop_first=probability(0.29, 0.23, 0.36, n),
        time_exit=probability(0.13, 0.09, 0.19, n), base_rate=0.41, has_vote=has_vote,
        model_version=MODEL.version,
        reasons=(Reason("volume_ratio_20", 2.3, 0.38, "volume 2.3 times normal"),),
    )  # fmt: skip


def rail(name: str, value: float, limit: float, unit: Unit = Unit.FRACTION) -> Guardrail:
    return Guardrail(name, True, value, limit, unit, f"{name} holds.")


RAILS = (
    rail("Risk per trade", 0.0022, 0.0075),
    rail("Weight in this account", 0.0801, 0.10),
    rail("Sector, Energy", 0.214, 0.25),
    rail("Gross exposure", 0.742, 0.95),
    rail("Day's loss so far", 0.0008, 0.015),
    replace(rail("Cash after", 70539, 50000, Unit.RUPEES), limit_is_floor=True),
    rail("Share of day's volume", 0.00003, 0.01),
    rail("Spread", 0.0002, 0.0015),
    replace(rail("Upper circuit, away", 0.089, 0.02), limit_is_floor=True),
    rail("Feed age", 1, 5, Unit.SECONDS),
    rail("Correlation with book", 0.41, 0.80, Unit.SCORE),
    rail("Price band", 0, 0, Unit.TEXT),
    rail("Banned sector", 0, 0, Unit.TEXT),
    rail("Kill level", 0, 0, Unit.TEXT),
)
BRACKET = Bracket(
    rs("2836"), rs("2852"), rs("2768"), rs("2985"), trail=rs("73"), trail_from=rs("2925")
)
BEL_BRACKET = Bracket(
    rs("400"), rs("403"), rs("396.50"), rs("438"), trail=rs("9"), trail_from=rs("415")
)
VERDICT = Verdict(
    Opinion.AGREES,
    "New energy capacity of 14 GW is commissioned. In 142 past cases the price reached its target "
    "first 58 % of the time. Volume is 2.3 times normal. Margins could rise 400 bps.",
    ("Results on 22 Jan fall inside the horizon.", "Energy is the largest sector afterwards."),
    (
        Evidence("ev1", EvidenceKind.EVENT, "14 GW commissioned", "NSE filing", ago(minutes=6)),
        Evidence("f1", EvidenceKind.FEATURE, "Volume 2.3 × median", "bars", ago(minutes=6)),
        Evidence(
            "m1", EvidenceKind.MODEL, "Target first 58 % in 142 cases", "model m-31", ago(days=1)
        ),
    ),
)


def event_card() -> Card:
    allocation = an_allocation(
        account_id="event", isin=RELIANCE, qty=120, bracket=BRACKET, at_risk=rs("10080"),
        notional=rs("342240"), charges=rs("405.03"), weight_after=0.0801, sector_before=0.134,
        sector_after=0.214, gross_before=0.662, gross_after=0.742, clamps=(), guardrails=RAILS,
    )  # fmt: skip
    return a_card(
        EVENT_CARD, account_id="event", isin=RELIANCE, symbol="RELIANCE", sector="Energy",
        legs=(Leg(Side.BUY, 120, Product.CNC),), bracket=BRACKET, written_at=ago(minutes=6),
        expires_at=NOW + timedelta(seconds=372), trigger=EVENT.id,
        playbook="capacity in a bull market", signal=signal(RELIANCE, "RELIANCE"),
        meta_label=a_meta_label(
            right=probability(0.61, 0.54, 0.68), has_vote=True, crowding_score=0.4,
            timing_score=0.8,
        ),
        allocation=allocation, verdict=VERDICT,
    )  # fmt: skip


def scan_card() -> Card:
    card = event_card()
    return replace(
        card, id=SCAN_CARD, isin=TATAPOWER, symbol="TATAPOWER", sector="Power", trigger="scan",
        signal=signal(TATAPOWER, "TATAPOWER", has_vote=False, n=18),
        legs=(Leg(Side.BUY, 610, Product.CNC),), expires_at=NOW + timedelta(hours=1, minutes=52),
        bracket=replace(
            BRACKET, entry_low=rs("418.20"), entry_high=rs("421.50"), stop=rs("409"),
            target=rs("440"), trail_from=rs("431"),
        ),
    )  # fmt: skip


def decision(card: Card) -> Decision:
    features = FeatureRow(card.isin, ago(minutes=6), ("volume_ratio_20",), (2.3,), "f1", "51e09a77")
    from_event = card.trigger != "scan"
    return Decision(
        id=f"dc{card.id[2:]}", as_of=card.written_at, isin=card.isin, symbol=card.symbol,
        account_id=card.account_id, event=EVENT if from_event else None,
        tag=TAG if from_event else None, features=features, signal=card.signal,
        meta_label=card.meta_label, playbook=PLAYBOOK, allocation=card.allocation,
        verdict=card.verdict, card=card, refused_by="", reason="",
    )  # fmt: skip


def snapshot(scope: str) -> RiskSnapshot:
    near = Breach(
        "drawdown", -0.0832, -0.10, KillLevel.REDUCE, "Drawdown 8.32 % of a limit of 10 %"
    )
    return RiskSnapshot(
        scope=scope, at=ago(seconds=1), equity=rs("2003302.40"), cash=rs("1871398.40"),
        invested=rs("131904"), at_risk=rs("5024"), day_pnl=rs("3302.40"), total_pnl=rs("3302.40"),
        day_return=0.00165, drawdown=-0.031, gross_exposure=0.0658, vol=0.142,
        sectors=(("Capital Goods", 0.0658),), unprotected=0, level=KillLevel.NORMAL,
        breaches=(near,) if scope == "event" else (),
    )  # fmt: skip


LISTED = (
    share(RELIANCE, "RELIANCE", "Reliance Industries Ltd.", "Energy"),
    share(BEL, "BEL", "Bharat Electronics Ltd.", "Capital Goods"),
    share(TATAPOWER, "TATAPOWER", "Tata Power Company Ltd.", "Power"),
)
MODEL = ModelVersion(
    version="m-31", kind="lightgbm", market=Market.SIM, trained_at=ago(days=1), rows=152_000,
    features=("volume_ratio_20",), barriers=(2.0, 3.0, 10), folds=5, n_out_of_sample=96_000,
    base_rate=0.41, brier=0.221, brier_base=0.249, skill=0.112, skill_low=0.08, skill_high=0.14,
    seconds=31.0, has_vote=True, sha256="ab" * 32, path="models/m-31",
)  # fmt: skip
EVENT = Event(
    "ev-rel", "SIM newswire", "118300", HEADLINE, ago(minutes=6, seconds=2),
    ago(minutes=5, seconds=55), body="The company has commissioned 14 GW of capacity.",
    simulated=True,
)  # fmt: skip
BEL_EVENT = Event(
    "ev-bel", "SIM newswire", "118204", "Order worth ₹1,640 Cr from the Ministry of Defence",
    ago(minutes=29), ago(minutes=28, seconds=5), simulated=True,
)  # fmt: skip
TAG = a_tag(
    EVENT, isin=RELIANCE, symbol="RELIANCE", event_type=EventType.EXPANSION, impact=0.7,
    confidence=0.92, matched=("capacity addition",),
)  # fmt: skip
PLAYBOOK = Playbook(
    "capacity in a bull market", frozenset({EventType.EXPANSION}), frozenset({Regime.BULL}),
    2.0, 3.0, 10, 1.0, 60, 15, "Capacity news drifts while the market rises.",
)  # fmt: skip
BEL_PLAN = a_plan(
    PLAN, card_id=HELD_CARD, approval_id="ap-bel", account_id="event", login_id="paper", isin=BEL,
    symbol="BEL", qty=320, bracket=BEL_BRACKET, time_exit_on=date(2026, 12, 4),
    status=PlanStatus.HOLDING, opened_at=ago(minutes=20, seconds=27),
)  # fmt: skip
BEL_ORDER = an_order(
    "or-bel", tag="MNABCDEFGHIJKLMNOP", plan_id=PLAN, approval_id="ap-bel", account_id="event",
    login_id="paper", isin=BEL, symbol="BEL", qty=320, limit_price=rs("403"),
    status=OrderStatus.FILLED, prepared_at=ago(minutes=20, seconds=27),
    sent_at=ago(minutes=20, seconds=26), broker_order_id="2611200004417",
    broker_status="COMPLETE",
)  # fmt: skip
SHIELD = a_protection(
    ProtectionStatus.VERIFIED, plan_id=PLAN, account_id="event", isin=BEL, symbol="BEL",
    owner=Owner.BROKER_GTT, qty=320, stop=rs("396.50"), target=rs("438"), gtt_id="4417",
    armed_at=ago(minutes=20), verified_at=ago(seconds=2),
)  # fmt: skip
