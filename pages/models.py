"""Model versions: what each measured out of sample, which is in use, and how far it drifted."""

from __future__ import annotations

import streamlit as st

from core.views.models import models_signature, models_view
from ui.frame import page
from ui.models import (
    VERSION,
    beside_panel,
    proposal_panel,
    rollback_button,
    train_panel,
    version_box,
)
from ui.models_card import draw_card
from ui.parts import Column, draw, key_values, note, panel, table

VERSIONS = (
    Column("Version", "version"), Column("", "stands"),
    Column("Trained, IST", "trained", wraps=True), Column("Vote", "vote"),
    Column("Skill", "skill", number=True), Column("95 %", "interval", number=True, spare=True),
    Column("Members", "members", optional=True, wraps=True),
    Column("", "refused", optional=True, wraps=True),
)  # fmt: skip
DRIFT = (
    Column("Feature", "name", wraps=True), Column("PSI", "psi", number=True),
    Column("Furthest before", "usual", number=True), Column("", "says", wraps=True),
)  # fmt: skip

desk = page("Models", redraw_on=models_signature)
view = models_view(desk, chosen=st.session_state.get(VERSION) or "")
with st.container(key="split-models"):
    left, right = st.columns([3, 1.3], gap="medium")
with left:
    if view.card is None:
        draw(panel("Model in use", note(view.empty)))
    else:
        if view.proposal:
            proposal_panel(desk, view)
        version_box(view)
        beside_panel(desk, view, version=view.card.version)
        draw_card(view.card)
        draw(panel("Versions", table(VERSIONS, view.rows, tall=True), note=str(len(view.rows))))
with right:
    if view.card is not None:
        draw(panel("About it", key_values(view.card.about), note(view.how)))
        rollback_button(desk, view)
        if not view.proposal:
            proposal_panel(desk, view)
    train_panel(desk, view)
    if view.card is not None:
        draw(panel("Drift since training", note(view.drift.empty), note(view.drift.said),
                   *([table(DRIFT, view.drift.rows)] if view.drift.rows else []),
                   note(view.drift.features), note=view.drift.note))  # fmt: skip
