"""How much is at risk, what stops by itself, and the buttons that stop it now."""

from __future__ import annotations

from collections.abc import Hashable

import streamlit as st

from core.desk.desk import Desk
from core.views.levels import levels_view
from core.views.risk import RiskView, risk_view
from ui.frame import page
from ui.levels import level_boxes
from ui.parts import Column, draw, note, panel, table

LIMITS = (
    Column("Limit", "name", wraps=True),
    Column("Value", "value", number=True),
    Column("Limit", "limit", number=True),
    Column("Used", "used", width="22%"),
    Column("", "share", number=True),
    Column("If crossed", "crossed"),
)
BREACHES = (
    Column("When", "when"),
    Column("What", "what", wraps=True),
    Column("Who", "who"),
)
SECTORS = (
    Column("", "name", wraps=True),
    Column("", "used", width="50%"),
    Column("", "weight", number=True),
)
SCENARIOS = (
    Column("Scenario", "name", wraps=True),
    Column("Desk", "pnl", number=True),
    Column("Of value", "of_value", number=True),
    Column("Stops hit", "stops", number=True),
)
NO_BREACH = "Nothing was crossed and no level was set."


def levels_now(desk: Desk) -> Hashable:
    """The boxes depend on the level, who set it and which accounts stand stricter."""
    view = levels_view(desk)
    return (tuple((box.level, box.now is not None) for box in view.boxes), view.accounts)


@st.fragment(run_every="1s")
def ticking_limits(desk: Desk) -> None:
    """Limits used, and what was crossed."""
    view = risk_view(desk)
    limits = table(LIMITS, view.limits, empty=view.empty)
    breaches = table(BREACHES, view.breaches, empty=NO_BREACH)
    draw(panel("Limits", limits, note=view.limits_note),
         panel("Breaches, levels and alarms", breaches, note="newest first"))  # fmt: skip


@st.fragment(run_every="2s")
def ticking_book(desk: Desk) -> None:
    """Sectors and scenarios of the book as it stands."""
    view: RiskView = risk_view(desk)
    sectors = table(SECTORS, view.sectors, empty="Nothing is held, so no sector is exposed.")
    falls = table(SCENARIOS, view.scenarios, empty="Nothing is held, so nothing can fall.")
    draw(panel("Exposure by sector", sectors, note=view.sectors_note),
         panel("If it happens", falls, note="today's book, stops fill at the gap"))  # fmt: skip


desk = page("Risk", redraw_on=levels_now)
level_boxes(desk, levels_view(desk))
with st.container(key="split-risk"):
    left, right = st.columns([3, 2], gap="medium")
with left:
    ticking_limits(desk)
with right:
    ticking_book(desk)
    draw(note("Values are of account equity. Levels persist and never lift themselves."))
