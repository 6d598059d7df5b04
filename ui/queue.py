"""Rows one clicks as a whole: markup with an invisible button stretched over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from ui.markup import Markup, plain
from ui.parts import draw


@contextmanager
def rows() -> Iterator[None]:
    """A column of clickable rows without the page's usual air between them."""
    with st.container(gap=None):
        yield


def clickable(
    key: str,
    body: Markup,
    *,
    label: str,
    chosen: bool,
    on_click: Callable[..., None],
    args: tuple[object, ...] = (),
) -> None:
    """One row; `label` is what a screen reader and a test call its button."""
    with st.container(key=f"{'rowon' if chosen else 'row'}-{key}"):
        draw(body)
        st.button(plain(label), key=f"hit-{key}", on_click=on_click, args=args)
