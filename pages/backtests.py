"""Past sessions played through the desk's own code, and what came of it."""

from __future__ import annotations

import streamlit as st

from core.desk.backtest import STRATEGIES
from core.views.backtests import ASSUMES, backtest_view, form_view, strategy_word
from core.views.job import job_signature
from ui.backtest_form import ask_trial
from ui.charts import line_chart
from ui.frame import page
from ui.job import job_panel
from ui.parts import Column, cells, draw, key_values, note, panel, rule, table

TRADES = (
    Column("Share", "symbol"), Column("Account", "account", optional=True),
    Column("Qty", "qty", number=True, spare=True), Column("Bought, IST", "entered", spare=True),
    Column("At ₹", "entry", number=True, spare=True), Column("Sold, IST", "left", wraps=True),
    Column("At ₹", "exit", number=True, spare=True),
    Column("Charges", "charges", number=True, optional=True),
    Column("P&L after charges", "pnl", number=True), Column("Sold by", "how"),
)  # fmt: skip

desk = page("Backtests", redraw_on=lambda on: job_signature(on, "backtest"))
form = form_view(desk)
view = backtest_view(desk)
with st.container(key="split-backtests"):
    left, right = st.columns([1, 3], gap="medium")
with left:
    draw(panel("Run a backtest", note(form.not_ready or form.note)))
    if not form.not_ready:
        with st.form("backtest", border=False):
            st.selectbox("Strategy", STRATEGIES, key="bt_strategy", format_func=strategy_word)
            for label, key, value in (("From", "bt_start", form.start), ("To", "bt_end", form.end)):
                st.date_input(f"{label}, day / month / year", value, form.first, form.last,
                              key=key, format="DD/MM/YYYY")  # fmt: skip
            st.text_area("Symbols, or none for all shares", key="bt_symbols",
                         placeholder="RELIANCE, TCS, INFY, SBIN, BEL", height=80)  # fmt: skip
            st.form_submit_button("Run backtest", type="primary", on_click=ask_trial, args=(desk,))
    job_panel(desk, "backtest", title="Progress", never="No backtest was asked for yet.")
    draw(panel("What the fills assume", *(note(line) for line in ASSUMES)))
with right:
    if view is None:
        draw(
            panel("Result"),
            note("No result yet. A run of 20 sessions shows equity, drawdown and trades here."),
        )
    else:
        draw(panel(view.title, *([rule(view.warning, tone="sim")] if view.warning else []),
                   cells(view.figures, compact=True), note=view.note))  # fmt: skip
        draw(panel("Growth since the start, %", note="after charges, session ends"))
        line_chart(view.equity, view.days, key="bt_equity", unit=" %")
        draw(panel("Drawdown, %", note="below the highest session end"))
        line_chart(view.drawdown, view.days, key="bt_drawdown", unit=" %", height=150, area=True)
        draw(panel("What was played", key_values(view.counts)),
             panel("Trades", table(TRADES, view.trades, tall=True,
                                   empty="No trade was made; the counts above say where cards "
                                   "were refused."), note=view.trades_note))  # fmt: skip
