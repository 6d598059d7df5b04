"""Today: the first start, then what needs a decision and what is at risk."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.views.first_start import first_start
from core.views.today import today_signature, today_view
from ui.checklist import checklist
from ui.frame import page
from ui.parts import cells, draw, note, panel, rule, table
from ui.today_tables import CHANGES, MARKET, NEAREST, READY, WAITING


@st.fragment(run_every="1s")
def ticking_start(desk: Desk) -> None:
    """The checklist while the desk gets ready."""
    draw(checklist(first_start(desk)))


@st.fragment(run_every="2s")
def ticking_left(desk: Desk) -> None:
    """What changed since the close, and what is nearest to a line."""
    view = today_view(desk)
    changes = table(CHANGES, view.changes, empty="Nothing was filed or reported since the close.")
    nearest = table(NEAREST, view.nearest, empty="Nothing is held, so no line is near.")
    draw(panel("Changed since the close", changes, note=view.changes_note),
         panel("Nearest to a line", nearest, note=view.nearest_note))  # fmt: skip


@st.fragment(run_every="2s")
def ticking_right(desk: Desk) -> None:
    """Readiness with its fixes, and the market."""
    view = today_view(desk)
    ready = table(READY, view.ready, empty="No account is open yet.")
    market = table(MARKET, view.market.rows, empty=view.market.empty)
    fixes = [rule(sentence, lead="To fix:") for sentence in view.to_fix]
    draw(panel("Readiness", ready, *fixes, note=view.ready_note),
         panel("Market", market, note=view.market.note))  # fmt: skip


@st.fragment(run_every="1s")
def ticking_top(desk: Desk) -> None:
    """Five figures and the cards that wait."""
    view = today_view(desk)
    draw(cells(view.figures))
    waiting = table(WAITING, view.waiting, empty=view.empty)
    draw(panel("Waiting for your decision", waiting, note=view.waiting_note))


desk = page("Today", redraw_on=today_signature)
start, view = first_start(desk), today_view(desk)
if start.over:
    ticking_top(desk)
else:
    ticking_start(desk)
with st.container(key="open", horizontal=True, vertical_alignment="center"):
    label = "Open the first card"
    if st.button(label, key="first", type="primary", shortcut="Enter",
                 disabled=not view.first_card):  # fmt: skip
        st.switch_page("pages/cards.py", query_params={"card": view.first_card})
    if not start.over:
        draw(note("The button wakes when a card is ready; nothing is bought without your click."))
if start.over:
    with st.container(key="split-today"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        ticking_left(desk)
    with right:
        ticking_right(desk)
