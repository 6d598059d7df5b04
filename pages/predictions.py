"""Probabilities with how many cases stand behind them, the regime, and how signals did."""

from __future__ import annotations

import streamlit as st

from core.views.job import job_signature
from core.views.predictions import predictions_view
from core.views.predictions_share import absent_words, share_forecast
from ui.frame import page
from ui.job import ask_button, job_panel
from ui.parts import cells, draw, note, panel, rule
from ui.predictions import SHARE, regime_part, scores_part, share_part, table_part

PARTS = ("Shares", "Regime", "Scorecard")

desk = page("Predictions", redraw_on=lambda on: job_signature(on, "train", "scan"))
view = predictions_view(desk)
symbol = st.query_params.get(SHARE, "").upper()
part = st.segmented_control("Show", PARTS, default=PARTS[0], required=True, key="part",
                             bind="query-params", label_visibility="collapsed")  # fmt: skip
if part == "Regime":
    regime_part(desk)
elif part == "Scorecard":
    scores_part(desk)
elif symbol and (found := share_forecast(desk, view.isins.get(symbol, ""))) is not None:
    share_part(found)
else:
    with st.container(key="split-predictions"):
        left, right = st.columns([3.4, 1], gap="medium")
    with left:
        draw(panel("Target before stop, by share", note=view.note),
             rule(view.vote, tone=view.vote_tone),
             note(view.stale), note(view.left_out))  # fmt: skip
        if symbol:
            draw(rule(absent_words(desk, symbol), tone="warn"))
        if view.rows:
            table_part(view)
        else:
            draw(note(view.empty))
    with right:
        if view.figures:
            draw(panel("Model in use", cells(view.figures)))
            st.page_link("pages/models.py", label="Open its card in Models")
        with st.container(horizontal=True):
            ask_button(desk, "train", "Train again" if view.figures else "Train now", key="train")
            ask_button(desk, "scan", "Scan now", key="scan")
        job_panel(desk, "train", title="Training", never="No training was asked for yet.")
        job_panel(desk, "scan", title="Scan", never="No scan was asked for yet.")
