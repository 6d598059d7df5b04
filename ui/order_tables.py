"""The order tabs: what works, what ended, which stops rest outside, and each approved trade."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.views.orders import orders_view
from ui.parts import Column, draw, note, table

OPEN = (
    Column("Time", "time"),
    Column("Account", "account", optional=True),
    Column("Login", "login"),
    Column("Side", "side"),
    Column("Instrument", "instrument"),
    Column("Why", "purpose", spare=True),
    Column("Product", "product", optional=True),
    Column("Filled / qty", "filled", number=True),
    Column("LTP", "ltp", number=True, spare=True),
    Column("Price", "price", number=True),
    Column("Status", "status", wraps=True),
    Column("Broker says", "broker", spare=True, wraps=True),
)
EXECUTED = tuple(
    Column("Avg", "average", number=True, spare=True) if column.field == "ltp" else column
    for column in OPEN
)
GTTS = (
    Column("Instrument", "instrument"),
    Column("Account", "account", optional=True),
    Column("Login", "login", spare=True),
    Column("GTT", "gtt", spare=True, wraps=True),
    Column("Qty", "qty", number=True),
    Column("LTP", "ltp", number=True, optional=True),
    Column("SL trigger", "stop", number=True),
    Column("SL limit", "limit", number=True, optional=True),
    Column("To SL", "to_stop", number=True),
    Column("TP trigger", "target", number=True),
    Column("To TP", "to_target", number=True, spare=True),
    Column("Status", "status"),
    Column("Stands since", "since"),
)
PLANS = (
    Column("Opened", "opened"),
    Column("Account", "account", optional=True),
    Column("Login", "login", spare=True),
    Column("Side", "side"),
    Column("Instrument", "instrument"),
    Column("Held / qty", "qty", number=True, spare=True),
    Column("Entry band", "band", number=True, optional=True),
    Column("LTP", "ltp", number=True, optional=True),
    Column("SL", "stop", number=True),
    Column("To SL", "to_stop", number=True),
    Column("TP", "target", number=True),
    Column("Trail", "trail", number=True, optional=True),
    Column("Time exit", "until", spare=True),
    Column("Status", "status", wraps=True),
)
LIMIT = (
    "SL limit: what a fired stop asks by the desk's rule, well through its trigger and inside "
    "the day's band. A target marked desk waits with the desk, not at the broker."
)


@st.fragment(run_every="2s")
def order_tabs(desk: Desk, account: str = "", login: str = "") -> None:
    """Four tabs, each with its count; prices and proofs tick."""
    view = orders_view(desk, account=account, login=login)
    tabs = {
        f"Open {len(view.open)}": (OPEN, view.open, "No order is working."),
        f"Executed {len(view.executed)}": (EXECUTED, view.executed, "No order has ended yet."),
        f"GTT {len(view.gtts)}": (GTTS, view.gtts, "No stop rests at the broker."),
        f"Plans {len(view.plans)}": (PLANS, view.plans, "No card was approved yet."),
    }
    for tab, (columns, rows, empty) in zip(st.tabs(list(tabs)), tabs.values(), strict=True):
        with tab:
            more = note(LIMIT) if columns is GTTS and rows else note("")
            draw(table(columns, rows, empty=empty), more)
