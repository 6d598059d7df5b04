"""Tables of the Allocation page, and of a card's size and the other accounts beside it."""

from __future__ import annotations

import streamlit as st

from core.views.allocation import AccountBlock
from core.views.card import CardView
from ui.markup import Markup, plain
from ui.parts import Column, draw, note, panel, table

FILTERS = (
    Column("Filter", "name", width="150px"),
    Column("Shares", "shares", number=True, width="64px"),
    Column("Which", "which", wraps=True),
    Column("Why, for the first", "why", wraps=True),
)
ORDER = (
    Column("", "place", number=True, width="32px"),
    Column("Share", "symbol", width="110px"),
    Column("Its place by", "by", wraps=True),
    Column("Came to", "answer", wraps=True),
)
RISKS = (
    Column("Position", "symbol", width="110px"),
    Column("Weight", "weight", number=True),
    Column("Adds, a year", "adds", number=True),
    Column("Of the book's volatility", "part", width="40%"),
)
CUTS = (
    Column("Cut by", "name"),
    Column("Shares", "shares", number=True),
    Column("Why", "why", wraps=True),
)
BESIDE = (Column("Account", "account", width="128px"), Column("Came to", "answer", wraps=True))


def account_block(block: AccountBlock, *, opened: bool) -> None:
    """One account: what its filters turned down, then its order with what came of it."""
    with st.expander(plain(block.title), expanded=opened):
        draw(
            note(block.volatility),
            table(FILTERS, block.filters, empty="Its filters turned nothing down."),
            table(ORDER, block.placed, empty="Nothing was left to order."),
        )
        if block.risks:
            draw(panel("What each position adds", table(RISKS, block.risks)))
        for row in block.placed:
            if row.card_id:
                st.page_link("pages/cards.py", label=f"Open the {plain(row.symbol)} card",
                             query_params={"card": row.card_id})  # fmt: skip


def size_panel(view: CardView) -> Markup:
    """Each cut of the size, first to last."""
    return panel("Size, cut by cut", table(CUTS, view.cuts), note=view.size_note)


def beside_panel(view: CardView) -> Markup:
    """What other accounts made of the share; nothing where there is no other."""
    if not view.beside:
        return Markup("")
    return panel("Other accounts", table(BESIDE, view.beside), note="same share, same moment")
