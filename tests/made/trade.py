"""What a click on the card leads to: plan, order, fill, protection, and the broker's side of it."""

from __future__ import annotations

from datetime import date

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
from core.domain.ports import BrokerOrder, GttOrder
from core.domain.protection import Owner, Protection, ProtectionStatus
from tests.made.card import BRACKET
from tests.made.market import MIDCO, T0, rs


def a_plan(id: str = "pl1", **changes: object) -> Plan:
    """100 MIDCO to buy, with two weeks to hold them."""
    fields = {
        "card_id": "cd1",
        "approval_id": "ap1",
        "account_id": "tactical",
        "login_id": "paper-1",
        "isin": MIDCO.isin,
        "symbol": MIDCO.symbol,
        "side": Side.BUY,
        "qty": 100,
        "product": Product.CNC,
        "bracket": BRACKET,
        "time_exit_on": date(2026, 12, 7),
        "status": PlanStatus.ENTERING,
        "opened_at": T0,
    }
    return Plan(id=id, **(fields | changes))


def an_order(id: str = "or1", **changes: object) -> Order:
    """A limit order for 100 MIDCO at ₹500, prepared; a sale is an exit."""
    side = changes.get("side", Side.BUY)
    fields = {
        "tag": tag_for(id, desk="AB"),
        "plan_id": "pl1",
        "approval_id": "ap1",
        "account_id": "tactical",
        "login_id": "paper-1",
        "isin": MIDCO.isin,
        "symbol": MIDCO.symbol,
        "purpose": Purpose.ENTRY if side is Side.BUY else Purpose.EXIT,
        "side": side,
        "qty": 100,
        "order_type": OrderType.LIMIT,
        "product": Product.CNC,
        "validity": Validity.DAY,
        "limit_price": rs("500"),
        "trigger_price": None,
        "status": OrderStatus.PREPARED,
        "prepared_at": T0,
    }
    return Order(id=id, **(fields | changes))


def a_fill(trade_id: str = "t1", **changes: object) -> Fill:
    """100 bought at ₹500."""
    fields = {
        "order_id": "or1",
        "exchange": "NSE",
        "account_id": "tactical",
        "isin": MIDCO.isin,
        "symbol": MIDCO.symbol,
        "qty": 100,
        "price": rs("500"),
        "product": Product.CNC,
        "traded_at": T0,
    }
    return Fill(trade_id=trade_id, **(fields | changes))


def a_protection(status: ProtectionStatus, **changes: object) -> Protection:
    """The desk's own stop and target of the plan."""
    fields = {
        "plan_id": "pl1",
        "account_id": "tactical",
        "isin": MIDCO.isin,
        "symbol": MIDCO.symbol,
        "owner": Owner.LOCAL,
        "qty": 100,
        "stop": BRACKET.stop,
        "target": BRACKET.target,
    }
    return Protection(status=status, **(fields | changes))


def a_gtt(gtt_id: str = "g1", **changes: object) -> GttOrder:
    """The plan's pair as it rests at the broker."""
    fields = {
        "symbol": MIDCO.symbol,
        "isin": MIDCO.isin,
        "side": Side.SELL,
        "qty": 100,
        "stop": BRACKET.stop,
        "target": BRACKET.target,
        "product": Product.CNC,
        "active": True,
        "fired_order_id": "",
    }
    return GttOrder(gtt_id=gtt_id, **(fields | changes))


def a_broker_order(broker_order_id: str = "b1", **changes: object) -> BrokerOrder:
    """An order in the broker's book that works and has no tag of ours."""
    status = changes.get("status", OrderStatus.OPEN)
    fields = {
        "tag": "",
        "symbol": MIDCO.symbol,
        "isin": MIDCO.isin,
        "side": Side.BUY,
        "qty": 100,
        "filled_qty": 0,
        "status": status,
        "broker_status": str(status),
        "reason": "",
    }
    return BrokerOrder(broker_order_id=broker_order_id, **(fields | changes))
