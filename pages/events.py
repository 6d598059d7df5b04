"""The tape: what became known, how it was read, and what it led to."""

from __future__ import annotations

import streamlit as st

from core.errors import MunimError
from core.views.decided import decisions_of
from core.views.events import LED, opened_event, tape, tape_signature
from ui.event import decided_panel, event_panel
from ui.frame import page
from ui.grid import GridColumn, grid
from ui.parts import draw, note, panel, rule
from ui.tables import as_frame, csv_button

COLUMNS = (
    GridColumn("known_at", "Known at, IST", width=150, pinned=True),
    GridColumn("symbol", "Share", width=108),
    GridColumn("headline", "Headline", width=200, grow=3),
    GridColumn("tag", "Tag", width=126, optional=True),
    GridColumn("tilt", "Tilt", width=84),
    GridColumn("impact", "Impact of 1", "number", width=84, optional=True),
    GridColumn("led_to", "Led to", width=190, grow=1),
    GridColumn("source", "Source", width=104, optional=True),
)

desk = page("Events", redraw_on=tape_signature)
before = tape(desk)
with st.container(key="filters", horizontal=True, vertical_alignment="bottom"):
    text = st.text_input("Headline or symbol", key="event_text", placeholder="order win, BEL")
    source = st.selectbox("Source", before.sources, key="event_source")
    tag = st.selectbox("Tag", before.tags, key="event_tag")
    led = st.selectbox("Led to", LED, key="event_led")
view = tape(desk, text=text, source=source, tag=tag, led=led)
draw(panel("Tape", note=view.note))
chosen = st.query_params.get("event", "")
if view.rows:
    rows_max = 7 if chosen else 16
    clicked = grid(as_frame(view.rows, COLUMNS, "id"), COLUMNS, key="tape", id_field="id",
                   rows_max=rows_max)  # fmt: skip
    chosen = clicked or chosen
    csv_button("Export CSV", view.rows, file="events.csv", key="events_csv")
else:
    draw(note(view.empty))
if chosen:
    try:
        event = opened_event(desk, chosen)
    except MunimError as missing:
        draw(rule(f"{missing}; choose a row of the tape."))
    else:
        with st.container(key="split-event"):
            left, right = st.columns([1, 1.4], gap="medium")
        with left:
            event_panel(event)
        with right:
            decided_panel(decisions_of(desk, event.id))
elif view.rows:
    draw(note("Choose a row to read the event and every decision it led to."))
