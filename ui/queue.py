"""Rows one clicks as a whole: markup with an invisible button stretched over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from core.views.cards import QueueRow
from ui.markup import Markup, fill, plain
from ui.parts import cell, draw, tag


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


def queue_row(row: QueueRow) -> Markup:
    """Side, symbol, time left; account, value, odds. One line where the signal goes on."""
    if row.goes_on:
        return fill(
            '<div class="m-rowhead m-mute m-sm"><span>{account}</span><span>{value}</span>'
            '<span class="end">{left}</span></div>',
            account=row.account, value=row.value, left=cell(row.time_left),
        )  # fmt: skip
    return fill(
        '<div class="m-rowhead">{side}<b>{symbol}</b><span class="end">{left}</span></div>'
        '<div class="m-rowhead m-mute m-sm"><span>{account}</span><span class="end">{value}</span>'
        '</div><div class="m-mute m-sm">{odds}</div>',
        side=tag(row.side), symbol=row.symbol, left=cell(row.time_left), account=row.account,
        value=row.value, odds=row.odds,
    )  # fmt: skip
