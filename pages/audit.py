"""Three clicks from a position to the headline: choose, follow, read."""

from __future__ import annotations

import streamlit as st

from core.views.audit import audit_view, check_chain
from ui.audit_rows import choice_row, record, step_row
from ui.frame import page
from ui.parts import draw, note, panel, strip
from ui.queue import clickable, rows

KINDS = ("plan", "card", "decision")


def asked() -> str:
    """What the address asks to explain, as a key."""
    found = [f"{kind}:{st.query_params[kind]}" for kind in KINDS if kind in st.query_params]
    return found[0] if found else ""


def choose(key: str) -> None:
    """Explain something else, from its first step; the address names it."""
    kind, _, name = key.partition(":")
    st.query_params.from_dict({kind: name})
    st.session_state["audit_step"] = ""


def follow(key: str) -> None:
    """Read one step."""
    st.session_state["audit_step"] = key


def verify() -> None:
    """Walk the whole chain."""
    st.session_state["audit_check"] = check_chain(desk)


desk = page("Audit")
view = audit_view(desk, chosen=asked(), step=st.session_state.get("audit_step", ""))
with st.container(key="verify", horizontal=True, vertical_alignment="center"):
    found = st.session_state.get("audit_check")
    shown = [("Chain", found or "not checked in this session"), *view.head]
    draw(strip(shown))
    st.button("Check every record", key="check", on_click=verify)
with st.container(key="split-audit"):
    left, middle, right = st.columns([1.1, 1.7, 1.6], gap="medium")
with left:
    draw(panel("1 Choose a position, a card or a refusal", note=str(len(view.choices))))
    with rows():
        for one in view.choices:
            clickable(one.key, choice_row(one), label=f"Explain {one.symbol} {one.words}",
                      chosen=one.key == view.chosen, on_click=choose, args=(one.key,))  # fmt: skip
with middle:
    draw(panel("2 Follow it", note("" if view.steps else view.empty), note=view.steps_note))
    with rows():
        for step in view.steps:
            clickable(f"step-{step.key}", step_row(step), label=f"Read {step.name}",
                      chosen=step.key == view.step, on_click=follow, args=(step.key,))  # fmt: skip
with right:
    if view.record:
        draw(record(view.record))
