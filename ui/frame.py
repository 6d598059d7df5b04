"""The frame of every page: mode colour, status strip, Search and Halt.

`page(title)` opens the desk and draws the frame; every page calls it first. The strip ticks
alone. The page itself is drawn again only when something it shows has changed, which the
page says with `redraw_on`, or when the theme or the worker's silence has.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.desk.desk import Desk, open_desk
from core.desk.kill import set_level
from core.domain.risk import KillLevel
from core.errors import MunimError
from core.views.frame import FrameView, frame_view, worker_is_silent
from ui.markup import Markup, escape, fill, join
from ui.parts import draw, rule, tag
from ui.search import search_dialog

HERE = Path(__file__).parent
PERSON = "person at the desk"
DRAWN = "frame_drawn"
SAID = "frame_said"
ARMED = "approval_armed"  # a first press of Approve; anything else the person does drops it

Signature = Callable[[Desk], Hashable]


def page(title: str, *, redraw_on: Signature | None = None) -> Desk:
    """Open the desk, draw the frame and return the desk.

    `redraw_on` gives what the page depends on; when it changes the page is drawn again.
    """
    desk = open_desk()
    st.session_state[DRAWN] = None  # a change must not restart the run that a click began
    style(desk)
    st.session_state[DRAWN] = _signature(desk, redraw_on)
    with st.container(key="strip", horizontal=True, vertical_alignment="center"):
        _strip(desk, title, redraw_on)
        st.button("Search", key="search", type="tertiary", shortcut="Ctrl+K", on_click=_search)
        st.button("Halt", key="halt", shortcut="Shift+H", on_click=_halt, args=(desk,))
    if st.session_state.pop("search_open", False):
        search_dialog(desk)
    _said()
    return desk


def style(desk: Desk) -> None:
    """The style sheets and the mode's colour; dialogs live outside the app's own node."""
    view = frame_view(desk)
    scheme = escape(st.context.theme.type or "light")
    root = ":root{color-scheme:" + scheme + ";--mode:" + view.frame_colour + "}"
    st.html(_sheets())
    st.html("<style>" + root + "</style>")


@lru_cache(maxsize=1)
def _sheets() -> str:
    """Both sheets as one element: above 10 kB Streamlit sends it once and then only its name."""
    sheets = [(HERE / name).read_text() for name in ("desk.css", "parts.css")]
    return "<style>" + "\n".join(sheets) + "</style>"


def act(action: Callable[..., object], *args: object, **kwargs: object) -> None:
    """Run a use case from a button; what it refuses is said at the top of the page."""
    try:
        action(*args, **kwargs)
    except MunimError as refused:
        say(str(refused))


def say(sentence: str, *, tone: str = "loss") -> None:
    """Keep one sentence for the next drawing of the page."""
    st.session_state[SAID] = (sentence, tone)


def can_write(desk: Desk) -> bool:
    """Whether buttons that need the worker may be pressed."""
    return not worker_is_silent(desk)


def strip_markup(view: FrameView) -> Markup:
    """The status strip as text."""
    words = [
        tag(view.mode),
        fill('<span class="m-mute">{seed}</span>', seed=view.seed) if view.seed else Markup(""),
        fill(
            '<span class="m-nw"><b class="m-b">{clock}</b> <span class="m-mute">IST · {day}</span>'
            "</span>",
            clock=view.clock,
            day=view.day,
        ),
        _pair("NSE", view.session),
        _pair("Feed", view.feed_age),
        _pair("Worker", view.worker_age, tone="warn" if view.silent else ""),
        _pair("Kill level", view.kill, tone=view.kill_tone),
        _pair("Unprotected", view.unprotected, tone=view.unprotected_tone),
    ]
    css = "m-strip m-silent" if view.silent else "m-strip"
    return fill('<div class="{css}">{words}</div>', css=css, words=join(words))


@st.fragment(run_every="1s")
def _strip(desk: Desk, title: str, redraw_on: Signature | None) -> None:
    view = frame_view(desk)
    parts = [fill('<h1 class="m-hidden">{title}</h1>', title=title), strip_markup(view)]
    if view.halt:
        parts.append(rule(view.halt, tone="warn"))
    if view.paused:
        parts.append(rule(view.paused, tone="loss"))
    if view.alarm:
        command = fill("{alarm} <code>munim halt</code>", alarm=view.alarm)
        parts.append(rule(command, tone="warn"))
    draw(*parts)
    drawn = st.session_state.get(DRAWN)
    if drawn is not None and drawn != _signature(desk, redraw_on):
        st.session_state[DRAWN] = None
        st.rerun()


def _signature(desk: Desk, redraw_on: Signature | None) -> tuple[Hashable, ...]:
    depends = redraw_on(desk) if redraw_on is not None else None
    return (st.context.theme.type, worker_is_silent(desk), depends)


def _pair(name: str, value: str, *, tone: str = "") -> Markup:
    return fill(
        '<span class="m-nw"><span class="m-mute">{name}</span> <b class="m-{tone}">{value}</b>'
        "</span>",
        name=name,
        value=value,
        tone=tone,
    )


def _search() -> None:
    st.session_state.pop(ARMED, None)
    st.session_state.pop("search_text", None)  # what was found last must not open again
    st.session_state["search_open"] = True


def _halt(desk: Desk) -> None:
    st.session_state.pop(ARMED, None)
    act(set_level, desk, KillLevel.HALT, reason="Halt pressed on the desk", by=PERSON)


def _said() -> None:
    """What was said last; its place stays when it goes, or every tab below would open anew."""
    sentence, tone = st.session_state.pop(SAID, ("", ""))
    with st.container(key="said"):
        if sentence:
            draw(rule(sentence, tone=tone))
