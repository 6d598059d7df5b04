"""The Positions page's live table, its filters and its files."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.views.positions import PositionsView, positions_view
from core.views.trade_files import order_lines, position_lines, trade_lines
from ui.parts import Column, draw, figures, panel, rule, table
from ui.tables import csv_button

EVERY = "All"
COLUMNS = (
    Column("Account", "account"),
    Column("Login", "login", optional=True),
    Column("Product", "product", optional=True),
    Column("Instrument", "instrument"),
    Column("Qty", "qty", number=True),
    Column("Avg", "avg", number=True, spare=True),
    Column("LTP", "ltp", number=True),
    Column("P&L", "pnl", number=True),
    Column("Day %", "day", number=True, optional=True),
    Column("Protected", "protected", wraps=True),
    Column("SL", "stop", number=True, spare=True),
    Column("To SL", "to_stop", number=True, optional=True),
    Column("TP", "target", number=True, optional=True),
    Column("R", "r", number=True, spare=True),
)
EMPTY = "Nothing is held. A position appears when an approved card has filled."


def filters(view: PositionsView) -> tuple[str, str]:
    """The account's name and the login's label to show; empty for all."""
    with st.container(key="filters", horizontal=True):
        account = _one_of("account", view.accounts)
        login = _one_of("login", view.logins) if view.logins else ""
    return account, login


@st.fragment(run_every="1s")
def ticking(desk: Desk, account: str, login: str) -> None:
    """Figures, the live table and its alarms."""
    view = positions_view(desk, account=account, login=login)
    columns = [one for one in COLUMNS if one.field != "login" or view.logins]
    draw(figures(view.figures))
    draw(panel("Positions", table(columns, view.rows, empty=EMPTY), note=view.note),
         *(rule(alarm) for alarm in view.alarms))  # fmt: skip


def files(desk: Desk) -> None:
    """Downloads of what is held, of orders and of trades, every account's."""
    day = desk.clock.now().date().isoformat()
    with st.container(key="files", horizontal=True):
        csv_button("Positions CSV", position_lines(desk), file=f"positions-{day}.csv",
                   key="csv_positions")  # fmt: skip
        csv_button("Orders CSV", order_lines(desk), file=f"orders-{day}.csv", key="csv_orders")
        csv_button("Trades CSV", trade_lines(desk), file=f"trades-{day}.csv", key="csv_trades")


def _one_of(key: str, names: tuple[str, ...]) -> str:
    chosen = st.segmented_control(key.capitalize(), [EVERY, *names], default=EVERY, required=True,
                                  key=key, label_visibility="collapsed")  # fmt: skip
    return "" if chosen == EVERY else str(chosen)
