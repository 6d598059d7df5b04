"""The kill-level boxes with their buttons; Flatten asks for the word."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.kill import resume, set_level
from core.domain.risk import DESK, KillLevel
from core.views.levels import LevelBox, LevelsView
from ui.frame import PERSON, act, say
from ui.markup import Markup, fill, plain
from ui.parts import draw, key_values, panel, tag

WORD = "FLATTEN"
ASKED = "flatten_asked"


def level_boxes(desk: Desk, view: LevelsView) -> None:
    """Five boxes in a row, each with the button that sets it."""
    draw(panel("Kill level", note=view.note))
    with st.container(key="levels"):
        columns = st.columns(len(view.boxes), gap="small")
    for column, box in zip(columns, view.boxes, strict=True):
        key = f"level-{box.level.name.lower()}" + ("-on" if box.now else "")
        with column, st.container(border=True, key=key, height="stretch"):
            draw(_words(box))
            if box.button:
                prefix = "halt" if box.severe else "set"
                st.button(
                    box.button,
                    key=f"{prefix}-{box.level.name.lower()}",
                    on_click=_press,
                    args=(desk, box.level),
                )
    if st.session_state.get(ASKED):
        _flatten(desk)
    if view.accounts:
        rows = [(one.name, one.words) for one in view.accounts]
        draw(panel("Accounts paused or stopped by themselves", key_values(rows)))
        for one in view.accounts:
            st.button(plain(f"Resume {one.name}"), key=f"resume-{one.scope}", on_click=_resume,
                      args=(desk, one.scope))  # fmt: skip


def _words(box: LevelBox) -> Markup:
    return fill(
        '<div class="m-rowhead"><b class="m-title2">{name}</b><span class="end">{now}</span></div>'
        '<div>{does}</div><div class="m-mute m-sm">{words}</div>',
        name=box.name,
        now=tag(box.now) if box.now else "",
        does=box.does,
        words=box.since or box.by_itself,
    )


def _press(desk: Desk, level: KillLevel) -> None:
    if level is KillLevel.NORMAL:
        act(resume, desk, reason="resumed on Risk", by=PERSON)
    elif level is KillLevel.FLATTEN:
        st.session_state[ASKED] = True
    else:
        act(set_level, desk, level, reason=f"{level.name} pressed on Risk", by=PERSON)


def _resume(desk: Desk, scope: str) -> None:
    act(resume, desk, scope=scope, reason="resumed on Risk", by=PERSON)


def _flatten(desk: Desk) -> None:
    with st.container(key="flatten", horizontal=True, vertical_alignment="center"):
        st.text_input(
            f"Type {WORD} to close every position",
            key="flatten_word",
            label_visibility="collapsed",
            placeholder=f"Type {WORD} to close every position",
            width=320,
        )
        st.button("Close everything", key="halt-close-all", on_click=_close_all, args=(desk,))
        st.button("Back", key="flatten_back", on_click=_forget)


def _close_all(desk: Desk) -> None:
    if st.session_state.get("flatten_word", "").strip() != WORD:
        say(f"Nothing was closed: the word is {WORD}, in capitals.")
        return
    _forget()
    act(set_level, desk, KillLevel.FLATTEN, scope=DESK, reason="FLATTEN was typed", by=PERSON)


def _forget() -> None:
    st.session_state.pop(ASKED, None)
