"""Model versions: what each measured, which is in use and by whose word, and how far it drifted."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.desk.models_compare import WHOLE
from core.views.models import models_signature, models_view
from ui.frame import page
from ui.models import (
    RECORD,
    VERSION,
    beside_panel,
    drift_panel,
    files_of,
    proposal_panel,
    record_box,
    rollback_panel,
    train_panel,
    version_box,
)
from ui.models_card import draw_card
from ui.models_leaks import leaks_panel
from ui.parts import Column, draw, key_values, note, panel, table

VERSIONS = (
    Column("Version", "version"), Column("", "stands"),
    Column("Trained, IST", "trained", wraps=True), Column("Vote", "vote"),
    Column("Skill", "skill", number=True),
    Column("Interval", "interval", number=True, spare=True),
    Column("n", "n", number=True, spare=True),
    Column("Members", "members", optional=True, wraps=True),
    Column("", "refused", optional=True, wraps=True),
)  # fmt: skip
HISTORY = (
    Column("Since, IST", "since", wraps=True), Column("Version", "version"),
    Column("How", "how", wraps=True), Column("Why", "why", wraps=True, spare=True),
)  # fmt: skip

desk = page("Models", redraw_on=models_signature)
asked = st.session_state
view = models_view(desk, chosen=asked.get(VERSION) or "", record=asked.get(RECORD) or WHOLE)
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
        draw_card(view.card, partial(record_box, view))
        draw(
            panel("Versions", table(VERSIONS, view.rows, tall=True), note=str(len(view.rows))),
            panel("History of use", table(HISTORY, view.history), note="newest first"),
        )
with right:
    if view.card is not None:
        draw(panel("About it", key_values(view.card.about), note(view.how)))
        files_of(view.card, view.manifest)
        rollback_panel(desk, view)
        if not view.proposal:
            proposal_panel(desk, view)
    train_panel(desk, view)
    if view.card is not None:
        drift_panel(view.drift)
    leaks_panel(desk)
