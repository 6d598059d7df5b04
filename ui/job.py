"""The progress of one piece of work, ticking by itself; the page is redrawn when it ends."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.jobs import ask
from core.views.job import job_view
from ui.frame import PERSON, act, can_write
from ui.parts import draw, meter, note, panel, rule, text


def job_panel(desk: Desk, kind: str, *, title: str, never: str) -> None:
    """State, bar and sentence of the newest request of a kind; `never` is said before the first."""
    view = job_view(desk, kind)
    if view is not None and view.going:
        _ticking(desk, kind, title)
    else:
        _panel(desk, kind, title, never)


def ask_button(
    desk: Desk, kind: str, label: str, *, key: str, primary: bool = False, **arguments: object
) -> None:
    """A button that asks for work; disabled while the kind is under way or the worker silent."""
    view = job_view(desk, kind)
    st.button(
        label,
        key=key,
        type="primary" if primary else "secondary",
        disabled=(view is not None and view.going) or not can_write(desk),
        on_click=act,
        args=(ask, desk, kind),
        kwargs={"by": PERSON, **arguments},
    )


@st.fragment(run_every="1s")
def _ticking(desk: Desk, kind: str, title: str) -> None:
    view = job_view(desk, kind)
    if view is not None and not view.going:
        st.rerun()  # the page's buttons depend on it
    _panel(desk, kind, title, "")


def _panel(desk: Desk, kind: str, title: str, never: str) -> None:
    view = job_view(desk, kind)
    if view is None:
        draw(panel(title, note(never)))
        return
    said = rule(view.sentence) if view.state.tone == "loss" else note(view.sentence)
    draw(panel(title, text(view.state), *((meter(view.used),) if view.going else ()), said,
               note=view.age))  # fmt: skip
