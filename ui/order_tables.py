"""The order tabs: what works, what ended, what rests at the broker, and each approved trade."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.views.orders import orders_view
from ui.parts import Column, draw, table

OPEN = (
    Column("Time", "time"),
    Column("Account", "account", optional=True),
    Column("Side", "side"),
    Column("Instrument", "instrument"),
    Column("Why", "purpose", spare=True),
    Column("Product", "product", optional=True),
    Column("Filled / qty", "filled", number=True),
    Column("LTP", "ltp", number=True, spare=True),
    Column("Price", "price", number=True),
    Column("Status", "status", wraps=True),
    Column("Broker says", "broker", spare=True),
)
EXECUTED = tuple(column for column in OPEN if column.field != "ltp")
GTTS = (
    Column("Instrument", "instrument"),
    Column("Account", "account"),
    Column("GTT", "gtt", spare=True),
    Column("Qty", "qty", number=True),
    Column("Stop", "stop", number=True),
    Column("Target", "target", number=True),
    Column("Status", "status"),
    Column("Proof", "age"),
)
PLANS = (
    Column("Opened", "opened"),
    Column("Account", "account"),
    Column("Side", "side"),
    Column("Instrument", "instrument"),
    Column("Qty", "qty", number=True, spare=True),
    Column("SL", "stop", number=True),
    Column("TP", "target", number=True),
    Column("Time exit", "until", spare=True),
    Column("Status", "status", wraps=True),
)


@st.fragment(run_every="2s")
def order_tabs(desk: Desk) -> None:
    """Four tabs, each with its count; prices and proofs tick."""
    view = orders_view(desk)
    tabs = {
        f"Open {len(view.open)}": (OPEN, view.open, "No order is working."),
        f"Executed {len(view.executed)}": (EXECUTED, view.executed, "No order has ended yet."),
        f"GTT {len(view.gtts)}": (GTTS, view.gtts, "No stop rests at the broker."),
        f"Plans {len(view.plans)}": (PLANS, view.plans, "No card was approved yet."),
    }
    for tab, (columns, rows, empty) in zip(st.tabs(list(tabs)), tabs.values(), strict=True):
        with tab:
            draw(table(columns, rows, empty=empty))
