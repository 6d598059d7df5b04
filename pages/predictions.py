"""Probabilities with how many cases stand behind them, and what the model measured."""

from __future__ import annotations

import streamlit as st

from core.views.job import job_signature
from core.views.predictions import predictions_view
from ui.frame import page
from ui.grid import GridColumn, grid
from ui.job import ask_button, job_panel
from ui.parts import cells, draw, key_values, note, panel, rule
from ui.tables import as_frame, csv_button

COLUMNS = (
    GridColumn("symbol", "Symbol", width=128),
    GridColumn("says", "Says", width=160),
    GridColumn("p_target", "Target first", "percent", width=96),
    GridColumn("interval", "90 % interval", "right", width=104),
    GridColumn("n", "Cases n", "whole", width=84),
    GridColumn("p_stop", "Stop first", "percent", width=96, optional=True),
    GridColumn("edge", "Edge after costs", "change", width=124),
)

desk = page("Predictions", redraw_on=lambda on: job_signature(on, "train", "scan"))
view = predictions_view(desk)
with st.container(key="split-predictions"):
    left, right = st.columns([3, 1.1], gap="medium")
with left:
    draw(panel("Target before stop, by share", note=view.note),
         rule(view.vote, tone=view.vote_tone))  # fmt: skip
    if view.rows:
        chosen = grid(as_frame(view.rows, COLUMNS, "isin"), COLUMNS, key="predictions",
                      id_field="isin")  # fmt: skip
        row = next((row for row in view.rows if row.isin == chosen), None)
        if row is not None:
            draw(panel(f"{row.symbol}: {row.says}", note(row.reasons or "No reasons were kept."),
                       note=f"{row.sector} · leans {row.leans} · as of {row.as_of}"))  # fmt: skip
            st.page_link("pages/markets.py", label=f"Open {row.symbol} in Markets",
                         query_params={"symbol": row.symbol})  # fmt: skip
        csv_button("Export CSV", view.rows, file="predictions.csv", key="predictions_csv")
    else:
        draw(note(view.empty))
with right:
    if view.figures:
        draw(panel("Model in use", cells(view.figures)), key_values(view.about))
    with st.container(horizontal=True):
        ask_button(desk, "train", "Train again" if view.figures else "Train now", key="train")
        ask_button(desk, "scan", "Scan now", key="scan")
    job_panel(desk, "train", title="Training", never="No training was asked for yet.")
    job_panel(desk, "scan", title="Scan", never="No scan was asked for yet.")
    if view.versions:
        draw(panel("Earlier versions", key_values(view.versions), note=str(len(view.versions))))
