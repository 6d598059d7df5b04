"""Trade cards waiting for a yes or a no."""

from __future__ import annotations

import streamlit as st

from core.views.card import CardView, card_view
from core.views.card_live import live_card
from core.views.cards import cards_signature, cards_view
from ui.approval import approval_bar, choose
from ui.card_panels import charges, gaps, head, prices, since_written, static_panels
from ui.frame import page
from ui.parts import Column, draw, note, panel, table
from ui.queue import clickable, queue_row, rows

DECIDED = (Column("Written", "time"), Column("", "side"), Column("Card", "card", wraps=True),
           Column("", "word"))  # fmt: skip
shown = st.query_params.get("card") or st.session_state.get("card", "")


@st.fragment(run_every="1s")
def ticking_head(view: CardView) -> None:
    """The title line and the eight figures."""
    head(view, live_card(desk, view.id))


@st.fragment(run_every="1s")
def ticking_side(view: CardView) -> None:
    """Prices and what changed since the card was written."""
    live = live_card(desk, view.id)
    draw(prices(live), since_written(view, live))


desk = page("Cards", redraw_on=lambda on: cards_signature(on, shown))
queue = cards_view(desk, selected=shown)
with st.container(key="split-cards"):
    left, right = st.columns([1, 4], gap="medium")
with left:
    draw(panel("Waiting", note("" if queue.queue else queue.empty),
               *(note(one) for one in queue.stand_still), note=queue.queue_note))  # fmt: skip
    with rows():
        for row in queue.queue:
            clickable(row.id, queue_row(row), label=f"Open {row.symbol} card",
                      chosen=row.id == queue.selected, on_click=choose, args=(row.id,))  # fmt: skip
    with st.container(key="keys", horizontal=True):
        for label, key, step in (("Next", "J", 1), ("Previous", "K", -1)) if queue.queue else ():
            st.button(label, key=f"key_{key}", type="tertiary", shortcut=key,
                      on_click=choose, args=(queue.beside(step),))  # fmt: skip
    draw(panel("Decided today", table(DECIDED, queue.decided, empty="Nothing yet."),
               note=queue.decided_note))  # fmt: skip
if queue.selected:
    view = card_view(desk, queue.selected)
    with right:
        ticking_head(view)
        with st.container(key="chart-card"):
            wide, narrow = st.columns([3, 1.05], gap="medium")
        with wide:
            static_panels(view)
        with narrow:
            ticking_side(view)
            draw(charges(view), gaps(view))
    approval_bar(desk, view, next_card=queue.beside(1))
