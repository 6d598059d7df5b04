"""Tables of the Allocation page, and of a card's size and the other accounts beside it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.desk.desk import Desk
from core.views.allocation import AccountBlock, AllocationView
from core.views.card import CardView
from core.views.why_not import why_view
from ui.markup import Markup, plain
from ui.parts import Column, draw, note, panel, rule, table

ACCOUNTS = (
    Column("Account", "account", width="150px"),
    Column("Aim", "objective"),
    Column("Candidates", "candidates", number=True),
    Column("Kept", "kept", number=True),
    Column("Asked about", "asked", number=True),
    Column("Cards", "cards", number=True),
    Column("Wait still", "waiting", number=True),
    Column("Volatility of the book", "volatility", wraps=True),
)
WHY = (
    Column("Account", "account", width="150px"),
    Column("Asked", "asked", width="88px"),
    Column("Came to", "came", wraps=True, width="28%"),
    Column("Why", "why", wraps=True),
)
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


def why_not_share(desk: Desk, symbols: Sequence[str]) -> None:
    """Pick a share and read what every account answered; nothing before the first scan."""
    if not symbols:
        return
    asked = st.query_params.get("share", "").upper()
    st.query_params.pop("share", None)
    if asked in symbols:
        st.session_state["why_share"] = asked
    picked = st.selectbox(
        "Why did an account get this share, or why not?",
        symbols,
        index=None,
        placeholder="Pick a share",
        key="why_share",
        width=320,
    )
    if picked:
        view = why_view(desk, picked)
        draw(panel(f"{view.symbol}, account by account", table(WHY, view.rows, empty=view.empty)))


def account_picker(view: AllocationView) -> str:
    """Which account to show by itself; the first until one is picked."""
    names = view.names
    return str(
        st.selectbox("Account", list(names), format_func=lambda one: plain(names[one]),
                     key="allocation_account", width=320)
    )  # fmt: skip


def account_block(block: AccountBlock) -> None:
    """One account: what its filters turned down, its order with what came of it, its risk."""
    draw(
        panel(block.name, note(f"{block.title}. {block.volatility}"),
              table(FILTERS, block.filters, empty="Its filters turned nothing down."),
              table(ORDER, block.placed, empty="Nothing was left to order.")),
        panel("What each position adds", table(RISKS, block.risks)) if block.risks else Markup(""),
    )  # fmt: skip
    for row in block.placed:
        if row.card_id:
            st.page_link("pages/cards.py", label=f"Open the {plain(row.symbol)} card",
                         query_params={"card": row.card_id})  # fmt: skip


def size_panel(view: CardView) -> Markup:
    """Each cut of the size, first to last, and what keeps waiting cards from being had together."""
    compete = [rule(said, tone="warn", lead="Competes") for said in view.competes]
    return panel("Size, cut by cut", *compete, table(CUTS, view.cuts), note=view.size_note)


def beside_panel(view: CardView) -> Markup:
    """What other accounts made of the share; nothing where there is no other."""
    if not view.beside:
        return Markup("")
    return panel("Other accounts", table(BESIDE, view.beside), note="same share, same moment")
