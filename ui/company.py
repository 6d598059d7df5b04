"""What is known of a share's company: what it is, its stored figures, and fetching them."""

from __future__ import annotations

import streamlit as st

from core.desk.desk import Desk
from core.desk.fetch_wish import FetchWish
from core.views.company import CompanyFigures, company_figures
from core.views.symbol import SymbolView
from ui.fetch import fetch_button
from ui.parts import Column, draw, key_values, note, panel, rule, table


def company_part(desk: Desk, view: SymbolView) -> None:
    """The company beside the chart, its figures with source and age, or how to get them."""
    found = company_figures(desk, view.isin)
    if found.looked_at:
        draw(rule(found.looked_at, tone="mute"))
    draw(panel("Company", key_values(view.company)))
    if found.empty:
        draw(panel("Fundamentals", note(found.empty)))
    else:
        _figures(found)
    with st.container(key="fetch_figures"):
        fetch_button(desk, FetchWish(symbols=(view.symbol,), figures=True),
                     label="Fetch fundamentals", key="fetch_fundamentals")  # fmt: skip


def _figures(found: CompanyFigures) -> None:
    draw(panel("Fundamentals", key_values((*found.figures, ("Wire", found.wire))),
               note=found.source))  # fmt: skip
    columns = (Column("Quarter", "quarter"), Column("Revenue", "revenue", number=True),
               Column("Profit", "profit", number=True))  # fmt: skip
    draw(panel("Quarters", table(columns, found.quarters, empty="The source gave none."),
               note=found.unit))  # fmt: skip
    draw(note(found.note))
