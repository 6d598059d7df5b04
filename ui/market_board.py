"""The market as a whole: breadth, movers, sectors as heat, indices and who bought."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from core.desk.desk import Desk
from core.views.market_board import MarketBoard, MoverRow, SectorRow, market_board
from ui.markup import Markup, escape, fill, join
from ui.parts import Column, cells, draw, note, panel, table

MOVERS = (Column("Symbol", "symbol"), Column("LTP ₹", "ltp", number=True),
          Column("Chg %", "change", number=True),
          Column("Volume", "volume", number=True, spare=True))  # fmt: skip
INDICES = (Column("Index", "name"), Column("Close", "level", number=True),
           Column("Chg %", "change", number=True), Column("Age", "at", number=True))  # fmt: skip
TRADED, ALL = "Traded shares", "All shares"
FLOWS = (Column("Session", "day"), Column("FII ₹ Cr", "fii", number=True),
         Column("DII ₹ Cr", "dii", number=True))  # fmt: skip


@st.fragment(run_every="5s")
def board_part(desk: Desk) -> None:
    """Text and tables only, drawn again every five seconds."""
    view = market_board(desk, everything=st.session_state.get("counted") == ALL)
    if view.has_others:
        st.segmented_control("Shares counted", (TRADED, ALL), default=TRADED, required=True,
                             key="counted", label_visibility="collapsed")  # fmt: skip
    if view.empty:
        draw(note(view.empty))
        return
    draw(cells(view.figures))
    with st.container(key="trio-movers"):
        one, two, three = st.columns(3, gap="medium")
    for place, title, rows, empty in (
        (one, "Gainers", view.gainers, "No share is above its close."),
        (two, "Losers", view.losers, "No share is below its close."),
        (three, "Volume against usual", view.busy, "No usual volume is known yet."),
    ):
        with place:
            draw(panel(title, _movers(rows, empty), note=view.note))
    _below(view)


def _below(view: MarketBoard) -> None:
    with st.container(key="split-market"):
        one, two = st.columns([2, 1], gap="medium")
    with one:
        draw(panel("Sectors", heat(view.sectors), note="equal weight, move of the day"))
    with two:
        draw(
            panel("Indices and VIX", table(INDICES, view.indices, empty=view.indices_note)),
            panel("FII and DII, net", table(FLOWS, view.flows, empty=view.flows_note)),
            note("Volume: today's so far over the median whole session of the last 20."),
        )


def heat(rows: Sequence[SectorRow]) -> Markup:
    """A row a sector, its ground the deeper green or red the further it moved."""
    return fill('<div class="m-heat">{rows}</div>', rows=join(_tile(row) for row in rows))


def _tile(row: SectorRow) -> Markup:
    ground = "var(--gain)" if row.heat > 0 else "var(--loss)"
    return fill(
        '<div style="background:color-mix(in srgb,{ground} {part}%,transparent)"><span>{name}'
        "</span><small>{counts}</small><b>{change}</b></div>",
        ground=Markup(ground),
        part=round(abs(row.heat) * 26),
        name=row.name,
        counts=row.counts,
        change=row.change,
    )


def _movers(rows: Sequence[MoverRow], empty: str) -> Markup:
    """The movers as a table whose symbols lead to their chart."""
    drawn = table(MOVERS, rows, empty=empty)
    for row in rows:
        name = fill('<span class="m-b">{name}</span>', name=row.symbol.text)
        link = fill('<a class="m-b" href="/markets?symbol={asked}" target="_self">{name}</a>',
                    asked=quote(row.symbol.text), name=row.symbol.text)  # fmt: skip
        drawn = Markup(drawn.replace(name, escape(link), 1))
    return drawn
